//! `/syncs/progress`: pushing and pulling positions.

use std::net::IpAddr;
use std::sync::Arc;

use salvo::craft::craft;
use salvo::{Request, Response};
use serde::Serialize;
use serde_json::json;

use super::auth::{Credentials, authenticate_sync};
use super::error::ApiError;
use super::identifiers;
use super::json::{self, Fields, JsonResponse};
use super::recorded;
use crate::http::client_ip::client_ip;
use crate::http::middleware::LoggedPush;
use crate::log_throttle::{LOG_PERIOD, LogThrottle};
use crate::model::{Document, Identifier, LOGGED_NAME_MAX, Progress, User, shortened};
use crate::state::AppState;
use crate::store::{IdentifiedPosition, PushOutcome};

/// `progress_match` where the client shares no identifier with the device that wrote the position.
const NO_MATCH: &str = "none";

/// Takes and returns the positions of the requesting account.
#[derive(Clone)]
pub struct ProgressApi {
    state: Arc<AppState>,
    refusals: Arc<LogThrottle<Option<IpAddr>>>,
}

impl ProgressApi {
    pub(super) fn new(state: Arc<AppState>) -> Self {
        Self { state, refusals: Arc::new(LogThrottle::new(LOG_PERIOD)) }
    }

    /// Warns of a push that its client will not repeat, once per address and minute.
    fn log_refusal(&self, req: &Request, body: &str, error: &ApiError) {
        recorded::refused_push(&self.state, req, Some(body), error);
        let Some(reason) = error.refusal() else { return };
        let client = client_ip(req, &self.state.trusted_proxies);
        let Some(suppressed) = self.refusals.check(client) else { return };
        let user = Credentials::claimed_name(req.headers());
        let user = user.as_ref().map(|name| shortened(name.as_str(), LOGGED_NAME_MAX));
        let client = client.map(tracing::field::display);
        tracing::warn!(user, client, reason = &*reason, suppressed, "push refused");
    }
}

#[craft]
impl ProgressApi {
    /// `PUT /syncs/progress`: 200 with document and timestamp, once the position is on disk [P5] [P6]. With `identifiers`, also which of
    /// them means the document [I3].
    ///
    /// # Errors
    /// 403 (2004) without a document, 403 (2003) without a percentage, progress or device, or with invalid identifiers. 429, 503 and 507 are temporary:
    /// clients retry [A5].
    #[craft(handler)]
    pub(super) async fn push(&self, req: &mut Request, res: &mut Response) -> Result<JsonResponse, ApiError> {
        let body = json::read(req, self.state.client_timeout).await.map_err(ApiError::from);
        let body = body.inspect_err(|error| recorded::refused_push(&self.state, req, None, error))?;
        self.store_push(&body, req, res).await.inspect_err(|error| self.log_refusal(req, &body, error))
    }

