{
  lib,
  rustPlatform,
}:
let
  fs = lib.fileset;
  manifest = (lib.importTOML ../Cargo.toml).package;
in
rustPlatform.buildRustPackage {
  pname = manifest.name;
  inherit (manifest) version;

  src = fs.toSource {
    root = ../.;
    fileset = fs.unions [
      ../Cargo.toml
      ../Cargo.lock
      ../askama.toml
      ../src
      # Cargo.toml names these files.
      ../benches
      ../tests
    ];
  };

  cargoLock.lockFile = ../Cargo.lock;
  strictDeps = true;
  __structuredAttrs = true;

  # Unit tests only. The others need a browser, a broker and Redis, and run in the project's CI.
  cargoTestFlags = [ "--lib" ];

  meta = {
    inherit (manifest) description;
    license = with lib.licenses; [
      mit
      asl20
    ];
    mainProgram = "kosync";
    platforms = lib.platforms.linux;
  };
}
