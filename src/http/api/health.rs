//! `/healthcheck` and `/metrics`: the server about itself.

use std::sync::Arc;

use salvo::craft::craft;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::{Request, Response};
use serde_json::json;

use super::error::ApiError;
use super::json::JsonResponse;
use crate::library::TotalsCounter;
use crate::state::AppState;

/// The content type of Prometheus's text format.
const PROMETHEUS_TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Reports health and metrics.
#[derive(Clone)]
pub struct HealthApi {
    state: Arc<AppState>,
    totals: Arc<TotalsCounter>,
}

impl HealthApi {
    pub(super) fn new(state: Arc<AppState>) -> Self {
        Self { state, totals: Arc::default() }
    }
}

#[craft]
impl HealthApi {
    /// `GET /healthcheck`: 200 if the store can be read and its files are still in place.
    ///
    /// # Errors
    /// 503 (3503) if the data directory was deleted or replaced, or the store is busy or closed; else 502 (2000).
    #[craft(handler)]
    pub(super) async fn healthcheck(&self) -> Result<JsonResponse, ApiError> {
        self.state.store.health()?;
        Ok(JsonResponse::ok(&json!({ "state": "OK" })))
    }

    /// `GET /metrics`: 200 with Prometheus's text format.
    ///
    /// # Errors
    /// 404 for any other spelling of the path, such as `//metrics`: a proxy's rule that denies `/metrics` lets it pass.
    #[craft(handler)]
    pub(super) async fn metrics(&self, req: &mut Request, res: &mut Response) -> Result<(), ApiError> {
        let path = req.uri().path();
        if !path.ends_with("/metrics") || path.contains("//") || path.contains('%') {
            return Err(ApiError::NoSuchPath);
        }
        let metrics = self.state.metrics.as_ref().ok_or(ApiError::NoSuchPath)?;
        let AppState { store, scan_limiter, .. } = &*self.state;
        let totals = self.totals.count(store, scan_limiter).await?;
        let text = metrics.text(store, totals.accounts, totals.documents)?;
        res.headers_mut().insert(CONTENT_TYPE, PROMETHEUS_TEXT);
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
        res.body(text);
        Ok(())
    }
}