    async fn store_push(&self, body: &str, req: &Request, res: &mut Response) -> Result<JsonResponse, ApiError> {
        let user = authenticate_sync(&self.state, req).await?;
        let fields = Fields::parse(body)?;
        let (document, progress) = parse_push(&fields)?;
        let identifiers = identifiers::of_push(&fields, &document)?;
        if tracing::enabled!(tracing::Level::DEBUG) {
            res.extensions.insert(LoggedPush { document: document.clone(), device: progress.device.clone() });
        }
        let (id, mut entry) = (user.id, recorded::push(&self.state, req, &document, &progress));
        let metadata = fields.metadata("metadata");
        let store = &self.state.store;
        let (outcome, document, matched) = match identifiers {
            None => (store.push(user, document.clone(), progress, metadata).await?, document, None),
            Some(identifiers) => {
                // Boxed, so that pushes without identifiers do not carry its kilobyte along.
                let pushed = Box::pin(store.push_identified(user, document, identifiers, progress, metadata)).await?;
                entry.set_document(&pushed.document);
                (pushed.outcome, pushed.document, Some(pushed.matched))
            }
        };
        match outcome {
            PushOutcome::Stored { timestamp, sequence, effect } => {
                entry.set_stored(timestamp, sequence, effect);
                self.state.request_log.record(id, entry);
                let r#match = matched.as_ref().map(Identifier::label);
                Ok(JsonResponse::ok(&PushJson { document: &document, r#match, timestamp }))
            }
            PushOutcome::Stale => Err(ApiError::Unauthorized),
            PushOutcome::OverQuota(exceeded) => Err(ApiError::OverQuota(exceeded)),
        }
    }

    /// `GET /syncs/progress/{document}`: 200 with the position, or with `{}` for an unknown document [G1] [G2]. With `ids`, also which of
    /// these means the document, and which the device named that wrote the position [I3].
    ///
    /// # Errors
    /// 403 (2003) with invalid `ids`.
    #[craft(handler)]
    pub(super) async fn pull(&self, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = authenticate_sync(&self.state, req).await?;
        self.read_position(&user, req).inspect_err(|error| recorded::refused_pull(&self.state, req, error))
    }
}

impl ProgressApi {
    fn read_position(&self, user: &User, req: &Request) -> Result<JsonResponse, ApiError> {
        let store = &self.state.store;
        let unknown = || JsonResponse::ok(&json!({}));
        // No client can have pushed an invalid id.
        let document = req.params().get("document").and_then(|id| Document::new(id).ok());
        let identifiers = identifiers::of_pull(req, document.as_ref())?;
        let Some(document) = document else {
            recorded::pull(&self.state, req, user.id, None, None);
            return Ok(unknown());
        };
        let Some(identifiers) = identifiers else {
            let position = store.progress(user.id, &document)?;
            recorded::pull(&self.state, req, user.id, Some(&document), position.as_ref());
            return Ok(position.map_or_else(unknown, |at| JsonResponse::ok(&PositionJson::new(&document, &at))));
        };
        let found = store.progress_identified(user.id, &identifiers)?;
        let (meant, position) = found.as_ref().map(|found| (&found.document, &found.progress)).unzip();
        recorded::pull(&self.state, req, user.id, meant.or(Some(&document)), position);
        Ok(found.map_or_else(unknown, |found| JsonResponse::ok(&MatchedJson::new(&found))))
    }
}

/// The response to a push: document and timestamp, and no other field [P5], unless it named identifiers [I3].
#[derive(Serialize)]
struct PushJson<'a> {
    document: &'a Document,
    /// Label of the identifier that means the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#match: Option<&'a str>,
    timestamp: u64,
}

/// The response to a pull: these fields and no other [G1].
#[derive(Serialize)]
struct PositionJson<'a> {
    document: &'a Document,
    percentage: f64,
    progress: &'a str,
    device: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    timestamp: u64,
}

impl<'a> PositionJson<'a> {
    fn new(document: &'a Document, position: &'a Progress) -> Self {
        let Progress { progress, percentage, device, device_id, timestamp } = position;
        let (percentage, timestamp) = (*percentage, *timestamp);
        Self { document, percentage, progress, device, device_id: device_id.as_deref(), timestamp }
    }
}

/// The response to a pull that names identifiers [I3].
#[derive(Serialize)]
struct MatchedJson<'a> {
    #[serde(flatten)]
    position: PositionJson<'a>,
    r#match: &'a str,
    progress_match: &'a str,
}

impl<'a> MatchedJson<'a> {
    fn new(found: &'a IdentifiedPosition) -> Self {
        let IdentifiedPosition { document, progress, matched, progress_matched, .. } = found;
        let progress_match = progress_matched.as_ref().map_or(NO_MATCH, Identifier::label);
        Self { position: PositionJson::new(document, progress), r#match: matched.label(), progress_match }
    }
}

/// Reads document and position from the fields of a push [P1] [P2]. One that says so knows only a percentage [C6].
fn parse_push(fields: &Fields<'_>) -> Result<(Document, Progress), ApiError> {
    let document = fields.string(Document::FIELD).ok_or(ApiError::NoDocument)?;
    let document = Document::from_owned(document).map_err(ApiError::from_field)?;
    let missing = || ApiError::Invalid(None);
    let percentage = fields.number("percentage").ok_or_else(missing)?;
    let is_percentage = fields.string("position_kind").as_deref() == Some("percentage");
    let progress = if is_percentage {
        fields.optional_text("progress").map(Option::unwrap_or_default)
    } else {
        fields.text("progress")
    };
    let progress = progress.ok_or_else(missing)?;
    let device = fields.text("device").ok_or_else(missing)?;
    let device_id = fields.optional_text("device_id").ok_or_else(missing)?;
    let progress = Progress::new(progress, percentage, device, device_id).map_err(ApiError::from_field)?;
    Ok((document, progress))
}
