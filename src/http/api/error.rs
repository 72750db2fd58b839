//! The table of failures: each with its status, code and message.

use std::borrow::Cow;
use std::time::Duration;

use salvo::http::StatusCode;
use salvo::http::header::{HeaderValue, RETRY_AFTER};
use salvo::{Response, Scribe};
use serde::Serialize;

use super::json::{JsonError, JsonResponse};
use crate::error::{ClientFailure, Error};
use crate::http::body::{BODY_MAX, BodyError};
use crate::http::middleware::log_failed_request;
use crate::model::{Document, ValidationError};
use crate::store::{JoinRefusal, QuotaExceeded};

/// Why a request failed.
#[derive(Debug)]
pub(super) enum ApiError {
    Unknown,
    /// Unknown, with a status that was set outside the handlers.
    Failed(StatusCode),
    Unauthorized,
    Inactive,
    Taken,
    /// A field is missing or invalid; `Some` where the message says more.
    Invalid(Option<ValidationError>),
    NoDocument,
    /// The route takes the account's own password alone.
    DevicePassword,
    TooManyDevicePasswords,
    NoSuchDevicePassword,
    /// The account `admin` cannot be deleted.
    Protected,
    RegistrationDisabled,
    /// A page of another site wants to create an account.
    ForeignPage,
    /// Clients of that address, or all clients, have made too many accounts.
    TooManyRegistrations {
        retry_after: Duration,
    },
    NoAccount,
    NotJson,
    NotAnObject,
    NoSuchPath,
    NoSuchDocument,
    NoSuchPosition,
    NoSuchDevice,
    /// Documents cannot be joined or parted.
    JoinRefused(JoinRefusal),
    /// A parameter or field of `/api/v1` is invalid.
    BadParameter(&'static str),
    MethodNotAllowed,
    BodyTimeout,
    BodyTooLarge,
    TooManyFailures {
        retry_after: Duration,
    },
    Busy,
    NoSpace,
    /// The account's quota is used up, or the disk has little space left.
    OverQuota(QuotaExceeded),
    DiskWrite,
    DataDirReplaced,
    /// A failure of the management API, which has a message and no code.
    Message {
        status: StatusCode,
        message: Cow<'static, str>,
    },
}

impl ApiError {
    /// Returns a failure of the management API with 400.
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Message { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    /// Returns a failure of the management API with 404.
    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Message { status: StatusCode::NOT_FOUND, message: message.into() }
    }

