//! Around the pages: their location, error pages, security headers, and the filter for the ingress.

use askama::Template;
use salvo::catch_panic::CatchPanic;
use salvo::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use salvo::http::{Method, StatusCode};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Scribe, async_trait};

use super::context::{Dashboard, LoginMode};
use super::error::PageError;
use super::error_links::{ErrorLink, is_read, links_from_error};
use super::gzip::{MayCompress, may_compress_page};
use super::layout::Layout;
use super::location::{claimed_hosts, is_same_origin};
use super::login::Login;
use super::next::Next;
use super::page::PageResponse;
use super::routes::PagePath;
use crate::config::TrustedProxy;
use crate::http::client_ip;
use crate::http::middleware::RouteLabel;
use crate::model::{LOGGED_NAME_MAX, Language, shortened};
use crate::text::Texts;

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    text: String,
    links: Vec<ErrorLink>,
}

/// Makes the page of an error, with the navigation of the logged-in account.
fn error_page(dashboard: &Dashboard, req: &Request, error: &PageError) -> PageResponse {
    if *error == PageError::NotLoggedIn {
        let next = if is_read(req) { Next::of_request(&dashboard.routes, req) } else { Next::default() };
        let base = dashboard.location(req).map_or_else(|_| "./".to_owned(), |location| location.base);
        return PageResponse::redirect_to(next.login(&base));
    }
    let layout = match dashboard.current_user(req) {
        Ok(current_user) => current_user.layout(error.heading(), ""),
        Err(_) => Layout::anonymous(req, error.heading()),
    };
    let layout = Layout { notice: None, ..layout };
    let links = links_from_error(&dashboard.routes, req, error, layout.base(), layout.username.is_some());
    let text = error.text(layout.texts);
    PageResponse::new(&ErrorPage { layout, text, links }).with_error(error)
}

/// Returns the texts in the language that the browser prefers, else in the server's.
fn accepted_texts(dashboard: &Dashboard, req: &Request) -> Texts {
    let accepted = req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Texts::of(accepted.and_then(Language::accepted).unwrap_or(dashboard.state.language))
}

/// Forms that need no session, or lose nothing with it.
const SESSIONLESS_FORMS: [&str; 5] = ["login", "register", "logout", "switch-account", "theme"];

/// Surrounds every page: locates it, refuses forms of other sites, and makes a page of an error or a panic.
pub(super) struct PageLayer {
    pub(super) dashboard: Dashboard,
    /// Path segments between the dashboard's root and the page.
    pub(super) segments: usize,
}

impl PageLayer {
    /// Whether a form was sent that needs a session, and there is none.
    fn has_lost_its_session(&self, req: &Request) -> bool {
        *req.method() == Method::POST
            && matches!(self.dashboard.remote_user(req), Ok(None))
            && !SESSIONLESS_FORMS.contains(&PagePath::of(req))
            && self.dashboard.routes.pattern_of_form(PagePath::of(req)).is_some()
            && matches!(self.dashboard.current_user(req), Err(PageError::NotLoggedIn))
    }
}

#[async_trait]
impl Handler for PageLayer {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let Some(location) = self.dashboard.locate(req, self.segments) else {
            ctrl.skip_rest();
            let last_segment = req.uri().path().rsplit('/').next().unwrap_or_default();
            return PageResponse::redirect_to(format!("./{last_segment}/")).render(res);
        };
        let texts = accepted_texts(&self.dashboard, req);
        req.extensions_mut().insert(location);
        req.extensions_mut().insert(texts);
        let path = PagePath::from_request(req, self.segments);
        req.extensions_mut().insert(path);
        res.extensions.insert(RouteLabel("dashboard"));
        if may_compress_page(req) {
            res.extensions.insert(MayCompress);
        }
        if req.method() == Method::POST && !is_same_origin(req.headers()) {
            ctrl.skip_rest();
            refuse_form(&self.dashboard, req).render(res);
        } else if self.has_lost_its_session(req) {
            ctrl.skip_rest();
            let login = Login { dashboard: self.dashboard.clone() };
            match login.session_ended(req).await {
                Ok(page) => page.render(res),
                Err(error) => error.render(res),
            }
        } else {
            CatchPanic::new().handle(req, depot, res, ctrl).await;
        }
        let has_panicked = has_no_body(res) && res.status_code.is_some_and(|status| status.is_server_error());
        // `CatchPanic` has logged the panic.
        let error = res.extensions.remove().or_else(|| has_panicked.then_some(PageError::Internal));
        if let Some(error) = error {
            error_page(&self.dashboard, req, &error).render(res);
        }
        set_security_headers(res, self.dashboard.login_mode);
    }
}

