//! For administrators: all accounts, and whether devices may make more.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Dashboard;
use super::account::new_key;
use super::books::page_number;
use super::error::PageError;
use super::format::{Paging, Time, time};
use super::page::{Layout, PageResponse};
use super::session::{CurrentUser, Form};
use crate::model::{ADMIN, User, Username};
use crate::store::{AccountOutcome, Change, CreateOutcome};

/// Accounts on one page.
const PER_PAGE: usize = 100;

struct AccountRow {
    number: u32,
    name: String,
    is_active: bool,
    is_administrator: bool,
    /// It is the account that nobody can switch off or delete.
    is_admin: bool,
    documents: u32,
    created: Option<Time>,
    last_used: Option<Time>,
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    layout: Layout,
    rows: Vec<AccountRow>,
    total: usize,
    paging: Paging,
    is_open: bool,
    configured: bool,
    /// The name that could not be made, and why.
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "one_account.html")]
struct OneAccountPage {
    layout: Layout,
    row: AccountRow,
    error: Option<String>,
}

impl Dashboard {
    fn administrator(&self, req: &Request) -> Result<CurrentUser, PageError> {
        let current_user = self.current_user(req)?;
        if current_user.is_administrator() { Ok(current_user) } else { Err(PageError::Forbidden) }
    }

    /// The account of the path, for an administrator.
    fn target(&self, req: &Request) -> Result<(CurrentUser, User), PageError> {
        let current_user = self.administrator(req)?;
        let number = req.params().get("number").and_then(|number| number.parse::<u32>().ok());
        Ok((current_user, self.numbered(number)?.ok_or(PageError::NoSuchPage)?))
    }

    /// The account of a number.
    pub(super) fn numbered(&self, number: Option<u32>) -> Result<Option<User>, PageError> {
        Ok(self.state.store.users()?.into_iter().find(|user| Some(user.id.get()) == number))
    }

    /// Makes the account that a form asks for, with `name`, `new` and `again`.
    pub(super) async fn make_account(&self, form: &Form) -> Result<User, PageError> {
        let name = Username::new(form.get("name"));
        let name = name.map_err(|invalid| PageError::Wrong(format!("The account was not made: {invalid}.")))?;
        let key = self.state.auth.hash(new_key(form.get("new"), form.get("again"))?).await?;
        match self.state.store.create_user(name, key).await? {
            CreateOutcome::Created(user) => Ok(user),
            CreateOutcome::Taken => Err(PageError::Wrong("There is an account of that name.".into())),
        }
    }

    fn row(&self, user: &User) -> AccountRow {
        AccountRow {
            number: user.id.get(),
            name: user.name.to_string(),
            is_active: user.active,
            is_administrator: user.administrator,
            is_admin: user.name.as_str() == ADMIN,
            documents: user.documents,
            created: Some(user.created)
                .filter(|created| *created > 0)
                .map(|created| time(created, self.state.store.zone())),
            last_used: user.last_used.map(|used| time(used, self.state.store.zone())),
        }
    }

    fn accounts_page(&self, req: &Request, current_user: &CurrentUser) -> Result<AccountsPage, PageError> {
        let users = self.state.store.users()?;
        let paging = Paging::new(page_number(req), users.len(), PER_PAGE);
        Ok(AccountsPage {
            layout: current_user.layout("Accounts", "accounts"),
            rows: paging.of(&users).iter().map(|user| self.row(user)).collect(),
            total: users.len(),
            paging,
            is_open: self.state.registration_is_open()?,
            configured: self.state.registration,
            name: String::new(),
            error: None,
        })
    }

    async fn manage(
        &self,
        current_user: &CurrentUser,
        target: &User,
        change: Change,
    ) -> Result<AccountOutcome, PageError> {
        let protected = || {
            let text =
                "The account admin can neither be switched off nor deleted, and only its owner changes its password.";
            PageError::Wrong(text.into())
        };
        // Whoever has the data folder may, but whoever comes through Home Assistant has not.
        if target.name.as_str() == ADMIN && matches!(change, Change::SetKey(_)) {
            return Err(protected());
        }
        match self.state.store.manage(current_user.authority(), target.name.clone(), change).await? {
            AccountOutcome::Protected => Err(protected()),
            AccountOutcome::NoAccount | AccountOutcome::NoDocument | AccountOutcome::NoPosition => {
                Err(PageError::NoSuchPage)
            }
            AccountOutcome::Refused => Err(PageError::NotLoggedIn),
            done @ (AccountOutcome::Done | AccountOutcome::Enabled | AccountOutcome::Disabled) => Ok(done),
        }
    }
}

