#!/usr/bin/env bash
# Runs the units of nixos/systemd/ in a Debian container of its own (systemd-nspawn), booted with systemd.
#   tests/nix/nspawn.sh BINARY [FOLDER]
# BINARY is a kosync for this machine's Debian, FOLDER keeps the system between runs; without it each run creates one.
# Then switches between systems that nixos/module.nix describes, by the rules of NixOS's switch-to-configuration (tests/nix/switch.sh).
# Needs root, debootstrap, systemd-container, nix-bin, jq and openssl; prints SKIPPED without them. Not part of CI.
set -euo pipefail
binary=$(realpath "${1:?the binary}")
cd "$(dirname "$0")/../.."
skip() { printf 'SKIPPED: %s\n' "$*"; exit 0; }
[ "$(id -u)" = 0 ] || skip "not root"
for tool in debootstrap systemd-nspawn nix-instantiate jq openssl; do command -v "$tool" >/dev/null || skip "no $tool"; done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=${2:-$work/root}
if ! [ -e "$root/usr/bin/curl" ]; then
  # Same mirror and release as this machine.
  mirror=$(awk '/^URIs:/ { print $2; exit } /^deb / { print $2; exit }' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null) || true
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,curl,strace \
    "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1 ||
    skip "debootstrap failed: $(tail -1 "$work/debootstrap.log")"
fi

install -m 755 "$binary" "$root/usr/local/bin/kosync"
install -d "$root/etc/kosync" "$root/etc/systemd/system/kosync.service.d" "$root/srv"
install -m 644 nixos/systemd/kosync.json "$root/etc/kosync/config.json"
install -m 644 nixos/systemd/kosync.service nixos/systemd/kosync.socket nixos/systemd/kosync-backup.service \
  nixos/systemd/kosync-backup.timer "$root/etc/systemd/system/"
install -D -m 644 nixos/systemd/kosync.sysusers.conf "$root/etc/sysusers.d/kosync.conf"
# The password file is readable by root only; the service gets it as a credential.
install -m 400 /dev/stdin "$root/etc/kosync/admin-password" <<<'correct horse'
cat >"$root/etc/systemd/system/kosync.service.d/password.conf" <<'UNIT'
[Service]
LoadCredential=admin-password:/etc/kosync/admin-password
Environment=KOSYNC_ADMIN_PASSWORD_FILE=%d/admin-password
UNIT
# What an earlier run left behind.
rm -rf "$root/var/lib/kosync" "$root/var/lib/kosync-backup" "$root/srv" "$root/var/log/journal" "$root/etc/systemd/system/kosync-listen.service"
mkdir -p "$root/srv/systems"
describe() { tests/nix/check.sh --system "$root/srv/systems/$1" "{ enable = true; $2 }"; }
describe closed ''
describe settings 'settings.metrics = true;'
describe open 'address = "::";'
describe port 'port = 7300; settings.metrics = true;'
describe taken 'port = 7301;'
describe unix 'address = null; unixSocket = { path = "/run/kosync/http.sock"; group = "readers"; }; settings.trusted_proxies = [ "unix" ];'
describe both 'unixSocket = { path = "/run/kosync/http.sock"; group = "readers"; };'
describe tls 'extraGroups = [ "acme" ]; settings = { tls_certificate = "/var/lib/acme/cert.pem"; tls_key = "/var/lib/acme/key.pem"; };'
describe shared 'dataDir = "/srv/shared"; backup = { enable = true; directory = "/srv/mine/backups"; };'
rm -rf "$root/var/lib/acme"
install -d "$root/var/lib/acme"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout "$root/var/lib/acme/key.pem" -out "$root/var/lib/acme/cert.pem" 2>/dev/null
install -m 644 tests/nix/switch.sh "$root/usr/local/lib/switch.sh"

