#!/usr/bin/env bash
# Writes target/dist/SHA256SUMS, once all archives and packages of the version are there and nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/release/common.sh
expected=()
for name in x86_64 aarch64 armv7; do
  use_arch "$name"
  expected+=("kosync-$version-linux-$arch.tar.gz" "kosync_${version/-/\~}-1_$debian.deb")
done
cd "$dist"
sorted=$(printf '%s\n' "${expected[@]}" | LC_ALL=C sort)
there=$(find . -maxdepth 1 -name 'kosync*' -printf '%f\n' | LC_ALL=C sort)
[ "$there" = "$sorted" ] || fail "target/dist must have these files:
$sorted
and has:
$there"
# shellcheck disable=SC2086 # Several names, without blanks.
sha256sum $sorted >SHA256SUMS
cat SHA256SUMS
