#!/usr/bin/env bash
# Uploads the image for all architectures under a tag, with skopeo. To do it again changes nothing.
#   scripts/release/push-image.sh IMAGE TAG    reads target/dist/image; prints digest= for $GITHUB_OUTPUT
# SKOPEO_OPTIONS has options for skopeo's copy, such as --dest-tls-verify=false.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/release/common.sh
name=${1:?the image, such as registry.example/kosync} tag=${2:?the tag}
[ -e "$dist/image/manifest.json" ] || fail "there is no $dist/image; run scripts/release/image.py"
digest=sha256:$(sha256sum <"$dist/image/manifest.json" | cut -d ' ' -f 1)
# shellcheck disable=SC2086 # Several options.
skopeo copy --quiet --all --preserve-digests --retry-times 3 ${SKOPEO_OPTIONS-} "dir:$dist/image" "docker://$name:$tag"
printf 'digest=%s\n' "$digest"
