//! The devices that have pushed, with the last push of each.

use askama::Template;
use jiff::tz::TimeZone;
use salvo::Request;
use salvo::craft::craft;

use super::codec::path_segment;
use super::context::Dashboard;
use super::error::PageError;
use super::format::{Time, count, percent, time};
use super::layout::Layout;
use super::page::PageResponse;
use super::paging::Paging;
use crate::library::{Device, Title, titles};

const DEVICES_PER_PAGE: usize = 50;

struct DeviceRow {
    name: String,
    id: Option<String>,
    time: Time,
    /// The book that was pushed last.
    book: String,
    title: Title,
    percent: String,
    documents: String,
}

impl DeviceRow {
    fn new(device: &Device, title: Title, zone: &TimeZone) -> Self {
        Self {
            name: device.name().to_owned(),
            id: device.label.device_id.clone(),
            time: time(device.timestamp, zone),
            book: path_segment(&device.document),
            title,
            percent: percent(device.percentage),
            documents: count(device.documents, "book", "books"),
        }
    }
}

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    layout: Layout,
    total: String,
    devices: Vec<DeviceRow>,
    paging: Paging,
}

/// The handler of `devices`.
#[derive(Clone)]
pub struct Devices {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl Devices {
    /// `GET devices?page=`: all devices, most recently used first.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let (store, user) = (&state.store, &current_user.user);
        let slot = state.scan_limiter.answer(user.id)?;
        let devices = state.activity.load(store, &state.scan_limiter, user).await?.devices;
        let paging = Paging::from_request(req, devices.len(), DEVICES_PER_PAGE);
        let page = paging.slice(&devices);
        let titles = titles(store, &state.scan_limiter, user.id, page).await?;
        let rows = page.iter().zip(titles).map(|(device, title)| DeviceRow::new(device, title, store.zone()));
        Ok(PageResponse::new(&DevicesPage {
            layout: current_user.layout_titled("Devices", "devices"),
            total: count(devices.len(), "device", "devices"),
            devices: rows.collect(),
            paging,
        })
        .with_slot(slot))
    }
}
