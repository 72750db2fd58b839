//! The one table from what went wrong to what goes over the wire.

use std::borrow::Cow;
use std::time::Duration;

use salvo::http::StatusCode;
use salvo::http::header::{HeaderValue, RETRY_AFTER};
use salvo::{Response, Scribe};
use serde::Serialize;

use super::JsonResponse;
use crate::error::Error;
use crate::http::body::{BODY_MAX, BodyError};
use crate::model::{Document, ValidationError};

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum ApiError {
    Unknown,
    /// Unknown, with a status that something else has chosen.
    Failed(StatusCode),
    Unauthorized,
    Inactive,
    Taken,
    /// A field is missing or not what it must be; `Some` where there is more to say than that.
    Invalid(Option<ValidationError>),
    NoDocument,
    /// It is about the account `admin`.
    Protected,
    RegistrationDisabled,
    NoAccount,
    NotJson,
    NotAnObject,
    NoSuchPath,
    NoSuchDocument,
    NoSuchPosition,
    /// A parameter of the JSON API is not what it must be.
    BadParameter(&'static str),
    MethodNotAllowed,
    BodyTimeout,
    BodyTooLarge,
    TooManyFailures {
        retry_after: Duration,
    },
    Busy,
    NoSpace,
    DiskWrite,
    DataDirReplaced,
    /// In the management API's form: a message alone.
    Message {
        status: StatusCode,
        message: Cow<'static, str>,
    },
}

impl ApiError {
    /// The management API's answer to what cannot be done.
    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Message { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    /// The management API's answer where what is to be deleted is not there.
    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Message { status: StatusCode::NOT_FOUND, message: message.into() }
    }

    /// Codes below 3000 are the protocol's. Ours are 3000 and the status.
    fn row(&self) -> (StatusCode, Option<u16>, Cow<'static, str>) {
        let (status, code, message) = match self {
            Self::Unknown => (StatusCode::BAD_GATEWAY, 2000, "Unknown server error."),
            Self::Failed(status) => (*status, 2000, "Unknown server error."),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, 2001, "Unauthorized"),
            Self::Inactive => (StatusCode::UNAUTHORIZED, 2001, "User is inactive"),
            Self::Taken => (StatusCode::PAYMENT_REQUIRED, 2002, "Username is already registered."),
            Self::Invalid(None) => (StatusCode::FORBIDDEN, 2003, "Invalid request"),
            Self::Protected => (StatusCode::FORBIDDEN, 2003, "Invalid request: the account admin cannot be deleted."),
            Self::NoDocument => (StatusCode::FORBIDDEN, 2004, "Field 'document' not provided."),
            Self::RegistrationDisabled => (StatusCode::PAYMENT_REQUIRED, 2005, "User registration is disabled."),
            Self::NoAccount => (StatusCode::NOT_FOUND, 2006, "Account not found."),
            Self::NotJson => (StatusCode::BAD_REQUEST, 103, "Could not parse JSON in body."),
            Self::NotAnObject => (StatusCode::BAD_REQUEST, 104, "Body should be a JSON hash."),
            Self::NoSuchPath => {
                (StatusCode::NOT_FOUND, 3404, "There is nothing at this path. Check the address of the sync server.")
            }
            Self::NoSuchDocument => (StatusCode::NOT_FOUND, 3404, "There is no such document."),
            Self::NoSuchPosition => (StatusCode::NOT_FOUND, 3404, "The document's history has no such position."),
            Self::BadParameter(what) => (StatusCode::BAD_REQUEST, 3400, *what),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, 3405, "This path has other methods; see the header 'Allow'.")
            }
            Self::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, 3408, "The body did not arrive in time."),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, 3503, "The server is too busy. Try again."),
            Self::DiskWrite => (StatusCode::SERVICE_UNAVAILABLE, 3503, "The server's disk takes no writes."),
            Self::DataDirReplaced => (StatusCode::SERVICE_UNAVAILABLE, 3503, "The server's data folder is gone."),
            Self::NoSpace => (StatusCode::INSUFFICIENT_STORAGE, 3507, "The server has no room left on its disk."),
            Self::Invalid(Some(invalid)) => {
                let document = matches!(invalid, ValidationError::TooLong { field, .. } if *field == Document::FIELD);
                let code = if document { 2004 } else { 2003 };
                return (StatusCode::FORBIDDEN, Some(code), format!("Invalid request: {invalid}.").into());
            }
            Self::BodyTooLarge => {
                let message = format!("The body is larger than {BODY_MAX} bytes.");
                return (StatusCode::PAYLOAD_TOO_LARGE, Some(3413), message.into());
            }
            Self::TooManyFailures { .. } => {
                let message =
                    format!("Too many failed logins. Try again in {} seconds.", self.retry_after().unwrap_or(1));
                return (StatusCode::TOO_MANY_REQUESTS, Some(3429), message.into());
            }
            Self::Message { status, message } => return (*status, None, message.clone()),
        };
        (status, Some(code), message.into())
    }

    /// In whole seconds, rounded up.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyFailures { retry_after } => {
                Some(retry_after.as_millis().div_ceil(1000).try_into().unwrap_or(1))
            }
            Self::Busy => Some(1),
            _ => None,
        }
    }

    /// For a failure that came about outside the handlers.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NoSuchPath,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            status => Self::Failed(status),
        }
    }

    /// For a field that the model refused: the protocol's own message, unless there is something else to say.
    pub(crate) fn from_field(invalid: ValidationError) -> Self {
        match invalid {
            ValidationError::Empty { field } | ValidationError::Character { field, .. } if field == Document::FIELD => {
                Self::NoDocument
            }
            ValidationError::TooLong { .. } => Self::Invalid(Some(invalid)),
            _ => Self::Invalid(None),
        }
    }
}

impl Scribe for ApiError {
    fn render(self, res: &mut Response) {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<u16>,
            message: &'a str,
        }
        let (status, code, message) = self.row();
        if let Some(seconds) = self.retry_after() {
            res.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        JsonResponse::new(status, &Body { code, message: &message }).render(res);
    }
}

impl From<BodyError> for ApiError {
    fn from(unread: BodyError) -> Self {
        match unread {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::TooSlow => Self::BodyTimeout,
            BodyError::Broken => Self::NotJson,
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match &error {
            Error::NoSpace => Self::NoSpace,
            Error::DiskWrite(_) => Self::DiskWrite,
            Error::DataDirReplaced { .. } => Self::DataDirReplaced,
            Error::Busy | Error::StoreClosed => Self::Busy,
            Error::NoDataDir
            | Error::DataDir { .. }
            | Error::AlreadyOpen { .. }
            | Error::InUse { .. }
            | Error::NewerFormat { .. }
            | Error::AdminPassword(_)
            | Error::Account { .. }
            | Error::File { .. }
            | Error::Tls(_)
            | Error::Mqtt(_)
            | Error::Listen { .. }
            | Error::Serve(_)
            | Error::Store(_) => {
                tracing::error!(%error, "a request failed");
                Self::Unknown
            }
        }
    }
}
