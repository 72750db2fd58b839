#!/usr/bin/env bash
# Collects in target/dist what other machines have built: the archives of their target/dist.
#   scripts/release/unpack.sh ARCHIVE ...
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$#" -gt 0 ] || { echo "unpack.sh: no archive" >&2; exit 1; }
rm -rf target/dist
mkdir -p target/dist
for archive; do tar -C target/dist -xf "$archive"; done
