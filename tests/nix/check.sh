#!/usr/bin/env bash
# Checks the NixOS module and the flake with nothing but Debian's nix-bin, jq and systemd: no nixpkgs, no network.
#   tests/nix/check.sh            checks
#   tests/nix/check.sh --write    writes nixos/systemd/, the units for systems without Nix
#   tests/nix/check.sh --system DIRECTORY OPTIONS    writes what tests/nix/nspawn.sh switches to
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NIX_CONFIG="build-users-group ="
# Uses a private store where there is no /nix.
if ! [ -w /nix/var/nix ]; then
  export NIX_STORE_DIR=/nix/store NIX_STATE_DIR=$work/state NIX_LOG_DIR=$work/log NIX_REMOTE="local?root=$work/nix"
fi

# evaluate OPTIONS ATTRIBUTE [ARGUMENT ...]: evaluates the module with a set of options.
evaluate() {
  local options=$1 attribute=$2
  shift 2
  nix-instantiate --eval --strict --json --read-write-mode tests/nix/eval.nix --arg module "$PWD/nixos/module.nix" --arg user "$options" "$@" -A "$attribute"
}
ok() { printf 'ok: %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
# holds TEXT OPTIONS FILTER: checks the evaluated result with a jq filter.
holds() {
  evaluate "$2" result >"$work/result" || fail "$1"
  jq -e "$3" "$work/result" >/dev/null || { jq . "$work/result" >&2; fail "$1"; }
  ok "$1"
}
# refused OPTIONS TEXT: checks that an option's type refuses the value, with a message that contains the text.
refused() {
  if evaluate "$1" result >/dev/null 2>"$work/error"; then fail "accepted: $1"; fi
  grep -q "$2" "$work/error" || { cat "$work/error" >&2; fail "$1 is refused for another reason"; }
  ok "refused: $1"
}
# asserted OPTIONS TEXT: checks that exactly one assertion fails, with this text.
asserted() {
  holds "asserted: $1" "$1" "(.failedAssertions | length == 1) and (.failedAssertions[0] | contains(\"$2\"))"
}

# Prints the units for a machine without Nix: the binary in /usr/local/bin, the settings in /etc/kosync/config.json.
plain_units() {
  local to=$1 unit
  evaluate '{ enable = true; backup.enable = true; }' units --arg package '{ type = "derivation"; outPath = "/usr/local"; meta.mainProgram = "kosync"; }' >"$work/units"
  for unit in kosync.service kosync.socket kosync-backup.service kosync-backup.timer; do
    { echo '# Generated from nixos/module.nix by `tests/nix/check.sh --write`; docs/systemd.md says how to install it.'
      case $unit in
      kosync.socket) echo '# Another address: `systemctl edit kosync.socket` (an empty ListenStream= first), then `systemctl restart kosync.socket`.' ;;
      kosync.service)
        echo '# Settings: /etc/kosync/config.json, which closes registration. To create an account, as root:'
        echo '#   sudo -u kosync env KOSYNC_DATA_DIR=/var/lib/kosync /usr/local/bin/kosync user add NAME'
        ;;
      *) echo '# To change it: `systemctl edit '"$unit"'`.' ;;
      esac
      jq -r --arg unit "$unit" '.[$unit]' "$work/units" |
        sed -E -e 's#^ExecPaths=/nix/store$#ExecPaths=/usr -/lib -/lib64#' -e 's#/coreutils/bin#/usr/bin#' \
          -e 's#--config /nix/store/[^ ]*-kosync.json#--config /etc/kosync/config.json#' -e '/^PartOf=kosync-listen/d' -e '/^X-/d' -e '${/^$/d}'
    } >"$to/$unit"
    if grep -q /nix/store "$to/$unit"; then fail "$unit has a path of Nix's"; fi
  done
}
# Writes a whole system of the module: its units, settings file, tmpfiles and command, with Debian's programs and the binary in /usr/local/bin.
system() {
  local to=$1 options=$2 unit config
  local package=(--arg package '{ type = "derivation"; outPath = "/usr/local"; meta.mainProgram = "kosync"; }')
  mkdir -p "$to/units"
  evaluate "$options" units "${package[@]}" >"$work/units"
  evaluate "$options" result "${package[@]}" >"$work/result"
  jq -e '.failedAssertions == []' "$work/result" >/dev/null || fail "$options"
  config=$(jq -r '.serviceConfig.kosync.ExecStart' "$work/result" | sed 's/.*--config //')
  [ -e "$config" ] || config=$work/nix$config
  install -m 644 "$config" "$to/kosync.json"
  for unit in $(jq -r 'keys[]' "$work/units"); do
    # The settings file is named after its content, as in the store: other settings are another unit.
    jq -r --arg unit "$unit" '.[$unit]' "$work/units" |
      sed -E -e 's#^ExecPaths=/nix/store$#ExecPaths=/usr -/lib -/lib64#' -e 's#/coreutils/bin#/usr/bin#' \
        -e "s#--config /nix/store/([^ ]*)-kosync.json#--config /srv/settings/\\1-kosync.json#" >"$to/units/$unit"
  done
  install -D -m 644 "$config" "$(dirname "$to")/../settings/${config##*/}"
  jq -r '.tmpfiles["10-kosync"] // {} | to_entries[] | "d \(.key) \(.value.d.mode) \(.value.d.user) \(.value.d.group) -"' "$work/result" >"$to/tmpfiles.conf"
  { echo '#!/bin/bash'; jq -r '.commands[0]' "$work/result" | sed 's#/coreutils/bin\|/util-linux/bin#/usr/bin#'; } >"$to/kosync"
  chmod 755 "$to/kosync"
}
if [ "${1-}" = --system ]; then
  system "$2" "$3"
  exit
