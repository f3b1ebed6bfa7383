import type { Authenticate, Credentials } from '#kit/auth/credentials.ts';
import { unauthorized } from '#kit/errors/cloud-error.ts';

const person = (name: string, roles: string[], scope: Partial<Credentials>): Credentials => ({
  userId: `${name}-user`,
  userName: name,
  userDomainId: 'default',
  userDomainName: 'Default',
  system: false,
  roles,
  token: name,
  expiresAt: Number.MAX_SAFE_INTEGER,
  methods: ['password'],
  ...scope,
});

const inProject = (id: string): Partial<Credentials> => ({
  projectId: id,
  projectName: id,
  projectDomainId: 'default',
  projectDomainName: 'Default',
});

const inDefaultDomain = { domainId: 'default', domainName: 'Default' };

const admin = ['admin', 'manager', 'member', 'reader'];

/** The callers OpenStack's default policies tell apart. A persona's token is its name. */
export const personas = {
  admin: person('admin', admin, inProject('admin-project')),
  systemAdmin: person('systemAdmin', admin, { system: true }),
  systemReader: person('systemReader', ['reader'], { system: true }),
  domainAdmin: person('domainAdmin', admin, inDefaultDomain),
  domainManager: person('domainManager', ['manager', 'member', 'reader'], inDefaultDomain),
  domainReader: person('domainReader', ['reader'], inDefaultDomain),
  manager: person('manager', ['manager', 'member', 'reader'], inProject('project-a')),
  member: person('member', ['member', 'reader'], inProject('project-a')),
  reader: person('reader', ['reader'], inProject('project-a')),
  /** A member of another project: must never see or touch what belongs to project-a. */
  stranger: person('stranger', ['member', 'reader'], inProject('project-b')),
  /** What services call each other as. */
  service: person('service', ['service'], inProject('service-project')),
  /** A valid token without any role that matters. */
  nobody: person('nobody', ['other'], inProject('project-c')),
  unscoped: person('unscoped', [], {}),
} satisfies Record<string, Credentials>;

/** The name of a caller, which is its token too. */
export type Persona = keyof typeof personas;

/** Accepts a persona's name as a token. */
export const authenticatePersona: Authenticate = (token) => {
  const found = (personas as Record<string, Credentials>)[token];
  if (!found) throw unauthorized('The request you have made requires authentication.');
  return found;
};
