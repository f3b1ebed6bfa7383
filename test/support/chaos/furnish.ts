import type { Furniture } from './life.ts';
import type { Patient } from './patient.ts';

/** Makes, or finds among what the demo made, all that users at work need and cannot make themselves. */
export async function furnish(admin: Patient, user: Patient): Promise<Omit<Furniture, 'patience'>> {
  const once = async () => undefined;
  const flavors: { id: string; name: string }[] = [];
  for (const flavor of [
    { name: 'chaos.small', ram: 128, vcpus: 1, disk: 1 },
    { name: 'chaos.big', ram: 192, vcpus: 2, disk: 1 },
  ])
    flavors.push((await admin.change('POST', 'compute', '/flavors', { flavor }, once)).flavor);
  const { images } = await user.get('image', '/v2/images?name=tiny');
  const { networks } = await user.get('network', '/v2.0/networks?name=public');
  const { security_groups: groups } = await user.get('network', '/v2.0/security-groups?name=default');
  const rule = { security_group_id: groups[0].id, direction: 'ingress', protocol: 'icmp' };
  await user.change('POST', 'network', '/v2.0/security-group-rules', { security_group_rule: rule }, once);
  return { imageId: images[0].id, externalNetworkId: networks[0].id, flavors };
}
