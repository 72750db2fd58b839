//! Logging in and out: with name and password, or at Home Assistant or a proxy; and sending a form again whose session had ended.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;
use salvo::http::header::CONTENT_TYPE;

use super::choose_account::ChooseAccount;
use super::codec::decode;
use super::context::Dashboard;
use super::error::PageError;
use super::form_errors::FormErrors;
use super::layout::{Layout, notice_text};
use super::next::Next;
use super::page::PageResponse;
use super::remote_user::RemoteUser;
use super::routes::PagePath;
use super::saved_form::{FieldView, NotSaved, SavedField, SavedForm};
use super::session::{LoginMethod, expired_cookie, session_cookie, session_tokens};
use crate::library::Title;
use crate::model::{Document, User};

/// What the login page shows beside its form.
#[derive(Default)]
struct Shown {
    name: String,
    next: Next,
    /// A form that is sent again after the login.
    saved: Option<SavedForm>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    layout: Layout,
    name: String,
    /// Where the reader wanted to go, encoded; empty for the overview.
    next: String,
    saved: Option<SavedForm>,
    registration_is_open: bool,
}

impl SendAgainPage {
    /// Whether there are values that the page lists.
    fn has_choices(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.view, FieldView::Choice(_)))
    }
}

impl LoginPage {
    fn register_link(&self) -> String {
        let query = if self.next.is_empty() { String::new() } else { format!("?next={}", self.next) };
        format!("{}register{query}", self.layout.base())
    }
}

#[derive(Template)]
#[template(path = "send_again.html")]
struct SendAgainPage {
    layout: Layout,
    saved: SavedForm,
    fields: Vec<SavedField>,
    /// The title of the book that it is about, if it is about one.
    book: Option<Title>,
    /// The page with the form, as a path from the root.
    page: String,
}

/// Leads the browser to the proxy's own logout.
#[derive(Template)]
#[template(path = "logged_out.html")]
struct LoggedOutPage {
    layout: Layout,
    address: String,
}

/// The handlers of `login`, `logout` and `switch-account`.
#[derive(Clone)]
pub struct Login {
    pub(super) dashboard: Dashboard,
}

impl Login {
    fn page(&self, layout: Layout, shown: Shown) -> Result<PageResponse, PageError> {
        Ok(PageResponse::new(&LoginPage {
            layout,
            name: shown.name,
            next: shown.next.encoded(),
            saved: shown.saved,
            registration_is_open: self.dashboard.state.registration_is_open()?,
        }))
    }

    /// Answers a form whose session has ended: nothing is done, and the login page carries what was typed.
    pub(super) async fn session_ended(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let path = PagePath::of(req).to_owned();
        let content_type = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (saved, text) = if content_type.starts_with("multipart/") {
            (None, "login-session-ended-file")
        } else {
            let form = self.dashboard.form(req).await?;
            match SavedForm::new(&self.dashboard.routes, &path, form) {
                Ok(saved) => (Some(saved), "login-session-ended"),
                Err(NotSaved::Nothing) => (None, "login-session-ended-repeat"),
                Err(NotSaved::TooLong) => (None, "login-session-ended-too-long"),
            }
        };
        let page = self.dashboard.routes.page_of_form(&path).unwrap_or_default();
        let page = page.split('#').next().unwrap_or_default();
        let next = Next::checked(&self.dashboard.routes, page).unwrap_or_default();
        let layout = Layout::anonymous(req, "login-title");
        let layout = Layout { errors: FormErrors::one("", layout.text(text)), ..layout };
        Ok(self.page(layout, Shown { next, saved, ..Shown::default() })?.with_error(&PageError::NotLoggedIn))
    }

    fn choose_account(&self) -> ChooseAccount {
        ChooseAccount { dashboard: self.dashboard.clone() }
    }

    /// Starts a session, and asks whether the saved form is to be sent.
    async fn ask_again(&self, req: &Request, user: User, saved: SavedForm) -> Result<PageResponse, PageError> {
        let location = self.dashboard.location(req)?;
        let token = self.dashboard.state.store.open_session(user.clone()).await?.ok_or(PageError::NotLoggedIn)?;
        let cookie = session_cookie(&token, &location);
        let book = self.book_of(&user, &saved.path)?;
        let current_user = self.dashboard.logged_in_as(req, location, user, LoginMethod::Session(token));
        let layout = current_user.layout("login-again-title", "");
        let page = self.dashboard.routes.page_of_form(&saved.path).unwrap_or_default();
        let fields = saved.fields(layout.texts);
        Ok(PageResponse::new(&SendAgainPage { layout, saved, fields, book, page }).with_cookie(cookie))
    }

