//! WebDAV: a folder for each account, where KOReader merges its databases and keeps highlights [W1] to [W7].
//!
//! Class 1 of RFC 4918 without `PROPPATCH`: there are no locks and no properties of a client's own. This file finds the account and
//! the path of a request and picks the handler; the others answer.
#![allow(
    unreachable_pub,
    reason = "`craft` demands that the handlers' structs are `pub`; the module is private all the same"
)]

mod changes;
mod content;
mod error;
mod first_upload;
mod headers;
mod location;
mod multistatus;
mod propfind;
mod upload;

use std::sync::Arc;

use salvo::craft::craft;
use salvo::http::StatusCode;
use salvo::http::header::{ALLOW, HeaderName, HeaderValue};
use salvo::{Request, Response, Router};

use self::error::DavError;
use self::first_upload::{Client, FirstUploads};
use self::location::{Location, Target};
use super::api;
use super::client_ip::client_ip;
use super::middleware::RouteLabel;
use super::origin::is_foreign_page;
use super::routing::at;
use crate::auth::LoginOutcome;
use crate::model::{FileInfo, FilePath, User};
use crate::state::AppState;

/// The first segment of every path.
const ROOT: &str = "webdav";
const DAV: HeaderName = HeaderName::from_static("dav");
/// The methods, in the order in which `Allow` has them.
const METHODS: &str = "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND";

/// Returns the routes with relative paths, without layers.
pub(super) fn routes(state: &Arc<AppState>) -> Router {
    let dav = WebDav { state: state.clone(), first_uploads: Arc::default() };
    let root = at(ROOT).goal(dav.handle());
    let below = at("webdav/{**path}").goal(dav.handle());
    let router = Router::new().push(root).push(below);
    if state.metrics.is_some() { router.hoop(RouteLabel(ROOT)) } else { router }
}

/// Handlers of the accounts' folders.
#[derive(Clone)]
pub struct WebDav {
    state: Arc<AppState>,
    first_uploads: Arc<FirstUploads>,
}

/// A request whose account is known.
struct Call<'a> {
    state: &'a Arc<AppState>,
    first_uploads: &'a FirstUploads,
    user: User,
    location: Location,
    target: Target,
}

#[craft]
impl WebDav {
    /// Answers all methods. Unknown ones get 405.
    #[craft(handler)]
    async fn handle(&self, req: &mut Request, res: &mut Response) {
        if let Err(error) = self.answer(req, res).await {
            upload::drain(req, error.drained(), self.state.client_timeout).await;
            error.write(req, res);
        }
    }

    async fn answer(&self, req: &mut Request, res: &mut Response) -> Result<(), DavError> {
        let method = req.method().as_str().to_owned();
        if method == "OPTIONS" {
            // Clients ask before they know that they have to log in.
            let headers = res.headers_mut();
            headers.insert(DAV, HeaderValue::from_static("1"));
            headers.insert(ALLOW, HeaderValue::from_static(METHODS));
            error::write_status(res, StatusCode::OK);
            return Ok(());
        }
        let is_known = METHODS.split(", ").any(|known| known == method);
        if !is_known {
            return Err(DavError::MethodNotAllowed);
        }
        let changes_something = !matches!(method.as_str(), "GET" | "HEAD" | "PROPFIND");
        // A browser sends the password along by itself, once it was typed.
        if changes_something && is_foreign_page(req.headers(), &self.state.cors_origins) {
            return Err(DavError::ForeignPage);
        }
        let user = self.authenticate(req).await?;
        let (location, target) = Location::from_request(req, &self.state)?;
        let call = Call { state: &self.state, first_uploads: &self.first_uploads, user, location, target };
        let answered = match method.as_str() {
            "GET" => call.get(req, res, true).await,
            "HEAD" => call.get(req, res, false).await,
            "PUT" => call.put(req, res).await,
            "DELETE" => call.delete(req, res).await,
            "MKCOL" => call.create_folder(req, res).await,
            "COPY" => call.transfer(req, res, true).await,
            "MOVE" => call.transfer(req, res, false).await,
            _ => call.propfind(req, res).await,
        };
        if changes_something && answered.is_ok() {
            self.state.reading.request(&self.state.store, &call.user);
        }
        answered
    }

    /// Returns the account whose password, or device password, was sent by Basic authentication [W1].
    async fn authenticate(&self, req: &Request) -> Result<User, DavError> {
        let (name, key) = api::basic_credentials(req.headers()).ok_or(DavError::Unauthorized)?;
        match self.state.login(&name, key, client_ip(req, &self.state.trusted_proxies)).await? {
            LoginOutcome::Accepted(user) | LoginOutcome::AcceptedDevice(user) => Ok(user),
            LoginOutcome::Inactive | LoginOutcome::Refused => Err(DavError::Unauthorized),
            LoginOutcome::TooManyFailures { retry_after } => Err(DavError::TooManyFailures { retry_after }),
        }
    }
}

impl Call<'_> {
    /// Returns the path asked for, unless it is the account's folder itself, which always exists.
    fn path(&self) -> Result<&FilePath, DavError> {
        self.target.path.as_ref().ok_or(DavError::RootFolder)
    }

    /// Returns the client of a request for a merged database.
    fn client(&self, req: &Request, path: &FilePath) -> Option<Client> {
        Client::of(req, self.user.id, path, client_ip(req, &self.state.trusted_proxies))
    }

    /// Returns what a client may see at a path: withheld files are not there [W5].
    fn visible(&self, path: &FilePath) -> Result<Option<FileInfo>, DavError> {
        Ok(self.state.store.file(self.user.id, path)?.filter(|info| !info.is_withheld))
    }
}
