//! Around every route: panics become answers, failures get the protocol's form, requests are counted and logged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use salvo::catch_panic::CatchPanic;
use salvo::http::StatusCode;
use salvo::http::header::HeaderValue;
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Scribe, async_trait};

use super::api::auth::Credentials;
use super::api::error::ApiError;
use crate::metrics::{Metrics, RouteName};
use crate::model::{Document, Username};

/// ScanLimiter a panic into an answer, gives every failure the protocol's form, counts, and writes the log's line for each request.
pub(crate) struct RequestLayer {
    pub(crate) metrics: Option<Arc<Metrics>>,
}

#[async_trait]
impl Handler for RequestLayer {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let logs = tracing::enabled!(tracing::Level::DEBUG);
        let start = (logs || self.metrics.is_some()).then(Instant::now);
        CatchPanic::new().handle(req, depot, res, ctrl).await;
        let bare = res.body.is_none() || res.body.is_error();
        let failed = res.status_code.filter(|status| status.is_client_error() || status.is_server_error());
        if let Some(status) = failed.filter(|_| bare) {
            ApiError::from_status(status).render(res);
        }
        let Some(took) = start.map(|start| start.elapsed()) else { return };
        if let Some(metrics) = &self.metrics {
            let route = res.extensions.get::<RouteName>().map_or("none", |name| name.0);
            metrics.answered(route, res.status_code.map_or(0, |status| status.as_u16()), took);
        }
        if logs {
            log(req, res, took);
        }
    }
}

/// The path without its query, the name without its key: no secret is in either.
fn log(req: &Request, res: &Response, took: Duration) {
    let user = Credentials::of(req.headers()).map(|shown| shown.name);
    let position = res.extensions.get::<LoggedPush>();
    tracing::debug!(
        method = %req.method(),
        path = req.uri().path(),
        status = res.status_code.map(|status| status.as_u16()),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        user = user.as_ref().map(Username::as_str),
        document = position.map(|pushed| pushed.document.as_str()),
        device = position.map(|pushed| pushed.device.as_str()),
        "request"
    );
}

/// What a push tells the log.
#[derive(Clone)]
pub(crate) struct LoggedPush {
    pub(crate) document: Document,
    pub(crate) device: String,
}

/// Tells the guard which route it was.
pub(crate) struct RouteLabel {
    pub(crate) route: &'static str,
}

#[async_trait]
impl Handler for RouteLabel {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        res.extensions.insert(RouteName(self.route));
    }
}

pub(crate) struct OtherMethod {
    pub(crate) allow: HeaderValue,
}

#[async_trait]
impl Handler for OtherMethod {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        // A browser's question in advance, which was answered.
        if res.status_code == Some(StatusCode::NO_CONTENT) {
            return;
        }
        res.headers_mut().insert("allow", self.allow.clone());
        ApiError::MethodNotAllowed.render(res);
    }
}
