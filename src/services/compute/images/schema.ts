import Type from 'typebox';

import { integer } from '../fields.ts';
import { parameter } from '../query.ts';

const count = parameter(integer(1));

/** Filters and properties are Image's to judge. */
export const listImagesQuery = Type.Object({ limit: count, page_size: count, offset: count });
