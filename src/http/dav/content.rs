//! `GET` and `HEAD` of a file.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use salvo::http::StatusCode;
use salvo::http::body::ResBody;
use salvo::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderValue, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use salvo::hyper::body::Bytes;
use salvo::{Request, Response};

use super::Call;
use super::error::{DavError, write_status};
use super::headers::{Part, condition, is_not_modified, part};
use super::multistatus::http_date;
use crate::error::Error;
use crate::store::{FILE_CHUNK_LEN, OpenFile};

impl Call<'_> {
    /// Answers with a file, or a range of it [W3].
    ///
    /// # Errors
    /// 404 without a body if there is no file, or it is withheld; 405 for a folder; 412 if `If-Match` or `If-Unmodified-Since` does
    /// not hold; 416 if the range is behind the end.
    pub(super) async fn get(&self, req: &Request, res: &mut Response, has_body: bool) -> Result<(), DavError> {
        let Some(path) = &self.target.path else { return Err(DavError::IsFolder) };
        let file = match self.visible(path)? {
            Some(found) if found.is_folder => return Err(DavError::IsFolder),
            Some(_) => self.state.store.download_file(self.user.id, path).await?,
            None => None,
        };
        let Some(file) = file.filter(|file| !file.info().is_withheld) else {
            if let Some(client) = self.client(req, path).filter(|_| has_body) {
                self.first_uploads.expect(client);
            }
            return Err(DavError::NotFound);
        };
        let info = file.info();
        if !condition(req.headers())?.holds_if_known(Some(info)) {
            return Err(DavError::PreconditionFailed);
        }
        let headers = res.headers_mut();
        headers.insert(ETAG, value(&info.etag()));
        headers.insert(LAST_MODIFIED, value(&http_date(info.modified)));
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        // Whatever was uploaded, a browser must not run it as a page of this site.
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        if is_not_modified(req.headers(), info) {
            res.status_code(StatusCode::NOT_MODIFIED);
            return Ok(());
        }
        // A range is of an answer with a body.
        let part = if has_body { part(req.headers(), info) } else { Part::Whole };
        let (start, end) = match part {
            Part::Whole => (0, info.size),
            Part::Range(start, end) => {
                let range = format!("bytes {start}-{}/{}", end - 1, info.size);
                res.headers_mut().insert(CONTENT_RANGE, value(&range));
                (start, end)
            }
            Part::Unsatisfiable => {
                res.headers_mut().insert(CONTENT_RANGE, value(&format!("bytes */{}", info.size)));
                write_status(res, StatusCode::RANGE_NOT_SATISFIABLE);
                return Ok(());
            }
        };
        let is_part = res.headers().contains_key(CONTENT_RANGE);
        res.status_code(if is_part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK });
        let headers = res.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(end - start));
        if !has_body {
            return Ok(());
        }
        let mut bytes = FileBytes { file, at: start, end };
        if end - start <= FILE_CHUNK_LEN as u64 {
            let mut whole = Vec::new();
            while let Some(bytes) = bytes.read()? {
                whole.extend_from_slice(&bytes);
            }
            res.body(whole);
        } else {
            res.body(ResBody::stream(bytes));
        }
        Ok(())
    }
}

/// A range of a file, chunk by chunk. An error ends the connection before the end of the body.
struct FileBytes {
    file: OpenFile,
    at: u64,
    end: u64,
}

impl FileBytes {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.at >= self.end {
            return Ok(None);
        }
        let mut bytes = self.file.read_from(self.at)?;
        bytes.truncate(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
        self.at += bytes.len() as u64;
        Ok(Some(bytes))
    }
}

impl Stream for FileBytes {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let bytes = self.read().inspect_err(|error| tracing::warn!(%error, "download cut short"));
        Poll::Ready(bytes.map(|bytes| bytes.map(Bytes::from)).transpose())
    }
}

/// Returns a header's value. All that comes here is visible ASCII.
pub(super) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
