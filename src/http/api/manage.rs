//! `/manage/users`: kosync-dotnet's management API, for administrators, and in part for users and their own account.
//!
//! Passwords are plain text here, and the server makes the keys. Messages are kosync-dotnet's, to the letter.

use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use serde::Serialize;
use serde_json::json;

use super::auth::authenticate;
use super::error::ApiError;
use super::json::{self, Fields, JsonResponse};
use super::list::{ListResponse, RowSource, Rows};
use super::pulled::listed_position;
use crate::error::Error;
use crate::library::scan::SLICE;
use crate::model::{Document, Key, Progress, User, UserId, Username, timestamp};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, CreateOutcome};

/// Manages all accounts.
#[derive(Clone)]
pub struct ManagementApi {
    pub(super) state: Arc<AppState>,
}

#[craft]
impl ManagementApi {
    /// `GET /manage/users`: 200 with all accounts. For administrators.
    ///
    /// # Errors
    /// 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn list_users(&self, req: &mut Request) -> Result<ListResponse<UserRows>, ApiError> {
        let Call { actor, .. } = self.administrator(req).await?;
        let slot = self.state.scan_limiter.answer(actor.id)?;
        ListResponse::array(UserRows { state: self.state.clone(), reader: actor.id, after: None }, slot).await
    }

    /// `POST /manage/users`: 200, also where registration is closed. For administrators.
    ///
    /// # Errors
    /// 400 if the name is taken or invalid, or the password is blank.
    #[craft(handler)]
    pub(super) async fn create_user(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        self.administrator(req).await?;
        let fields = Fields::parse(&body)?;
        let name = Username::new(&fields.intact_string("username").unwrap_or_default());
        let name = name.map_err(|invalid| ApiError::bad_request(format!("Invalid request: {invalid}.")))?;
        match self.state.create_account(name, key_from_password(&fields)?).await? {
            CreateOutcome::Created(_) => Ok(message_response("User created successfully")),
            CreateOutcome::Taken => Err(ApiError::bad_request("User already exists")),
        }
    }

    /// `DELETE /manage/users?username=U`: 200. For administrators, and for users and their own account.
    ///
    /// # Errors
    /// 404 if there is no such account, 400 for `admin`.
    #[craft(handler)]
    pub(super) async fn delete_user(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let Call { actor, target } = self.administrator_or_owner(req).await?;
        let target = target.ok_or_else(|| ApiError::not_found("User does not exist"))?;
        match self.state.delete_account(Authority::User(actor), target).await? {
            AccountOutcome::Done => Ok(message_response("Success")),
            AccountOutcome::NoAccount => Err(ApiError::not_found("User does not exist")),
            AccountOutcome::Protected => Err(ApiError::bad_request("Cannot delete admin user")),
            other => Err(outcome_error(other)),
        }
    }

    /// `GET /manage/users/documents?username=U`: 200 with all positions. For administrators, and for users and their own account.
    ///
    /// They are those that pulls get.
    ///
    /// # Errors
    /// 400 if there is no such account, 503 (3503) if three answers to the requesting account are in flight.
    #[craft(handler)]
    pub(super) async fn list_documents(&self, req: &mut Request) -> Result<ListResponse<DocumentRows>, ApiError> {
        let Call { actor, target } = self.administrator_or_owner(req).await?;
        let user = target.map(|target| self.state.store.user(&target)).transpose()?.flatten();
        let user = user.ok_or_else(|| outcome_error(AccountOutcome::NoAccount))?;
        let slot = self.state.scan_limiter.answer(actor.id)?;
        let rows = DocumentRows { state: self.state.clone(), reader: actor.id, owner: user.id, after: None };
        ListResponse::array(rows, slot).await
    }

    /// `DELETE /manage/users/documents?username=U&documentHash=H`: 200. For administrators, and for users and their own account.
    ///
    /// # Errors
    /// 404 if there is no such account or document.
    #[craft(handler)]
    pub(super) async fn delete_document(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let call = self.administrator_or_owner(req).await?;
        let (user, hash) = (query(req, "username"), query(req, "documentHash"));
        let missing = || ApiError::not_found(format!("Document hash [{hash}] was not found for user [{user}]."));
        let document = Document::new(&hash).map_err(|_| missing())?;
        match self.manage(call, Change::DeleteDocument(document)).await? {
            AccountOutcome::Done => Ok(message_response("Success")),
            AccountOutcome::NoAccount | AccountOutcome::NoDocument => Err(missing()),
            other => Err(outcome_error(other)),
        }
    }

    /// `PUT /manage/users/active?username=U`: 200, and the account is enabled or disabled. For administrators.
    ///
    /// # Errors
    /// 400 for `admin`, and if there is no such account.
    #[craft(handler)]
    pub(super) async fn toggle_active(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let call = self.administrator(req).await?;
        match self.manage(call, Change::SetActive(None)).await? {
            AccountOutcome::Enabled => Ok(message_response("User marked as active")),
            AccountOutcome::Disabled => Ok(message_response("User marked as inactive")),
            other => Err(outcome_error(other)),
        }
    }

    /// `PUT /manage/users/password?username=U`: 200. For administrators.
    ///
    /// # Errors
    /// 400 if the password is blank, for `admin`, and if there is no such account.
    #[craft(handler)]
    pub(super) async fn set_password(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        let Call { actor, target } = self.administrator(req).await?;
        let key = key_from_password(&Fields::parse(&body)?)?;
        let target = target.ok_or_else(|| outcome_error(AccountOutcome::NoAccount))?;
        match self.state.set_key(Authority::User(actor), target, key).await? {
            AccountOutcome::Done => Ok(message_response("Password changed successfully")),
            other => Err(outcome_error(other)),
        }
    }

    /// Returns the call of an administrator; every other account is unauthorized [M1].
    async fn administrator(&self, req: &Request) -> Result<Call, ApiError> {
        let call = self.call(req).await?;
        if call.actor.administrator { Ok(call) } else { Err(ApiError::Unauthorized) }
    }

    /// Returns the call of an administrator, or of a user about their own account.
    async fn administrator_or_owner(&self, req: &Request) -> Result<Call, ApiError> {
        let call = self.call(req).await?;
        let is_allowed = call.actor.administrator || call.target.as_ref() == Some(&call.actor.name);
        if is_allowed { Ok(call) } else { Err(ApiError::Unauthorized) }
    }

    async fn call(&self, req: &Request) -> Result<Call, ApiError> {
        let actor = authenticate(&self.state, req).await?;
        let Ok(name) = Username::new(&query(req, "username")) else { return Ok(Call { actor, target: None }) };
        // As at a login: kosync-dotnet ignores case.
        let target = self.state.store.find_user(&name)?.map_or(name, |user| user.name);
        Ok(Call { actor, target: Some(target) })
    }

    async fn manage(&self, Call { actor, target }: Call, change: Change) -> Result<AccountOutcome, ApiError> {
        let Some(target) = target else { return Ok(AccountOutcome::NoAccount) };
        Ok(self.state.store.manage(Authority::User(actor), target, change).await?)
    }
}

