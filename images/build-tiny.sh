#!/bin/bash
# Builds a tiny cloud image out of Debian or Ubuntu packages: a kernel, busybox, dropbear, a page of shell.
#   build-tiny.sh OUT       writes OUT/tiny.qcow2; packages it fetches are kept in OUT/packages
# Needs no root and no loop device. The packages it needs are listed in packages.txt; README.md tells what the image can do.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(mkdir -p "${1:?usage: build-tiny.sh OUT}" && cd "$1" && pwd)
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

root_mib=28
# what it takes to find and mount the root file system, on whichever bus it is
early_modules='virtio_pci virtio_blk virtio_scsi sd_mod ata_piix ahci'
modules="$early_modules virtio_net e1000 e1000e 8139cp sr_mod isofs nls_utf8 vfat nls_ascii nls_cp437 nls_iso8859-1
  button evdev virtio-rng virtio_console virtio_balloon virtio_input crc32c_generic"
programs='/usr/sbin/dropbear /usr/bin/dropbearkey /sbin/resize2fs /sbin/mke2fs /sbin/blkid /bin/lsblk'
# quiet and without probing for hardware no guest has: most of the time from power-on to login is the kernel's own
command_line='root=LABEL=tinyroot console=tty0 console=ttyS0,115200 quiet loglevel=3 mitigations=off nokaslr no_timer_check
  tsc=reliable 8250.nr_uarts=1 random.trust_cpu=on audit=0 selinux=0 net.ifnames=0'

say() { printf 'build-tiny: %s\n' "$*"; }
die() { say "$*" >&2; exit 1; }

# Fetches packages, unless an earlier run did, and unpacks them: unpack DIRECTORY PACKAGE...
unpack() {
  local directory=$1 package deb; shift
  for package in "$@"; do
    deb=$(find "$out/packages" -name "${package}_*.deb" | head -n 1)
    if [ -z "$deb" ]; then
      (cd "$out/packages" && apt-get -qq download "$package" 2>/dev/null) || die "cannot fetch the package $package"
      deb=$(find "$out/packages" -name "${package}_*.deb" | head -n 1)
    fi
    dpkg-deb -x "$deb" "$directory"
  done
}

# Names of the packages of the kernel for virtual machines: Debian's cloud flavour, Ubuntu's virtual one.
kernel_packages() {
  local meta image modules
  for meta in linux-image-cloud-amd64 linux-image-virtual; do
    image=$(apt-cache depends "$meta" 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
    [ -n "$image" ] || continue
    echo "$image"
    modules=${image/linux-image/linux-modules}
    apt-cache show "$modules" >/dev/null 2>&1 && echo "$modules"
    return 0
  done
}

# Puts modules and what they depend on into a tree: put_modules TREE MODULE...
put_modules() {
  local tree=$1 file target; shift
  mkdir -p "$tree/lib/modules/$version"
  for module in "$@"; do
    # a module that is built in, or that this kernel has not got, is nothing to copy
    modprobe -d "$work/kernel" -S "$version" --show-depends "$module" 2>/dev/null | awk '/^insmod/ { print $2 }' || true
  done | sort -u | while read -r file; do
    target=$tree${file#"$work/kernel"}
    mkdir -p "$(dirname "$target")"
    case $file in
      *.xz) xz -dc "$file" >"${target%.xz}"; strip --strip-debug "${target%.xz}" ;;
      *.zst) zstd -qdc "$file" >"${target%.zst}"; strip --strip-debug "${target%.zst}" ;;
      *) cp "$file" "$target"; strip --strip-debug "$target" ;;
    esac
  done
  cp "$work/kernel/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$tree/lib/modules/$version/"
  depmod -b "$tree" "$version"
  # busybox reads the text indexes only
  find "$tree/lib/modules/$version" -maxdepth 1 -type f ! -name modules.dep ! -name modules.alias -delete
}

