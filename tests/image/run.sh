#!/usr/bin/env bash
# Runs the container image without a registry.
#   tests/image/run.sh x86_64|aarch64    the image of a release: target/dist/image, which scripts/release/image.sh writes; another
#                                        architecture than this machine's by qemu
#   tests/image/run.sh BINARY            what addon/Dockerfile makes: its last stage with a given binary, built by buildah
# BINARY is statically linked: scripts/release/binary.sh x86_64 makes one.
# Needs root, podman and runc, and buildah or skopeo; prints SKIPPED without them. Not part of CI.
set -euo pipefail
case ${1:?the architecture or the binary} in
x86_64 | aarch64) arch=$1 binary= ;;
*) arch=$(uname -m) binary=$(realpath "$1") ;;
esac
cd "$(dirname "$0")/../.."
skip() { printf 'SKIPPED: %s\n' "$*"; exit 0; }
[ "$(id -u)" = 0 ] || skip "not root"
tools=(podman runc jq curl)
[ -z "$binary" ] && tools+=(skopeo) || tools+=(buildah)
[ "$arch" = "$(uname -m)" ] || tools+=("qemu-$arch-static" python3)
for tool in "${tools[@]}"; do command -v "$tool" >/dev/null || skip "no $tool"; done
export STORAGE_DRIVER=vfs
dist=${DIST:-$PWD/target/dist} image=localhost/kosync-trial name=kosync-trial-$$ port=7298
work=$(mktemp -d)
# Where the image is for another architecture, qemu runs the program in the container.
program=(/kosync) emulated=()
if [ "$arch" != "$(uname -m)" ]; then
  tests/image/for-qemu.py "$dist/$arch/kosync" "$work/for-qemu"
  program=(/qemu /for-qemu)
  emulated=(--volume "$(command -v "qemu-$arch-static"):/qemu:ro" --volume "$work/for-qemu:/for-qemu:ro" --entrypoint '["/qemu","/for-qemu"]')
