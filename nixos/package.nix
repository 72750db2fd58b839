{
  lib,
  stdenv,
  rustPlatform,
  buildPackages,
  installShellFiles,
}:
let
  fs = lib.fileset;
  manifest = (lib.importTOML ../Cargo.toml).package;
  # Runs the binary also where it is built for another system, as the static one is.
  canRun = stdenv.hostPlatform.emulatorAvailable buildPackages;
  kosync = "${stdenv.hostPlatform.emulator buildPackages} $out/bin/kosync";
in
rustPlatform.buildRustPackage {
  pname = manifest.name;
  inherit (manifest) version;

  src = fs.toSource {
    root = ../.;
    fileset = fs.unions [
      ../.cargo
      ../Cargo.toml
      ../Cargo.lock
      ../askama.toml
      ../build.rs
      ../src
      # Cargo.toml names these files.
      ../benches
      ../tests
    ];
  };

  cargoLock.lockFile = ../Cargo.lock;
  strictDeps = true;
  __structuredAttrs = true;

  nativeBuildInputs = [ installShellFiles ];
  postInstall = lib.optionalString canRun ''
    ${kosync} man man
    installManPage man/*.1
    for shell in bash zsh fish; do
      ${kosync} completions $shell > kosync.$shell
    done
    installShellCompletion --cmd kosync kosync.{bash,zsh,fish}
  '';

  # Unit tests only. The others need a browser, a broker and Redis, and run in the project's CI.
  cargoTestFlags = [ "--lib" ];

  meta = {
    inherit (manifest) description;
    license = with lib.licenses; [
      mit
      asl20
    ];
    homepage = "https://github.com/kosync/kosync";
    changelog = "https://github.com/kosync/kosync/blob/main/CHANGELOG.md";
    mainProgram = "kosync";
    maintainers = [
      {
        name = "The developers of kosync";
        github = "kosync";
      }
    ];
    platforms = lib.platforms.linux ++ lib.platforms.darwin;
  };
}
