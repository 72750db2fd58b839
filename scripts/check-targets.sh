#!/usr/bin/env bash
# Checks that the code compiles for systems that the tests do not run on, with all features and as a library alone.
#   scripts/check-targets.sh              32-bit ARM, musl, macOS and FreeBSD
#   scripts/check-targets.sh TARGET...    these targets of rustc
# Installs their standard libraries with rustup. Says at the end which of them failed.
set -euo pipefail
cd "$(dirname "$0")/.."
targets=("$@")
[ "$#" -gt 0 ] || targets=(armv7-unknown-linux-gnueabihf aarch64-unknown-linux-musl aarch64-apple-darwin x86_64-unknown-freebsd)

missing=()
for target in "${targets[@]}"; do
  [ -d "$(rustc --print target-libdir --target "$target")" ] || missing+=("$target")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if ! command -v rustup >/dev/null; then
    printf 'check-targets: no standard library for %s, and no rustup to install it with\n' "${missing[*]}" >&2
    exit 1
  fi
  printf 'check-targets: installing %s\n' "${missing[*]}"
  rustup --quiet target add "${missing[@]}"
fi

failed=()
for target in "${targets[@]}"; do
  name=${target//-/_}
  for features in '--all-features' '--lib --no-default-features'; do
    printf '\n== %s, %s\n' "$target" "$features"
    # Nothing is linked in a check, so that no compiler for the C code of LMDB and ring is needed.
    # shellcheck disable=SC2086
    env "CC_$name=true" "AR_$name=true" cargo check --locked --target "$target" $features || failed+=("$target, $features")
  done
done
if [ "${#failed[@]}" -gt 0 ]; then
  printf '\ncheck-targets: failed:\n' >&2
  printf '  %s\n' "${failed[@]}" >&2
  exit 1
fi
