//! `/api/v1/device-passwords`: the passwords of single devices, for the account's own password alone.

use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use salvo::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::auth::authenticate;
use super::error::ApiError;
use super::json::{self, Fields, JsonResponse};
use crate::model::DevicePasswordName;
use crate::state::{AppState, NewDevicePassword};
use crate::store::{Authority, DevicePasswordEntry, RevokeOutcome};

/// Lists, creates and revokes the device passwords of the requesting account.
#[derive(Clone)]
pub struct DevicePasswordsApi {
    pub(super) state: Arc<AppState>,
}

#[craft]
impl DevicePasswordsApi {
    /// `GET /api/v1/device-passwords`: 200 with all of them, oldest first. The passwords themselves cannot be read.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let passwords = self.state.store.device_passwords(user.id)?;
        let rows: Vec<_> = passwords.iter().map(DevicePasswordJson::new).collect();
        Ok(JsonResponse::ok(&json!({ "device_passwords": rows })))
    }

    /// `POST /api/v1/device-passwords` with `name`: 201 with the password, which no later response has.
    ///
    /// # Errors
    /// 400 (3400) if `name` is missing or not a string, 403 (2003) if it is invalid, 403 (3403) if the account has 100.
    #[craft(handler)]
    pub(super) async fn create(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await?;
        let user = authenticate(&self.state, req).await?;
        let name = Fields::parse(&body)?.string("name").ok_or(ApiError::BadParameter("'name' must be a string."))?;
        let name = DevicePasswordName::new(&name).map_err(|invalid| ApiError::Invalid(Some(invalid)))?;
        match self.state.create_device_password(user, name.clone()).await? {
            NewDevicePassword::Created { id, password } => {
                let created = json!({ "id": id, "name": name, "password": password.reveal() });
                Ok(JsonResponse::new(StatusCode::CREATED, &created))
            }
            NewDevicePassword::TooMany => Err(ApiError::TooManyDevicePasswords),
            NewDevicePassword::Stale => Err(ApiError::Unauthorized),
        }
    }

    /// `DELETE /api/v1/device-passwords/{id}`: 200, and the next request with the password is refused.
    ///
    /// # Errors
    /// 404 (3404) if the account has no such device password.
    #[craft(handler)]
    pub(super) async fn revoke(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate(&self.state, req).await?;
        let id = req.params().get("id").and_then(|id| id.parse().ok()).ok_or(ApiError::NoSuchDevicePassword)?;
        match self.state.store.revoke_device_password(Authority::User(user.clone()), user, id).await? {
            RevokeOutcome::Revoked => Ok(JsonResponse::ok(&json!({ "deleted": true }))),
            RevokeOutcome::NotFound => Err(ApiError::NoSuchDevicePassword),
            RevokeOutcome::Stale => Err(ApiError::Unauthorized),
        }
    }
}

#[derive(Serialize)]
struct DevicePasswordJson<'a> {
    id: u32,
    name: &'a str,
    /// The day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
}

impl<'a> DevicePasswordJson<'a> {
    fn new(entry: &'a DevicePasswordEntry) -> Self {
        Self {
            id: entry.id,
            name: &entry.name,
            last_used: entry.last_used.map(|day| day.to_string()),
            network: entry.network.map(|network| network.to_string()),
        }
    }
}
