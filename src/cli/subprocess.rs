//! A command in a process of its own, for what may end the one that does it: LMDB trusts the pages of its file, and where one is
//! damaged an assertion or a signal may be all that it has to say.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

use nix::libc::{SIGABRT, SIGBUS, SIGSEGV};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;

use super::{EXIT_FAILURE, fail};

/// Set in that process.
const MARK: &str = "KOSYNC_APART";

/// Runs this program once more, with the same arguments, and gives what became of it. `None` if the work is to be done here:
/// this is that process, or none can be had.
pub(super) fn run() -> Option<ExitCode> {
    if env::var_os(MARK).is_some() {
        // Whoever ends the command means this process, too.
        let _ = set_pdeathsig(Signal::SIGKILL);
        return None;
    }
    let mut command = Command::new(env::current_exe().ok()?);
    let ended = command.args(env::args_os().skip(1)).env(MARK, "yes").status().ok()?;
    let error = match (ended.code(), ended.signal()) {
        (Some(code), _) => return Some(ExitCode::from(u8::try_from(code).unwrap_or(EXIT_FAILURE))),
        (None, Some(SIGABRT | SIGSEGV)) => {
            anyhow::anyhow!("the file is damaged, and LMDB cannot read on; restore a backup that can be read")
        }
        (None, Some(SIGBUS)) => {
            anyhow::anyhow!(
                "LMDB cannot read on: the disk fails or is full, or the file is damaged; then restore a backup that can be read"
            )
        }
        (None, signal) => anyhow::anyhow!("ended by signal {}", signal.unwrap_or_default()),
    };
    Some(fail(EXIT_FAILURE, &error))
}
