//! JSON bodies: the fields of a request, whatever its Content-Type [T3], and a response in the protocol's form [T4].

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use memchr::memchr;
use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::{Request, Response, Scribe};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::http::body::{self, BodyError};
use crate::model::Metadata;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Fields that most requests have.
const USUAL_FIELDS: usize = 8;
/// Bytes that most responses take.
const USUAL_RESPONSE_LEN: usize = 256;

/// Why a body has no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonError {
    /// It is not JSON.
    Syntax,
    /// It is JSON, but not an object.
    NotAnObject,
}

/// Reads a request's JSON as text. Bytes that are not UTF-8, and halves of surrogate pairs, become U+FFFD [T9].
///
/// Encoders pass the bytes of a file name on, whatever their encoding, some also control characters, and KOReader drops a push that
/// is refused. A byte-order mark before the JSON is ignored.
pub(super) async fn read(req: &mut Request, timeout: Duration) -> Result<String, BodyError> {
    Ok(repair(body::read(req, timeout).await?))
}

fn repair(mut body: Vec<u8>) -> String {
    if body.starts_with(BYTE_ORDER_MARK) {
        body.drain(..BYTE_ORDER_MARK.len());
    }
    replace_lone_surrogates(&mut body);
    // All bytes rather than up to the first: that takes several at a time, and there usually is none.
    let has_controls = body.iter().fold(false, |found, byte| found | (*byte < 0x20));
    if has_controls {
        body = escape_controls(&body);
    }
    String::from_utf8(body).unwrap_or_else(|invalid| String::from_utf8_lossy(invalid.as_bytes()).into_owned())
}

/// Escapes control characters in strings, where JSON does not allow them as they are.
fn escape_controls(json: &[u8]) -> Vec<u8> {
    let (mut escaped, mut in_string, mut after_backslash) = (Vec::with_capacity(json.len()), false, false);
    for byte in json {
        match byte {
            0..0x20 if in_string => escaped.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => escaped.push(*byte),
        }
        in_string ^= *byte == b'"' && !after_backslash;
        after_backslash = in_string && *byte == b'\\' && !after_backslash;
    }
    escaped
}

