//! For administrators: all accounts, and the switch for registration.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::context::Dashboard;
use super::error::{PageError, reason};
use super::form::Form;
use super::form_errors::FormErrors;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use super::session::CurrentUser;
use crate::library::scan::{SERVER, each_user};
use crate::model::{ADMIN, Key, User, Username};
use crate::state::AppState;
use crate::store::{self, AccountOutcome, CreateOutcome};
use crate::text::{Texts, Time};

const ACCOUNTS_PER_PAGE: usize = 50;
/// Bytes of a name in the list.
const NAME_MAX: usize = 160;

struct AccountRow {
    number: u32,
    name: String,
    is_active: bool,
    is_administrator: bool,
    /// `admin` cannot be disabled or deleted.
    is_admin: bool,
    documents: u32,
    /// Bytes of the data file that positions and histories take, as text.
    positions: String,
    /// Bytes of the files in the WebDAV folder, as text.
    files: String,
    created: Option<Time>,
    last_used: Option<Time>,
}

/// What each account may have, as text.
struct Limits {
    books: String,
    positions: String,
    files: String,
}

/// The settings that limit accounts.
const LIMIT_SETTINGS: &str = "max_documents, max_account_bytes, max_files_bytes";

impl AccountRow {
    /// Makes the row of an account, in the administrator's language and time zone.
    async fn new(state: &AppState, user: &User, reader: &CurrentUser) -> Self {
        let (texts, zone, now) = (reader.texts, reader.days.zone(), state.store.now());
        let size = |bytes: Option<u64>| bytes.map_or_else(|| "?".to_owned(), |bytes| texts.bytes(bytes));
        let time = |seconds| texts.ago(seconds, now, zone);
        Self {
            number: user.id.get(),
            name: user.name.to_string(),
            is_active: user.active,
            is_administrator: user.administrator,
            is_admin: user.name.as_str() == ADMIN,
            documents: user.documents,
            positions: size(state.store.usage(user).await.ok().map(|usage| usage.bytes)),
            files: size(state.store.file_usage(user.id).ok().map(|usage| usage.bytes)),
            created: Some(user.created).filter(|created| *created > 0).map(time),
            last_used: user.last_used.map(time),
        }
    }
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    layout: Layout,
    accounts: Vec<AccountRow>,
    limits: Limits,
    total: usize,
    paging: Paging,
    registration_is_open: bool,
    /// What the configuration says about registration.
    registration_configured: bool,
    /// The name in the form for a new account.
    name: String,
}

#[derive(Template)]
#[template(path = "manage_account.html")]
struct ManageAccountPage {
    layout: Layout,
    account: AccountRow,
    limits: Limits,
    account_link: String,
    transfer_link: String,
}

#[derive(Template)]
#[template(path = "delete_account.html")]
struct DeleteAccountPage {
    layout: Layout,
    account: AccountRow,
}

/// Returns the account of that number.
pub(super) async fn find_account(state: &AppState, number: Option<u32>) -> Result<Option<User>, PageError> {
    let mut found = None;
    let is_other = |user: User| {
        let is_other = Some(user.id.get()) != number;
        found = Some(user).filter(|_| !is_other);
        is_other
    };
    each_user(&state.store, &state.scan_limiter, SERVER, is_other).await?;
    Ok(found)
}

/// Returns the name and the key of a new account from a form. Its fields are `name`, `new` and `again`.
pub(super) fn new_account(form: &Form, texts: Texts) -> Result<(Username, Key), PageError> {
    let not_created = |invalid| texts.msg("login-not-created").arg("reason", reason(invalid, texts));
    let name = Username::new(form.get("name")).map_err(|invalid| FormErrors::one("name", not_created(invalid)));
    match (name, form.new_key(texts)) {
        (Ok(name), Ok(key)) => Ok((name, key)),
        (Ok(_), Err(error)) => Err(error),
        (Err(mut errors), key) => {
            errors.extend(key.err().map(|error| error.form_errors("new", texts)).unwrap_or_default());
            Err(PageError::InvalidFields(errors))
        }
    }
}

