let
  port = 7200;
  otherPort = 7300;
  # MD5 of "hunter2", as KOReader sends it.
  key = "2ab96390c7dbe3439de74d0c9b0b1767";
  document = "8bf28b7b1c1e51b4dcdd7f0f2f4bbdcb";
in
{
  name = "kosync";
  meta.maintainers = [ ];

  nodes = {
    machine =
      { lib, pkgs, ... }:
      {
        environment.systemPackages = [ pkgs.curl ];
        # Tests cannot switch by default.
        system.switch.enable = true;
        specialisation.port.configuration.services.kosync.port = lib.mkForce otherPort;
        specialisation.settings.configuration.services.kosync.settings.metrics = true;
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
          unixSocket = {
            path = "/run/kosync/http.sock";
            group = "nginx";
          };
          settings = {
            registration = true;
            trusted_proxies = [
              "127.0.0.1"
              "unix"
            ];
          };
        };
        # Below a path, which nginx strips.
        services.nginx = {
          enable = true;
          virtualHosts.default.locations."/books/".proxyPass = "http://unix:/run/kosync/http.sock:/";
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

    # It listens on the network, and nothing but its firewall keeps others out.
    walled =
      { lib, pkgs, ... }:
      {
        environment.systemPackages = [ pkgs.curl ];
        system.switch.enable = true;
        specialisation.loopback.configuration.services.kosync.address = lib.mkForce "127.0.0.1";
        services.kosync = {
          enable = true;
          address = "::";
          inherit port;
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
    for node in (machine, closed, walled):
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

    with subtest("root exports and imports where only root may write"):
        machine.succeed("cd /root && kosync export books.jsonl && kosync import --dry-run books.jsonl")
        assert machine.succeed("stat -c %a /root/books.jsonl").strip() == "600"
        machine.fail("find /var/lib/kosync ! -user kosync | grep .")

    with subtest("the dashboard works behind a sub-path and a unix socket"):
        machine.wait_for_unit("nginx.service")
        machine.succeed("curl -sSf http://127.0.0.1/books/login | grep 'Log in'")
        location = machine.succeed("curl -sSf -o /dev/null -w '%{redirect_url}' http://127.0.0.1/books/")
        assert location == "http://127.0.0.1/books/login", location

    with subtest("a backup becomes a data directory"):
        machine.succeed("systemctl start kosync-backup.service")
        backup = machine.succeed("ls /var/lib/kosync-backup/kosync-*.mdb").strip()
        machine.succeed(f"kosync restore {backup} --data-dir /srv/restored")
        restored = json.loads(machine.succeed("kosync check --json --data-dir /srv/restored"))
        assert (restored["accounts"], restored["positions"]) == (3, 1), restored
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
        # It listens on its address in the network, and only from there it answers.
        walled.succeed("curl -sSf http://walled:${toString port}/healthcheck")
        machine.fail("curl -sSf --max-time 5 http://walled:${toString port}/healthcheck")
        closed.fail("curl -sSf --max-time 5 http://machine:${toString port}/healthcheck")

    with subtest("a switch to another port or address closes the old one"):
        base = machine.succeed("readlink -f /run/current-system").strip()
        machine.succeed(f"{base}/specialisation/port/bin/switch-to-configuration test")
        machine.succeed("curl -sSf http://127.0.0.1:${toString otherPort}/healthcheck")
        machine.fail(f"curl -sSf {url}/healthcheck")
        machine.succeed(f"{base}/bin/switch-to-configuration test")
        machine.succeed(f"curl -sSf {url}/healthcheck")
        machine.fail("curl -sSf http://127.0.0.1:${toString otherPort}/healthcheck")
        walled.succeed("curl -sSf http://walled:${toString port}/healthcheck")
        walled.succeed("/run/current-system/specialisation/loopback/bin/switch-to-configuration test")
        walled.fail("curl -sSf --max-time 5 http://walled:${toString port}/healthcheck")
        walled.succeed(f"curl -sSf {url}/healthcheck")

    with subtest("a switch to other settings leaves the socket open"):
        since = machine.succeed("systemctl show -p ActiveEnterTimestampMonotonic kosync.socket")
        machine.succeed(f"{base}/specialisation/settings/bin/switch-to-configuration test")
        machine.succeed(f"curl -sSf {url}/metrics")
        assert machine.succeed("systemctl show -p ActiveEnterTimestampMonotonic kosync.socket") == since
        machine.succeed(f"{base}/bin/switch-to-configuration test")

    with subtest("restarts in a row leave the socket open"):
        machine.succeed("for i in 1 2 3 4 5 6 7 8; do systemctl restart kosync.service; done")
        machine.succeed(f"curl -sSf {url}/healthcheck")

    with subtest("a connection starts a stopped service"):
        machine.succeed("systemctl stop kosync.service")
        machine.succeed(f"curl -sSf {url}/healthcheck")

    with subtest("the sandbox is tight"):
        for node in (machine, closed, walled):
            node.succeed("systemd-analyze security kosync.service --threshold=10 --no-pager")
            node.fail("journalctl -u kosync.service | grep -E 'SIGSYS|Operation not permitted'")
  '';
}
