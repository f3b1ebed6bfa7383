import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import type { Logger } from '#kit/log/log.ts';
import type { SagaEngine } from '#kit/saga/engine.ts';

import { Transfers } from './data/transfers.ts';
import { fileName, FileStore } from './files/file-store.ts';
import { Receiver } from './files/receive.ts';
import type { ImageRecord } from './images/record.ts';
import { imageSchema } from './images/schema.ts';
import { ImageStore } from './images/store.ts';
import type { UriFilter } from './imports/uri.ts';
import { MemberStore } from './members/store.ts';
import type { Property } from './metadefs/bodies.ts';
import { ContentStore } from './metadefs/content-store.ts';
import { NamespaceStore } from './metadefs/namespaces/store.ts';
import type { ObjectContent } from './metadefs/objects/view.ts';
import { ResourceTypeStore } from './metadefs/resource-types/store.ts';
import { metadefSchemas } from './metadefs/schemas.ts';
import type { TagContent } from './metadefs/tags/view.ts';
import type { imageOptions } from './options.ts';
import { ObjectSchema } from './schemas/object-schema.ts';
import { taskSchema } from './tasks/schema.ts';
import { TaskStore } from './tasks/store.ts';
import { Quotas } from './usage/quotas.ts';

/** What Image needs from outside. */
export interface ImageParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sagas: SagaEngine;
  readonly options: Values<typeof imageOptions>;
  /** Absolute path of where image data lies. */
  readonly directory: string;
}

const hourMs = 3_600_000;

/** The Image service (Glance): what its endpoints and its saga work with. */
export class Image {
  readonly options: Values<typeof imageOptions>;
  readonly log: Logger;
  readonly sagas: SagaEngine;
  readonly images: ImageStore;
  readonly members: MemberStore;
  readonly tasks: TaskStore;
  readonly namespaces: NamespaceStore;
  readonly metadefObjects: ContentStore<ObjectContent>;
  readonly metadefProperties: ContentStore<Property>;
  readonly metadefTags: ContentStore<TagContent>;
  readonly resourceTypes: ResourceTypeStore;
  readonly files: FileStore;
  readonly transfers: Transfers;
  readonly quotas: Quotas;
  readonly imageSchema: ObjectSchema;
  readonly taskSchema = new ObjectSchema('task', { ...taskSchema, additionalProperties: false });
  readonly metadefSchemas = metadefSchemas;
  readonly uriFilter: UriFilter;
  readonly #receiver: Receiver;
  readonly #isAlone: boolean;

  constructor(parts: ImageParts) {
    const { database, clock, options, sagas } = parts;
    this.options = options;
    this.log = parts.log;
    this.sagas = sagas;
    this.images = new ImageStore(database, clock);
    this.members = new MemberStore(database, clock);
    this.tasks = new TaskStore(database, clock, options.task_time_to_live * hourMs);
    this.namespaces = new NamespaceStore(database, clock);
    this.metadefObjects = new ContentStore(database, 'image_metadef_objects', clock);
    this.metadefProperties = new ContentStore(database, 'image_metadef_properties', clock);
    this.metadefTags = new ContentStore(database, 'image_metadef_tags', clock);
    this.resourceTypes = new ResourceTypeStore(database, clock);
    this.files = new FileStore(parts.directory);
    this.quotas = new Quotas(this.images, options);
    this.imageSchema = new ObjectSchema('image', imageSchema(options));
    this.uriFilter = {
      allowedPorts: options.import_allowed_ports,
      allowedHosts: options.import_allowed_hosts,
    };
    this.#receiver = new Receiver(options.hashing_algorithm);
    this.#isAlone = database.kind === 'sqlite';
    const { images, files, quotas } = this;
    this.transfers = new Transfers({ images, files, quotas, clock, options, receiver: this.#receiver });
  }

  /** Makes the directories and takes images back whose uploads died with this process. Called once, before serving. */
  async begin(): Promise<void> {
    await this.files.prepare();
    if (this.#isAlone) await this.transfers.giveUpDead(true);
  }

  /** Deletes an image with its data if `mayGo` says so; answers the image, or undefined when there was none. */
  async remove(id: string, mayGo: (image: ImageRecord) => boolean): Promise<ImageRecord | undefined> {
    const image = await this.images.remove(id, mayGo);
    if (!image || !mayGo(image)) return image;
    // what cannot be removed now, the sweep removes
    if (image.data !== null) await this.files.remove('data', image.data).catch(this.#warn);
    if (image.upload !== null) {
      const name = fileName(id, image.upload);
      await this.files.remove('staging', name).catch(this.#warn);
      await this.files.remove('incoming', name).catch(this.#warn);
    }
    return image;
  }

  /** Ends the threads that hash. */
  stop(): Promise<void> {
    return this.#receiver.stop();
  }

  readonly #warn = (error: unknown): void => this.log.warn({ err: error }, 'image data could not be removed');
}
