{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib)
    getExe
    mkEnableOption
    mkIf
    mkMerge
    mkOption
    mkPackageOption
    types
    ;

  cfg = config.services.kosync;
  settingsFormat = pkgs.formats.json { };

  defaultDataDir = "/var/lib/kosync";
  isDefaultDataDir = cfg.dataDir == defaultDataDir;
  defaultBackupDir = "/var/lib/kosync-backup";
  isDefaultBackupDir = cfg.backup.directory == defaultBackupDir;

  listenStream =
    if lib.hasInfix ":" cfg.address then
      "[${cfg.address}]:${toString cfg.port}"
    else
      "${cfg.address}:${toString cfg.port}";

  # A credential's name must be a file name, which an account's name need not be. So credentials are numbered.
  accounts = lib.imap0 (number: name: {
    inherit name;
    inherit (cfg.users.${name}) passwordFile;
    credential = "account-${toString number}";
  }) (lib.attrNames cfg.users);

  # The directory where systemd puts a system service's credentials.
  credentials = "/run/credentials/kosync.service";

  configFile = settingsFormat.generate "kosync.json" (
    cfg.settings
    // lib.optionalAttrs (cfg.mqttPasswordFile != null) {
      mqtt = (cfg.settings.mqtt or { }) // {
        password_file = "${credentials}/mqtt-password";
      };
    }
    // lib.optionalAttrs (accounts != [ ]) {
      accounts = map (account: {
        inherit (account) name;
        password_file = "${credentials}/${account.credential}";
      }) accounts;
    }
  );

  # `kosync` on the service's data. Never as root: the service could not open files that root creates.
  command = pkgs.writeShellScriptBin "kosync" ''
    export KOSYNC_DATA_DIR="''${KOSYNC_DATA_DIR-${cfg.dataDir}}"
    if [ "$(${pkgs.coreutils}/bin/id -u)" = 0 ]; then
      exec ${pkgs.util-linux}/bin/runuser -u kosync -- ${getExe cfg.package} "$@"
    fi
    exec ${getExe cfg.package} "$@"
  '';

  usesBroker = cfg.settings ? mqtt;

  inSettings = lib.filter (key: cfg.settings ? ${key});

  # The server and its backup need the data directory and nothing else.
  sandbox = {
    User = "kosync";
    Group = "kosync";
    UMask = "0077";
    # A core dump would have keys and positions in it.
    LimitCORE = 0;

    # Network: connections arrive on the inherited listener only.
    PrivateNetwork = true;
    RestrictAddressFamilies = [ "AF_UNIX" ];
    IPAddressDeny = "any";
    SocketBindDeny = "any";

    # Privileges
    AmbientCapabilities = "";
    CapabilityBoundingSet = "";
    NoNewPrivileges = true;
    PrivateUsers = true;
    RestrictSUIDSGID = true;
    KeyringMode = "private";

    # File system
    ExecPaths = [ builtins.storeDir ];
    # "/" does not cover the API file systems and the private /tmp below it.
    NoExecPaths = [
      "/"
      "/dev/shm"
      "/run"
      "/tmp"
      "/var/tmp"
      cfg.dataDir
    ];
    PrivateDevices = true;
    PrivateIPC = true;
    PrivateMounts = true;
    PrivateTmp = true;
    DeviceAllow = "";
    DevicePolicy = "closed";
    ProcSubset = "pid";
    ProtectHome = true;
    ProtectProc = "invisible";
    ProtectSystem = "strict";
    RemoveIPC = true;

    # Kernel
    LockPersonality = true;
    MemoryDenyWriteExecute = true;
    ProtectClock = true;
    ProtectControlGroups = true;
    ProtectHostname = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    RestrictNamespaces = true;
    RestrictRealtime = true;
    SystemCallArchitectures = "native";
    SystemCallErrorNumber = "EPERM";
    SystemCallFilter = [
      "@system-service"
      "~@privileged @resources"
    ];
  };
