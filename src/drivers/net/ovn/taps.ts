import { aliasOf, hasDevice, ip, removeDevice, silenceIpv6 } from './devices.ts';

/** The interface of one port, as the hypervisor is to use it. */
export interface TapSpec {
  readonly portId: string;
  readonly mtu: number;
  /** Who may open it; null: root only. */
  readonly guestUid: number | null;
}

/** Device names hold 15 characters; Neutron's convention fits. */
export const tapName = (portId: string): string => `tap${portId.slice(0, 11)}`;

/** Makes a port's tap, which stays when nobody has it open. One that exists keeps its owner: a guest may have it open. */
export async function makeTap({ portId, mtu, guestUid }: TapSpec): Promise<void> {
  const tap = tapName(portId);
  const add = `tuntap add dev ${tap} mode tap${guestUid === null ? '' : ` user ${guestUid}`}`;
  await ip([
    ...(hasTap(portId) ? [] : [add]),
    // without an address of its own it says nothing in IPv6 until it is silenced for good
    `link set dev ${tap} mtu ${mtu} addrgenmode none alias ${aliasOf('port', portId)}`,
    `link set dev ${tap} up`,
  ]);
  await silenceIpv6(tap);
}

/** Whether a port's tap exists on this host, wired or not. */
export const hasTap = (portId: string): boolean => hasDevice(tapName(portId));

/** Tolerates absence. */
export const removeTap = (portId: string): Promise<void> => removeDevice(tapName(portId));
