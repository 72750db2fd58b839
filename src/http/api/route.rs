//! One path of the API with its methods.

use std::sync::Arc;

use salvo::http::Method;
use salvo::http::header::HeaderValue;
use salvo::{Handler, Router};

use crate::http::middleware::{MethodNotAllowed, RouteLabel};
use crate::http::routing::{READ, at, on};

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
        Self { path, methods: Vec::new(), router: at(path) }
    }

    /// Adds the handler of GET, which answers HEAD as well.
    pub(super) fn get(self, handler: impl Handler) -> Self {
        self.add(&READ, Arc::new(handler))
    }

    pub(super) fn post(self, handler: impl Handler) -> Self {
        self.add(&[Method::POST], Arc::new(handler))
    }

    pub(super) fn put(self, handler: impl Handler) -> Self {
        self.add(&[Method::PUT], Arc::new(handler))
    }

    pub(super) fn patch(self, handler: impl Handler) -> Self {
        self.add(&[Method::PATCH], Arc::new(handler))
    }

    pub(super) fn delete(self, handler: impl Handler) -> Self {
        self.add(&[Method::DELETE], Arc::new(handler))
    }

    fn add(mut self, methods: &'static [Method], handler: Arc<dyn Handler>) -> Self {
        self.methods.extend(methods.iter().map(Method::as_str));
        self.router = self.router.push(on(methods, handler));
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
