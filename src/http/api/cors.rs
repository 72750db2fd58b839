//! Cross-origin requests: the web pages whose scripts may use the API.

use std::time::Duration;

use salvo::cors::{Any, CallNext, Cors, CorsHandler};
use salvo::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use salvo::http::{HeaderName, Method};

use super::auth::{X_AUTH_KEY, X_AUTH_USER};
use crate::config::CorsOrigin;
use crate::state::AppState;

/// How long a browser may cache the response to a preflight.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the layer that answers preflights and marks responses, or `None` if no origin is configured.
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
    let headers: Vec<HeaderName> = vec![X_AUTH_USER, X_AUTH_KEY, AUTHORIZATION, CONTENT_TYPE, ACCEPT];
    let cors = cors
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(headers)
        .max_age(MAX_AGE);
    Some(CorsHandler::new(cors, CallNext::After))
}