#[craft]
impl Dashboard {
    /// `GET accounts?page=`: all accounts, by name.
    #[craft(handler)]
    pub(super) async fn accounts(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.administrator(req)?;
        Ok(PageResponse::new(&self.accounts_page(req, &current_user)?))
    }

    /// `POST accounts` with `name`, `new` and `again`: makes an account, also where registration is closed.
    #[craft(handler)]
    pub(super) async fn create_account(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let current_user = self.administrator(req)?;
        let form = self.form(req).await?;
        let error = match self.make_account(&form).await {
            Ok(user) => return Ok(current_user.redirect_to(&format!("accounts/{}?done=created", user.id.get()))),
            Err(error @ PageError::Wrong(_)) => error,
            Err(error) => return Err(error),
        };
        let (name, message) = (form.get("name").to_owned(), Some(error.text()));
        let page = AccountsPage { name, error: message, ..self.accounts_page(req, &current_user)? };
        Ok(PageResponse::new(&page).with_status(error.status()))
    }

    /// `POST registration` with `open`, which is `yes` or `no`: opens it or closes it, and it stays so.
    #[craft(handler)]
    pub(super) async fn switch_registration(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let current_user = self.administrator(req)?;
        let open = match self.form(req).await?.get("open") {
            "yes" => true,
            "no" => false,
            _ => return Err(PageError::Wrong("Registration is either open or closed.".into())),
        };
        let authority = current_user.authority();
        match self.state.store.set_registration(authority, open, self.state.registration).await? {
            AccountOutcome::Enabled => Ok(current_user.redirect_to("accounts?done=opened")),
            AccountOutcome::Disabled => Ok(current_user.redirect_to("accounts?done=closed")),
            _ => Err(PageError::NotLoggedIn),
        }
    }

    /// `GET accounts/{number}`: one account.
    #[craft(handler)]
    pub(super) async fn one_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req)?;
        let layout = current_user.layout(user.name.as_str(), "accounts");
        Ok(PageResponse::new(&OneAccountPage { layout, row: self.row(&user), error: None }))
    }

    /// `POST accounts/{number}/active` with `active`, which is `yes` or `no`: switches it on or off.
    #[craft(handler)]
    pub(super) async fn switch_account(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req)?;
        let active = self.form(req).await?.get("active") == "yes";
        let done = match self.manage(&current_user, &user, Change::SetActive(Some(active))).await? {
            AccountOutcome::Enabled => "switched-on",
            _ => "switched-off",
        };
        Ok(current_user.redirect_to(&format!("accounts/{}?done={done}", user.id.get())))
    }

    /// `POST accounts/{number}/password` with `new` and `again`.
    #[craft(handler)]
    pub(super) async fn set_account_password(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req)?;
        let form = self.form(req).await?;
        let key = match new_key(form.get("new"), form.get("again")) {
            Ok(key) => self.state.auth.hash(key).await?,
            Err(error) => {
                let layout = current_user.layout(user.name.as_str(), "accounts");
                let page = OneAccountPage { layout, row: self.row(&user), error: Some(error.text()) };
                return Ok(PageResponse::new(&page).with_status(error.status()));
            }
        };
        self.manage(&current_user, &user, Change::SetKey(key)).await?;
        Ok(current_user.redirect_to(&format!("accounts/{}?done=password-set", user.id.get())))
    }

    /// `GET accounts/{number}/delete`: asks whether it is meant.
    #[craft(handler)]
    pub(super) async fn ask_delete_account(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req)?;
        let layout = current_user.layout("Delete an account", "accounts");
        Ok(PageResponse::new(&DeleteAccountPage { layout, row: self.row(&user) }))
    }

    /// `POST accounts/{number}/delete`: the list of accounts.
    #[craft(handler)]
    pub(super) async fn delete_account(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req)?;
        self.manage(&current_user, &user, Change::Delete).await?;
        self.state.auth.evict(user.id);
        Ok(current_user.redirect_to("accounts?done=account-deleted"))
    }
}

#[derive(Template)]
#[template(path = "delete_account.html")]
struct DeleteAccountPage {
    layout: Layout,
    row: AccountRow,
}
