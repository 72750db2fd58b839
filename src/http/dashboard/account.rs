//! One's own account: another password, and the end.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Dashboard;
use super::error::PageError;
use super::page::{Layout, PageResponse};
use super::session::{CurrentUser, no_cookie};
use crate::model::{ADMIN, Key};
use crate::store::{AccountOutcome, Authority, Change, UpdateOutcome};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    layout: Layout,
    name: String,
    /// It is the account that cannot be deleted.
    is_admin: bool,
    /// Its password comes back at the next start.
    is_configured: bool,
    password_error: Option<String>,
    delete_error: Option<String>,
}

/// A new password that was typed twice.
pub(super) fn new_key(password: &str, again: &str) -> Result<Key, PageError> {
    let wrong = |text: &str| PageError::Wrong(text.into());
    if password.trim().is_empty() {
        return Err(wrong("The new password is empty."));
    }
    if password != again {
        return Err(wrong("The new password was not typed the same twice. Nothing was changed."));
    }
    Key::from_password(password.as_bytes()).map_err(|_| wrong("The new password is empty."))
}

impl Dashboard {
    fn account_page(&self, current_user: &CurrentUser) -> AccountPage {
        let name = current_user.user.name.to_string();
        let is_admin = name == ADMIN;
        AccountPage {
            layout: current_user.layout("Account", "account"),
            is_admin,
            is_configured: is_admin && self.state.admin_password_configured,
            name,
            password_error: None,
            delete_error: None,
        }
    }
}

#[craft]
impl Dashboard {
    /// `GET account`: the forms.
    #[craft(handler)]
    pub(super) async fn account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        Ok(PageResponse::new(&self.account_page(&self.current_user(req)?)))
    }

    /// `POST password` with `current`, `new` and `again`: the account's page. All other sessions are over.
    #[craft(handler)]
    pub(super) async fn change_own_password(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let form = self.form(req).await?;
        let checked = self.check(req, current_user.user.name.as_str(), form.get("current")).await;
        let checked = checked.and_then(|user| Ok((user, new_key(form.get("new"), form.get("again"))?)));
        let (user, key) = match checked {
            Ok(checked) => checked,
            Err(error) => {
                let page = AccountPage { password_error: Some(error.text()), ..self.account_page(&current_user) };
                return Ok(PageResponse::new(&page).with_status(error.status()));
            }
        };
        let key = self.state.auth.hash(key).await?;
        if self.state.store.set_key(user, key).await? == UpdateOutcome::Stale {
            return Err(PageError::NotLoggedIn);
        }
        let user = self.state.store.user(&current_user.user.name)?.ok_or(PageError::NotLoggedIn)?;
        self.start_session(&current_user.location, user, "account?done=password").await
    }

    /// `POST delete-account` with `password`: the login page, and the account is gone.
    #[craft(handler)]
    pub(super) async fn delete_own_account(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let form = self.form(req).await?;
        let user = match self.check(req, current_user.user.name.as_str(), form.get("password")).await {
            Ok(user) => user,
            Err(error) => {
                let page = AccountPage { delete_error: Some(error.text()), ..self.account_page(&current_user) };
                return Ok(PageResponse::new(&page).with_status(error.status()));
            }
        };
        let (id, name) = (user.id, user.name.clone());
        match self.state.store.manage(Authority::User(user), name, Change::Delete).await? {
            AccountOutcome::Done => {
                self.state.auth.evict(id);
                Ok(current_user
                    .redirect_to("login?done=account-deleted")
                    .with_cookie(no_cookie(&current_user.location)))
            }
            AccountOutcome::Protected => Err(PageError::Wrong("The account admin cannot be deleted.".into())),
            _ => Err(PageError::NotLoggedIn),
        }
    }
}
