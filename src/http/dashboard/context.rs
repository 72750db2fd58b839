//! What all handlers share: the server's state, and how a request's user, form and password are read.

use std::sync::Arc;

use salvo::Request;
use salvo::http::Method;

use super::error::PageError;
use super::form::Form;
use super::layout::requested_texts;
use super::location::{PageLocation, address_behind_ingress};
use super::next::Next;
use super::notices::Notices;
use super::page::PageResponse;
use super::remote_user::{RemoteSystem, RemoteUser};
use super::routes::{PagePath, RouteTable};
use super::session::{CurrentUser, LoginMethod, remote_notices, session_cookie, session_notices, session_tokens};
use super::theme::Theme;
use crate::auth::LoginOutcome;
use crate::http::body;
use crate::http::client_ip::client_ip;
use crate::model::{DayRule, Key, User, Username};
use crate::state::AppState;
use crate::store::{Choice, Chosen};
use crate::text::Texts;

/// Whom the pages are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginMode {
    /// All readers. They log in with name and password, or a trusted proxy has logged them in and names them.
    Password,
    /// Home Assistant, which has logged its users in and names them. It shows the pages in a frame of its own.
    Ingress,
}

/// The dashboard of a server. Cheap to clone: each group of handlers has one.
#[derive(Clone)]
pub struct Dashboard {
    pub(super) state: Arc<AppState>,
    pub(super) login_mode: LoginMode,
    pub(super) routes: Arc<RouteTable>,
    pub(super) notices: Arc<Notices>,
}

impl Dashboard {
    pub(crate) fn new(state: Arc<AppState>, login_mode: LoginMode) -> Self {
        Self { state, login_mode, routes: Arc::default(), notices: Arc::default() }
    }

    /// Returns the location of a page that is `segments` path segments below the root.
    ///
    /// `None` for the root without a slash at its end.
    pub(super) fn locate(&self, req: &Request, segments: usize) -> Option<PageLocation> {
        let state = &self.state;
        let location = PageLocation::from_request(req, segments, state.mount_path.as_deref(), &state.trusted_proxies)?;
        let address = state.address.borrow().clone();
        Some(match (address, self.login_mode) {
            (Ok(Some(address)), _) => location.with_server_address(address.as_str().to_owned()),
            (_, LoginMode::Password) => location,
            (Err(unknown), LoginMode::Ingress) => location.without_server_address(unknown),
            (Ok(None), LoginMode::Ingress) => {
                location.with_server_address(address_behind_ingress(req.headers(), state.scheme, state.port))
            }
        })
    }

    /// Returns the location that the page layer has stored in the request.
    pub(super) fn location(&self, req: &Request) -> Result<PageLocation, PageError> {
        req.extensions().get::<PageLocation>().cloned().ok_or(PageError::Internal)
    }

    /// Returns the account that is logged in.
    pub(super) fn current_user(&self, req: &Request) -> Result<CurrentUser, PageError> {
        let login = match self.remote_user(req)? {
            Some(remote_user) => self.user_of_remote(remote_user)?,
            None => self.user_by_session(req)?,
        };
        let (user, login_method) = login.ok_or(PageError::NotLoggedIn)?;
        let location = self.location(req)?;
        // Only a page that is shown uses a notice up.
        let notice = match *req.method() {
            Method::GET => self.notices.take(login_method.notice_owner(), PagePath::of(req)),
            _ => None,
        };
        Ok(CurrentUser { notice, ..self.logged_in_as(req, location, user, login_method) })
    }

    /// Returns the account that has just logged in, or that a request belongs to.
    pub(super) fn logged_in_as(
        &self,
        req: &Request,
        location: PageLocation,
        user: User,
        login_method: LoginMethod,
    ) -> CurrentUser {
        let texts = user.preferences.language.map_or_else(|| requested_texts(req), Texts::of);
        let days = DayRule::new(&user.preferences, self.state.store.zone());
        let theme = Theme::chosen(req);
        CurrentUser { location, user, texts, days, theme, login_method, notice: None, notices: self.notices.clone() }
    }

    /// Returns the account of the session whose cookie the browser sent.
    pub(super) fn user_by_session(&self, req: &Request) -> Result<Option<(User, LoginMethod)>, PageError> {
        for token in session_tokens(req) {
            if let Some(user) = self.state.store.session(&token)? {
                return Ok(Some((user, LoginMethod::Session(token))));
            }
        }
        Ok(None)
    }

    /// Returns the user whom Home Assistant or a trusted proxy names. A session's cookie does not count then.
    pub(super) fn remote_user(&self, req: &Request) -> Result<Option<RemoteUser>, PageError> {
        match (self.login_mode, &self.state.proxy_login) {
            (LoginMode::Ingress, _) => RemoteUser::of_home_assistant(req, &self.state.ingress_administrators).map(Some),
            (LoginMode::Password, Some(login)) => RemoteUser::of_proxy(req, login, &self.state.trusted_proxies),
            (LoginMode::Password, None) => Ok(None),
        }
    }

