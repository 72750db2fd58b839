#!/usr/bin/env bash
# Makes a release archive: the binary with its man pages, completions and licences.
#   scripts/archive.sh BINARY NAME    writes NAME.tar.gz, with everything in a directory NAME
# BINARY must run on this machine.
set -euo pipefail
binary=$(realpath "$1")
name=$2
out=$PWD
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/completions"
install -m 755 "$binary" "$work/$name/kosync"
"$binary" man "$work/$name/man" >/dev/null
for shell in bash zsh fish; do
  "$binary" completions "$shell" >"$work/$name/completions/kosync.$shell"
done
cp README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$work/$name/"
# The same input gives the same bytes.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$work" -cf - "$name" | gzip -n >"$out/$name.tar.gz"
