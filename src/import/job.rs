//! The import that an administrator begins on the dashboard: one at a time, in a thread of its own.
//!
//! The thread owns the uploaded file. It reads the file and shows what importing it would do, then waits for the administrator, and
//! imports it or drops it. The file has no name in the file system, so nothing remains of it once it is closed.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{ImportError, ImportReport, ImportTarget, Origin, STOPPED, import_while, preview_while};
use crate::auth::Authenticator;
use crate::error::Error;
use crate::model::Username;
use crate::store::Store;

/// How long an uploaded file waits for the administrator.
const PREVIEW_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// Niceness of the thread: requests go first.
const NICENESS: i32 = 10;

/// A file that was uploaded, and for whom it is imported.
pub(crate) struct Upload {
    /// The file's name, for messages.
    pub(crate) label: String,
    pub(crate) file: File,
    /// kosync-dotnet's `Kosync-log.db`, if it was uploaded too.
    pub(crate) log: Option<File>,
    /// Who uploaded it, for the log.
    pub(crate) by: String,
}

/// Where an import is.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// There is none.
    Idle,
    /// The file is read and compared with the store.
    Reading {
        /// Documents that were compared so far.
        documents: u64,
    },
    /// It is known what the import would do.
    Previewed {
        report: Arc<ImportReport>,
        /// Accounts that would be imported whatever their passwords.
        merged: Vec<Username>,
    },
    /// The import writes.
    Importing {
        /// Documents that were imported so far.
        documents: u64,
        /// Documents in all.
        of: u64,
    },
    /// The import is done.
    Finished(Arc<ImportReport>),
    /// It ended early, or could not begin.
    Failed(Arc<ImportFailure>),
}

/// Why an import of the dashboard failed. `Display` says it in English, for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportFailure {
    /// An administrator stopped it.
    #[error("the import was stopped, and what was imported so far stays")]
    Stopped,
    /// There is an error in the program.
    #[error("an unexpected error ended the import; the server's log has the cause")]
    Unexpected,
    /// The file cannot be read, or not be compared with the store: nothing was imported.
    #[error("{0}")]
    Unread(ImportError),
    /// It ended early: what was imported before stays.
    #[error("{STOPPED}: {0}")]
    Interrupted(ImportError),
}

/// An import as a page shows it.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// Tells this import from those before and after it.
    pub(crate) number: u64,
    pub(crate) label: String,
    pub(crate) stage: Stage,
}

/// What an administrator does with a previewed import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Preview it again, with these accounts merged.
    Preview(Vec<Username>),
    /// Import it, with these accounts merged.
    Import(Vec<Username>),
}

/// The import that was begun last. It stops when this is dropped.
#[derive(Default)]
pub(crate) struct ImportJob {
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    number: u64,
    label: String,
    run: Option<Run>,
}

/// What the thread of an import and its server share.
struct Run {
    progress: Arc<Progress>,
    decisions: Sender<Decision>,
}

struct Progress {
    stage: Mutex<Stage>,
    is_stopped: AtomicBool,
}

impl Progress {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.is_stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl ImportJob {
    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns where the import is.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let current = self.current();
        let stage = current.run.as_ref().map_or(Stage::Idle, |run| run.progress.stage().clone());
        Snapshot { number: current.number, label: current.label.clone(), stage }
    }

    /// Returns whether a file is being read or imported, so that no other may be.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.snapshot().stage, Stage::Reading { .. } | Stage::Importing { .. })
    }

    /// Begins to read a file. `false` if another import is running.
    ///
    /// # Errors
    /// That of the system, if it has no thread.
    pub(crate) fn begin(&self, upload: Upload, store: Store, auth: Arc<Authenticator>) -> io::Result<bool> {
        // Held until the new import is in place, so that of two uploads one is refused.
        let mut current = self.current();
        let is_running = current
            .run
            .as_ref()
            .is_some_and(|run| matches!(*run.progress.stage(), Stage::Reading { .. } | Stage::Importing { .. }));
        if is_running {
            return Ok(false);
        }
        let stage = Mutex::new(Stage::Reading { documents: 0 });
        let progress = Arc::new(Progress { stage, is_stopped: AtomicBool::new(false) });
        let (decisions, decided) = channel();
        let label = upload.label.clone();
        let worker = Worker { progress: progress.clone(), by: upload.by.clone(), label: label.clone(), store, auth };
        in_background("kosync-import", move || worker.run(upload, &decided))?;
        *current = Current { number: current.number + 1, label, run: Some(Run { progress, decisions }) };
        Ok(true)
    }

    /// Passes a decision on to the import of that number. `false` if it does not wait for one any more.
    pub(crate) fn decide(&self, number: u64, decision: Decision) -> bool {
        let current = self.current();
        let Some(run) = current.run.as_ref().filter(|_| current.number == number) else { return false };
        let mut stage = run.progress.stage();
        let Stage::Previewed { report, .. } = &*stage else { return false };
        let of = report.documents();
        let next = match &decision {
            Decision::Preview(_) => Stage::Reading { documents: 0 },
            Decision::Import(_) => Stage::Importing { documents: 0, of },
        };
        let is_sent = run.decisions.send(decision).is_ok();
        if is_sent {
            *stage = next;
        }
        is_sent
    }

    /// Stops the import of that number, or drops its file or its report.
    pub(crate) fn discard(&self, number: u64) {
        let mut current = self.current();
        if current.number == number {
            stop(current.run.as_ref());
            let is_writing = |run: &Run| matches!(*run.progress.stage(), Stage::Importing { .. });
            // The page then says how far it came.
            current.run = current.run.take().filter(is_writing);
        }
    }
}

