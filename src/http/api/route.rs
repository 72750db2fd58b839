//! One path of the API with its methods.

use salvo::http::header::HeaderValue;
use salvo::routing::{Filter, filters};
use salvo::{Handler, Router};

use crate::http::middleware::{MethodNotAllowed, RouteLabel};

/// Collects the handlers of a path; every other method is 405.
///
/// Without this, an app that mounts the routes would answer other methods, and not in the protocol's form.
pub(super) struct Route {
    path: &'static str,
    methods: Vec<&'static str>,
    router: Router,
}

impl Route {
    pub(super) fn new(path: &'static str) -> Self {
        Self { path, methods: Vec::new(), router: Router::with_path(path) }
    }

    /// Adds the handler of GET, which answers HEAD as well.
    pub(super) fn get(self, handler: impl Handler) -> Self {
        self.add(&["GET", "HEAD"], filters::get().or(filters::head()), handler)
    }

    pub(super) fn post(self, handler: impl Handler) -> Self {
        self.add(&["POST"], filters::post(), handler)
    }

    pub(super) fn put(self, handler: impl Handler) -> Self {
        self.add(&["PUT"], filters::put(), handler)
    }

    pub(super) fn patch(self, handler: impl Handler) -> Self {
        self.add(&["PATCH"], filters::patch(), handler)
    }

    pub(super) fn delete(self, handler: impl Handler) -> Self {
        self.add(&["DELETE"], filters::delete(), handler)
    }

    fn add(mut self, methods: &[&'static str], filter: impl Filter, handler: impl Handler) -> Self {
        self.methods.extend_from_slice(methods);
        self.router = self.router.push(Router::with_filter(filter).goal(handler));
        self
    }

    /// Returns the route for Salvo, labelled with its path where requests are counted.
    pub(super) fn into_router(mut self, has_label: bool) -> Router {
        self.methods.sort_unstable();
        #[allow(clippy::expect_used)]
        let allow = HeaderValue::try_from(self.methods.join(", ")).expect("names of methods are visible ASCII");
        let router = self.router.push(Router::new().goal(MethodNotAllowed { allow }));
        if has_label { router.hoop(RouteLabel(self.path)) } else { router }
    }
}