/// Creates an account from the fields `name`, `new` and `again`.
pub(super) async fn create_account(state: &AppState, form: &Form, texts: Texts) -> Result<User, PageError> {
    let (name, key) = new_account(form, texts)?;
    match state.create_account(name, key).await? {
        CreateOutcome::Created(user) => Ok(user),
        CreateOutcome::Taken => Err(PageError::InvalidFields(FormErrors::one("name", texts.msg("errors-name-taken")))),
    }
}

/// What an administrator does to an account.
enum Change {
    SetKey(Key),
    SetActive(bool),
    Delete,
}

/// The handlers of `accounts` and `registration`.
#[derive(Clone)]
pub struct Accounts {
    pub(super) dashboard: Dashboard,
}

impl Accounts {
    /// Returns the administrator of the request and the account in its path.
    async fn target(&self, req: &Request) -> Result<(CurrentUser, User), PageError> {
        let current_user = self.dashboard.administrator(req)?;
        let number = req.params().get("number").and_then(|number| number.parse().ok());
        Ok((current_user, find_account(&self.dashboard.state, number).await?.ok_or(PageError::NoSuchPage)?))
    }

    fn limits(&self, texts: Texts) -> Limits {
        let quota = self.dashboard.state.store.quota();
        Limits {
            books: texts.number(quota.max_documents.into()),
            positions: texts.bytes(quota.max_bytes),
            files: texts.bytes(quota.files.max_bytes),
        }
    }

    async fn account_page(&self, current_user: &CurrentUser, user: &User) -> ManageAccountPage {
        let layout = current_user.layout_titled(user.name.as_str(), "accounts");
        ManageAccountPage {
            account_link: format!("{}account", layout.base()),
            transfer_link: format!("{}transfer", layout.base()),
            layout,
            account: AccountRow::new(&self.dashboard.state, user, current_user).await,
            limits: self.limits(current_user.texts),
        }
    }

    async fn list_page(&self, req: &Request, current_user: &CurrentUser) -> Result<AccountsPage, PageError> {
        let state = &self.dashboard.state;
        let mut collector = Paging::collect(req, ACCOUNTS_PER_PAGE);
        let add = |user: User| {
            collector.add(|| user.clone());
            true
        };
        each_user(&state.store, &state.scan_limiter, current_user.user.id, add).await?;
        let (paging, users, total) = collector.finish();
        let mut accounts = Vec::with_capacity(users.len());
        for user in &users {
            let account = AccountRow::new(state, user, current_user).await;
            accounts.push(AccountRow { name: lines::shortened(&account.name, NAME_MAX), ..account });
        }
        Ok(AccountsPage {
            layout: current_user.layout("admin-accounts-title", "accounts"),
            accounts,
            limits: self.limits(current_user.texts),
            total,
            paging,
            registration_is_open: state.registration_is_open()?,
            registration_configured: state.registration,
            name: String::new(),
        })
    }

    async fn change(
        &self,
        current_user: &CurrentUser,
        target: &User,
        change: Change,
    ) -> Result<AccountOutcome, PageError> {
        let (state, authority, name) = (&self.dashboard.state, current_user.authority(), target.name.clone());
        let outcome = match change {
            // The store lets the local authority do this, but users of Home Assistant have that without access to the data directory.
            Change::SetKey(_) if name.as_str() == ADMIN => AccountOutcome::Protected,
            Change::SetKey(key) => state.set_key(authority, name, key).await?,
            Change::SetActive(active) => {
                state.store.manage(authority, name, store::Change::SetActive(Some(active))).await?
            }
            Change::Delete => state.delete_account(authority, name).await?,
        };
        match outcome {
            AccountOutcome::Protected => {
                Err(PageError::InvalidForm(current_user.texts.msg("admin-protected").to_string()))
            }
            AccountOutcome::NoAccount
            | AccountOutcome::NoDocument
            | AccountOutcome::NoPosition
            | AccountOutcome::JoinRefused(_)
            | AccountOutcome::OverQuota(_) => Err(PageError::NoSuchPage),
            AccountOutcome::Refused => Err(PageError::NotLoggedIn),
            done @ (AccountOutcome::Done | AccountOutcome::Enabled | AccountOutcome::Disabled) => Ok(done),
        }
    }
}

