//! HTTP: the only place with routes and statuses.
//!
//! Imports point down. This module builds the services from `dashboard` (HTML), `dav` (WebDAV) and `api` (JSON); `dashboard` and `api`
//! do not import each other, and `dav` takes of `api` how credentials are read.
//! Below both are `activity` (requests of devices in words), `adapter` (requests of other frameworks), `answer` (bodies that count against a limit), `middleware` (layers around
//! the routes), `client_ip` (the address that a request comes from), `origin` (the page that it comes from), `query` (its numbers), `routing` (filters of routes)
//! and `body` (reading its body). `api` passes functions to the layers that need something of it.

mod activity;
pub(crate) mod adapter;
mod answer;
mod api;
mod body;
pub(crate) mod client_ip;
mod dashboard;
mod dav;
mod detach;
mod middleware;
mod origin;
mod query;
mod routing;

use std::sync::Arc;

use salvo::{Router, Service};

use self::dashboard::{Dashboard, LoginMode, NotFoundFallback, PeerFilter};
use self::detach::Detached;
use crate::config::TrustedProxy;
use crate::state::AppState;

/// Builds the service of all routes. Unknown paths are 404 in JSON, or, for a browser, as a page of the dashboard.
pub(crate) fn service(state: &Arc<AppState>, has_dashboard: bool) -> Service {
    let dashboard = has_dashboard.then(|| Dashboard::new(state.clone(), LoginMode::Password));
    let routes = api::routes(state);
    let routes = match &dashboard {
        Some(dashboard) => dashboard::root_routers().fold(routes.push(dashboard.router()), Router::push),
        None => routes,
    };
    let routes = if state.has_webdav { routes.push(dav::routes(state)) } else { routes };
    let service = Service::new(routes);
    let service = match api::cors_layer(state) {
        Some(cors) => service.hoop(cors),
        None => service,
    };
    let service = service.hoop(api::request_layer(state, true));
    match dashboard {
        Some(dashboard) => service.hoop(NotFoundFallback { dashboard }),
        None => service,
    }
}

/// Returns [`service`] for another program's server, which may drop a handler with its client.
pub(crate) fn embedded_service(state: &Arc<AppState>, has_dashboard: bool) -> Service {
    service(state, has_dashboard).hoop(Detached)
}

/// Returns the JSON routes with relative paths, to be mounted in any Salvo app.
pub(crate) fn api_router(state: &Arc<AppState>) -> Router {
    Router::new().hoop(Detached).push(api::router(state))
}

/// Returns the dashboard's pages with relative paths, to be mounted in any Salvo app.
pub(crate) fn dashboard_router(state: &Arc<AppState>) -> Router {
    Router::new().hoop(Detached).push(Dashboard::new(state.clone(), LoginMode::Password).router())
}

/// Returns the accounts' WebDAV folders with relative paths, to be mounted in any Salvo app.
pub(crate) fn webdav_router(state: &Arc<AppState>) -> Router {
    Router::new().hoop(Detached).hoop(api::request_layer(state, true)).push(dav::routes(state))
}

/// Builds the service of `GET /metrics` alone, for listeners of its own.
pub(crate) fn metrics_service(state: &Arc<AppState>) -> Service {
    Service::new(api::metrics_router(state)).hoop(api::request_layer(state, true))
}

/// Builds the service of the dashboard for Home Assistant's ingress. `peer` is the only client that it admits.
pub(crate) fn ingress_service(state: &Arc<AppState>, peer: TrustedProxy) -> Service {
    let dashboard = Dashboard::new(state.clone(), LoginMode::Ingress);
    // Home Assistant is a proxy that needs no setting: it is the only peer.
    let service = Service::new(dashboard.router()).hoop(api::request_layer(state, false)).hoop(PeerFilter(peer));
    service.hoop(NotFoundFallback { dashboard })
}

#[cfg(test)]
mod tests;
