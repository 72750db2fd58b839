//! `/api/v1`: the data and actions of the dashboard, for scripts and other programs. `openapi.json` describes it.
//!
//! Every route is about the requesting account. Fields without a value are left out.

use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use serde_json::json;

use super::auth::{authenticate, authenticate_reader};
use super::error::ApiError;
use super::json::{self, Fields, JsonResponse};
use super::list::{self, ListResponse};
use super::v1_rows::{DeviceCursor, DeviceRows, DocumentJson, DocumentRows, HistoryRows};
use crate::http::query;
use crate::library::{Activity, BookList, BookQuery, BookRef};
use crate::model::{Document, DocumentName, User};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change};

/// The description of these routes.
const OPENAPI: &[u8] = include_bytes!("openapi.json");

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

    /// `GET /api/v1/account`: 200 with the account's name, its limits and what it uses of them.
    #[craft(handler)]
    pub(super) async fn account(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let (used, quota) = (self.state.store.usage(&user).await?, self.state.store.quota());
        Ok(JsonResponse::ok(&json!({
            "username": user.name,
            "documents": used.documents,
            "max_documents": quota.max_documents,
            "bytes": used.bytes,
            "max_bytes": quota.max_bytes,
        })))
    }

    /// `GET /api/v1/documents?search=&limit=&cursor=&offset=`: 200 with a page of documents, the last read first.
    ///
    /// # Errors
    /// 400 (3400) if `limit`, `cursor` or `offset` is invalid, 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn documents(&self, req: &mut Request) -> Result<ListResponse<DocumentRows>, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let (limit, after) = (list::limit(req)?, list::cursor(req)?);
        let offset = query::number(req, "offset", 0);
        let offset = offset.ok_or(ApiError::BadParameter("'offset' must be a whole number."))?;
        let slot = self.state.scan_limiter.answer(user.id)?;
        let search = req.query::<String>("search").unwrap_or_default();
        // One more, to know whether there is another page.
        let query = BookQuery { after, ..BookQuery::new(&search, offset.saturating_add(limit).saturating_add(1)) };
        let books = BookList::load(&self.state.store, &self.state.scan_limiter, &user, query).await?;
        let total = books.total();
        let mut refs = books.into_refs();
        refs.drain(..offset.min(refs.len()));
        let has_more = refs.len() > limit;
        refs.truncate(limit);
        let mut fields = list::next(refs.last().filter(|_| has_more).map(BookRef::to_string));
        fields.push(("total", total.into()));
        let rows = DocumentRows { state: self.state.clone(), user: user.id, books: refs, read: 0, fields };
        ListResponse::object("documents", rows, slot).await
    }

    /// `GET /api/v1/documents/{document}`: 200 with the document.
    ///
    /// # Errors
    /// 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
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

    /// `GET /api/v1/documents/{document}/history?limit=&cursor=`: 200 with a page of positions, the current one first.
    ///
    /// # Errors
    /// 400 (3400) if `limit` or `cursor` is invalid, 404 (3404) if there is no such document, 503 (3503) if three answers to the
    /// account are in flight.
    #[craft(handler)]
    pub(super) async fn history(&self, req: &mut Request) -> Result<ListResponse<HistoryRows>, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let (left, before) = (list::limit(req)?, list::cursor(req)?);
        let document = document_of_path(req)?;
        self.state.store.progress(user.id, &document)?.ok_or(ApiError::NoSuchDocument)?;
        let slot = self.state.scan_limiter.answer(user.id)?;
        let rows = HistoryRows { state: self.state.clone(), user: user.id, document, before, left };
        ListResponse::object("history", rows, slot).await
    }

    /// `POST /api/v1/documents/{document}/put-back` with `sequence`: 200 with the document, restored to that position.
    ///
    /// # Errors
    /// 400 (3400) if `sequence` is no number, 404 (3404) if there is no such document or position, 507 (3507) if the account's
    /// quota is used up.
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

    /// `GET /api/v1/devices?limit=&cursor=`: 200 with a page of devices, the one that pushed last first.
    ///
    /// # Errors
    /// 400 (3400) if `limit` or `cursor` is invalid, 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn devices(&self, req: &mut Request) -> Result<ListResponse<DeviceRows>, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let (limit, cursor) = (list::limit(req)?, list::cursor::<DeviceCursor>(req)?);
        let slot = self.state.scan_limiter.answer(user.id)?;
        let AppState { store, scan_limiter, activity, .. } = &*self.state;
        let mut devices = activity.load(store, scan_limiter, &user).await?.devices;
        devices.drain(..cursor.map_or(0, |cursor| cursor.position_in(&devices)));
        let has_more = devices.len() > limit;
        devices.truncate(limit);
        let fields = list::next(has_more.then(|| DeviceCursor::behind(&devices, cursor).to_string()));
        let rows = DeviceRows { state: self.state.clone(), user: user.id, devices: devices.into_iter(), fields };
        ListResponse::object("devices", rows, slot).await
    }

    /// `GET /api/v1/statistics`: 200 with the numbers of books and days, and the pushes of each day of the last year.
    ///
    /// # Errors
    /// 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn statistics(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let _slot = self.state.scan_limiter.answer(user.id)?;
        let AppState { store, scan_limiter, activity, .. } = &*self.state;
        let Activity { calendar, finished_this_year, .. } = activity.load(store, scan_limiter, &user).await?;
        let books = BookList::load(store, scan_limiter, &user, BookQuery::default()).await?;
        let (documents, in_progress) = (books.total(), books.unfinished());
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
            "finished_this_year": finished_this_year,
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
            AccountOutcome::OverQuota(exceeded) => Err(ApiError::OverQuota(exceeded)),
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
