//! Links that lead on from an error page: to the form, to the same page again, to the list that it is in, to the overview.

use salvo::Request;
use salvo::http::{Method, StatusCode};

use super::error::PageError;
use super::next::Next;
use super::routes::{PagePath, RouteTable};

/// A link that leads on from an error page.
pub(super) struct ErrorLink {
    pub(super) address: String,
    /// Id of its text.
    pub(super) text: &'static str,
}

/// Whether a request only reads.
pub(super) fn is_read(req: &Request) -> bool {
    [Method::GET, Method::HEAD].contains(req.method())
}

/// Returns the links of an error page, the nearest page first: always one.
pub(super) fn links_from_error(
    routes: &RouteTable,
    req: &Request,
    error: &PageError,
    base: &str,
    is_logged_in: bool,
) -> Vec<ErrorLink> {
    let path = PagePath::of(req);
    let link = |page: &str, text| ErrorLink { address: format!("{base}{page}"), text };
    let mut links = Vec::new();
    if *error == PageError::RegistrationClosed {
        // The form is closed, too.
    } else if !is_read(req) {
        let page = routes.page_of_form(path).filter(|page| !page.is_empty());
        links.extend(page.map(|page| link(&page, "errors-back-to-form")));
    } else if is_temporary(error) {
        let again = Next::of_request(routes, req);
        links.push(link(&again.address(), "errors-try-again"));
    }
    if !is_logged_in {
        if !is_nameless(error) {
            links.push(link("login", "errors-log-in"));
        }
        return links;
    }
    if *error == PageError::NoSuchPage {
        let list = path.split('/').next().unwrap_or_default();
        let list = if list == "statistics" { "books" } else { list };
        let text = match list {
            "books" => Some("errors-to-books"),
            "accounts" => Some("errors-to-accounts"),
            "files" => Some("errors-to-files"),
            "highlights" => Some("errors-to-highlights"),
            "device-passwords" => Some("errors-to-device-passwords"),
            _ => None,
        };
        links.extend(text.filter(|_| path != list).map(|text| link(list, text)));
    }
    links.push(link("", "errors-to-overview"));
    links
}

/// Whether the same request may succeed later.
fn is_temporary(error: &PageError) -> bool {
    is_nameless(error)
        || error.status().is_server_error()
        || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&error.status())
}

/// Whether Home Assistant or a proxy should have named the user, and did not: no login is possible then.
fn is_nameless(error: &PageError) -> bool {
    matches!(error, PageError::NoIngressUser | PageError::UserHeader { .. })
}
