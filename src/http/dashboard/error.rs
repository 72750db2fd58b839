//! Errors of pages: the status, the heading and the text of each.

use std::time::Duration;

use salvo::http::StatusCode;
use salvo::http::header::{ALLOW, HeaderName, RETRY_AFTER};
use salvo::{Response, Scribe};

use super::form_errors::FormErrors;
use crate::error::{ClientFailure, Error};
use crate::http::body::{BODY_MAX, BodyError};
use crate::http::middleware::log_failed_request;

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

impl PageError {
    /// The one table of statuses, headings and texts.
    fn row(&self) -> (StatusCode, &'static str, String) {
        let (status, heading, text) = match self {
            Self::NotLoggedIn => (StatusCode::FORBIDDEN, "Not logged in", "Log in and try again."),
            Self::CrossOrigin { origin, host } => {
                let text = format!(
                    "Nothing was changed: the form came from {origin}, but the request was for {host}. If both are this server, a \
                     proxy in front of it changes the Host header. In nginx, set `proxy_set_header Host $http_host;` ($host drops \
                     the port). Otherwise go back, reload the page and try again."
                );
                return (StatusCode::FORBIDDEN, "Form refused", text);
            }
            Self::NoIngressUser => (
                StatusCode::FORBIDDEN,
                "No Home Assistant user",
                "Home Assistant did not send your user ID, so there is no account to show. Reload this page; if that does not \
                 help, restart Home Assistant.",
            ),
            Self::UserHeader { header, fault } => {
                let fault = match fault {
                    UserHeaderFault::Several => "it has several values",
                    UserHeaderFault::Empty => "it is empty",
                    UserHeaderFault::Unreadable => "it is no name of at most 255 bytes in UTF-8",
                };
                let text = format!(
                    "The proxy in front of this server names you in the header {header}, but {fault}. The server’s administrator \
                     must set up the proxy so that it replaces this header with one name."
                );
                return (StatusCode::FORBIDDEN, "No valid user name", text);
            }
            Self::NotAdministrator => (
                StatusCode::FORBIDDEN,
                "Administrators only",
                "Your account cannot manage other accounts. Log in with an administrator’s account.",
            ),
            Self::NoSuchPage => (
                StatusCode::NOT_FOUND,
                "Page not found",
                "There is no page at this address. It may have been deleted, or the address is incomplete.",
            ),
            Self::MethodNotAllowed(methods) => {
                let text = format!(
                    "This address answers {methods} requests only. Use the links and buttons of the pages instead."
                );
                return (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", text);
            }
            Self::InvalidFields(errors) => return (StatusCode::BAD_REQUEST, "Nothing was changed", errors.text()),
            Self::InvalidForm(text) => (StatusCode::BAD_REQUEST, "Nothing was changed", text.as_str()),
            Self::RegistrationClosed => (
                StatusCode::FORBIDDEN,
                "Registration is closed",
                "Registration is closed on this server. Ask its administrator for an account.",
            ),
            Self::WrongCredentials => (StatusCode::FORBIDDEN, "Login failed", "The name or the password is wrong."),
            Self::WrongPassword => (StatusCode::FORBIDDEN, "Nothing was changed", "The password is wrong."),
            Self::AccountDisabled => (
                StatusCode::FORBIDDEN,
                "Login failed",
                "This account is disabled. Ask the server’s administrator to enable it.",
            ),
            Self::DevicePassword => (
                StatusCode::FORBIDDEN,
                "Login failed",
                "This is a device password. It is for reading programs, and opens no page. Use the password of your account.",
            ),
            Self::BodyTooLarge => {
                let text =
                    format!("Nothing was changed: the form is larger than {BODY_MAX} bytes. Shorten it and try again.");
                return (StatusCode::PAYLOAD_TOO_LARGE, "Form too large", text);
            }
            Self::BodyIncomplete => (
                StatusCode::REQUEST_TIMEOUT,
                "Form incomplete",
                "Nothing was changed: the form did not arrive completely and in time. Check your connection and try again.",
            ),
            Self::TooManyFailures { .. } => {
                let seconds = self.retry_after_seconds().unwrap_or_default();
                let text = format!("Too many failed logins. Try again in {seconds} seconds.");
                return (StatusCode::TOO_MANY_REQUESTS, "Login failed", text);
            }
            Self::TooManyRegistrations { .. } => {
                let seconds = self.retry_after_seconds().unwrap_or_default();
                let text = format!("Too many accounts were created. Try again in {seconds} seconds.");
                return (StatusCode::TOO_MANY_REQUESTS, "Nothing was changed", text);
            }
            #[cfg(feature = "import")]
            Self::HeavyReadRunning => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Server busy",
                "Another export, backup or check is running. Try again when it has ended.",
            ),
            #[cfg(feature = "import")]
            Self::UploadTooLarge(max) => {
                let text = format!(
                    "Nothing was changed: the file is larger than {max} bytes. Raise `max_import_bytes` in the server’s \
                     configuration, or import the file with `kosync import` on the server."
                );
                return (StatusCode::PAYLOAD_TOO_LARGE, "File too large", text);
            }
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Server busy",
                "The server has too many requests to answer this one. Try again in a moment.",
            ),
            Self::NoSpace => (
                StatusCode::INSUFFICIENT_STORAGE,
                "Disk full",
                "Nothing was changed: the server’s disk is full. Its administrator must free some space.",
            ),
            Self::OverQuota => (
                StatusCode::INSUFFICIENT_STORAGE,
                "No room left",
                "Nothing was changed: your positions take as much space as your account may have. Delete some books, or ask the \
                 server’s administrator for more.",
            ),
            Self::DiskWrite => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Disk error",
                "Nothing was changed: the server cannot write to its disk. Its administrator must check the disk; the server’s \
                 log has the details.",
            ),
            Self::DataDirReplaced => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Data directory missing",
                "Nothing was changed: the server’s data directory was deleted or replaced. Its administrator must stop the \
                 server, put the directory back and start the server again.",
            ),
            Self::Internal => (
                StatusCode::BAD_GATEWAY,
                "Server error",
                "An unexpected error occurred. Try again; if it happens again, ask the server’s administrator to look at its \
                 log.",
            ),
        };
        (status, heading, text.to_owned())
    }

    pub(super) fn status(&self) -> StatusCode {
        self.row().0
    }

    pub(super) fn heading(&self) -> &'static str {
        self.row().1
    }

    pub(super) fn text(&self) -> String {
        self.row().2
    }

    /// Returns what a page with the form shows of the error. `field` is to blame for a wrong password and the like; empty for none.
    pub(super) fn form_errors(&self, field: &'static str) -> FormErrors {
        match self {
            Self::InvalidFields(errors) => errors.clone(),
            Self::InvalidForm(_) | Self::WrongCredentials | Self::WrongPassword | Self::DevicePassword => {
                FormErrors::one(field, self.text())
            }
            _ => FormErrors::one("", self.text()),
        }
    }

    /// Returns the header that goes with the status, if it has one.
    pub(super) fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::MethodNotAllowed(methods) => Some((ALLOW, (*methods).to_owned())),
            _ => self.retry_after_seconds().map(|seconds| (RETRY_AFTER, seconds.to_string())),
        }
    }

    /// Returns the wait in whole seconds, rounded up.
    fn retry_after_seconds(&self) -> Option<u128> {
        match self {
            Self::TooManyFailures { retry_after } | Self::TooManyRegistrations { retry_after } => {
                Some(retry_after.as_millis().div_ceil(1000))
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
