//! Errors of a form: which field each belongs to, for the summary at the top of the page and for the fields themselves.

use std::borrow::Cow;

/// Why a form was refused, and at which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormError {
    /// Id of the field's element; empty if no field is to blame.
    pub(super) field: Cow<'static, str>,
    pub(super) text: String,
}

/// All reasons why a form was refused, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FormErrors(Vec<FormError>);

impl FormErrors {
    /// Returns one error; an empty `field` is none.
    pub(super) fn one(field: impl Into<Cow<'static, str>>, text: impl ToString) -> Self {
        Self(vec![FormError { field: field.into(), text: text.to_string() }])
    }

    /// Appends the errors of another part of the form.
    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Returns the ids of the fields that are to blame.
    pub(super) fn fields(&self) -> Vec<String> {
        self.0.iter().filter(|error| !error.field.is_empty()).map(|error| error.field.to_string()).collect()
    }

    /// Blames no field for what is wrong at one that the page does not have.
    pub(super) fn unlink(&mut self, field: &str) {
        self.0.iter_mut().filter(|error| error.field == field).for_each(|error| error.field = Cow::Borrowed(""));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &FormError> {
        self.0.iter()
    }

    /// Returns the text of the error at a field.
    pub(super) fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.text.as_str())
    }

    /// Returns all texts as one.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|error| error.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}
