//! Lets users that Home Assistant or a proxy has logged in choose an account, once.
//!
//! The users whom the configuration names manage all accounts, and choose from the list of all. All others give the password of
//! an account once, or create one: Home Assistant does not tell who administers it, and each of its users can open this page.
//! A proxy's user has the account of the same name, if there is one, until another one is chosen.

use askama::Template;
use salvo::Request;

use super::accounts::{create_account, find_account};
use super::context::Dashboard;
use super::error::PageError;
use super::form::Form;
use super::layout::{Layout, notice_text, requested_texts};
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use super::register::register;
use super::remote_user::{RemoteSystem, RemoteUser};
use super::session::LoginMethod;
use crate::library::scan::{SERVER, each_user};
use crate::model::User;
use crate::store::{Choice, UpdateOutcome};

/// Accounts of a page: where registration is open, strangers can create very many.
const ACCOUNTS_PER_PAGE: usize = 100;
/// Bytes of a name.
const NAME_MAX: usize = 160;

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
    /// The name of the user at Home Assistant or the proxy.
    display_name: Option<String>,
    is_proxy: bool,
    /// The account that has the user's name.
    namesake: Option<Namesake>,
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

/// The account that has the name of a proxy's user.
struct Namesake {
    name: String,
    is_active: bool,
}

/// Lets a user whom Home Assistant or a proxy has logged in choose an account.
pub(super) struct ChooseAccount {
    pub(super) dashboard: Dashboard,
}

impl ChooseAccount {
    /// Makes the page to choose an account, log in to one or create one.
    async fn page(
        &self,
        req: &Request,
        remote_user: &RemoteUser,
        form: &Form,
        error: Option<PageError>,
    ) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let list = if remote_user.is_administrator { Some(self.account_list(req).await?) } else { None };
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
            display_name: remote_user.display_name.clone(),
            is_proxy: remote_user.system == RemoteSystem::Proxy,
            namesake: (self.dashboard.namesake(remote_user)?)
                .map(|user| Namesake { name: user.name.to_string(), is_active: user.active }),
            can_create: remote_user.is_administrator || state.registration_is_open()?,
            list,
            suggested_administrator: self.dashboard.suggested_administrator(remote_user),
            name: form.get("name").to_owned(),
            query: [("choose", if is_asked_for(req) { "yes" } else { "" }), ("next", &next)]
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| format!("&{name}={value}"))
                .collect(),
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
                let shown = || lines::shortened(name.as_str(), NAME_MAX);
                collector.add(|| Account { number: id.get(), name: shown(), documents });
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
        remote_user: &RemoteUser,
        form: &Form,
    ) -> Result<(User, Choice), PageError> {
        let state = &self.dashboard.state;
        if form.has("account") && remote_user.is_administrator {
            let user = find_account(state, form.get("account").parse().ok())
                .await?
                .ok_or_else(|| PageError::InvalidForm(requested_texts(req).msg("login-account-gone").to_string()))?;
            return Ok((user, Choice::Picked));
        }
        let user = if !form.has("new") {
            self.dashboard.check_password(req, form.get("name"), form.get("password")).await?
        } else if remote_user.is_administrator {
            create_account(state, form, requested_texts(req)).await?
        } else {
            register(&self.dashboard, req, form).await?
        };
        Ok((user, Choice::Proven))
    }

    /// Shows the page if no account is chosen or another choice is requested. Else redirects to the next page.
    pub(super) async fn show(&self, req: &Request, remote_user: &RemoteUser) -> Result<PageResponse, PageError> {
        let next = self.dashboard.next_of_query(req);
        match self.dashboard.current_user(req) {
            Ok(current_user) if !is_asked_for(req) => return Ok(current_user.redirect_to(&next.address())),
            Ok(_) | Err(PageError::NotLoggedIn) => {}
            Err(error) => return Err(error),
        }
        self.page(req, remote_user, &Form::parse(format!("next={}", next.encoded()).as_bytes()), None).await
    }

    /// Chooses the account, and redirects to the next page, the overview by default.
    ///
    /// The fields are `name` and `password` of an account, or `name`, `new` and `again` of a new one, or, for administrators, an
    /// account's number in `account`.
    pub(super) async fn choose(&self, req: &mut Request, remote_user: RemoteUser) -> Result<PageResponse, PageError> {
        let location = self.dashboard.location(req)?;
        let form = self.dashboard.form(req).await?;
        let (user, choice) = match self.chosen_account(req, &remote_user, &form).await {
            Ok(chosen) => chosen,
            Err(error) => return self.page(req, &remote_user, &form, Some(error)).await,
        };
        match self.dashboard.state.store.set_account_of_remote_user(remote_user.id, user, choice).await? {
            UpdateOutcome::Applied => {
                let next = self.dashboard.next_of_form(&form).address();
                Ok(PageResponse::redirect_to(format!("{}{next}", location.base)))
            }
            UpdateOutcome::Stale => Err(PageError::NotLoggedIn),
        }
    }

    /// Undoes the choice and redirects to the accounts to choose from.
    pub(super) async fn undo(&self, req: &Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let LoginMethod::Remote(remote_user, _) = &current_user.login_method else {
            return Err(PageError::NoSuchPage);
        };
        self.dashboard.state.store.remove_remote_user(remote_user.id.clone()).await?;
        // Without the query, a user with an account of the same name would be led back to that.
        let page = match remote_user.system {
            RemoteSystem::HomeAssistant => "login",
            RemoteSystem::Proxy => "login?choose=yes",
        };
        Ok(current_user.redirect_to(page))
    }
}

/// Whether the query asks for a choice though there is an account.
fn is_asked_for(req: &Request) -> bool {
    req.query::<String>("choose").is_some()
}
