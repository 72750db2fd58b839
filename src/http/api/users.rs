//! `/users`: registration, login, a new password, deletion.

use salvo::Request;
use salvo::craft::craft;
use salvo::http::StatusCode;
use serde_json::json;

use super::JsonResponse;
use super::error::ApiError;
use super::json::Fields;
use crate::http::body;
use crate::model::{ADMIN, Key, Username};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, CreateOutcome, UpdateOutcome};

#[craft]
impl AppState {
    /// `POST /users/create`: 201 and the name. 402 if it is taken (2002) or registration is off (2005), 403 (2003) if a field
    /// is missing, empty or not a string, or the name has a `:`.
    #[craft(handler)]
    pub(super) async fn register(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let sent = body::read(req, self.client_timeout).await?;
        if !self.registration_is_open()? {
            return Err(ApiError::RegistrationDisabled);
        }
        let fields = Fields::parse(&sent)?;
        let name = fields.string("username").ok_or(ApiError::Invalid(None))?;
        let name = Username::new(&name).map_err(ApiError::from_field)?;
        let key = new_key(&fields)?;
        // No client makes the administrator's account, even where it is not there yet.
        if name.as_str() == ADMIN || self.store.find_user(&name)?.is_some() {
            return Err(ApiError::Taken);
        }
        match self.store.create_user(name, self.auth.hash(key).await?).await? {
            CreateOutcome::Created(user) => {
                Ok(JsonResponse::new(StatusCode::CREATED, &json!({ "username": user.name })))
            }
            CreateOutcome::Taken => Err(ApiError::Taken),
        }
    }

    /// `GET /users/auth`: 200 if the credentials are right, else 401 (2001).
    #[craft(handler)]
    pub(super) async fn authorize(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        self.authenticate(req).await?;
        Ok(JsonResponse::ok(&json!({ "authorized": "OK" })))
    }

    /// `PUT /users/password`: 200. 403 (2003) if the new one is missing, empty or not a string. 401 (2001) also if the old
    /// one was changed in the meantime.
    #[craft(handler)]
    pub(super) async fn change_password(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<JsonResponse, ApiError> {
        let sent = body::read(req, self.client_timeout).await?;
        let user = self.user(req).await?;
        let key = new_key(&Fields::parse(&sent)?)?;
        match self.store.set_key(user, self.auth.hash(key).await?).await? {
            UpdateOutcome::Applied => Ok(JsonResponse::ok(&json!({ "updated": true }))),
            UpdateOutcome::Stale => Err(ApiError::Unauthorized),
        }
    }

    /// `DELETE /users/me`: 200. 404 (2006) if there is no such account, 401 (2001) if the key is wrong, 403 (2003) for `admin`.
    #[craft(handler)]
    pub(super) async fn delete_account(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<JsonResponse, ApiError> {
        let name = self.credentials(req)?.name;
        let user = match self.authenticate(req).await {
            Ok(user) => user,
            // A client that lost the answer to its deletion asks again, and learns that it is done (rule U2).
            Err(ApiError::Unauthorized) if self.store.find_user(&name)?.is_none() => {
                return Err(ApiError::NoAccount);
            }
            Err(ApiError::Inactive) => return Err(ApiError::Unauthorized),
            Err(other) => return Err(other),
        };
        let (id, name) = (user.id, user.name.clone());
        match self.store.manage(Authority::User(user), name.clone(), Change::Delete).await? {
            AccountOutcome::Done => {
                self.auth.evict(id);
                Ok(JsonResponse::ok(&json!({ "deleted": true })))
            }
            AccountOutcome::Protected => Err(ApiError::Protected),
            // The same request, sent twice: the other one was first.
            _ if self.store.find_user(&name)?.is_none() => Err(ApiError::NoAccount),
            _ => Err(ApiError::Unauthorized),
        }
    }
}

fn new_key(fields: &Fields<'_>) -> Result<Key, ApiError> {
    let sent = fields.string("password").ok_or(ApiError::Invalid(None))?;
    Key::from_wire(sent.as_bytes()).map_err(ApiError::from_field)
}