    /// Returns status, code and message. Codes below 3000 are the protocol's; ours are 3000 plus the status.
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
            Self::ForeignPage => (
                StatusCode::FORBIDDEN,
                3403,
                "Pages of other sites cannot create accounts here. The server's setting `cors_origins` allows a site.",
            ),
            Self::DevicePassword => (
                StatusCode::FORBIDDEN,
                3403,
                "A device password may read and push, and nothing else. Use the password of the account.",
            ),
            Self::TooManyDevicePasswords => (
                StatusCode::FORBIDDEN,
                3403,
                "The account has 100 device passwords, as many as it may have. Revoke one that is no longer used.",
            ),
            Self::NoAccount => (StatusCode::NOT_FOUND, 2006, "Account not found."),
            Self::NotJson => (StatusCode::BAD_REQUEST, 103, "Could not parse JSON in body."),
            Self::NotAnObject => (StatusCode::BAD_REQUEST, 104, "Body should be a JSON hash."),
            Self::NoSuchPath => {
                (StatusCode::NOT_FOUND, 3404, "There is nothing at this path. Check the address of the sync server.")
            }
            Self::NoSuchDocument => (StatusCode::NOT_FOUND, 3404, "There is no such document."),
            Self::NoSuchDevicePassword => (StatusCode::NOT_FOUND, 3404, "There is no such device password."),
            Self::NoSuchDevice => (StatusCode::NOT_FOUND, 3404, "There is no such device."),
            Self::NoSuchPosition => (StatusCode::NOT_FOUND, 3404, "The document's history has no such position."),
            Self::JoinRefused(JoinRefusal::NotJoined) => {
                (StatusCode::NOT_FOUND, 3404, "The document is not joined with the other one.")
            }
            Self::JoinRefused(JoinRefusal::SameDocument) => {
                (StatusCode::BAD_REQUEST, 3400, "'document' is the document itself. Send the id of another one.")
            }
            Self::JoinRefused(JoinRefusal::TooManyDocuments) => (
                StatusCode::BAD_REQUEST,
                3400,
                "A book has 16 documents at most. Part one of them before you join another.",
            ),
            Self::BadParameter(what) => (StatusCode::BAD_REQUEST, 3400, *what),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                3405,
                "This path does not support the request's method; see the header 'Allow'.",
            ),
            Self::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, 3408, "The body did not arrive in time."),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, 3503, "The server is too busy. Try again."),
            Self::DiskWrite => (StatusCode::SERVICE_UNAVAILABLE, 3503, "The server cannot write to its disk."),
            Self::DataDirReplaced => {
                (StatusCode::SERVICE_UNAVAILABLE, 3503, "The server's data directory was deleted or replaced.")
            }
            Self::NoSpace => (StatusCode::INSUFFICIENT_STORAGE, 3507, "The server has no space left on its disk."),
            Self::OverQuota(QuotaExceeded::Documents) => (
                StatusCode::INSUFFICIENT_STORAGE,
                3507,
                "The account has as many documents as it may have. Delete some of them on the dashboard, or ask the \
                 administrator for a greater 'max_documents'.",
            ),
            Self::OverQuota(QuotaExceeded::Bytes) => (
                StatusCode::INSUFFICIENT_STORAGE,
                3507,
                "The account's positions take as much space as it may have. Delete some documents on the dashboard, or ask the \
                 administrator for a greater 'max_account_bytes'.",
            ),
            Self::OverQuota(QuotaExceeded::FreeDisk) => (
                StatusCode::INSUFFICIENT_STORAGE,
                3507,
                "The server's disk has little space left, so it stores no new documents.",
            ),
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
            // KOReader shows this message; some clients take the word `already` in a 402 for a taken name [R6].
            Self::TooManyRegistrations { .. } => {
                let seconds = self.retry_after().unwrap_or(1);
                let message = format!("Too many new accounts. Try again in {seconds} seconds.");
                return (StatusCode::PAYMENT_REQUIRED, Some(3402), message.into());
            }
            Self::Message { status, message } => return (*status, None, message.clone()),
        };
        (status, Some(code), message.into())
    }

    /// Returns the value of `Retry-After` in seconds, rounded up.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyFailures { retry_after } | Self::TooManyRegistrations { retry_after } => {
                Some(retry_after.as_millis().div_ceil(1000).try_into().unwrap_or(1))
            }
            Self::Busy => Some(1),
            _ => None,
        }
    }

    /// Returns the message of a failure that is the request's own, 400 or 403.
    pub(super) fn refusal(&self) -> Option<Cow<'static, str>> {
        let (status, _, message) = self.row();
        [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN].contains(&status).then_some(message)
    }

    fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NoSuchPath,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            status => Self::Failed(status),
        }
    }

    /// Returns the failure for an invalid field: the protocol's message, or, where it is too long, one that says so.
    pub(super) fn from_field(invalid: ValidationError) -> Self {
        match invalid {
            ValidationError::Empty { field } | ValidationError::Character { field, .. } if field == Document::FIELD => {
                Self::NoDocument
            }
            ValidationError::TooLong { .. } => Self::Invalid(Some(invalid)),
            _ => Self::Invalid(None),
        }
    }
}

/// Writes the body of a failure whose status was set outside the handlers.
pub(super) fn render_failure(status: StatusCode, res: &mut Response) {
    ApiError::from_status(status).render(res);
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
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::TooSlow => Self::BodyTimeout,
            BodyError::Broken => Self::NotJson,
        }
    }
}

impl From<JsonError> for ApiError {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Syntax => Self::NotJson,
            JsonError::NotAnObject => Self::NotAnObject,
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error.client_failure() {
            ClientFailure::NoSpace => Self::NoSpace,
            ClientFailure::DiskWrite => Self::DiskWrite,
            ClientFailure::DataDirReplaced => Self::DataDirReplaced,
            ClientFailure::Busy => Self::Busy,
            ClientFailure::Internal => {
                log_failed_request(&error);
                Self::Unknown
            }
        }
    }
}
