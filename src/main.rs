//! The program `kosync`.

fn main() -> std::process::ExitCode {
    kosync::cli::main()
}
