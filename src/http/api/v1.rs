//! `/api/v1`: the data and actions of the dashboard, for scripts and other programs. `openapi.json` describes it.
//!
//! Every route is about the requesting account. Fields without a value are left out.

use std::io::Read as _;
use std::sync::{Arc, LazyLock};

use flate2::read::ZlibDecoder;
use salvo::craft::craft;
use salvo::{Request, Response, Scribe};
use serde_json::{Value, json};

use super::auth::{authenticate, authenticate_reader};
use super::error::ApiError;
use super::json::{self, Fields, JsonResponse};
use super::list::{self, ListResponse};
use super::preferences;
use super::pulled::find_place;
use super::reading::{book_reading_json, reading_json};
use super::v1_fields::{document_changes, finished_by_month, rounded};
use super::v1_rows::{
    BookHistoryRows, DeviceCursor, DeviceJson, DeviceRows, DocumentJson, DocumentRows, HistoryRows, SuggestionJson,
};
use crate::http::query;
use crate::library::reading::{find_book, load_state};
use crate::library::{
    self, Activity, BookHistory, BookList, BookQuery, BookRef, Device, HistoryCursor, Shelf, days_of,
};
use crate::model::{DeviceName, Document, User};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change};

/// The description of these routes, which build.rs has compressed.
#[allow(clippy::expect_used, reason = "it is a part of the program, and tests read it")]
static OPENAPI: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut json = Vec::new();
    let mut compressed = ZlibDecoder::new(&include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.z"))[..]);
    compressed.read_to_end(&mut json).expect("what build.rs has compressed");
    json
});

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
        JsonResponse::from_bytes(OPENAPI.clone())
    }

    /// `GET /api/v1/account`: 200 with the account's name, its rule of the current position, what it chose for its pages, its limits and
    /// what it uses of them.
    #[craft(handler)]
    pub(super) async fn account(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        self.account_response(&user).await
    }

    /// `PATCH /api/v1/account` with `current_position`, `language`, `time_zone`, `day_end` and `goal`, each optional: 200 with the account.
    /// `null` is the default.
    ///
    /// # Errors
    /// 400 (3400), and nothing is changed, if all are missing or one is none of its choices.
    #[craft(handler)]
    pub(super) async fn change_account(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        const NO_RULE: ApiError =
            ApiError::BadParameter("'current_position' must be 'newest', 'furthest' or 'last', or null.");
        const NO_FIELD: ApiError = ApiError::BadParameter(
            "The body must have 'current_position', 'language', 'time_zone', 'day_end' or 'goal'.",
        );
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let fields = Fields::parse(&body)?;
        let preferences = preferences::chosen(&fields, user.preferences.clone())?;
        let rule = match fields.string("current_position") {
            Some(rule) => Some(Some(rule.parse().map_err(|_| NO_RULE)?)),
            None if fields.is_null("current_position") => Some(None),
            None if fields.raw("current_position").is_some() => return Err(NO_RULE),
            None if preferences.is_none() => return Err(NO_FIELD),
            None => None,
        };
        let mut user = user;
        if let Some(rule) = rule {
            self.change(user.clone(), Change::SetPositionRule(rule)).await?;
            user.position_rule = rule;
        }
        if let Some(preferences) = preferences {
            self.change(user.clone(), Change::SetPreferences(preferences.clone())).await?;
            user.preferences = preferences;
        }
        self.account_response(&user).await
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
        let AppState { store, scan_limiter, activity, .. } = &*self.state;
        let activity = activity.load(store, scan_limiter, &user).await?;
        let rows = DocumentRows { state: self.state.clone(), user: user.id, activity, books: refs, read: 0, fields };
        ListResponse::object("documents", rows, slot).await
    }

    /// `GET /api/v1/documents/{document}`: 200 with the document.
    ///
    /// # Errors
    /// 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let document = self.document_of_path(req, &user)?;
        self.document_response(&user, &document).await
    }

    /// `PATCH /api/v1/documents/{document}` with `name`, `shelf`, `finished_on` or `hidden`, or several of them: 200 with the document.
    /// An empty name or `null` removes the name; the shelf `null` is the one where its positions put it.
    ///
    /// # Errors
    /// 400 (3400) if none is there or one is of another type, 403 (2003) if the name is invalid, 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn change_document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let document = self.document_of_path(req, &user)?;
        let fields = Fields::parse(&body)?;
        let days = days_of(&self.state.store, &user);
        let changes = document_changes(&document, &fields, &days, days.date(self.state.store.now()))?;
        // Otherwise the first change may be made, and the second one find that there is no such document.
        self.state.store.document(user.id, &document)?.ok_or(ApiError::NoSuchDocument)?;
        for change in changes {
            self.change(user.clone(), change).await?;
        }
        self.document_response(&user, &document).await
    }

    /// `DELETE /api/v1/documents/{document}`: 200, and position and history are deleted.
    ///
    /// # Errors
    /// 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn delete_document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let document = self.document_of_path(req, &user)?;
        self.change(user, Change::DeleteDocument(document)).await?;
        Ok(JsonResponse::ok(&json!({ "deleted": true })))
    }

    /// `GET /api/v1/documents/{document}/history?limit=&cursor=`: 200 with a page of positions, the newest first.
    ///
    /// Joined documents share one history: each position then has its `document`.
    ///
    /// # Errors
    /// 400 (3400) if `limit` or `cursor` is invalid, 404 (3404) if there is no such document, 503 (3503) if three answers to the
    /// account are in flight.
    #[craft(handler)]
    pub(super) async fn history(&self, req: &mut Request) -> Result<HistoryResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let (left, cursor) = (list::limit(req)?, list::cursor::<HistoryCursor>(req)?);
        let document = self.document_of_path(req, &user)?;
        let entry = self.state.store.document(user.id, &document)?.ok_or(ApiError::NoSuchDocument)?;
        let slot = self.state.scan_limiter.answer(user.id)?;
        let (state, user) = (self.state.clone(), user.id);
        let current = entry.shared_sequence();
        let Some(book) = entry.joined else {
            let before = cursor.map(|cursor| cursor.sequence);
            let rows = HistoryRows { state, user, document, current, before, left };
            return Ok(HistoryResponse::OfDocument(ListResponse::object("history", rows, slot).await?));
        };
        let mut history = BookHistory::load(&state.store, &state.scan_limiter, user, &book).await?;
        cursor.into_iter().for_each(|cursor| history.go_to(cursor));
        let rows = BookHistoryRows { state, user, history, current, last: None, left };
        Ok(HistoryResponse::OfBook(ListResponse::object("history", rows, slot).await?))
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
        let document = self.document_of_path(req, &user)?;
        let sequence = Fields::parse(&body)?.text("sequence").and_then(|text| text.parse().ok());
        let sequence = sequence.ok_or(ApiError::BadParameter("'sequence' must be a number from the history."))?;
        self.change(user.clone(), Change::RestorePosition(document.clone(), sequence)).await?;
        self.document_response(&user, &document).await
    }

    /// `POST /api/v1/documents/{document}/start-over`: 200 with the document, which has no current position until a reader moves [C2].
    ///
    /// # Errors
    /// 404 (3404) if there is no such document.
    #[craft(handler)]
    pub(super) async fn start_over(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let document = self.document_of_path(req, &user)?;
        self.change(user.clone(), Change::StartOver(document.clone())).await?;
        self.document_response(&user, &document).await
    }

    /// `POST /api/v1/documents/{document}/join` with `document`: 200 with the document, which is one book with the other one now.
    ///
    /// The other one need not have been pushed yet.
    ///
    /// # Errors
    /// 400 (3400) if `document` is no other id, or the book would have more than 16 documents; 404 (3404) if there is no such document;
    /// 507 (3507) if the account's quota is used up.
    #[craft(handler)]
    pub(super) async fn join(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        self.change_book(req, Change::JoinDocuments).await
    }

    /// `POST /api/v1/documents/{document}/part` with `document`: 200 with the document, from which the other one is parted.
    ///
    /// # Errors
    /// 400 (3400) if `document` is no id, 404 (3404) if there is no such document or they are not joined.
    #[craft(handler)]
    pub(super) async fn part(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        self.change_book(req, Change::PartDocuments).await
    }

    async fn change_book(
        &self,
        req: &mut Request,
        change: impl FnOnce(Document, Document) -> Change,
    ) -> Result<JsonResponse, ApiError> {
        const NO_ID: ApiError = ApiError::BadParameter("'document' must be the id of another document.");
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let document = self.document_of_path(req, &user)?;
        let other =
            Fields::parse(&body)?.string(Document::FIELD).and_then(|id| Document::new(&id).ok()).ok_or(NO_ID)?;
        self.state.store.document(user.id, &document)?.ok_or(ApiError::NoSuchDocument)?;
        self.change(user.clone(), change(document.clone(), other)).await?;
        self.document_response(&user, &document).await
    }

    /// `GET /api/v1/suggestions`: 200 with pairs of documents that may be one book, 100 at most.
    ///
    /// # Errors
    /// 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn suggestions(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let _slot = self.state.scan_limiter.answer(user.id)?;
        let AppState { store, scan_limiter, request_log, .. } = &*self.state;
        let asked = request_log.requested_unknown(user.id);
        let found = library::suggestions(store, scan_limiter, user.id, asked, None).await?;
        let found: Vec<_> = found.iter().map(SuggestionJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "suggestions": found })))
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

    /// `PATCH /api/v1/devices/{id}` with `given_name`: 200 with the device. An empty name or `null` removes the name.
    ///
    /// # Errors
    /// 400 (3400) if `given_name` is missing or of another type, 403 (2003) if it is invalid, 404 (3404) if there is no such device.
    #[craft(handler)]
    pub(super) async fn name_device(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let fields = Fields::parse(&body)?;
        let name = match fields.string("given_name") {
            None if !fields.is_null("given_name") => {
                return Err(ApiError::BadParameter("'given_name' must be a string, or null."));
            }
            name => name.filter(|name| !name.trim().is_empty()),
        };
        let name = name.map(|name| DeviceName::new(&name)).transpose();
        let name = name.map_err(|invalid| ApiError::Invalid(Some(invalid)))?;
        let label = self.device_of_path(req, &user).await?.label;
        self.change(user.clone(), Change::NameDevice(label, name)).await?;
        let device = self.device_of_path(req, &user).await?;
        let AppState { store, scan_limiter, .. } = &*self.state;
        let title = library::titles(store, scan_limiter, user.id, std::slice::from_ref(&device)).await?;
        let title = title.into_iter().next().map_or_else(String::new, |title| title.text);
        Ok(JsonResponse::ok(&DeviceJson::new(&device, title)))
    }

    /// `DELETE /api/v1/devices/{id}`: 200, and the device is in no list until it pushes again. Its positions stay.
    ///
    /// # Errors
    /// 404 (3404) if there is no such device.
    #[craft(handler)]
    pub(super) async fn forget_device(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let label = self.device_of_path(req, &user).await?.label;
        self.change(user, Change::ForgetDevice(label)).await?;
        Ok(JsonResponse::ok(&json!({ "forgotten": true })))
    }

    async fn device_of_path(&self, req: &Request, user: &User) -> Result<Device, ApiError> {
        let id = req.params().get("id").cloned().unwrap_or_default();
        let AppState { store, scan_limiter, activity, .. } = &*self.state;
        let devices = activity.load(store, scan_limiter, user).await?.devices;
        devices.into_iter().find(|device| device.label.key() == id).ok_or(ApiError::NoSuchDevice)
    }

    /// `GET /api/v1/statistics`: 200 with the numbers of books and days, the pushes of each day of the last year, and the
    /// reading times of KOReader's statistics.
    ///
    /// # Errors
    /// 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn statistics(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let _slot = self.state.scan_limiter.answer(user.id)?;
        let AppState { store, scan_limiter, activity, .. } = &*self.state;
        let read = activity.load(store, scan_limiter, &user).await?;
        let Activity { calendar, .. } = &read;
        let on_shelf = |shelf| read.on_shelf(shelf).count();
        let today = read.days.date(store.now());
        let days: Vec<_> = calendar
            .last_year(today)
            .iter()
            .filter(|day| day.pushes > 0)
            .map(|day| json!({ "date": day.date.to_string(), "pushes": day.pushes, "read": rounded(day.read) }))
            .collect();
        let times = load_state(store, scan_limiter, &self.state.reading, &user).await?.times;
        let mut statistics = json!({
            "documents": read.books.len(),
            "finished": on_shelf(Shelf::Finished),
            "finished_this_year": read.finished_in(today.year()),
            "in_progress": on_shelf(Shelf::Reading),
            "aside": on_shelf(Shelf::Aside),
            "hidden": read.books.iter().filter(|book| book.is_hidden).count(),
            "days_read": calendar.days_read(),
            "days_in_a_row": calendar.streak(today),
            "longest_days_in_a_row": calendar.longest_streak().map_or(0, |run| run.length),
            "weeks_in_a_row": calendar.week_streak(today),
            "longest_weeks_in_a_row": calendar.longest_week_streak().map_or(0, |run| run.length),
            "finished_by_month": finished_by_month(&read),
            "days": days,
        });
        if let Some(reading) = times.as_ref().and_then(reading_json) {
            statistics["reading"] = reading;
        }
        Ok(JsonResponse::ok(&statistics))
    }

    async fn account_response(&self, user: &User) -> Result<JsonResponse, ApiError> {
        let (used, quota) = (self.state.store.usage(user).await?, self.state.store.quota());
        let rule = user.position_rule.unwrap_or(self.state.store.default_rule());
        let mut account = json!({
            "username": user.name,
            "current_position": rule,
            "current_position_is_default": user.position_rule.is_none(),
            "documents": used.documents,
            "max_documents": quota.max_documents,
            "bytes": used.bytes,
            "max_bytes": quota.max_bytes,
        });
        if let Value::Object(account) = &mut account {
            preferences::add_to(account, &user.preferences);
        }
        Ok(JsonResponse::ok(&account))
    }

    /// Returns the document of the path, or the one whose alias that is. No account has one with an invalid id.
    fn document_of_path(&self, req: &Request, user: &User) -> Result<Document, ApiError> {
        let id = req.params().get("document").map(String::as_str).unwrap_or_default();
        let id = Document::new(id).map_err(|_| ApiError::NoSuchDocument)?;
        Ok(self.state.store.meant_document(user.id, &id)?)
    }

    async fn document_response(&self, user: &User, document: &Document) -> Result<JsonResponse, ApiError> {
        let AppState { store, scan_limiter, activity, .. } = &*self.state;
        let mut entry = store.document(user.id, document)?.ok_or(ApiError::NoSuchDocument)?;
        find_place(&self.state, user.id, &mut entry).await?;
        // Its record says whether its history changed otherwise than by pushes.
        let user = store.user(&user.name)?.ok_or(ApiError::Unauthorized)?;
        let activity = activity.load(store, scan_limiter, &user).await?;
        let reading = find_book(store, user.id, &entry)?;
        let mut response = DocumentJson::new(&entry, &activity);
        response.reading = reading.map(|book| book_reading_json(&book, entry.shared().percentage));
        Ok(JsonResponse::ok(&response))
    }

    async fn change(&self, user: User, change: Change) -> Result<(), ApiError> {
        let name = user.name.clone();
        match self.state.store.manage(Authority::User(user), name, change).await? {
            AccountOutcome::Done => Ok(()),
            AccountOutcome::NoDocument => Err(ApiError::NoSuchDocument),
            AccountOutcome::NoPosition => Err(ApiError::NoSuchPosition),
            AccountOutcome::OverQuota(exceeded) => Err(ApiError::OverQuota(exceeded)),
            AccountOutcome::JoinRefused(refusal) => Err(ApiError::JoinRefused(refusal)),
            AccountOutcome::Refused | AccountOutcome::NoAccount => Err(ApiError::Unauthorized),
            AccountOutcome::Enabled | AccountOutcome::Disabled | AccountOutcome::Protected => Err(ApiError::Unknown),
        }
    }
}

/// A page of a history.
pub(super) enum HistoryResponse {
    OfDocument(ListResponse<HistoryRows>),
    OfBook(ListResponse<BookHistoryRows>),
}

impl Scribe for HistoryResponse {
    fn render(self, res: &mut Response) {
        match self {
            Self::OfDocument(list) => list.render(res),
            Self::OfBook(list) => list.render(res),
        }
    }
}
