//! Adds pushes, pulls and logins to the log of the account's requests.

use std::net::IpAddr;

use salvo::Request;
use salvo::http::header::USER_AGENT;

use super::auth::Credentials;
use super::error::ApiError;
use super::json::Fields;
use crate::http::client_ip::client_ip;
use crate::model::{Document, Progress, User, UserId, ValidationError};
use crate::request_log::entry::Refusal;
use crate::request_log::packed::{Kind, NewRequest, PackedEntry};
use crate::state::AppState;

/// Makes the entry of a push that is about to be stored.
pub(super) fn push(state: &AppState, req: &Request, document: &Document, progress: &Progress) -> PackedEntry {
    PackedEntry::new(NewRequest::push(address(state, req), agent(req), document, progress))
}

/// Records a question for a position, and the one that is sent. The document is `None` if no id can be that.
pub(super) fn pull(
    state: &AppState,
    req: &Request,
    user: UserId,
    document: Option<&Document>,
    sent: Option<&Progress>,
) {
    let request = NewRequest::pull(state.store.now(), address(state, req), agent(req), document, sent);
    state.request_log.record(user, PackedEntry::new(request));
}

/// Records a login whose credentials are right.
pub(super) fn login(state: &AppState, req: &Request, user: UserId) {
    record(state, req, user, None, None, Kind::Login);
}

/// Records a refused push. Its body is `None` where it did not arrive.
pub(super) fn refused_push(state: &AppState, req: &Request, body: Option<&str>, error: &ApiError) {
    let Some(user) = known_user(state, req) else { return };
    let fields = body.and_then(|body| Fields::parse(body).ok());
    let text = |name| fields.as_ref().and_then(|fields| fields.text(name));
    let (name, id) = (text("device"), text("device_id"));
    let document = text(Document::FIELD).and_then(|id| Document::new(&id).ok());
    let device = name.as_deref().map(|name| (name, id.as_deref()));
    let kind = Kind::PushRefused(refusal(error, fields.as_ref()));
    record(state, req, user.id, document.as_ref(), device, kind);
}

/// Records a pull that failed.
pub(super) fn refused_pull(state: &AppState, req: &Request, error: &ApiError) {
    let Some(user) = known_user(state, req) else { return };
    let document = req.params().get(Document::FIELD).and_then(|id| Document::new(id).ok());
    record(state, req, user.id, document.as_ref(), None, Kind::PullRefused(refusal(error, None)));
}

fn record(
    state: &AppState,
    req: &Request,
    user: UserId,
    document: Option<&Document>,
    device: Option<(&str, Option<&str>)>,
    kind: Kind,
) {
    let (time, address) = (state.store.now(), address(state, req));
    let request = NewRequest { time, address, agent: agent(req), document, device, kind };
    state.request_log.record(user, PackedEntry::new(request));
}

fn address(state: &AppState, req: &Request) -> Option<IpAddr> {
    client_ip(req, &state.trusted_proxies)
}

fn agent(req: &Request) -> &str {
    req.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

/// Returns the account whose credentials a request has, if they were verified before.
///
/// A refusal must not cost another Argon2 run, and a login that fails is recorded as such.
fn known_user(state: &AppState, req: &Request) -> Option<User> {
    let Credentials { name, key } = Credentials::from_headers(req.headers()).ok()?;
    let user = state.store.find_user(&name).ok().flatten()?;
    (user.active && state.is_known_key(&user, &key)).then_some(user)
}

fn refusal(error: &ApiError, fields: Option<&Fields<'_>>) -> Refusal {
    match error {
        ApiError::Invalid(Some(ValidationError::TooLong { field, .. })) => Refusal::LongField(field),
        ApiError::NoDocument => Refusal::Field(Document::FIELD),
        ApiError::Invalid(Some(ValidationError::List { field, .. })) => Refusal::Field(field),
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
