//! Runs a command in a subprocess, so that it can be reported if LMDB aborts: LMDB trusts the pages of its file, and a damaged one
//! may end the process with an assertion or a signal.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

use nix::libc::{SIGABRT, SIGBUS, SIGSEGV};

use super::{EXIT_FAILURE, fail};

/// Environment variable that is set in the subprocess.
const MARKER: &str = "KOSYNC_SUBPROCESS";

/// Runs this program again with the same arguments, and returns its exit code. `None` if this process must do the work: it is the
/// subprocess, or none can be started.
pub(super) fn run() -> Option<ExitCode> {
    if env::var_os(MARKER).is_some() {
        // A signal that kills the command must also end its subprocess, which then removes what it has not finished.
        end_with_parent();
        return None;
    }
    let mut command = Command::new(env::current_exe().ok()?);
    let status = command.args(env::args_os().skip(1)).env(MARKER, "yes").status().ok()?;
    let error = match (status.code(), status.signal()) {
        (Some(code), _) => return Some(ExitCode::from(u8::try_from(code).unwrap_or(EXIT_FAILURE))),
        (None, Some(SIGABRT | SIGSEGV)) => {
            anyhow::anyhow!("the file is damaged, and LMDB cannot read it; restore an intact backup")
        }
        (None, Some(SIGBUS)) => {
            anyhow::anyhow!(
                "LMDB cannot read the file: the disk fails or is full, or the file is damaged; if it is, restore an intact backup"
            )
        }
        (None, signal) => anyhow::anyhow!("ended by signal {}", signal.unwrap_or_default()),
    };
    Some(fail(EXIT_FAILURE, &error))
}

/// Ends this process when its parent ends, at once.
#[cfg(target_os = "linux")]
fn end_with_parent() {
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM);
}

/// Ends this process when its parent ends, within a second: only Linux has a signal for that.
#[cfg(not(target_os = "linux"))]
fn end_with_parent() {
    use std::os::unix::process::parent_id;

    let parent = parent_id();
    std::thread::spawn(move || {
        while parent_id() == parent {
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
        let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGTERM);
    });
}
