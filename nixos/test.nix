let
  port = 7200;
  # MD5 of "hunter2", as KOReader sends it.
  key = "2ab96390c7dbe3439de74d0c9b0b1767";
  document = "8bf28b7b1c1e51b4dcdd7f0f2f4bbdcb";
in
{
  name = "kosync";
  meta.maintainers = [ ];

  nodes = {
    machine =
      { pkgs, ... }:
      {
        environment.systemPackages = [ pkgs.curl ];
        # For the test only: real secrets come from agenix or sops-nix.
        environment.etc = {
          "kosync-admin".text = "correct horse\n";
          "kosync-ada".text = "hunter2\n";
        };
        services.kosync = {
          enable = true;
          inherit port;
          adminPasswordFile = "/etc/kosync-admin";
          users.ada.passwordFile = "/etc/kosync-ada";
          backup.enable = true;
          settings = {
            registration = true;
            trusted_proxies = [ "127.0.0.1" ];
          };
        };
        # Below a path, which nginx strips.
        services.nginx = {
          enable = true;
          virtualHosts.default.locations."/books/".proxyPass = "http://127.0.0.1:${toString port}/";
        };
      };

    closed =
      { pkgs, ... }:
      {
        environment.systemPackages = [ pkgs.curl ];
        services.kosync = {
          enable = true;
          address = "::";
          inherit port;
          openFirewall = true;
          dataDir = "/srv/kosync";
        };
      };
  };

  testScript = ''
    import json

    url = "http://127.0.0.1:${toString port}"
    auth = "-H 'x-auth-user: nixos' -H 'x-auth-key: ${key}'"
    ada = "-H 'x-auth-user: ada' -H 'x-auth-key: ${key}'"


    def code(node, args):
        return node.succeed(f"curl -s -o /dev/null -w '%{{http_code}}' {args}").strip()


    start_all()
    for node in (machine, closed):
        node.wait_for_unit("kosync.socket")
        node.wait_for_unit("kosync.service")
        node.wait_for_open_port(${toString port})
        node.succeed(f"curl -sSf {url}/healthcheck")

    with subtest("registration, authentication"):
        body = json.dumps({"username": "nixos", "password": "${key}"})
        machine.succeed(f"curl -sSf {url}/users/create --json '{body}'")
        assert code(machine, f"{url}/users/create --json '{body}'") == "402"
        machine.succeed(f"curl -sSf {url}/users/auth {auth}")
        assert code(machine, f"{url}/users/auth -H 'x-auth-user: nixos' -H 'x-auth-key: bad'") == "401"

    with subtest("progress survives restart and power loss"):
        progress = json.dumps({"document": "${document}", "progress": "/body/DocFragment[3]", "percentage": 0.42, "device": "t", "device_id": "1"})
        machine.succeed(f"curl -sSf -X PUT {url}/syncs/progress {auth} --json '{progress}'")
        machine.systemctl("restart kosync.service")
        machine.wait_for_unit("kosync.service")
        got = json.loads(machine.succeed(f"curl -sSf {url}/syncs/progress/${document} {auth}"))
        assert got["percentage"] == 0.42, got
        machine.crash()
        machine.start()
        machine.wait_for_unit("kosync.service")
        got = json.loads(machine.succeed(f"curl -sSf {url}/syncs/progress/${document} {auth}"))
        assert got["progress"] == "/body/DocFragment[3]", got

    with subtest("passwords arrive as credentials"):
        assert code(machine, f"{url}/manage/users -u 'admin:correct horse'") == "200"
        assert code(machine, f"{url}/manage/users -u admin:wrong") == "401"
        machine.succeed(f"curl -sSf {url}/users/auth {ada}")

    with subtest("the command has the service's data, also for root"):
        assert "ada" in machine.succeed("kosync user list")
        machine.succeed("sudo -u kosync kosync user disable ada")
        assert code(machine, f"{url}/users/auth {ada}") == "401"
        machine.succeed("kosync user enable ada")
        machine.succeed(f"curl -sSf {url}/users/auth {ada}")

    with subtest("the dashboard works behind a sub-path"):
        machine.wait_for_unit("nginx.service")
        machine.succeed("curl -sSf http://127.0.0.1/books/login | grep 'Log in'")
        location = machine.succeed("curl -sSf -o /dev/null -w '%{redirect_url}' http://127.0.0.1/books/")
        assert location == "http://127.0.0.1/books/login", location

    with subtest("a backup becomes a data directory"):
        machine.succeed("systemctl start kosync-backup.service")
        backup = machine.succeed("ls /var/lib/kosync-backup/kosync-*.mdb").strip()
        machine.succeed(f"cp {backup} /tmp/backup.mdb && chown kosync /tmp/backup.mdb")
        restored = machine.succeed("sudo -u kosync kosync --data-dir /tmp/restored restore /tmp/backup.mdb")
        assert "3 accounts with 1 positions" in restored, restored
        machine.succeed("systemctl list-timers | grep kosync-backup")

    with subtest("private files"):
        assert machine.succeed("stat -c '%U:%G %a' /var/lib/kosync").strip() == "kosync:kosync 700"
        assert machine.succeed("stat -c %a /var/lib/kosync/data.mdb").strip() == "600"
        assert closed.succeed("stat -c '%U:%G %a' /srv/kosync").strip() == "kosync:kosync 700"
        closed.succeed("test -e /srv/kosync/data.mdb")

    with subtest("registration is off unless asked for, and there is no known password"):
        assert code(closed, f"{url}/users/create --json '{body}'") == "402"
        assert code(closed, f"{url}/manage/users -u 'admin:correct horse'") == "401"
        closed.succeed("journalctl -u kosync.service | grep 'created the account `admin` with the password'")

    with subtest("reachable from the network only where the firewall is open"):
        machine.wait_until_succeeds("curl -sSf http://closed:${toString port}/healthcheck")
        closed.fail("curl -sSf --max-time 5 http://machine:${toString port}/healthcheck")

    with subtest("a connection starts a stopped service"):
        machine.succeed("systemctl stop kosync.service")
        machine.succeed(f"curl -sSf {url}/healthcheck")

    with subtest("the sandbox is tight"):
        for node in (machine, closed):
            node.succeed("systemd-analyze security kosync.service --threshold=10 --no-pager")
            node.fail("journalctl -u kosync.service | grep -E 'SIGSYS|Operation not permitted'")
  '';
}
