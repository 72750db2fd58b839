//! The dashboard: pages for people, made on the server. They work without JavaScript and under any path.
//!
//! A handler finds out who asks, calls the store or `reading` once or twice, and fills a template. What goes wrong is a
//! [`Problem`], which becomes a page of its own. Every change is a POST that comes from one of our own pages, and answers with
//! a redirection, so that reloading repeats nothing.

mod account;
mod accounts;
mod assets;
mod books;
mod devices;
mod ingress;
mod overview;
mod page;
mod place;
mod plot;
mod problem;
mod text;
mod visit;

use std::sync::Arc;

use salvo::catch_panic::CatchPanic;
use salvo::http::header::ACCEPT;
use salvo::http::{Method, StatusCode};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, Scribe, Service, async_trait};

use self::page::Page;
use self::place::Place;
use self::problem::Problem;
use crate::app::App;
use crate::client::TrustedProxy;
use crate::metrics::RouteName;

/// The dashboard of a server.
#[allow(unreachable_pub, reason = "`craft` makes it part of a public type; the module is private all the same")]
pub struct Web {
    app: Arc<App>,
    door: Door,
}

/// How people come to the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// They log in.
    Login,
    /// Home Assistant has logged them in, and says who they are. It shows us in a frame of its own.
    Ingress,
}

impl Web {
    pub(crate) fn new(app: Arc<App>) -> Arc<Self> {
        Arc::new(Self { app, door: Door::Login })
    }

    /// The pages, with relative paths.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let overview = Router::new().get(self.overview()).head(self.overview());
        let (login, logout) = match self.door {
            Door::Login => (
                Router::new().get(self.login_page()).head(self.login_page()).post(self.log_in()),
                Router::new().post(self.log_out()),
            ),
            Door::Ingress => (
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
        router.hoop(Chrome { web: self.clone(), segments }).push(route).push(Router::new().goal(OtherMethod(methods)))
    }

    fn place(&self, req: &Request, segments: usize) -> Option<Place> {
        let place = Place::of(req, segments, &self.app.trusted_proxies)?;
        let address = self.app.address.as_ref().map(|address| address.as_str().to_owned());
        let address =
            address.or_else(|| (self.door == Door::Ingress).then(|| ingress::address(req.headers(), &self.app)));
        Some(match address {
            Some(address) => Place { address, is_known: true, ..place },
            None => place,
        })
    }
}

/// Around every page: says where it is, refuses changes that come from elsewhere, and makes a page of what went wrong.
struct Chrome {
    web: Arc<Web>,
    /// Segments of the page's path below the dashboard's root.
    segments: usize,
}

#[async_trait]
impl Handler for Chrome {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let Some(place) = self.web.place(req, self.segments) else {
            ctrl.skip_rest();
            let name = req.uri().path().rsplit('/').next().unwrap_or_default();
            return Page::see(format!("./{name}/")).render(res);
        };
        req.extensions_mut().insert(place);
        res.extensions.insert(RouteName("dashboard"));
        if req.method() == Method::POST && !place::is_from_our_own_page(req.headers()) {
            ctrl.skip_rest();
            Problem::Foreign.render(res);
        } else {
            CatchPanic::new().handle(req, depot, res, ctrl).await;
        }
        let panicked = || is_bare(res) && res.status_code.is_some_and(|status| status.is_server_error());
        // What a panic said is in the log.
        let problem = if panicked() { Some(Problem::Broken) } else { res.extensions.remove() };
        if let Some(problem) = problem {
            self.web.problem_page(req, problem).render(res);
        }
        page::protect(res, self.web.door);
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
        Problem::NoSuchMethod(self.0).render(res);
    }
}

/// The pages for Home Assistant's ingress, and for nobody else.
pub(crate) fn ingress_service(app: &Arc<App>, peer: TrustedProxy) -> Service {
    let web = Arc::new(Web { app: app.clone(), door: Door::Ingress });
    Service::new(web.router()).hoop(app.guard()).hoop(ingress::OnlyFrom(peer)).hoop(NothingHere { web })
}

/// Around a whole service: where nothing is, a browser gets a page, and every other client what it gets without the dashboard.
pub(crate) struct NothingHere {
    pub(crate) web: Arc<Web>,
}

#[async_trait]
impl Handler for NothingHere {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        ctrl.call_next(req, depot, res).await;
        if res.status_code != Some(StatusCode::NOT_FOUND) || !is_bare(res) || !is_browser(req) || is_of_clients(req) {
            return;
        }
        let segments = req.uri().path().trim_end_matches('/').matches('/').count();
        if let Some(place) = self.web.place(req, segments) {
            req.extensions_mut().insert(place);
            self.web.problem_page(req, Problem::NoSuchPage).render(res);
            page::protect(res, self.web.door);
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
