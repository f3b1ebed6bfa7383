import type { Credential } from '../credentials/store.ts';

interface Blob {
  readonly access: string;
  readonly secret?: string;
  readonly trust_id?: string | null;
}

/** An EC2 credential as the OS-EC2 API shows it: the pair of keys, and for whom and where it is good. */
export function viewEc2Credential(credential: Credential, origin: string) {
  const { access, secret, trust_id: trustId } = JSON.parse(credential.blob) as Blob;
  const { userId, projectId } = credential;
  return {
    user_id: userId,
    tenant_id: projectId,
    access,
    secret: secret ?? null,
    trust_id: trustId ?? null,
    links: { self: `${origin}/v3/users/${userId}/credentials/OS-EC2/${encodeURIComponent(access)}` },
  };
}
