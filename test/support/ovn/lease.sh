#!/bin/sh
# Called by busybox udhcpc: prints what the server offered and takes nothing.
[ "$1" = bound ] && env
exit 0
