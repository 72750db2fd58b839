#!/usr/bin/env bash
# Checks that a tag is the version, and says what kind of release it is, as lines for $GITHUB_OUTPUT.
#   scripts/release/version.sh TAG    prints version=, prerelease= and latest=
# A tag with a `-` is a pre-release. The newest other one is the latest: a run for an older tag takes `latest` from nobody.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/release/common.sh
tag=${1:?the tag, such as v0.1.0}
[ "$tag" = "v$version" ] || fail "the tag is $tag, the version in Cargo.toml is $version: tag the commit that has the version"
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "the version $version is no image tag: use the form 1.2.3 or 1.2.3-rc.1"
prerelease=false latest=false
case $tag in *-*) prerelease=true ;; esac
newest=$(git tag --list 'v*' | grep -v -e - | sort -V | tail -1 || true)
[ "$tag" != "$newest" ] || latest=true
printf 'version=%s\nprerelease=%s\nlatest=%s\n' "$version" "$prerelease" "$latest"
