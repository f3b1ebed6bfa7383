import Type from 'typebox';

import { parameter } from '../query.ts';

const count = parameter(Type.String({ pattern: '^[0-9]*[1-9][0-9]*$' }));

/** Filters and properties are Image's to judge. */
export const listImagesQuery = Type.Object({ limit: count, page_size: count, offset: count });
