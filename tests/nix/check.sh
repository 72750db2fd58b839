#!/usr/bin/env bash
# Checks the NixOS module and the flake with nothing but Debian's nix-bin, jq and systemd: no nixpkgs, no network.
#   tests/nix/check.sh            checks
#   tests/nix/check.sh --write    writes nixos/systemd/, the units for systems without Nix
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
        sed -E -e 's#^ExecPaths=/nix/store$#ExecPaths=/usr -/lib -/lib64#' \
          -e 's#--config /nix/store/[^ ]*-kosync.json#--config /etc/kosync/config.json#' -e '${/^$/d}'
    } >"$to/$unit"
    if grep -q /nix/store "$to/$unit"; then fail "$unit has a path of Nix's"; fi
  done
}
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
  and (.serviceConfig | keys == ["kosync"]) and (.environment.kosync | keys == ["KOSYNC_DATA_DIR"])'
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
  and (.tmpfiles["10-kosync"] | keys == ["/mnt/b", "/srv/k"]) and (.commands[0] | contains("-/srv/k}"))'
config=$(evaluate "$full" result | jq -r '.serviceConfig.kosync.ExecStart' | sed 's/.*--config //')
[ -e "$config" ] || config=$work/nix$config
jq -e '. == { registration: false, log_level: "debug", accounts: [
    { name: "ada", password_file: "/run/credentials/kosync.service/account-0" },
    { name: "jörg 本", password_file: "/run/credentials/kosync.service/account-1" } ] }' "$config" >/dev/null || fail "the settings file"
ok "the settings file has no secret, and the accounts by their credentials"
if [ -n "${KOSYNC-}" ]; then
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

refused '{ enable = true; port = 70000; }' 'option services.kosync.port'
refused '{ enable = true; adminPasswordFile = /etc/hosts; }' 'option services.kosync.adminPasswordFile'
refused '{ enable = true; users.ada.passwordFile = "/nix/store/x"; }' 'option services.kosync.users.ada.passwordFile'
refused '{ enable = true; users.ada = { }; }' 'option services.kosync.users.ada.passwordFile has no value'
refused '{ enable = true; backup = { enable = true; keep = 0; }; }' 'option services.kosync.backup.keep'
refused '{ enable = true; nonsense = 1; }' 'unknown option'
asserted '{ enable = true; settings.listen = "[::]:1"; }' 'not `settings.listen`'
asserted '{ enable = true; settings.data_dir = "/x"; }' '`settings.data_dir`'
asserted '{ enable = true; settings.admin_password = "x"; }' 'readable by all users'
asserted '{ enable = true; settings.metrics_listen = "[::]:1"; }' 'settings.metrics = true'
asserted '{ enable = true; settings.ingress_listen = "[::]:1"; }' 'Home Assistant'
asserted '{ enable = true; settings.mqtt = { host = "b"; password = "x"; }; }' '`mqttPasswordFile`, not'
asserted '{ enable = true; settings.mqtt.host = "b"; mqttPasswordFile = "/run/m"; }' 'there is none'
asserted '{ enable = true; users.admin.passwordFile = "/run/a"; }' '`adminPasswordFile`, not `users.admin`'
holds "an open firewall without a listener gets a warning" '{ enable = true; openFirewall = true; settings.registration = true; }' '.warnings | length == 1'

mkdir "$work/nixos" "$work/plain" "$work/mqtt"
evaluate '{ enable = true; settings.mqtt.host = "broker.lan"; }' units | jq -r '."kosync.service"' >"$work/mqtt/kosync.service"
for unit in kosync.service kosync.socket kosync-backup.service kosync-backup.timer; do
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
for service in nixos/kosync.service nixos/kosync-backup.service plain/kosync.service plain/kosync-backup.service; do
  exposed "$service" 10
done
# The service needs the network to reach a broker.
exposed mqtt/kosync.service 12
# `verify` requires an existing command.
sed -i 's#^ExecStart=[^ ]*#ExecStart=/bin/true#' "$work"/*/*.service
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
    system = "x86_64-linux";
    fake = name: { type = "derivation"; inherit name system; outPath = "/${name}"; meta.mainProgram = name; };
    pkgs = builtins.listToAttrs (map (name: { inherit name; value = fake name; }) [ "clippy" "rustfmt" "rust-analyzer" "nixfmt" "nixfmt-tree" ]) // {
      stdenv.hostPlatform.system = system;
      callPackage = path: _: assert builtins.pathExists path; fake "kosync";
      mkShell = _: fake "shell";
      runCommand = name: _: _: fake name;
      testers.runNixOSTest = test: assert builtins.all (part: builtins.isAttrs part || builtins.pathExists part) test.imports; fake "test";
    };
    lib = { genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names); getExe = p: "${p}/bin/${p.name}"; mkDefault = v: v; };
    outputs = flake.outputs { self = outputs; nixpkgs = { inherit lib; legacyPackages = { x86_64-linux = pkgs; aarch64-linux = pkgs; }; }; };
  in
  {
    inputs = builtins.attrNames flake.inputs;
    outputs = builtins.mapAttrs (_: builtins.attrNames) (removeAttrs outputs [ "overlays" "nixosModules" ]);
    overlay = (outputs.overlays.default pkgs pkgs).kosync.name;
    modules = builtins.attrNames outputs.nixosModules;
    checks = builtins.attrNames outputs.checks.x86_64-linux;
    package = (outputs.nixosModules.default { inherit pkgs; }).services.kosync.package.name;
  }' | jq -e '. == {
    inputs: ["nixpkgs"], overlay: "kosync", modules: ["default", "kosync"], package: "kosync",
    checks: ["devShell", "nixfmt", "nixos", "package"],
    outputs: (["apps", "checks", "devShells", "formatter", "packages"] | map({ key: ., value: ["aarch64-linux", "x86_64-linux"] }) | from_entries) }' >/dev/null ||
  fail "the outputs of flake.nix"
ok "the flake has what it must have, for both systems"
