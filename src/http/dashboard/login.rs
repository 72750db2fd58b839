//! Logging in and out with name and password.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::context::Dashboard;
use super::error::PageError;
use super::layout::Layout;
use super::page::PageResponse;
use super::session::{LoginMethod, expired_cookie};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    layout: Layout,
    name: String,
    error: Option<String>,
    registration_is_open: bool,
}

/// The handlers of `login` and `logout`.
#[derive(Clone)]
pub struct Login {
    pub(super) dashboard: Dashboard,
}

impl Login {
    fn page(&self, req: &Request, name: &str, error: Option<PageError>) -> Result<PageResponse, PageError> {
        let page = PageResponse::new(&LoginPage {
            layout: Layout::anonymous(req, "Log in"),
            name: name.to_owned(),
            error: error.as_ref().map(PageError::text),
            registration_is_open: self.dashboard.state.registration_is_open()?,
        });
        Ok(match error {
            Some(error) => page.with_error(&error),
            None => page,
        })
    }
}

#[craft]
impl Login {
    /// `GET login`: the form, or a redirect to the overview if there is a session.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        match self.dashboard.current_user(req) {
            Ok(current_user) => Ok(current_user.redirect_to("")),
            Err(PageError::NotLoggedIn) => self.page(req, "", None),
            Err(error) => Err(error),
        }
    }

    /// `POST login` with `name` and `password`: starts a session and redirects to the overview.
    ///
    /// # Errors
    /// 403 if the name or the password is wrong, 429 after too many failures.
    #[craft(handler)]
    pub(super) async fn log_in(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let form = self.dashboard.form(req).await?;
        let location = self.dashboard.location(req)?;
        match self.dashboard.check_password(req, form.get("name"), form.get("password")).await {
            Ok(user) => self.dashboard.start_session(&location, user, "").await,
            Err(error) => self.page(req, form.get("name"), Some(error)),
        }
    }

    /// `POST logout`: ends the session and redirects to the login page.
    #[craft(handler)]
    pub(super) async fn log_out(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let redirect = current_user.redirect_to("login").with_cookie(expired_cookie(&current_user.location));
        if let LoginMethod::Session(token) = current_user.login_method {
            self.dashboard.state.store.close_session(token).await?;
        }
        Ok(redirect)
    }
}
