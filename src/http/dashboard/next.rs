//! Where a reader wanted to go before the login.

use salvo::Request;

use super::codec::{decode, encode};
use super::routes::{PagePath, RouteTable};

/// One of our own pages, as an address from the dashboard's root. Empty for the overview.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Next(String);

impl Next {
    /// Returns the page that a request asks for.
    pub(super) fn of_request(routes: &RouteTable, req: &Request) -> Self {
        let path = PagePath::of(req);
        let address = match req.uri().query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        Self::checked(routes, &address).or_else(|| Self::checked(routes, path)).unwrap_or_default()
    }

    /// Decodes what [`Next::encoded`] encoded. Anything but one of our own pages is the overview.
    pub(super) fn decode(routes: &RouteTable, encoded: &str) -> Self {
        decode(encoded).and_then(|address| Self::checked(routes, &address)).unwrap_or_default()
    }

    /// Takes an address from the dashboard's root if it is one of our own pages. A file is not shown, so its page is taken instead.
    pub(super) fn checked(routes: &RouteTable, address: &str) -> Option<Self> {
        let address = routes.own_page(address)?;
        // These would lead back here.
        let is_login = ["login", "register"].contains(&address.split('?').next().unwrap_or_default());
        (!is_login).then_some(Self(address))
    }

    /// Returns the address from the dashboard's root.
    pub(super) fn address(&self) -> String {
        self.0.clone()
    }

    /// Encodes it for a query or a form; empty for the overview.
    pub(super) fn encoded(&self) -> String {
        encode(&self.0)
    }

    /// Returns the address of the login that leads there.
    pub(super) fn login(&self, base: &str) -> String {
        if self.0.is_empty() { format!("{base}login") } else { format!("{base}login?next={}", self.encoded()) }
    }
}
