//! Cross-origin requests: the web pages whose scripts may use the API and the WebDAV folders.

use std::time::Duration;

use salvo::Request;
use salvo::cors::{AllowHeaders, Any, CallNext, Cors, CorsHandler};
use salvo::http::header::{ACCEPT, ACCESS_CONTROL_REQUEST_HEADERS, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderValue};
use salvo::http::{HeaderName, Method};

use super::auth::{X_AUTH_KEY, X_AUTH_USER};
use crate::config::CorsOrigin;
use crate::state::AppState;

/// How long a browser may cache the response to a preflight.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// Request headers that a preflight allows beside our own. More are refused by the browser.
const MAX_ASKED_HEADERS: usize = 32;
/// The methods of the API and of the WebDAV folders.
const METHODS: [&str; 10] = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "MKCOL", "COPY", "MOVE", "PROPFIND"];
/// Longest name of such a header, in bytes.
const MAX_HEADER_NAME: usize = 64;

/// Returns the layer that answers preflights and marks responses. Returns `None` if no origin is configured.
///
/// It never allows cookies, because the API has none.
pub(crate) fn layer(state: &AppState) -> Option<CorsHandler> {
    let origins = &state.cors_origins;
    let listed: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.as_str().parse().ok()).collect();
    let cors = match origins.as_slice() {
        [] => return None,
        all if all.contains(&CorsOrigin::any()) => Cors::new().allow_origin(Any),
        _ => Cors::new().allow_origin(listed),
    };
    let cors = cors
        .allow_methods(METHODS.iter().filter_map(|name| Method::from_bytes(name.as_bytes()).ok()).collect::<Vec<_>>())
        // Of a file, to change that and no later one.
        .expose_headers([ETAG])
        .allow_headers(AllowHeaders::dynamic(|_, req, _| allowed_headers(req)))
        .max_age(MAX_AGE);
    Some(CorsHandler::new(cors, CallNext::After))
}

/// Returns the request headers that a page may send: our own, and those that its preflight asks for.
///
/// Web clients add headers of their own, such as for a proxy before the server. None means anything here.
fn allowed_headers(req: &Request) -> Option<HeaderValue> {
    let mut allowed = vec![X_AUTH_USER, X_AUTH_KEY, AUTHORIZATION, CONTENT_TYPE, ACCEPT];
    let limit = allowed.len() + MAX_ASKED_HEADERS;
    let lines = req.headers().get_all(ACCESS_CONTROL_REQUEST_HEADERS).into_iter();
    for name in lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')) {
        let name = name.trim_ascii();
        let Some(name) = HeaderName::from_bytes(name).ok().filter(|_| name.len() <= MAX_HEADER_NAME) else { continue };
        if allowed.len() < limit && !allowed.contains(&name) {
            allowed.push(name);
        }
    }
    let names: Vec<&str> = allowed.iter().map(HeaderName::as_str).collect();
    HeaderValue::try_from(names.join(",")).ok()
}
