#!/usr/bin/env bash
# Publishes the release of a tag with GitHub's gh. Where an earlier run has begun or finished it, this one completes or repeats it.
#   PRERELEASE=false LATEST=true scripts/release/publish.sh TAG FILE ...
# The release is a draft until it has all files.
set -euo pipefail
tag=${1:?the tag} page=${GITHUB_SERVER_URL:-https://github.com}/${GH_REPO:?the repository, as OWNER/NAME}
shift
[ "$#" -gt 0 ] || { echo "publish.sh: no files" >&2; exit 1; }
if ! gh release view "$tag" >/dev/null 2>&1; then
  gh release create "$tag" --draft --verify-tag --title "kosync ${tag#v}" --notes \
    "[What is new]($page/blob/$tag/CHANGELOG.md) · [how to check a download]($page/blob/$tag/docs/security.md#check-a-download)"
fi
gh release upload "$tag" --clobber "$@"
gh release edit "$tag" --draft=false --prerelease="${PRERELEASE:?true or false}" --latest="${LATEST:?true or false}"
