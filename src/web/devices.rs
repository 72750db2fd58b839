//! Each device that has pushed.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Web;
use super::books::{BookId, page_asked};
use super::page::{Frame, Page};
use super::problem::Problem;
use super::text::{Paging, Time, percent, time};
use crate::reading::{Activity, Device, Title};

/// Devices on one page.
const PAGE: usize = 100;

struct Row {
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
    frame: Frame,
    total: usize,
    rows: Vec<Row>,
    paging: Paging,
}

#[craft]
impl Web {
    /// `GET devices?page=`: when each pushed last, and what.
    #[craft(handler)]
    pub(super) async fn devices(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let devices = Activity::load(&self.app, &visit.user).await?.devices;
        let paging = Paging::new(page_asked(req), devices.len(), PAGE);
        let row = |device: &Device| Row {
            name: device.name.clone(),
            id: device.id.clone(),
            time: time(device.timestamp, self.app.store.zone()),
            book: BookId::of(&device.document),
            title: device.title.clone(),
            percent: percent(device.percentage),
            documents: device.documents,
        };
        Ok(Page::new(&DevicesPage {
            frame: visit.frame("Devices", "devices"),
            total: devices.len(),
            rows: paging.of(&devices).iter().map(row).collect(),
            paging,
        }))
    }
}
