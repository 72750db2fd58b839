#!/usr/bin/env bash
# Checks the scripts of a release with a binary for this machine and imitations of what they upload to: no network, no compiler.
#   tests/release/check.sh BINARY
# Needs git, jq, python3 with yaml. tests/release/deb.sh and tests/image/run.sh try the real package and image.
set -euo pipefail
kosync=$(realpath "${1:?the binary}")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ok() { printf 'ok: %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
# same EXPECTED ACTUAL TEXT: checks that two texts are equal.
same() { diff -u <(printf '%s\n' "$1") <(printf '%s\n' "$2") >&2 || fail "$3"; ok "$3"; }

export DIST=$work/dist SOURCE_DATE_EPOCH=1700000000
version=$(sed -n '0,/^version = /s/^version = "\(.*\)"$/\1/p' Cargo.toml)
arch=$(uname -m)
mkdir -p "$DIST/x86_64" "$DIST/aarch64"
# Small files instead of binaries: this machine's calls the real one.
printf '#!/bin/sh\nexec %q "$@"\n' "$kosync" >"$DIST/x86_64/kosync"
chmod 755 "$DIST/x86_64/kosync"
cp "$DIST/x86_64/kosync" "$DIST/aarch64/kosync"

# The tag, in a repository of its own.
mkdir -p "$work/clone/scripts"
cp Cargo.toml "$work/clone/"
cp -r scripts/release "$work/clone/scripts/"
git -C "$work/clone" init --quiet
git -C "$work/clone" add .
git -C "$work/clone" -c user.name=t -c user.email=t@t -c commit.gpgsign=false commit --quiet -m t
# kind VERSION: what version.sh says of the version's tag, in one line.
kind() { sed -i "0,/^version = /s/^version = .*/version = \"$1\"/" "$work/clone/Cargo.toml"; "$work/clone/scripts/release/version.sh" "v$1" | paste -sd ' '; }
for tag in v0.9.0 v0.10.0 v0.11.0-rc.1; do git -C "$work/clone" tag "$tag"; done
same "version=0.10.0 prerelease=false latest=true" "$(kind 0.10.0)" "the newest version is the latest"
same "version=0.9.0 prerelease=false latest=false" "$(kind 0.9.0)" "a run for an older version takes \`latest\` from nobody"
same "version=0.11.0-rc.1 prerelease=true latest=false" "$(kind 0.11.0-rc.1)" "a tag with a \`-\` is a pre-release and never the latest"
if "$work/clone/scripts/release/version.sh" v0.11.0 >/dev/null 2>"$work/error"; then fail "a tag that is not the version"; fi
grep -q 'the tag is v0.11.0, the version in Cargo.toml is 0.11.0-rc.1' "$work/error" || fail "$(cat "$work/error")"
ok "a tag that is not the version is refused"

# The archive.
scripts/release/archive.sh "$arch" >/dev/null
archive=$DIST/kosync-$version-linux-$arch.tar.gz
mv "$archive" "$work/first.tar.gz"
touch "$DIST/$arch/kosync"
(umask 077 && scripts/release/archive.sh "$arch" >/dev/null)
cmp "$archive" "$work/first.tar.gz" || fail "two archives of one binary differ"
ok "the archive is the same at each run"
expected="CHANGELOG.md
LICENSE-APACHE
LICENSE-MIT
README.md
completions/kosync.bash
completions/kosync.fish
completions/kosync.zsh
kosync
$("$kosync" man "$work/man" >/dev/null; cd "$work" && printf '%s\n' man/*)
systemd/kosync-backup.service
systemd/kosync-backup.timer
systemd/kosync.json
systemd/kosync.service
systemd/kosync.socket
systemd/kosync.sysusers.conf"
same "$(LC_ALL=C sort <<<"$expected")" "$(tar -tzf "$archive" | grep -v '/$' | sed "s#^kosync-$version-linux-$arch/##" | LC_ALL=C sort)" "the archive has the binary, man pages, completions, units and licences"
[ "$(tar -tvzf "$archive" | awk '{ print $1, $2 }' | LC_ALL=C sort -u | paste -sd,)" = '-rw-r--r-- 0/0,-rwxr-xr-x 0/0,drwxr-xr-x 0/0' ] || fail "owners and modes in the archive"
ok "everybody can read what is in it"

# The image.
REVISION=0123456789 scripts/release/image.sh >/dev/null
mv "$DIST/image" "$work/image"
touch "$DIST"/*/kosync
REVISION=0123456789 scripts/release/image.sh >/dev/null
diff -r "$DIST/image" "$work/image" || fail "two images of one binary differ"
ok "the image is the same at each run"
image=$work/image
blob() { cat "$image/${1#sha256:}"; }
same '["amd64","arm64"]' "$(jq -c '[.manifests[].platform.architecture]' "$image/manifest.json")" "the image has two architectures"
for name in amd64 arm64; do
  manifest=$(jq -r --arg name "$name" '.manifests[] | select(.platform.architecture == $name) | .digest' "$image/manifest.json")
  manifest=$image/${manifest#sha256:}.manifest.json
  blob "$(jq -r .config.digest "$manifest")" >"$work/config"
  blob "$(jq -r '.layers[0].digest' "$manifest")" | gzip -d >"$work/layer.tar"
  home=$([ "$name" = arm64 ] && echo aarch64 || echo amd64)
  jq -e --arg name "$name" --arg home "$home" --arg version "$version" --arg layer "sha256:$(sha256sum <"$work/layer.tar" | cut -d ' ' -f 1)" '
    .architecture == $name and .os == "linux" and .created == "2023-11-14T22:13:20Z" and .rootfs.diff_ids == [$layer]
    and (.config | .Entrypoint == ["/kosync"] and .Volumes == { "/data": {} } and .ExposedPorts == { "7200/tcp": {} } and .Env == ["KOSYNC_DATA_DIR=/data"]
      and .Healthcheck.Test == ["CMD", "/kosync", "healthcheck"] and .Healthcheck.Interval > 0)
    and (.config.Labels | .["io.hass.type"] == "app" and .["io.hass.version"] == $version and .["io.hass.arch"] == $home
      and .["org.opencontainers.image.version"] == $version and .["org.opencontainers.image.revision"] == "0123456789"
      and .["org.opencontainers.image.created"] == "2023-11-14T22:13:20Z" and .["org.opencontainers.image.licenses"] == "MIT OR Apache-2.0"
      and (["title", "description", "url", "source", "documentation"] - (keys | map(ltrimstr("org.opencontainers.image."))) == []))' \
    "$work/config" >/dev/null || { jq . "$work/config" >&2; fail "the configuration of the image for $name"; }
  same "drwxrwxrwt 0/0 data
drwxr-xr-x 0/0 etc
drwxr-xr-x 0/0 etc/ssl
drwxr-xr-x 0/0 etc/ssl/certs
-rw-r--r-- 0/0 etc/ssl/certs/ca-certificates.crt
-rwxr-xr-x 0/0 kosync" "$(tar --numeric-owner -tvf "$work/layer.tar" | awk '{ print $1, $2, $6 }' | sed 's#/$##')" "the image for $name has its labels and files"
done

# What is uploaded. The imitations do as the real programs, and fail at the step that FAIL names.
mkdir "$work/bin" "$work/page"
cat >"$work/bin/skopeo" <<'SKOPEO'
#!/bin/sh
[ "$1" = copy ] || exit 1
for last; do :; done
echo "$last" >>"$WORK/pushed"
SKOPEO
cat >"$work/bin/gh" <<'GH'
#!/bin/bash
# A release is a directory with its files; draft, prerelease and latest are in .state.
[ "$1" = release ] || exit 1
[ "$2" != "${FAIL-}" ] || { echo "gh: no network" >&2; exit 1; }
step=$2 release=$WORK/page/$3
shift 3
case $step in
view) [ -d "$release" ] ;;
create)
  [ ! -d "$release" ] || { echo "gh: there is one already" >&2; exit 1; }
  case " $* " in *' --draft '*) ;; *) exit 1 ;; esac
  mkdir "$release" && echo draft >"$release/.state"
  ;;
