//! The table of failures: each with its status and what to do.

use std::time::Duration;

use salvo::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use salvo::http::{Method, StatusCode};
use salvo::{Request, Response};

use super::METHODS;
use crate::error::{ClientFailure, Error};
use crate::http::middleware::log_failed_request;
use crate::store::{FileOutcome, FileQuotaExceeded};

/// Why a request failed.
#[derive(Debug)]
pub(super) enum DavError {
    Unauthorized,
    TooManyFailures {
        retry_after: Duration,
    },
    ForeignPage,
    MethodNotAllowed,
    /// The method is for files, and this is a folder.
    IsFolder,
    /// A file cannot have this path.
    NoFileName,
    /// The account's folder itself cannot be replaced, moved or deleted.
    RootFolder,
    BadPath(&'static str),
    PathTooLong,
    NotFound,
    NoParent,
    Exists,
    /// `Overwrite: F`, and there is something.
    NotOverwritten,
    IntoItself,
    PreconditionFailed,
    /// The request has a header `If`, whose conditions are not supported.
    ConditionUnsupported,
    BadDestination,
    BadHeader(&'static str),
    BadBody(&'static str),
    BodyUnsupported(&'static str),
    BodyTooLarge,
    BodyTimeout,
    BodyBroken,
    InfiniteDepth,
    OverQuota(FileQuotaExceeded),
    Store(Error),
}

/// How much of a request's body is read and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drained {
    Nothing,
    /// As much, and for as long, as of any request: a stranger may have sent it.
    Body,
    /// A whole file.
    File,
}

impl DavError {
    fn row(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Log in with the name and the password of your account."),
            Self::TooManyFailures { .. } => (StatusCode::TOO_MANY_REQUESTS, "Too many failed logins. Try again later."),
            Self::ForeignPage => {
                (StatusCode::FORBIDDEN, "Pages of other sites cannot change files. `cors_origins` allows a site.")
            }
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "This folder does not support the method; see `Allow`.")
            }
            Self::IsFolder => (
                StatusCode::METHOD_NOT_ALLOWED,
                "This is a WebDAV folder: add its address to KOReader's cloud storage, or open it with a WebDAV client.",
            ),
            Self::NoFileName => (
                StatusCode::METHOD_NOT_ALLOWED,
                "A folder has this name, or the path ends with a slash. Choose another name for the file.",
            ),
            Self::RootFolder => (StatusCode::FORBIDDEN, "The account's folder itself cannot be changed."),
            Self::BadPath(what) => (StatusCode::BAD_REQUEST, what),
            Self::PathTooLong => {
                (StatusCode::URI_TOO_LONG, "A name may have 255 bytes and a path 480. Choose a shorter one.")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, ""),
            Self::NoParent => (StatusCode::CONFLICT, "The folder of this path does not exist. Create it first."),
            Self::Exists => (StatusCode::METHOD_NOT_ALLOWED, "There is something of this name already."),
            Self::NotOverwritten => (
                StatusCode::PRECONDITION_FAILED,
                "There is something at the destination already, and `Overwrite` is `F`.",
            ),
            Self::IntoItself => (StatusCode::FORBIDDEN, "The source and the destination contain each other."),
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "The file is not as the request's conditions say: it has changed, appeared or gone. Read it again, then repeat the change.",
            ),
            Self::ConditionUnsupported => {
                (StatusCode::PRECONDITION_FAILED, "Conditions in `If` are not supported. Use `If-Match`.")
            }
            Self::BadDestination => {
                (StatusCode::BAD_REQUEST, "`Destination` is missing, or is not a path of this folder.")
            }
            Self::BadHeader(what) | Self::BadBody(what) => (StatusCode::BAD_REQUEST, what),
            Self::BodyUnsupported(what) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, what),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
            Self::BodyTimeout => {
                (StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time. The old file is unchanged.")
            }
            Self::BodyBroken => (StatusCode::BAD_REQUEST, "The body ended too early. The old file is unchanged."),
            Self::InfiniteDepth => (StatusCode::FORBIDDEN, ""),
            Self::OverQuota(FileQuotaExceeded::FileBytes) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "A file may have 64 MiB here.")
            }
            Self::OverQuota(FileQuotaExceeded::Bytes) => (
                StatusCode::INSUFFICIENT_STORAGE,
                "The account's folder is full. Delete files, or ask the administrator for a greater `max_files_bytes`.",
            ),
            Self::OverQuota(FileQuotaExceeded::Files) => (
                StatusCode::INSUFFICIENT_STORAGE,
                "The account has 1,000 files and folders, the most it may have. Delete some.",
            ),
            Self::OverQuota(FileQuotaExceeded::FreeDisk) => {
                (StatusCode::INSUFFICIENT_STORAGE, "The server's disk has little space left. Tell the administrator.")
            }
            Self::Store(error) => match error.client_failure() {
                ClientFailure::NoSpace => {
                    (StatusCode::INSUFFICIENT_STORAGE, "The server has no space left on its disk.")
                }
                ClientFailure::DiskWrite => (StatusCode::SERVICE_UNAVAILABLE, "The server cannot write to its disk."),
                ClientFailure::DataDirReplaced => {
                    (StatusCode::SERVICE_UNAVAILABLE, "The server's data directory was deleted or replaced.")
                }
                ClientFailure::Busy => (StatusCode::SERVICE_UNAVAILABLE, "The server is too busy. Try again."),
                ClientFailure::Internal => {
                    (StatusCode::INTERNAL_SERVER_ERROR, "Unknown server error; see the server's log.")
                }
            },
        }
    }

    /// Returns how much of a body is read and dropped before the response.
    ///
    /// KOReader sends all of a file before it reads the response, and would lose it if the connection was closed meanwhile: then it
    /// would not see that it has to merge again.
    pub(super) fn drained(&self) -> Drained {
        match self {
            Self::Unauthorized
            | Self::TooManyFailures { .. }
            | Self::ForeignPage
            | Self::MethodNotAllowed
            | Self::BodyTooLarge
            | Self::OverQuota(FileQuotaExceeded::FileBytes) => Drained::Body,
            Self::BodyTimeout | Self::BodyBroken => Drained::Nothing,
            _ => Drained::File,
        }
    }

    /// Writes the response. Its text is for people; that to a file that is not there is empty [W4].
    pub(super) fn write(&self, req: &Request, res: &mut Response) {
        if let Self::Store(error) = self
            && error.client_failure() == ClientFailure::Internal
        {
            log_failed_request(error);
        }
        let (status, text) = self.row();
        write_status(res, status);
        let headers = res.headers_mut();
        match self {
            Self::Unauthorized => {
                let challenge = HeaderValue::from_static(r#"Basic realm="kosync", charset="UTF-8""#);
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            Self::TooManyFailures { retry_after } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
            }
            Self::MethodNotAllowed | Self::IsFolder | Self::NoFileName | Self::Exists => {
                headers.insert(ALLOW, HeaderValue::from_static(METHODS));
            }
            Self::InfiniteDepth => {
                const BODY: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/></D:error>";
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
                res.body(BODY);
                return;
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        if !text.is_empty() && req.method() != Method::HEAD {
            res.body(format!("{text}\n"));
        }
    }
}

/// Writes a response without a text. Its body is empty, and not missing: layers fill in a missing one.
pub(super) fn write_status(res: &mut Response, status: StatusCode) {
    res.status_code(status);
    res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    res.body(Vec::new());
}

impl From<Error> for DavError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// Converts the outcome of a change to an error, unless it was made. `Ok` says whether nothing was at the path before.
pub(super) fn done(outcome: FileOutcome) -> Result<bool, DavError> {
    Err(match outcome {
        FileOutcome::Done { is_new, .. } => return Ok(is_new),
        FileOutcome::NotFound => DavError::NotFound,
        FileOutcome::NoParent => DavError::NoParent,
        FileOutcome::Exists => DavError::Exists,
        FileOutcome::IsFolder => DavError::NoFileName,
        FileOutcome::IntoItself => DavError::IntoItself,
        FileOutcome::PathTooLong => DavError::PathTooLong,
        FileOutcome::PreconditionFailed => DavError::PreconditionFailed,
        FileOutcome::Stale => DavError::Unauthorized,
        FileOutcome::OverQuota(exceeded) => DavError::OverQuota(exceeded),
    })
}
