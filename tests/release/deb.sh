#!/usr/bin/env bash
# Installs, upgrades, removes and purges the Debian package in a Debian 12 of its own (systemd-nspawn), booted with systemd.
#   tests/release/deb.sh DEB [FOLDER]
# DEB is for this machine's architecture (scripts/release/deb.sh), FOLDER keeps a fresh Debian between runs; without it each run makes one.
# Needs root, debootstrap and systemd-container; prints SKIPPED without them. Not part of CI. Shows what lintian says, where it is installed.
set -euo pipefail
deb=$(realpath "${1:?the package}")
cd "$(dirname "$0")/../.."
skip() { printf 'SKIPPED: %s\n' "$*"; exit 0; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || skip "not root"
for tool in debootstrap systemd-nspawn; do command -v "$tool" >/dev/null || skip "no $tool"; done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fresh=${2:-$work/fresh}
if ! [ -e "$fresh/usr/bin/curl" ]; then
  mirror=$(awk '/^URIs:/ { print $2; exit } /^deb / { print $2; exit }' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null) || true
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,curl bookworm "$fresh" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1 ||
    skip "debootstrap failed: $(tail -1 "$work/debootstrap.log")"
fi
root=$work/root
cp -a --reflink=auto "$fresh" "$root"

# The package, and the same with a higher version, as an upgrade.
cp "$deb" "$root/srv/kosync.deb"
dpkg-deb --raw-extract "$deb" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -z1 --build "$work/next" "$root/srv/next.deb" >/dev/null

# Runs inside, at each of two boots.
cat >"$root/usr/local/bin/trial" <<'TRIAL'
#!/bin/bash
set -uo pipefail
url=http://127.0.0.1:7200
failed=0
check() { local text=$1; shift; if "$@" >/srv/last 2>&1; then echo "ok: $text"; else echo "FAILED: $text"; head -20 /srv/last; failed=1; fi; }
code() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
show() { systemctl show -p "$1" --value "$2"; }
at() { [ "$(curl -sSf "$url/syncs/progress/book" -u ada:correct | grep -o '"progress":"[^"]*"')" = "\"progress\":\"$1\"" ]; }
push() { curl -sSf -X PUT "$url/syncs/progress" -u ada:correct -d '{"document":"book","progress":"'"$1"'","percentage":0.5,"device":"t"}'; }
units="kosync.socket kosync.service kosync-backup.timer"
finish() { echo "$failed" >>/srv/failed; }
if ! [ -e /srv/booted ]; then
  touch /srv/booted
  check "it installs" dpkg -i /srv/kosync.deb
  check "it is started" systemctl is-active $units
  check "and at each boot" systemctl is-enabled $units
  check "it answers" test "$(code "$url/healthcheck")" = 200
  check "it listens on loopback alone" sh -c "grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 | grep ':1C20 ' | grep -v '0100007F:1C20 ' | wc -l | grep -qx 0"
  check "registration is closed" test "$(code "$url/users/create" -d '{"username":"a","password":"b"}')" = 402
  check "the password of admin is in the journal" sh -c 'journalctl -u kosync.service | grep -q admin'
  check "the command of README.Debian makes an account" sh -c 'echo correct | setpriv --reuid=kosync --regid=kosync --clear-groups env KOSYNC_DATA_DIR=/var/lib/kosync kosync user add --password-stdin ada'
  check "a push" push first
  check "a backup" systemctl start kosync-backup.service
  check "is a file of the service's" sh -c 'stat -c "%U %a" /var/lib/kosync-backup/kosync-*.mdb | grep -qx "kosync 600"'
  check "the data is the service's own" test "$(stat -c '%U:%G %a' /var/lib/kosync)" = 'kosync:kosync 700'
  check "it has man pages" sh -c 'zcat /usr/share/man/man1/kosync.1.gz | grep -q "^.TH kosync"'
  check "nothing is changed on the disk" dpkg --verify kosync

  # An upgrade: what the administrator has chosen stays, and so does the socket.
  echo '{ "registration": true }' >/etc/kosync/config.json
  systemctl disable --now --quiet kosync-backup.timer
  socket=$(show InvocationID kosync.socket) pid=$(show MainPID kosync.service)
  (for try in $(seq 300); do [ "$(code "$url/healthcheck")" = 200 ] || echo refused; [ ! -e /srv/upgraded ] || break; done) >/srv/refused &
  check "it upgrades" dpkg -i --force-confold /srv/next.deb
  check "to another process" test "$(show MainPID kosync.service)" != "$pid"
  touch /srv/upgraded
  wait
  check "behind the same socket" test "$(show InvocationID kosync.socket)" = "$socket"
  check "which refuses nobody meanwhile" test ! -s /srv/refused
  check "the settings stay, and hold" test "$(code "$url/users/create" -d '{"username":"bea","password":"b"}')" = 201
  check "the timer stays off" sh -c '! systemctl is-enabled kosync-backup.timer && ! systemctl is-active kosync-backup.timer'
  check "the position is there" at first
  check "a last push" push second
  check "nothing was refused by the sandbox" sh -c "! journalctl -u kosync.service -u kosync-backup.service | grep -iE 'SIGSYS|not permitted|permission denied|open-file limit'"
  finish
  systemctl reboot
  exit
fi
check "after a boot it is up" systemctl is-active kosync.socket kosync.service
check "with the position" at second
check "it can be removed" dpkg -r kosync
check "nothing runs then" sh -c '! systemctl is-active kosync.socket kosync.service && ! ls -l /proc/*/exe 2>/dev/null | grep bin/kosync'
check "nobody answers" test "$(code "$url/healthcheck")" = 000
check "the data stays" test -s /var/lib/kosync/data.mdb
check "and the settings" grep -q true /etc/kosync/config.json
check "it can come back" dpkg -i --force-confold /srv/kosync.deb
check "with the position" at second
check "and the timer off" sh -c '! systemctl is-enabled kosync-backup.timer'
check "it can be purged" sh -c 'dpkg -P kosync >/srv/purge'
check "which says what stays" grep -q '/var/lib/kosync has your data and stays' /srv/purge
check "the data stays" test -s /var/lib/kosync/data.mdb
check "and nothing else" sh -c '! find /etc /usr/bin /usr/lib /usr/share /var/lib/systemd/deb-systemd-helper* -iname "*kosync*" | grep .'
finish
[ "$(sort -u /srv/failed)" = 0 ] && touch /srv/passed
systemctl poweroff
TRIAL
chmod 755 "$root/usr/local/bin/trial"
cat >"$root/etc/systemd/system/trial.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/usr/local/bin/trial
StandardOutput=append:/srv/result
StandardError=append:/srv/result
[Install]
WantedBy=default.target
UNIT
systemctl --root="$root" --quiet enable trial.service
boot() {
  timeout 300 systemd-nspawn --quiet --register=no --keep-unit --private-network --directory="$root" --boot --console=pipe </dev/null >"$work/boot.log" 2>&1
}
boot || true
[ -e "$root/srv/result" ] || { tail -5 "$work/boot.log"; skip "systemd did not boot in a container here"; }
# A container that reboots starts again by itself where systemd-nspawn can; elsewhere it ends.
[ -e "$root/srv/passed" ] || [ "$(wc -l <"$root/srv/failed")" = 2 ] || boot || true
cat "$root/srv/result"
[ -e "$root/srv/passed" ] || fail "see above"
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error,warning "$deb" || fail "lintian"
  echo "ok: lintian finds neither an error nor a warning"
fi
echo PASSED
