#!/usr/bin/env bash
# Writes another version into Cargo.toml, and wherever a file pins it: the app, the templates in deploy, and commands in the documentation.
#   scripts/set-version.sh VERSION
# The two changelogs are for a person. tests/addon/check.py and tests/deploy/check.py find what was forgotten.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/release/common.sh
new=${1:?the version, such as 0.2.0}
[[ $new =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "$new is no version such as 0.2.0 or 0.2.0-rc.1"
old=${version//./\\.}
sed -i "0,/^version = /s/^version = .*/version = \"$new\"/" Cargo.toml
sed -i "/^name = \"kosync-server\"\$/{n;s/^version = .*/version = \"$new\"/}" Cargo.lock
sed -i "s/^version: \"\?$old\"\?\$/version: \"$new\"/" addon/config.yaml deploy/umbrel/kosync-kosync/umbrel-app.yml
sed -i "s/^version=$old\$/version=$new/" deploy/proxmox.sh
# kosync:1.2.3 of an image, kosync_1.2.3-1 of a package, kosync-1.2.3-linux of an archive, /v1.2.3/ of a link.
git ls-files -z README.md docs deploy |
  xargs -0 sed -i -E "s#(kosync[:_-]|/v)$old(-1_|-linux-|/|[^0-9A-Za-z.-]|\$)#\1$new\2#g"
