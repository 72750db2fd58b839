//! HTTP: the only place with routes and statuses.

pub(crate) mod adapter;
pub(crate) mod api;
pub(crate) mod body;
pub(crate) mod client_ip;
pub(crate) mod dashboard;
pub(crate) mod middleware;

use std::sync::Arc;

use salvo::{Router, Service};

use self::dashboard::{Dashboard, LoginMode, NotFoundFallback};
use crate::http::client_ip::TrustedProxy;
use crate::state::AppState;

pub(crate) fn router(state: &Arc<AppState>) -> Router {
    state.router()
}

pub(crate) fn dashboard_router(state: &Arc<AppState>) -> Router {
    Dashboard::new(state.clone(), LoginMode::Password).router()
}

pub(crate) fn service(state: &Arc<AppState>, has_dashboard: bool) -> Service {
    if !has_dashboard {
        return state.service(state.routes());
    }
    let dashboard = Dashboard::new(state.clone(), LoginMode::Password);
    state.service(state.routes().push(dashboard.router())).hoop(NotFoundFallback { dashboard })
}

pub(crate) fn metrics_service(state: &Arc<AppState>) -> Service {
    state.metrics_service()
}

pub(crate) fn ingress_service(state: &Arc<AppState>, peer: TrustedProxy) -> Service {
    dashboard::ingress_service(state, peer)
}
