//! The user's own account: which positions its devices get, changing its password, and deleting it.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::context::Dashboard;
use super::error::PageError;
use super::form_errors::FormErrors;
use super::layout::Layout;
use super::page::PageResponse;
use super::preferences::{PreferencesView, choose};
use super::remote_user::RemoteSystem;
use super::session::{CurrentUser, LoginMethod};
use crate::http::client_ip::client_ip;
use crate::model::{ADMIN, PositionRule, Preferences, User};
use crate::store::{AccountOutcome, Authority, Change, Choice, UpdateOutcome};
use crate::text::Texts;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    layout: Layout,
    name: String,
    /// `admin` cannot be deleted.
    is_admin: bool,
    /// The password is set to the configured one at each start.
    is_password_configured: bool,
    /// The rules that can be chosen: the server's default first.
    rules: Vec<RuleChoice>,
    preferences: PreferencesView,
    /// What the account has stored, and how much it may.
    usage: Option<UsageText>,
    /// What the configuration calls Home Assistant's user, while it names no administrator at all.
    suggested_administrator: Option<String>,
    /// The name of the proxy's user, who chooses another account here.
    proxy_user: Option<String>,
}

/// The handlers of `account`, `current-position`, `password` and `delete-account`.
#[derive(Clone)]
pub struct OwnAccount {
    pub(super) dashboard: Dashboard,
}

/// The use of an account's quota.
struct UsageText {
    documents: u32,
    max_documents: u32,
    used: String,
    max: String,
}

/// A rule of the current position, as a choice.
struct RuleChoice {
    /// The rule's name; empty for the server's default.
    value: &'static str,
    /// Ids of its texts.
    label: &'static str,
    about: &'static str,
    is_chosen: bool,
}

impl RuleChoice {
    fn new(rule: PositionRule, chosen: Option<PositionRule>) -> Self {
        let (label, about) = match rule {
            PositionRule::Newest => ("account-rule-newest", "account-rule-newest-about"),
            PositionRule::Furthest => ("account-rule-furthest", "account-rule-furthest-about"),
            PositionRule::Last => ("account-rule-last", "account-rule-last-about"),
        };
        Self { value: rule.as_str(), label, about, is_chosen: chosen == Some(rule) }
    }

    /// Returns the server's default and the three rules.
    fn all(default: PositionRule, chosen: Option<PositionRule>) -> Vec<Self> {
        let label = match default {
            PositionRule::Newest => "account-rule-default-newest",
            PositionRule::Furthest => "account-rule-default-furthest",
            PositionRule::Last => "account-rule-default-last",
        };
        let first = Self { value: "", label, about: "account-rule-default-about", is_chosen: chosen.is_none() };
        [first].into_iter().chain(PositionRule::ALL.map(|rule| Self::new(rule, chosen))).collect()
    }
}

fn layout(current_user: &CurrentUser) -> Layout {
    current_user.layout("account-title", "account")
}

impl OwnAccount {
    /// Returns the use of the account's quota; `None` while the store cannot tell.
    async fn usage(&self, user: &User, texts: Texts) -> Option<UsageText> {
        let store = &self.dashboard.state.store;
        let (used, quota) = (store.usage(user).await.ok()?, store.quota());
        Some(UsageText {
            documents: used.documents,
            max_documents: quota.max_documents,
            used: texts.bytes(used.bytes),
            max: texts.bytes(quota.max_bytes),
        })
    }

    async fn page(&self, current_user: &CurrentUser, layout: Layout, preferences: Preferences) -> AccountPage {
        let name = current_user.user.name.to_string();
        let is_admin = name == ADMIN;
        AccountPage {
            layout,
            is_admin,
            is_password_configured: is_admin && self.dashboard.state.admin_password_configured,
            name,
            rules: RuleChoice::all(self.dashboard.state.store.default_rule(), current_user.user.position_rule),
            preferences: PreferencesView::new(preferences, self.dashboard.state.store.zone()),
            usage: self.usage(&current_user.user, current_user.texts).await,
            suggested_administrator: match &current_user.login_method {
                LoginMethod::Remote(remote_user, _) => self.dashboard.suggested_administrator(remote_user),
                LoginMethod::Session(_) => None,
            },
            proxy_user: match &current_user.login_method {
                LoginMethod::Remote(remote_user, _) if remote_user.system == RemoteSystem::Proxy => {
                    Some(remote_user.configured_as().to_owned())
                }
                LoginMethod::Remote(..) | LoginMethod::Session(_) => None,
            },
        }
    }

