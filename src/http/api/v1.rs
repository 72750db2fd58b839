//! `/api/v1`: the data and actions of the dashboard, for scripts and other programs. `openapi.json` describes it.
//!
//! Every route is about the requesting account. Fields without a value are left out.

use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use serde::Serialize;
use serde_json::json;

use super::auth::authenticate;
use super::error::ApiError;
use super::json::{self, Fields, JsonResponse};
use crate::library::{Activity, BookList, Device, Title, look_up};
use crate::model::{Document, DocumentName, Metadata, Progress, User};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, DocumentEntry, HistoryEntry};

/// The description of these routes.
const OPENAPI: &[u8] = include_bytes!("openapi.json");
/// Documents in one response, at most and by default.
const LIMIT_MAX: usize = 1000;
const LIMIT_DEFAULT: usize = 100;

/// Lists, changes and summarizes what the requesting account has read.
#[derive(Clone)]
pub struct V1Api {
    pub(super) state: Arc<AppState>,
}

#[craft]
impl V1Api {
    /// `GET /api/v1/openapi.json`: 200, without credentials.
    #[craft(handler)]
    pub(super) async fn openapi(&self) -> JsonResponse {
        JsonResponse::from_bytes(OPENAPI.to_vec())
    }

    /// `GET /api/v1/documents?search=&limit=&offset=`: 200 with a page of documents, the last read first.
    ///
    /// # Errors
    /// 400 (3400) if `limit` or `offset` is invalid.
    #[craft(handler)]
    pub(super) async fn documents(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let limit = number(req, "limit", LIMIT_DEFAULT).filter(|limit| (1..=LIMIT_MAX).contains(limit));
        let limit = limit.ok_or(ApiError::BadParameter("'limit' must be a whole number from 1 to 1000."))?;
        let offset = number(req, "offset", 0).ok_or(ApiError::BadParameter("'offset' must be a whole number."))?;
        let search = req.query::<String>("search").unwrap_or_default();
        let books = BookList::load(&self.state.store, &self.state.scan_limiter, &user, &search).await?;
        let total = books.all().len();
        let page = &books.all()[offset.min(total)..offset.saturating_add(limit).min(total)];
        let documents = look_up(&self.state.store, &user, page)?;
        let documents: Vec<_> = documents.iter().map(DocumentJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "total": total, "documents": documents })))
    }

    /// `GET /api/v1/documents/{document}`: 200 with the document.
    ///
    /// # Errors
    /// 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        self.document_response(&user, &document_of_path(req)?)
    }

    /// `PATCH /api/v1/documents/{document}` with `name`: 200 with the document. An empty name or `null` removes the name.
    ///
    /// # Errors
    /// 400 (3400) if `name` is missing or of another type, 403 (2003) if it is invalid, 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn rename_document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let document = document_of_path(req)?;
        let fields = Fields::parse(&body)?;
        let name = match fields.string("name") {
            None if !fields.is_null("name") => {
                return Err(ApiError::BadParameter("'name' must be a string, or null."));
            }
            name => name.filter(|name| !name.trim().is_empty()),
        };
        let name = name.map(|name| DocumentName::new(&name)).transpose();
        let name = name.map_err(|invalid| ApiError::Invalid(Some(invalid)))?;
        self.change(user.clone(), Change::RenameDocument(document.clone(), name)).await?;
        self.document_response(&user, &document)
    }

    /// `DELETE /api/v1/documents/{document}`: 200, and position and history are deleted.
    ///
    /// # Errors
    /// 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn delete_document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        self.change(user, Change::DeleteDocument(document_of_path(req)?)).await?;
        Ok(JsonResponse::ok(&json!({ "deleted": true })))
    }

    /// `GET /api/v1/documents/{document}/history`: 200 with all positions, the current one first.
    ///
    /// # Errors
    /// 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn history(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let history = self.state.store.history(user.id, &document_of_path(req)?, usize::MAX)?;
        if history.is_empty() {
            return Err(ApiError::NoSuchDocument);
        }
        let history: Vec<_> = history.iter().map(HistoryEntryJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "history": history })))
    }

    /// `POST /api/v1/documents/{document}/put-back` with `sequence`: 200 with the document, restored to that position.
    ///
    /// # Errors
    /// 400 (3400) if `sequence` is no number, 404 (3404) if there is no such document or position.
    #[craft(handler)]
    pub(super) async fn restore_position(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let document = document_of_path(req)?;
        let sequence = Fields::parse(&body)?.text("sequence").and_then(|text| text.parse().ok());
        let sequence = sequence.ok_or(ApiError::BadParameter("'sequence' must be a number from the history."))?;
        self.change(user.clone(), Change::RestorePosition(document.clone(), sequence)).await?;
        self.document_response(&user, &document)
    }

    /// `GET /api/v1/devices`: 200 with the devices, the one that pushed last first.
    #[craft(handler)]
    pub(super) async fn devices(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let activity = Activity::load(&self.state.store, &self.state.scan_limiter, &user).await?;
        let devices: Vec<_> = activity.devices.iter().map(DeviceJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "devices": devices })))
    }

    /// `GET /api/v1/statistics`: 200 with the numbers of books and days, and the pushes of each day of the last year.
    #[craft(handler)]
    pub(super) async fn statistics(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let Activity { books, calendar, .. } =
            Activity::load(&self.state.store, &self.state.scan_limiter, &user).await?;
        let (documents, in_progress) = (books.all().len(), books.unfinished().len());
        let today = self.state.store.today();
        let days: Vec<_> = calendar
            .last_year(today)
            .iter()
            .filter(|day| day.pushes > 0)
            .map(|day| json!({ "date": day.date.to_string(), "pushes": day.pushes }))
            .collect();
        Ok(JsonResponse::ok(&json!({
            "documents": documents,
            "finished": documents - in_progress,
            "in_progress": in_progress,
            "days_read": calendar.days_read(),
            "days_in_a_row": calendar.streak(today),
            "days": days,
        })))
    }

    fn document_response(&self, user: &User, document: &Document) -> Result<JsonResponse, ApiError> {
        let entry = self.state.store.document(user.id, document)?.ok_or(ApiError::NoSuchDocument)?;
        Ok(JsonResponse::ok(&DocumentJson::new(&entry)))
    }

    async fn change(&self, user: User, change: Change) -> Result<(), ApiError> {
        let name = user.name.clone();
        match self.state.store.manage(Authority::User(user), name, change).await? {
            AccountOutcome::Done => Ok(()),
            AccountOutcome::NoDocument => Err(ApiError::NoSuchDocument),
            AccountOutcome::NoPosition => Err(ApiError::NoSuchPosition),
            AccountOutcome::Refused | AccountOutcome::NoAccount => Err(ApiError::Unauthorized),
            AccountOutcome::Enabled | AccountOutcome::Disabled | AccountOutcome::Protected => Err(ApiError::Unknown),
        }
    }
}

/// Returns the document of the path. No account has one with an invalid id.
fn document_of_path(req: &Request) -> Result<Document, ApiError> {
    let id = req.params().get("document").map(String::as_str).unwrap_or_default();
    Document::new(id).map_err(|_| ApiError::NoSuchDocument)
}

/// Returns a number of the query, or `default` where it is missing.
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