fi
# podman's defaults need limits and a cgroup that a nested container may not have.
run() { podman --runtime runc run --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 --no-healthcheck --network host "${emulated[@]}" "$@"; }
inside() { podman --runtime runc exec "$name" "${program[@]}" "$@"; }
trap 'podman --runtime runc rm --force "$name" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
ok() { printf 'ok: %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; podman logs "$name" >&2 || true; exit 1; }

if [ -z "$binary" ]; then
  [ -e "$dist/image/manifest.json" ] || fail "there is no $dist/image; run scripts/release/image.sh"
  skopeo --override-arch "$(sed 's/x86_64/amd64/; s/aarch64/arm64/' <<<"$arch")" copy --quiet "dir:$dist/image" "docker-archive:$work/image.tar:$image"
else
  # Leaves out the compile stage, which needs a registry. The rest is taken from the file.
  mkdir "$work/context"
  install -m 755 "$binary" "$work/context/kosync"
  mkdir -m 1777 "$work/context/data"
  install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$work/context/etc/ssl/certs/ca-certificates.crt"
  sed -n '/^FROM scratch/,$p' addon/Dockerfile | sed 's#COPY --from=build /#COPY #' >"$work/Dockerfile"
  # Debian 12's buildah does not know this option.
  sed -i 's/ --start-interval=[0-9]*s//' "$work/Dockerfile"
  buildah build --quiet --format docker --isolation chroot -f "$work/Dockerfile" -t "$image" "$work/context" >/dev/null 2>"$work/log" ||
    skip "buildah cannot build here: $(tail -1 "$work/log")"
  buildah push --quiet "$image" "docker-archive:$work/image.tar:$image" >/dev/null
fi
podman load --quiet --input "$work/image.tar" >/dev/null
size=$(podman image inspect "$image" | jq '.[0].Size')
[ "$size" -le 14000000 ] || fail "the image has $size bytes"
ok "the image is built, and has $size bytes"
podman image inspect "$image" | jq -e '.[0] | .Config.Entrypoint == ["/kosync"] and .Config.Volumes == { "/data": {} }
  and (.HealthCheck // .Healthcheck).Test == ["CMD", "/kosync", "healthcheck"]' >/dev/null || fail "what the image says of itself"
ok "it says what to run, and how to ask whether it is well"

# An unprivileged user, a read-only root, no capabilities. Then another user takes the volume over.
mkdir -m 777 "$work/data"
run --detach --name "$name" --read-only --user 1000:1000 --cap-drop all --env KOSYNC_LISTEN=127.0.0.1:$port --env TZ=Europe/Berlin \
  --volume "$work/data:/data" "$image" >/dev/null 2>"$work/log" || skip "podman cannot run here: $(tail -1 "$work/log")"
url=http://127.0.0.1:$port
curl -sSf --retry 20 --retry-connrefused --retry-delay 1 "$url/healthcheck" | grep -q '"state":"OK"' || fail "no answer"
ok "it runs as a plain user on a read-only root"
inside healthcheck || fail "the health check"
ok "the health check says so"
curl -sSf "$url/users/create" -d '{"username":"ada","password":"password"}' >/dev/null
curl -sSf -X PUT -u ada:password "$url/syncs/progress" -d '{"document":"book","progress":"p","percentage":0.5,"device":"d"}' >/dev/null
today=$(TZ=Europe/Berlin date +%F)
curl -sSf -u ada:password "$url/api/v1/statistics" | jq -e --arg today "$today" '.days == [{ date: $today, pushes: 1 }]' >/dev/null || fail "the time zone"
ok "its days are those of TZ"
# qemu has no room for the map of an export.
[ "${#emulated[@]}" -gt 0 ] || inside export - 2>/dev/null | tail -1 | grep -q '"documents":1' || fail "the export"
inside check | grep -q 'No problems found' || fail "the check"
ok "commands work beside it, with nothing but the data directory to write to"
[ "$(stat -c '%u %a' "$work/data/data.mdb")" = '1000 600' ] || fail "the data file's owner"
start=$(date +%s%N)
podman --runtime runc stop --time 10 "$name" >/dev/null
took=$((($(date +%s%N) - start) / 1000000))
[ "$(podman inspect "$name" --format '{{.State.ExitCode}}')" = 0 ] || fail "the exit code"
ok "SIGTERM ends PID 1 with 0, within $took ms"
podman --runtime runc rm "$name" >/dev/null
run --detach --name "$name" --read-only --cap-drop all --cap-add DAC_OVERRIDE --env KOSYNC_LISTEN=127.0.0.1:$port --volume "$work/data:/data" "$image" >/dev/null
curl -sSf --retry 20 --retry-connrefused --retry-delay 1 "$url/healthcheck" >/dev/null
curl -sSf -u ada:password "$url/syncs/progress/book" | grep -q '"progress":"p"' || fail "the position is lost"
ok "the position is there in the next container"

# As Home Assistant starts it: root, options in /data, the ingress on its own port, which answers the Supervisor only.
podman --runtime runc stop --time 10 "$name" >/dev/null
podman --runtime runc rm "$name" >/dev/null
mkdir "$work/home"
echo '{"registration":false,"admin_password":"correct horse","mqtt":{"enabled":false}}' >"$work/home/options.json"
run --detach --name "$name" --read-only --cap-drop all --cap-add DAC_OVERRIDE --env KOSYNC_HOME_ASSISTANT=/data/options.json --env KOSYNC_LISTEN=127.0.0.1:$port \
  --env KOSYNC_INGRESS_LISTEN=127.0.0.1:$((port + 1)) --env SUPERVISOR_TOKEN=x --env KOSYNC_SUPERVISOR=http://127.0.0.1:1 --volume "$work/home:/data" "$image" >/dev/null
curl -sSf --retry 20 --retry-connrefused --retry-delay 1 "$url/healthcheck" >/dev/null
curl -sSf -u 'admin:correct horse' "$url/users/auth" | grep -q OK || fail "the options"
[ "$(curl -sS -o /dev/null -w '%{http_code}' "http://127.0.0.1:$((port + 1))/")" = 403 ] || fail "the ingress answers a stranger"
inside healthcheck || fail "the health check of the app"
podman --runtime runc stop --time 10 "$name" >/dev/null
[ "$(podman inspect "$name" --format '{{.State.ExitCode}}')" = 0 ] || fail "the app's exit code"
ok "Home Assistant's options, ingress, health check and stop"
echo PASSED