    /// Returns the page that shows why one of its forms was refused. `field` is to blame for a wrong password.
    async fn refused(&self, current_user: &CurrentUser, error: &PageError, field: &'static str) -> PageResponse {
        let layout = layout(current_user).with_error(error, field);
        let preferences = current_user.user.preferences.clone();
        PageResponse::new(&self.page(current_user, layout, preferences).await).with_error(error)
    }

    /// Checks the password that confirms a change, and returns the account as it was then.
    async fn confirm(&self, req: &Request, current_user: &CurrentUser, password: &str) -> Result<User, PageError> {
        let user = self.dashboard.check_password(req, current_user.user.name.as_str(), password).await;
        user.map_err(|error| if error == PageError::WrongCredentials { PageError::WrongPassword } else { error })
    }
}

#[craft]
impl OwnAccount {
    /// `GET account`: what the account uses of its quota, and the forms.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let preferences = current_user.user.preferences.clone();
        Ok(PageResponse::new(&self.page(&current_user, layout(&current_user), preferences).await))
    }

    /// `POST current-position` with `rule`: sets the rule of the current position; an empty one is the server's default.
    #[craft(handler)]
    pub(super) async fn set_position_rule(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let rule = Some(form.get("rule")).filter(|rule| !rule.is_empty()).map(str::parse).transpose();
        let Ok(rule) = rule else {
            let error = PageError::InvalidForm(current_user.texts.msg("account-no-such-choice").to_string());
            return Ok(self.refused(&current_user, &error, "current-position").await);
        };
        self.dashboard.change_own(&current_user, Change::SetPositionRule(rule)).await?;
        Ok(current_user.redirect_done("account", "rule"))
    }

    /// `POST preferences` with `language`, `time_zone` and `day_end`: sets what the account's pages follow. Empty ones are the defaults.
    #[craft(handler)]
    pub(super) async fn set_preferences(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let mut preferences = current_user.user.preferences.clone();
        let mut errors = FormErrors::default();
        for field in choose(&form, &mut preferences) {
            errors.extend(FormErrors::one(field, current_user.texts.msg("account-no-such-choice")));
        }
        let set = if errors.is_empty() {
            self.dashboard.change_own(&current_user, Change::SetPreferences(preferences.clone())).await
        } else {
            Err(PageError::InvalidFields(errors))
        };
        match set {
            Ok(()) => Ok(current_user.redirect_done("account", "preferences")),
            Err(error) if error.leaves_the_form() => {
                let layout = layout(&current_user).with_error(&error, "");
                Ok(PageResponse::new(&self.page(&current_user, layout, preferences).await).with_error(&error))
            }
            Err(error) => Err(error),
        }
    }

    /// `POST password` with `current`, `new` and `again`: changes the password, which ends all sessions, and starts a new one.
    #[craft(handler)]
    pub(super) async fn change_password(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let confirmed = self.confirm(req, &current_user, form.get("current")).await;
        let (user, key) = match confirmed.and_then(|user| Ok((user, form.new_key(current_user.texts)?))) {
            Ok(confirmed) => confirmed,
            Err(error) => return Ok(self.refused(&current_user, &error, "current").await),
        };
        if state.change_key(user, key, client_ip(req, &state.trusted_proxies)).await? == UpdateOutcome::Stale {
            return Err(PageError::NotLoggedIn);
        }
        let user = state.store.user(&current_user.user.name)?.ok_or(PageError::NotLoggedIn)?;
        match &current_user.login_method {
            LoginMethod::Remote(remote_user, choice) => {
                if *choice == Choice::Proven {
                    state.store.set_account_of_remote_user(remote_user.id.clone(), user, *choice).await?;
                }
                Ok(current_user.redirect_done("account", "password"))
            }
            LoginMethod::Session(_) => {
                self.dashboard.start_session(&current_user.location, user, "account", Some("password")).await
            }
        }
    }

    /// `POST delete-account` with `password`: deletes the account and redirects to the login page.
    #[craft(handler)]
    pub(super) async fn delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let user = match self.confirm(req, &current_user, form.get("password")).await {
            Ok(user) => user,
            Err(error) => return Ok(self.refused(&current_user, &error, "password").await),
        };
        let name = user.name.clone();
        match state.delete_account(Authority::User(user), name).await? {
            AccountOutcome::Done => {
                // The login page removes the cookie, which the notice needs until then.
                Ok(current_user.redirect_done("login", "account-deleted"))
            }
            AccountOutcome::Protected => {
                Err(PageError::InvalidForm(current_user.texts.msg("account-delete-protected").to_string()))
            }
            _ => Err(PageError::NotLoggedIn),
        }
    }
}