fi
if [ "${1-}" = --write ]; then
  mkdir -p nixos/systemd
  plain_units nixos/systemd
  exit
fi

for file in flake.nix nixos/*.nix tests/nix/eval.nix; do
  nix-instantiate --parse "$file" >/dev/null || fail "$file"
done
ok "everything parses"
evaluate '{ }' options | jq -e 'length > 12 and all(.hasDescription)' >/dev/null || fail "every option has a description"
ok "every option has a description"

holds "disabled, it does nothing" '{ enable = false; }' \
  '.serviceConfig == {} and .socketConfig == {} and .users == {} and .firewall == [] and .commands == [] and .tmpfiles == {}'
holds "the default" '{ enable = true; }' '
  .failedAssertions == [] and .warnings == [] and .firewall == [] and .socketConfig.kosync.listenStreams == ["127.0.0.1:7200"]
  and .serviceConfig.kosync.StateDirectory == "kosync" and (.serviceConfig.kosync | has("LoadCredential") or has("ReadWritePaths") | not)
  and (.serviceConfig | keys == ["kosync", "kosync-listen"]) and (.environment.kosync | keys == ["KOSYNC_DATA_DIR"])'
full='{ enable = true; address = "::"; port = 9; openFirewall = true; dataDir = "/srv/k"; adminPasswordFile = "/run/s";
  users.ada.passwordFile = "/run/a"; users."jörg 本".passwordFile = "/run/j";
  backup = { enable = true; directory = "/mnt/b"; keep = 3; startAt = "hourly"; }; settings.log_level = "debug"; }'
holds "everything set" "$full" '
  .failedAssertions == [] and .firewall == [9] and .socketConfig.kosync.listenStreams == ["[::]:9"]
  and .serviceConfig.kosync.LoadCredential == ["admin-password:/run/s", "account-0:/run/a", "account-1:/run/j"]
  and .environment.kosync.KOSYNC_ADMIN_PASSWORD_FILE == "%d/admin-password" and .environment.kosync.KOSYNC_DATA_DIR == "/srv/k"
  and .serviceConfig.kosync.ReadWritePaths == ["/srv/k"] and (.serviceConfig.kosync | has("StateDirectory") | not)
  and .serviceConfig["kosync-backup"].ReadWritePaths == ["/srv/k", "/mnt/b"]
  and (.serviceConfig["kosync-backup"].ExecStart | endswith("/bin/kosync backup --keep 3 /mnt/b")) and .startAt["kosync-backup"] == "hourly"
  and (.tmpfiles["10-kosync"] | keys == ["/mnt/b", "/srv/k"] and all(.d == { user: ":kosync", group: ":kosync", mode: ":0700" })) and (.commands[0] | contains("-/srv/k}"))'
config=$(evaluate "$full" result | jq -r '.serviceConfig.kosync.ExecStart' | sed 's/.*--config //')
[ -e "$config" ] || config=$work/nix$config
jq -e '. == { registration: false, log_level: "debug", accounts: [
    { name: "ada", password_file: "/run/credentials/kosync.service/account-0" },
    { name: "jörg 本", password_file: "/run/credentials/kosync.service/account-1" } ] }' "$config" >/dev/null || fail "the settings file"
ok "the settings file has no secret, and the accounts by their credentials"
# settings_file OPTIONS [ARGUMENT ...]: prints the settings file that the unit names.
settings_file() {
  local file
  file=$(evaluate "$1" result "${@:2}" | jq -r '.serviceConfig.kosync.ExecStart' | sed 's/.*--config //')
  [ -e "$file" ] || file=$work/nix$file
  cat "$file"
}
# in_build OPTIONS: runs the script that makes the settings file, as the build of a system does, with the real binary.
in_build() {
  local script unchecked
  settings_file "$1" --arg scripts true >"$work/build" || fail "$1"
  unchecked=$(jq -r .unchecked "$work/build")
  [ -e "$unchecked" ] || unchecked=$work/nix$unchecked
  script=$(jq -r .script "$work/build" | sed "s#/nix/store/[^ ]*/bin/kosync#$(realpath "$KOSYNC")#")
  rm -rf "$work/building"
  mkdir "$work/building"
  (cd "$work/building" && out=$work/building/out unchecked=$unchecked bash -eu -c "$script") >"$work/error" 2>&1
}
settings_file '{ enable = true; }' --arg scripts true | jq -e '.script | contains("/bin/kosync check-config")' >/dev/null || fail "settings are checked"
settings_file '{ enable = true; }' --arg scripts true --arg cross true | jq -e '. == { registration: false }' >/dev/null || fail "settings are not checked where the binary cannot run"
ok "a build checks the settings, unless it is for another kind of processor"
if [ -n "${KOSYNC-}" ]; then
  in_build "$full" && jq -e '.accounts | length == 2' "$work/building/out" >/dev/null || fail "$(cat "$work/error")"
  ok "a build takes right settings, without the credentials"
  for mistake in 'registraton = true;|unknown key `registraton`; did you mean `registration`?' 'log_level = "loud";|key `log_level`: unknown variant' \
    'current_position = "first";|key `current_position`: unknown variant' 'language = "German";|key `language`: unknown variant' \
    'mqtt.hots = "b";|unknown key `mqtt.hots`; did you mean `host`?' 'tls_key = "/var/lib/k";|set `tls_certificate`'; do
    if in_build "{ enable = true; settings = { ${mistake%|*} }; }"; then fail "built: ${mistake%|*}"; fi
    grep -qF "${mistake#*|}" "$work/error" || fail "$(cat "$work/error")"
    grep -q '^services.kosync.settings:1: ' "$work/error" || fail "$(cat "$work/error")"
    ok "no build: settings.${mistake%|*}"
  done
  # The real server accepts the file; only the credentials are missing.
  if "$KOSYNC" --config "$config" --data-dir "$work/data" --listen 127.0.0.1:0 2>"$work/error"; then fail "the server started"; fi
  grep -q 'account ada: file /run/credentials/kosync.service/account-0: No such file' "$work/error" || fail "$(cat "$work/error")"
  ok "the server reads the settings file"
