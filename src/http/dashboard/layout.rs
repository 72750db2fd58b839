//! The frame that all pages share: title, navigation, and a notice of what was just done.

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
    pub(super) notice: Option<&'static str>,
    /// Why the form that was sent was refused.
    pub(super) errors: FormErrors,
}

impl Layout {
    /// Returns the layout of a page without a login.
    pub(super) fn anonymous(req: &Request, title: &str) -> Self {
        let location = req.extensions().get::<PageLocation>().cloned().unwrap_or_else(|| PageLocation {
            base: "./".into(),
            server_address: String::new(),
            is_address_certain: true,
            unknown_address: None,
            is_https: false,
        });
        Self {
            location,
            texts: requested_texts(req),
            theme: Theme::chosen(req),
            title: title.to_owned(),
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
        Self { errors: error.form_errors(field), ..self }
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

/// Texts that confirm a change, by the word of the redirect.
const NOTICE_TEXTS: [(&str, &str); 24] = [
    ("welcome", "Account created. Log in on your devices with the same name and password."),
    ("renamed", "Name saved."),
    ("named", "Names saved."),
    ("moved", "Moved. The book is on its new shelf."),
    ("hidden", "Hidden. Only the list of hidden books has it now."),
    ("shown", "The book is in the lists again."),
    ("forgotten", "Forgotten. The device comes back when it pushes again."),
    ("put-back", "Position put back. It is now the current one."),
    ("start-over", "Started over. The book has no current position until a device reads on."),
    ("file-deleted", "File deleted."),
    ("deleted", "Position and history deleted."),
    ("rule", "Saved. It holds from the next position on that a device sends."),
    ("preferences", "Saved."),
    ("joined", "Joined. Both files share one position and one history now."),
    ("parted", "Parted. The file has its own position and history again."),
    ("password", "Password changed. Log in again on your devices, but for those with a device password."),
    ("account-deleted", "Account deleted, with all its data."),
    ("created", "Account created."),
    ("switched-on", "Account enabled."),
    ("switched-off", "Account disabled. Its devices can no longer log in, push or pull."),
    ("password-set", "Password changed. Log in again on this account’s devices, but for those with a device password."),
    ("revoked", "Device password revoked. The device can no longer log in, read or push."),
    ("opened", "Registration is open."),
    ("closed", "Registration is closed."),
];

/// Returns the text that confirms what the request before this one did.
pub(super) fn notice_text(done: &str) -> Option<&'static str> {
    NOTICE_TEXTS.iter().find(|(word, _)| *word == done).map(|(_, text)| *text)
}
