//! The protocol over HTTP: the only place with routes and statuses.
//!
//! A handler parses, calls once, and maps the result. What it refuses with is a [`ApiError`], and the table in `refusal` says
//! how that looks on the wire.

pub(crate) mod auth;
mod cors;
pub(crate) mod error;
mod json;
mod manage;
pub(crate) mod progress;
mod users;
mod v1;

use std::sync::Arc;

use salvo::craft::craft;
use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::{Handler, Request, Response, Router, Scribe, Service};
use serde::Serialize;

use self::auth::Credentials;
use self::error::ApiError;
use crate::auth::LoginOutcome;
use crate::http::middleware::{OtherMethod, RequestLayer, RouteLabel};
use crate::model::User;
use crate::state::AppState;

#[craft]
impl AppState {
    /// The protocol's routes, with relative paths.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let router = match cors::handler(&self.cors_origins) {
            Some(cors) => self.routes().hoop(cors),
            None => self.routes(),
        };
        router.hoop(self.guard())
    }

    /// `GET /metrics` alone, for listeners of its own.
    pub(crate) fn metrics_service(self: &Arc<Self>) -> Service {
        Service::new(self.metrics_router()).hoop(self.guard())
    }

    /// A route that is read with GET, and so with HEAD.
    fn readable<H: Handler>(&self, path: &'static str, goal: impl Fn() -> H) -> Router {
        self.only(path, "GET, HEAD", Router::new().get(goal()).head(goal()))
    }

    /// Puts a route at its path, and answers what its methods leave over. Mounted in another app, nobody else would do that in
    /// the protocol's shape.
    fn only(&self, path: &'static str, methods: &'static str, route: Router) -> Router {
        let others = Router::new().goal(OtherMethod { allow: HeaderValue::from_static(methods) });
        let router = Router::with_path(path).push(route).push(others);
        // Where nobody counts, nobody asks which route it was.
        if self.metrics.is_some() { router.hoop(RouteLabel { route: path }) } else { router }
    }

    pub(crate) fn guard(&self) -> impl Handler + use<> {
        RequestLayer { metrics: self.metrics.clone() }
    }

    /// Routes as a whole server: what is none of them is answered in the protocol's shape as well.
    pub(crate) fn service(&self, routes: Router) -> Service {
        let service = Service::new(routes);
        let service = match cors::handler(&self.cors_origins) {
            Some(cors) => service.hoop(cors),
            None => service,
        };
        service.hoop(self.guard())
    }

    /// The routes without what stands around them.
    pub(crate) fn routes(self: &Arc<Self>) -> Router {
        let routes = Router::new()
            .push(self.readable("syncs/progress/{document}", || self.pull()))
            .push(self.only("syncs/progress", "PUT", Router::new().put(self.push())))
            .push(self.readable("users/auth", || self.authorize()))
            .push(self.only("users/create", "POST", Router::new().post(self.register())))
            .push(self.only("users/password", "PUT", Router::new().put(self.change_password())))
            .push(self.only("users/me", "DELETE", Router::new().delete(self.delete_account())))
            .push(self.readable("healthcheck", || self.healthcheck()))
            .push(self.management())
            .push(self.json_api());
        if self.metrics_route { routes.push(self.metrics_router()) } else { routes }
    }

    fn metrics_router(self: &Arc<Self>) -> Router {
        self.readable("metrics", || self.tell_metrics())
    }

    fn management(self: &Arc<Self>) -> Router {
        let users = Router::new().get(self.list_users()).head(self.list_users());
        let users = users.post(self.add_user()).delete(self.remove_user());
        let documents = Router::new().get(self.list_documents()).head(self.list_documents());
        let documents = documents.delete(self.remove_document());
        Router::new()
            .push(self.only("manage/users", "DELETE, GET, HEAD, POST", users))
            .push(self.only("manage/users/documents", "DELETE, GET, HEAD", documents))
            .push(self.only("manage/users/active", "PUT", Router::new().put(self.toggle_active())))
            .push(self.only("manage/users/password", "PUT", Router::new().put(self.set_password())))
    }

    /// `GET /metrics`: 200 and Prometheus's text format.
    #[craft(handler)]
    async fn tell_metrics(self: &Arc<Self>, res: &mut Response) -> Result<(), ApiError> {
        let metrics = self.metrics.as_ref().ok_or(ApiError::NoSuchPath)?;
        let text = metrics.text(&self.store)?;
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
        res.body(text);
        Ok(())
    }

    /// `GET /healthcheck`: 200 if the server answers and the store can be read and is where it was, else 502 (2000) or 503 (3503).
    #[craft(handler)]
    async fn healthcheck(self: &Arc<Self>) -> Result<JsonResponse, ApiError> {
        self.store.health()?;
        Ok(JsonResponse::ok(&serde_json::json!({ "state": "OK" })))
    }

    /// The account of a request, if its credentials are right (rules A1 to A4).
    async fn user(&self, req: &Request) -> Result<User, ApiError> {
        self.authenticate(req).await.map_err(|refusal| match refusal {
            // Only a login says so (rule M2).
            ApiError::Inactive => ApiError::Unauthorized,
            other => other,
        })
    }

    /// What a request shows. What cannot be anybody's is refused like a wrong key.
    fn credentials(&self, req: &Request) -> Result<Credentials, ApiError> {
        Credentials::of(req.headers()).ok_or(ApiError::Unauthorized)
    }

    async fn authenticate(&self, req: &Request) -> Result<User, ApiError> {
        let Credentials { name, key } = self.credentials(req)?;
        match self.login(&name, key, self.client(req)).await? {
            LoginOutcome::Accepted(user) => Ok(user),
            LoginOutcome::Inactive => Err(ApiError::Inactive),
            LoginOutcome::Refused => Err(ApiError::Unauthorized),
            LoginOutcome::TooMany { retry_after } => Err(ApiError::TooManyFailures { retry_after }),
        }
    }
}

/// A success in the protocol's form.
struct JsonResponse {
    status: StatusCode,
    body: Vec<u8>,
}

impl JsonResponse {
    fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    fn of_json(body: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, body }
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Self {
        #[allow(clippy::expect_used)]
        let body = serde_json::to_vec(body).expect("our own answers have string keys and no failing types");
        Self { status, body }
    }
}

impl Scribe for JsonResponse {
    /// Writes the type and the length that every answer has (rule T4), also where HEAD takes the body away.
    fn render(self, res: &mut Response) {
        res.status_code(self.status);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        res.body(self.body);
    }
}

#[cfg(test)]
mod tests;
