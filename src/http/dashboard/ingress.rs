//! Behind Home Assistant's ingress, each of its users chooses an account once, instead of logging in.
//!
//! The users whom the configuration names manage all accounts, and choose from the list of all. Everybody else gives the password of
//! an account once, or creates one: Home Assistant does not tell who administers it, and whoever has a login there can open this page.
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
use super::layout::{Layout, notice_text, requested_texts};
use super::page::PageResponse;
use super::paging::Paging;
use super::register::register;
use super::session::{IngressUser, LoginMethod};
use crate::library::scan::{SERVER, each_user};
use crate::model::User;
use crate::store::{Choice, UpdateOutcome};

const DISPLAY_NAME: HeaderName = HeaderName::from_static("x-remote-user-display-name");

/// Accounts of a page: where registration is open, strangers can create very many.
const ACCOUNTS_PER_PAGE: usize = 100;

struct Account {
    number: u32,
    name: String,
    documents: u32,
}

/// A page of the accounts to choose from.
struct AccountList {
    accounts: Vec<Account>,
    paging: Paging,
}

#[derive(Template)]
#[template(path = "choose_account.html")]
struct ChooseAccountPage {
    layout: Layout,
    /// The name of Home Assistant's user.
    display_name: Option<String>,
    /// All accounts, for those who may choose one without its password.
    list: Option<AccountList>,
    can_create: bool,
    /// What the configuration calls this user, while it names no administrator at all.
    suggested_administrator: Option<String>,
    /// The name in the form that was sent.
    name: String,
    /// Where the user wanted to go, encoded; may be empty.
    next: String,
    /// What the links to the other pages of accounts add to their query.
    query: String,
}

/// The handlers of `login` and `logout` behind the ingress.
#[derive(Clone)]
pub struct Ingress {
    pub(super) dashboard: Dashboard,
}

impl Ingress {
    async fn page(&self, req: &Request, form: &Form, error: Option<PageError>) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let ingress_user = self.dashboard.ingress_user(req)?;
        let display_name =
            req.headers().get(DISPLAY_NAME).map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
        let display_name = display_name.or_else(|| ingress_user.name.clone());
        let list = if ingress_user.is_administrator { Some(self.account_list(req).await?) } else { None };
        let next = self.dashboard.next_of_form(form).encoded();
        let field = match form {
            _ if form.has("new") => "name",
            // Administrators choose from a list, which has no fields.
            _ if list.is_some() => "",
            _ => "login-password",
        };
        let layout = Layout::anonymous(req, "login-choose-title");
        let notice = self.dashboard.notice_of_login(req).and_then(|done| notice_text(done, layout.texts));
        let layout = Layout { notice, ..layout };
        let layout = match &error {
            Some(error) => layout.with_error(error, field),
            None => layout,
        };
        let page = PageResponse::new(&ChooseAccountPage {
            layout,
            display_name,
            can_create: ingress_user.is_administrator || state.registration_is_open()?,
            list,
            suggested_administrator: self.dashboard.suggested_administrator(&ingress_user),
            name: form.get("name").to_owned(),
            query: if next.is_empty() { String::new() } else { format!("&next={next}") },
            next,
        });
        Ok(match error {
            Some(error) => page.with_error(&error),
            None => page,
        })
    }

    async fn account_list(&self, req: &Request) -> Result<AccountList, PageError> {
        let mut collector = Paging::collect(req, ACCOUNTS_PER_PAGE);
        let add = |User { id, name, documents, active, .. }: User| {
            if active {
                collector.add(|| Account { number: id.get(), name: name.to_string(), documents });
            }
            true
        };
        each_user(&self.dashboard.state.store, &self.dashboard.state.scan_limiter, SERVER, add).await?;
        let (paging, accounts, _) = collector.finish();
        Ok(AccountList { accounts, paging })
    }

    /// Returns the account that the form chooses, logs in to or creates, and how.
    async fn chosen_account(
        &self,
        req: &Request,
        ingress_user: &IngressUser,
        form: &Form,
    ) -> Result<(User, Choice), PageError> {
        let state = &self.dashboard.state;
        if form.has("account") && ingress_user.is_administrator {
            let user = find_account(state, form.get("account").parse().ok()).await?.ok_or_else(|| {
                PageError::InvalidForm(requested_texts(req).msg("login-account-gone").to_string())
            })?;
            return Ok((user, Choice::Picked));
        }
        let user = if !form.has("new") {
            self.dashboard.check_password(req, form.get("name"), form.get("password")).await?
        } else if ingress_user.is_administrator {
            create_account(state, form, requested_texts(req)).await?
        } else {
            register(&self.dashboard, req, form).await?
        };
        Ok((user, Choice::Proven))
    }
}

#[craft]
impl Ingress {
    /// `GET login`: the accounts to choose from, or a redirect to the overview if one is chosen.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        match self.dashboard.current_user(req) {
            Ok(current_user) => Ok(current_user.redirect_to(&self.dashboard.next_of_query(req).address())),
            Err(PageError::NotLoggedIn) => {
                let next = self.dashboard.next_of_query(req).encoded();
                self.page(req, &Form::parse(format!("next={next}").as_bytes()), None).await
            }
            Err(error) => Err(error),
        }
    }

    /// `POST login`: redirects to the overview, which shows the chosen account from now on. The fields are `name` and `password` of an
    /// account, or `name`, `new` and `again` of a new one, or, for administrators, an account's number in `account`.
    #[craft(handler)]
    pub(super) async fn choose(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let ingress_user = self.dashboard.ingress_user(req)?;
        let location = self.dashboard.location(req)?;
        let form = self.dashboard.form(req).await?;
        let (user, choice) = match self.chosen_account(req, &ingress_user, &form).await {
            Ok(chosen) => chosen,
            Err(error) => return self.page(req, &form, Some(error)).await,
        };
        match self.dashboard.state.store.set_account_of_ingress_user(ingress_user.id, user, choice).await? {
            UpdateOutcome::Applied => {
                let next = self.dashboard.next_of_form(&form).address();
                Ok(PageResponse::redirect_to(format!("{}{next}", location.base)))
            }
            UpdateOutcome::Stale => Err(PageError::NotLoggedIn),
        }
    }

    /// `POST logout`: undoes the choice and redirects to the accounts to choose from.
    #[craft(handler)]
    pub(super) async fn undo_choice(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let redirect = current_user.redirect_to("login");
        if let LoginMethod::HomeAssistant(ingress_user, _) = current_user.login_method {
            self.dashboard.state.store.remove_ingress_user(ingress_user.id).await?;
        }
        Ok(redirect)
    }
}
