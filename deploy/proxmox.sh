#!/usr/bin/env bash
# Makes an unprivileged Debian container with kosync on Proxmox VE 8 and newer. Run it as root on the host; docs/install.md says more.
#   ./proxmox.sh [ID [STORAGE]]    the container's number, by default the next free one, and where its disk is, by default local-lvm
set -euo pipefail
version=0.1.0
id=${1:-$(pvesh get /cluster/nextid)} storage=${2:-local-lvm}
pveam update >/dev/null
template=$(pveam available --section system | awk '/debian-12-standard/ { print $2 }' | tail -1)
pveam list local | grep -q "$template" || pveam download local "$template"
# nesting: systemd in the container keeps the service from what it does not need.
pct create "$id" "local:vztmpl/$template" --hostname kosync --unprivileged 1 --features nesting=1 --onboot 1 \
  --cores 1 --memory 512 --swap 0 --rootfs "$storage:4" --net0 name=eth0,bridge=vmbr0,ip=dhcp --start 1
pct exec "$id" -- bash -euc "
until getent hosts github.com >/dev/null; do sleep 1; done
apt-get update -qq && apt-get install -y -qq curl >/dev/null
package=kosync_$version-1_\$(dpkg --print-architecture).deb
curl -fsSLo /tmp/\$package https://github.com/kosync/kosync/releases/download/v$version/\$package
# The package listens on this machine alone, with registration closed.
mkdir -p /etc/systemd/system/kosync.socket.d
printf '[Socket]\nListenStream=\nListenStream=[::]:7200\n' >/etc/systemd/system/kosync.socket.d/network.conf
apt-get install -y -qq /tmp/\$package >/dev/null
sed -i 's/\"registration\": false/\"registration\": true/' /etc/kosync/config.json
systemctl restart kosync.socket kosync.service
kosync healthcheck
journalctl -u kosync.service -o cat | grep -i admin || true
printf 'Type http://%s:7200 into KOReader.\n' \"\$(hostname -I | cut -d ' ' -f 1)\"
"