/// Logs, once an hour for each pair, which origin and host a refused form has. Both are cut to 64 characters.
fn refuse_form(dashboard: &Dashboard, req: &Request) -> PageError {
    let [origin, host] = claimed_hosts(req.headers()).map(|text| shortened(text, LOGGED_NAME_MAX).to_owned());
    if dashboard.state.log_limits.refused_forms.check((origin.clone(), host.clone())).is_some() {
        tracing::warn!(origin, host, "form refused: its page is not of this host; see docs/reverse-proxy.md");
    }
    PageError::CrossOrigin { origin, host }
}

/// Whether no handler has written an answer.
fn has_no_body(res: &Response) -> bool {
    res.body.is_none() || res.body.is_error()
}

/// Forbids foreign scripts, styles, frames and caches.
fn set_security_headers(res: &mut Response, login_mode: LoginMode) {
    macro_rules! policy {
        ($more:literal) => {
            concat!(
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'self'; \
                base-uri 'none'",
                $more
            )
        };
    }
    let policy = match login_mode {
        LoginMode::Password => policy!("; frame-ancestors 'none'"),
        // Home Assistant shows us in a frame, to users who have logged in there.
        LoginMode::Ingress => policy!(""),
    };
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With `no-referrer` browsers would send `Origin: null` with our own forms, and over plain HTTP nothing else tells these
        // from the forms of other sites.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        // Behind a proxy that adds a prefix, `robots.txt` is not where crawlers look.
        (X_ROBOTS_TAG, "noindex, nofollow"),
    ] {
        res.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

/// Leads a GET of a form's address to the page that has the form.
pub(super) struct FormPage {
    pub(super) dashboard: Dashboard,
}

#[async_trait]
impl Handler for FormPage {
    async fn handle(&self, req: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        let page = self.dashboard.routes.page_of_form(PagePath::of(req));
        match (page, self.dashboard.location(req)) {
            (Some(page), Ok(location)) => PageResponse::redirect_to(format!("{}{page}", location.base)).render(res),
            (None, _) => PageError::NoSuchPage.render(res),
            (_, Err(error)) => error.render(res),
        }
    }
}

/// Answers the methods that a page does not have with 405 and `Allow`.
pub(super) struct MethodFallback {
    pub(super) methods: &'static str,
}

#[async_trait]
impl Handler for MethodFallback {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        PageError::MethodNotAllowed(self.methods).render(res);
    }
}

/// Answers a browser's request for an unknown path with a page. Surrounds a whole service; other clients get the answer of that.
pub(crate) struct NotFoundFallback {
    pub(crate) dashboard: Dashboard,
}

#[async_trait]
impl Handler for NotFoundFallback {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        ctrl.call_next(req, depot, res).await;
        let is_unanswered = res.status_code == Some(StatusCode::NOT_FOUND) && has_no_body(res);
        if !is_unanswered || !accepts_html(req) || is_api_path(req.uri().path()) {
            return;
        }
        let segments = req.uri().path().trim_end_matches('/').matches('/').count();
        if let Some(location) = self.dashboard.locate(req, segments) {
            let texts = accepted_texts(&self.dashboard, req);
            req.extensions_mut().insert(location);
            req.extensions_mut().insert(texts);
            let path = PagePath::from_request(req, segments);
            req.extensions_mut().insert(path);
            error_page(&self.dashboard, req, &PageError::NoSuchPage).render(res);
            set_security_headers(res, self.dashboard.login_mode);
        }
    }
}

/// Whether a path belongs to the protocol or an API. Their answers are JSON [T4], even for a client that claims to accept HTML, as
/// Java's does by default.
fn is_api_path(path: &str) -> bool {
    let first = path.split('/').find(|segment| !segment.is_empty());
    first.is_some_and(|first| ["syncs", "users", "manage", "api", "healthcheck", "metrics", "webdav"].contains(&first))
}

fn accepts_html(req: &Request) -> bool {
    let accept = req.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Refuses every peer but one, which may be a network.
pub(crate) struct PeerFilter(pub(crate) TrustedProxy);

#[async_trait]
impl Handler for PeerFilter {
    async fn handle(&self, req: &mut Request, _: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        if client_ip::is_trusted(req.remote_addr(), std::slice::from_ref(&self.0)) {
            return;
        }
        ctrl.skip_rest();
        res.status_code(StatusCode::FORBIDDEN);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        res.body("This port answers Home Assistant only. Open kosync from Home Assistant's sidebar.\n");
    }
}
