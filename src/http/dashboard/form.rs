//! The fields of a submitted form.

use super::error::PageError;
use super::form_errors::FormErrors;
use crate::model::Key;
use crate::text::Texts;

/// The fields of a submitted form, in their order.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Parses the body of a form.
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// Returns a field; empty if it is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Returns all fields.
    pub(super) fn into_fields(self) -> Vec<(String, String)> {
        self.0
    }

    /// Returns whether a field was sent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// Returns all fields of one name.
    #[cfg(feature = "import")]
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns the fields whose names begin so, each with the rest of its name.
    pub(super) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Returns whether a field is `yes`, and not `no`: anything else chooses nothing.
    pub(super) fn yes_or_no(&self, name: &str, texts: Texts) -> Result<bool, PageError> {
        match self.get(name) {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(PageError::InvalidForm(texts.msg("account-no-such-choice").to_string())),
        }
    }

    /// Returns the key of the new password in `new`, which `again` must repeat.
    pub(super) fn new_key(&self, texts: Texts) -> Result<Key, PageError> {
        let invalid = |field, id| PageError::InvalidFields(FormErrors::one(field, texts.msg(id)));
        let password = self.get("new");
        if password.trim().is_empty() {
            return Err(invalid("new", "errors-password-empty"));
        }
        if password != self.get("again") {
            return Err(invalid("again", "errors-passwords-differ"));
        }
        Key::from_password(password.as_bytes()).map_err(|_| invalid("new", "errors-password-empty"))
    }
}
