//! Answers that a browser shows: a page, or a redirect to one.

use askama::Template;
use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use salvo::{Response, Scribe};

use super::error::PageError;
use super::gzip;
use crate::http::answer;
use crate::library::scan::AnswerSlot;

/// A page, or a redirect to one.
pub(super) struct PageResponse {
    status: StatusCode,
    html: String,
    redirect_to: Option<String>,
    cookie: Option<String>,
    header: Option<(HeaderName, String)>,
    slot: Option<AnswerSlot>,
}

impl PageResponse {
    /// Renders a template, with status 200.
    pub(super) fn new(template: &impl Template) -> Self {
        #[allow(clippy::expect_used)]
        let html = template.render().expect("our templates call nothing that fails");
        let html = valid_markup(html);
        Self { status: StatusCode::OK, html, redirect_to: None, cookie: None, header: None, slot: None }
    }

    /// Returns the bytes of the page.
    pub(super) fn len(&self) -> usize {
        self.html.len()
    }

    /// Redirects with 303: the browser requests `address` with GET.
    pub(super) fn redirect_to(address: String) -> Self {
        let status = StatusCode::SEE_OTHER;
        Self { status, html: String::new(), redirect_to: Some(address), cookie: None, header: None, slot: None }
    }

    /// Sets the status and the header of an error.
    pub(super) fn with_error(self, error: &PageError) -> Self {
        Self { status: error.status(), header: error.header(), ..self }
    }

    /// Holds a slot of the account until the page is sent.
    pub(super) fn with_slot(self, slot: AnswerSlot) -> Self {
        Self { slot: Some(slot), ..self }
    }

    /// Sets a cookie, given as the value of `Set-Cookie`.
    pub(super) fn with_cookie(self, cookie: String) -> Self {
        Self { cookie: Some(cookie), ..self }
    }
}

impl Scribe for PageResponse {
    fn render(self, res: &mut Response) {
        res.status_code(self.status);
        let mut insert = |name, value: Option<String>| {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                res.headers_mut().insert(name, value);
            }
        };
        insert(LOCATION, self.redirect_to);
        insert(SET_COOKIE, self.cookie);
        insert(CONTENT_TYPE, Some("text/html; charset=utf-8".into()));
        if let Some((name, value)) = self.header {
            insert(name, Some(value));
        }
        let body = gzip::page(self.html, res);
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        res.body(answer::whole(body, self.slot));
    }
}

/// Replaces characters that neither HTML nor SVG may have: names of books and devices are what clients sent.
fn valid_markup(markup: String) -> String {
    let is_invalid =
        |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t') || matches!(c, '\u{fffe}' | '\u{ffff}');
    if markup.contains(is_invalid) { markup.replace(is_invalid, "\u{fffd}") } else { markup }
}
