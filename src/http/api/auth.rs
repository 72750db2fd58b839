//! What a request shows to be let in: two headers, or Basic authentication.

use base64ct::{Base64, Encoding as _};
use salvo::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::model::{Key, Username};

pub(crate) const USER: HeaderName = HeaderName::from_static("x-auth-user");
pub(crate) const KEY: HeaderName = HeaderName::from_static("x-auth-key");

/// What a client shows to be let in.
pub(crate) struct Credentials {
    pub(crate) name: Username,
    pub(crate) key: Key,
}

impl Credentials {
    /// Those of the two headers, else those of Basic authentication, where some clients send the plain password.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let sent = |name: HeaderName| headers.get(name).map(|value| value.as_bytes().to_vec());
        let (name, key) = sent(USER).zip(sent(KEY)).or_else(|| basic(headers.get(AUTHORIZATION)?))?;
        let name = Username::new(std::str::from_utf8(&name).ok()?).ok()?;
        Some(Self { name, key: Key::from_wire(&key).ok()? })
    }
}

/// Name and password of `Authorization: Basic`. No name has a colon, so the first one ends it.
fn basic(header: &HeaderValue) -> Option<(Vec<u8>, Vec<u8>)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Base64::decode_vec(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some((decoded[..colon].to_vec(), decoded[colon + 1..].to_vec()))
}
