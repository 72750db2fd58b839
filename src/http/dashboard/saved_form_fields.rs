//! The forms whose contents outlive a session, with the labels of their fields.
//!
//! These are the forms that readers type or choose something in. All others need one press on their own page, which also says what
//! they are about.

use crate::model::Language;
use crate::text::Texts;

/// How a field is shown for confirmation.
#[derive(Clone, Copy)]
pub(super) enum FieldKind {
    /// A password, which is to be typed again.
    Secret,
    /// A text that can be changed; the type of its `input`.
    Text(&'static str),
    /// A choice, in words. `None` if it is the default or no choice of ours: then it is not listed.
    Choice(fn(Texts, &str) -> Option<String>),
    /// A value that says nothing to a reader.
    Hidden,
}

/// A field of a form.
pub(super) struct FieldText {
    /// Name of the field. One that ends with `-` stands for all that begin with it; an encoded document follows.
    name: &'static str,
    /// Id of its label, as on the form's page.
    pub(super) label: &'static str,
    pub(super) kind: FieldKind,
}

/// A form that can be sent again.
pub(super) struct FormText {
    /// The pattern of its route.
    pattern: &'static str,
    /// Id of what its button says, as on the form's page.
    pub(super) button: &'static str,
    fields: &'static [FieldText],
}

const fn text(name: &'static str, label: &'static str) -> FieldText {
    typed(name, label, "text")
}

const fn typed(name: &'static str, label: &'static str, input: &'static str) -> FieldText {
    FieldText { name, label, kind: FieldKind::Text(input) }
}

const fn secret(name: &'static str, label: &'static str) -> FieldText {
    FieldText { name, label, kind: FieldKind::Secret }
}

const fn choice(name: &'static str, label: &'static str, shown: fn(Texts, &str) -> Option<String>) -> FieldText {
    FieldText { name, label, kind: FieldKind::Choice(shown) }
}

const fn hidden(name: &'static str) -> FieldText {
    FieldText { name, label: "", kind: FieldKind::Hidden }
}

const SETUP: &[FieldText] = &[
    text("name", "setup-passwords-name"),
    typed("address", "setup-address", "url"),
    choice("koreader", "setup-installation", installation),
    hidden("files"),
];

const FORMS: [FormText; 14] = [
    FormText {
        pattern: "books",
        button: "books-search",
        fields: &[
            typed("search", "books-search-label", "search"),
            hidden("sort"),
            hidden("shelf"),
            hidden("device"),
            hidden("unnamed"),
        ],
    },
    FormText {
        pattern: "books/{book}/join",
        button: "books-search",
        fields: &[typed("search", "books-search-label", "search")],
    },
    FormText {
        pattern: "highlights",
        button: "common-search",
        fields: &[typed("search", "highlights-search", "search")],
    },
    FormText { pattern: "unnamed", button: "books-unnamed-save", fields: &[text("name-", "books-name-label")] },
    FormText { pattern: "books/{book}/rename", button: "books-save-name", fields: &[text("name", "books-name-label")] },
    FormText {
        pattern: "books/{book}/shelf",
        button: "books-move-finished",
        fields: &[typed("date", "books-finished-on", "date"), hidden("to")],
    },
    FormText {
        pattern: "devices/{device}/name",
        button: "books-save-name",
        fields: &[text("name", "devices-name-label")],
    },
    FormText {
        pattern: "accounts",
        button: "login-create-account",
        fields: &[
            text("name", "login-name"),
            secret("new", "login-password"),
            secret("again", "login-repeat-password"),
        ],
    },
    FormText {
        pattern: "preferences",
        button: "common-save",
        fields: &[
            choice("language", "account-language", language),
            choice("time_zone", "account-time-zone", |_, zone| (!zone.is_empty()).then(|| zone.to_owned())),
            choice("day_end", "account-day-end", day_end),
        ],
    },
    FormText {
        pattern: "current-position",
        button: "common-save",
        fields: &[choice("rule", "account-position", rule)],
    },
    FormText {
        pattern: "goal",
        button: "overview-goal-save",
        fields: &[typed("goal", "overview-goal-label", "number")],
    },
    FormText {
        pattern: "device-passwords",
        button: "setup-passwords-make",
        fields: &[text("name", "setup-passwords-name")],
    },
    FormText { pattern: "setup/{program}", button: "setup-show", fields: SETUP },
    FormText { pattern: "setup/koreader/files", button: "setup-download", fields: SETUP },
];

impl FormText {
    /// Returns the form of a route; `None` if its contents are not kept.
    pub(super) fn of(pattern: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.pattern == pattern)
    }

    /// Returns a field by the name that was sent, and the rest of that name.
    pub(super) fn field<'a>(&self, name: &'a str) -> Option<(&'static FieldText, &'a str)> {
        self.fields.iter().find_map(|field| {
            let rest = name.strip_prefix(field.name)?;
            (rest.is_empty() || field.name.ends_with('-')).then_some((field, rest))
        })
    }
}

fn language(texts: Texts, value: &str) -> Option<String> {
    match value {
        "" => Some(texts.msg("account-language-default").to_string()),
        tag => tag.parse::<Language>().ok().map(|language| language.native_name().to_owned()),
    }
}

fn day_end(texts: Texts, value: &str) -> Option<String> {
    match value.parse::<u8>().ok()? {
        0 => Some(texts.msg("account-day-end-midnight").to_string()),
        hour => Some(format!("{hour}:00")),
    }
}

fn rule(texts: Texts, value: &str) -> Option<String> {
    let id = match value {
        "" => "account-rule-default-about",
        "newest" => "account-rule-newest",
        "furthest" => "account-rule-furthest",
        "last" => "account-rule-last",
        _ => return None,
    };
    Some(texts.msg(id).to_string())
}

fn installation(texts: Texts, value: &str) -> Option<String> {
    let id = match value {
        "used" => "setup-in-use",
        "new" => "setup-new",
        _ => return None,
    };
    Some(texts.msg(id).to_string())
}