# Puts programs of this machine and the libraries they need into a tree: put_programs TREE PROGRAM...
put_programs() {
  local tree=$1 program library; shift
  for program in "$@"; do
    install -D -m 755 "$program" "$tree/usr/sbin/$(basename "$program")"
    ldd "$program" | awk '/=> \// { print $3 } /^[[:space:]]*\/.*ld-linux/ { print $1 }'
  done | sort -u | while read -r library; do
    case $library in
      /lib64/*) install -D -m 755 "$library" "$tree$library" ;;
      *) install -D -m 644 "$library" "$tree/lib/$(basename "$library")" ;;
    esac
  done
  strip --strip-unneeded "$tree"/lib/*.so*
}

put_busybox() { # TREE APPLET...; without applets all of them
  local tree=$1 applet; shift
  install -D -m 755 "$busybox" "$tree/bin/busybox"
  [ $# -gt 0 ] || set -- $("$busybox" --list | grep -vxE 'busybox|dpkg|dpkg-deb|rpm|lsblk')
  for applet in "$@"; do ln -sf busybox "$tree/bin/$applet"; done
}

build_root() {
  local root=$1 applet
  mkdir -p "$root"/{bin,sbin,dev,etc/dropbear,home/cirros/.ssh,lib,lib64,mnt,proc,root/.ssh,run,sys,tmp,usr/bin,usr/sbin,var/lib/tiny,var/log}
  put_busybox "$root"
  for applet in init poweroff reboot halt getty modprobe; do ln -sf ../bin/busybox "$root/sbin/$applet"; done
  put_programs "$root" $programs
  ln -s mke2fs "$root/usr/sbin/mkfs.ext4"
  ln -s ../run "$root/var/run"
  cp -R "$here/tiny/root/." "$root/"
  chmod -R u=rwX,go=rX "$root"
  chmod 700 "$root"/root/.ssh "$root"/home/cirros/.ssh
  chmod 600 "$root/etc/shadow"
  chmod 1777 "$root/tmp"
  put_modules "$root" $modules
}

build_initrd() { # TREE FILE
  local tree=$1
  mkdir -p "$tree"/{bin,dev,proc,sys,newroot}
  put_busybox "$tree" sh mount modprobe switch_root findfs cat chroot dd printf blockdev sleep
  install -m 755 "$here/tiny/initrd/init" "$tree/init"
  put_modules "$tree" $early_modules
  (cd "$tree" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) | lz4 -l -9 -q - "$2"
}

# A disk with an MBR: a small FAT partition with boot loader, kernel and initrd, then the root file system.
build_disk() { # KERNEL INITRD ROOT FILE
  local kernel=$1 initrd=$2 root=$3 disk=$4 start=2048 boot_sectors root_start
  boot_sectors=$(( (($(stat -c %s "$kernel") + $(stat -c %s "$initrd")) / 1048576 + 2) * 2048 ))
  root_start=$((start + boot_sectors))
  mkfs.fat -C -F 16 -s 4 -h $start -n TINYBOOT "$work/boot.img" $((boot_sectors / 2)) >/dev/null
  cat >"$work/syslinux.cfg" <<CFG
DEFAULT tiny
PROMPT 0
TIMEOUT 0
SERIAL 0 115200
LABEL tiny
 KERNEL vmlinuz
 INITRD initrd.img
 APPEND $(echo $command_line)
CFG
  mcopy -i "$work/boot.img" "$kernel" ::vmlinuz
  mcopy -i "$work/boot.img" "$initrd" ::initrd.img
  mcopy -i "$work/boot.img" "$work/syslinux.cfg" ::syslinux.cfg
  syslinux --install "$work/boot.img"
  mke2fs -q -t ext4 -b 1024 -L tinyroot -J size=1 -O ^metadata_csum,^64bit -E lazy_itable_init=1,root_owner=0:0 -m 0 -N 2048 \
    -d "$root" "$work/root.img" "${root_mib}M" >/dev/null
  truncate -s $(((root_start + root_mib * 2048) * 512)) "$disk"
  sfdisk -q "$disk" <<TABLE
label: dos
label-id: 0x7e577e57
start=$start, size=$boot_sectors, type=e, bootable
start=$root_start, size=$((root_mib * 2048)), type=83
TABLE
  dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
  dd if="$work/boot.img" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
  dd if="$work/root.img" of="$disk" bs=512 seek=$root_start conv=notrunc,sparse status=none
}

export PATH=$PATH:/usr/sbin:/sbin
# files of the root file system belong to whoever builds it; mke2fs takes their owners over
[ "$(id -u)" = 0 ] || say 'not root: files in the image will belong to uid' "$(id -u)"
mkdir -p "$out/packages"
say 'fetching the kernel and busybox'
unpack "$work/kernel" $(kernel_packages)
unpack "$work/busybox" busybox-static
# newer kernels' modules lie below /usr, where kmod does not look
[ -e "$work/kernel/lib/modules" ] || ln -s usr/lib "$work/kernel/lib"
version=$(basename "$(echo "$work"/kernel/lib/modules/*)")
[ -d "$work/kernel/lib/modules/$version" ] || die 'the kernel package has no modules'
busybox=$(find "$work/busybox" -type f -name busybox -perm -100 | head -n 1)
depmod -b "$work/kernel" "$version"

say "building with kernel $version"
build_root "$work/root"
build_initrd "$work/initrd" "$work/initrd.img"
build_disk "$work/kernel/boot/vmlinuz-$version" "$work/initrd.img" "$work/root" "$work/tiny.raw"
qemu-img convert -c -f raw -O qcow2 "$work/tiny.raw" "$work/tiny.qcow2"
mv "$work/tiny.qcow2" "$out/tiny.qcow2"
say "$out/tiny.qcow2: $(du -h --apparent-size "$out/tiny.qcow2" | cut -f1) in ${SECONDS} s"