# Runs inside, at each of two boots; the second follows a simulated power cut.
cat >"$root/usr/local/bin/trial" <<'TRIAL'
#!/bin/bash
set -uo pipefail
url=http://127.0.0.1:7200
admin=(-u 'admin:correct horse')
failed=0
check() { local text=$1; shift; if "$@" >/srv/last 2>&1; then echo "ok: $text"; else echo "FAILED: $text"; head -20 /srv/last; failed=1; fi; }
code() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
main_pid() { systemctl show -p MainPID --value kosync.service; }
inside() { nsenter -t "$(main_pid)" -m -n -- "$@"; }
push() { curl -sSf -X PUT "$url/syncs/progress" "${admin[@]}" -d '{"document":"book","progress":"'"$1"'","percentage":0.5,"device":"t"}'; }
at() { [ "$(curl -sSf "$url/syncs/progress/book" "${admin[@]}" | grep -o '"progress":"[^"]*"')" = "\"progress\":\"$1\"" ]; }
if ! [ -e /srv/booted ]; then
  touch /srv/booted
  check "the socket is there before the service answers" systemctl is-active kosync.socket
  systemctl stop kosync.service
  check "a connection starts it" test "$(code "$url/healthcheck")" = 200
  check "it has told that it is ready" systemctl is-active kosync.service
  check "the watchdog is on" test "$(systemctl show -p WatchdogUSec --value kosync.service)" = 1min
  check "the password came as a credential" test "$(code "$url/manage/users" "${admin[@]}")" = 200
  check "another is refused" test "$(code "$url/manage/users" -u admin:wrong)" = 401
  check "registration is off" test "$(code "$url/users/create" -d '{"username":"a","password":"b"}')" = 402
  check "a push" push first
  start=$(date +%s%N); systemctl stop kosync.service; took=$((($(date +%s%N) - start) / 1000000))
  check "it stops within a second ($took ms)" test "$took" -lt 1000
  check "with success" test "$(systemctl show -p Result --value kosync.service)" = success
  check "the position is there after a restart" at first
  kill -9 "$(main_pid)"
  check "and after a kill, for which systemd starts it again" at first
  check "it has no network but the loopback, which is down" sh -c "! ip -n x link 2>/dev/null; nsenter -t $(main_pid) -n cat /proc/net/dev | grep -c : | grep -qx 1"
  check "other people's files cannot be seen" sh -c "touch /root/secret; ! nsenter -t $(main_pid) -m ls -A /root | grep -q ."
  check "nothing but its data can be written" sh -c "! nsenter -t $(main_pid) -m touch /etc/x /srv/x /usr/x 2>/dev/null"
  check "its data is its own" test "$(stat -c '%U:%G %a' /var/lib/kosync)" = 'kosync:kosync 700'
  check "the command line works beside it" setpriv --reuid=kosync --regid=kosync --clear-groups env KOSYNC_DATA_DIR=/var/lib/kosync kosync user list
  check "a backup" systemctl start kosync-backup.service
  check "is a file of its own" sh -c 'stat -c "%U %a" /var/lib/kosync-backup/kosync-*.mdb | grep -qx "kosync 600"'
  check "and becomes a data directory" kosync --data-dir /srv/restored restore /var/lib/kosync-backup/kosync-*.mdb
  check "nothing was refused by the sandbox" sh -c "! journalctl -u kosync.service -u kosync-backup.service | grep -iE 'SIGSYS|not permitted|permission denied|open-file limit'"
  check "the journal has the fields" sh -c "journalctl -o verbose -u kosync.service | grep -q '_SYSTEMD_UNIT=kosync.service'"
  check "the exposure is small" systemd-analyze security kosync.service --threshold=10 --no-pager
  . /usr/local/lib/switch.sh
  check "the last push before the power cut" push second
  echo "$failed" >/srv/first
  sync -f /srv
  # Simulates a power cut: no process gets a signal first.
  kill -9 "$(main_pid)"; systemctl --force --force poweroff
  exit
fi
check "after a power cut the position is there" at second
check "and the service is up" systemctl is-active kosync.service
[ "$failed$(cat /srv/first)" = 00 ] && touch /srv/passed
systemctl poweroff
TRIAL
chmod 755 "$root/usr/local/bin/trial"
cat >"$root/etc/systemd/system/trial.service" <<'UNIT'
[Unit]
After=multi-user.target kosync.service
[Service]
Type=oneshot
ExecStart=/usr/local/bin/trial
StandardOutput=append:/srv/result
StandardError=append:/srv/result
[Install]
WantedBy=default.target
UNIT
systemd-sysusers --root="$root" "$root/etc/sysusers.d/kosync.conf"
systemctl --root="$root" --quiet enable kosync.socket kosync.service kosync-backup.timer trial.service

boot() {
  timeout 240 systemd-nspawn --quiet --register=no --keep-unit --private-network --directory="$root" --boot --console=pipe \
    </dev/null >"$work/boot.log" 2>&1
}
boot || true
[ -e "$root/srv/result" ] || { tail -5 "$work/boot.log"; skip "systemd did not boot in a container here"; }
boot || true
cat "$root/srv/result"
[ -e "$root/srv/passed" ] || { echo "FAILED"; exit 1; }
echo "PASSED"
