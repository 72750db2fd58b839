//! The dashboard: pages for people, made on the server. They work without JavaScript and under any path.
//!
//! A handler finds out who asks, calls the store or `reading` once or twice, and fills a template. What goes wrong is a
//! [`PageError`], which becomes a page of its own. Every change is a POST that comes from one of our own pages, and answers with
//! a redirection, so that reloading repeats nothing.

mod account;
mod accounts;
mod assets;
mod books;
mod chart;
mod devices;
mod error;
mod format;
mod ingress;
mod location;
mod overview;
mod page;
mod session;

use std::sync::Arc;

use salvo::catch_panic::CatchPanic;
use salvo::http::header::ACCEPT;
use salvo::http::{Method, StatusCode};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, Scribe, async_trait};

use self::error::PageError;
pub(super) use self::ingress::PeerFilter;
use self::location::PageLocation;
use self::page::PageResponse;
use crate::http::middleware::RouteLabel;
use crate::state::AppState;

/// The dashboard of a server.
#[allow(unreachable_pub, reason = "`craft` makes it part of a public type; the module is private all the same")]
pub struct Dashboard {
    state: Arc<AppState>,
    login_mode: LoginMode,
}

/// How people come to the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoginMode {
    /// They log in.
    Login,
    /// Home Assistant has logged them in, and says who they are. It shows us in a layout of its own.
    Ingress,
}

impl Dashboard {
    pub(crate) fn new(state: Arc<AppState>) -> Arc<Self> {
        Arc::new(Self { state, login_mode: LoginMode::Login })
    }

    /// The pages for Home Assistant's ingress.
    pub(crate) fn for_ingress(state: Arc<AppState>) -> Arc<Self> {
        Arc::new(Self { state, login_mode: LoginMode::Ingress })
    }

    /// The pages, with relative paths.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let overview = Router::new().get(self.overview()).head(self.overview());
        let (login, logout) = match self.login_mode {
            LoginMode::Login => (
                Router::new().get(self.login_page()).head(self.login_page()).post(self.log_in()),
                Router::new().post(self.log_out()),
            ),
            LoginMode::Ingress => (
                Router::new().get(self.choice()).head(self.choice()).post(self.choose()),
                Router::new().post(self.choose_again()),
            ),
        };
        let books = Router::new().get(self.books()).head(self.books()).post(self.search());
        let delete_book = Router::new().get(self.ask_delete()).head(self.ask_delete()).post(self.delete_book());
        let accounts = Router::new().get(self.accounts()).head(self.accounts()).post(self.create_account());
        let delete_account = Router::new().get(self.ask_delete_account()).head(self.ask_delete_account());
        let delete_account = delete_account.post(self.delete_account());
        Router::new()
            .push(self.page("", "GET, HEAD", overview))
            .push(self.page("login", "GET, HEAD, POST", login))
            .push(self.page("logout", "POST", logout))
            .push(self.page("books", "GET, HEAD, POST", books))
            .push(self.page("books/{book}", "GET, HEAD", Router::new().get(self.book()).head(self.book())))
            .push(self.page("books/{book}/rename", "POST", Router::new().post(self.rename())))
            .push(self.page("books/{book}/put-back", "POST", Router::new().post(self.put_back())))
            .push(self.page("books/{book}/delete", "GET, HEAD, POST", delete_book))
            .push(self.page("devices", "GET, HEAD", Router::new().get(self.devices()).head(self.devices())))
            .push(self.page("account", "GET, HEAD", Router::new().get(self.account()).head(self.account())))
            .push(self.page("password", "POST", Router::new().post(self.change_own_password())))
            .push(self.page("delete-account", "POST", Router::new().post(self.delete_own_account())))
            .push(self.page("accounts", "GET, HEAD, POST", accounts))
            .push(self.page("registration", "POST", Router::new().post(self.switch_registration())))
            .push(self.page(
                "accounts/{number}",
                "GET, HEAD",
                Router::new().get(self.one_account()).head(self.one_account()),
            ))
            .push(self.page("accounts/{number}/active", "POST", Router::new().post(self.switch_account())))
            .push(self.page("accounts/{number}/password", "POST", Router::new().post(self.set_account_password())))
            .push(self.page("accounts/{number}/delete", "GET, HEAD, POST", delete_account))
            .push(assets::router())
    }

    /// Puts a page at its path, and answers what its methods leave over.
    fn page(self: &Arc<Self>, path: &'static str, methods: &'static str, route: Router) -> Router {
        let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
        let router = if segments == 0 { Router::new() } else { Router::with_path(path) };
        router
            .hoop(PageLayer { web: self.clone(), segments })
            .push(route)
            .push(Router::new().goal(OtherMethod(methods)))
    }

    fn location(&self, req: &Request, segments: usize) -> Option<PageLocation> {
        let location = PageLocation::of(req, segments, &self.state.trusted_proxies)?;
        let address = self.state.address.as_ref().map(|address| address.as_str().to_owned());
        let address = address
            .or_else(|| (self.login_mode == LoginMode::Ingress).then(|| ingress::address(req.headers(), &self.state)));
        Some(match address {
            Some(address) => PageLocation { address, is_known: true, ..location },
            None => location,
        })
    }
}

