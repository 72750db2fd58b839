//! Errors of pages: the status, the heading and the text of each.

use std::time::Duration;

use salvo::http::StatusCode;
use salvo::http::header::{ALLOW, HeaderName, RETRY_AFTER};
use salvo::{Response, Scribe};

use super::form_errors::FormErrors;
use crate::error::{ClientFailure, Error};
use crate::http::body::{BODY_MAX, BodyError};
use crate::http::middleware::log_failed_request;
use crate::model::ValidationError;
use crate::text::Texts;

/// Why a page cannot be shown or a form cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PageError {
    /// The request has no valid session. The answer is a redirect to the login page instead of an error page.
    NotLoggedIn,
    /// The form was not sent from one of our own pages.
    CrossOrigin {
        /// The page's origin, as the browser gave it.
        origin: String,
        /// The host that this server was asked for.
        host: String,
    },
    /// Home Assistant did not send a valid user id.
    NoIngressUser,
    /// A trusted proxy sent a header with the user's name that cannot be used.
    UserHeader {
        /// The header's name.
        header: String,
        fault: UserHeaderFault,
    },
    /// The page is for administrators.
    NotAdministrator,
    /// There is no page at this path, or no book or account of this id.
    NoSuchPage,
    /// The path has other methods, which are these.
    MethodNotAllowed(&'static str),
    /// A field of the form cannot be used. The text says why and what to do.
    InvalidForm(String),
    /// Fields of the form cannot be used.
    InvalidFields(FormErrors),
    /// Clients cannot create accounts.
    RegistrationClosed,
    /// The name or the password of a login is wrong.
    WrongCredentials,
    /// The password that confirms a change is wrong.
    WrongPassword,
    /// The name and the password are right, but the account is disabled.
    AccountDisabled,
    /// The password is that of a device, which opens no page.
    DevicePassword,
    /// The form is larger than [`BODY_MAX`].
    BodyTooLarge,
    /// The form did not arrive in time, or not to its end.
    BodyIncomplete,
    /// Too many logins failed for this client or this account.
    TooManyFailures { retry_after: Duration },
    /// Clients of that address, or all clients, have made too many accounts.
    TooManyRegistrations { retry_after: Duration },
    /// Another export, backup or check is running.
    #[cfg(feature = "import")]
    HeavyReadRunning,
    /// An uploaded file is larger than this number of bytes.
    #[cfg(feature = "import")]
    UploadTooLarge(u64),
    /// The store's queue is full, or the server is stopping.
    Busy,
    /// The disk is full.
    NoSpace,
    /// The account's quota is used up.
    OverQuota,
    /// The disk fails or is read-only.
    DiskWrite,
    /// The data directory was deleted or replaced while the server ran.
    DataDirReplaced,
    /// An unexpected error; the log has the cause.
    Internal,
}

/// What is wrong with the header in which a proxy names its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserHeaderFault {
    /// There are several values. Which of them the client sent is unknown.
    Several,
    Empty,
    /// It is not UTF-8, too long, or has control characters.
    Unreadable,
}

impl UserHeaderFault {
    /// Returns the variant of the message.
    fn as_str(self) -> &'static str {
        match self {
            Self::Several => "several",
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
        }
    }
}

