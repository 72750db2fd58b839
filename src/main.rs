//! The binary `kosync`: command line, environment and file become a [`kosync::Config`], and that becomes a server.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
