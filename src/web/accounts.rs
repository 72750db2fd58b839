//! For administrators: all accounts, and whether devices may make more.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Web;
use super::account::new_key;
use super::books::page_asked;
use super::page::{Frame, Page};
use super::problem::Problem;
use super::text::{Paging, Time, time};
use super::visit::{Form, Visit};
use crate::model::{ADMIN, User, Username};
use crate::store::{Change, Managed, Registered};

/// Accounts on one page.
const PAGE: usize = 100;

struct Row {
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
    frame: Frame,
    rows: Vec<Row>,
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
    frame: Frame,
    row: Row,
    error: Option<String>,
}

impl Web {
    fn administrator(&self, req: &Request) -> Result<Visit, Problem> {
        let visit = self.visit(req)?;
        if visit.is_administrator() { Ok(visit) } else { Err(Problem::Forbidden) }
    }

    /// The account of the path, for an administrator.
    fn target(&self, req: &Request) -> Result<(Visit, User), Problem> {
        let visit = self.administrator(req)?;
        let number = req.params().get("number").and_then(|number| number.parse::<u32>().ok());
        Ok((visit, self.numbered(number)?.ok_or(Problem::NoSuchPage)?))
    }

    /// The account of a number.
    pub(super) fn numbered(&self, number: Option<u32>) -> Result<Option<User>, Problem> {
        Ok(self.app.store.users()?.into_iter().find(|user| Some(user.id.get()) == number))
    }

    /// Makes the account that a form asks for, with `name`, `new` and `again`.
    pub(super) async fn make_account(&self, form: &Form) -> Result<User, Problem> {
        let name = Username::new(form.get("name"));
        let name = name.map_err(|invalid| Problem::Wrong(format!("The account was not made: {invalid}.")))?;
        let key = self.app.auth.hash(new_key(form.get("new"), form.get("again"))?).await?;
        match self.app.store.create_user(name, key).await? {
            Registered::Created(user) => Ok(user),
            Registered::Taken => Err(Problem::Wrong("There is an account of that name.".into())),
        }
    }

    fn row(&self, user: &User) -> Row {
        Row {
            number: user.id.get(),
            name: user.name.to_string(),
            is_active: user.active,
            is_administrator: user.administrator,
            is_admin: user.name.as_str() == ADMIN,
            documents: user.documents,
            created: Some(user.created)
                .filter(|created| *created > 0)
                .map(|created| time(created, self.app.store.zone())),
            last_used: user.last_used.map(|used| time(used, self.app.store.zone())),
        }
    }

    fn accounts_page(&self, req: &Request, visit: &Visit) -> Result<AccountsPage, Problem> {
        let users = self.app.store.users()?;
        let paging = Paging::new(page_asked(req), users.len(), PAGE);
        Ok(AccountsPage {
            frame: visit.frame("Accounts", "accounts"),
            rows: paging.of(&users).iter().map(|user| self.row(user)).collect(),
            total: users.len(),
            paging,
            is_open: self.app.registration_is_open()?,
            configured: self.app.registration,
            name: String::new(),
            error: None,
        })
    }

    async fn manage(&self, visit: &Visit, target: &User, change: Change) -> Result<Managed, Problem> {
        let protected = || {
            let text =
                "The account admin can neither be switched off nor deleted, and only its owner changes its password.";
            Problem::Wrong(text.into())
        };
        // Whoever has the data folder may, but whoever comes through Home Assistant has not.
        if target.name.as_str() == ADMIN && matches!(change, Change::SetKey(_)) {
            return Err(protected());
        }
        match self.app.store.manage(visit.authority(), target.name.clone(), change).await? {
            Managed::Protected => Err(protected()),
            Managed::NoUser | Managed::NoDocument | Managed::NoPosition => Err(Problem::NoSuchPage),
            Managed::Refused => Err(Problem::NotLoggedIn),
            done @ (Managed::Done | Managed::SwitchedOn | Managed::SwitchedOff) => Ok(done),
        }
    }
}

