//! The devices that have pushed, with the last push of each. Forms name and forget them.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::book_rows::RowStyle;
use super::codec::path_segment;
use super::context::Dashboard;
use super::device_tags::{DeviceTag, DeviceTags, shown};
use super::error::PageError;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use super::session::CurrentUser;
use crate::library::{Activity, Device, Title, titles};
use crate::model::{DEVICE_NAME_MAX, DeviceLabel, DeviceName, ValidationError};
use crate::state::AppState;
use crate::store::Change;
use crate::text::Time;

const DEVICES_PER_PAGE: usize = 15;

struct DeviceRow {
    /// Its id in addresses.
    key: String,
    device: DeviceTag,
    /// What it calls itself, if its reader gave it another name.
    calls_itself: Option<String>,
    /// The name that its reader gave it, or tried to; may be empty.
    given_name: String,
    /// Id of the field with the name.
    field: String,
    id: Option<String>,
    time: Time,
    /// The book that was pushed last, unless it is hidden.
    book: Option<DeviceBook>,
    /// How many books the list of its books has.
    books: usize,
}

/// The book that a device pushed last.
struct DeviceBook {
    path_segment: String,
    title: Title,
    percent: String,
}

impl DeviceRow {
    fn new(device: &Device, title: Title, is_hidden: bool, books: usize, style: &RowStyle) -> Self {
        let book = DeviceBook {
            path_segment: path_segment(&device.document),
            title: lines::in_list(title),
            percent: style.texts.percent(device.percentage),
        };
        let key = device.label.key();
        Self {
            field: format!("name-{key}"),
            key,
            device: DeviceTag::of_device(device),
            calls_itself: device.given_name.as_ref().map(|_| shown(&device.label.device)),
            given_name: device.given_name.clone().unwrap_or_default(),
            id: device.label.device_id.as_deref().map(shown),
            time: style.ago(device.timestamp),
            book: (!is_hidden).then_some(book),
            books,
        }
    }
}

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    layout: Layout,
    total: usize,
    devices: Vec<DeviceRow>,
    paging: Paging,
}

impl DevicesPage {
    const NAME_MAX: usize = DEVICE_NAME_MAX;
}

/// The handlers of `devices`.
#[derive(Clone)]
pub struct Devices {
    pub(super) dashboard: Dashboard,
}

/// A name that was refused: the device, what was typed, and why.
struct RefusedName {
    key: String,
    typed: String,
    error: PageError,
}

impl Devices {
    async fn page(
        &self,
        req: &Request,
        current_user: &CurrentUser,
        refused: Option<RefusedName>,
    ) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let (store, user) = (&state.store, &current_user.user);
        let slot = state.scan_limiter.answer(user.id)?;
        let read = state.activity.load(store, &state.scan_limiter, user).await?;
        let devices = &read.devices;
        let paging = match refused.as_ref().and_then(|refused| index_of(devices, &refused.key)) {
            Some(index) => Paging::with_entry(index, devices.len(), DEVICES_PER_PAGE),
            None => Paging::from_request(req, devices.len(), DEVICES_PER_PAGE),
        };
        let page = paging.slice(devices);
        let titles = titles(store, &state.scan_limiter, user.id, page).await?;
        let style = RowStyle::new(current_user, store, DeviceTags::default());
        let mut rows = Vec::new();
        for (device, title) in page.iter().zip(titles) {
            let books = self.listed_books(current_user, &read, device).await?;
            rows.push(DeviceRow::new(device, title, read.is_hidden(&device.document), books, &style));
        }
        let mut layout = current_user.layout("devices-title", "devices");
        if let Some(RefusedName { key, typed, error }) = &refused {
            layout = layout.with_error_at(error, format!("name-{key}"));
            rows.iter_mut().filter(|row| row.key == *key).for_each(|row| row.given_name.clone_from(typed));
        }
        let page = DevicesPage { layout, total: devices.len(), devices: rows, paging };
        let page = PageResponse::new(&page).with_slot(slot);
        Ok(match &refused {
            Some(refused) => page.with_error(&refused.error),
            None => page,
        })
    }

    /// Returns how many books of a device the list shows: those that are not hidden.
    async fn listed_books(
        &self,
        current_user: &CurrentUser,
        read: &Activity,
        device: &Device,
    ) -> Result<usize, PageError> {
        if !read.books.iter().any(|book| book.is_hidden) {
            return Ok(device.documents);
        }
        let AppState { store, scan_limiter, activity, .. } = &*self.dashboard.state;
        let books = activity.books_of_device(store, scan_limiter, &current_user.user, &device.label).await?;
        Ok(books.iter().filter(|document| !read.is_hidden(document)).count())
    }

    /// Returns the device in a request's path.
    async fn target(&self, req: &Request, current_user: &CurrentUser) -> Result<DeviceLabel, PageError> {
        let state = &self.dashboard.state;
        let _slot = state.scan_limiter.answer(current_user.user.id)?;
        let devices = state.activity.load(&state.store, &state.scan_limiter, &current_user.user).await?.devices;
        let key = req.params().get("device").map(String::as_str).unwrap_or_default();
        let index = index_of(&devices, key).ok_or(PageError::NoSuchPage)?;
        Ok(devices[index].label.clone())
    }
}

fn index_of(devices: &[Device], key: &str) -> Option<usize> {
    devices.iter().position(|device| device.label.key() == key)
}

#[craft]
impl Devices {
    /// `GET devices?page=`: all devices, most recently used first.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        self.page(req, &current_user, None).await
    }

    /// `POST devices/{device}/name` with `name`: names a device. An empty name restores the one that it sends.
    #[craft(handler)]
    pub(super) async fn rename(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let label = self.target(req, &current_user).await?;
        let form = self.dashboard.form(req).await?;
        let typed = form.get("name");
        let name = match Some(typed).filter(|name| !name.trim().is_empty()).map(DeviceName::new).transpose() {
            Ok(name) => name,
            Err(invalid) => {
                let message = match invalid {
                    ValidationError::Character { .. } => current_user.texts.msg("devices-name-control"),
                    _ => current_user.texts.msg("devices-name-too-long").arg("limit", DEVICE_NAME_MAX),
                };
                let error = PageError::InvalidForm(message.to_string());
                let refused = RefusedName { key: label.key(), typed: typed.to_owned(), error };
                return self.page(req, &current_user, Some(refused)).await;
            }
        };
        let key = label.key();
        match self.dashboard.change_own(&current_user, Change::NameDevice(label, name)).await {
            Ok(()) => Ok(current_user.redirect_done("devices", "renamed")),
            Err(error) if error.leaves_the_form() => {
                let refused = RefusedName { key, typed: typed.to_owned(), error };
                self.page(req, &current_user, Some(refused)).await
            }
            Err(error) => Err(error),
        }
    }

    /// `POST devices/{device}/forget`: takes a device out of the list until it pushes again.
    #[craft(handler)]
    pub(super) async fn forget(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let label = self.target(req, &current_user).await?;
        self.dashboard.change_own(&current_user, Change::ForgetDevice(label)).await?;
        Ok(current_user.redirect_done("devices", "forgotten"))
    }
}
