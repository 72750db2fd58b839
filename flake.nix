{
  description = "kosync: the reading-progress sync server for KOReader";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      forAllSystems =
        f:
        lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
          # Not x86_64-darwin, which nixpkgs has dropped.
          "aarch64-darwin"
        ] (system: f nixpkgs.legacyPackages.${system});
    in
    {
      overlays.default = final: _prev: { kosync = final.callPackage ./nixos/package.nix { }; };

      packages = forAllSystems (pkgs: {
        kosync = pkgs.callPackage ./nixos/package.nix { };
        default = self.packages.${pkgs.stdenv.hostPlatform.system}.kosync;
      });

      apps = forAllSystems (pkgs: {
        default = {
          type = "app";
          program = lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.kosync;
          meta.description = "Run the kosync server";
        };
      });

      # The module builds the package with the `pkgs` of the system: its overlays, and its kind of processor.
      nixosModules = {
        kosync = ./nixos/module.nix;
        default = self.nixosModules.kosync;
      };

      checks = forAllSystems (
        pkgs:
        let
          inherit (pkgs.stdenv.hostPlatform) system;
        in
        {
          package = self.packages.${system}.kosync;
          devShell = self.devShells.${system}.default;
          nixfmt = pkgs.runCommand "check-nixfmt" { nativeBuildInputs = [ pkgs.nixfmt ]; } ''
            nixfmt --check ${./flake.nix} ${./nixos}/*.nix ${./tests/nix}/*.nix
            touch $out
          '';
        }
        // lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
          nixos = pkgs.testers.runNixOSTest {
            imports = [ ./nixos/test.nix ];
            defaults.imports = [ self.nixosModules.default ];
          };
        }
      );

      devShells = forAllSystems (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ self.packages.${pkgs.stdenv.hostPlatform.system}.kosync ];
          packages = [
            pkgs.clippy
            pkgs.rustfmt
            pkgs.rust-analyzer
          ];
        };
      });

      formatter = forAllSystems (pkgs: pkgs.nixfmt-tree);
    };
}