upload)
  [ -d "$release" ] && [ "$1" = --clobber ] || exit 1
  shift
  cp "$1" "$release/"
  # Some files are there, and others are not.
  [ "${FAIL-}" != half ] || exit 1
  cp "$@" "$release/"
  ;;
edit) echo "$*" >"$release/.state" ;;
*) exit 1 ;;
esac
GH
chmod 755 "$work/bin/"*
export WORK=$work PATH="$work/bin:$PATH"
digest=sha256:$(sha256sum <"$work/image/manifest.json" | cut -d ' ' -f 1)
same "digest=$digest" "$(scripts/release/push-image.sh registry.example/kosync "$version")" "a pushed image is known by its digest"
same "docker://registry.example/kosync:$version" "$(cat "$work/pushed")" "it is pushed under the tag and no other"

if scripts/release/checksums.sh >/dev/null 2>"$work/error"; then fail "checksums of a release that lacks files"; fi
grep -q "target/dist must have these files" "$work/error" || fail "$(cat "$work/error")"
files=()
for name in "kosync-$version-linux-x86_64.tar.gz" "kosync-$version-linux-aarch64.tar.gz" "kosync-$version-linux-armv7.tar.gz" \
  "kosync_$version-1_amd64.deb" "kosync_$version-1_arm64.deb" "kosync_$version-1_armhf.deb"; do
  echo "$name" >"$DIST/$name"
  files+=("$DIST/$name")