    /// Returns the title of the book whose form has that path. Returns `None` if the account has no such book.
    fn book_of(&self, user: &User, path: &str) -> Result<Option<Title>, PageError> {
        let id = path.strip_prefix("books/").and_then(|path| path.split('/').next());
        let Some(document) = id.and_then(decode).and_then(|id| Document::new(&id).ok()) else { return Ok(None) };
        Ok(self.dashboard.state.store.document(user.id, &document)?.map(|entry| Title::of(&entry)))
    }
}

#[craft]
impl Login {
    /// `GET login?next=`: the form, or a redirect to the next page if there is a session.
    ///
    /// Users of Home Assistant or a proxy get the accounts to choose from, with the query `choose` also where they have one.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        if let Some(remote_user) = self.dashboard.remote_user(req)? {
            return self.choose_account().show(req, &remote_user).await;
        }
        let next = self.dashboard.next_of_query(req);
        match self.dashboard.current_user(req) {
            Ok(current_user) => return Ok(current_user.redirect_to(&next.address())),
            Err(PageError::NotLoggedIn) => {}
            Err(error) => return Err(error),
        }
        let notice = self.dashboard.notice_of_login(req);
        let layout = Layout::anonymous(req, "login-title");
        let layout = Layout { notice: notice.and_then(|done| notice_text(done, layout.texts)), ..layout };
        let cookie = expired_cookie(&layout.location);
        let page = self.page(layout, Shown { next, ..Shown::default() })?;
        // A session that has ended needs no cookie.
        Ok(if session_tokens(req).next().is_some() { page.with_cookie(cookie) } else { page })
    }

    /// `POST login` with `name`, `password` and `next`: starts a session and redirects to the next page, the overview by default.
    ///
    /// With `form` and `fields` of a form whose session had ended, it answers with the page that sends that one on confirmation.
    ///
    /// Users of Home Assistant or a proxy choose an account by it.
    ///
    /// # Errors
    /// 403 if the name or the password is wrong, 429 after too many failures.
    #[craft(handler)]
    pub(super) async fn log_in(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        if let Some(remote_user) = self.dashboard.remote_user(req)? {
            return self.choose_account().choose(req, remote_user).await;
        }
        let form = self.dashboard.form(req).await?;
        let location = self.dashboard.location(req)?;
        let next = self.dashboard.next_of_form(&form);
        let saved = SavedForm::from_login(&self.dashboard.routes, &form);
        match (self.dashboard.check_password(req, form.get("name"), form.get("password")).await, saved) {
            (Ok(user), Some(saved)) => self.ask_again(req, user, saved).await,
            (Ok(user), None) => self.dashboard.start_session(&location, user, &next.address(), None).await,
            (Err(error), saved) => {
                let layout = Layout::anonymous(req, "login-title").with_error(&error, "password");
                let name = form.get("name").to_owned();
                Ok(self.page(layout, Shown { name, next, saved })?.with_error(&error))
            }
        }
    }

    /// `POST logout`: ends the session and redirects to the login page.
    ///
    /// Users of a proxy are led to its own logout; where there is none, and behind Home Assistant, the choice of the account is undone.
    #[craft(handler)]
    pub(super) async fn log_out(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let address = match self.dashboard.remote_user(req)? {
            Some(RemoteUser { logout_address: None, .. }) => return self.choose_account().undo(req).await,
            Some(RemoteUser { logout_address: Some(address), .. }) => Some(address),
            None => None,
        };
        let cookie = expired_cookie(&self.dashboard.location(req)?);
        let response = match address {
            // Not a redirect: the browser would hold every further redirect, such as one to the login's own host, against the rule that
            // our forms lead to us.
            Some(address) => PageResponse::new(&LoggedOutPage {
                layout: Layout::anonymous(req, "common-log-out"),
                address: address.as_str().to_owned(),
            }),
            None => self.dashboard.current_user(req)?.redirect_to("login"),
        };
        // Also of a user of the proxy who logged in with a password before, where the proxy was not in between.
        if let Some((_, LoginMethod::Session(token))) = self.dashboard.user_by_session(req)? {
            self.dashboard.state.store.close_session(token).await?;
        }
        Ok(response.with_cookie(cookie))
    }

    /// `POST switch-account`: undoes the choice of a user of Home Assistant or a proxy, who then chooses again.
    #[craft(handler)]
    pub(super) async fn switch_account(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        self.choose_account().undo(req).await
    }
}
