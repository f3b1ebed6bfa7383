import { number } from '#kit/config/options.ts';

/** `[identity]` of the configuration file. Defaults are Keystone's. */
export const identityOptions = {
  token_lifetime: number(3600, 'Seconds a token is valid.', { min: 1 }),
  allow_expired_window: number(
    48 * 3600,
    'Seconds past its end that a token may still be validated by a service with `allow_expired`.',
    { min: 0 },
  ),
  max_active_keys: number(
    3,
    'Fernet keys kept: one staged, one that encrypts, the others to read older tokens.',
    {
      min: 2,
      max: 1000,
    },
  ),
  key_rotation_hours: number(
    168,
    'Hours between rotations of the Fernet keys; 0 leaves rotating to you. A key is dropped after `max_active_keys - 1` rotations, and every token it made with it.',
    { min: 0 },
  ),
  password_hash_rounds: number(12, 'Cost of bcrypt as a power of two.', { min: 4, max: 31 }),
  password_cache_time: number(
    300,
    'Seconds for which a password or secret that was right is not hashed with bcrypt again; 0: it always is.',
    { min: 0 },
  ),
  oauth_request_token_duration: number(
    28_800,
    'Seconds in which a user may grant what an OAuth consumer asks for; 0 for any time.',
    { min: 0 },
  ),
  oauth_access_token_duration: number(
    86_400,
    'Seconds for which an OAuth consumer may act for a user; 0 until it is revoked.',
    { min: 0 },
  ),
  max_project_tree_depth: number(5, 'How deep projects may be nested.', { min: 1, max: 100 }),
} as const;