done
scripts/release/checksums.sh >/dev/null
(cd "$DIST" && [ "$(wc -l <SHA256SUMS)" = 6 ] && sha256sum --quiet --check SHA256SUMS) || fail "the checksums"
ok "checksums are of exactly the files of a release"

export GH_REPO=kosync/kosync LATEST=true PRERELEASE=false
publish() { scripts/release/publish.sh v9.9.9 "${files[@]}" "$DIST/SHA256SUMS" >"$work/out" 2>&1; }
# complete TEXT: checks that the release has all files and is public.
complete() {
  same "--draft=false --prerelease=false --latest=true" "$(cat "$work/page/v9.9.9/.state")" "$1"
  for file in "${files[@]}" "$DIST/SHA256SUMS"; do cmp "$file" "$work/page/v9.9.9/${file##*/}" || fail "$1"; done
}
for step in create upload half edit; do
  rm -rf "$work/page/v9.9.9"
  if FAIL=$step publish; then fail "a failure of $step is passed over"; fi
  [ "$(cat "$work/page/v9.9.9/.state" 2>/dev/null || echo draft)" = draft ] || fail "half a release is public after a failure of $step"
  publish || { cat "$work/out" >&2; fail "a run after a failure of $step"; }
  complete "a run after a failure of $step completes the release"
done
echo changed >>"${files[0]}"
publish || { cat "$work/out" >&2; fail "a second run"; }
complete "a second run replaces the files"

# The workflow: nothing here can run it, so these are the mistakes that would only show at a release.
python3 - <<'PYTHON'
import os, re, sys, yaml
path = ".github/workflows/release.yml"
text = open(path).read()
jobs = yaml.safe_load(text)["jobs"]
faults = [f"{line.strip()}: pin the action by its commit, with the version behind it"
          for file in os.listdir(".github/workflows") for line in open(f".github/workflows/{file}")
          if re.search(r"\buses: (?!\./)", line) and not re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line.rstrip())]
for script in re.findall(r"scripts/\S+\.(?:sh|py)", text):
    if not os.access(script, os.X_OK):
        faults.append(f"{script}: there is no such script that can be run")
names = re.findall(r"^  (\w+)\) target=", open("scripts/release/common.sh").read(), re.M)
if jobs["build"]["strategy"]["matrix"]["arch"] != names:
    faults.append(f"the architectures of the job build must be {names}, as in scripts/release/common.sh")
for name, job in jobs.items():
    if "runs-on" in job and "timeout-minutes" not in job:
        faults.append(f"job {name}: it has no timeout-minutes")
    steps = str(job.get("steps", ""))
    if ("cosign sign" in steps or "actions/attest@" in steps) != ("id-token" in job["permissions"]):
        faults.append(f"job {name}: jobs that sign need `id-token: write`, and others must not have it")
    for step in job.get("steps", []):
        if " latest" in step.get("run", "") and "outputs.latest == 'true'" not in step.get("if", ""):
            faults.append(f"job {name}: `{step['run']}` does not ask whether this version is the latest")
sys.exit("\n".join(f"FAILED: {path}: {fault}" for fault in faults) or None)
PYTHON
ok "the workflow calls scripts that exist, and pins actions"
