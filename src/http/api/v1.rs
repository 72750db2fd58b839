//! `/api/v1`: what the dashboard's pages show and do, for scripts and other programs. `openapi.json` describes it.
//!
//! Every route is about the account that asks. Fields that there is nothing for are left out.

use std::sync::Arc;

use salvo::craft::craft;
use salvo::{Request, Router};
use serde::Serialize;
use serde_json::json;

use super::JsonResponse;
use super::error::ApiError;
use super::json::Fields;
use crate::http::body;
use crate::library::{Activity, BookList, Device, Title, look_up};
use crate::model::{Document, DocumentName, Metadata, Progress, User};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, DocumentEntry, HistoryEntry};

/// The description of these routes.
const OPENAPI: &[u8] = include_bytes!("openapi.json");
/// Documents in one answer, at most and where nothing else is asked for.
const LIMIT_MAX: usize = 1000;
const LIMIT_DEFAULT: usize = 100;

#[craft]
impl AppState {
    pub(super) fn json_api(self: &Arc<Self>) -> Router {
        let document = Router::new().get(self.v1_document()).head(self.v1_document());
        let document = document.patch(self.v1_rename()).delete(self.v1_delete());
        Router::new()
            .push(self.readable("api/v1/documents", || self.v1_documents()))
            .push(self.only("api/v1/documents/{document}", "DELETE, GET, HEAD, PATCH", document))
            .push(self.readable("api/v1/documents/{document}/history", || self.v1_history()))
            .push(self.only("api/v1/documents/{document}/put-back", "POST", Router::new().post(self.v1_put_back())))
            .push(self.readable("api/v1/devices", || self.v1_devices()))
            .push(self.readable("api/v1/statistics", || self.v1_statistics()))
            .push(self.readable("api/v1/openapi.json", || self.v1_openapi()))
    }

    /// `GET /api/v1/openapi.json`: 200, to whoever asks.
    #[craft(handler)]
    async fn v1_openapi(self: &Arc<Self>) -> JsonResponse {
        JsonResponse::of_json(OPENAPI.to_vec())
    }