/// Replaces each `\uXXXX` that is half of a surrogate pair by `\ufffd`. Escapes occur in strings only, and keep their length.
fn replace_lone_surrogates(json: &mut [u8]) {
    let mut at = 0;
    while let Some(backslash) = json.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        at += backslash;
        at += match (code_unit(json, at), code_unit(json, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                json[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            _ => 2,
        };
    }
}

/// Returns the UTF-16 code unit of the escape at an index, if there is one.
fn code_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    // `from_str_radix` would accept a sign.
    let digits = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// The fields of a JSON object, each as it was sent. If a field comes twice the last one counts, as in Lua.
///
/// A request has few fields, so a list is as fast as a map, and its names are those of the body unless one has an escape.
pub(super) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'de> Visitor<'de> for ListVisitor {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields = Vec::with_capacity(USUAL_FIELDS);
                while let Some((Name(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(fields)
            }
        }
        from.deserialize_map(ListVisitor).map(Self)
    }
}

/// Name of a field, borrowed from the body where it can be.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Fields<'a> {
    /// Parses the body of a request, as [`read`] returns it.
    pub(super) fn parse(body: &'a str) -> Result<Self, JsonError> {
        serde_json::from_str(body).map_err(|_| match serde_json::from_str::<&RawValue>(body) {
            Ok(value) if !value.get().starts_with('{') => JsonError::NotAnObject,
            _ => JsonError::Syntax,
        })
    }

    fn field(&self, name: &str) -> Option<&'a str> {
        self.sent(name).filter(|value| *value != "null")
    }

    /// Returns a field as it was sent, also `null`.
    fn sent(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.get())
    }

    /// Returns a field as it was sent, unless it is missing or `null`.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        self.field(name)
    }

    /// Returns whether the field was sent as `null`.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.sent(name) == Some("null")
    }

    /// Returns whether the field was sent, also as `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.sent(name).is_some()
    }

    /// Returns a field that is `true` or `false`.
    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        serde_json::from_str(self.field(name)?).ok()
    }

    /// Returns a field that is a string.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.field(name)?).ok()
    }

    /// Returns a field that is a string and that arrived as it was meant: without U+FFFD.
    ///
    /// It is for names and passwords. Two that differ in bad bytes alone would be the same one.
    pub(super) fn intact_string(&self, name: &str) -> Option<String> {
        self.string(name).filter(|text| !text.contains('\u{fffd}'))
    }

    /// Returns the text of a field that is a string or a number.
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
        let fields = Fields::parse(self.field(name)?).ok()?;
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
        let mut bytes = Vec::with_capacity(USUAL_RESPONSE_LEN);
        #[allow(clippy::expect_used)]
        serde_json::to_writer(&mut bytes, body).expect("our responses have string keys and no types that fail");
        Self { status, body: bytes }
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
    use proptest::prelude::*;

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
        let fields = Fields::parse(r#" {"a":"x","a":"y","n":1.50,"z":null,"s":"0.25","o":{"t":"\ud83d\ude00"}} "#).ok();
        let fields = fields.expect("an object");
        assert_eq!(fields.string("a").as_deref(), Some("y"));
        assert_eq!(fields.text("n").as_deref(), Some("1.50"));
        assert_eq!(fields.string("n"), None);
        assert_eq!(fields.number("s"), Some(0.25));
        assert_eq!(fields.optional_text("z"), Some(None));
        assert_eq!(fields.optional_text("o"), None);
        assert_eq!(fields.text("missing"), None);
        assert!(matches!(Fields::parse("[1]"), Err(JsonError::NotAnObject)));
        assert!(matches!(Fields::parse("{\"a\":1} x"), Err(JsonError::Syntax)));
    }

    #[test]
    fn bytes_that_are_not_utf8_and_lone_surrogates_are_replaced() {
        let repaired = |body: &[u8]| repair(body.to_vec());
        assert_eq!(repaired(b"{\"a\":\"M\xfcller\"}"), "{\"a\":\"M\u{fffd}ller\"}");
        assert_eq!(repaired("{\"a\":\"Müller\"}".as_bytes()), "{\"a\":\"Müller\"}");
        for (sent, kept) in [
            (r"\udcf6", r"\ufffd"),
            (r"\uDCF6x", r"\ufffdx"),
            (r"\ud83d\ude00", r"\ud83d\ude00"),
            (r"\ud83d\ud83d\ude00", r"\ufffd\ud83d\ude00"),
            (r"\ude00\ud83d", r"\ufffd\ufffd"),
            (r"\ud83d\\ude00", r"\ufffd\\ude00"),
            (r"\\udcf6", r"\\udcf6"),
            (r"\\\udcf6", r"\\\ufffd"),
            // These are no escapes, so that the body is no JSON.
            (r"\ud83", r"\ud83"),
            (r"\u+83d", r"\u+83d"),
            (r"\", r"\"),
        ] {
            assert_eq!(repaired(sent.as_bytes()), kept, "{sent}");
        }
    }

    #[test]
    fn control_characters_are_escaped_in_strings_alone() {
        let repaired = |body: &str| repair(body.as_bytes().to_vec());
        for (sent, kept) in [
            ("{\n\t\"a\": 1\r\n}", "{\n\t\"a\": 1\r\n}"),
            ("{\"a\":\"x\ty\0\"}\n", "{\"a\":\"x\\u0009y\\u0000\"}\n"),
            ("{\"a\":\"\\\"\u{1b}\",\n\"b\":2}", "{\"a\":\"\\\"\\u001b\",\n\"b\":2}"),
            ("{\"a\":\"\\\\\",\n\"b\":\"\n\"}", "{\"a\":\"\\\\\",\n\"b\":\"\\u000a\"}"),
            ("\u{feff}{}", "{}"),
        ] {
            assert_eq!(repaired(sent), kept, "{sent:?}");
        }
    }

    proptest! {
        /// Whatever halves a string has, it is read as UTF-16 is: pairs are characters, all else is U+FFFD.
        #[test]
        fn a_string_of_escapes_is_read_as_utf16(pieces in prop::collection::vec(0..8_usize, 0..24)) {
            const PIECES: [(&str, &[u16]); 8] = [
                (r"\ud83d", &[0xd83d]),
                (r"\uDE00", &[0xde00]),
                (r"\udcf6", &[0xdcf6]),
                (r"\uDBFF", &[0xdbff]),
                (r"\u0041", &[0x41]),
                (r"\\", &[0x5c]),
                (r"\n", &[0x0a]),
                ("ud83d", &[0x75, 0x64, 0x38, 0x33, 0x64]),
            ];
            let text: String = pieces.iter().map(|piece| PIECES[*piece].0).collect();
            let units: Vec<u16> = pieces.iter().flat_map(|piece| PIECES[*piece].1).copied().collect();
            let body = repair(format!("{{\"{text}\":\"{text}\"}}").into_bytes());
            let fields = Fields::parse(&body).expect("an object");
            let expected = String::from_utf16_lossy(&units);
            prop_assert_eq!(fields.string(&expected), Some(expected));
        }

        #[test]
        fn any_bytes_become_text(body in prop::collection::vec(any::<u8>(), 0..64)) {
            let is_text = std::str::from_utf8(&body)
                .is_ok_and(|text| !text.contains("\\u") && !text.contains(char::is_control) && !text.starts_with('\u{feff}'));
            let repaired = repair(body.clone());
            prop_assert!(!is_text || repaired.as_bytes() == body);
        }
    }
}
