//! Who is logged in: by a session cookie, or by what Home Assistant says.

use salvo::Request;
use salvo::http::header::{COOKIE, HeaderName};

use super::error::PageError;
use super::layout::Layout;
use super::location::PageLocation;
use super::page::PageResponse;
use crate::http::origin::first_value;
use crate::model::{IngressUserId, User};
use crate::store::{Authority, SESSION_LIFETIME, SessionToken};

const COOKIE_NAME: &str = "kosync";

/// Set by Home Assistant's Supervisor, which drops what the browser sent under this name.
const INGRESS_USER_ID: HeaderName = HeaderName::from_static("x-remote-user-id");

/// How an account was recognized.
pub(super) enum LoginMethod {
    /// By a session that started with a password.
    Session(SessionToken),
    /// By Home Assistant's user, who has chosen the account.
    HomeAssistant(IngressUserId),
}

/// The account that is logged in, for one request.
pub(super) struct CurrentUser {
    pub(super) location: PageLocation,
    pub(super) user: User,
    pub(super) login_method: LoginMethod,
    /// What the request before this one did.
    pub(super) notice: Option<&'static str>,
}

impl CurrentUser {
    /// Returns the layout of one of the account's pages.
    pub(super) fn layout(&self, title: &str, tab: &'static str) -> Layout {
        Layout {
            location: self.location.clone(),
            title: title.to_owned(),
            tab,
            username: Some(self.user.name.to_string()),
            is_administrator: self.is_administrator(),
            can_log_out: matches!(self.login_method, LoginMethod::Session(_)),
            notice: self.notice,
        }
    }

    /// Whether all accounts may be managed. Home Assistant shows the app to its administrators only.
    pub(super) fn is_administrator(&self) -> bool {
        match self.login_method {
            LoginMethod::Session(_) => self.user.administrator,
            LoginMethod::HomeAssistant(_) => true,
        }
    }

    /// Returns the authority under which other accounts are changed.
    pub(super) fn authority(&self) -> Authority {
        match self.login_method {
            LoginMethod::Session(_) => Authority::User(self.user.clone()),
            LoginMethod::HomeAssistant(_) => Authority::Local,
        }
    }

    /// Redirects to a page, given as a path from the dashboard's root.
    pub(super) fn redirect_to(&self, page: &str) -> PageResponse {
        PageResponse::redirect_to(format!("{}{page}", self.location.base))
    }
}

/// Returns Home Assistant's user of a request.
pub(super) fn ingress_user(req: &Request) -> Result<IngressUserId, PageError> {
    first_value(req.headers(), INGRESS_USER_ID).and_then(IngressUserId::new).ok_or(PageError::NoIngressUser)
}

/// Returns the value of `Set-Cookie` that starts a session.
pub(super) fn session_cookie(token: &SessionToken, location: &PageLocation) -> String {
    cookie(&token.to_text(), SESSION_LIFETIME, location.is_https)
}

/// Returns the value of `Set-Cookie` that removes the session's cookie.
pub(super) fn expired_cookie(location: &PageLocation) -> String {
    cookie("", 0, location.is_https)
}

/// Leaves out `Path`: the browser then takes the page's directory, so we need not know under which path we are mounted.
fn cookie(value: &str, max_age: u64, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={value}; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}")
}

/// Returns the tokens of all cookies of our name.
///
/// There may be several: a browser sends a server at `/kosync` the cookie of another one at `/`, too.
pub(super) fn session_tokens(req: &Request) -> impl Iterator<Item = SessionToken> {
    let lines = req.headers().get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE_NAME).filter_map(|(_, value)| SessionToken::from_text(value))
}
