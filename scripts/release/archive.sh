#!/usr/bin/env bash
# Makes a release archive: the binary with its man pages, completions, systemd units and licences.
#   scripts/release/archive.sh ARCH    reads target/dist/ARCH/kosync, writes target/dist/kosync-VERSION-linux-ARCH.tar.gz
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/release/common.sh
use_arch "${1:?the architecture: x86_64, aarch64 or armv7}"
[ -x "$binary" ] || fail "there is no $binary; run scripts/release/binary.sh $arch"
name=kosync-$version-linux-$arch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/completions" "$work/$name/systemd" "$dist"
install -m 755 "$binary" "$work/$name/kosync"
run_binary man "$work/$name/man" >/dev/null
for shell in bash zsh fish; do
  run_binary completions "$shell" >"$work/$name/completions/kosync.$shell"
done
cp nixos/systemd/* "$work/$name/systemd/"
cp README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$work/$name/"
# The same input gives the same bytes.
tar --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u=rwX --mtime="@$SOURCE_DATE_EPOCH" -C "$work" -cf - "$name" |
  gzip -9 -n >"$dist/$name.tar.gz"
printf '%s\n' "$dist/$name.tar.gz"
