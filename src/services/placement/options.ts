import { flag, number, oneOf, text } from '#kit/config/options.ts';

/** The `[placement]` section of the configuration file. */
export const placementOptions = {
  randomize_allocation_candidates: flag(
    false,
    'Answer allocation candidates in random order, so that schedulers do not all try the first one.',
  ),
  max_allocation_candidates: number(-1, 'Most candidates made for one request; -1: as many as there are.', {
    min: -1,
  }),
  allocation_candidates_generation_strategy: oneOf(
    ['depth-first', 'breadth-first'],
    'depth-first',
    'Whether all candidates of one tree come before those of the next, or one of each tree in turn.',
  ),
  incomplete_consumer_project_id: text(
    '00000000-0000-0000-0000-000000000000',
    'Project of consumers made before microversion 1.8, which need not name one.',
  ),
  incomplete_consumer_user_id: text(
    '00000000-0000-0000-0000-000000000000',
    'User of consumers made before microversion 1.8, which need not name one.',
  ),
} as const;