impl PageError {
    /// The one table of statuses, and of the ids of headings and texts. The text of an invalid form is its own.
    fn row(&self) -> (StatusCode, &'static str, &'static str) {
        const UNAVAILABLE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        const NOTHING_CHANGED: &str = "errors-nothing-changed";
        const LOGIN_FAILED: &str = "errors-login-failed";
        const BUSY: &str = "errors-busy";
        let forbidden = |heading, text| (StatusCode::FORBIDDEN, heading, text);
        match self {
            Self::NotLoggedIn => forbidden("errors-not-logged-in", "errors-not-logged-in-text"),
            Self::CrossOrigin { .. } => forbidden("errors-cross-origin", "errors-cross-origin-text"),
            Self::NoIngressUser => forbidden("errors-no-ingress-user", "errors-no-ingress-user-text"),
            Self::UserHeader { .. } => forbidden("errors-user-header", "errors-user-header-text"),
            Self::NotAdministrator => forbidden("errors-not-administrator", "errors-not-administrator-text"),
            Self::NoSuchPage => (StatusCode::NOT_FOUND, "errors-no-page", "errors-no-page-text"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "errors-method", "errors-method-text"),
            Self::InvalidForm(_) | Self::InvalidFields(_) => (StatusCode::BAD_REQUEST, NOTHING_CHANGED, ""),
            Self::RegistrationClosed => forbidden("errors-registration-closed", "errors-registration-closed-text"),
            Self::WrongCredentials => forbidden(LOGIN_FAILED, "errors-wrong-credentials"),
            Self::WrongPassword => forbidden(NOTHING_CHANGED, "errors-wrong-password"),
            Self::AccountDisabled => forbidden(LOGIN_FAILED, "errors-disabled"),
            Self::DevicePassword => forbidden(LOGIN_FAILED, "errors-device-password"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "errors-too-large", "errors-too-large-text"),
            Self::BodyIncomplete => (StatusCode::REQUEST_TIMEOUT, "errors-incomplete", "errors-incomplete-text"),
            Self::TooManyFailures { .. } => (StatusCode::TOO_MANY_REQUESTS, LOGIN_FAILED, "errors-too-many-failures"),
            Self::TooManyRegistrations { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, NOTHING_CHANGED, "errors-too-many-registrations")
            }
            #[cfg(feature = "import")]
            Self::HeavyReadRunning => (UNAVAILABLE, BUSY, "errors-heavy-read-text"),
            #[cfg(feature = "import")]
            Self::UploadTooLarge(_) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "errors-upload-too-large", "errors-upload-too-large-text")
            }
            Self::Busy => (UNAVAILABLE, BUSY, "errors-busy-text"),
            Self::NoSpace => (StatusCode::INSUFFICIENT_STORAGE, "errors-disk-full", "errors-disk-full-text"),
            Self::OverQuota => (StatusCode::INSUFFICIENT_STORAGE, "errors-no-room", "errors-no-room-text"),
            Self::DiskWrite => (UNAVAILABLE, "errors-disk-error", "errors-disk-error-text"),
            Self::DataDirReplaced => (UNAVAILABLE, "errors-data-missing", "errors-data-missing-text"),
            Self::Internal => (StatusCode::BAD_GATEWAY, "errors-internal", "errors-internal-text"),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.row().0
    }

    /// Returns the id of the heading of the error's page.
    pub(super) fn heading(&self) -> &'static str {
        self.row().1
    }

    pub(super) fn text(&self, texts: Texts) -> String {
        let message = match self {
            Self::InvalidForm(text) => return text.clone(),
            Self::InvalidFields(errors) => return errors.text(),
            other => texts.msg(other.row().2),
        };
        let message = match self {
            Self::CrossOrigin { origin, host } => message.arg("origin", origin).arg("host", host),
            Self::MethodNotAllowed(methods) => message.arg("methods", *methods),
            Self::UserHeader { header, fault } => message.arg("header", header).arg("fault", fault.as_str()),
            Self::BodyTooLarge => message.arg("max", BODY_MAX),
            #[cfg(feature = "import")]
            Self::UploadTooLarge(max) => message.arg("max", *max),
            Self::TooManyFailures { .. } | Self::TooManyRegistrations { .. } => {
                message.arg("seconds", self.retry_after_seconds().unwrap_or_default())
            }
            _ => message,
        };
        message.to_string()
    }

    /// Returns what a page with the form shows of the error. `field` is to blame for a wrong password and the like; empty for none.
    pub(super) fn form_errors(&self, field: &'static str, texts: Texts) -> FormErrors {
        match self {
            Self::InvalidFields(errors) => errors.clone(),
            Self::InvalidForm(_) | Self::WrongCredentials | Self::WrongPassword | Self::DevicePassword => {
                FormErrors::one(field, self.text(texts))
            }
            _ => FormErrors::one("", self.text(texts)),
        }
    }

    /// Whether a form is shown again with what was typed: a field cannot be used, or the same form may succeed later.
    pub(super) fn leaves_the_form(&self) -> bool {
        matches!(
            self,
            Self::InvalidForm(_)
                | Self::InvalidFields(_)
                | Self::Busy
                | Self::NoSpace
                | Self::OverQuota
                | Self::DiskWrite
                | Self::DataDirReplaced
                | Self::Internal
        )
    }

    /// Returns the header that goes with the status, if it has one.
    pub(super) fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::MethodNotAllowed(methods) => Some((ALLOW, (*methods).to_owned())),
            _ => self.retry_after_seconds().map(|seconds| (RETRY_AFTER, seconds.to_string())),
        }
    }

    /// Returns the wait in whole seconds, rounded up.
    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::TooManyFailures { retry_after } | Self::TooManyRegistrations { retry_after } => {
                Some(u64::try_from(retry_after.as_millis().div_ceil(1000)).unwrap_or(u64::MAX))
            }
            Self::Busy => Some(1),
            _ => None,
        }
    }
}

/// Leaves the error in the response's extensions. The page layer, which has the request, makes a page of it.
impl Scribe for PageError {
    fn render(self, res: &mut Response) {
        res.status_code(self.status());
        res.extensions.insert(self);
    }
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        match error.client_failure() {
            ClientFailure::NoSpace => Self::NoSpace,
            ClientFailure::DiskWrite => Self::DiskWrite,
            ClientFailure::DataDirReplaced => Self::DataDirReplaced,
            ClientFailure::Busy => Self::Busy,
            ClientFailure::Internal => {
                log_failed_request(&error);
                Self::Internal
            }
        }
    }
}

impl From<BodyError> for PageError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::TooSlow | BodyError::Broken => Self::BodyIncomplete,
        }
    }
}

/// Returns why a value is refused, as a part of a sentence.
pub(super) fn reason(invalid: ValidationError, texts: Texts) -> String {
    let (field, id) = match invalid {
        ValidationError::Empty { field } => (field, "errors-invalid-empty"),
        ValidationError::Character { field, what: "a colon" } => (field, "errors-invalid-colon"),
        ValidationError::Character { field, what: "control characters" } => (field, "errors-invalid-control"),
        ValidationError::TooLong { field, .. } => (field, "errors-invalid-bytes"),
        ValidationError::TooManyCharacters { field, .. } => (field, "errors-invalid-characters"),
        // No form has such a value.
        other => return other.to_string(),
    };
    let field = match field {
        "username" => texts.msg("errors-field-username").to_string(),
        "name" => texts.msg("errors-field-name").to_string(),
        "password" => texts.msg("errors-field-password").to_string(),
        other => other.to_owned(),
    };
    let message = texts.msg(id).arg("field", field);
    match invalid {
        ValidationError::TooLong { limit, .. } | ValidationError::TooManyCharacters { limit, .. } => {
            message.arg("limit", limit).to_string()
        }
        _ => message.to_string(),
    }
}
