//! Cross-origin requests: which web pages a browser lets talk to the protocol's routes.

use std::time::Duration;

use salvo::cors::{Any, CallNext, Cors, CorsHandler};
use salvo::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use salvo::http::{HeaderName, Method};

use super::auth::{KEY, USER};
use crate::config::CorsOrigin;

/// How long a browser may remember what it was allowed.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// What answers preflights and marks answers, if any page may ask at all. Cookies are never sent: the protocol has none.
pub(super) fn handler(origins: &[CorsOrigin]) -> Option<CorsHandler> {
    let listed: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.as_str().parse().ok()).collect();
    let cors = match origins {
        [] => return None,
        all if all.contains(&CorsOrigin::any()) => Cors::new().allow_origin(Any),
        _ => Cors::new().allow_origin(listed),
    };
    let headers: Vec<HeaderName> = vec![USER, KEY, AUTHORIZATION, CONTENT_TYPE, ACCEPT];
    let cors = cors
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(headers)
        .max_age(MAX_AGE);
    Some(CorsHandler::new(cors, CallNext::After))
}