#[craft]
impl Web {
    /// `GET accounts?page=`: all accounts, by name.
    #[craft(handler)]
    pub(super) async fn accounts(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.administrator(req)?;
        Ok(Page::new(&self.accounts_page(req, &visit)?))
    }

    /// `POST accounts` with `name`, `new` and `again`: makes an account, also where registration is closed.
    #[craft(handler)]
    pub(super) async fn create_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.administrator(req)?;
        let form = self.form(req).await?;
        let problem = match self.make_account(&form).await {
            Ok(user) => return Ok(visit.see(&format!("accounts/{}?done=created", user.id.get()))),
            Err(problem @ Problem::Wrong(_)) => problem,
            Err(problem) => return Err(problem),
        };
        let (name, error) = (form.get("name").to_owned(), Some(problem.text()));
        let page = AccountsPage { name, error, ..self.accounts_page(req, &visit)? };
        Ok(Page::new(&page).with_status(problem.status()))
    }

    /// `POST registration` with `open`, which is `yes` or `no`: opens it or closes it, and it stays so.
    #[craft(handler)]
    pub(super) async fn switch_registration(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.administrator(req)?;
        let open = match self.form(req).await?.get("open") {
            "yes" => true,
            "no" => false,
            _ => return Err(Problem::Wrong("Registration is either open or closed.".into())),
        };
        let authority = visit.authority();
        match self.app.store.set_registration(authority, open, self.app.registration).await? {
            Managed::SwitchedOn => Ok(visit.see("accounts?done=opened")),
            Managed::SwitchedOff => Ok(visit.see("accounts?done=closed")),
            _ => Err(Problem::NotLoggedIn),
        }
    }

    /// `GET accounts/{number}`: one account.
    #[craft(handler)]
    pub(super) async fn one_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, user) = self.target(req)?;
        let frame = visit.frame(user.name.as_str(), "accounts");
        Ok(Page::new(&OneAccountPage { frame, row: self.row(&user), error: None }))
    }

    /// `POST accounts/{number}/active` with `active`, which is `yes` or `no`: switches it on or off.
    #[craft(handler)]
    pub(super) async fn switch_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, user) = self.target(req)?;
        let active = self.form(req).await?.get("active") == "yes";
        let done = match self.manage(&visit, &user, Change::SetActive(Some(active))).await? {
            Managed::SwitchedOn => "switched-on",
            _ => "switched-off",
        };
        Ok(visit.see(&format!("accounts/{}?done={done}", user.id.get())))
    }

    /// `POST accounts/{number}/password` with `new` and `again`.
    #[craft(handler)]
    pub(super) async fn set_account_password(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, user) = self.target(req)?;
        let form = self.form(req).await?;
        let key = match new_key(form.get("new"), form.get("again")) {
            Ok(key) => self.app.auth.hash(key).await?,
            Err(problem) => {
                let frame = visit.frame(user.name.as_str(), "accounts");
                let page = OneAccountPage { frame, row: self.row(&user), error: Some(problem.text()) };
                return Ok(Page::new(&page).with_status(problem.status()));
            }
        };
        self.manage(&visit, &user, Change::SetKey(key)).await?;
        Ok(visit.see(&format!("accounts/{}?done=password-set", user.id.get())))
    }

    /// `GET accounts/{number}/delete`: asks whether it is meant.
    #[craft(handler)]
    pub(super) async fn ask_delete_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, user) = self.target(req)?;
        let frame = visit.frame("Delete an account", "accounts");
        Ok(Page::new(&DeleteAccountPage { frame, row: self.row(&user) }))
    }

    /// `POST accounts/{number}/delete`: the list of accounts.
    #[craft(handler)]
    pub(super) async fn delete_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, user) = self.target(req)?;
        self.manage(&visit, &user, Change::Delete).await?;
        self.app.auth.forget(user.id);
        Ok(visit.see("accounts?done=account-deleted"))
    }
}

#[derive(Template)]
#[template(path = "delete_account.html")]
struct DeleteAccountPage {
    frame: Frame,
    row: Row,
}
