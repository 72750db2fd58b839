//! A body is JSON, whatever its Content-Type says (rule T3).

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::error::ApiError;
use crate::model::Metadata;

/// The fields of a JSON object, each as it was sent. Of a field that comes twice the last counts, as in Lua.
pub(super) struct Fields<'a>(HashMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        let value: &RawValue = serde_json::from_slice(body).map_err(|_| ApiError::NotJson)?;
        if !value.get().starts_with('{') {
            return Err(ApiError::NotAnObject);
        }
        serde_json::from_str(value.get()).map(Self).map_err(|_| ApiError::NotJson)
    }

    fn field(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|value| value.get()).filter(|value| *value != "null")
    }

    /// Whether the field was sent as `null`.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.get() == "null")
    }

    /// A field that is a string.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.field(name)?).ok()
    }

    /// A field that is a string, or a number, which is taken as its text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.field(name)?;
        if is_number(value) { Some(value.to_owned()) } else { self.string(name) }
    }

    /// Like [`Fields::text`], for a field that may be left out: then it is `Some(None)`.
    pub(super) fn optional_text(&self, name: &str) -> Option<Option<String>> {
        if self.field(name).is_none() { Some(None) } else { self.text(name).map(Some) }
    }

    /// A field that is a number, or a string that Lua's `tonumber` takes for one.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let value = self.field(name)?;
        if is_number(value) { serde_json::from_str(value).ok() } else { lua_number(&self.string(name)?) }
    }

    /// What a client tells about a document. What is no text is left out: a push is never refused for it.
    pub(super) fn metadata(&self, name: &str) -> Option<Metadata> {
        let fields = Fields::parse(self.field(name)?.as_bytes()).ok()?;
        Some(Metadata::new(fields.text("filename"), fields.text("title"), fields.text("authors")))
    }
}

fn is_number(value: &str) -> bool {
    value.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// Lua's `tonumber`: blanks around it are ignored, and hexadecimal counts. It knows no words for infinity.
fn lua_number(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        // `from_str_radix` would take a second sign.
        let value = hex.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok());
        return value.flatten().map(|value| sign * f64::from(value));
    }
    let numeral = digits.starts_with(|first: char| first == '.' || first.is_ascii_digit());
    let value: f64 = if numeral { digits.parse().ok()? } else { return None };
    value.is_finite().then_some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_strings_are_lua_s() {
        for (text, number) in [
            ("0.42", 0.42),
            (" 1 ", 1.0),
            ("-0.5", -0.5),
            ("+2", 2.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e-3", 0.001),
            ("0x10", 16.0),
            ("-0XfF", -255.0),
        ] {
            assert_eq!(lua_number(text), Some(number), "{text:?}");
        }
        for text in
            ["", " ", "abc", "nan", "inf", "-inf", "infinity", "1e999", "--1", "-+1", "0x", "0x+1", "1 2", "½", "1,5"]
        {
            assert_eq!(lua_number(text), None, "{text:?}");
        }
    }

    #[test]
    fn fields_are_taken_as_they_were_sent() {
        let fields =
            Fields::parse(br#" {"a":"x","a":"y","n":1.50,"z":null,"s":"0.25","o":{"t":"\ud83d\ude00"}} "#).ok();
        let fields = fields.expect("an object");
        assert_eq!(fields.string("a").as_deref(), Some("y"));
        assert_eq!(fields.text("n").as_deref(), Some("1.50"));
        assert_eq!(fields.string("n"), None);
        assert_eq!(fields.number("s"), Some(0.25));
        assert_eq!(fields.optional_text("z"), Some(None));
        assert_eq!(fields.optional_text("o"), None);
        assert_eq!(fields.text("missing"), None);
        assert!(matches!(Fields::parse(b"[1]"), Err(ApiError::NotAnObject)));
        assert!(matches!(Fields::parse(b"{\"a\":1} x"), Err(ApiError::NotJson)));
        assert!(matches!(Fields::parse(b"\xff"), Err(ApiError::NotJson)));
        // A string that only looks like one: half of a surrogate pair.
        assert_eq!(Fields::parse(br#"{"a":"\ud83d"}"#).ok().and_then(|fields| fields.string("a")), None);
    }
}
