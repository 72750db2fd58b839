# Part of tests/nix/nspawn.sh, within the container: switches between the systems in /srv/systems and looks at the sockets.

# Switches by the rules of NixOS ("Unit handling" in its manual): of the active units whose text differs, a socket is left as it is, and a
# service restarts with X-StopIfChanged=false, or else stops with its socket, which is then started. Last, all targets start.
switch() {
  local to=/srv/systems/$1 unit name stop=() start=() restart=()
  for unit in "$to"/units/*; do
    name=${unit##*/}
    cmp -s "$unit" "/etc/systemd/system/$name" && continue
    systemctl -q is-active "$name" || continue
    case $name in
    *.socket) ;;
    *) if grep -q '^X-StopIfChanged=false' "$unit"; then restart+=("$name"); else
      stop+=("$name" "${name%.service}.socket")
      start+=("${name%.service}.socket")
    fi ;;
    esac
  done
  [ "${#stop[@]}" = 0 ] || systemctl stop "${stop[@]}" 2>/dev/null
  cp "$to"/units/* /etc/systemd/system/
  systemd-tmpfiles --create "$to/tmpfiles.conf"
  systemctl daemon-reload
  # NixOS submits each unit by a call of its own, in any order, and then waits for all. The worst order: the server before its socket.
  local index
  for ((index = ${#restart[@]} - 1; index >= 0; index--)); do systemctl restart --no-block "${restart[index]}"; done
  for unit in "${start[@]}"; do systemctl start --no-block "$unit"; done
  while systemctl list-jobs --no-legend | grep -q kosync; do sleep 0.1; done
  systemctl start sockets.target multi-user.target
}
# 7: the connection was refused.
refuses() { curl -s -o /dev/null --max-time 5 "$1"; [ $? = 7 ]; }
answers() { [ "$(code --max-time 20 "$@")" = 200 ]; }
command=/srv/systems/closed/kosync

rm -rf /etc/systemd/system/kosync.service.d
systemctl stop kosync.socket kosync.service 2>/dev/null
switch closed
systemctl start kosync-listen.service kosync.socket kosync.service
check "switch: the module's system answers" answers "$url/healthcheck"
check "switch: and only on the loopback address" refuses http://127.0.0.2:7200/healthcheck

switch open
check "switch: to ::, which answers on every address" answers http://127.0.0.2:7200/healthcheck
switch closed
check "switch: back from ::, the port is closed" refuses http://127.0.0.2:7200/healthcheck
check "switch: back from ::, the loopback address answers" answers "$url/healthcheck"
journalctl --sync; since=$(date '+%Y-%m-%d %H:%M:%S.%6N')
switch port
check "switch: another port answers" answers http://127.0.0.1:7300/healthcheck
check "switch: and other settings with it" answers http://127.0.0.1:7300/metrics
check "switch: no start failed in between" sh -c "! journalctl -u kosync.service -u kosync.socket --since '$since' -q | grep -i 'failed'"
check "switch: another port, the old one is closed" refuses "$url/healthcheck"

# The port of the next system is taken: the switch fails visibly, and the one after it succeeds.
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:7301", Listen => 1) or die; sleep 1000' &
blocker=$!
while curl -s -o /dev/null --max-time 1 http://127.0.0.1:7301; [ $? = 7 ] && kill -0 $blocker; do sleep 0.1; done
switch taken >/dev/null 2>&1
check "switch: a port that another program has is a failed socket" systemctl is-failed kosync.socket
kill $blocker; wait $blocker 2>/dev/null
switch closed
check "switch: and the next switch repairs it" answers "$url/healthcheck"

# Connections that begin while the server restarts wait. One that the old server has taken over, and whose request has not arrived when it
# stops, is closed: that is no refusal (7), and curl says 52 or 56.
main=$(main_pid)
touch /srv/knocking
(while [ -e /srv/knocking ]; do curl -s -o /dev/null --max-time 20 "$url/healthcheck"; echo $?; done) >/srv/codes &
knocking=$!
switch settings
check "switch: other settings restart the server" test "$(main_pid)" != "$main"
check "switch: other settings are in force" answers "$url/metrics"
rm /srv/knocking; wait $knocking
check "switch: other settings, no connection was refused ($(wc -l </srv/codes) were made)" sh -c '! grep -vxE "0|52|56" /srv/codes'
main=$(main_pid)
switch settings
check "switch: nothing has changed, and nothing restarts" test "$(main_pid)" = "$main"

for _ in 1 2 3 4 5 6 7 8; do systemctl restart kosync.service; done
check "eight restarts in a row leave the socket open" systemctl is-active kosync.socket
check "and the server answers" answers "$url/healthcheck"
config=$(systemctl show -p ExecStart kosync.service | grep -o '/srv/settings/[^ ;]*')
cp "$config" /srv/right.json
echo '{ "registraton": 1 }' >"$config"
for _ in 1 2 3 4 5 6 7 8; do systemctl restart kosync.service >/dev/null 2>&1; done
check "eight failed starts in a row leave the socket open" systemctl is-active kosync.socket
cp /srv/right.json "$config"
check "and a connection waits for the start that succeeds" answers "$url/healthcheck"

groupadd -f readers; groupadd -f acme; id -u proxy-user >/dev/null 2>&1 || useradd -G readers proxy-user
journalctl --sync; since=$(date '+%Y-%m-%d %H:%M:%S.%6N')
switch unix
check "unix socket: the group's members connect" setpriv --reuid=proxy-user --regid=proxy-user --init-groups curl -sSf --unix-socket /run/kosync/http.sock http://k/healthcheck
check "unix socket: others do not" sh -c '! setpriv --reuid=nobody --regid=nogroup --clear-groups curl -sSf --unix-socket /run/kosync/http.sock http://k/healthcheck'
check "unix socket: no port is open" refuses "$url/healthcheck"
switch both
check "unix socket beside a port: both answer" sh -c "curl -sSf --unix-socket /run/kosync/http.sock http://k/healthcheck && curl -sSf $url/healthcheck"
# Between the reload and the restart systemd says that the socket's configuration has changed, which is so.
check "unix socket: systemd has no other warning" sh -c "! journalctl -u kosync.socket --since '$since' -p warning -q | grep -v 'configuration has changed'"
switch closed
check "unix socket: it is closed without it" sh -c '! curl -sSf --unix-socket /run/kosync/http.sock http://k/healthcheck'

chgrp acme /var/lib/acme /var/lib/acme/*.pem; chmod 750 /var/lib/acme; chmod 640 /var/lib/acme/key.pem
switch tls
check "ACME: the service reads files of its extra group" answers -k https://127.0.0.1:7200/healthcheck

install -d -m 2775 -g users /srv/shared
switch shared 2>/dev/null
check "an existing directory keeps owner and mode" test "$(stat -c '%U:%G %a' /srv/shared)" = 'root:users 2775'
check "a new one is the service's own" test "$(stat -c '%U:%G %a' /srv/mine/backups)" = 'kosync:kosync 700'
usermod -aG users kosync
systemctl restart kosync.service
check "an existing directory that the user may write to is used" answers "$url/healthcheck"
check "and a backup is made" systemctl start kosync-backup.service
check "and it still has its owner and mode" test "$(stat -c '%U:%G %a' /srv/shared)" = 'root:users 2775'
switch closed
check "back at the first data directory, a push" push second-to-last

cd /root; rm -f books.jsonl books.mdb
check "root's export in /root" "$command" export books.jsonl
check "is root's to read, and nobody else's" test "$(stat -c %a books.jsonl)" = 600
check "root's import in /root" sh -c "$command import --dry-run books.jsonl && $command import books.jsonl"
check "root's backup in /root" "$command" backup books.mdb
check "root's restore of it, to where only root may write" "$command" restore books.mdb --data-dir /srv/again
check "root's check of a settings file there" sh -c "install -m 600 /srv/right.json settings.json && $command check-config settings.json"
check "by a pipe" sh -c "$command export - >piped.jsonl && test -s piped.jsonl"
check "all that it wrote is the service's" sh -c '! find /var/lib/kosync /srv/again ! -user kosync | grep .'
check "root's other commands have no power over files" sh -c "! KOSYNC_DATA_DIR=/root $command user list"
check "the service's user needs nothing" setpriv --reuid=kosync --regid=kosync --init-groups "$command" user list
check "the service still works on its data" at second-to-last
cd /
