//! `PUT`: an upload, chunk by chunk.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::time::Duration;

use salvo::http::StatusCode;
use salvo::http::body::Body as _;
use salvo::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, EXPECT, USER_AGENT};
use salvo::{Request, Response};

use super::Call;
use super::content::value;
use super::error::{DavError, Drained, write_status};
use super::headers::condition;
use crate::model::FilePath;
use crate::store::{EntityTags, FileCondition, FileOutcome, UploadStep};

/// How long an upload may take in all.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(30 * 60);

impl Call<'_> {
    /// Stores a file [W3]. The old one stays until the new one is whole and on disk.
    ///
    /// # Errors
    /// 412 if the condition does not hold, before the body or once it is there, or if the client found no merged database to read and
    /// there is one now; 409 if the folder does not exist; 413 and 507 if it
    /// is too much; 400 and 408 if the body does not come whole.
    pub(super) async fn put(&self, req: &mut Request, res: &mut Response) -> Result<(), DavError> {
        let path = self.path().map_err(|_| DavError::NoFileName)?.clone();
        if self.target.has_slash {
            return Err(DavError::NoFileName);
        }
        let headers = req.headers();
        if headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(DavError::BodyUnsupported("Send the file as it is, without `Content-Encoding`."));
        }
        if headers.contains_key(CONTENT_RANGE) {
            return Err(DavError::BadHeader("A part of a file cannot be uploaded. Send all of it."));
        }
        let mut condition = condition(headers)?;
        if condition == FileCondition::default()
            && self.client(req, &path).is_some_and(|client| self.first_uploads.take(&client))
        {
            condition.matches_none = Some(EntityTags::Any);
        }
        let announced = announced(req);
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned);
        self.check(&path, &condition)?;
        let outcome = tokio::time::timeout(UPLOAD_TIMEOUT, self.store_body(req, path, announced, condition, agent));
        match outcome.await.map_err(|_| DavError::BodyTimeout)?? {
            FileOutcome::Done { is_new, info } => {
                write_status(res, if is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT });
                if let Some(info) = info {
                    res.headers_mut().insert(ETAG, value(&info.etag()));
                }
                Ok(())
            }
            refused => super::error::done(refused).map(drop),
        }
    }

    /// Refuses before the body what would be refused after it.
    fn check(&self, path: &FilePath, condition: &FileCondition) -> Result<(), DavError> {
        let visible = self.visible(path)?;
        if !condition.holds(visible.as_ref()) {
            return Err(DavError::PreconditionFailed);
        }
        if visible.is_some_and(|found| found.is_folder) {
            return Err(DavError::NoFileName);
        }
        let Some(parent) = path.parent() else { return Ok(()) };
        let has_parent = self.visible(&parent)?.is_some_and(|parent| parent.is_folder);
        if has_parent { Ok(()) } else { Err(DavError::NoParent) }
    }

    async fn store_body(
        &self,
        req: &mut Request,
        path: FilePath,
        announced: Option<u64>,
        condition: FileCondition,
        agent: Option<String>,
    ) -> Result<FileOutcome, DavError> {
        let begun = self.state.store.begin_upload(self.user.clone(), &path, announced).await?;
        let mut upload = begun.map_err(DavError::OverQuota)?;
        let mut received = 0_u64;
        if req.body().is_none() {
            // A layer of the embedding app has read it, and then Salvo kept its bytes.
            let kept = req.payload().await.map_err(|_| DavError::BodyBroken)?.clone();
            received = kept.len() as u64;
            taken(upload.write(&kept).await?)?;
        } else {
            let mut body = req.take_body();
            loop {
                // Frames are a few KiB, and the next one is read once the last one is stored.
                let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
                let frame = tokio::time::timeout(self.state.client_timeout, frame).await;
                let Some(frame) = frame.map_err(|_| DavError::BodyTimeout)? else { break };
                let frame = frame.map_err(|error| match error.kind() {
                    ErrorKind::TimedOut => DavError::BodyTimeout,
                    _ => DavError::BodyBroken,
                })?;
                let Ok(data) = frame.into_data() else { continue };
                received = received.saturating_add(data.len() as u64);
                taken(upload.write(&data).await?)?;
            }
        }
        if announced.is_some_and(|announced| announced != received) {
            return Err(DavError::BodyBroken);
        }
        Ok(upload.finish(path, condition, agent.as_deref()).await?)
    }
}

/// Reads and drops a body that nothing has read. A client that waits to be asked for it is not asked.
///
/// One that is announced longer is not read at all: the connection ends before its end anyway.
pub(super) async fn drain(req: &mut Request, drained: Drained, timeout: Duration) {
    let (max, total_timeout) = match drained {
        Drained::Nothing => return,
        Drained::Body => (1 << 20, timeout),
        Drained::File => (64 << 20, UPLOAD_TIMEOUT),
    };
    if req.body().is_none() || req.headers().contains_key(EXPECT) || announced(req).is_some_and(|length| length > max) {
        return;
    }
    let (mut body, mut total) = (req.take_body(), 0_u64);
    let read = async {
        while total < max
            && let Ok(Some(Ok(frame))) =
                tokio::time::timeout(timeout, poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))).await
        {
            total += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
    };
    let _ = tokio::time::timeout(total_timeout, read).await;
}

/// Returns the length of the body, if the client says it.
fn announced(req: &Request) -> Option<u64> {
    req.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn taken(step: UploadStep) -> Result<(), DavError> {
    match step {
        UploadStep::Taken => Ok(()),
        UploadStep::Stale => Err(DavError::Unauthorized),
        UploadStep::OverQuota(exceeded) => Err(DavError::OverQuota(exceeded)),
    }
}
