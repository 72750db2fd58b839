//! Receives the file of an import into a file without a name.

use std::fs::File;
use std::io::{ErrorKind, Write as _};

use salvo::Request;
use salvo::http::ReqBody;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE};

use super::multipart::{Multipart, MultipartError, PartHead};
use crate::error::Error;
use crate::http::body::BodyError;
use crate::http::dashboard::error::PageError;
use crate::http::dashboard::form_errors::FormErrors;
use crate::import::job::Upload;
use crate::model::{LOGGED_NAME_MAX, printable, shortened};
use crate::state::AppState;
use crate::store::Store;
use crate::text::Texts;

/// Bytes that are written to the disk at a time.
const BLOCK: usize = 256 * 1024;
/// Bytes between two looks at the free space of the disk.
const DISK_STEP: u64 = 8 << 20;
/// Bytes of a refused upload that are read, so that the browser shows why.
const DRAIN_MAX: u64 = 1 << 30;
/// Bytes of an upload beside its files.
const FORM_BYTES: u64 = 64 * 1024;

/// Receives the form with the fields `file` and `log`, which are files. `by` is who sent it, for the log.
pub(super) async fn receive(
    state: &AppState,
    req: &mut Request,
    by: String,
    texts: Texts,
) -> Result<Upload, PageError> {
    let header = |name| req.headers().get(name).and_then(|value: &salvo::http::HeaderValue| value.to_str().ok());
    let content_type = header(CONTENT_TYPE).unwrap_or_default().to_owned();
    let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    let body = match req.body().is_none() {
        // A layer of the embedding app has read it, and then Salvo kept its bytes.
        true => ReqBody::Once(req.payload().await.map_err(|_| PageError::BodyIncomplete)?.clone()),
        false => req.take_body(),
    };
    let max = state.max_import_bytes;
    let mut form =
        Multipart::new(&content_type, body, max.saturating_add(FORM_BYTES)).ok_or_else(|| malformed(texts))?;
    let received = match announced {
        _ if state.import_job.is_running() => Err(invalid("admin-import-running", texts)),
        Some(length) if length > max.saturating_add(FORM_BYTES) => Err(PageError::UploadTooLarge(max)),
        announced => match state.store.reserve_disk(announced.unwrap_or(DISK_STEP)) {
            Ok(()) => receive_parts(&state.store, &mut form, max, texts).await,
            Err(error) => Err(error.into()),
        },
    };
    let received = match received {
        Ok(received) => received,
        Err(error) => {
            form.drain(DRAIN_MAX).await;
            return Err(error);
        }
    };
    let Some((name, file)) = received.file else {
        return Err(PageError::InvalidFields(FormErrors::one("file", texts.msg("admin-import-no-file"))));
    };
    Ok(Upload { label: shortened(&printable(&name), LOGGED_NAME_MAX).to_owned(), file, log: received.log, by })
}

fn invalid(message: &'static str, texts: Texts) -> PageError {
    PageError::InvalidForm(texts.msg(message).to_string())
}

fn malformed(texts: Texts) -> PageError {
    invalid("admin-import-malformed", texts)
}

#[derive(Default)]
struct Received {
    /// The file and its name.
    file: Option<(String, File)>,
    log: Option<File>,
}

async fn receive_parts(store: &Store, form: &mut Multipart, max: u64, texts: Texts) -> Result<Received, PageError> {
    let failed = |error| match error {
        MultipartError::Malformed => malformed(texts),
        MultipartError::Body(BodyError::TooLarge) => PageError::UploadTooLarge(max),
        MultipartError::Body(error) => error.into(),
    };
    let mut received = Received::default();
    while let Some(PartHead { name, file_name }) = form.next_part().await.map_err(failed)? {
        // A browser sends an empty part for a file that was not chosen.
        if file_name.is_empty() || !["file", "log"].contains(&name.as_str()) {
            continue;
        }
        let mut spool = Spool::open(store)?;
        while let Some(chunk) = form.next_chunk().await.map_err(failed)? {
            spool.push(&chunk).await?;
        }
        let file = spool.finish().await?;
        match name.as_str() {
            "file" => received.file = Some((file_name, file)),
            _ => received.log = Some(file),
        }
    }
    Ok(received)
}

/// Writes a file block by block, off the async threads.
struct Spool<'a> {
    store: &'a Store,
    file: File,
    block: Vec<u8>,
    written: u64,
    checked: u64,
}

impl<'a> Spool<'a> {
    fn open(store: &'a Store) -> Result<Self, PageError> {
        let file = store.nameless_file().map_err(|error| write_error(&error))?;
        Ok(Self { store, file, block: Vec::with_capacity(BLOCK), written: 0, checked: 0 })
    }

    async fn push(&mut self, bytes: &[u8]) -> Result<(), PageError> {
        self.block.extend_from_slice(bytes);
        if self.block.len() < BLOCK { Ok(()) } else { self.write().await }
    }

    async fn finish(mut self) -> Result<File, PageError> {
        self.write().await?;
        Ok(self.file)
    }

    async fn write(&mut self) -> Result<(), PageError> {
        if self.written >= self.checked + DISK_STEP {
            self.checked = self.written;
            self.store.reserve_disk(DISK_STEP)?;
        }
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
        let mut file = self.file.try_clone().map_err(|error| write_error(&error))?;
        self.written += block.len() as u64;
        let written = tokio::task::spawn_blocking(move || file.write_all(&block)).await;
        written.map_err(|_| PageError::Internal)?.map_err(|error| write_error(&error))
    }
}

fn write_error(error: &std::io::Error) -> PageError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::NoSpace.into(),
        _ => {
            tracing::warn!(%error, "upload cannot be written to the data directory");
            PageError::DiskWrite
        }
    }
}
