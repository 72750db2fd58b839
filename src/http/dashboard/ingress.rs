//! Behind Home Assistant's ingress, each of its users chooses an account once, instead of logging in.
//!
//! The Supervisor replaces the headers that name the user, whatever the browser sent. They count on the ingress listener only,
//! which answers no other peer.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;
use salvo::http::header::HeaderName;

use super::accounts::{create_account, find_account};
use super::context::Dashboard;
use super::error::PageError;
use super::form::Form;
use super::layout::Layout;
use super::page::PageResponse;
use super::paging::Paging;
use super::session::{LoginMethod, ingress_user};
use crate::library::scan::{SERVER, each_user};
use crate::model::User;
use crate::state::AppState;
use crate::store::UpdateOutcome;

const USER_NAME: HeaderName = HeaderName::from_static("x-remote-user-name");
const DISPLAY_NAME: HeaderName = HeaderName::from_static("x-remote-user-display-name");

/// Accounts of a page: where registration is open, strangers can create very many.
const CHOICES_PER_PAGE: usize = 100;

struct Choice {
    number: u32,
    name: String,
    documents: u32,
}

#[derive(Template)]
#[template(path = "choose_account.html")]
struct ChooseAccountPage {
    layout: Layout,
    /// The name of Home Assistant's user.
    display_name: Option<String>,
    choices: Vec<Choice>,
    paging: Paging,
    /// The name in the form for a new account.
    name: String,
    error: Option<String>,
}

/// The handlers of `login` and `logout` behind the ingress.
#[derive(Clone)]
pub struct Ingress {
    pub(super) dashboard: Dashboard,
}

impl Ingress {
    async fn page(&self, req: &Request, name: &str, error: Option<PageError>) -> Result<PageResponse, PageError> {
        let display_name = [DISPLAY_NAME, USER_NAME].into_iter().find_map(|name| req.headers().get(name));
        let AppState { store, scan_limiter, .. } = &*self.dashboard.state;
        let mut collector = Paging::collect(req, CHOICES_PER_PAGE);
        let add = |User { id, name, documents, active, .. }: User| {
            if active {
                collector.add(|| Choice { number: id.get(), name: name.to_string(), documents });
            }
            true
        };
        each_user(store, scan_limiter, SERVER, add).await?;
        let (paging, choices, _) = collector.finish();
        let page = PageResponse::new(&ChooseAccountPage {
            layout: Layout::anonymous(req, "Choose an account"),
            display_name: display_name.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()),
            choices,
            paging,
            name: name.to_owned(),
            error: error.as_ref().map(PageError::text),
        });
        Ok(match error {
            Some(error) => page.with_error(&error),
            None => page,
        })
    }

    /// Returns the account that the form chooses or creates.
    async fn chosen_account(&self, form: &Form) -> Result<User, PageError> {
        let state = &self.dashboard.state;
        match form.get("account") {
            "" => create_account(state, form).await,
            number => find_account(state, number.parse().ok()).await?.ok_or_else(|| {
                PageError::InvalidForm("This account no longer exists. Choose another one, or create one.".into())
            }),
        }
    }
}

#[craft]
impl Ingress {
    /// `GET login`: the accounts to choose from, or a redirect to the overview if one is chosen.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        match self.dashboard.current_user(req) {
            Ok(current_user) => Ok(current_user.redirect_to("")),
            Err(PageError::NotLoggedIn) => self.page(req, "", None).await,
            Err(error) => Err(error),
        }
    }

    /// `POST login` with an account's number in `account`, or with `name`, `new` and `again` for a new account: redirects to the
    /// overview, which shows that account from now on.
    #[craft(handler)]
    pub(super) async fn choose(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let ingress_user = ingress_user(req)?;
        let location = self.dashboard.location(req)?;
        let form = self.dashboard.form(req).await?;
        match self.chosen_account(&form).await {
            Ok(user) => match self.dashboard.state.store.set_account_of_ingress_user(ingress_user, user).await? {
                UpdateOutcome::Applied => Ok(PageResponse::redirect_to(location.base)),
                UpdateOutcome::Stale => Err(PageError::NotLoggedIn),
            },
            Err(error) => self.page(req, form.get("name"), Some(error)).await,
        }
    }

    /// `POST logout`: undoes the choice and redirects to the accounts to choose from.
    #[craft(handler)]
    pub(super) async fn undo_choice(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let redirect = current_user.redirect_to("login");
        if let LoginMethod::HomeAssistant(ingress_user) = current_user.login_method {
            self.dashboard.state.store.remove_ingress_user(ingress_user).await?;
        }
        Ok(redirect)
    }
}
