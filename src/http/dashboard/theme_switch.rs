//! Choosing the appearance: a form on every page, which needs no script and no login.

use salvo::Request;
use salvo::craft::craft;
use salvo::http::header::{HeaderMap, REFERER};

use super::context::Dashboard;
use super::error::PageError;
use super::layout::requested_texts;
use super::page::PageResponse;
use super::theme::{COOKIE_NAME, Theme};

/// A year, in seconds.
const LIFETIME: u64 = 365 * 24 * 60 * 60;

/// Returns path and query of the page that a form was sent from.
///
/// The page layer has checked that the form came from one of our pages.
fn page_before(headers: &HeaderMap) -> Option<String> {
    let referer = headers.get(REFERER)?.to_str().ok()?;
    let (_, after_scheme) = referer.split_once("://")?;
    let path = &after_scheme[after_scheme.find('/')?..];
    let path = path.split('#').next().unwrap_or_default();
    // Browsers take `//` and `/\` for the beginning of another host.
    let is_of_host = !path[1..].starts_with(['/', '\\']);
    is_of_host.then(|| path.to_owned())
}

/// The handler of `theme`.
#[derive(Clone)]
pub struct ThemeSwitch {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl ThemeSwitch {
    /// `POST theme` with `theme`, which is `auto`, `light` or `dark`: keeps it in a cookie, and returns to the page before.
    #[craft(handler)]
    pub(super) async fn choose(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let location = self.dashboard.location(req)?;
        let form = self.dashboard.form(req).await?;
        let no_choice = || PageError::InvalidForm(requested_texts(req).msg("account-no-such-choice").to_string());
        let theme = Theme::parse(form.get("theme")).ok_or_else(no_choice)?;
        let secure = if location.is_https { "; Secure" } else { "" };
        // Without `Path`, as the session's: the browser takes the dashboard's directory.
        let cookie = format!("{COOKIE_NAME}={}; Max-Age={LIFETIME}; HttpOnly; SameSite=Lax{secure}", theme.as_str());
        let address = page_before(req.headers()).unwrap_or(location.base);
        Ok(PageResponse::redirect_to(address).with_cookie(cookie))
    }
}

#[cfg(test)]
mod tests {
    use salvo::http::HeaderValue;

    use super::*;

    #[test]
    fn the_page_before_is_an_address_of_the_same_host() {
        let before = |referer: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REFERER, HeaderValue::from_str(referer).expect("value"));
            page_before(&headers)
        };
        assert_eq!(before("http://books.example:7200/kosync/books?page=2#x").as_deref(), Some("/kosync/books?page=2"));
        assert_eq!(before("https://books.example/").as_deref(), Some("/"));
        for wrong in
            ["", "books.example/books", "http://books.example", "http://a//evil.example/", "http://a/\\evil.example"]
        {
            assert_eq!(before(wrong), None, "{wrong}");
        }
    }
}
