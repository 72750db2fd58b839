//! One's own account: another password, and the end.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Web;
use super::page::{Frame, Page};
use super::problem::Problem;
use super::visit::{Visit, no_cookie};
use crate::model::{ADMIN, Key};
use crate::store::{Authority, Change, Changed, Managed};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    /// It is the account that cannot be deleted.
    is_admin: bool,
    /// Its password comes back at the next start.
    is_configured: bool,
    password_error: Option<String>,
    delete_error: Option<String>,
}

/// A new password that was typed twice.
pub(super) fn new_key(password: &str, again: &str) -> Result<Key, Problem> {
    let wrong = |text: &str| Problem::Wrong(text.into());
    if password.trim().is_empty() {
        return Err(wrong("The new password is empty."));
    }
    if password != again {
        return Err(wrong("The new password was not typed the same twice. Nothing was changed."));
    }
    Key::from_password(password.as_bytes()).map_err(|_| wrong("The new password is empty."))
}

impl Web {
    fn account_page(&self, visit: &Visit) -> AccountPage {
        let name = visit.user.name.to_string();
        let is_admin = name == ADMIN;
        AccountPage {
            frame: visit.frame("Account", "account"),
            is_admin,
            is_configured: is_admin && self.app.admin_password_configured,
            name,
            password_error: None,
            delete_error: None,
        }
    }
}

#[craft]
impl Web {
    /// `GET account`: the forms.
    #[craft(handler)]
    pub(super) async fn account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        Ok(Page::new(&self.account_page(&self.visit(req)?)))
    }

    /// `POST password` with `current`, `new` and `again`: the account's page. All other sessions are over.
    #[craft(handler)]
    pub(super) async fn change_own_password(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let form = self.form(req).await?;
        let checked = self.check(req, visit.user.name.as_str(), form.get("current")).await;
        let checked = checked.and_then(|user| Ok((user, new_key(form.get("new"), form.get("again"))?)));
        let (user, key) = match checked {
            Ok(checked) => checked,
            Err(problem) => {
                let page = AccountPage { password_error: Some(problem.text()), ..self.account_page(&visit) };
                return Ok(Page::new(&page).with_status(problem.status()));
            }
        };
        let key = self.app.auth.hash(key).await?;
        if self.app.store.set_key(user, key).await? == Changed::Refused {
            return Err(Problem::NotLoggedIn);
        }
        let user = self.app.store.user(&visit.user.name)?.ok_or(Problem::NotLoggedIn)?;
        self.enter(&visit.place, user, "account?done=password").await
    }

    /// `POST delete-account` with `password`: the login page, and the account is gone.
    #[craft(handler)]
    pub(super) async fn delete_own_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let form = self.form(req).await?;
        let user = match self.check(req, visit.user.name.as_str(), form.get("password")).await {
            Ok(user) => user,
            Err(problem) => {
                let page = AccountPage { delete_error: Some(problem.text()), ..self.account_page(&visit) };
                return Ok(Page::new(&page).with_status(problem.status()));
            }
        };
        let (id, name) = (user.id, user.name.clone());
        match self.app.store.manage(Authority::User(user), name, Change::Delete).await? {
            Managed::Done => {
                self.app.auth.forget(id);
                Ok(visit.see("login?done=account-deleted").with_cookie(no_cookie(&visit.place)))
            }
            Managed::Protected => Err(Problem::Wrong("The account admin cannot be deleted.".into())),
            _ => Err(Problem::NotLoggedIn),
        }
    }
}