fi

holds "a broker is reached, and its password a credential" \
  '{ enable = true; settings.mqtt = { host = "broker.lan"; username = "kosync"; }; mqttPasswordFile = "/run/m"; backup.enable = true; }' '
  .failedAssertions == [] and .serviceConfig.kosync.PrivateNetwork == false and .serviceConfig["kosync-backup"].PrivateNetwork == true
  and .serviceConfig.kosync.RestrictAddressFamilies == ["AF_UNIX", "AF_INET", "AF_INET6"] and .serviceConfig.kosync.SocketBindDeny == "any"
  and .serviceConfig.kosync.LoadCredential == ["mqtt-password:/run/m"]'
config=$(jq -r '.serviceConfig.kosync.ExecStart' "$work/result" | sed 's/.*--config //')
[ -e "$config" ] || config=$work/nix$config
jq -e '.mqtt == { host: "broker.lan", username: "kosync", password_file: "/run/credentials/kosync.service/mqtt-password" }' "$config" >/dev/null || fail "the broker in the settings file"
ok "the settings file names the broker's credential"

holds "settings.mqtt = null means none" '{ enable = true; settings = { mqtt = null; max_documents = null; }; }' \
  '.failedAssertions == [] and .serviceConfig.kosync.PrivateNetwork == true'
