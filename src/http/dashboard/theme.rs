//! The appearance that a reader chooses: light, dark, or as the browser prefers. A cookie keeps it, with or without a login.

use salvo::Request;
use salvo::craft::craft;
use salvo::http::header::{HeaderMap, REFERER};

use super::context::Dashboard;
use super::error::PageError;
use super::page::PageResponse;
use super::session::cookie_values;
use crate::model::Language;
use crate::text::Texts;

const COOKIE_NAME: &str = "kosync-theme";
/// A year, in seconds.
const LIFETIME: u64 = 365 * 24 * 60 * 60;

/// The appearance of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    /// What the browser or its system prefers.
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub(super) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Returns the value of the cookie and of the form's field.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the id of its name.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Auto => "common-theme-auto",
            Self::Light => "common-theme-light",
            Self::Dark => "common-theme-dark",
        }
    }

    /// Returns the schemes that a page is made for, as `color-scheme` has them.
    pub(super) fn schemes(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// Returns the theme that the browser's cookie names.
    pub(super) fn chosen(req: &Request) -> Self {
        cookie_values(req, COOKIE_NAME).find_map(Self::parse).unwrap_or(Self::Auto)
    }
}

/// Returns path and query of the page that a form was sent from, as an address on the same host.
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
        let texts = req.extensions().get::<Texts>().copied().unwrap_or_else(|| Texts::of(Language::default()));
        let theme = Theme::parse(form.get("theme"))
            .ok_or_else(|| PageError::InvalidForm(texts.msg("account-no-such-choice").to_string()))?;
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
