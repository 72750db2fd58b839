//! Users whom a system in front of the server has logged in: Home Assistant's ingress, or a reverse proxy.
//!
//! Both name the user in a header. Home Assistant's Supervisor replaces its headers, whatever the browser sent, and they count on the
//! ingress listener only, which answers no other peer. A proxy's header counts if it is configured and the peer is a trusted proxy.

use std::str;

use salvo::Request;
use salvo::http::header::HeaderName;

use super::error::{PageError, UserHeaderFault};
use crate::config::{LogoutAddress, TrustedProxy};
use crate::http::client_ip;
use crate::http::origin::first_value;
use crate::model::{RemoteUserId, Username};
use crate::state::ProxyLogin;

const INGRESS_USER_ID: HeaderName = HeaderName::from_static("x-remote-user-id");
const INGRESS_USER_NAME: HeaderName = HeaderName::from_static("x-remote-user-name");
const INGRESS_DISPLAY_NAME: HeaderName = HeaderName::from_static("x-remote-user-display-name");

/// The system that has logged a user in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RemoteSystem {
    HomeAssistant,
    Proxy,
}

/// A user whom another system has logged in.
#[derive(Debug, Clone)]
pub(super) struct RemoteUser {
    pub(super) system: RemoteSystem,
    pub(super) id: RemoteUserId,
    /// The name with which the user logs in there. Home Assistant's users of some login methods have none.
    pub(super) name: Option<String>,
    /// The name as people write it.
    pub(super) display_name: Option<String>,
    /// Whether the configuration names this user among those who manage all accounts.
    pub(super) is_administrator: bool,
    /// Where a browser logs out of the proxy.
    pub(super) logout_address: Option<LogoutAddress>,
}

impl RemoteUser {
    /// Takes Home Assistant's user from a request's headers. `administrators` are user names in any case, and user ids.
    pub(super) fn of_home_assistant(req: &Request, administrators: &[String]) -> Result<Self, PageError> {
        let id = first_value(req.headers(), INGRESS_USER_ID).and_then(RemoteUserId::of_home_assistant);
        let id = id.ok_or(PageError::NoIngressUser)?;
        let name = req.headers().get(INGRESS_USER_NAME).and_then(|name| str::from_utf8(name.as_bytes()).ok());
        let name = name.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        // Home Assistant keeps user names in lower case, each once. Display names are not unique, so they identify no user.
        let is_named = |user: &String| {
            user == id.as_sent() || name.as_ref().is_some_and(|name| name.to_lowercase() == user.to_lowercase())
        };
        let is_administrator = administrators.iter().any(is_named);
        let display_name = req.headers().get(INGRESS_DISPLAY_NAME);
        let display_name = display_name.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
        Ok(Self {
            system: RemoteSystem::HomeAssistant,
            id,
            display_name: display_name.or_else(|| name.clone()),
            name,
            is_administrator,
            logout_address: None,
        })
    }

    /// Takes the proxy's user from the configured header. `None` if there is no such header, or if no trusted proxy sent it.
    ///
    /// # Errors
    /// [`PageError::UserHeader`]: the header is not one name. A proxy that adds its header to the client's, instead of replacing it,
    /// would let the client choose.
    pub(super) fn of_proxy(
        req: &Request,
        login: &ProxyLogin,
        trusted: &[TrustedProxy],
    ) -> Result<Option<Self>, PageError> {
        if !client_ip::is_trusted(req.remote_addr(), trusted) {
            return Ok(None);
        }
        let mut values = req.headers().get_all(login.header.as_str()).into_iter();
        let Some(value) = values.next() else { return Ok(None) };
        let failed = |fault| PageError::UserHeader { header: login.header.to_string(), fault };
        let name = str::from_utf8(value.as_bytes()).map_err(|_| failed(UserHeaderFault::Unreadable))?.trim();
        if values.next().is_some() || name.contains(',') {
            return Err(failed(UserHeaderFault::Several));
        }
        // Apache writes `(null)` for a variable that is not set: all who did not log in there would be one user.
        if name.is_empty() || name == "(null)" {
            return Err(failed(UserHeaderFault::Empty));
        }
        let id = RemoteUserId::of_proxy(name).ok_or_else(|| failed(UserHeaderFault::Unreadable))?;
        Ok(Some(Self {
            system: RemoteSystem::Proxy,
            id,
            name: Some(name.to_owned()),
            display_name: Some(name.to_owned()),
            // Only as the proxy writes it: it may tell users apart whose names differ in case alone.
            is_administrator: login.administrators.iter().any(|administrator| administrator == name),
            logout_address: login.logout_address.clone(),
        }))
    }

    /// Returns what the configuration calls this user: the name, else the id.
    pub(super) fn configured_as(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_sent())
    }

    /// Returns the name of the account that is the user's without a choice: a proxy's user has the account of the same name.
    pub(super) fn account_name(&self) -> Option<Username> {
        let name = self.name.as_deref().filter(|_| self.system == RemoteSystem::Proxy)?;
        Username::new(name).ok()
    }
}