config=$(jq -r '.serviceConfig.kosync.ExecStart' "$work/result" | sed 's/.*--config //')
[ -e "$config" ] || config=$work/nix$config
jq -e '. == { registration: false }' "$config" >/dev/null || fail "null in the settings file"
ok "null is not in the settings file"
holds "a unix socket, alone" '{ enable = true; address = null; unixSocket = { path = "/run/k.sock"; group = "nginx"; }; extraGroups = [ "acme" ]; }' '
  .failedAssertions == [] and .socketConfig.kosync.listenStreams == ["/run/k.sock"] and .socketConfig.kosync.SocketGroup == "nginx"
  and .socketConfig.kosync.SocketMode == "0660" and (.socketConfig.kosync | has("NoDelay") | not)
  and .serviceConfig.kosync.SupplementaryGroups == ["acme"]'
holds "a unix socket beside an address" '{ enable = true; unixSocket.path = "/run/k.sock"; }' \
  '.failedAssertions == [] and .socketConfig.kosync.listenStreams == ["127.0.0.1:7200", "/run/k.sock"]'
holds "TLS by files outside of the store" '{ enable = true; settings = { tls_certificate = "/var/lib/acme/b/fullchain.pem"; tls_key = "/var/lib/acme/b/key.pem"; }; }' \
  '.failedAssertions == []'
holds "a restart has no limit, and leaves the socket open" '{ enable = true; }' \
  '.switch.kosync.startLimitIntervalSec == 0 and .switch.kosync.stopIfChanged == false'
# A switch compares the text of units. A changed socket alone is left as it is.
trigger() { evaluate "$1" units | jq -r '."kosync-listen.service"' | sha256sum; }
for other in 'port = 7300;' 'address = "::";' 'unixSocket.path = "/run/k.sock";' 'unixSocket = { path = "/run/k.sock"; group = "nginx"; };'; do
  [ "$(trigger "{ enable = true; $other }")" != "$(trigger '{ enable = true; }')" ] || fail "a switch to $other leaves the socket as it was"
done
[ "$(trigger '{ enable = true; unixSocket = { path = "/run/k.sock"; group = "nginx"; }; }')" != "$(trigger '{ enable = true; unixSocket.path = "/run/k.sock"; }')" ] ||
  fail "a switch to another group leaves the socket as it was"
[ "$(trigger '{ enable = true; settings.metrics = true; openFirewall = true; users.ada.passwordFile = "/run/a"; }')" = "$(trigger '{ enable = true; }')" ] ||
  fail "a switch to other settings closes the socket"
