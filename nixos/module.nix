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
    optional
    types
    ;

  cfg = config.services.kosync;
  settingsFormat = pkgs.formats.json { };

  defaultDataDir = "/var/lib/kosync";
  isDefaultDataDir = cfg.dataDir == defaultDataDir;
  defaultBackupDir = "/var/lib/kosync-backup";
  isDefaultBackupDir = cfg.backup.directory == defaultBackupDir;

  hasAddress = cfg.address != null;
  hasUnixSocket = cfg.unixSocket.path != null;

  tcpStream =
    if lib.hasInfix ":" cfg.address then
      "[${cfg.address}]:${toString cfg.port}"
    else
      "${cfg.address}:${toString cfg.port}";

  listenStreams = optional hasAddress tcpStream ++ optional hasUnixSocket cfg.unixSocket.path;

  # systemd takes numeric addresses only, and does not say so before the socket fails to start.
  isIPv4 =
    text:
    let
      bytes = builtins.match "([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})" text;
      isByte = byte: builtins.match "0|[1-9][0-9]*" byte != null && builtins.fromJSON byte <= 255;
    in
    bytes != null && builtins.all isByte bytes;
  isIPv6 =
    text:
    let
      # "a::b" is one gap between two lists of groups.
      parts = lib.splitString "::" text;
      groupsOf = part: if part == "" then [ ] else lib.splitString ":" part;
      groups = builtins.concatMap groupsOf parts;
      last = lib.last groups;
      endsInIPv4 = groups != [ ] && isIPv4 last && lib.hasSuffix last text;
      isGroup = group: builtins.match "[0-9a-fA-F]{1,4}" group != null;
      count = builtins.length groups + (if endsInIPv4 then 1 else 0);
    in
    builtins.all isGroup (if endsInIPv4 then lib.init groups else groups)
    && (if builtins.length parts == 1 then count == 8 else builtins.length parts == 2 && count <= 7);
  isLoopback = hasAddress && (lib.hasPrefix "127." cfg.address || cfg.address == "::1");

  isWithin = directory: path: path == directory || lib.hasPrefix "${directory}/" path;
  # What systemd, tmpfiles and the shell would each read in a way of its own.
  hasPlainCharacters =
    path:
    !(builtins.any (character: lib.hasInfix character path) [
      " "
      "\t"
      "\n"
      "%"
      "\""
      "'"
      "\\"
      "$"
      "`"
      "{"
      "}"
    ]);
  isNormal =
    path:
    builtins.match "(/[^/]+)+" path != null
    && !(builtins.any (segment: segment == "." || segment == "..") (lib.splitString "/" path));
  # Directories that the sandbox hides from the service.
  isHidden =
    path:
    builtins.any (directory: isWithin directory path) [
      "/home"
      "/root"
      "/run/user"
      "/tmp"
      "/var/tmp"
    ];
  plainPath = option: path: {
    assertion = path == null || hasPlainCharacters path;
    message = "services.kosync: `${option}` has a blank or one of the characters %\"'\\$`{}, which systemd reads in a way of its own; choose another path.";
  };
  ownDirectory = option: path: [
    (plainPath option path)
    {
      assertion = isNormal path;
      message = "services.kosync: `${option}` is `${path}`; write the path without `.`, `..`, repeated slashes and a slash at the end.";
    }
    {
      assertion = !(isHidden path);
      message = "services.kosync: `${option}` is `${path}`, but the service sees no files below /home, /root, /run/user, /tmp and /var/tmp; choose a directory such as /srv/kosync.";
    }
  ];
  readByService = key: path: {
    assertion = path == null || !(isHidden (toString path));
    message = "services.kosync: `settings.${key}` is `${toString path}`, but the service sees no files below /home, /root, /run/user, /tmp and /var/tmp; put the file elsewhere, such as in /var/lib/acme.";
  };

  username = name: {
    assertion =
      builtins.match "[^:[:cntrl:]]*[^:[:cntrl:][:blank:]][^:[:cntrl:]]*" name != null
      && builtins.stringLength name <= 255;
    message = "services.kosync: `users` has the name ${builtins.toJSON name}; a name has 1 to 255 bytes, no colon and no control character.";
  };

  # A credential's name must be a file name, which an account's name need not be. So credentials are numbered.
  accounts = lib.imap0 (number: name: {
    inherit name;
    inherit (cfg.users.${name}) passwordFile;
    credential = "account-${toString number}";
  }) (lib.attrNames cfg.users);

  # The directory where systemd puts a system service's credentials.
  credentials = "/run/credentials/kosync.service";

  # `null` is how a configuration takes back what another one has set.
  settings = lib.filterAttrsRecursive (_: value: value != null) cfg.settings;
  usesBroker = settings ? mqtt;
  mqtt = settings.mqtt or { };

  uncheckedConfigFile = settingsFormat.generate "kosync.json" (
    settings
    // lib.optionalAttrs (cfg.mqttPasswordFile != null) {
      mqtt = mqtt // {
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

  # A mistake in `settings` ends the build, wherever the binary runs on the machine that builds. The credentials are not there then,
  # and `check-config` opens no such file.
  configFile =
    if pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform then
      pkgs.runCommand "kosync.json" { unchecked = uncheckedConfigFile; } ''
        cp "$unchecked" services.kosync.settings
        ${getExe cfg.package} check-config services.kosync.settings
        cp "$unchecked" "$out"
      ''
    else
      uncheckedConfigFile;

  # `kosync` on the service's data. As root it has the service's user, who could not open files of root's in the data directory, and may
  # still read and write the file that root names: an export, an import or a backup.
  command = pkgs.writeShellScriptBin "kosync" ''
    export KOSYNC_DATA_DIR="''${KOSYNC_DATA_DIR-${cfg.dataDir}}"
    if [ "$(${pkgs.coreutils}/bin/id -u)" = 0 ]; then
      keep=
      for argument in "$@"; do
        case $argument in
          check-config | export | import | backup | restore) keep="--inh-caps=+dac_override --ambient-caps=+dac_override" ;;
        esac
      done
      exec ${pkgs.util-linux}/bin/setpriv --reuid=kosync --regid=kosync --init-groups $keep -- ${getExe cfg.package} "$@"
    fi
    exec ${getExe cfg.package} "$@"
  '';

  inSettings = lib.filter (key: settings ? ${key});

  socketConfig = {
    Backlog = 1024;
  }
  // lib.optionalAttrs hasAddress {
    FreeBind = true;
  }
  // lib.optionalAttrs (!hasUnixSocket) {
    # systemd warns of it at a unix socket. The server sets it itself, too.
    NoDelay = true;
  }
  // lib.optionalAttrs hasUnixSocket {
    SocketUser = "kosync";
    SocketGroup = cfg.unixSocket.group;
    SocketMode = "0660";
    RemoveOnStop = true;
  };

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

  # `meta.maintainers` takes people of nixpkgs alone. The package has ours. Of identifiers that nixpkgs does not know, its manual takes
  # only those that begin with `opt-`.
  meta.doc = ./kosync.md;

  options.services.kosync = {
    enable = mkEnableOption "kosync, a reading-progress sync server for KOReader";

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalMD "the package of this version, built with the `pkgs` of the system";
      description = "The kosync package to use.";
    };

    address = mkOption {
      type = types.nullOr types.str;
      default = "127.0.0.1";
      example = "::";
      description = ''
        IPv4 or IPv6 address on which {file}`kosync.socket` listens; `::` is
        both families, `null` none: then
        [](#opt-services.kosync.unixSocket.path) is the only way in.

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

    unixSocket = {
      path = mkOption {
        type = types.nullOr types.externalPath;
        default = null;
        example = "/run/kosync.sock";
        description = ''
          Unix socket on which {file}`kosync.socket` listens, for a reverse
          proxy on the same machine. Set `settings.trusted_proxies = [ "unix" ]`,
          so that the server takes the client's address from the proxy.
        '';
      };

      group = mkOption {
        type = types.str;
        default = "kosync";
        example = "nginx";
        description = "Group whose members may connect to the unix socket.";
      };
    };

    extraGroups = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "acme" ];
      description = ''
        Further groups of the service, such as the one that may read the files
        of `settings.tls_certificate` and `settings.tls_key`.
      '';
    };

    dataDir = mkOption {
      type = types.externalPath;
      default = defaultDataDir;
      description = ''
        Data directory. The default is managed by systemd
        (`StateDirectory=`); any other directory is created by
        {manpage}`systemd-tmpfiles(8)` with mode `0700` and owned by `kosync`.
        A directory that exists keeps its owner and mode; the user `kosync`
        must be able to write to it.
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
          another disk if you can. A directory that exists keeps its owner and
          mode; the user `kosync` must be able to write to it.
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
        trusted_proxies = [
          "127.0.0.1"
          "::1"
        ];
        metrics = true;
        max_documents = 2000;
        current_position = "furthest";
        language = "de";
        mqtt = {
          host = "broker.lan";
          username = "kosync";
        };
      };
      description = ''
        Configuration of kosync, written to a JSON file in the world-readable
        Nix store. Secrets do not belong here. The
        [configuration page](https://github.com/kosync/kosync/blob/main/docs/configuration.md)
        lists the keys. The build fails on an unknown key and on a value that
        the server would refuse. `null` counts as unset.

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
        options.tls_certificate = mkOption {
          type = types.nullOr types.externalPath;
          default = null;
          example = "/var/lib/acme/books.example/fullchain.pem";
          description = ''
            PEM file with the certificate chain, for TLS without a proxy. The
            service must be able to read it, see
            [](#opt-services.kosync.extraGroups), and reads it again when it
            changes. It is not copied to the Nix store.
          '';
        };
        options.tls_key = mkOption {
          type = types.nullOr types.externalPath;
          default = null;
          example = "/var/lib/acme/books.example/key.pem";
          description = ''
            PEM file with the certificate's private key. It is read like
            `tls_certificate`, and not copied to the Nix store.
          '';
        };
      };
    };
  };

  config = mkIf cfg.enable {
    assertions = [
      {
        assertion = !hasAddress || isIPv4 cfg.address || isIPv6 cfg.address;
        message = "services.kosync: `address` is ${builtins.toJSON cfg.address}, which is no IPv4 or IPv6 address; write it without port and brackets, such as `127.0.0.1` or `::`.";
      }
      {
        assertion = listenStreams != [ ];
        message = "services.kosync: nobody could connect: set `address` or `unixSocket.path`.";
      }
      {
        assertion = !hasUnixSocket || builtins.stringLength cfg.unixSocket.path <= 107;
        message = "services.kosync: `unixSocket.path` is longer than the 107 bytes of a unix socket's address; choose a shorter one.";
      }
      (plainPath "unixSocket.path" cfg.unixSocket.path)
      (plainPath "adminPasswordFile" cfg.adminPasswordFile)
      (plainPath "mqttPasswordFile" cfg.mqttPasswordFile)
      (readByService "tls_certificate" cfg.settings.tls_certificate)
      (readByService "tls_key" cfg.settings.tls_key)
      (readByService "mqtt.ca_certificate" (mqtt.ca_certificate or null))
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
        assertion = !(mqtt ? password || mqtt ? password_file);
        message = "services.kosync: set `mqttPasswordFile`, not `settings.mqtt.password` and `settings.mqtt.password_file`: settings are readable by all users of the machine.";
      }
      {
        assertion = cfg.mqttPasswordFile == null || mqtt ? username;
        message = "services.kosync: `mqttPasswordFile` is for the `username` of `settings.mqtt`, and there is none.";
      }
      {
        assertion = !(cfg.users ? admin);
        message = "services.kosync: the password of `admin` is `adminPasswordFile`, not `users.admin`.";
      }
    ]
    ++ ownDirectory "dataDir" cfg.dataDir
    ++ lib.optionals cfg.backup.enable (ownDirectory "backup.directory" cfg.backup.directory)
    ++ map (account: username account.name) accounts
    ++ map (account: plainPath "users.${account.name}.passwordFile" account.passwordFile) accounts;

    warnings =
      optional (cfg.openFirewall && (isLoopback || !hasAddress))
        "services.kosync: `openFirewall` opens port ${toString cfg.port}, but nothing listens there for other machines: set `address = \"::\"`, or leave `openFirewall` out."
      ++
        optional (cfg.settings.registration && cfg.openFirewall)
          "services.kosync: everyone who reaches port ${toString cfg.port} can create an account; set `settings.registration = false` once your readers have accounts.";

    users.users.kosync = {
      isSystemUser = true;
      group = "kosync";
      home = cfg.dataDir;
    };
    users.groups.kosync = { };

    environment.systemPackages = [ command ];

    networking.firewall.allowedTCPPorts = mkIf cfg.openFirewall [ cfg.port ];

    # An existing directory may belong to others: the colons keep tmpfiles from changing it.
    systemd.tmpfiles.settings."10-kosync" = mkMerge [
      (mkIf (!isDefaultDataDir) {
        ${cfg.dataDir}.d = {
          user = ":kosync";
          group = ":kosync";
          mode = ":0700";
        };
      })
      (mkIf (cfg.backup.enable && !isDefaultBackupDir) {
        ${cfg.backup.directory}.d = {
          user = ":kosync";
          group = ":kosync";
          mode = ":0700";
        };
      })
    ];

    # The socket unit binds, so the service needs no network, except for a broker.
    systemd.sockets.kosync = {
      description = "Listening socket of the KOReader sync server";
      wantedBy = [ "sockets.target" ];
      partOf = [ "kosync-listen.service" ];
      inherit listenStreams socketConfig;
    };

    # A switch leaves a changed socket unit as it was. It restarts this service, which is changed with it, and the restart spreads to
    # the socket and then to the server. So the socket stays open at all other changes.
    systemd.services.kosync-listen = {
      description = "Restarts kosync.socket when its addresses change";
      wantedBy = [ "multi-user.target" ];
      restartTriggers = [
        (builtins.toJSON {
          inherit listenStreams socketConfig;
        })
      ];
      stopIfChanged = false;
      serviceConfig = sandbox // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${pkgs.coreutils}/bin/true";
        NoExecPaths = "/";
      };
    };

    systemd.services.kosync = {
      description = "Reading-progress sync server for KOReader";
      wantedBy = [ "multi-user.target" ];
      requires = [ "kosync.socket" ];
      after = [ "kosync.socket" ];
      unitConfig.RequiresMountsFor = [ cfg.dataDir ];
      # A switch restarts the server while the socket stays open, and connections wait.
      stopIfChanged = false;
      # RestartSec= paces restarts. With a limit, systemd would close the socket for good.
      startLimitIntervalSec = 0;

      environment = {
        KOSYNC_DATA_DIR = cfg.dataDir;
        KOSYNC_ADMIN_PASSWORD_FILE = mkIf (cfg.adminPasswordFile != null) "%d/admin-password";
      };

      serviceConfig =
        sandbox
        // {
          Type = "notify";
          ExecStart = "${getExe cfg.package} serve --config ${configFile}";
          # Reads the certificate again, if there is one.
          ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
          Restart = "on-failure";
          RestartSec = 5;
          WatchdogSec = 60;
          TimeoutStopSec = 15;
          # Each connection is an open file, and the system call filter keeps the server from raising the limit itself.
          LimitNOFILE = 65536;
          # Far above what the limits on connections, responses and password hashes add up to. The page cache of the data file counts,
          # too, but is given back.
          MemoryMax = "512M";

          SupplementaryGroups = mkIf (cfg.extraGroups != [ ]) cfg.extraGroups;
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
