//! `/manage/users`: what an administrator does with accounts, and a user with their own. kosync-dotnet's API.
//!
//! Passwords here are plain ones. Answers and failures are a `message`, as kosync-dotnet words them.

use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use serde::Serialize;
use serde_json::json;

use super::JsonResponse;
use super::error::ApiError;
use super::json::Fields;
use crate::error::Error;
use crate::http::body;
use crate::model::{Document, Key, Progress, User, Username, timestamp};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, CreateOutcome, DocumentEntry};

/// Whoever asks, and the account that they name: `None` for a name that nobody can have.
type Asked = (User, Option<Username>);

#[craft]
impl AppState {
    /// `GET /manage/users`: 200 and a list of all accounts. For administrators.
    #[craft(handler)]
    pub(super) async fn list_users(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        self.administrator(req).await?;
        let users = self.store.users()?;
        Ok(JsonResponse::ok(&users.iter().map(UserJson::new).collect::<Vec<_>>()))
    }

    /// `POST /manage/users`: 200. 400 if the name is taken or cannot be one, or the password is blank. For administrators, also
    /// where registration is closed.
    #[craft(handler)]
    pub(super) async fn add_user(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let sent = body::read(req, self.client_timeout).await?;
        self.administrator(req).await?;
        let fields = Fields::parse(&sent)?;
        let name = Username::new(&fields.string("username").unwrap_or_default());
        let name = name.map_err(|invalid| ApiError::bad_request(format!("Invalid request: {invalid}.")))?;
        let key = self.auth.hash(plain_password(&fields)?).await?;
        match self.store.create_user(name, key).await? {
            CreateOutcome::Created(_) => Ok(message_response("User created successfully")),
            CreateOutcome::Taken => Err(ApiError::bad_request("User already exists")),
        }
    }

    /// `DELETE /manage/users?username=U`: 200. 404 if there is no such account, 400 for `admin`. For administrators, and for
    /// one's own.
    #[craft(handler)]
    pub(super) async fn remove_user(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        match self.manage(self.of_their_own(req).await?, Change::Delete).await? {
            AccountOutcome::Done => Ok(message_response("Success")),
            AccountOutcome::NoAccount => Err(ApiError::not_found("User does not exist")),
            AccountOutcome::Protected => Err(ApiError::bad_request("Cannot delete admin user")),
            other => Err(outcome_error(other)),
        }
    }

    /// `GET /manage/users/documents?username=U`: 200 and a list of positions. 400 if there is no such account. For
    /// administrators, and for one's own.
    #[craft(handler)]
    pub(super) async fn list_documents(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let (asker, target) = self.of_their_own(req).await?;
        let user = target.map(|target| self.store.user(&target)).transpose()?.flatten();
        let user = user.ok_or_else(|| outcome_error(AccountOutcome::NoAccount))?;
        let mut list = b"[".to_vec();
        let add = |entry: DocumentEntry| {
            if list.len() > 1 {
                list.push(b',');
            }
            let written = serde_json::to_writer(&mut list, &DocumentJson::new(&entry));
            written.map(|()| 0).map_err(|error| Error::Store(Arc::new(error)))
        };
        self.each_document(asker.id, user.id, add).await?;
        list.push(b']');
        Ok(JsonResponse::of_json(list))
    }

    /// `DELETE /manage/users/documents?username=U&documentHash=H`: 200. 404 if there is no such position. For administrators,
    /// and for one's own.
    #[craft(handler)]
    pub(super) async fn remove_document(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let asked = self.of_their_own(req).await?;
        let (user, hash) = (parameter(req, "username"), parameter(req, "documentHash"));
        let missing = || ApiError::not_found(format!("Document hash [{hash}] was not found for user [{user}]."));
        let document = Document::new(&hash).map_err(|_| missing())?;
        match self.manage(asked, Change::DeleteDocument(document)).await? {
            AccountOutcome::Done => Ok(message_response("Success")),
            AccountOutcome::NoAccount | AccountOutcome::NoDocument => Err(missing()),
            other => Err(outcome_error(other)),
        }
    }

    /// `PUT /manage/users/active?username=U`: 200, and the account is switched on or off. 400 for `admin`, and if there is no
    /// such account. For administrators.
    #[craft(handler)]
    pub(super) async fn toggle_active(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let asked = (self.administrator(req).await?, target(req));
        match self.manage(asked, Change::SetActive(None)).await? {
            AccountOutcome::Enabled => Ok(message_response("User marked as active")),
            AccountOutcome::Disabled => Ok(message_response("User marked as inactive")),
            other => Err(outcome_error(other)),
        }
    }

    /// `PUT /manage/users/password?username=U`: 200. 400 if the password is blank, for `admin`, and if there is no such
    /// account. For administrators.
    #[craft(handler)]
    pub(super) async fn set_password(self: &Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let sent = body::read(req, self.client_timeout).await?;
        let asked = (self.administrator(req).await?, target(req));
        let key = plain_password(&Fields::parse(&sent)?)?;
        match self.manage(asked, Change::SetKey(self.auth.hash(key).await?)).await? {
            AccountOutcome::Done => Ok(message_response("Password changed successfully")),
            other => Err(outcome_error(other)),
        }
    }

    /// Rule M1: anybody else is unauthorized.
    async fn administrator(&self, req: &Request) -> Result<User, ApiError> {
        let user = self.user(req).await?;
        if user.administrator { Ok(user) } else { Err(ApiError::Unauthorized) }
    }

    /// For what users may do with their own account, and administrators with any.
    async fn of_their_own(&self, req: &Request) -> Result<Asked, ApiError> {
        let user = self.user(req).await?;
        let target = target(req);
        if user.administrator || target.as_ref() == Some(&user.name) {
            Ok((user, target))
        } else {
            Err(ApiError::Unauthorized)
        }
    }

    async fn manage(&self, (actor, target): Asked, change: Change) -> Result<AccountOutcome, ApiError> {
        let Some(target) = target else { return Ok(AccountOutcome::NoAccount) };
        Ok(self.store.manage(Authority::User(actor), target, change).await?)
    }
}

fn parameter(req: &Request, name: &str) -> String {
    req.query(name).unwrap_or_default()
}

fn target(req: &Request) -> Option<Username> {
    Username::new(&parameter(req, "username")).ok()
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
        | AccountOutcome::NoPosition => ApiError::Unknown,
    }
}

/// A plain password, of which the key is made here.
fn plain_password(fields: &Fields<'_>) -> Result<Key, ApiError> {
    let password = fields.string("password").unwrap_or_default();
    let blank = || ApiError::bad_request("Password cannot be empty or whitespace");
    if password.trim().is_empty() {
        return Err(blank());
    }
    Key::from_password(password.as_bytes()).map_err(|_| blank())
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
    fn new(entry: &'a DocumentEntry) -> Self {
        let Progress { progress, percentage, device, device_id, timestamp } = &entry.progress;
        Self {
            document_hash: entry.document.as_str(),
            progress,
            percentage: *percentage,
            device,
            device_id: device_id.as_deref(),
            timestamp: rfc_3339(*timestamp),
        }
    }
}

/// With milliseconds and offset, as kosync-dotnet writes it. A time beyond the calendar's end is its end.
fn rfc_3339(seconds: u64) -> String {
    timestamp(seconds).strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string()
}
