//! What a reader typed into a form whose session had ended: it is kept through the login, and sent again on confirmation.
//!
//! It travels in hidden fields of our own pages, so that nothing is stored for a stranger. Another site cannot put anything there: a
//! request with a body is refused unless it comes from one of our pages. Passwords are never kept; they are asked for again.

use super::codec::{decode, encode};
use super::form::Form;
use super::routes::RouteTable;
use super::saved_form_fields::{FieldKind, FormText};
use crate::text::{Message, Texts};

/// Most bytes that are kept, before they are encoded. The login's form has room for them.
const SAVED_MAX: usize = 24 * 1024;

/// A form that waits for a login.
pub(super) struct SavedForm {
    /// The form's path from the dashboard's root.
    pub(super) path: String,
    text: &'static FormText,
    /// The fields, those of passwords without their values.
    fields: Vec<(String, String)>,
}

/// Why a form does not wait for a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotSaved {
    /// Nothing was typed or chosen that its page does not have.
    Nothing,
    TooLong,
}

/// A field of a form that is shown for confirmation.
pub(super) struct SavedField {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) label: Message,
    /// The document that it is about, if the form has fields for several.
    pub(super) document: Option<String>,
    pub(super) view: FieldView,
}

pub(super) enum FieldView {
    /// A new password, which is to be typed again.
    Secret,
    /// A text that can be changed; the type of its `input`.
    Text(&'static str),
    /// A choice, in words.
    Choice(String),
    Hidden,
}

impl SavedForm {
    /// Keeps what was sent to a path.
    pub(super) fn new(routes: &RouteTable, path: &str, form: Form) -> Result<Self, NotSaved> {
        let text = routes.pattern_of_form(path).and_then(FormText::of).ok_or(NotSaved::Nothing)?;
        let kept = |(name, value): (String, String)| {
            let kind = text.field(&name)?.0.kind;
            Some((name, if matches!(kind, FieldKind::Secret) { String::new() } else { value }))
        };
        let saved =
            Self { path: path.to_owned(), text, fields: form.into_fields().into_iter().filter_map(kept).collect() };
        let is_typed = |(name, value): &(String, String)| {
            let kind = text.field(name).map(|(field, _)| field.kind);
            matches!(kind, Some(FieldKind::Choice(_))) || matches!(kind, Some(FieldKind::Text(_))) && !value.is_empty()
        };
        match (saved.fields.iter().any(is_typed), saved.serialized().len() <= SAVED_MAX) {
            (false, _) => Err(NotSaved::Nothing),
            (true, false) => Err(NotSaved::TooLong),
            (true, true) => Ok(saved),
        }
    }

    /// Takes it from the hidden fields `form` and `fields` of a login.
    pub(super) fn from_login(routes: &RouteTable, login: &Form) -> Option<Self> {
        let fields = decode(login.get("fields"))?;
        Self::new(routes, login.get("form"), Form::parse(fields.as_bytes())).ok()
    }

    fn serialized(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }

    /// Returns the value of the hidden field `fields`.
    pub(super) fn encoded(&self) -> String {
        encode(&self.serialized())
    }

    /// Returns the id of what the form's button says.
    pub(super) fn button(&self) -> &'static str {
        self.text.button
    }

