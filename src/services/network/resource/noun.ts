import type { Target } from '#kit/auth/rule-parser.ts';
import type { CloudError } from '#kit/errors/cloud-error.ts';

import type { Network } from '../service.ts';
import type { Db, Tables } from '../tables.ts';
import type { Attributes, Values } from './attribute.ts';
import type { ListQuery } from './query.ts';
import type { Viewer } from './viewer.ts';

/** A kind of resource: everything the shared handlers need to serve it. */
export interface Noun<Row, A extends Attributes = Attributes> {
  /** As in policy rules and bodies: `security_group`. */
  readonly name: string;
  /** As in bodies: `security_groups`. */
  readonly collection: string;
  readonly attributes: A;
  /** Where its revision number is kept; left out for resources without standard attributes. */
  readonly table?: StandardTable;
  /** Whether the number a project may have is limited. */
  readonly quota?: true;
  readonly notFound: (id: string) => CloudError;
  /** A row the viewer may see. */
  readonly find: (db: Db, id: string, viewer: Viewer) => Promise<Row | undefined>;
  /** The page of rows the viewer may see. */
  readonly list: (db: Db, query: ListQuery, viewer: Viewer) => Promise<Row[]>;
  /** Row → representation, before policy hides attributes. */
  readonly view: (row: Row, service: Network) => Record<string, unknown>;
  /** What policy sees of a row. */
  readonly target: (row: Row) => Target;
  /** What policy must know of a resource to be made besides its own attributes: whose the things are that it belongs to. */
  readonly newTarget?: (db: Db, values: Values, viewer: Viewer) => Promise<Target>;
}

/** Tables of resources with standard attributes. */
export type StandardTable = {
  [T in keyof Tables]: Tables[T] extends { revision_number: number } ? T : never;
}[keyof Tables];
