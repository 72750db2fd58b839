//! `/users`: registration, login, changing the key, deletion.

use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use salvo::http::StatusCode;
use serde_json::json;

use super::auth::{Credentials, authenticate, login};
use super::error::ApiError;
use super::json::{self, Fields, JsonResponse};
use super::recorded;
use crate::http::client_ip::client_ip;
use crate::http::origin::is_foreign_page;
use crate::model::{ADMIN, Key, Username};
use crate::state::{AppState, Registered};
use crate::store::{AccountOutcome, UpdateOutcome};

/// Creates accounts, and changes or deletes the requesting one.
#[derive(Clone)]
pub struct UsersApi {
    pub(super) state: Arc<AppState>,
}

#[craft]
impl UsersApi {
    /// `POST /users/create`: 201 with the name [R1].
    ///
    /// # Errors
    /// 402 if the name is taken, also in another case (2002), registration is closed (2005) or too many accounts were created (3402) [R6].
    /// 403 (2003) if a field is missing, empty or not a string, or the name has a `:`. 403 (3403) for a page of another site.
    #[craft(handler)]
    pub(super) async fn register(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        if !self.state.registration_is_open()? {
            return Err(ApiError::RegistrationDisabled);
        }
        if is_foreign_page(req.headers(), &self.state.cors_origins) {
            return Err(ApiError::ForeignPage);
        }
        let fields = Fields::parse(&body)?;
        let name = fields.intact_string("username").ok_or(ApiError::Invalid(None))?;
        let name = Username::new(&name).map_err(ApiError::from_field)?;
        let key = new_key(&fields)?;
        // Clients cannot create the administrator's account, even where it does not exist yet.
        if name.as_str().eq_ignore_ascii_case(ADMIN) {
            return Err(ApiError::Taken);
        }
        match self.state.register(name, key, client_ip(req, &self.state.trusted_proxies)).await? {
            Registered::Created(user) => Ok(JsonResponse::new(StatusCode::CREATED, &json!({ "username": user.name }))),
            Registered::Taken => Err(ApiError::Taken),
            Registered::TooMany { retry_after } => Err(ApiError::TooManyRegistrations { retry_after }),
        }
    }

    /// `GET /users/auth`: 200 if the credentials are right, else 401 (2001).
    #[craft(handler)]
    pub(super) async fn login(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = login(&self.state, req).await?;
        recorded::login(&self.state, req, user.id);
        Ok(JsonResponse::ok(&json!({ "authorized": "OK" })))
    }

    /// `PUT /users/password`: 200 [U1].
    ///
    /// # Errors
    /// 403 (2003) if the new key is missing, empty or not a string. 401 (2001) if the old key is wrong, or another request changed
    /// it first.
    #[craft(handler)]
    pub(super) async fn change_password(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let key = new_key(&Fields::parse(&body)?)?;
        match self.state.change_key(user, key, client_ip(req, &self.state.trusted_proxies)).await? {
            UpdateOutcome::Applied => Ok(JsonResponse::ok(&json!({ "updated": true }))),
            UpdateOutcome::Stale => Err(ApiError::Unauthorized),
        }
    }

    /// `DELETE /users/me`: 200, and the account with everything that it owns is deleted [U2].
    ///
    /// # Errors
    /// 401 (2001) if there is no such account or the key is wrong, 403 (2003) for `admin`. 404 (2006) to a client that repeats, within
    /// an hour, the request that deleted the account.
    #[craft(handler)]
    pub(super) async fn delete_account(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let Credentials { name, key } = Credentials::from_headers(req.headers())?;
        // This tells strangers nothing: it takes the deleted account's key.
        if self.state.was_deleted(&name, &key)? {
            return Err(ApiError::NoAccount);
        }
        let user = authenticate(&self.state, req).await?;
        let exact_name = user.name.clone();
        match self.state.delete_own_account(user, name, key).await? {
            AccountOutcome::Done => Ok(JsonResponse::ok(&json!({ "deleted": true }))),
            AccountOutcome::Protected => Err(ApiError::Protected),
            // The same request was sent twice, and the other one was faster. The key was right.
            _ if self.state.store.find_user(&exact_name)?.is_none() => Err(ApiError::NoAccount),
            _ => Err(ApiError::Unauthorized),
        }
    }
}

fn new_key(fields: &Fields<'_>) -> Result<Key, ApiError> {
    let key = fields.intact_string("password").ok_or(ApiError::Invalid(None))?;
    Key::from_wire(key.as_bytes()).map_err(ApiError::from_field)
}
