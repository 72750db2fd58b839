//! Who looks at a page: sessions and their cookie, forms, logging in and out.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;
use salvo::http::header::COOKIE;

use super::page::{self, Frame, Page};
use super::place::Place;
use super::problem::Problem;
use super::{Door, Web};
use crate::auth::Login;
use crate::body;
use crate::model::{HomeAssistantUser, Key, User, Username};
use crate::store::{Authority, SESSION_LIFETIME, SessionToken};

const COOKIE_NAME: &str = "kosync";

/// How we know who somebody is.
pub(super) enum Came {
    /// By a session.
    Session(SessionToken),
    /// By the word of Home Assistant.
    HomeAssistant(HomeAssistantUser),
}

/// A request of somebody who is logged in.
pub(super) struct Visit {
    pub(super) place: Place,
    pub(super) user: User,
    pub(super) came: Came,
    notice: Option<&'static str>,
}

impl Visit {
    pub(super) fn frame(&self, title: &str, tab: &'static str) -> Frame {
        Frame {
            place: self.place.clone(),
            title: title.to_owned(),
            tab,
            user: Some(self.user.name.to_string()),
            is_administrator: self.is_administrator(),
            can_log_out: matches!(self.came, Came::Session(_)),
            notice: self.notice,
        }
    }

    /// Whether they may manage all accounts. Home Assistant shows us to its administrators only.
    pub(super) fn is_administrator(&self) -> bool {
        match self.came {
            Came::Session(_) => self.user.administrator,
            Came::HomeAssistant(_) => true,
        }
    }

    /// On whose authority they manage accounts.
    pub(super) fn authority(&self) -> Authority {
        match self.came {
            Came::Session(_) => Authority::User(self.user.clone()),
            Came::HomeAssistant(_) => Authority::Host,
        }
    }

    /// Leads to a page, given from the root.
    pub(super) fn see(&self, page: &str) -> Page {
        Page::see(format!("{}{page}", self.place.base))
    }
}

/// What a form sends.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// A field; empty if it is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    name: String,
    error: Option<String>,
    registration: bool,
}

impl Web {
    /// Who is logged in.
    pub(super) fn visit(&self, req: &Request) -> Result<Visit, Problem> {
        let place = req.extensions().get::<Place>().cloned().ok_or(Problem::Broken)?;
        let notice = page::notice(req);
        let visitor = match self.door {
            Door::Login => self.of_session(req)?,
            Door::Ingress => self.of_home_assistant(req)?,
        };
        let (user, came) = visitor.ok_or(Problem::NotLoggedIn)?;
        Ok(Visit { place, user, came, notice })
    }

    fn of_session(&self, req: &Request) -> Result<Option<(User, Came)>, Problem> {
        // One server at `/` and one at `/kosync` have a cookie of the same name, and a browser sends the second one both.
        for token in session_cookies(req) {
            if let Some(user) = self.app.store.session(&token)? {
                return Ok(Some((user, Came::Session(token))));
            }
        }
        Ok(None)
    }

    pub(super) async fn form(&self, req: &mut Request) -> Result<Form, Problem> {
        let sent = body::read(req, self.app.client_timeout).await?;
        Ok(Form(form_urlencoded::parse(&sent).into_owned().collect()))
    }

    /// Checks somebody's password, as a login does.
    pub(super) async fn check(&self, req: &Request, name: &str, password: &str) -> Result<User, Problem> {
        const WRONG: Problem = Problem::NotLetIn("The name or the password is wrong.");
        let name = Username::new(name).map_err(|_| WRONG)?;
        let key = Key::from_password(password.as_bytes()).map_err(|_| WRONG)?;
        match self.app.login(&name, key, self.app.client(req)).await? {
            Login::Accepted(user) => Ok(user),
            Login::Inactive => Err(Problem::NotLetIn("This account is switched off.")),
            Login::Refused => Err(WRONG),
            Login::TooMany { retry_after } => Err(Problem::TooManyFailures(retry_after)),
        }
    }

    /// Opens a session and leads to a page with its cookie. The page must be beside the one that is asked for: the cookie holds
    /// for the folder of the latter, so that we need not know under which path we are.
    pub(super) async fn enter(&self, place: &Place, user: User, page: &str) -> Result<Page, Problem> {
        if self.door == Door::Ingress {
            return Ok(Page::see(format!("{}{page}", place.base)));
        }
        let token = self.app.store.open_session(user).await?.ok_or(Problem::NotLoggedIn)?;
        let cookie = cookie(&token.to_text(), SESSION_LIFETIME, place.is_https);
        Ok(Page::see(format!("{}{page}", place.base)).with_cookie(cookie))
    }

    fn login_form(&self, req: &Request, name: &str, problem: Option<Problem>) -> Result<Page, Problem> {
        let frame = Frame::of_request(req, "Log in");
        let registration = self.app.registration_is_open()?;
        let error = problem.as_ref().map(Problem::text);
        let page = Page::new(&LoginPage { frame, name: name.to_owned(), error, registration });
        Ok(page.with_problem(problem.as_ref()))
    }
}

#[craft]
impl Web {
    /// `GET login`: the form, or the overview for whoever is logged in.
    #[craft(handler)]
    pub(super) async fn login_page(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        match self.visit(req) {
            Ok(visit) => Ok(visit.see("")),
            Err(Problem::NotLoggedIn) => self.login_form(req, "", None),
            Err(problem) => Err(problem),
        }
    }

    /// `POST login` with `name` and `password`: the overview, and a session. 403 if either is wrong, 429 after too many failures.
    #[craft(handler)]
    pub(super) async fn log_in(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let form = self.form(req).await?;
        let place = req.extensions().get::<Place>().cloned().ok_or(Problem::Broken)?;
        match self.check(req, form.get("name"), form.get("password")).await {
            Ok(user) => self.enter(&place, user, "").await,
            Err(problem) => self.login_form(req, form.get("name"), Some(problem)),
        }
    }

    /// `POST logout`: the login page, and the session is over.
    #[craft(handler)]
    pub(super) async fn log_out(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let page = visit.see("login").with_cookie(no_cookie(&visit.place));
        if let Came::Session(token) = visit.came {
            self.app.store.close_session(token).await?;
        }
        Ok(page)
    }
}

/// Takes the session's cookie out of the browser.
pub(super) fn no_cookie(place: &Place) -> String {
    cookie("", 0, place.is_https)
}

fn cookie(value: &str, seconds: u64, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={value}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn session_cookies(req: &Request) -> impl Iterator<Item = SessionToken> {
    let lines = req.headers().get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE_NAME).filter_map(|(_, value)| SessionToken::from_text(value))
}