    /// Returns the fields for the page that asks for confirmation, with their labels.
    pub(super) fn fields(&self, texts: Texts) -> Vec<SavedField> {
        let field = |(name, value): &(String, String)| {
            let (field, rest) = self.text.field(name)?;
            let view = match field.kind {
                FieldKind::Secret => FieldView::Secret,
                // A name that was not typed changes nothing.
                FieldKind::Text(_) if !rest.is_empty() && value.is_empty() => return None,
                FieldKind::Text(input) => FieldView::Text(input),
                FieldKind::Choice(shown) => shown(texts, value).map_or(FieldView::Hidden, FieldView::Choice),
                FieldKind::Hidden => FieldView::Hidden,
            };
            let label = texts.msg(if field.label.is_empty() { self.text.button } else { field.label });
            Some(SavedField { name: name.clone(), value: value.clone(), label, document: decode(rest), view })
        };
        self.fields.iter().filter_map(field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::routes::RouteKind;
    use super::*;

    fn routes() -> RouteTable {
        let routes = RouteTable::default();
        routes.add("accounts", "GET, HEAD, POST", RouteKind::Page);
        routes.add("books/{book}/shelf", "GET, HEAD, POST", RouteKind::Form("books/{book}"));
        routes.add("books/{book}/delete", "GET, HEAD, POST", RouteKind::Page);
        routes.add("unnamed", "GET, HEAD, POST", RouteKind::Page);
        routes.add("preferences", "GET, HEAD, POST", RouteKind::Form("account"));
        routes
    }

    fn form(body: &str) -> Form {
        Form::parse(body.as_bytes())
    }

    #[test]
    fn passwords_are_not_carried_and_the_rest_is_bounded() {
        let routes = routes();
        let sent = form("name=J%C3%B6rg+%26&new=secret1&again=secret2&current=secret3&password=secret4&x=1&x=2");
        let saved = SavedForm::new(&routes, "accounts", sent).unwrap_or_else(|_| panic!("a form of ours"));
        assert_eq!(saved.serialized(), "name=J%C3%B6rg+%26&new=&again=");
        let login = format!("name=ada&password=p&form=accounts&fields={}", saved.encoded());
        let again = SavedForm::from_login(&routes, &form(&login)).expect("a form of ours");
        assert_eq!((again.path, again.fields), (saved.path, saved.fields));
        // Passwords that another page of ours would carry are dropped, too.
        let forged = format!("form=accounts&fields={}", encode("name=x&new=typed+by+another"));
        let forged = SavedForm::from_login(&routes, &form(&forged)).expect("a form of ours");
        assert_eq!(forged.serialized(), "name=x&new=");
        let of_length = |length| SavedForm::new(&routes, "accounts", form(&format!("name={}", "x".repeat(length))));
        assert!(of_length(24_571).is_ok());
        assert_eq!(of_length(24_572).err(), Some(NotSaved::TooLong));
        for login in
            ["form=nowhere&fields=YQ", "form=//evil&fields=YQ", "form=accounts&fields=!", "form=&fields=YQ", ""]
        {
            assert!(SavedForm::from_login(&routes, &form(login)).is_none(), "{login}");
        }
    }

    #[test]
    fn a_form_in_which_nothing_was_typed_is_not_carried() {
        let routes = routes();
        let refused = |path: &str, body: &str| SavedForm::new(&routes, path, form(body)).err();
        for (path, body) in [
            ("accounts", "name=&new=x&again=x"),
            ("accounts", "account=7"),
            ("unnamed", "name-Ym9vaw=&name-YQ="),
            ("books/YQ/shelf", "to=aside"),
            ("books/YQ/delete", ""),
            ("nowhere", "name=x"),
        ] {
            assert_eq!(refused(path, body), Some(NotSaved::Nothing), "{path} {body}");
        }
        for (path, body) in [("books/YQ/shelf", "to=finished&date=2026-11-26"), ("preferences", "language=")] {
            assert_eq!(refused(path, body), None, "{path} {body}");
        }
    }

    #[test]
    fn fields_are_shown_with_the_labels_of_their_own_page() {
        let routes = routes();
        let shown = |path: &str, body: &str| -> Vec<String> {
            let saved = SavedForm::new(&routes, path, form(body)).unwrap_or_else(|_| panic!("a form of ours"));
            let fields = saved.fields(Texts::of(crate::model::Language::German));
            let words = |field: &SavedField| match &field.view {
                FieldView::Secret => format!("{}: ***", field.label),
                FieldView::Text(input) => {
                    let document = field.document.clone().unwrap_or_default();
                    format!("{} {document} ({input}): {}", field.label, field.value)
                }
                FieldView::Choice(words) => format!("{}: {words}", field.label),
                FieldView::Hidden => field.name.clone(),
            };
            fields.iter().map(words).collect()
        };
        assert_eq!(shown("accounts", "name=ada&new=x"), ["Name  (text): ada", "Passwort: ***"]);
        assert_eq!(shown("unnamed", "name-Ym9vaw=Emma&name-YQ="), ["Dein Name für dieses Buch book (text): Emma"]);
        assert_eq!(
            shown("preferences", "language=fr&time_zone=UTC&day_end=0"),
            ["Sprache: Français", "Zeitzone: UTC", "Dein Tag endet um: Mitternacht"]
        );
        assert_eq!(shown("books/YQ/shelf", "to=finished&date=2026-11-26"), ["to", "Beendet am  (date): 2026-11-26"]);
    }
}
