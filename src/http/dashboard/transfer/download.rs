//! Sends an export or a backup while it is made, in bounded memory.

use std::io::{self, BufWriter, ErrorKind, Read as _, Seek as _, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use jiff::Timestamp;
use salvo::http::StatusCode;
use salvo::http::body::ResBody;
use salvo::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::hyper::body::Bytes;
use salvo::{Response, Scribe};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;
use crate::http::dashboard::error::PageError;
use crate::import;
use crate::import::job::in_background;
use crate::model::UserId;
use crate::store::Store;

/// Size of a part of the answer, in bytes.
const PART: usize = 64 * 1024;
/// Parts that wait for the client.
const WAITING_PARTS: usize = 4;

/// What can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Everything as JSON lines, as `kosync export` writes it.
    Export,
    /// An account and its documents, likewise.
    AccountExport(UserId),
    /// A snapshot of the data file, as `kosync backup` writes it.
    Backup,
}

impl Kind {
    fn file_name(self) -> String {
        let (of, suffix) = match self {
            Self::Export => (String::new(), "jsonl"),
            Self::AccountExport(user) => (format!("account-{}-", user.get()), "jsonl"),
            Self::Backup => (String::new(), "mdb"),
        };
        format!("kosync-{of}{}.{suffix}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ"))
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Export | Self::AccountExport(_) => "application/jsonl",
            Self::Backup => "application/octet-stream",
        }
    }
}

/// A file that the browser saves.
pub(super) struct Download {
    kind: Kind,
    length: Option<u64>,
    body: ResBody,
}

impl Download {
    /// Describes the file only, for HEAD.
    pub(super) fn head(kind: Kind) -> Self {
        Self { kind, length: None, body: ResBody::None }
    }

    /// Begins to make the file, and waits for its first part: what goes wrong until then is a page.
    ///
    /// `by` is who wants it, for the log.
    pub(super) async fn begin(
        kind: Kind,
        store: &Store,
        heavy_reads: &Arc<Semaphore>,
        by: String,
    ) -> Result<Self, PageError> {
        let permit = heavy_reads.clone().try_acquire_owned().map_err(|_| PageError::HeavyReadRunning)?;
        let (sender, mut receiver) = channel(WAITING_PARTS);
        let store = store.clone();
        let work = move || make(kind, &store, sender, permit, &by);
        in_background("kosync-download", work).map_err(|_| PageError::Busy)?;
        let length = match receiver.recv().await {
            Some(Part::Length(length)) => length,
            Some(Part::Failed(error)) => return Err(as_page(error)),
            Some(Part::Data(_)) | None => return Err(PageError::Internal),
        };
        Ok(Self { kind, length, body: ResBody::stream(Parts(receiver)) })
    }
}

impl Scribe for Download {
    fn render(self, res: &mut Response) {
        res.status_code(StatusCode::OK);
        let disposition = format!("attachment; filename=\"{}\"", self.kind.file_name());
        let headers = res.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind.content_type()));
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            headers.insert(CONTENT_DISPOSITION, disposition);
        }
        if let Some(length) = self.length {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        res.body(self.body);
    }
}

/// Makes a page of an error before the first part.
fn as_page(error: Error) -> PageError {
    match &error {
        Error::File { reason, .. } if matches!(reason.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            PageError::NoSpace
        }
        _ => error.into(),
    }
}

/// What the thread that makes the file passes on: the length first, if it is known.
enum Part {
    Length(Option<u64>),
    Data(Bytes),
    Failed(Error),
}

/// Makes the file. The permit is held as long as the store is read, even if the client is gone.
fn make(kind: Kind, store: &Store, sender: Sender<Part>, permit: OwnedSemaphorePermit, by: &str) {
    let mut out = PartWriter { sender, has_begun: false, bytes: 0 };
    let made = match kind {
        Kind::Export => export(store, None, &mut out),
        Kind::AccountExport(user) => export(store, Some(user), &mut out),
        Kind::Backup => backup(store, &mut out),
    };
    let bytes = out.bytes;
    // Before the client knows that this is the end, and asks for the next one.
    drop(permit);
    match made {
        Ok(()) => tracing::info!(kind = ?kind, by, bytes, "download finished"),
        Err(error) => {
            tracing::info!(kind = ?kind, by, bytes, %error, "download ended early");
            // The connection closes before the end of the body, so that no client takes a part for the whole.
            let _ = out.sender.blocking_send(Part::Failed(error));
        }
    }
}

fn export(store: &Store, only: Option<UserId>, out: &mut PartWriter) -> Result<(), Error> {
    let scratch = store.scratch_dir()?;
    let out = BufWriter::with_capacity(PART, out);
    match only {
        None => import::export(store, &scratch, out, |_| ()),
        only => import::export_accounts(store, &scratch, only, out, |_| ()),
    }
    .map(drop)
}

fn backup(store: &Store, out: &mut PartWriter) -> Result<(), Error> {
    let mut file = store.snapshot()?;
    let mut send = || {
        file.rewind()?;
        out.begin(Some(file.metadata()?.len()))?;
        let mut part = vec![0; PART];
        loop {
            match file.read(&mut part)? {
                0 => return Ok(()),
                read => out.write_all(&part[..read])?,
            }
        }
    };
    send().map_err(|reason| Error::File { path: "the backup".into(), reason: Arc::new(reason) })?;
    store.note_backup();
    Ok(())
}

/// Passes what is written on to the answer, and waits while the client takes it.
struct PartWriter {
    sender: Sender<Part>,
    has_begun: bool,
    bytes: u64,
}

impl PartWriter {
    fn begin(&mut self, length: Option<u64>) -> io::Result<()> {
        self.has_begun = true;
        self.send(Part::Length(length))
    }

    fn send(&self, part: Part) -> io::Result<()> {
        self.sender.blocking_send(part).map_err(|_| ErrorKind::BrokenPipe.into())
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.has_begun {
            self.begin(None)?;
        }
        self.send(Part::Data(Bytes::copy_from_slice(bytes)))?;
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body of a download.
struct Parts(Receiver<Part>);

impl Stream for Parts {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match std::task::ready!(self.0.poll_recv(cx)) {
                Some(Part::Length(_)) => continue,
                Some(Part::Data(data)) => Some(Ok(data)),
                Some(Part::Failed(error)) => Some(Err(error)),
                None => None,
            });
        }
    }
}