/// Around every page: says where it is, refuses changes that come from elsewhere, and makes a page of what went wrong.
struct PageLayer {
    web: Arc<Dashboard>,
    /// Segments of the page's path below the dashboard's root.
    segments: usize,
}

#[async_trait]
impl Handler for PageLayer {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let Some(location) = self.web.location(req, self.segments) else {
            ctrl.skip_rest();
            let name = req.uri().path().rsplit('/').next().unwrap_or_default();
            return PageResponse::redirect_to(format!("./{name}/")).render(res);
        };
        req.extensions_mut().insert(location);
        res.extensions.insert(RouteLabel("dashboard"));
        if req.method() == Method::POST && !location::is_same_origin(req.headers()) {
            ctrl.skip_rest();
            PageError::CrossOrigin.render(res);
        } else {
            CatchPanic::new().handle(req, depot, res, ctrl).await;
        }
        let panicked = || is_bare(res) && res.status_code.is_some_and(|status| status.is_server_error());
        // What a panic said is in the log.
        let error = if panicked() { Some(PageError::Broken) } else { res.extensions.remove() };
        if let Some(error) = error {
            self.web.error_page(req, error).render(res);
        }
        page::protect(res, self.web.login_mode);
    }
}

/// Whether nobody has written an answer.
fn is_bare(res: &Response) -> bool {
    res.body.is_none() || res.body.is_error()
}

struct OtherMethod(&'static str);

#[async_trait]
impl Handler for OtherMethod {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        PageError::NoSuchMethod(self.0).render(res);
    }
}

/// Around a whole service: where nothing is, a browser gets a page, and every other client what it gets without the dashboard.
pub(crate) struct NotFoundFallback {
    pub(crate) web: Arc<Dashboard>,
}

#[async_trait]
impl Handler for NotFoundFallback {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        ctrl.call_next(req, depot, res).await;
        if res.status_code != Some(StatusCode::NOT_FOUND) || !is_bare(res) || !is_browser(req) || is_of_clients(req) {
            return;
        }
        let segments = req.uri().path().trim_end_matches('/').matches('/').count();
        if let Some(location) = self.web.location(req, segments) {
            req.extensions_mut().insert(location);
            self.web.error_page(req, PageError::NoSuchPage).render(res);
            page::protect(res, self.web.login_mode);
        }
    }
}

/// Below these a client that says it takes HTML, as Java's does by itself, is a client all the same (rule T4).
fn is_of_clients(req: &Request) -> bool {
    let first = req.uri().path().split('/').find(|segment| !segment.is_empty());
    first.is_some_and(|first| ["syncs", "users", "manage", "api", "healthcheck", "metrics"].contains(&first))
}

fn is_browser(req: &Request) -> bool {
    let accept = req.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
