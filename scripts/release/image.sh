#!/usr/bin/env bash
# Assembles the image with scripts/release/image.py, dated and named by the commit.
#   scripts/release/image.sh    reads target/dist/x86_64/kosync and target/dist/aarch64/kosync, writes target/dist/image
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/release/common.sh
install_missing python3=python3 git=git
[ -e /etc/ssl/certs/ca-certificates.crt ] || fail "there are no certificate authorities for the image; install ca-certificates"
REVISION=${REVISION:-$(git rev-parse HEAD)} exec scripts/release/image.py
