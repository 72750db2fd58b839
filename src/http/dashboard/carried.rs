//! What a reader typed into a form whose session had ended: it is carried through the login, and sent again on confirmation.
//!
//! It travels in hidden fields of our own pages, so that nothing is stored for a stranger. Another site cannot put anything there: a
//! request with a body is refused unless it comes from one of our pages. Passwords are never carried; they are asked for again.

use super::codec::{decode, encode};
use super::form::Form;
use super::routes::RouteTable;

/// Most bytes that are carried, before they are encoded. The login's form has room for them.
const CARRIED_MAX: usize = 24 * 1024;
/// Names of fields that have passwords.
const SECRETS: [&str; 4] = ["current", "new", "again", "password"];
/// Names of fields that readers type texts into.
const TEXTS: [&str; 2] = ["name", "search"];

/// A form that waits for a login.
pub(super) struct CarriedForm {
    /// The form's path from the dashboard's root.
    pub(super) path: String,
    /// The fields, those of passwords without their values.
    fields: Vec<(String, String)>,
}

/// A field of a form that is shown for confirmation.
pub(super) enum CarriedField {
    /// A password, which is to be typed again.
    Secret(String),
    /// A text that can be changed.
    Text(String, String),
    /// Any other value.
    Value(String, String),
}

impl CarriedForm {
    /// Keeps what was sent to a path; `None` if it is too large, or the path has no form.
    pub(super) fn new(routes: &RouteTable, path: &str, form: Form) -> Option<Self> {
        let path = routes.own_form(path)?.to_owned();
        let blank = |(name, value): (String, String)| match SECRETS.contains(&name.as_str()) {
            true => (name, String::new()),
            false => (name, value),
        };
        let carried = Self { path, fields: form.into_fields().into_iter().map(blank).collect() };
        (carried.serialized().len() <= CARRIED_MAX).then_some(carried)
    }

    /// Takes it from the hidden fields `form` and `fields` of a login.
    pub(super) fn from_login(routes: &RouteTable, login: &Form) -> Option<Self> {
        let path = login.get("form");
        let fields = decode(login.get("fields"))?;
        if path.is_empty() { None } else { Self::new(routes, path, Form::parse(fields.as_bytes())) }
    }

    fn serialized(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }

    /// Returns the value of the hidden field `fields`.
    pub(super) fn encoded(&self) -> String {
        encode(&self.serialized())
    }

    /// Returns the fields for the page that asks for confirmation.
    pub(super) fn fields(&self) -> Vec<CarriedField> {
        let field = |(name, value): &(String, String)| match name.as_str() {
            secret if SECRETS.contains(&secret) => CarriedField::Secret(name.clone()),
            text if TEXTS.contains(&text) => CarriedField::Text(name.clone(), value.clone()),
            _ => CarriedField::Value(name.clone(), value.clone()),
        };
        self.fields.iter().map(field).collect()
    }

    /// Whether there are values that the page lists.
    pub(super) fn has_values(&self) -> bool {
        self.fields().iter().any(|field| matches!(field, CarriedField::Value(..)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_carried_and_the_rest_is_bounded() {
        let routes = RouteTable::default();
        routes.add("accounts", "GET, HEAD, POST", None);
        let form = |body: &str| Form::parse(body.as_bytes());
        let sent = form("name=J%C3%B6rg+%26&new=secret1&again=secret2&current=secret3&password=secret4&x=1&x=2");
        let carried = CarriedForm::new(&routes, "accounts", sent).expect("a form of ours");
        assert_eq!(carried.serialized(), "name=J%C3%B6rg+%26&new=&again=&current=&password=&x=1&x=2");
        let login = format!("name=ada&password=p&form=accounts&fields={}", carried.encoded());
        let again = CarriedForm::from_login(&routes, &form(&login)).expect("a form of ours");
        assert_eq!((again.path, again.fields), (carried.path, carried.fields));
        // Passwords that another page of ours would carry are dropped, too.
        let forged = format!("form=accounts&fields={}", encode("password=typed+by+another"));
        let forged = CarriedForm::from_login(&routes, &form(&forged)).expect("a form of ours");
        assert_eq!(forged.serialized(), "password=");
        assert!(CarriedForm::new(&routes, "accounts", form(&format!("name={}", "x".repeat(24_571)))).is_some());
        assert!(CarriedForm::new(&routes, "accounts", form(&format!("name={}", "x".repeat(24_572)))).is_none());
        for login in
            ["form=nowhere&fields=YQ", "form=//evil&fields=YQ", "form=accounts&fields=!", "form=&fields=YQ", ""]
        {
            assert!(CarriedForm::from_login(&routes, &form(login)).is_none(), "{login}");
        }
    }
}
