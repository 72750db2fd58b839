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
      # Named in the manifest.
      ../benches
      ../tests
    ];
  };

  cargoLock.lockFile = ../Cargo.lock;
  strictDeps = true;
  __structuredAttrs = true;

  # The tests at the library's own level. The others start browsers and certificates, and run in the project's CI.
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
