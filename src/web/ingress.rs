//! Behind Home Assistant's ingress: nobody logs in, but each chooses once whose reading they see.
//!
//! The Supervisor takes what a browser says about its user out of a request and puts its own word there. That word is taken from
//! the Supervisor alone, on the listener that answers nobody else.

use askama::Template;
use salvo::craft::craft;
use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, async_trait};

use super::Web;
use super::page::{Frame, Page};
use super::place::{Place, X_FORWARDED_HOST, text};
use super::problem::Problem;
use super::visit::{Came, Form};
use crate::app::App;
use crate::client::{self, TrustedProxy};
use crate::model::{HomeAssistantUser, User};
use crate::store::Changed;

const USER_ID: HeaderName = HeaderName::from_static("x-remote-user-id");
const USER_NAME: HeaderName = HeaderName::from_static("x-remote-user-name");
const DISPLAY_NAME: HeaderName = HeaderName::from_static("x-remote-user-display-name");

/// Turns everybody away but one peer.
pub(super) struct OnlyFrom(pub(super) TrustedProxy);

#[async_trait]
impl Handler for OnlyFrom {
    async fn handle(&self, req: &mut Request, _: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        if client::is_trusted(req.remote_addr(), std::slice::from_ref(&self.0)) {
            return;
        }
        ctrl.skip_rest();
        res.status_code(StatusCode::FORBIDDEN);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        res.body("This is for Home Assistant's ingress alone.\n");
    }
}

/// The address for KOReader, as far as a request can tell it: the host that the browser speaks to, at our own port.
pub(super) fn address(headers: &HeaderMap, app: &App) -> String {
    let host = text(headers, X_FORWARDED_HOST).or_else(|| text(headers, HOST)).unwrap_or_default();
    // Behind the last colon is the port, unless that colon stands in an IPv6 address.
    let host = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host);
    format!("{}://{host}:{}", app.scheme, app.port)
}

struct Choice {
    number: u32,
    name: String,
    documents: u32,
}

#[derive(Template)]
#[template(path = "choice.html")]
struct ChoicePage {
    frame: Frame,
    /// What Home Assistant calls whoever asks.
    display_name: Option<String>,
    choices: Vec<Choice>,
    name: String,
    error: Option<String>,
}

fn who(req: &Request) -> Result<HomeAssistantUser, Problem> {
    let id = text(req.headers(), USER_ID).and_then(HomeAssistantUser::new);
    id.ok_or(Problem::Nameless)
}

impl Web {
    /// The account that Home Assistant's user has chosen.
    pub(super) fn of_home_assistant(&self, req: &Request) -> Result<Option<(User, Came)>, Problem> {
        let who = who(req)?;
        let user = self.app.store.linked(&who)?;
        Ok(user.map(|user| (user, Came::HomeAssistant(who))))
    }

    fn choice_page(&self, req: &Request, name: &str, problem: Option<Problem>) -> Result<Page, Problem> {
        let named = [DISPLAY_NAME, USER_NAME].into_iter().find_map(|name| req.headers().get(name));
        let frame = Frame::of_request(req, "Whose reading?");
        let users = self.app.store.users()?.into_iter().filter(|user| user.active);
        let choices =
            users.map(|user| Choice { number: user.id.get(), name: user.name.to_string(), documents: user.documents });
        let page = Page::new(&ChoicePage {
            frame,
            display_name: named.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()),
            choices: choices.collect(),
            name: name.to_owned(),
            error: problem.as_ref().map(Problem::text),
        });
        Ok(page.with_problem(problem.as_ref()))
    }

    /// The account that a form names, or that it asks to make.
    async fn chosen(&self, form: &Form) -> Result<User, Problem> {
        match form.get("account") {
            "" => self.make_account(form).await,
            number => {
                let user = self.numbered(number.parse().ok())?;
                user.ok_or_else(|| Problem::Wrong("There is no such account any more.".into()))
            }
        }
    }
}

#[craft]
impl Web {
    /// `GET login`: the accounts to choose from, or the overview for whoever has chosen.
    #[craft(handler)]
    pub(super) async fn choice(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        match self.visit(req) {
            Ok(visit) => Ok(visit.see("")),
            Err(Problem::NotLoggedIn) => self.choice_page(req, "", None),
            Err(problem) => Err(problem),
        }
    }

    /// `POST login` with `account`, its number, or with `name`, `new` and `again` for a new one: the overview, from now on of
    /// that account.
    #[craft(handler)]
    pub(super) async fn choose(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let who = who(req)?;
        let place = req.extensions().get::<Place>().cloned().ok_or(Problem::Broken)?;
        let form = self.form(req).await?;
        match self.chosen(&form).await {
            Ok(user) => match self.app.store.link(who, user).await? {
                Changed::Done => Ok(Page::see(place.base)),
                Changed::Refused => Err(Problem::NotLoggedIn),
            },
            Err(problem) => self.choice_page(req, form.get("name"), Some(problem)),
        }
    }

    /// `POST logout`: the accounts to choose from.
    #[craft(handler)]
    pub(super) async fn choose_again(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let page = visit.see("login");
        if let Came::HomeAssistant(who) = visit.came {
            self.app.store.unlink(who).await?;
        }
        Ok(page)
    }
}
