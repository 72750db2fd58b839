//! Who is logged in: by a session cookie, or by what Home Assistant or a proxy says.

use std::sync::Arc;

use salvo::Request;

use super::cookies::cookie_values;
use super::form_errors::FormErrors;
use super::layout::{Layout, notice_text};
use super::lines;
use super::location::PageLocation;
use super::notices::{NoticeOwner, Notices};
use super::page::PageResponse;
use super::remote_user::RemoteUser;
use super::theme::Theme;
use crate::model::{DayRule, User};
#[cfg(feature = "import")]
use crate::model::{LOGGED_NAME_MAX, shortened};
use crate::store::{Authority, Choice, SESSION_LIFETIME, SessionToken};
use crate::text::{Clock, Texts};

const COOKIE_NAME: &str = "kosync";
/// Bytes of a page's title: a tab and a history of a browser show fewer.
const TITLE_MAX: usize = 150;

/// How an account was recognized.
pub(super) enum LoginMethod {
    /// By a session that started with a password.
    Session(SessionToken),
    /// By the user whom Home Assistant or a proxy names.
    Remote(RemoteUser, Choice),
}

/// The account that is logged in, for one request.
pub(super) struct CurrentUser {
    pub(super) location: PageLocation,
    pub(super) user: User,
    /// The texts in the account's language, else the browser's.
    pub(super) texts: Texts,
    /// Which day the account counts a time to.
    pub(super) days: DayRule,
    pub(super) theme: Theme,
    pub(super) login_method: LoginMethod,
    /// What the request before this one did.
    pub(super) notice: Option<&'static str>,
    pub(super) notices: Arc<Notices>,
}

impl CurrentUser {
    /// Returns what formats times in the account's language and time zone, as seen now.
    pub(super) fn clock(&self, now: u64) -> Clock {
        Clock { texts: self.texts, zone: self.days.zone().clone(), now }
    }

    /// Returns the layout of one of the account's pages. `title` is the id of a message.
    pub(super) fn layout(&self, title: &'static str, tab: &'static str) -> Layout {
        self.layout_titled(&self.texts.msg(title).to_string(), tab)
    }

    /// Returns the layout of a page that has a name, such as a book's.
    pub(super) fn layout_titled(&self, title: &str, tab: &'static str) -> Layout {
        Layout {
            location: self.location.clone(),
            texts: self.texts,
            theme: self.theme,
            title: lines::shortened(title, TITLE_MAX),
            tab,
            username: Some(self.user.name.to_string()),
            is_administrator: self.is_administrator(),
            can_log_out: match &self.login_method {
                LoginMethod::Remote(remote_user, _) => remote_user.logout_address.is_some(),
                LoginMethod::Session(_) => true,
            },
            notice: self.notice.and_then(|done| notice_text(done, self.texts)),
            errors: FormErrors::default(),
        }
    }

    /// Whether all accounts may be managed: by a user whom the configuration names, or with the password of an administrator.
    pub(super) fn is_administrator(&self) -> bool {
        match &self.login_method {
            LoginMethod::Remote(remote_user, choice) => {
                remote_user.is_administrator || *choice == Choice::Proven && self.user.administrator
            }
            LoginMethod::Session(_) => self.user.administrator,
        }
    }

    /// Returns the authority under which other accounts are changed.
    pub(super) fn authority(&self) -> Authority {
        match &self.login_method {
            LoginMethod::Remote(remote_user, _) if remote_user.is_administrator => Authority::Local,
            LoginMethod::Remote(..) | LoginMethod::Session(_) => Authority::User(self.user.clone()),
        }
    }

    /// Names who is logged in, for the log: the account, or the user of Home Assistant or a proxy.
    #[cfg(feature = "import")]
    pub(super) fn logged_name(&self) -> String {
        let name = match &self.login_method {
            LoginMethod::Remote(remote_user, _) => remote_user.configured_as(),
            LoginMethod::Session(_) => self.user.name.as_str(),
        };
        shortened(name, LOGGED_NAME_MAX).to_owned()
    }

    /// Redirects to a page, given as a path from the dashboard's root.
    pub(super) fn redirect_to(&self, page: &str) -> PageResponse {
        PageResponse::redirect_to(format!("{}{page}", self.location.base))
    }

    /// Redirects to a page, which then confirms once what was done. `done` is a word of [`notice_text`].
    pub(super) fn redirect_done(&self, page: &str, done: &'static str) -> PageResponse {
        self.notices.put(self.login_method.notice_owner(), page, done);
        self.redirect_to(page)
    }
}

impl LoginMethod {
    /// Returns whose screen a notice is for.
    pub(super) fn notice_owner(&self) -> NoticeOwner {
        match self {
            Self::Session(token) => session_notices(token),
            Self::Remote(user, _) => remote_notices(user),
        }
    }
}

/// Returns the owner of the notices of a session, which may have ended.
pub(super) fn session_notices(token: &SessionToken) -> NoticeOwner {
    NoticeOwner::new("session", &token.to_text())
}

/// Returns the owner of the notices of a user of Home Assistant or a proxy.
pub(super) fn remote_notices(user: &RemoteUser) -> NoticeOwner {
    NoticeOwner::new("remote", user.id.as_key())
}

/// Returns the value of `Set-Cookie` that starts a session.
pub(super) fn session_cookie(token: &SessionToken, location: &PageLocation) -> String {
    cookie(&token.to_text(), SESSION_LIFETIME, location.is_https)
}

/// Returns the value of `Set-Cookie` that removes the session's cookie.
pub(super) fn expired_cookie(location: &PageLocation) -> String {
    cookie("", 0, location.is_https)
}

/// Returns the text of a session cookie. It is `Lax`, so that a link on another site opens a page of ours with the session. No GET changes
/// anything, and a form of another site is refused by its origin.
///
/// Leaves out `Path`: the browser then takes the page's directory, so we need not know under which path we are mounted.
fn cookie(value: &str, max_age: u64, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={value}; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}")
}

/// Returns the tokens of all cookies of our name.
pub(super) fn session_tokens(req: &Request) -> impl Iterator<Item = SessionToken> {
    cookie_values(req, COOKIE_NAME).filter_map(SessionToken::from_text)
}
