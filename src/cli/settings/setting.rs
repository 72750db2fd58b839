//! What the table of settings says about each of them.

use crate::Config;

/// One setting: its names, what it does, and how a value is applied.
pub(super) struct Setting {
    /// Key in the configuration file.
    pub(super) key: Option<&'static str>,
    /// Flag without its dashes.
    pub(super) flag: Option<&'static str>,
    /// Environment variable.
    pub(super) variable: Option<&'static str>,
    /// Environment variables of other servers, read if `variable` is unset.
    pub(super) others: &'static [OtherVariable],
    /// Heading of its group in `--help`.
    pub(super) heading: &'static str,
    /// What stands for the value in `--help`.
    pub(super) value_name: &'static str,
    pub(super) default: DefaultValue,
    /// What it sets, in Markdown.
    pub(super) help: &'static str,
    pub(super) kind: Kind,
}

/// An environment variable of another server, which people who move in have set.
pub(super) struct OtherVariable {
    pub(super) name: &'static str,
    /// Whose it is, in the possessive.
    pub(super) server: &'static str,
    pub(super) meaning: Meaning,
}

impl OtherVariable {
    pub(super) const fn new(name: &'static str, server: &'static str, meaning: Meaning) -> Self {
        Self { name, server, meaning }
    }
}

/// What the value of another server's variable means here.
#[derive(PartialEq, Eq)]
pub(super) enum Meaning {
    /// The value of the setting.
    Same,
    /// The opposite of the setting.
    Opposite,
    /// `true` and `1` are true, everything else is false, also an empty value.
    OnlyTrueOr1,
}

/// The value of a setting that is not given.
pub(super) enum DefaultValue {
    Unset,
    /// A value as it could be given.
    Value(&'static str),
    /// A description in Markdown.
    Described(&'static str),
}

/// How a text from a flag or a variable becomes part of the configuration.
pub(super) enum Kind {
    Single(Apply),
    /// Comma-separated, and the flag may be repeated.
    List(Apply),
    /// Names the file in which the other settings are.
    Source,
    /// Only in the configuration file.
    FileOnly,
}

/// Applies a value, or says what is wrong with it and what is allowed.
pub(super) type Apply = fn(&mut Config, &str) -> Result<(), String>;

/// A setting without names: what the entries of the table leave out.
pub(super) const NONE: Setting = Setting {
    key: None,
    flag: None,
    variable: None,
    others: &[],
    heading: "",
    value_name: "",
    default: DefaultValue::Unset,
    help: "",
    kind: Kind::FileOnly,
};