evaluate '{ enable = true; }' units | jq -e '."kosync.socket" | contains("PartOf=kosync-listen.service")' >/dev/null || fail "the socket follows kosync-listen.service"
ok "a switch to another address restarts the socket, any other does not"

refused '{ enable = true; port = 70000; }' 'option services.kosync.port'
refused '{ enable = true; adminPasswordFile = /etc/hosts; }' 'option services.kosync.adminPasswordFile'
refused '{ enable = true; users.ada.passwordFile = "/nix/store/x"; }' 'option services.kosync.users.ada.passwordFile'
refused '{ enable = true; settings.tls_key = ./key.pem; }' 'option services.kosync.settings.tls_key'
refused '{ enable = true; settings.tls_certificate = "/nix/store/x"; }' 'option services.kosync.settings.tls_certificate'
refused '{ enable = true; unixSocket.path = "k.sock"; }' 'option services.kosync.unixSocket.path'
refused '{ enable = true; users.ada = { }; }' 'option services.kosync.users.ada.passwordFile has no value'
refused '{ enable = true; backup = { enable = true; keep = 0; }; }' 'option services.kosync.backup.keep'
refused '{ enable = true; nonsense = 1; }' 'unknown option'
for address in localhost '[::]' 0.0.0.0:80 '' 1.2.3 256.1.1.1 01.2.3.4 1:2:3:4:5:6:7 1::2::3 ::: 1:2:3:4:5:6:7:8:9 'fe80::1%eth0' '*' : :1 1: g::1 12345::; do
  asserted "{ enable = true; address = \"$address\"; }" 'no IPv4 or IPv6 address'
done
for address in 0.0.0.0 192.0.2.1 :: ::1 2001:db8::1 2001:db8:: 1:2:3:4:5:6:7:8 ::ffff:192.0.2.1; do
  holds "address $address" "{ enable = true; address = \"$address\"; }" '.failedAssertions == []'
done
asserted '{ enable = true; address = null; }' 'set `address` or `unixSocket.path`'
for directory in /home/k /home /root/k /run/user/1000/k /tmp/k /var/tmp/k; do
  asserted "{ enable = true; dataDir = \"$directory\"; }" '`dataDir` is `'"$directory"'`, but the service sees no files below /home'
  asserted "{ enable = true; backup = { enable = true; directory = \"$directory\"; }; }" '`backup.directory` is `'"$directory"'`, but'
done
for directory in /srv//k /srv/k/ /srv/../k /srv/. /; do
  asserted "{ enable = true; dataDir = \"$directory\"; }" 'write the path without'
done
for directory in '/srv/my books' '/srv/%h' '/srv/\"k' "/srv/'k" '/srv/${"$"}k' '/srv/`k' '/srv/{k}'; do
  asserted "{ enable = true; dataDir = \"$directory\"; }" '`dataDir` has a blank or'
done
asserted '{ enable = true; backup = { enable = true; directory = "/mnt/a b"; }; }' '`backup.directory` has a blank or'
asserted '{ enable = true; adminPasswordFile = "/run/a b"; }' '`adminPasswordFile` has a blank or'
asserted '{ enable = true; settings.mqtt = { host = "b"; username = "u"; }; mqttPasswordFile = "/run/%i"; }' '`mqttPasswordFile` has a blank or'
asserted '{ enable = true; users.ada.passwordFile = "/run/a b"; }' '`users.ada.passwordFile` has a blank or'
asserted '{ enable = true; unixSocket.path = "/run/%t"; }' '`unixSocket.path` has a blank or'
asserted "{ enable = true; unixSocket.path = \"/run/$(printf %0104d 0)\"; }" 'longer than the 107 bytes'
asserted '{ enable = true; settings = { tls_certificate = "/root/c.pem"; tls_key = "/srv/k.pem"; }; }' '`settings.tls_certificate` is `/root/c.pem`, but'
asserted '{ enable = true; settings = { tls_certificate = "/srv/c.pem"; tls_key = "/home/k.pem"; }; }' '`settings.tls_key` is `/home/k.pem`, but'
for name in a:b '' ' ' "$(printf %0256d 0)" '\t' 'a\nb'; do
  asserted "{ enable = true; users.\"$name\".passwordFile = \"/run/a\"; }" 'a name has 1 to 255 bytes, no colon'
