//! An answer that a person sees, and the headers that keep it theirs.

use askama::Template;
use salvo::http::StatusCode;
use salvo::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use salvo::{Request, Response, Scribe};

use super::error::PageError;
use super::location::PageLocation;
use super::{LoginMode, assets};

/// What is around every page.
pub(super) struct Layout {
    pub(super) location: PageLocation,
    pub(super) title: String,
    /// The page of the navigation that this one belongs to.
    pub(super) tab: &'static str,
    /// Who is logged in.
    pub(super) user: Option<String>,
    pub(super) is_administrator: bool,
    /// Whether they can log out: not where Home Assistant has logged them in.
    pub(super) can_log_out: bool,
    /// What was just done.
    pub(super) notice: Option<&'static str>,
}

impl Layout {
    pub(super) fn for_nobody(location: Option<&PageLocation>, title: &str) -> Self {
        let nowhere = || PageLocation { base: "./".into(), address: String::new(), is_known: true, is_https: false };
        let location = location.cloned().unwrap_or_else(nowhere);
        Self {
            location,
            title: title.to_owned(),
            tab: "",
            user: None,
            is_administrator: false,
            can_log_out: true,
            notice: None,
        }
    }

    /// The same, with what was just done.
    pub(super) fn of_request(req: &Request, title: &str) -> Self {
        Self { notice: notice(req), ..Self::for_nobody(req.extensions().get(), title) }
    }

    pub(super) fn base(&self) -> &str {
        &self.location.base
    }

    /// An asset with its version, so that a browser may keep it.
    pub(super) fn asset(&self, name: &str) -> String {
        format!("{}assets/{name}?v={}", self.location.base, assets::version())
    }
}

/// What was done, told on the page that follows. The address has the word on the left.
const NOTICES: [(&str, &str); 11] = [
    ("renamed", "The new name is stored."),
    ("put-back", "The position is the newest again. Each of your devices now offers to go there."),
    ("deleted", "The book’s position and history are deleted."),
    ("password", "The password is changed. Log in anew on your devices: the old one no longer works."),
    ("account-deleted", "The account is deleted, with all that it had."),
    ("created", "The account is made."),
    ("switched-on", "The account is switched on."),
    ("switched-off", "The account is switched off: its devices cannot log in, push or pull."),
    ("password-set", "The new password is set. The account’s devices need it now."),
    ("opened", "Registration is open: devices can make accounts."),
    ("closed", "Registration is closed."),
];

/// What was just done, by the address of a request.
pub(super) fn notice(req: &Request) -> Option<&'static str> {
    let word = req.query::<String>("done")?;
    NOTICES.iter().find(|(name, _)| *name == word).map(|(_, text)| *text)
}

/// A page, or the way to another one.
pub(super) struct PageResponse {
    status: StatusCode,
    html: String,
    location: Option<String>,
    cookie: Option<String>,
    header: Option<(HeaderName, String)>,
}

impl PageResponse {
    pub(super) fn new(template: &impl Template) -> Self {
        #[allow(clippy::expect_used)]
        let html = template.render().expect("our templates call nothing that fails");
        Self { status: StatusCode::OK, html, location: None, cookie: None, header: None }
    }

    /// Leads to another page, which is then asked for with GET.
    pub(super) fn redirect_to(location: String) -> Self {
        Self {
            status: StatusCode::SEE_OTHER,
            html: String::new(),
            location: Some(location),
            cookie: None,
            header: None,
        }
    }

    /// As it is where a form was wrong.
    pub(super) fn with_error(self, error: Option<&PageError>) -> Self {
        match error {
            Some(error) => self.with_status(error.status()).with_header(error.header()),
            None => self,
        }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn with_header(self, header: Option<(HeaderName, String)>) -> Self {
        Self { header, ..self }
    }

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
        insert(LOCATION, self.location);
        insert(SET_COOKIE, self.cookie);
        insert(CONTENT_LENGTH, Some(self.html.len().to_string()));
        insert(CONTENT_TYPE, Some("text/html; charset=utf-8".into()));
        if let Some((name, value)) = self.header {
            insert(name, Some(value));
        }
        res.body(self.html);
    }
}

/// Nothing in a page runs but our own script, nobody may layout it, and no cache or other site learns what is in it.
///
/// The referrer is kept from other sites only: under `no-referrer` browsers send `Origin: null` with our own forms, too, and
/// over plain HTTP nothing else would tell them from those of another site.
pub(super) fn protect(res: &mut Response, login_mode: LoginMode) {
    macro_rules! policy {
        ($more:literal) => {
            concat!(
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'",
                $more
            )
        };
    }
    let policy = match login_mode {
        LoginMode::Login => policy!("; layout-ancestors 'none'"),
        // Home Assistant frames us, and lets nobody in who is not logged in there.
        LoginMode::Ingress => policy!(""),
    };
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ] {
        res.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}
