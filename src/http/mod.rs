//! HTTP: the only place with routes and statuses.
//!
//! Imports point down. This module builds the services from `dashboard` (HTML) and `api` (JSON), which do not import each other.
//! Below both are `adapter` (requests of other frameworks), `answer` (bodies that count against a limit), `middleware` (layers around the routes), `body` (reading a request's body) and `client_ip` (the address that a
//! request comes from). `api` passes functions to the layers that need something of it.

pub(crate) mod adapter;
mod answer;
mod api;
mod body;
mod client_ip;
mod dashboard;
mod middleware;

use std::sync::Arc;

use salvo::{Router, Service};

pub(crate) use self::api::router as api_router;
use self::dashboard::{Dashboard, LoginMode, NotFoundFallback, PeerFilter};
use crate::config::TrustedProxy;
use crate::state::AppState;

/// Builds the service of all routes. Unknown paths are 404 in JSON, or, for a browser, as a page of the dashboard.
pub(crate) fn service(state: &Arc<AppState>, has_dashboard: bool) -> Service {
    let dashboard = has_dashboard.then(|| Dashboard::new(state.clone(), LoginMode::Password));
    let routes = api::routes(state);
    let routes = match &dashboard {
        Some(dashboard) => routes.push(dashboard.router()),
        None => routes,
    };
    let service = Service::new(routes);
    let service = match api::cors_layer(state) {
        Some(cors) => service.hoop(cors),
        None => service,
    };
    let service = service.hoop(api::request_layer(state));
    match dashboard {
        Some(dashboard) => service.hoop(NotFoundFallback { dashboard }),
        None => service,
    }
}

/// Returns the dashboard's pages with relative paths, to be mounted in any Salvo app.
pub(crate) fn dashboard_router(state: &Arc<AppState>) -> Router {
    Dashboard::new(state.clone(), LoginMode::Password).router()
}

/// Builds the service of `GET /metrics` alone, for listeners of its own.
pub(crate) fn metrics_service(state: &Arc<AppState>) -> Service {
    Service::new(api::metrics_router(state)).hoop(api::request_layer(state))
}

/// Builds the service of the dashboard for Home Assistant's ingress; `peer` is the only client it admits.
pub(crate) fn ingress_service(state: &Arc<AppState>, peer: TrustedProxy) -> Service {
    let dashboard = Dashboard::new(state.clone(), LoginMode::Ingress);
    let service = Service::new(dashboard.router()).hoop(api::request_layer(state)).hoop(PeerFilter(peer));
    service.hoop(NotFoundFallback { dashboard })
}

#[cfg(test)]
mod tests;