done
holds "names as long and as odd as allowed" "{ enable = true; users.\"$(printf %0255d 0)\".passwordFile = \"/run/a\"; users.\"Jörg 本 b\".passwordFile = \"/run/b\"; }" '.failedAssertions == []'

asserted '{ enable = true; settings.listen = "[::]:1"; }' 'not `settings.listen`'
asserted '{ enable = true; settings.data_dir = "/x"; }' '`settings.data_dir`'
asserted '{ enable = true; settings.admin_password = "x"; }' 'readable by all users'
asserted '{ enable = true; settings.metrics_listen = "[::]:1"; }' 'settings.metrics = true'
asserted '{ enable = true; settings.ingress_listen = "[::]:1"; }' 'Home Assistant'
asserted '{ enable = true; settings.mqtt = { host = "b"; password = "x"; }; }' '`mqttPasswordFile`, not'
asserted '{ enable = true; settings.mqtt.host = "b"; mqttPasswordFile = "/run/m"; }' 'there is none'
asserted '{ enable = true; users.admin.passwordFile = "/run/a"; }' '`adminPasswordFile`, not `users.admin`'
for closed in '' 'address = "127.1.2.3";' 'address = "::1";' 'address = null; unixSocket.path = "/run/k.sock";'; do
  holds "a warning: an open firewall, but $closed nothing listens" "{ enable = true; openFirewall = true; $closed }" \
    '(.warnings | length == 1) and (.warnings[0] | contains("nothing listens there")) and .failedAssertions == []'
done
holds "no warning about a port that is open" '{ enable = true; openFirewall = true; address = "::"; }' '.warnings == [] and .firewall == [7200]'
holds "a warning: registration open to the network" '{ enable = true; openFirewall = true; address = "::"; settings.registration = true; }' \
  '(.warnings | length == 1) and (.warnings[0] | contains("can create an account"))'

