//! A message with its arguments.

use std::borrow::Cow;
use std::fmt;

use askama::filters::{Escaper as _, HtmlSafe};
use fluent_bundle::{FluentArgs, FluentValue};

use super::Texts;

/// A value that a message can have: a text, or a number, which is written as the language does.
pub(crate) trait Argument {
    /// Returns the value.
    fn to_value(&self) -> FluentValue<'static>;
}

impl Argument for str {
    fn to_value(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_owned()))
    }
}

impl Argument for String {
    fn to_value(&self) -> FluentValue<'static> {
        self.as_str().to_value()
    }
}

impl Argument for Message {
    fn to_value(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_string()))
    }
}

impl<T: Argument + ?Sized> Argument for &T {
    fn to_value(&self) -> FluentValue<'static> {
        (**self).to_value()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Argument for $number {
            fn to_value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, usize, i8, f64);

/// A message as text, which Askama escapes.
pub(crate) struct Message {
    texts: Texts,
    id: &'static str,
    args: FluentArgs<'static>,
}

impl Message {
    pub(super) fn new(texts: Texts, id: &'static str) -> Self {
        Self { texts, id, args: FluentArgs::new() }
    }

    /// Sets a variable.
    pub(crate) fn arg(mut self, name: &'static str, value: impl Argument) -> Self {
        self.args.set(name, value.to_value());
        self
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = &**self.texts.bundle;
        let pattern = bundle.get_message(self.id).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            debug_assert!(false, "no message {}", self.id);
            return f.write_str(self.id);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.args), &mut errors);
        debug_assert!(errors.is_empty(), "{}: {errors:?}", self.id);
        f.write_str(&text)
    }
}

/// A message that has tags, which Askama writes as it is. Its texts are escaped when they are set.
pub(crate) struct Html(Message);

impl Html {
    pub(super) fn new(texts: Texts, id: &'static str) -> Self {
        Self(Message::new(texts, id))
    }

    /// Sets a variable, and escapes it.
    pub(crate) fn arg(mut self, name: &'static str, value: impl Argument) -> Self {
        let value = match value.to_value() {
            FluentValue::String(text) => {
                let mut escaped = String::with_capacity(text.len());
                // A `String` takes all that is written to it.
                let _ = askama::filters::Html.write_escaped_str(&mut escaped, &text);
                FluentValue::String(Cow::Owned(escaped))
            }
            number => number,
        };
        self.0.args.set(name, value);
        self
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl HtmlSafe for Html {}
