"""Stands in for a guest's network card: opens a tap as a hypervisor does and joins it to `eth0` of another namespace.

Arguments: the tap, the file of the other namespace, the MAC address and the MTU of `eth0`.
"""

import ctypes
import fcntl
import os
import select
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000


def open_tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


def forward(source, target):
    while True:
        try:
            frame = os.read(source, 65536)
        except BlockingIOError:
            return
        try:
            os.write(target, frame)
        except OSError:
            pass  # full or down: a cable loses frames


tap, namespace, mac, mtu = sys.argv[1:]
outside = open_tap(tap)
with open(namespace) as file:
    if ctypes.CDLL("libc.so.6", use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
inside = open_tap("eth0")
subprocess.run(["ip", "link", "set", "dev", "eth0", "address", mac, "mtu", mtu, "up"], check=True)
print("wired", flush=True)
while True:
    readable, _, _ = select.select([sys.stdin, outside, inside], [], [])
    if sys.stdin in readable:
        sys.exit()  # whoever started us has ended
    if outside in readable:
        forward(outside, inside)
    if inside in readable:
        forward(inside, outside)
