# Names and helpers that the scripts of a release share. Sourced by them, from the root of the repository.
# shellcheck shell=bash disable=SC2034 # The variables are for the scripts that source this file.

version=$(sed -n '0,/^version = /s/^version = "\(.*\)"$/\1/p' Cargo.toml)
# Where a release is made: its files, and directories for the next script.
dist=${DIST:-$PWD/target/dist}
# Date of everything that is packed, so that the same source gives the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Sets the names of an architecture: x86_64, aarch64 or armv7.
use_arch() {
  case $1 in
  x86_64) target=x86_64-unknown-linux-musl gnu=x86_64-linux-gnu debian=amd64 qemu=x86_64 ;;
  aarch64) target=aarch64-unknown-linux-musl gnu=aarch64-linux-gnu debian=arm64 qemu=aarch64 ;;
  # Dynamic, for glibc 2.34 and later: Debian 12, Ubuntu 22.04, Raspberry Pi OS 12.
  armv7) target=armv7-unknown-linux-gnueabihf gnu=arm-linux-gnueabihf debian=armhf qemu=arm ;;
  *) fail "no release for the architecture \`$1\`; there are x86_64, aarch64 and armv7" ;;
  esac
  arch=$1
  binary=$dist/$arch/kosync
}

# Installs those Debian packages that provide missing commands: COMMAND=PACKAGE ...
install_missing() {
  local pair packages=()
  for pair; do command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}"); done
  [ "${#packages[@]}" -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || fail "missing; install as root: apt-get install ${packages[*]}"
  printf '%s: installing %s\n' "${0##*/}" "${packages[*]}" >&2
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

# Runs the binary of the chosen architecture, with qemu where this machine has another one.
run_binary() {
  if [ "$(uname -m)" = "$arch" ]; then
    "$binary" "$@"
  else
    install_missing "qemu-$qemu-static=qemu-user-static"
    # The dynamic one finds its C library among Debian's files for cross compilers.
    QEMU_LD_PREFIX=/usr/$gnu "qemu-$qemu-static" "$binary" "$@"
  fi
}
