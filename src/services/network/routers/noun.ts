import type { Noun } from '../resource/noun.ts';
import { routerNotFound } from './errors.ts';
import { routerAttributes } from './schema.ts';
import { findRouter, listRouters, type RouterRow } from './store.ts';
import { viewRouter } from './view.ts';

/** Neutron's `router`. Routers are never shared: their project and administrators see them. */
export const routers: Noun<RouterRow, typeof routerAttributes> = {
  name: 'router',
  collection: 'routers',
  attributes: routerAttributes,
  table: 'network_routers',
  quota: true,
  notFound: routerNotFound,
  find: findRouter,
  list: listRouters,
  view: viewRouter,
  target: (router) => ({ project_id: router.project_id }),
};
