//! Each device that has pushed.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Dashboard;
use super::books::{BookId, page_number};
use super::error::PageError;
use super::format::{Paging, Time, percent, time};
use super::page::{Layout, PageResponse};
use crate::library::{Activity, Device, Title};

/// Devices on one page.
const PER_PAGE: usize = 100;

struct DeviceRow {
    name: String,
    id: Option<String>,
    time: Time,
    book: String,
    title: Title,
    percent: String,
    documents: usize,
}

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    layout: Layout,
    total: usize,
    rows: Vec<DeviceRow>,
    paging: Paging,
}

#[craft]
impl Dashboard {
    /// `GET devices?page=`: when each pushed last, and what.
    #[craft(handler)]
    pub(super) async fn devices(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let devices = Activity::load(&self.state.store, &self.state.scan_limiter, &current_user.user).await?.devices;
        let paging = Paging::new(page_number(req), devices.len(), PER_PAGE);
        let row = |device: &Device| DeviceRow {
            name: device.name.clone(),
            id: device.id.clone(),
            time: time(device.timestamp, self.state.store.zone()),
            book: BookId::of(&device.document),
            title: device.title.clone(),
            percent: percent(device.percentage),
            documents: device.documents,
        };
        Ok(PageResponse::new(&DevicesPage {
            layout: current_user.layout("Devices", "devices"),
            total: devices.len(),
            rows: paging.of(&devices).iter().map(row).collect(),
            paging,
        }))
    }
}
