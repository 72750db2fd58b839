#!/usr/bin/env bash
# Checks the dependencies with cargo-deny, by the rules of deny.toml.
#   scripts/deny.sh               licences, bans and sources; needs no network but for crates that are not downloaded yet
#   scripts/deny.sh advisories    known vulnerabilities and yanked versions; downloads the advisory database
# Uses an installed cargo-deny, else installs one into target/cargo-deny, which takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2
checks=("$@")
[ "$#" -gt 0 ] || checks=(licenses bans sources)

if command -v cargo-deny >/dev/null; then
  deny=cargo-deny
else
  deny=target/cargo-deny/bin/cargo-deny
  [ -x "$deny" ] && [ "$("$deny" --version)" = "cargo-deny $version" ] ||
    cargo install --quiet --locked --root target/cargo-deny --version "$version" cargo-deny
fi
"$deny" --locked --config deny.toml check "${checks[@]}"
