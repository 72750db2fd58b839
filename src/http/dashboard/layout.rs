//! The frame that all pages share: title, navigation, and a notice of what was just done.

use std::borrow::Cow;

use salvo::Request;

use super::assets;
use super::error::PageError;
use super::form_errors::FormErrors;
use super::location::PageLocation;
use super::theme::Theme;
use crate::model::Language;
use crate::text::{Html, Message, Texts};

/// What `templates/base.html` needs.
pub(super) struct Layout {
    pub(super) location: PageLocation,
    /// The texts in the language of the account, else of the browser.
    pub(super) texts: Texts,
    pub(super) theme: Theme,
    pub(super) title: String,
    /// The entry of the navigation that is marked as the current one.
    pub(super) tab: &'static str,
    /// The name of the account that is logged in.
    pub(super) username: Option<String>,
    pub(super) is_administrator: bool,
    /// Whether there is a session to end. Behind Home Assistant's ingress there is none.
    pub(super) can_log_out: bool,
    /// What the request before this one did.
    pub(super) notice: Option<Message>,
    /// Why the form that was sent was refused.
    pub(super) errors: FormErrors,
}

impl Layout {
    /// Returns the layout of a page without a login. `title` is the id of a message.
    pub(super) fn anonymous(req: &Request, title: &'static str) -> Self {
        let location = req.extensions().get::<PageLocation>().cloned().unwrap_or_else(|| PageLocation {
            base: "./".into(),
            server_address: String::new(),
            is_address_certain: true,
            unknown_address: None,
            is_https: false,
        });
        let texts = requested_texts(req);
        Self {
            location,
            texts,
            theme: Theme::chosen(req),
            title: texts.msg(title).to_string(),
            tab: "",
            username: None,
            is_administrator: false,
            can_log_out: true,
            notice: None,
            errors: FormErrors::default(),
        }
    }

    /// Shows why a form was refused: in a summary at the top of the page, at the fields, and in the title.
    ///
    /// `field` is the id of the field that is to blame if the error does not say so itself; empty for none.
    pub(super) fn with_error(self, error: &PageError, field: &'static str) -> Self {
        Self { errors: error.form_errors(field, self.texts), ..self }
    }

    /// Shows why the form with a field was refused, whatever the reason: in the summary, at that field, and in the title.
    pub(super) fn with_error_at(self, error: &PageError, field: impl Into<Cow<'static, str>>) -> Self {
        let errors = match error {
            PageError::InvalidFields(errors) => errors.clone(),
            other => FormErrors::one(field, other.text(self.texts)),
        };
        Self { errors, ..self }
    }

    /// Returns the attributes that tie a field to its error; empty if it has none. The text is HTML.
    pub(super) fn invalid(&self, field: &str) -> String {
        match self.errors.at(field) {
            Some(_) => format!(" aria-invalid=\"true\" aria-describedby=\"{field}-error\""),
            None => String::new(),
        }
    }

    /// Returns a message as text.
    pub(super) fn text(&self, id: &'static str) -> Message {
        self.texts.msg(id)
    }

    /// Returns a message that has tags.
    pub(super) fn html(&self, id: &'static str) -> Html {
        self.texts.html(id)
    }

    /// Returns the relative path to the dashboard's root, with which every link starts.
    pub(super) fn base(&self) -> &str {
        &self.location.base
    }

    /// Returns the relative address of a page, given as a path from the dashboard's root.
    pub(super) fn link(&self, page: &str) -> String {
        format!("{}{page}", self.base())
    }

    /// Returns the name of the account that is logged in; empty without a login.
    pub(super) fn username(&self) -> &str {
        self.username.as_deref().unwrap_or_default()
    }

    /// Whether there is a page to import and export.
    #[allow(clippy::unused_self, reason = "templates have the layout only")]
    pub(super) fn has_transfer(&self) -> bool {
        cfg!(feature = "import")
    }

    /// Returns the appearances to choose from.
    #[allow(clippy::unused_self, reason = "templates have the layout only")]
    pub(super) fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }

    /// Whether the current page is one of those for administrators.
    pub(super) fn is_administration(&self) -> bool {
        ["accounts", "transfer", "server"].contains(&self.tab)
    }

    /// Returns the address of an asset, with its version.
    pub(super) fn asset(&self, name: &str) -> String {
        format!("{}assets/{name}?v={}", self.base(), assets::version())
    }
}

/// Returns the texts in the language that the page layer found for the request.
pub(super) fn requested_texts(req: &Request) -> Texts {
    req.extensions().get::<Texts>().copied().unwrap_or_else(|| Texts::of(Language::default()))
}

/// Messages that confirm a change, by the word of the redirect.
const NOTICES: [(&str, &str); 25] = [
    ("welcome", "notices-welcome"),
    ("renamed", "notices-renamed"),
    ("named", "notices-named"),
    ("moved", "notices-moved"),
    ("hidden", "notices-hidden"),
    ("taken-back", "notices-taken-back"),
    ("shown", "notices-shown"),
    ("forgotten", "notices-forgotten"),
    ("put-back", "notices-put-back"),
    ("start-over", "notices-start-over"),
    ("file-deleted", "notices-file-deleted"),
    ("deleted", "notices-deleted"),
    ("rule", "notices-rule"),
    ("preferences", "notices-preferences"),
    ("joined", "notices-joined"),
    ("parted", "notices-parted"),
    ("password", "notices-password"),
    ("account-deleted", "notices-account-deleted"),
    ("created", "notices-created"),
    ("switched-on", "notices-switched-on"),
    ("switched-off", "notices-switched-off"),
    ("password-set", "notices-password-set"),
    ("revoked", "notices-revoked"),
    ("opened", "notices-opened"),
    ("closed", "notices-closed"),
];

/// Returns the text that confirms what the request before this one did.
pub(super) fn notice_text(done: &str, texts: Texts) -> Option<Message> {
    NOTICES.iter().find(|(word, _)| *word == done).map(|(_, id)| texts.msg(id))
}
