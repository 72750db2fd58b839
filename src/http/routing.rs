//! The filters of routes: a path, segment by segment, and methods.
//!
//! Salvo's own path filter takes regular expressions, for which the binary would have 0.9 MB more, and a router's methods are compiled
//! once for each handler. Salvo does not know the methods of these filters: each path has a handler that answers 405 to all others.

use std::sync::Arc;

use salvo::http::Method;
use salvo::routing::filters::{NamedWisp, PathWisp as _};
use salvo::routing::{Filter, FilterInfo, PathState};
use salvo::{Handler, Request, Router, async_trait};

/// HEAD is answered like GET.
pub(super) static READ: [Method; 2] = [Method::GET, Method::HEAD];

/// Returns the router of a relative path. In it `{name}` is a parameter of one segment, and `{**name}` one of all that follow.
pub(super) fn at(path: &'static str) -> Router {
    Router::with_filter(RoutePath { path, segments: path.split('/').map(Segment::new).collect() })
}

/// Returns a router of methods with their handler.
pub(super) fn on(methods: &'static [Method], handler: Arc<dyn Handler>) -> Router {
    let mut router = Router::with_filter(Methods(methods));
    router.goal = Some(handler);
    router
}

#[derive(Debug)]
struct RoutePath {
    path: &'static str,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Fixed(&'static str),
    Parameter(NamedWisp),
}

impl Segment {
    fn new(segment: &'static str) -> Self {
        match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            Some(name) => Self::Parameter(NamedWisp(name.to_owned())),
            None => Self::Fixed(segment),
        }
    }

    /// Takes the next segment of a request's path, percent-decoded.
    fn take(&self, state: &mut PathState<'_>) -> bool {
        match self {
            Self::Fixed(segment) if state.pick() == Some(*segment) => state.forward(segment.len()),
            Self::Fixed(_) => return false,
            Self::Parameter(name) => return name.detect(state),
        }
        true
    }
}

#[async_trait]
impl Filter for RoutePath {
    fn info(&self) -> FilterInfo {
        FilterInfo::Path(self.path.to_owned())
    }

    async fn filter(&self, _: &mut Request, state: &mut PathState<'_>) -> bool {
        // Where a later one does not match, the router gives back what the first took.
        self.segments.iter().all(|segment| segment.take(state))
    }
}

#[derive(Debug)]
struct Methods(&'static [Method]);

#[async_trait]
impl Filter for Methods {
    async fn filter(&self, req: &mut Request, _: &mut PathState<'_>) -> bool {
        self.0.contains(req.method())
    }
}
