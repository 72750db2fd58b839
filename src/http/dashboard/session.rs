//! Who looks at a page: sessions and their cookie, forms, logging in and out.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;
use salvo::http::header::COOKIE;

use super::error::PageError;
use super::location::PageLocation;
use super::page::{self, Layout, PageResponse};
use super::{Dashboard, LoginMode};
use crate::auth::LoginOutcome;
use crate::http::body;
use crate::model::{IngressUserId, Key, User, Username};
use crate::store::{Authority, SESSION_LIFETIME, SessionToken};

const COOKIE_NAME: &str = "kosync";

/// How we know who somebody is.
pub(super) enum LoginMethod {
    /// By a session.
    Session(SessionToken),
    /// By the word of Home Assistant.
    HomeAssistant(IngressUserId),
}

/// A request of somebody who is logged in.
pub(super) struct CurrentUser {
    pub(super) location: PageLocation,
    pub(super) user: User,
    pub(super) login_method: LoginMethod,
    notice: Option<&'static str>,
}

impl CurrentUser {
    pub(super) fn layout(&self, title: &str, tab: &'static str) -> Layout {
        Layout {
            location: self.location.clone(),
            title: title.to_owned(),
            tab,
            user: Some(self.user.name.to_string()),
            is_administrator: self.is_administrator(),
            can_log_out: matches!(self.login_method, LoginMethod::Session(_)),
            notice: self.notice,
        }
    }

    /// Whether they may manage all accounts. Home Assistant shows us to its administrators only.
    pub(super) fn is_administrator(&self) -> bool {
        match self.login_method {
            LoginMethod::Session(_) => self.user.administrator,
            LoginMethod::HomeAssistant(_) => true,
        }
    }

    /// On whose authority they manage accounts.
    pub(super) fn authority(&self) -> Authority {
        match self.login_method {
            LoginMethod::Session(_) => Authority::User(self.user.clone()),
            LoginMethod::HomeAssistant(_) => Authority::Local,
        }
    }

    /// Leads to a page, given from the root.
    pub(super) fn redirect_to(&self, page: &str) -> PageResponse {
        PageResponse::redirect_to(format!("{}{page}", self.location.base))
    }
}

/// What a form sends.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// A field; empty if it is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    layout: Layout,
    name: String,
    error: Option<String>,
    registration: bool,
}

impl Dashboard {
    /// Who is logged in.
    pub(super) fn current_user(&self, req: &Request) -> Result<CurrentUser, PageError> {
        let location = req.extensions().get::<PageLocation>().cloned().ok_or(PageError::Broken)?;
        let notice = page::notice(req);
        let visitor = match self.login_mode {
            LoginMode::Login => self.session_user(req)?,
            LoginMode::Ingress => self.ingress_user(req)?,
        };
        let (user, login_method) = visitor.ok_or(PageError::NotLoggedIn)?;
        Ok(CurrentUser { location, user, login_method, notice })
    }

    fn session_user(&self, req: &Request) -> Result<Option<(User, LoginMethod)>, PageError> {
        // One server at `/` and one at `/kosync` have a cookie of the same name, and a browser sends the second one both.
        for token in session_cookies(req) {
            if let Some(user) = self.state.store.session(&token)? {
                return Ok(Some((user, LoginMethod::Session(token))));
            }
        }
        Ok(None)
    }

    pub(super) async fn form(&self, req: &mut Request) -> Result<Form, PageError> {
        let sent = body::read(req, self.state.client_timeout).await?;
        Ok(Form(form_urlencoded::parse(&sent).into_owned().collect()))
    }

    /// Checks somebody's password, as a login does.
    pub(super) async fn check(&self, req: &Request, name: &str, password: &str) -> Result<User, PageError> {
        const WRONG: PageError = PageError::LoginFailed("The name or the password is wrong.");
        let name = Username::new(name).map_err(|_| WRONG)?;
        let key = Key::from_password(password.as_bytes()).map_err(|_| WRONG)?;
        match self.state.login(&name, key, self.state.client(req)).await? {
            LoginOutcome::Accepted(user) => Ok(user),
            LoginOutcome::Inactive => Err(PageError::LoginFailed("This account is switched off.")),
            LoginOutcome::Refused => Err(WRONG),
            LoginOutcome::TooMany { retry_after } => Err(PageError::TooManyFailures(retry_after)),
        }
    }

    /// Opens a session and leads to a page with its cookie. The page must be beside the one that is asked for: the cookie holds
    /// for the folder of the latter, so that we need not know under which path we are.
    pub(super) async fn start_session(
        &self,
        location: &PageLocation,
        user: User,
        page: &str,
    ) -> Result<PageResponse, PageError> {
        if self.login_mode == LoginMode::Ingress {
            return Ok(PageResponse::redirect_to(format!("{}{page}", location.base)));
        }
        let token = self.state.store.open_session(user).await?.ok_or(PageError::NotLoggedIn)?;
        let cookie = cookie(&token.to_text(), SESSION_LIFETIME, location.is_https);
        Ok(PageResponse::redirect_to(format!("{}{page}", location.base)).with_cookie(cookie))
    }

    fn login_form(&self, req: &Request, name: &str, error: Option<PageError>) -> Result<PageResponse, PageError> {
        let layout = Layout::of_request(req, "Log in");
        let registration = self.state.registration_is_open()?;
        let message = error.as_ref().map(PageError::text);
        let page = PageResponse::new(&LoginPage { layout, name: name.to_owned(), error: message, registration });
        Ok(page.with_error(error.as_ref()))
    }
}

#[craft]
impl Dashboard {
    /// `GET login`: the form, or the overview for whoever is logged in.
    #[craft(handler)]
    pub(super) async fn login_page(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        match self.current_user(req) {
            Ok(current_user) => Ok(current_user.redirect_to("")),
            Err(PageError::NotLoggedIn) => self.login_form(req, "", None),
            Err(error) => Err(error),
        }
    }

    /// `POST login` with `name` and `password`: the overview, and a session. 403 if either is wrong, 429 after too many failures.
    #[craft(handler)]
    pub(super) async fn log_in(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let form = self.form(req).await?;
        let location = req.extensions().get::<PageLocation>().cloned().ok_or(PageError::Broken)?;
        match self.check(req, form.get("name"), form.get("password")).await {
            Ok(user) => self.start_session(&location, user, "").await,
            Err(error) => self.login_form(req, form.get("name"), Some(error)),
        }
    }

    /// `POST logout`: the login page, and the session is over.
    #[craft(handler)]
    pub(super) async fn log_out(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let page = current_user.redirect_to("login").with_cookie(no_cookie(&current_user.location));
        if let LoginMethod::Session(token) = current_user.login_method {
            self.state.store.close_session(token).await?;
        }
        Ok(page)
    }
}

/// Takes the session's cookie out of the browser.
pub(super) fn no_cookie(location: &PageLocation) -> String {
    cookie("", 0, location.is_https)
}

fn cookie(value: &str, seconds: u64, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={value}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn session_cookies(req: &Request) -> impl Iterator<Item = SessionToken> {
    let lines = req.headers().get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE_NAME).filter_map(|(_, value)| SessionToken::from_text(value))
}
