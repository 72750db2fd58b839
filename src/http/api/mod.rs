//! The JSON API: the protocol, kosync-dotnet's management API, `/api/v1`, health and metrics.
//!
//! This file is the route table; each struct of handlers has a file. A handler parses, calls once and maps the result. `error` has
//! the status, code and message of every failure.
#![allow(
    unreachable_pub,
    reason = "`craft` demands that the handlers' structs are `pub`; the module is private all the same"
)]

mod auth;
mod cors;
mod device_passwords;
mod documents;
mod error;
mod health;
mod identifiers;
mod json;
mod list;
mod manage;
mod preferences;
mod progress;
mod pulled;
mod reading;
mod recorded;
mod route;
mod users;
mod v1;
mod v1_activity;
mod v1_fields;
mod v1_rows;

use std::sync::Arc;

use salvo::http::header::HeaderMap;
use salvo::{Handler, Router};

use self::auth::Credentials;
pub(super) use self::cors::layer as cors_layer;
use self::device_passwords::DevicePasswordsApi;
use self::documents::DocumentsApi;
use self::health::HealthApi;
use self::manage::ManagementApi;
use self::progress::ProgressApi;
use self::reading::ReadingApi;
use self::route::Route;
use self::users::UsersApi;
use self::v1::V1Api;
use self::v1_activity::ActivityApi;
use super::middleware::RequestLayer;
use crate::model::{Key, Username};
use crate::state::AppState;

/// Returns the routes with their layers and relative paths, for any Salvo app.
pub(crate) fn router(state: &Arc<AppState>) -> Router {
    let router = match cors_layer(state) {
        Some(cors) => routes(state).hoop(cors),
        None => routes(state),
    };
    router.hoop(request_layer(state, true))
}

/// Returns the routes without layers.
pub(super) fn routes(state: &Arc<AppState>) -> Router {
    let progress = ProgressApi::new(state.clone());
    let documents = DocumentsApi { state: state.clone() };
    let users = UsersApi { state: state.clone() };
    let health = HealthApi::new(state.clone());
    let management = ManagementApi { state: state.clone() };
    let reading = ReadingApi { state: state.clone() };
    let v1 = V1Api { state: state.clone() };
    let device_passwords = DevicePasswordsApi { state: state.clone() };
    let activity = ActivityApi { state: state.clone() };
    let routes = [
        Route::new("syncs/progress/{document}").get(progress.pull()),
        Route::new("syncs/progress").put(progress.push()),
        Route::new("syncs/documents").get(documents.list()),
        Route::new("users/auth").get(users.login()),
        Route::new("users/create").post(users.register()),
        Route::new("users/password").put(users.change_password()),
        Route::new("users/me").delete(users.delete_account()),
        Route::new("healthcheck").get(health.healthcheck()),
        Route::new("manage/users")
            .get(management.list_users())
            .post(management.create_user())
            .delete(management.delete_user()),
        Route::new("manage/users/documents").get(management.list_documents()).delete(management.delete_document()),
        Route::new("manage/users/active").put(management.toggle_active()),
        Route::new("manage/users/password").put(management.set_password()),
        Route::new("api/v1/account").get(v1.account()).patch(v1.change_account()),
        Route::new("api/v1/documents").get(v1.documents()),
        Route::new("api/v1/documents/{document}")
            .get(v1.document())
            .patch(v1.change_document())
            .delete(v1.delete_document()),
        Route::new("api/v1/documents/{document}/history").get(v1.history()),
        Route::new("api/v1/documents/{document}/put-back").post(v1.restore_position()),
        Route::new("api/v1/documents/{document}/start-over").post(v1.start_over()),
        Route::new("api/v1/documents/{document}/join").post(v1.join()),
        Route::new("api/v1/documents/{document}/part").post(v1.part()),
        Route::new("api/v1/suggestions").get(v1.suggestions()),
        Route::new("api/v1/devices").get(v1.devices()),
        Route::new("api/v1/devices/{id}").patch(v1.name_device()).delete(v1.forget_device()),
        Route::new("api/v1/highlights").get(reading.highlights()),
        Route::new("api/v1/statistics").get(v1.statistics()),
        Route::new("api/v1/device-passwords").get(device_passwords.list()).post(device_passwords.create()),
        Route::new("api/v1/device-passwords/{id}").delete(device_passwords.revoke()),
        Route::new("api/v1/activity").get(activity.activity()),
        Route::new("api/v1/openapi.json").get(v1.openapi()),
    ];
    let has_label = state.metrics.is_some();
    let router = routes.into_iter().fold(Router::new(), |router, route| router.push(route.into_router(has_label)));
    if state.has_metrics_route { router.push(metrics_router(state)) } else { router }
}

/// Returns `GET /metrics` alone, without layers.
pub(super) fn metrics_router(state: &Arc<AppState>) -> Router {
    let health = HealthApi::new(state.clone());
    Route::new("metrics").get(health.metrics()).into_router(state.metrics.is_some())
}

/// Returns name and key of Basic authentication with a plain password [W1].
pub(super) fn basic_credentials(headers: &HeaderMap) -> Option<(Username, Key)> {
    Credentials::of_plain_password(headers)
}

/// Returns the layer that goes around all routes, the dashboard's too. See [`RequestLayer`] for `warns_of_proxies`.
pub(super) fn request_layer(state: &Arc<AppState>, warns_of_proxies: bool) -> impl Handler + use<> {
    RequestLayer {
        state: state.clone(),
        warns_of_proxies,
        render_failure: error::render_failure,
        claimed_name: Credentials::claimed_name,
    }
}