/// The requesting account, and the name of the account that the request is about.
struct Call {
    actor: User,
    /// `None` if no account can have the name.
    target: Option<Username>,
}

/// Returns a parameter of the query, or an empty string.
fn query(req: &Request, name: &str) -> String {
    req.query(name).unwrap_or_default()
}

fn message_response(message: &str) -> JsonResponse {
    JsonResponse::ok(&json!({ "message": message }))
}

fn outcome_error(outcome: AccountOutcome) -> ApiError {
    match outcome {
        AccountOutcome::NoAccount => ApiError::bad_request("User does not exist"),
        AccountOutcome::Protected => ApiError::bad_request("Cannot update admin user"),
        AccountOutcome::Refused => ApiError::Unauthorized,
        AccountOutcome::Done
        | AccountOutcome::Enabled
        | AccountOutcome::Disabled
        | AccountOutcome::NoDocument
        | AccountOutcome::NoPosition
        | AccountOutcome::JoinRefused(_)
        | AccountOutcome::OverQuota(_) => ApiError::Unknown,
    }
}

/// Makes the key of the field `password`, which is plain text.
fn key_from_password(fields: &Fields<'_>) -> Result<Key, ApiError> {
    let password = fields.intact_string("password").unwrap_or_default();
    let blank = || ApiError::bad_request("Password cannot be empty or whitespace");
    if password.trim().is_empty() {
        return Err(blank());
    }
    Key::from_password(password.as_bytes()).map_err(|_| blank())
}

/// The accounts, ordered by name.
pub(super) struct UserRows {
    state: Arc<AppState>,
    /// The requesting account.
    reader: UserId,
    after: Option<Username>,
}

impl RowSource for UserRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let AppState { store, scan_limiter, .. } = &*self.state;
        let users = scan_limiter.slice(self.reader, || store.users_slice(self.after.as_ref(), SLICE.rows)).await?;
        users.iter().for_each(|user| rows.add(&UserJson::new(user)));
        self.after = users.into_iter().last().map(|user| user.name);
        Ok(self.after.is_some())
    }
}

/// The documents of an account, ordered by id.
pub(super) struct DocumentRows {
    state: Arc<AppState>,
    /// The requesting account.
    reader: UserId,
    owner: UserId,
    after: Option<Document>,
}

impl RowSource for DocumentRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let AppState { store, scan_limiter, .. } = &*self.state;
        let read = || store.documents_slice(self.owner, self.after.as_ref(), SLICE);
        let documents = scan_limiter.slice(self.reader, read).await?;
        for entry in &documents {
            let position = listed_position(&self.state, self.reader, self.owner, entry).await?;
            rows.add(&DocumentJson::new(&entry.document, &position));
        }
        self.after = documents.into_iter().last().map(|entry| entry.document);
        Ok(self.after.is_some())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserJson<'a> {
    id: u32,
    username: &'a str,
    is_administrator: bool,
    is_active: bool,
    document_count: u32,
}

impl<'a> UserJson<'a> {
    fn new(user: &'a User) -> Self {
        Self {
            id: user.id.get(),
            username: user.name.as_str(),
            is_administrator: user.administrator,
            is_active: user.active,
            document_count: user.documents,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentJson<'a> {
    document_hash: &'a str,
    progress: &'a str,
    percentage: f64,
    device: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    timestamp: String,
}

impl<'a> DocumentJson<'a> {
    fn new(document: &'a Document, position: &'a Progress) -> Self {
        let Progress { progress, percentage, device, device_id, timestamp } = position;
        Self {
            document_hash: document.as_str(),
            progress,
            percentage: *percentage,
            device,
            device_id: device_id.as_deref(),
            timestamp: format_timestamp(*timestamp),
        }
    }
}

/// Formats a time as kosync-dotnet does: RFC 3339 with milliseconds and offset. A time after the calendar's last is its last.
fn format_timestamp(seconds: u64) -> String {
    timestamp(seconds).strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string()
}