#[craft]
impl Accounts {
    /// `GET accounts?page=`: all accounts, by name.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        Ok(PageResponse::new(&self.list_page(req, &current_user).await?))
    }

    /// `POST accounts` with `name`, `new` and `again`: creates an account, even if registration is closed.
    #[craft(handler)]
    pub(super) async fn create(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        let form = self.dashboard.form(req).await?;
        match create_account(&self.dashboard.state, &form, current_user.texts).await {
            Ok(user) => Ok(current_user.redirect_done(&format!("accounts/{}", user.id.get()), "created")),
            Err(error) if error.leaves_the_form() => {
                let page =
                    AccountsPage { name: form.get("name").to_owned(), ..self.list_page(req, &current_user).await? };
                let page = AccountsPage { layout: page.layout.with_error(&error, "name"), ..page };
                Ok(PageResponse::new(&page).with_error(&error))
            }
            Err(error) => Err(error),
        }
    }

    /// `POST registration` with `open=yes` or `open=no`: opens or closes registration, and survives restarts.
    #[craft(handler)]
    pub(super) async fn set_registration(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.administrator(req)?;
        let open = self.dashboard.form(req).await?.yes_or_no("open", current_user.texts)?;
        match state.store.set_registration(current_user.authority(), open, state.registration).await? {
            AccountOutcome::Enabled => Ok(current_user.redirect_done("accounts", "opened")),
            AccountOutcome::Disabled => Ok(current_user.redirect_done("accounts", "closed")),
            _ => Err(PageError::NotLoggedIn),
        }
    }

    /// `GET accounts/{number}`: one account, with the forms to change it.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req).await?;
        Ok(PageResponse::new(&self.account_page(&current_user, &user).await))
    }

    /// `POST accounts/{number}/active` with `active=yes` or `active=no`: enables or disables an account.
    #[craft(handler)]
    pub(super) async fn set_active(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req).await?;
        let active = self.dashboard.form(req).await?.yes_or_no("active", current_user.texts)?;
        let done = match self.change(&current_user, &user, Change::SetActive(active)).await? {
            AccountOutcome::Enabled => "switched-on",
            _ => "switched-off",
        };
        Ok(current_user.redirect_done(&format!("accounts/{}", user.id.get()), done))
    }

    /// `POST accounts/{number}/password` with `new` and `again`: changes an account's password.
    #[craft(handler)]
    pub(super) async fn set_password(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req).await?;
        let key = match self.dashboard.form(req).await?.new_key(current_user.texts) {
            Ok(key) => key,
            Err(error) => {
                let mut page = self.account_page(&current_user, &user).await;
                page.layout = page.layout.with_error(&error, "new");
                return Ok(PageResponse::new(&page).with_error(&error));
            }
        };
        self.change(&current_user, &user, Change::SetKey(key)).await?;
        Ok(current_user.redirect_done(&format!("accounts/{}", user.id.get()), "password-set"))
    }

    /// `GET accounts/{number}/delete`: asks for confirmation. That of `admin`, which cannot be deleted, leads to its page.
    #[craft(handler)]
    pub(super) async fn confirm_delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req).await?;
        if user.name.as_str() == ADMIN {
            return Ok(current_user.redirect_to(&format!("accounts/{}", user.id.get())));
        }
        let layout = current_user.layout("account-delete", "accounts");
        let account = AccountRow::new(&self.dashboard.state, &user, &current_user).await;
        Ok(PageResponse::new(&DeleteAccountPage { layout, account }))
    }

    /// `POST accounts/{number}/delete`: deletes an account and redirects to the list of accounts.
    #[craft(handler)]
    pub(super) async fn delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, user) = self.target(req).await?;
        self.change(&current_user, &user, Change::Delete).await?;
        Ok(current_user.redirect_done("accounts", "account-deleted"))
    }
}
