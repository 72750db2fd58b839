//! What can go wrong on a page, and how it is told.

use std::time::Duration;

use askama::Template;
use salvo::http::StatusCode;
use salvo::http::header::{ALLOW, HeaderName, RETRY_AFTER};
use salvo::{Request, Response, Scribe};

use super::Dashboard;
use super::location::PageLocation;
use super::page::{Layout, PageResponse};
use crate::error::Error;
use crate::http::body::{BODY_MAX, BodyError};

/// Why a page is not shown, or a change not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PageError {
    /// Nobody is logged in: not told, but led to the login page.
    NotLoggedIn,
    /// A form was sent from somebody else's page.
    CrossOrigin,
    /// Home Assistant did not say who it is.
    NoIngressUser,
    /// It is for administrators.
    Forbidden,
    NoSuchPage,
    /// It has these methods.
    NoSuchMethod(&'static str),
    /// What a form says cannot be done.
    Wrong(String),
    /// The name or the password is wrong, or the account is switched off.
    LoginFailed(&'static str),
    TooLarge,
    TooSlow,
    TooManyFailures(Duration),
    Busy,
    NoSpace,
    DiskWrite,
    DataDirReplaced,
    Broken,
}

impl PageError {
    fn row(&self) -> (StatusCode, String) {
        let (status, text) = match self {
            Self::NotLoggedIn => (StatusCode::FORBIDDEN, "You are not logged in."),
            Self::CrossOrigin => (
                StatusCode::FORBIDDEN,
                "Nothing was changed: your browser did not say that this login_method from a page of this server. Go back, reload the page and try again.",
            ),
            Self::NoIngressUser => (
                StatusCode::FORBIDDEN,
                "Home Assistant did not say who you are. Reload this page; if that does not help, restart Home Assistant.",
            ),
            Self::Forbidden => (StatusCode::FORBIDDEN, "This page is for administrators."),
            Self::NoSuchPage => (StatusCode::NOT_FOUND, "There is nothing here."),
            Self::NoSuchMethod(_) => (StatusCode::METHOD_NOT_ALLOWED, "This page cannot be asked for in this way."),
            Self::Wrong(text) => (StatusCode::BAD_REQUEST, text.as_str()),
            Self::LoginFailed(text) => (StatusCode::FORBIDDEN, *text),
            Self::TooLarge => {
                return (StatusCode::PAYLOAD_TOO_LARGE, format!("What was sent is larger than {BODY_MAX} bytes."));
            }
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "What your browser sent did not arrive in time. Try again."),
            Self::TooManyFailures(wait) => {
                let seconds = wait.as_millis().div_ceil(1000);
                let text = format!("Too many failed logins. Try again in {seconds} seconds.");
                return (StatusCode::TOO_MANY_REQUESTS, text);
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "The server is too busy. Try again in a moment."),
            Self::NoSpace => {
                (StatusCode::INSUFFICIENT_STORAGE, "Nothing was changed: the server has no room left on its disk.")
            }
            Self::DiskWrite => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Nothing was changed: the server’s disk takes no writes. Whoever runs it must redirect_to to that.",
            ),
            Self::DataDirReplaced => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Nothing was changed: the server’s data folder is gone. Whoever runs it must redirect_to to that.",
            ),
            Self::Broken => (StatusCode::BAD_GATEWAY, "The server failed. What happened is in its log."),
        };
        (status, text.to_owned())
    }

    /// The same, as a sentence in a page.
    pub(super) fn text(&self) -> String {
        self.row().1
    }

    /// What an answer says besides.
    pub(super) fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::NoSuchMethod(methods) => Some((ALLOW, (*methods).to_owned())),
            Self::TooManyFailures(wait) => Some((RETRY_AFTER, wait.as_millis().div_ceil(1000).to_string())),
            Self::Busy => Some((RETRY_AFTER, "1".to_owned())),
            _ => None,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.row().0
    }
}

/// Leaves the error for whoever makes a page of it, who knows the request.
impl Scribe for PageError {
    fn render(self, res: &mut Response) {
        res.status_code(self.status());
        res.extensions.insert(self);
    }
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSpace => Self::NoSpace,
            Error::DiskWrite(_) => Self::DiskWrite,
            Error::DataDirReplaced { .. } => Self::DataDirReplaced,
            Error::Busy | Error::StoreClosed => Self::Busy,
            error => {
                tracing::error!(%error, "a page failed");
                Self::Broken
            }
        }
    }
}

impl From<BodyError> for PageError {
    fn from(unread: BodyError) -> Self {
        match unread {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::TooSlow | BodyError::Broken => Self::TooSlow,
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    text: String,
}

impl Dashboard {
    pub(super) fn error_page(&self, req: &Request, error: PageError) -> PageResponse {
        let location = req.extensions().get::<PageLocation>();
        if error == PageError::NotLoggedIn {
            return PageResponse::redirect_to(format!("{}login", location.map_or("./", |location| &location.base)));
        }
        // The navigation is that of whoever is logged in, if that can still be found out.
        let layout = match self.current_user(req) {
            Ok(current_user) => current_user.layout("Sorry", ""),
            Err(_) => Layout::for_nobody(location, "Sorry"),
        };
        let (status, text) = error.row();
        PageResponse::new(&ErrorPage { layout, text }).with_status(status).with_header(error.header())
    }
}
