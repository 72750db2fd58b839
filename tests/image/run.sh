#!/usr/bin/env bash
# Builds and runs the container image without a registry: a given binary in the last stage of addon/Dockerfile.
#   tests/image/run.sh BINARY
# BINARY is statically linked: CC_x86_64_unknown_linux_musl=musl-gcc cargo build --release --target x86_64-unknown-linux-musl --features time-zones
# Needs root, buildah, podman and runc; prints SKIPPED without them. Not part of CI.
set -euo pipefail
binary=$(realpath "${1:?the binary}")
cd "$(dirname "$0")/../.."
skip() { printf 'SKIPPED: %s\n' "$*"; exit 0; }
[ "$(id -u)" = 0 ] || skip "not root"
for tool in buildah podman runc jq curl; do command -v "$tool" >/dev/null || skip "no $tool"; done
export STORAGE_DRIVER=vfs
image=localhost/kosync-trial name=kosync-trial-$$ port=7298
work=$(mktemp -d)
# podman's defaults need limits and a cgroup that a nested container may not have.
run() { podman --runtime runc run --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 --no-healthcheck --network host "$@"; }
trap 'podman --runtime runc rm --force "$name" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
ok() { printf 'ok: %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; podman logs "$name" >&2 || true; exit 1; }

# Leaves out the compile stage, which needs a registry. The rest is taken from the file.
mkdir "$work/context"
install -m 755 "$binary" "$work/context/kosync"
mkdir -m 1777 "$work/context/data"
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$work/context/etc/ssl/certs/ca-certificates.crt"
sed -n '/^FROM scratch/,$p' addon/Dockerfile | sed 's#COPY --from=build /#COPY #' >"$work/Dockerfile"
# Older versions of buildah, such as Debian 12's, do not know it. Docker does.
buildah build --quiet --format docker --isolation chroot -f "$work/Dockerfile" -t "$image" "$work/context" 2>&1 | grep -q 'not defined: -start-interval' &&
  sed -i 's/ --start-interval=[0-9]*s//' "$work/Dockerfile"
buildah build --quiet --format docker --isolation chroot -f "$work/Dockerfile" -t "$image" "$work/context" >/dev/null 2>"$work/log" ||
  skip "buildah cannot build here: $(tail -1 "$work/log")"
buildah push --quiet "$image" "docker-archive:$work/image.tar:$image" >/dev/null
podman load --quiet --input "$work/image.tar" >/dev/null
size=$(podman image inspect "$image" | jq '.[0].Size')
[ "$size" -le 12000000 ] || fail "the image has $size bytes"
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
podman --runtime runc exec "$name" /kosync healthcheck || fail "the health check"
ok "the health check says so"
curl -sSf "$url/users/create" -d '{"username":"ada","password":"password"}' >/dev/null
curl -sSf -X PUT -u ada:password "$url/syncs/progress" -d '{"document":"book","progress":"p","percentage":0.5,"device":"d"}' >/dev/null
today=$(TZ=Europe/Berlin date +%F)
curl -sSf -u ada:password "$url/api/v1/statistics" | jq -e --arg today "$today" '.days == [{ date: $today, pushes: 1 }]' >/dev/null || fail "the time zone"
ok "its days are those of TZ"
podman --runtime runc exec "$name" /kosync export - 2>/dev/null | tail -1 | grep -q '"documents":1' || fail "the export"
podman --runtime runc exec "$name" /kosync check | grep -q 'No problems found' || fail "the check"
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
podman --runtime runc exec "$name" /kosync healthcheck || fail "the health check of the app"
podman --runtime runc stop --time 10 "$name" >/dev/null
[ "$(podman inspect "$name" --format '{{.State.ExitCode}}')" = 0 ] || fail "the app's exit code"
ok "Home Assistant's options, ingress, health check and stop"
echo PASSED