    /// `GET /api/v1/documents?search=&limit=&offset=`: 200, the one read last first.
    #[craft(handler)]
    async fn v1_documents(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = self.user(req).await?;
        let limit = number(req, "limit", LIMIT_DEFAULT).filter(|limit| (1..=LIMIT_MAX).contains(limit));
        let limit = limit.ok_or(ApiError::BadParameter("'limit' must be a whole number from 1 to 1000."))?;
        let offset = number(req, "offset", 0).ok_or(ApiError::BadParameter("'offset' must be a whole number."))?;
        let search = req.query::<String>("search").unwrap_or_default();
        let list = BookList::load(self, &user, &search).await?;
        let total = list.all().len();
        let page = &list.all()[offset.min(total)..offset.saturating_add(limit).min(total)];
        let documents = look_up(self, &user, page)?;
        let documents: Vec<_> = documents.iter().map(DocumentJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "total": total, "documents": documents })))
    }

    /// `GET /api/v1/documents/{document}`: 200. 404 for a document that was never pushed.
    #[craft(handler)]
    async fn v1_document(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = self.user(req).await?;
        self.v1_entry(&user, &named(req)?)
    }

    /// `PATCH /api/v1/documents/{document}` with `name`: 200 and the document. An empty name, or `null`, takes it away.
    #[craft(handler)]
    async fn v1_rename(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let sent = body::read(req, self.client_timeout).await?;
        let user = self.user(req).await?;
        let document = named(req)?;
        let fields = Fields::parse(&sent)?;
        let wrong = ApiError::BadParameter("'name' must be a string, or null.");
        let name = match fields.string("name") {
            None if !fields.is_null("name") => return Err(wrong),
            name => name.filter(|name| !name.trim().is_empty()),
        };
        let name = name.map(|name| DocumentName::new(&name)).transpose();
        let name = name.map_err(|invalid| ApiError::Invalid(Some(invalid)))?;
        self.v1_change(user.clone(), Change::RenameDocument(document.clone(), name)).await?;
        self.v1_entry(&user, &document)
    }

    /// `DELETE /api/v1/documents/{document}`: 200, and its position and history are gone.
    #[craft(handler)]
    async fn v1_delete(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = self.user(req).await?;
        self.v1_change(user, Change::DeleteDocument(named(req)?)).await?;
        Ok(JsonResponse::ok(&json!({ "deleted": true })))
    }

    /// `GET /api/v1/documents/{document}/history`: 200, the current position first.
    #[craft(handler)]
    async fn v1_history(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = self.user(req).await?;
        let history = self.store.history(user.id, &named(req)?, usize::MAX)?;
        if history.is_empty() {
            return Err(ApiError::NoSuchDocument);
        }
        let history: Vec<_> = history.iter().map(HistoryEntryJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "history": history })))
    }

    /// `POST /api/v1/documents/{document}/put-back` with `sequence`: 200 and the document, whose newest position it now is.
    #[craft(handler)]
    async fn v1_put_back(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let sent = body::read(req, self.client_timeout).await?;
        let user = self.user(req).await?;
        let document = named(req)?;
        let sequence = Fields::parse(&sent)?.text("sequence").and_then(|text| text.parse().ok());
        let sequence = sequence.ok_or(ApiError::BadParameter("'sequence' must be a number from the history."))?;
        self.v1_change(user.clone(), Change::RestorePosition(document.clone(), sequence)).await?;
        self.v1_entry(&user, &document)
    }

    /// `GET /api/v1/devices`: 200, the one that pushed last first.
    #[craft(handler)]
    async fn v1_devices(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = self.user(req).await?;
        let activity = Activity::load(self, &user).await?;
        let devices: Vec<_> = activity.devices.iter().map(DeviceJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "devices": devices })))
    }

    /// `GET /api/v1/statistics`: 200 with the numbers of books and days, and the pushes of each day of the last year.
    #[craft(handler)]
    async fn v1_statistics(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = self.user(req).await?;
        let Activity { list, calendar, .. } = Activity::load(self, &user).await?;
        let (all, in_progress) = (list.all().len(), list.unfinished().len());
        let today = self.store.today();
        let year = calendar.last_year(today);
        let days: Vec<_> = year
            .iter()
            .filter(|day| day.pushes > 0)
            .map(|day| json!({ "date": day.date.to_string(), "pushes": day.pushes }))
            .collect();
        Ok(JsonResponse::ok(&json!({
            "documents": all,
            "finished": all - in_progress,
            "in_progress": in_progress,
            "days_read": calendar.days_read(),
            "days_in_a_row": calendar.streak(today),
            "days": days,
        })))
    }

    fn v1_entry(&self, user: &User, document: &Document) -> Result<JsonResponse, ApiError> {
        let entry = self.store.document(user.id, document)?.ok_or(ApiError::NoSuchDocument)?;
        Ok(JsonResponse::ok(&DocumentJson::new(&entry)))
    }

    async fn v1_change(&self, user: User, change: Change) -> Result<(), ApiError> {
        let name = user.name.clone();
        match self.store.manage(Authority::User(user), name, change).await? {
            AccountOutcome::Done => Ok(()),
            AccountOutcome::NoDocument => Err(ApiError::NoSuchDocument),
            AccountOutcome::NoPosition => Err(ApiError::NoSuchPosition),
            AccountOutcome::Refused | AccountOutcome::NoAccount => Err(ApiError::Unauthorized),
            AccountOutcome::Enabled | AccountOutcome::Disabled | AccountOutcome::Protected => Err(ApiError::Unknown),
        }
    }
}

/// The document of the path. What cannot be an id is nobody's.
fn named(req: &Request) -> Result<Document, ApiError> {
    let id = req.params().get("document").map(String::as_str).unwrap_or_default();
    Document::new(id).map_err(|_| ApiError::NoSuchDocument)
}

fn number(req: &Request, name: &str, default: usize) -> Option<usize> {
    req.query::<String>(name).map_or(Some(default), |text| text.parse().ok())
}

#[derive(Serialize)]
struct DocumentJson<'a> {
    document: &'a Document,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    metadata: &'a Metadata,
    #[serde(flatten)]
    position: &'a Progress,
}

impl<'a> DocumentJson<'a> {
    fn new(entry: &'a DocumentEntry) -> Self {
        let DocumentEntry { document, progress, metadata, name, .. } = entry;
        Self { document, title: Title::of(entry).text, name: name.as_deref(), metadata, position: progress }
    }
}

#[derive(Serialize)]
struct HistoryEntryJson<'a> {
    sequence: u64,
    pushes: u32,
    #[serde(flatten)]
    position: &'a Progress,
}

impl<'a> HistoryEntryJson<'a> {
    fn new(entry: &'a HistoryEntry) -> Self {
        Self { sequence: entry.sequence, pushes: entry.pushes, position: &entry.progress }
    }
}

#[derive(Serialize)]
struct DeviceJson<'a> {
    device: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    timestamp: u64,
    document: &'a Document,
    title: &'a str,
    percentage: f64,
    documents: usize,
}

impl<'a> DeviceJson<'a> {
    fn new(device: &'a Device) -> Self {
        let Device { name, id, timestamp, document, title, percentage, documents } = device;
        let (timestamp, percentage, documents) = (*timestamp, *percentage, *documents);
        Self { device: name, device_id: id.as_deref(), timestamp, document, title: &title.text, percentage, documents }
    }
}
