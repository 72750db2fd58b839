//! Credentials of a request: the two headers, or Basic authentication.

use std::borrow::Cow;
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use salvo::Request;
use salvo::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::error::ApiError;
use crate::auth::{LOGIN_DEADLINE, LoginOutcome, SYNC_DEADLINE};
use crate::http::client_ip::client_ip;
use crate::model::{Key, User, Username};
use crate::state::AppState;

pub(super) const X_AUTH_USER: HeaderName = HeaderName::from_static("x-auth-user");
pub(super) const X_AUTH_KEY: HeaderName = HeaderName::from_static("x-auth-key");

/// A username and a key, as a client sends them; neither is checked yet.
pub(super) struct Credentials {
    pub(super) name: Username,
    pub(super) key: Key,
}

impl Credentials {
    /// Reads the two headers, else Basic authentication, where some clients send the plain password.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] if a header is missing or no account can have the name or the key: the response is the same
    /// as to a wrong key [A4].
    pub(super) fn from_headers(headers: &HeaderMap) -> Result<Self, ApiError> {
        Self::parse(headers).ok_or(ApiError::Unauthorized)
    }

    /// Returns the username of the credentials, for the log.
    pub(super) fn claimed_name(headers: &HeaderMap) -> Option<Username> {
        Self::parse(headers).map(|credentials| credentials.name)
    }

    /// Returns the credentials of Basic authentication with the plain password, for WebDAV [W1].
    pub(super) fn of_plain_password(headers: &HeaderMap) -> Option<(Username, Key)> {
        let decoded = decode_basic(headers.get(AUTHORIZATION)?)?;
        let (name, password) = decoded.split_once(':')?;
        Some((Username::new(name).ok()?, Key::from_password(password.as_bytes()).ok()?))
    }

    fn parse(headers: &HeaderMap) -> Option<Self> {
        let text = |name: HeaderName| headers.get(name).map(|value| decode(value.as_bytes()));
        match text(X_AUTH_USER).zip(text(X_AUTH_KEY)) {
            Some((name, key)) => Self::new(&name, &key),
            None => {
                let decoded = decode_basic(headers.get(AUTHORIZATION)?)?;
                // A username has no colon, so the first one ends it.
                let (name, password) = decoded.split_once(':')?;
                Self::new(name, password)
            }
        }
    }

    fn new(name: &str, key: &str) -> Option<Self> {
        Some(Self { name: Username::new(name).ok()?, key: Key::from_wire(key.as_bytes()).ok()? })
    }
}

/// Decodes bytes as UTF-8, or else as Latin-1 [A6]. Browsers, Node and Python send header values in the latter.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().copied().map(char::from).collect::<String>().into(),
    }
}

/// Returns name and password of `Authorization: Basic`, with a colon between.
fn decode_basic(header: &HeaderValue) -> Option<String> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    Some(decode(&Base64::decode_vec(encoded.trim()).ok()?).into_owned())
}

/// Authenticates a request by the account's own password [A1] to [A4].
///
/// All routes that change something besides positions use it.
///
/// # Errors
/// [`ApiError::Unauthorized`] if they are wrong or the account is disabled; [`ApiError::DevicePassword`] for a device password; [`ApiError::TooManyFailures`]; [`ApiError::Busy`] if too
/// many logins wait.
pub(super) async fn authenticate(state: &AppState, req: &Request) -> Result<User, ApiError> {
    let user = login(state, req).await.map_err(without_reason)?;
    if user.device_password.is_some() { Err(ApiError::DevicePassword) } else { Ok(user) }
}

/// Like [`authenticate`], but takes device passwords, too: for routes that read the account's own data.
///
/// # Errors
/// Those of [`authenticate`], but for [`ApiError::DevicePassword`].
pub(super) async fn authenticate_reader(state: &AppState, req: &Request) -> Result<User, ApiError> {
    login(state, req).await.map_err(without_reason)
}

/// Like [`authenticate_reader`], within the shorter time that a push or a pull has.
///
/// # Errors
/// As [`authenticate_reader`].
pub(super) async fn authenticate_sync(state: &AppState, req: &Request) -> Result<User, ApiError> {
    login_within(SYNC_DEADLINE, state, req).await.map_err(without_reason)
}

fn without_reason(error: ApiError) -> ApiError {
    match error {
        ApiError::Inactive => ApiError::Unauthorized,
        other => other,
    }
}

/// Like [`authenticate_reader`], but tells a disabled account why, which only the login route may [M2].
///
/// # Errors
/// [`ApiError::Unauthorized`] if the credentials are wrong; [`ApiError::Inactive`] if they are right and the account is disabled;
/// [`ApiError::TooManyFailures`]; [`ApiError::Busy`] if too many logins wait.
pub(super) async fn login(state: &AppState, req: &Request) -> Result<User, ApiError> {
    login_within(LOGIN_DEADLINE, state, req).await
}

async fn login_within(deadline: Duration, state: &AppState, req: &Request) -> Result<User, ApiError> {
    let Credentials { name, key } = Credentials::from_headers(req.headers())?;
    match state.login_within(deadline, &name, key, client_ip(req, &state.trusted_proxies)).await? {
        LoginOutcome::Accepted(user) | LoginOutcome::AcceptedDevice(user) => Ok(user),
        LoginOutcome::Inactive => Err(ApiError::Inactive),
        LoginOutcome::Refused => Err(ApiError::Unauthorized),
        LoginOutcome::TooManyFailures { retry_after } => Err(ApiError::TooManyFailures { retry_after }),
    }
}