fn stop(run: Option<&Run>) {
    if let Some(run) = run {
        run.progress.is_stopped.store(true, Ordering::Relaxed);
    }
}

impl Drop for ImportJob {
    fn drop(&mut self) {
        stop(self.current().run.as_ref());
    }
}

/// Runs a function in a thread of its own that gives way to requests.
///
/// # Errors
/// That of the system, if it has no thread.
pub(crate) fn in_background(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let lowered = move || {
        // Of Linux, this is the thread's own niceness. Without it, the thread competes with requests as one of them.
        if cfg!(target_os = "linux") {
            let _ = rustix::process::setpriority_process(None, NICENESS);
        }
        work();
    };
    thread::Builder::new().name(name.to_owned()).spawn(lowered).map(drop)
}

/// The thread of an import.
struct Worker {
    progress: Arc<Progress>,
    by: String,
    label: String,
    store: Store,
    auth: Arc<Authenticator>,
}

impl Worker {
    fn run(self, upload: Upload, decided: &Receiver<Decision>) {
        let (label, by) = (&self.label, &self.by);
        // A panic is in the log already. Without this, no other import could begin.
        let ended = catch_unwind(AssertUnwindSafe(|| self.carry_out(upload, decided)));
        match ended.unwrap_or_else(|_| Err(ImportFailure::Unexpected)) {
            Ok(Some(report)) => {
                tracing::info!(
                    file = label,
                    by,
                    accounts = report.accounts_created,
                    documents = report.documents_created,
                    advanced = report.documents_advanced,
                    skipped = report.skipped_count,
                    "import finished"
                );
                *self.progress.stage() = Stage::Finished(Arc::new(report));
            }
            Ok(None) => *self.progress.stage() = Stage::Idle,
            Err(failure) => {
                tracing::warn!(file = label, by, reason = %failure, "import failed");
                *self.progress.stage() = Stage::Failed(Arc::new(failure));
            }
        }
    }

    /// Returns the report of the import; `None` if the administrator dropped the file.
    fn carry_out(&self, upload: Upload, decided: &Receiver<Decision>) -> Result<Option<ImportReport>, ImportFailure> {
        let target = ImportTarget { store: &self.store, auth: &self.auth };
        let mut origin = Origin::from_upload(upload.label, upload.file, upload.log).map_err(ImportFailure::Unread)?;
        let mut merged = Vec::new();
        loop {
            let Some(mut preview) = self.preview(target, &origin)? else { return Ok(None) };
            *self.progress.stage() = Stage::Previewed { report: Arc::new(preview.clone()), merged: merged.clone() };
            let (accounts, is_final) = match decided.recv_timeout(PREVIEW_LIFETIME) {
                Ok(Decision::Import(accounts)) => (accounts, true),
                Ok(Decision::Preview(accounts)) => (accounts, false),
                Err(_) => return Ok(None),
            };
            if accounts != merged {
                merged = accounts;
                origin.set_merged(merged.clone());
                if is_final {
                    let Some(again) = self.preview(target, &origin)? else { return Ok(None) };
                    preview = again;
                }
            }
            if is_final {
                return self.import(target, &origin, preview).map(Some);
            }
        }
    }

    /// Reads the whole file; `None` if the administrator dropped it meanwhile.
    fn preview(&self, target: ImportTarget<'_>, origin: &Origin) -> Result<Option<ImportReport>, ImportFailure> {
        let previewed = preview_while(target, origin, |report| {
            if let Stage::Reading { documents } = &mut *self.progress.stage() {
                *documents = report.documents();
            }
            self.progress.flow()
        });
        match previewed {
            Err(_) if self.progress.flow().is_break() => Ok(None),
            previewed => previewed.map(Some).map_err(ImportFailure::Unread),
        }
    }

    fn import(
        &self,
        target: ImportTarget<'_>,
        origin: &Origin,
        preview: ImportReport,
    ) -> Result<ImportReport, ImportFailure> {
        let of = preview.documents();
        let importing = import_while(target, origin, preview, |report| {
            *self.progress.stage() = Stage::Importing { documents: report.documents(), of };
            self.progress.flow()
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let imported = match runtime {
            Ok(runtime) => runtime.block_on(importing),
            Err(error) => return Err(ImportFailure::Interrupted(ImportError::other(&self.label, error))),
        };
        imported.map_err(|error| match error {
            ImportError::Store(Error::StoreClosed) if self.progress.flow().is_break() => ImportFailure::Stopped,
            error => ImportFailure::Interrupted(error),
        })
    }
}