# NixOS's manual, and with it the whole system, does not build with a heading without an identifier, or with one that nixpkgs does not
# know, unless it looks like an option's.
headings=$(awk '/^```/ { code = !code } !code && /^#/' nixos/kosync.md)
[ "$(grep -c . <<<"$headings")" -ge 4 ] && ! grep -vqE ' \{#opt-[a-z-]+\}$' <<<"$headings" || fail "a heading of nixos/kosync.md: $headings"
ok "NixOS's manual takes the chapter's headings"
# Each configuration of the documentation is one that the module takes.
awk -v to="$work/block" '/^```nix$/ { inside = 1; n++; next } /^```/ { inside = 0 } inside { print >(to n ".nix") }' README.md docs/*.md nixos/kosync.md
for block in "$work"/block*.nix; do
  example="let
      config.age.secrets = { kosync-admin.path = \"/run/agenix/a\"; kosync-ada.path = \"/run/agenix/b\"; };
      kosync.nixosModules.default = { };
      block = $(if [ "$(head -c 1 "$block")" = '{' ]; then cat "$block"; else echo "{ $(cat "$block") }"; fi);
    in block.services.kosync or { }"
  holds "a configuration of the documentation: $(grep -m1 . "$block")" "{ enable = true; } // ($example)" '.failedAssertions == [] and .warnings == []'
done

mkdir "$work/nixos" "$work/plain" "$work/mqtt"
evaluate '{ enable = true; settings.mqtt.host = "broker.lan"; }' units | jq -r '."kosync.service"' >"$work/mqtt/kosync.service"
for unit in kosync.service kosync.socket kosync-listen.service kosync-backup.service kosync-backup.timer; do
  evaluate "$full" units | jq -r --arg unit "$unit" '.[$unit]' >"$work/nixos/$unit"
done
plain_units "$work/plain"
for unit in "$work"/plain/*; do
  diff -u "nixos/systemd/${unit##*/}" "$unit" || fail "nixos/systemd/${unit##*/} is not what the module says: run tests/nix/check.sh --write"
done
ok "the units without Nix are the module's"
# exposed UNIT MAX: checks that systemd rates the unit's exposure at MAX tenths or less.
exposed() {
  systemd-analyze security --offline=true --threshold="$2" --no-pager "$work/$1" >"$work/security" || { cat "$work/security"; fail "$1 is exposed"; }
  ok "$1: $(tail -1 "$work/security" | sed 's/^[^O]*//')"
}
for service in nixos/kosync.service nixos/kosync-listen.service nixos/kosync-backup.service plain/kosync.service plain/kosync-backup.service; do
  exposed "$service" 10
done
# The service needs the network to reach a broker.
exposed mqtt/kosync.service 12
# `verify` requires an existing command.
sed -i -E 's#^(ExecStart|ExecReload)=[^ ]*#\1=/bin/true#' "$work"/*/*.service
for kind in nixos plain; do
  systemd-analyze verify --recursive-errors=no --man=no "$work/$kind"/* || fail "the units of $kind"
  ok "systemd takes the units of $kind"
done

jq -e '.version == 7 and .root == "root" and (.nodes | keys) == ["nixpkgs", "root"]
  and (.nodes.nixpkgs.locked | .type == "github" and (.narHash | test("^sha256-[A-Za-z0-9+/]{43}=$")) and (.rev | test("^[0-9a-f]{40}$")))' \
  flake.lock >/dev/null || fail "flake.lock"
ok "flake.lock has its one input"
nix-instantiate --eval --strict --json -E '
  let
    flake = import ./flake.nix;
    fake = name: { type = "derivation"; inherit name; outPath = "/${name}"; meta.mainProgram = name; };
    pkgsFor = system: builtins.listToAttrs (map (name: { inherit name; value = fake name; }) [ "clippy" "rustfmt" "rust-analyzer" "nixfmt" "nixfmt-tree" ]) // {
      stdenv.hostPlatform = { inherit system; isLinux = system != "aarch64-darwin"; };
      callPackage = path: _: assert builtins.pathExists path; fake "kosync";
      mkShell = _: fake "shell";
      runCommand = name: _: _: fake name;
      testers.runNixOSTest = test: assert builtins.all (part: builtins.isAttrs part || builtins.pathExists part) test.imports; fake "test";
    };
    lib = { optionalAttrs = c: v: if c then v else { }; genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names); getExe = p: "${p}/bin/${p.name}"; mkDefault = v: v; };
    outputs = flake.outputs { self = outputs; nixpkgs = { inherit lib; legacyPackages = builtins.listToAttrs (map (name: { inherit name; value = pkgsFor name; }) [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ]); }; };
    pkgs = pkgsFor "x86_64-linux";
  in
  {
    inputs = builtins.attrNames flake.inputs;
    outputs = builtins.mapAttrs (_: builtins.attrNames) (removeAttrs outputs [ "overlays" "nixosModules" ]);
    overlay = (outputs.overlays.default pkgs pkgs).kosync.name;
    modules = builtins.attrNames outputs.nixosModules;
    checks = builtins.attrNames outputs.checks.x86_64-linux;
    darwin = builtins.attrNames outputs.checks.aarch64-darwin;
    module = baseNameOf outputs.nixosModules.default;
  }' | jq -e '. == {
    inputs: ["nixpkgs"], overlay: "kosync", modules: ["default", "kosync"], module: "module.nix",
    checks: ["devShell", "nixfmt", "nixos", "package"], darwin: ["devShell", "nixfmt", "package"],
    outputs: (["apps", "checks", "devShells", "formatter", "packages"] | map({ key: ., value: ["aarch64-darwin", "aarch64-linux", "x86_64-linux"] }) | from_entries) }' >/dev/null ||
  fail "the outputs of flake.nix"
ok "the flake has what it must have, for each system"