in
{
  _class = "nixos";

  options.services.kosync = {
    enable = mkEnableOption "kosync, a reading-progress sync server for KOReader";

    package = mkPackageOption pkgs "kosync" { };

    address = mkOption {
      type = types.str;
      default = "127.0.0.1";
      example = "::";
      description = ''
        IPv4 or IPv6 address on which {file}`kosync.socket` listens; `::` is
        both families.

        The server speaks plain HTTP unless `settings.tls_certificate` is set,
        and KOReader sends the MD5 of the password. So use an address other than
        a loopback one only behind a reverse proxy with TLS, or in a trusted
        network.
      '';
    };

    port = mkOption {
      type = types.port;
      default = 7200;
      description = "TCP port on which {file}`kosync.socket` listens.";
    };

    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether to open [](#opt-services.kosync.port) in the firewall.";
    };

    dataDir = mkOption {
      type = types.externalPath;
      default = defaultDataDir;
      description = ''
        Data directory. The default is managed by systemd
        (`StateDirectory=`); any other directory is created by
        {manpage}`systemd-tmpfiles(8)` with mode `0700` and owned by `kosync`.
        It must be on a local file system that supports `mmap(2)` and locks.
      '';
    };

    adminPasswordFile = mkOption {
      type = types.nullOr types.externalPath;
      default = null;
      example = "/run/secrets/kosync-admin-password";
      description = ''
        File whose first line is the password of the account `admin`, set at
        each start. systemd reads it as root and passes it to the service
        with `LoadCredential=`, so it may be `0400 root:root`, and it never
        enters the Nix store.

        Without it the first start creates a random password and shows it
        once in the journal.
      '';
    };

    mqttPasswordFile = mkOption {
      type = types.nullOr types.externalPath;
      default = null;
      example = "/run/secrets/kosync-mqtt";
      description = ''
        File whose first line is the password for the MQTT broker of
        `settings.mqtt`. It is read like
        [](#opt-services.kosync.adminPasswordFile).
      '';
    };

    users = mkOption {
      default = { };
      example = {
        ada.passwordFile = "/run/secrets/kosync-ada";
      };
      description = ''
        Accounts that are created at the start, also while registration is
        closed. An account that is removed from here stays;
        `kosync user delete` deletes it.
      '';
      type = types.attrsOf (
        types.submodule {
          options.passwordFile = mkOption {
            type = types.externalPath;
            description = ''
              File whose first line is the account's password. It is read like
              [](#opt-services.kosync.adminPasswordFile). A password that was
              changed on a device is reset to it at the next start.
            '';
          };
        }
      );
    };

    backup = {
      enable = mkEnableOption "regular backups of the data with `kosync backup`";

      directory = mkOption {
        type = types.externalPath;
        default = defaultBackupDir;
        description = ''
          Directory for the backups, one file each
          ({file}`kosync-20261124T030000Z.mdb`), for `kosync restore`. Use
          another disk if you can.
        '';
      };

      startAt = mkOption {
        type = types.str;
        default = "daily";
        example = "*-*-* 03:00:00";
        description = "When to back up, in the format of {manpage}`systemd.time(7)`.";
      };

      keep = mkOption {
        type = types.ints.positive;
        default = 14;
        description = "How many backups to keep; older ones are deleted.";
      };
    };

    settings = mkOption {
      default = { };
      example = {
        registration = true;
        log_level = "debug";
        trusted_proxies = [ "127.0.0.1" ];
      };
      description = ''
        Configuration of kosync, written to a JSON file in the world-readable
        Nix store. The page {file}`docs/configuration.md` of kosync lists the
        keys. Secrets do not belong here.

        With `mqtt` the service may use the network, to reach the broker;
        without it the service has none.
      '';
      type = types.submodule {
        freeformType = settingsFormat.type;
        options.registration = mkOption {
          type = types.bool;
          default = false;
          description = ''
            Whether devices may create accounts (`POST /users/create`). Enable
            it while readers register, and disable it afterwards. The switch
            on the dashboard holds until this option changes.
          '';
        };
      };
    };
  };

  config = mkIf cfg.enable {
    assertions = [
      {
        assertion =
          inSettings [
            "listen"
            "data_dir"
          ] == [ ];
        message = "services.kosync: set `address`, `port` and `dataDir`, not `settings.listen` and `settings.data_dir`: the units own them.";
      }
      {
        assertion =
          inSettings [
            "admin_password"
            "admin_password_file"
            "accounts"
          ] == [ ];
        message = "services.kosync: set `adminPasswordFile` and `users`, not `settings.admin_password`, `settings.admin_password_file` and `settings.accounts`: settings are readable by all users of the machine.";
      }
      {
        assertion = inSettings [ "metrics_listen" ] == [ ];
        message = "services.kosync: the service has no network of its own to listen on for metrics; set `settings.metrics = true`, and keep `/metrics` from strangers at the reverse proxy.";
      }
      {
        assertion = inSettings [ "ingress_listen" ] == [ ];
        message = "services.kosync: `settings.ingress_listen` is for the Home Assistant app; here every user of the machine could reach it.";
      }
      {
        assertion = !(cfg.settings.mqtt or { } ? password || cfg.settings.mqtt or { } ? password_file);
        message = "services.kosync: set `mqttPasswordFile`, not `settings.mqtt.password` and `settings.mqtt.password_file`: settings are readable by all users of the machine.";
      }
      {
        assertion = cfg.mqttPasswordFile == null || cfg.settings.mqtt or { } ? username;
        message = "services.kosync: `mqttPasswordFile` is for the `username` of `settings.mqtt`, and there is none.";
      }
      {
        assertion = !(cfg.users ? admin);
        message = "services.kosync: the password of `admin` is `adminPasswordFile`, not `users.admin`.";
      }
    ];

    warnings =
      lib.optional (cfg.settings.registration && cfg.openFirewall)
        "services.kosync: everyone who reaches port ${toString cfg.port} can create an account; set `settings.registration = false` once your readers have accounts.";

    users.users.kosync = {
      isSystemUser = true;
      group = "kosync";
      home = cfg.dataDir;
    };
    users.groups.kosync = { };

    environment.systemPackages = [ command ];

    networking.firewall.allowedTCPPorts = mkIf cfg.openFirewall [ cfg.port ];

    systemd.tmpfiles.settings."10-kosync" = mkMerge [
      (mkIf (!isDefaultDataDir) {
        ${cfg.dataDir}.d = {
          user = "kosync";
          group = "kosync";
          mode = "0700";
        };
      })
      (mkIf (cfg.backup.enable && !isDefaultBackupDir) {
        ${cfg.backup.directory}.d = {
          user = "kosync";
          group = "kosync";
          mode = "0700";
        };
      })
    ];

    # The socket unit binds, so the service needs no network, except for a broker.
    systemd.sockets.kosync = {
      description = "Listening socket of the KOReader sync server";
      wantedBy = [ "sockets.target" ];
      listenStreams = [ listenStream ];
      socketConfig = {
        FreeBind = true;
        NoDelay = true;
        Backlog = 1024;
      };
    };

    systemd.services.kosync = {
      description = "Reading-progress sync server for KOReader";
      wantedBy = [ "multi-user.target" ];
      requires = [ "kosync.socket" ];
      after = [ "kosync.socket" ];
      unitConfig.RequiresMountsFor = [ cfg.dataDir ];

      environment = {
        KOSYNC_DATA_DIR = cfg.dataDir;
        KOSYNC_ADMIN_PASSWORD_FILE = mkIf (cfg.adminPasswordFile != null) "%d/admin-password";
      };

      serviceConfig =
        sandbox
        // {
          Type = "notify";
          ExecStart = "${getExe cfg.package} serve --config ${configFile}";
          Restart = "on-failure";
          RestartSec = 5;
          WatchdogSec = 60;
          TimeoutStopSec = 15;
          # Each connection is an open file, and the system call filter keeps the server from raising the limit itself.
          LimitNOFILE = 65536;
          # Far above what the limits on connections, responses and password hashes add up to. The page cache of the data file counts,
          # too, but is given back.
          MemoryMax = "512M";

          StateDirectory = mkIf isDefaultDataDir "kosync";
          StateDirectoryMode = mkIf isDefaultDataDir "0700";
          ReadWritePaths = mkIf (!isDefaultDataDir) [ cfg.dataDir ];
          LoadCredential =
            mkIf (cfg.adminPasswordFile != null || cfg.mqttPasswordFile != null || accounts != [ ])
              (
                lib.optional (cfg.adminPasswordFile != null) "admin-password:${cfg.adminPasswordFile}"
                ++ lib.optional (cfg.mqttPasswordFile != null) "mqtt-password:${cfg.mqttPasswordFile}"
                ++ map (account: "${account.credential}:${account.passwordFile}") accounts
              );
        }
        // lib.optionalAttrs usesBroker {
          # It looks up the broker's name and connects to it. It still binds no port.
          PrivateNetwork = false;
          RestrictAddressFamilies = [
            "AF_UNIX"
            "AF_INET"
            "AF_INET6"
          ];
          IPAddressDeny = "";
        };
    };

    systemd.services.kosync-backup = mkIf cfg.backup.enable {
      description = "Backup of the KOReader sync server";
      startAt = cfg.backup.startAt;
      after = [ "kosync.service" ];
      unitConfig.RequiresMountsFor = [
        cfg.dataDir
        cfg.backup.directory
      ];

      environment.KOSYNC_DATA_DIR = cfg.dataDir;

      serviceConfig = sandbox // {
        Type = "oneshot";
        ExecStart = "${getExe cfg.package} backup --keep ${toString cfg.backup.keep} ${cfg.backup.directory}";
        StateDirectory = mkIf (isDefaultDataDir || isDefaultBackupDir) (
          lib.optional isDefaultDataDir "kosync" ++ lib.optional isDefaultBackupDir "kosync-backup"
        );
        StateDirectoryMode = mkIf (isDefaultDataDir || isDefaultBackupDir) "0700";
        ReadWritePaths = mkIf (!isDefaultDataDir || !isDefaultBackupDir) (
          lib.optional (!isDefaultDataDir) cfg.dataDir
          ++ lib.optional (!isDefaultBackupDir) cfg.backup.directory
        );
      };
    };

    systemd.timers.kosync-backup = mkIf cfg.backup.enable {
      timerConfig = {
        # A missed backup is made at the next boot.
        Persistent = true;
        RandomizedDelaySec = "1h";
      };
    };
  };
}
