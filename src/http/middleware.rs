//! Layers around the routes: responses to panics and failures, counting, the log line of each request.
//!
//! `api` and `dashboard` are above this module, so what a layer needs from them is passed in.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use salvo::catch_panic::CatchPanic;
use salvo::http::StatusCode;
use salvo::http::header::{ALLOW, CACHE_CONTROL, HeaderMap, HeaderValue};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, async_trait};

use super::client_ip;
use crate::error::Error;
use crate::log_throttle::{LOG_PERIOD, LogThrottle};
use crate::model::{Document, LOGGED_NAME_MAX, Username, shortened};
use crate::state::AppState;

/// Longest path in the log, in characters.
const LOGGED_PATH_MAX: usize = 256;

/// Answers panics, gives failures a body, forbids caches, counts requests, and logs them at debug.
pub(super) struct RequestLayer {
    pub(super) state: Arc<AppState>,
    /// Whether an untrusted peer's forwarding headers are worth a line in the log.
    pub(super) warns_of_proxies: bool,
    /// Writes the body of a failure that has none.
    pub(super) render_failure: fn(StatusCode, &mut Response),
    /// Returns the username that the headers claim, for the log.
    pub(super) claimed_name: fn(&HeaderMap) -> Option<Username>,
}

#[async_trait]
impl Handler for RequestLayer {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let is_logged = tracing::enabled!(tracing::Level::DEBUG);
        let metrics = self.state.metrics.as_ref();
        let start = (is_logged || metrics.is_some()).then(Instant::now);
        if self.warns_of_proxies {
            client_ip::warn_of_untrusted_proxy(req, &self.state);
        }
        CatchPanic::new().handle(req, depot, res, ctrl).await;
        let is_bare = res.body.is_none() || res.body.is_error();
        let failed = res.status_code.filter(|status| status.is_client_error() || status.is_server_error());
        if let Some(status) = failed.filter(|_| is_bare) {
            (self.render_failure)(status, res);
        }
        // The account is in headers that shared caches do not look at [T8]. Assets of the dashboard say themselves that they may stay.
        res.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        let Some(duration) = start.map(|start| start.elapsed()) else { return };
        if let Some(metrics) = metrics {
            let route = res.extensions.get::<RouteLabel>().map_or("none", |label| label.0);
            metrics.record_request(route, res.status_code.map_or(0, |status| status.as_u16()), duration);
        }
        if is_logged {
            self.log(req, res, duration);
        }
    }
}

impl RequestLayer {
    /// Logs the path without its query and the username without its key: neither holds a secret.
    fn log(&self, req: &Request, res: &Response, duration: Duration) {
        let user = (self.claimed_name)(req.headers());
        let push = res.extensions.get::<LoggedPush>();
        tracing::debug!(
            method = %req.method(),
            path = shortened(req.uri().path(), LOGGED_PATH_MAX),
            status = res.status_code.map(|status| status.as_u16()),
            duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            user = user.as_ref().map(|user| shortened(user.as_str(), LOGGED_NAME_MAX)),
            document = push.map(|push| shortened(push.document.as_str(), LOGGED_NAME_MAX)),
            device = push.map(|push| shortened(&push.device, LOGGED_NAME_MAX)),
            "request"
        );
    }
}

/// Fields of a push for the log line. Its handler puts them into the response's extensions.
#[derive(Clone)]
pub(super) struct LoggedPush {
    pub(super) document: Document,
    pub(super) device: String,
}

/// The metrics' label `route`; as a layer it puts itself into the response's extensions.
#[derive(Clone, Copy)]
pub(super) struct RouteLabel(pub(super) &'static str);

#[async_trait]
impl Handler for RouteLabel {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        res.extensions.insert(*self);
    }
}

/// Answers 405 with `Allow`, for the methods that a route does not have. [`RequestLayer`] adds the body.
pub(super) struct MethodNotAllowed {
    pub(super) allow: HeaderValue,
}

#[async_trait]
impl Handler for MethodNotAllowed {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        // The CORS layer has answered a preflight.
        if res.status_code == Some(StatusCode::NO_CONTENT) {
            return;
        }
        res.status_code(StatusCode::METHOD_NOT_ALLOWED);
        res.headers_mut().insert(ALLOW, self.allow.clone());
    }
}

/// Logs an error that a request met, once a minute for each error.
pub(super) fn log_failed_request(error: &Error) {
    static THROTTLE: LazyLock<LogThrottle<String>> = LazyLock::new(|| LogThrottle::new(LOG_PERIOD));
    if let Some(suppressed) = THROTTLE.check(error.to_string()) {
        tracing::error!(%error, suppressed, "request failed; repeats suppressed for 60 s");
    }
}
