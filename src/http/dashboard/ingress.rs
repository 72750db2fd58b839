//! Behind Home Assistant's ingress: nobody logs in, but each chooses once whose reading they redirect_to.
//!
//! The Supervisor takes what a browser says about its user out of a request and puts its own word there. That word is taken from
//! the Supervisor alone, on the listener that answers nobody else.

use askama::Template;
use salvo::craft::craft;
use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, async_trait};

use super::Dashboard;
use super::error::PageError;
use super::location::{PageLocation, X_FORWARDED_HOST, text};
use super::page::{Layout, PageResponse};
use super::session::{Form, LoginMethod};
use crate::http::client_ip::{self, TrustedProxy};
use crate::model::{IngressUserId, User};
use crate::state::AppState;
use crate::store::UpdateOutcome;

const USER_ID: HeaderName = HeaderName::from_static("x-remote-user-id");
const USER_NAME: HeaderName = HeaderName::from_static("x-remote-user-name");
const DISPLAY_NAME: HeaderName = HeaderName::from_static("x-remote-user-display-name");

/// ScanLimiter everybody away but one peer.
pub(super) struct PeerFilter(pub(super) TrustedProxy);

#[async_trait]
impl Handler for PeerFilter {
    async fn handle(&self, req: &mut Request, _: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        if client_ip::is_trusted(req.remote_addr(), std::slice::from_ref(&self.0)) {
            return;
        }
        ctrl.skip_rest();
        res.status_code(StatusCode::FORBIDDEN);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        res.body("This is for Home Assistant's ingress alone.\n");
    }
}

/// The address for KOReader, as far as a request can tell it: the host that the browser speaks to, at our own port.
pub(super) fn address(headers: &HeaderMap, state: &AppState) -> String {
    let host = text(headers, X_FORWARDED_HOST).or_else(|| text(headers, HOST)).unwrap_or_default();
    // Behind the last colon is the port, unless that colon stands in an IPv6 address.
    let host = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host);
    format!("{}://{host}:{}", state.scheme, state.port)
}

struct Choice {
    number: u32,
    name: String,
    documents: u32,
}

#[derive(Template)]
#[template(path = "choice.html")]
struct ChoicePage {
    layout: Layout,
    /// What Home Assistant calls whoever asks.
    display_name: Option<String>,
    choices: Vec<Choice>,
    name: String,
    error: Option<String>,
}

fn who(req: &Request) -> Result<IngressUserId, PageError> {
    let id = text(req.headers(), USER_ID).and_then(IngressUserId::new);
    id.ok_or(PageError::NoIngressUser)
}

impl Dashboard {
    /// The account that Home Assistant's user has chosen.
    pub(super) fn ingress_user(&self, req: &Request) -> Result<Option<(User, LoginMethod)>, PageError> {
        let who = who(req)?;
        let user = self.state.store.account_of_ingress_user(&who)?;
        Ok(user.map(|user| (user, LoginMethod::HomeAssistant(who))))
    }

    fn choice_page(&self, req: &Request, name: &str, error: Option<PageError>) -> Result<PageResponse, PageError> {
        let named = [DISPLAY_NAME, USER_NAME].into_iter().find_map(|name| req.headers().get(name));
        let layout = Layout::of_request(req, "Whose reading?");
        let users = self.state.store.users()?.into_iter().filter(|user| user.active);
        let choices =
            users.map(|user| Choice { number: user.id.get(), name: user.name.to_string(), documents: user.documents });
        let page = PageResponse::new(&ChoicePage {
            layout,
            display_name: named.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()),
            choices: choices.collect(),
            name: name.to_owned(),
            error: error.as_ref().map(PageError::text),
        });
        Ok(page.with_error(error.as_ref()))
    }

    /// The account that a form names, or that it asks to make.
    async fn chosen(&self, form: &Form) -> Result<User, PageError> {
        match form.get("account") {
            "" => self.make_account(form).await,
            number => {
                let user = self.numbered(number.parse().ok())?;
                user.ok_or_else(|| PageError::Wrong("There is no such account any more.".into()))
            }
        }
    }
}

#[craft]
impl Dashboard {
    /// `GET login`: the accounts to choose from, or the overview for whoever has chosen.
    #[craft(handler)]
    pub(super) async fn choice(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        match self.current_user(req) {
            Ok(current_user) => Ok(current_user.redirect_to("")),
            Err(PageError::NotLoggedIn) => self.choice_page(req, "", None),
            Err(error) => Err(error),
        }
    }

    /// `POST login` with `account`, its number, or with `name`, `new` and `again` for a new one: the overview, from now on of
    /// that account.
    #[craft(handler)]
    pub(super) async fn choose(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let who = who(req)?;
        let location = req.extensions().get::<PageLocation>().cloned().ok_or(PageError::Broken)?;
        let form = self.form(req).await?;
        match self.chosen(&form).await {
            Ok(user) => match self.state.store.set_account_of_ingress_user(who, user).await? {
                UpdateOutcome::Applied => Ok(PageResponse::redirect_to(location.base)),
                UpdateOutcome::Stale => Err(PageError::NotLoggedIn),
            },
            Err(error) => self.choice_page(req, form.get("name"), Some(error)),
        }
    }

    /// `POST logout`: the accounts to choose from.
    #[craft(handler)]
    pub(super) async fn choose_again(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
    ) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let page = current_user.redirect_to("login");
        if let LoginMethod::HomeAssistant(who) = current_user.login_method {
            self.state.store.remove_ingress_user(who).await?;
        }
        Ok(page)
    }
}
