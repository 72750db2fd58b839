#!/usr/bin/env bash
# Builds the binary of a release with Debian's compilers: static with musl, but for armv7, which links to glibc.
#   scripts/release/binary.sh ARCH    writes target/dist/ARCH/kosync; ARCH is x86_64, aarch64 or armv7
# Runs on Debian 12 and installs missing packages, which needs root. For armv7 the release of Debian matters: a newer one has a newer glibc.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/release/common.sh
use_arch "${1:?the architecture: x86_64, aarch64 or armv7}"
install_missing "$gnu-gcc=gcc-${gnu//_/-}" git=git
rustup target list --installed | grep -qx "$target" || rustup target add "$target"

cflags="-ffile-prefix-map=$PWD=."
if [ "$target" != "${target%musl}" ]; then
  # Rust brings musl itself, but not the headers, which LMDB and ring need. Debian has them for every architecture.
  musl=target/musl-$debian
  if ! [ -d "$musl" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    # The second architecture is for these two commands alone, and not added to the system.
    both=(-o APT::Architectures::="$(dpkg --print-architecture)" -o APT::Architectures::="$debian" -o APT::Sandbox::User=root)
    apt-get "${both[@]}" update -qq
    (cd "$work" && apt-get "${both[@]}" download -qq "musl-dev:$debian")
    mkdir -p target
    dpkg-deb --extract "$work"/musl-dev_*.deb "$work/musl"
    mv "$work/musl" "$musl"
  fi
  cflags+=" -nostdinc -isystem $PWD/$musl/usr/include/${gnu%gnu}musl -isystem $("$gnu-gcc" -print-file-name=include)"
fi
upper=${target^^}
export "CC_${target//-/_}=$gnu-gcc" "CFLAGS_${target//-/_}=$cflags" "CARGO_TARGET_${upper//-/_}_LINKER=$gnu-gcc"
# No path of this machine gets into the binary. The last one is only there where rust-src is installed.
RUSTFLAGS="--remap-path-prefix=$PWD=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
RUSTFLAGS+=" --remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$(rustc -vV | sed -n 's/^commit-hash: //p')"
# As in .cargo/config.toml, which this variable replaces.
[ "$target" != x86_64-unknown-linux-musl ] || RUSTFLAGS+=" -C link-arg=-Wl,-z,pack-relative-relocs"
export RUSTFLAGS
cargo build --release --locked --target "$target" --features time-zones
install -D -m 755 "${CARGO_TARGET_DIR:-target}/$target/release/kosync" "$binary"

# It starts. A static one needs no file of the system; the other one no glibc newer than its package says.
[ "$(run_binary --version)" = "kosync $version" ] || fail "$binary does not say that it is kosync $version"
# Symbols take 2 MB.
! "$gnu-readelf" --wide --sections "$binary" | grep -q ' \.symtab ' || fail "$binary is not stripped"
needed=$(LC_ALL=C "$gnu-readelf" --wide --program-headers --version-info "$binary")
case $target in
*musl) ! grep -q 'program interpreter' <<<"$needed" || fail "$binary is not static" ;;
*)
  newest=$(grep -o 'GLIBC_[0-9.]*' <<<"$needed" | sed 's/GLIBC_//' | sort -uV | tail -1)
  [ "$(printf '%s\n' "$newest" 2.34 | sort -V | tail -1)" = 2.34 ] || fail "$binary needs glibc $newest; build it on Debian 12"
  ;;
esac
printf '%s: %s bytes\n' "$binary" "$(stat -c %s "$binary")"
