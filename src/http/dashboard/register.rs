//! Making an account in the browser, while registration is open.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::accounts::new_account;
use super::context::Dashboard;
use super::error::PageError;
use super::form::Form;
use super::form_errors::FormErrors;
use super::layout::{Layout, requested_texts};
use super::page::PageResponse;
use crate::http::client_ip::client_ip;
use crate::model::{ADMIN, User};
use crate::state::Registered;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    layout: Layout,
    name: String,
    /// Where the reader wanted to go, encoded; may be empty.
    next: String,
}

impl RegisterPage {
    fn login_link(&self) -> String {
        let query = if self.next.is_empty() { String::new() } else { format!("?next={}", self.next) };
        format!("{}login{query}", self.layout.base())
    }
}

/// Creates an account as a device does [R1 to R6]: with the same rules, while registration is open, and within its limits.
pub(super) async fn register(dashboard: &Dashboard, req: &Request, form: &Form) -> Result<User, PageError> {
    let texts = requested_texts(req);
    let taken = || PageError::InvalidFields(FormErrors::one("name", texts.msg("login-taken")));
    let state = &dashboard.state;
    if !state.registration_is_open()? {
        return Err(PageError::RegistrationClosed);
    }
    let (name, key) = new_account(form, texts)?;
    if name.as_str().eq_ignore_ascii_case(ADMIN) {
        return Err(taken());
    }
    match state.register(name, key, client_ip(req, &state.trusted_proxies)).await? {
        Registered::Created(user) => Ok(user),
        Registered::Taken => Err(taken()),
        Registered::TooMany { retry_after } => Err(PageError::TooManyRegistrations { retry_after }),
    }
}

/// The handlers of `register`.
#[derive(Clone)]
pub struct Register {
    pub(super) dashboard: Dashboard,
}

fn page(layout: Layout, name: &str, next: String) -> PageResponse {
    PageResponse::new(&RegisterPage { layout, name: name.to_owned(), next })
}

#[craft]
impl Register {
    /// `GET register`: the form, or a redirect if there is a session, or if Home Assistant or a proxy has logged the reader in.
    ///
    /// # Errors
    /// 403 while registration is closed.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let next = self.dashboard.next_of_query(req);
        if self.dashboard.remote_user(req)?.is_some() {
            return Ok(PageResponse::redirect_to(next.login(&self.dashboard.location(req)?.base)));
        }
        match self.dashboard.current_user(req) {
            Ok(current_user) => return Ok(current_user.redirect_to(&next.address())),
            Err(PageError::NotLoggedIn) => {}
            Err(error) => return Err(error),
        }
        if !self.dashboard.state.registration_is_open()? {
            return Err(PageError::RegistrationClosed);
        }
        Ok(page(Layout::anonymous(req, "login-register-title"), "", next.encoded()))
    }

    /// `POST register` with `name`, `new`, `again` and `next`: creates the account, starts a session and redirects to the next page.
    ///
    /// # Errors
    /// 400 if a field cannot be used or the name is taken, 403 while registration is closed, 429 beyond its limits.
    #[craft(handler)]
    pub(super) async fn create(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let form = self.dashboard.form(req).await?;
        let location = self.dashboard.location(req)?;
        let next = self.dashboard.next_of_form(&form);
        if self.dashboard.remote_user(req)?.is_some() {
            return Ok(PageResponse::redirect_to(next.login(&location.base)));
        }
        match register(&self.dashboard, req, &form).await {
            Ok(user) => self.dashboard.start_session(&location, user, &next.address(), Some("welcome")).await,
            Err(error @ PageError::RegistrationClosed) => Err(error),
            Err(error) => {
                let layout = Layout::anonymous(req, "login-register-title").with_error(&error, "name");
                Ok(page(layout, form.get("name"), next.encoded()).with_error(&error))
            }
        }
    }
}
