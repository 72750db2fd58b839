//! Adds pushes, pulls and logins to the log of the account's requests.

use salvo::Request;
use salvo::http::header::USER_AGENT;

use super::auth::Credentials;
use super::error::ApiError;
use super::json::Fields;
use crate::http::client_ip::client_ip;
use crate::model::{Document, Progress, PushEffect, User, UserId, ValidationError};
use crate::request_log::entry::{ClientTrace, DeviceName, DeviceRequest, Entry, Refusal, Sent};
use crate::state::AppState;

/// A push that was stored.
pub(super) struct StoredPush {
    pub(super) user: UserId,
    pub(super) document: Document,
    pub(super) device: DeviceName,
    pub(super) percentage: f64,
}

impl StoredPush {
    pub(super) fn new(user: UserId, document: &Document, progress: &Progress) -> Self {
        let Progress { device, device_id, percentage, .. } = progress;
        let device = DeviceName::new(device, device_id.as_deref());
        Self { user, document: document.clone(), device, percentage: *percentage }
    }

    pub(super) fn record(self, state: &AppState, req: &Request, time: u64, sequence: u64, effect: PushEffect) {
        let Self { user, document, device, percentage } = self;
        let request = DeviceRequest::Push { device, percentage, effect, sequence };
        state.request_log.record(user, Entry::new(time, trace(state, req), Some(document), request));
    }
}

/// Records a question for a position, and the one that is sent.
pub(super) fn pull(state: &AppState, req: &Request, user: UserId, document: Document, sent: Option<&Progress>) {
    record(state, req, user, Some(document), DeviceRequest::Pull(sent.map(Sent::new)));
}

/// Records a login whose credentials are right.
pub(super) fn login(state: &AppState, req: &Request, user: UserId) {
    record(state, req, user, None, DeviceRequest::Login);
}

/// Records a refused push. Its body is `None` where it did not arrive.
pub(super) fn refused_push(state: &AppState, req: &Request, body: Option<&str>, error: &ApiError) {
    let Some(user) = known_user(state, req) else { return };
    let fields = body.and_then(|body| Fields::parse(body).ok());
    let text = |name| fields.as_ref().and_then(|fields| fields.text(name));
    let device = text("device").map(|name| DeviceName::new(&name, text("device_id").as_deref()));
    let document = text(Document::FIELD).and_then(|id| Document::new(&id).ok());
    let why = refusal(error, fields.as_ref());
    record(state, req, user.id, document, DeviceRequest::PushRefused { device, why });
}

/// Records a pull that failed.
pub(super) fn refused_pull(state: &AppState, req: &Request, error: &ApiError) {
    let Some(user) = known_user(state, req) else { return };
    let document = req.params().get(Document::FIELD).and_then(|id| Document::new(id).ok());
    record(state, req, user.id, document, DeviceRequest::PullRefused(refusal(error, None)));
}

fn record(state: &AppState, req: &Request, user: UserId, document: Option<Document>, request: DeviceRequest) {
    state.request_log.record(user, Entry::new(state.store.now(), trace(state, req), document, request));
}

fn trace(state: &AppState, req: &Request) -> ClientTrace {
    let agent = req.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    ClientTrace::new(client_ip(req, &state.trusted_proxies), agent)
}

/// Returns the account whose credentials a request has, if they were verified before.
///
/// A refusal must not cost another Argon2 run, and a login that fails is recorded as such.
fn known_user(state: &AppState, req: &Request) -> Option<User> {
    let Credentials { name, key } = Credentials::from_headers(req.headers()).ok()?;
    let user = state.store.find_user(&name).ok().flatten()?;
    (user.active && state.auth.is_verified(&user, &key)).then_some(user)
}

fn refusal(error: &ApiError, fields: Option<&Fields<'_>>) -> Refusal {
    match error {
        ApiError::Invalid(Some(ValidationError::TooLong { field, .. })) => Refusal::LongField(field),
        ApiError::NoDocument => Refusal::Field(Document::FIELD),
        ApiError::Invalid(_) => fields.and_then(invalid_field).map_or(Refusal::Invalid, Refusal::Field),
        ApiError::NotJson | ApiError::NotAnObject => Refusal::NotJson,
        ApiError::BodyTooLarge => Refusal::TooLarge,
        ApiError::BodyTimeout => Refusal::TooSlow,
        ApiError::Busy => Refusal::Busy,
        ApiError::NoSpace => Refusal::NoSpace,
        ApiError::DiskWrite => Refusal::DiskWrite,
        ApiError::DataDirReplaced => Refusal::DataDirReplaced,
        ApiError::OverQuota(exceeded) => Refusal::Quota(*exceeded),
        _ => Refusal::Failed,
    }
}

/// Returns the field for which a push was refused: the response does not name it [P2].
fn invalid_field(fields: &Fields<'_>) -> Option<&'static str> {
    let is_valid = [
        ("percentage", fields.number("percentage").is_some_and(f64::is_finite)),
        ("device", fields.text("device").is_some()),
        ("device_id", fields.optional_text("device_id").is_some()),
        ("progress", fields.text("progress").is_some()),
    ];
    is_valid.into_iter().find(|(_, is_valid)| !is_valid).map(|(name, _)| name)
}
