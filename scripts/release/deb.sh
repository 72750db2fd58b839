#!/usr/bin/env bash
# Makes the Debian package of a release with cargo-deb: the binary, the units of nixos/systemd, man pages and completions.
#   scripts/release/deb.sh ARCH    reads target/dist/ARCH/kosync, writes target/dist/kosync_VERSION-1_*.deb
# Uses target/cargo-deb, and installs it there at first, which takes some minutes. `[package.metadata.deb]` in Cargo.toml names the files,
# which this script collects in target/deb.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/release/common.sh
use_arch "${1:?the architecture: x86_64, aarch64 or armv7}"
[ -x "$binary" ] || fail "there is no $binary; run scripts/release/binary.sh $arch"
install_missing git=git dpkg=dpkg
cargo_deb=3.8.0
if [ "$(target/cargo-deb/bin/cargo-deb --version 2>/dev/null)" != "$cargo_deb" ]; then
  cargo install --quiet --locked --root target/cargo-deb --version "$cargo_deb" cargo-deb
fi

stage=target/deb
rm -rf "$stage"
mkdir -p "$stage/units" "$stage/man"
cp "$binary" "$stage/kosync"
for unit in nixos/systemd/*.service nixos/systemd/*.socket nixos/systemd/*.timer; do
  sed -e 's#/usr/local/bin/kosync#/usr/bin/kosync#g' \
    -e '1s#.*#\# Of the package kosync; /usr/share/doc/kosync/README.Debian says what to change, and how.#' "$unit" >"$stage/units/${unit##*/}"
done
# The first lines say how to install the file by hand.
grep -v '^#' nixos/systemd/kosync.sysusers.conf >"$stage/sysusers.conf"
cp nixos/systemd/kosync.json "$stage/config.json"
run_binary man "$stage/man" >/dev/null
for shell in bash zsh fish; do run_binary completions "$shell" >"$stage/kosync.$shell"; done
# The two changelogs that Debian expects: that of the package, and the project's.
cat >"$stage/changelog" <<CHANGELOG
kosync (${version/-/\~}-1) stable; urgency=medium

  * Release $version; see changelog.gz.

 -- The kosync authors <kosync@users.noreply.github.com>  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
gzip -9 -n -c CHANGELOG.md >"$stage/changelog.gz"

variant=()
[ "$debian" != armhf ] || variant=(--variant armhf)
mkdir -p "$dist"
target/cargo-deb/bin/cargo-deb deb --quiet --no-build --no-strip --no-dbgsym --locked --target "$target" "${variant[@]}" --output "$dist/"
