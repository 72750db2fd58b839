//! JSON bodies: the fields of a request, whatever its Content-Type [T3], and a response in the protocol's form [T4].

use std::collections::HashMap;

use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::{Response, Scribe};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::model::Metadata;

/// Why a body has no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonError {
    /// It is not JSON.
    Syntax,
    /// It is JSON, but not an object.
    NotAnObject,
}

/// The fields of a JSON object, each as it was sent. If a field comes twice the last one counts, as in Lua.
pub(super) struct Fields<'a>(HashMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// Parses the body of a request.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, JsonError> {
        let value: &RawValue = serde_json::from_slice(body).map_err(|_| JsonError::Syntax)?;
        if !value.get().starts_with('{') {
            return Err(JsonError::NotAnObject);
        }
        serde_json::from_str(value.get()).map(Self).map_err(|_| JsonError::Syntax)
    }

    fn field(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|value| value.get()).filter(|value| *value != "null")
    }

    /// Returns whether the field was sent as `null`.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.get() == "null")
    }

    /// Returns a field that is a string.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.field(name)?).ok()
    }

    /// Returns a field that is a string, or the text of one that is a number.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.field(name)?;
        if is_number(value) { Some(value.to_owned()) } else { self.string(name) }
    }

    /// Like [`Fields::text`], but a missing field is `Some(None)`.
    pub(super) fn optional_text(&self, name: &str) -> Option<Option<String>> {
        if self.field(name).is_none() { Some(None) } else { self.text(name).map(Some) }
    }

    /// Returns a field that is a number, or a string that Lua's `tonumber` accepts [P2].
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let value = self.field(name)?;
        if is_number(value) { serde_json::from_str(value).ok() } else { lua_number(&self.string(name)?) }
    }

    /// Returns the metadata of a document. Values of another type are left out: they are no reason to refuse a push.
    pub(super) fn metadata(&self, name: &str) -> Option<Metadata> {
        let fields = Fields::parse(self.field(name)?.as_bytes()).ok()?;
        Some(Metadata::new(fields.text("filename"), fields.text("title"), fields.text("authors")))
    }
}

fn is_number(value: &str) -> bool {
    value.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// Parses a number as Lua's `tonumber` does: blanks around it are ignored, hexadecimal is accepted, `inf` and `nan` are not.
fn lua_number(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        // `from_str_radix` would accept a second sign.
        let value = hex.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok());
        return value.flatten().map(|value| sign * f64::from(value));
    }
    let numeral = digits.starts_with(|first: char| first == '.' || first.is_ascii_digit());
    let value: f64 = if numeral { digits.parse().ok()? } else { return None };
    value.is_finite().then_some(sign * value)
}

/// A response in the protocol's form.
pub(super) struct JsonResponse {
    status: StatusCode,
    body: Vec<u8>,
}

impl JsonResponse {
    /// Responds 200 with a value as JSON.
    pub(super) fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// Responds 200 with bytes that are JSON already.
    pub(super) fn from_bytes(body: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, body }
    }

    pub(super) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        #[allow(clippy::expect_used)]
        let body = serde_json::to_vec(body).expect("our responses have string keys and no types that fail");
        Self { status, body }
    }
}

impl Scribe for JsonResponse {
    /// Writes type and length [T4]; the length also where HEAD drops the body.
    fn render(self, res: &mut Response) {
        res.status_code(self.status);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        res.body(self.body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_strings_are_parsed_as_lua_does() {
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
    fn fields_keep_the_text_that_was_sent() {
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
        assert!(matches!(Fields::parse(b"[1]"), Err(JsonError::NotAnObject)));
        assert!(matches!(Fields::parse(b"{\"a\":1} x"), Err(JsonError::Syntax)));
        assert!(matches!(Fields::parse(b"\xff"), Err(JsonError::Syntax)));
        // Half of a surrogate pair is no string.
        assert_eq!(Fields::parse(br#"{"a":"\ud83d"}"#).ok().and_then(|fields| fields.string("a")), None);
    }
}
