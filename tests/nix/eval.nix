# Evaluates nixos/module.nix with nothing but a Nix interpreter: no nixpkgs, no network.
# A deliberately small imitation of the NixOS module system: one module, plain option types.
#   nix-instantiate --eval --strict --json tests/nix/eval.nix --arg module ./nixos/module.nix \
#     --arg user '{ enable = true; }' -A result
{
  module,
  user ? { },
  name ? "kosync",
  # Whether the system is for another kind of processor than this machine.
  cross ? false,
  # Whether a path of `runCommand` has its script.
  scripts ? false,
  package ? {
    type = "derivation";
    outPath = "/nix/store/00000000000000000000000000000000-kosync-0.1.0";
    meta.mainProgram = "kosync";
  },
}:
let
  b = builtins;
  isOpt = v: b.isAttrs v && v._type or "" == "option";
  type = description: check: { inherit description check; };
  lib = rec {
    types = rec {
      bool = type "bool" b.isBool;
      str = type "str" b.isString;
      int = type "int" b.isInt;
      port = type "port (0-65535)" (v: b.isInt v && v >= 0 && v <= 65535);
      path = type "absolute path" (v: b.isPath v || (b.isString v && b.substring 0 1 v == "/"));
      externalPath = type "absolute path outside the store" (
        v: b.isString v && b.substring 0 1 v == "/" && b.substring 0 11 v != "/nix/store/"
      );
      package = type "package" (v: v.type or "" == "derivation");
      nullOr = t: type "null or ${t.description}" (v: v == null || t.check v);
      listOf = t: type "list of ${t.description}" (v: b.isList v && b.all t.check v);
      ints.positive = type "positive integer" (v: b.isInt v && v > 0);
      attrsOf =
        t:
        type "attrs of ${t.description}" (v: b.isAttrs v && b.all (n: t.check v.${n}) (b.attrNames v))
        // (if t ? options then { element = t; } else { });
      enum = vs: type "one of ${b.toJSON vs}" (v: b.elem v vs);
      submodule =
        m:
        type "submodule" b.isAttrs
        // {
          inherit (m) options;
          freeform = m ? freeformType;
        };
    };
    mkOption = a: a // { _type = "option"; };
    mkEnableOption =
      d:
      mkOption {
        type = types.bool;
        default = false;
        description = "Whether to enable ${d}.";
      };
    mkPackageOption =
      pkgs: n: _:
      mkOption {
        type = types.package;
        default = pkgs.${n};
        description = "The ${n} package to use.";
      };
    mkIf = cond: content: {
      _type = "if";
      inherit cond content;
    };
    mkMerge = contents: {
      _type = "merge";
      inherit contents;
    };
    mkDefault = v: v;
    mkForce = v: v;
    optional = c: v: if c then [ v ] else [ ];
    optionals = c: v: if c then v else [ ];
    optionalString = c: v: if c then v else "";
    optionalAttrs = c: v: if c then v else { };
    hasInfix = i: s: b.replaceStrings [ i ] [ "" ] s != s;
    hasSuffix =
      x: s:
      b.stringLength x <= b.stringLength s
      && b.substring (b.stringLength s - b.stringLength x) (b.stringLength x) s == x;
    splitString = by: s: b.filter b.isString (b.split (b.replaceStrings [ "." ] [ "\\." ] by) s);
    last = list: b.elemAt list (b.length list - 1);
    init = list: b.genList (b.elemAt list) (b.length list - 1);
    filterAttrsRecursive =
      f: s:
      b.listToAttrs (
        b.concatMap (
          n:
          if f n s.${n} then
            [
              {
                name = n;
                value = if b.isAttrs s.${n} then filterAttrsRecursive f s.${n} else s.${n};
              }
            ]
          else
            [ ]
        ) (b.attrNames s)
      );
    hasPrefix = p: s: b.substring 0 (b.stringLength p) s == p;
    getExe = p: "${p.outPath}/bin/${p.meta.mainProgram}";
    concatStringsSep = b.concatStringsSep;
    inherit (b) attrNames filter;
    imap0 = f: list: b.genList (i: f i (b.elemAt list i)) (b.length list);
    boolToString = x: if x then "true" else "false";
    maintainers = { };
    literalMD = t: {
      _type = "literalMD";
      text = t;
    };
    literalExpression = t: {
      _type = "literalExpression";
      text = t;
    };
  };
  pkgs = {
    callPackage =
      path: _:
      assert b.pathExists path;
      package;
    stdenv.hostPlatform = { };
    stdenv.buildPlatform.canExecute = _: !cross;
    runCommand =
      n: env: script:
      env
      // {
        type = "derivation";
        name = n;
        # What it would have built, or how.
        outPath =
          if scripts then
            b.toFile n (
              b.toJSON {
                inherit script;
                inherit (env) unchecked;
              }
            )
          else
            env.unchecked;
      };
    coreutils.outPath = "/coreutils";
    coreutils.type = "derivation";
    util-linux.outPath = "/util-linux";
    util-linux.type = "derivation";
    writeShellScriptBin = n: text: {
      type = "derivation";
      outPath = "/nix/store/wrapper";
      name = n;
      inherit text;
    };
    formats.json = _: {
      type = type "JSON value" (_: true);
      generate = n: v: b.toFile n (b.toJSON v);
    };
  };
  # --- option values: user value (checked) or default ------------------------------------------------
  value =
    path: o: given: u:
    let
      v = if given then u else o.default or (throw "option ${path} has no value");
    in
    if !(o.type.check v) then
      throw "option ${path}: ${
        if b.isPath v then "path literal ${toString v}" else b.toJSON v
      } is not ${o.type.description}"
    else if o.type ? options then
      values path o.type.freeform o.type.options v
    else if o.type ? element then
      b.mapAttrs (n: values "${path}.${n}" o.type.element.freeform o.type.element.options) v
    else
      v;
  values =
    path: freeform: opts: u:
    let
      unknown = b.attrNames (b.removeAttrs u (b.attrNames opts));
    in
    if !freeform && unknown != [ ] then
      throw "unknown option(s) under ${path}: ${toString unknown}"
    else
      b.removeAttrs u (b.attrNames opts)
      // b.mapAttrs (
        n: o:
        if isOpt o then
          value "${path}.${n}" o (u ? ${n}) (u.${n} or null)
        else
          values "${path}.${n}" false o (u.${n} or { })
      ) opts;
  # --- mkIf / mkMerge --------------------------------------------------------------------------------
  merge =
    a: c:
    if b.isAttrs a && b.isAttrs c then
      a // b.mapAttrs (n: v: if a ? ${n} then merge a.${n} v else v) c
    else if b.isList a && b.isList c then
      a ++ c
    else
      c;
  dead = v: b.isAttrs v && v._type or "" == "if" && !v.cond;
  strip =
    v:
    if b.isAttrs v && v._type or "" == "if" then
      (if v.cond then strip v.content else { })
    else if b.isAttrs v && v._type or "" == "merge" then
      b.foldl' merge { } (map strip v.contents)
    else if b.isAttrs v && v.type or "" != "derivation" then
      b.listToAttrs (
        map (n: {
          name = n;
          value = strip v.${n};
        }) (b.filter (n: !(dead v.${n})) (b.attrNames v))
      )
    else
      v;
  m = (if b.isFunction module then module else import module) {
    inherit lib pkgs;
    config = cfgAll;
  };
  opts = m.options.services.${name};
  cfg = values "services.${name}" false opts user;
  cfgAll = {
    services.${name} = cfg;
    system.stateVersion = "26.11";
  };
  config = strip (m.config or { });
  failed = map (a: a.message) (b.filter (a: !a.assertion) (config.assertions or [ ]));
  # --- unit text -------------------------------------------------------------------------------------
  str =
    v:
    if v == true then
      "true"
    else if v == false then
      "false"
    else
      toString v;
  section =
    as:
    b.concatStringsSep "" (
      b.concatLists (
        b.attrValues (b.mapAttrs (n: v: map (x: "${n}=${str x}\n") (if b.isList v then v else [ v ])) as)
      )
    );
  dep =
    u:
    b.concatStringsSep "" (
      map ({ k, o }: if u ? ${o} && u.${o} != [ ] then "${k}=${toString u.${o}}\n" else "") [
        {
          k = "Description";
          o = "description";
        }
        {
          k = "Documentation";
          o = "documentation";
        }
        {
          k = "Requires";
          o = "requires";
        }
        {
          k = "Wants";
          o = "wants";
        }
        {
          k = "After";
          o = "after";
        }
        {
          k = "Before";
          o = "before";
        }
        {
          k = "BindsTo";
          o = "bindsTo";
        }
        {
          k = "PartOf";
          o = "partOf";
        }
      ]
    );
  unit =
    u: body:
    "[Unit]\n${dep u}${section (u.unitConfig or { })}"
    + (
      if u ? startLimitIntervalSec then
        "StartLimitIntervalSec=${toString u.startLimitIntervalSec}\n"
      else
        ""
    )
    + (
      if u.restartTriggers or [ ] == [ ] then
        ""
      else
        "X-Restart-Triggers=${b.hashString "sha256" (toString u.restartTriggers)}\n"
    )
    + "\n${body}"
    + (
      if u.wantedBy or [ ] == [ ] then
        ""
      else
        "\n[Install]\n" + b.concatStringsSep "" (map (w: "WantedBy=${w}\n") u.wantedBy)
    );
  units =
    b.listToAttrs (
      map (
        n:
        let
          u = config.systemd.services.${n};
        in
        {
          name = "${n}.service";
          value = unit u (
            "[Service]\n"
            + (if u.stopIfChanged or true then "" else "X-StopIfChanged=false\n")
            + b.concatStringsSep "" (
              map (e: "Environment=${b.toJSON "${e}=${str u.environment.${e}}"}\n") (
                b.attrNames (u.environment or { })
              )
            )
            + section u.serviceConfig
          );
        }
      ) (b.attrNames (config.systemd.services or { }))
    )
    // b.listToAttrs (
      map
        (
          n:
          let
            u = config.systemd.services.${n};
          in
          {
            name = "${n}.timer";
            value =
              "[Unit]\nDescription=When to run ${n}.service\n\n[Timer]\nOnCalendar=${u.startAt}\n"
              + section (config.systemd.timers.${n}.timerConfig or { })
              + "\n[Install]\nWantedBy=timers.target\n";
          }
        )
        (
          b.filter (n: config.systemd.services.${n} ? startAt) (b.attrNames (config.systemd.services or { }))
        )
    )
    // b.listToAttrs (
      map (
        n:
        let
          u = config.systemd.sockets.${n};
        in
        {
          name = "${n}.socket";
          value = unit u (
            "[Socket]\n"
            + section (u.socketConfig or { })
            + b.concatStringsSep "" (map (l: "ListenStream=${l}\n") (u.listenStreams or [ ]))
          );
        }
      ) (b.attrNames (config.systemd.sockets or { }))
    );
  described =
    path: os:
    b.concatLists (
      b.attrValues (
        b.mapAttrs (
          n: o:
          if isOpt o then
            [
              {
                name = "${path}.${n}";
                hasDescription = o ? description;
                type = o.type.description;
              }
            ]
            ++ (if o.type ? options then described "${path}.${n}" o.type.options else [ ])
            ++ (if o.type ? element then described "${path}.${n}.<name>" o.type.element.options else [ ])
          else
            described "${path}.${n}" o
        ) os
      )
    );
in
{
  inherit units cfg;
  options = described "services.${name}" opts;
  result = {
    failedAssertions = failed;
    warnings = config.warnings or [ ];
    firewall = config.networking.firewall.allowedTCPPorts or [ ];
    users = config.users.users or { };
    serviceConfig = b.mapAttrs (_: s: s.serviceConfig) (config.systemd.services or { });
    switch = b.mapAttrs (_: s: {
      stopIfChanged = s.stopIfChanged or true;
      restartTriggers = s.restartTriggers or [ ];
      startLimitIntervalSec = s.startLimitIntervalSec or null;
    }) (config.systemd.services or { });
    environment = b.mapAttrs (_: s: s.environment or { }) (config.systemd.services or { });
    startAt = b.mapAttrs (_: s: s.startAt or null) (config.systemd.services or { });
    timerConfig = b.mapAttrs (_: t: t.timerConfig) (config.systemd.timers or { });
    commands = map (p: p.text) (config.environment.systemPackages or [ ]);
    socketConfig = b.mapAttrs (
      _: s: { listenStreams = s.listenStreams or [ ]; } // (s.socketConfig or { })
    ) (config.systemd.sockets or { });
    tmpfiles = config.systemd.tmpfiles.settings or { };
  };
}