    fn user_of_remote(&self, remote_user: RemoteUser) -> Result<Option<(User, LoginMethod)>, PageError> {
        let account = match self.state.store.account_of_remote_user(&remote_user.id)? {
            Chosen::Account(user, choice) => Some((user, choice)),
            // Not another account by itself, only because the chosen one is gone.
            Chosen::Unusable => None,
            Chosen::Nothing => {
                let user = self.namesake(&remote_user)?.filter(|user| user.active);
                return Ok(user.map(|user| (user, LoginMethod::Remote(remote_user, Choice::Picked))));
            }
        };
        // Without a password, only administrators may choose an account.
        let account = account.filter(|(_, choice)| remote_user.is_administrator || *choice == Choice::Proven);
        Ok(account.map(|(user, choice)| (user, LoginMethod::Remote(remote_user, choice))))
    }

    /// Returns the account with the name of a proxy's user, even if it is disabled.
    ///
    /// An administrator's account needs its password, unless the configuration names the user among the administrators: who can choose
    /// a name at the proxy must not get all accounts by calling themselves `admin`.
    pub(super) fn namesake(&self, remote_user: &RemoteUser) -> Result<Option<User>, PageError> {
        let Some(name) = remote_user.account_name() else { return Ok(None) };
        // The exact name alone, also where a device may write it in any case: the proxy may tell users apart whose names differ in case alone.
        let user = self.state.store.find_user(&name)?.filter(|user| user.name == name);
        Ok(user.filter(|user| remote_user.is_administrator || !user.administrator))
    }

    /// Returns what the configuration calls a user of Home Assistant, while it names no administrator.
    pub(super) fn suggested_administrator(&self, remote_user: &RemoteUser) -> Option<String> {
        let is_missing =
            remote_user.system == RemoteSystem::HomeAssistant && self.state.ingress_administrators.is_empty();
        is_missing.then(|| remote_user.configured_as().to_owned())
    }

    /// Returns the administrator who is logged in.
    pub(super) fn administrator(&self, req: &Request) -> Result<CurrentUser, PageError> {
        let current_user = self.current_user(req)?;
        if current_user.is_administrator() { Ok(current_user) } else { Err(PageError::NotAdministrator) }
    }

    /// Returns the notice for the login page, after this browser's session ended.
    pub(super) fn notice_of_login(&self, req: &Request) -> Option<&'static str> {
        let owners: Vec<_> = match self.remote_user(req).ok()? {
            Some(remote_user) => vec![remote_notices(&remote_user)],
            None => session_tokens(req).map(|token| session_notices(&token)).collect(),
        };
        owners.into_iter().find_map(|owner| self.notices.take(owner, "login"))
    }

    /// Returns the page that was wanted before the login, by the request's query.
    pub(super) fn next_of_query(&self, req: &Request) -> Next {
        Next::decode(&self.routes, &req.query::<String>("next").unwrap_or_default())
    }

    /// Returns the page that was wanted before the login, by a form.
    pub(super) fn next_of_form(&self, form: &Form) -> Next {
        Next::decode(&self.routes, form.get("next"))
    }

    /// Reads a request's form.
    pub(super) async fn form(&self, req: &mut Request) -> Result<Form, PageError> {
        Ok(Form::parse(&body::read(req, self.state.client_timeout).await?))
    }

    /// Checks a name and a password like a device's login, with the same limits.
    pub(super) async fn check_password(&self, req: &Request, name: &str, password: &str) -> Result<User, PageError> {
        let name = Username::new(name).map_err(|_| PageError::WrongCredentials)?;
        let key = Key::from_password(password.as_bytes()).map_err(|_| PageError::WrongCredentials)?;
        match self.state.login(&name, key, client_ip(req, &self.state.trusted_proxies)).await? {
            LoginOutcome::Accepted(user) => Ok(user),
            LoginOutcome::AcceptedDevice(_) => Err(PageError::DevicePassword),
            LoginOutcome::Inactive => Err(PageError::AccountDisabled),
            LoginOutcome::Refused => Err(PageError::WrongCredentials),
            LoginOutcome::TooManyFailures { retry_after } => Err(PageError::TooManyFailures { retry_after }),
        }
    }

    /// Starts a session and redirects to a path, whose page confirms `done` once.
    ///
    /// The requested path must be in the root's directory, for which the browser then stores the cookie.
    pub(super) async fn start_session(
        &self,
        location: &PageLocation,
        user: User,
        page: &str,
        done: Option<&'static str>,
    ) -> Result<PageResponse, PageError> {
        let redirect = PageResponse::redirect_to(format!("{}{page}", location.base));
        let token = self.state.store.open_session(user).await?.ok_or(PageError::NotLoggedIn)?;
        if let Some(done) = done {
            self.notices.put(session_notices(&token), page, done);
        }
        Ok(redirect.with_cookie(session_cookie(&token, location)))
    }
}
