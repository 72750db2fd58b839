//! The passwords of single devices: creating one, which is shown once, and revoking one.

use askama::Template;
use jiff::civil::Date;
use salvo::Request;
use salvo::craft::craft;

use super::context::Dashboard;
use super::error::PageError;
use super::layout::Layout;
use super::page::PageResponse;
use super::paging::Paging;
use super::session::CurrentUser;
use crate::model::{DEVICE_PASSWORD_NAME_MAX, DEVICE_PASSWORDS_MAX, DevicePasswordName, ValidationError};
use crate::state::NewDevicePassword;
use crate::store::{Authority, DevicePasswordEntry, RevokeOutcome};
use crate::text::{Clock, Texts, Time};

/// Device passwords on a page.
const ROWS_PER_PAGE: usize = 25;

struct DevicePasswordRow {
    id: u32,
    name: String,
    created: Time,
    /// The day: `24 Nov`.
    last_used: Option<String>,
    network: Option<String>,
}

impl DevicePasswordRow {
    fn new(entry: DevicePasswordEntry, clock: &Clock, today: Date) -> Self {
        Self {
            id: entry.id,
            name: entry.name,
            created: clock.ago(entry.created),
            last_used: entry.last_used.map(|day| clock.texts.day(day, today)),
            network: entry.network.map(|network| network.to_string()),
        }
    }
}

/// A password that was just made: no other page shows it.
pub(super) struct ShownPassword {
    pub(super) name: String,
    pub(super) text: String,
}

#[derive(Template)]
#[template(path = "device_passwords.html")]
struct DevicePasswordsPage {
    layout: Layout,
    username: String,
    passwords: Vec<DevicePasswordRow>,
    /// Number of all.
    total: usize,
    paging: Paging,
    created: Option<ShownPassword>,
    max: usize,
    name_max: usize,
    /// What was typed as the name, if the form is shown again.
    name: String,
}

/// The handlers of `device-passwords`.
#[derive(Clone)]
pub struct DevicePasswords {
    pub(super) dashboard: Dashboard,
}

impl DevicePasswordsPage {
    fn setup_link(&self) -> String {
        format!("{}setup", self.layout.base())
    }
}

/// Returns why a name cannot be that of a device, and what to do.
pub(super) fn invalid_name(texts: Texts, invalid: ValidationError) -> String {
    let message = match invalid {
        ValidationError::TooManyCharacters { limit, .. } => {
            texts.msg("setup-passwords-name-too-long").arg("max", limit)
        }
        ValidationError::Character { .. } => texts.msg("setup-passwords-name-control"),
        _ => texts.msg("setup-passwords-name-empty"),
    };
    message.to_string()
}

fn layout(current_user: &CurrentUser) -> Layout {
    current_user.layout("setup-passwords-title", "account")
}

impl DevicePasswords {
    fn page(
        &self,
        req: &Request,
        current_user: &CurrentUser,
        layout: Layout,
    ) -> Result<DevicePasswordsPage, PageError> {
        let store = &self.dashboard.state.store;
        let passwords = store.device_passwords(current_user.user.id)?;
        let total = passwords.len();
        let paging = Paging::from_request(req, total, ROWS_PER_PAGE);
        let passwords = passwords.into_iter().skip(paging.range().start).take(ROWS_PER_PAGE);
        let (clock, today) = (current_user.clock(store.now()), current_user.days.date(store.now()));
        Ok(DevicePasswordsPage {
            layout,
            username: current_user.user.name.to_string(),
            passwords: passwords.map(|entry| DevicePasswordRow::new(entry, &clock, today)).collect(),
            total,
            paging,
            created: None,
            max: DEVICE_PASSWORDS_MAX,
            name_max: DEVICE_PASSWORD_NAME_MAX,
            name: String::new(),
        })
    }

    /// Makes a device password of the name in the form.
    pub(super) async fn make(&self, current_user: &CurrentUser, name: &str) -> Result<ShownPassword, PageError> {
        let name = DevicePasswordName::new(name);
        let texts = current_user.texts;
        let name = name.map_err(|invalid| PageError::InvalidForm(invalid_name(texts, invalid)))?;
        let made = self.dashboard.state.create_device_password(current_user.user.clone(), name.clone()).await?;
        match made {
            NewDevicePassword::Created { password, .. } => {
                Ok(ShownPassword { name: name.to_string(), text: password.reveal().to_owned() })
            }
            NewDevicePassword::TooMany => {
                let text = texts.msg("setup-passwords-too-many").arg("max", DEVICE_PASSWORDS_MAX);
                Err(PageError::InvalidForm(text.to_string()))
            }
            NewDevicePassword::Stale => Err(PageError::NotLoggedIn),
        }
    }
}

#[craft]
impl DevicePasswords {
    /// `GET device-passwords?page=`: the names of all device passwords, and the form for another one.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        Ok(PageResponse::new(&self.page(req, &current_user, layout(&current_user))?))
    }

    /// `POST device-passwords` with `name`: makes a password and shows it, without a redirect, since no address may lead to it.
    #[craft(handler)]
    pub(super) async fn create(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        match self.make(&current_user, form.get("name")).await {
            Ok(created) => {
                let page = self.page(req, &current_user, layout(&current_user))?;
                Ok(PageResponse::new(&DevicePasswordsPage { created: Some(created), ..page }))
            }
            Err(error) if error.leaves_the_form() => {
                let layout = layout(&current_user).with_error_at(&error, "name");
                let name = form.get("name").to_owned();
                let page = DevicePasswordsPage { name, ..self.page(req, &current_user, layout)? };
                Ok(PageResponse::new(&page).with_error(&error))
            }
            Err(error) => Err(error),
        }
    }

    /// `POST device-passwords/{number}/revoke`: revokes it, and redirects to the list. Revoking it again does nothing.
    #[craft(handler)]
    pub(super) async fn revoke(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let number = req.params().get("number").and_then(|number| number.parse().ok()).ok_or(PageError::NoSuchPage)?;
        let user = current_user.user.clone();
        let revoked = self.dashboard.state.store.revoke_device_password(Authority::User(user.clone()), user, number);
        match revoked.await? {
            RevokeOutcome::Revoked | RevokeOutcome::NotFound => {
                Ok(current_user.redirect_done("device-passwords", "revoked"))
            }
            RevokeOutcome::Stale => Err(PageError::NotLoggedIn),
        }
    }
}
