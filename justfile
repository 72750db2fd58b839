# Recipes for https://just.systems. Each calls the script or the command that CI calls; `just` is not needed for any of them.

# Lists the recipes
default:
    @just --list

# Runs the server; arguments are kosync's
run *arguments:
    cargo run --release -- {{arguments}}

# Runs all tests, or those of a name: just test --test wire t4_
test *arguments:
    cargo test --locked {{arguments}}

# Runs everything that must pass before a change lands
ci:
    .ci/run

# Formats the Rust code
format:
    cargo fmt

# Runs clippy as CI does
lint:
    cargo clippy --locked --all-targets --all-features -- -D warnings

# Checks licences, banned crates and sources of dependencies; `just deny advisories` checks for vulnerabilities
deny *checks:
    scripts/deny.sh {{checks}}

# Checks that the code compiles for 32-bit ARM, musl, macOS and FreeBSD, or for the targets given
targets *targets:
    scripts/check-targets.sh {{targets}}

# Checks the NixOS module; `just nix --write` writes nixos/systemd/
nix *arguments:
    tests/nix/check.sh {{arguments}}

# Checks the Home Assistant app
addon:
    tests/addon/check.py

# Checks the templates in deploy
deploy:
    cargo build --locked
    tests/deploy/check.py target/debug/kosync

# Checks the scripts of a release
release:
    cargo build --locked
    tests/release/check.sh target/debug/kosync

# Tries the configurations of docs/reverse-proxy.md with real proxies
proxies:
    cargo build --locked
    scripts/try-proxies.py

# Fuzzes request, export or litedb
fuzz target *arguments:
    cargo +nightly fuzz run {{target}} fuzz/corpus/{{target}} {{arguments}}

# Measures the figures of docs/performance.md
bench:
    cargo bench --bench core

# Measures what others see of attacks
abuse *names:
    cargo bench --bench abuse -- {{names}}

# Runs a server through minutes of mixed traffic
soak minutes="60":
    cargo bench --bench soak -- {{minutes}}
