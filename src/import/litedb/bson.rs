//! BSON as LiteDB writes it, read in place: nothing is copied, and a value that is not needed is not parsed.
//!
//! A nested document is a slice until its elements are read, so there is no recursion, whatever is in the file.

use super::cursor::Cursor;

/// Why something is not BSON.
pub(super) type Malformed = &'static str;
/// What a value is instead of the expected type, such as "not a text".
pub(super) type TypeMismatch = &'static str;

const ENDS_EARLY: Malformed = "it ends in the middle of a value";
const BAD_LENGTH: Malformed = "a length in it is wrong";

/// The elements of a document or an array, without its length and its end byte.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BsonDocument<'a>(&'a [u8]);

impl<'a> BsonDocument<'a> {
    /// Reads a document that takes all of the bytes.
    pub(super) fn whole(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor(bytes);
        let document = Self::take(&mut cursor)?;
        if cursor.0.is_empty() { Ok(document) } else { Err("it is longer than it says") }
    }

    /// Reads a document at the start of the bytes.
    pub(super) fn take(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let length = cursor.i32().ok_or(ENDS_EARLY)?;
        let rest = usize::try_from(length).ok().and_then(|length| length.checked_sub(4)).ok_or(BAD_LENGTH)?;
        match cursor.bytes(rest).ok_or("it is shorter than it says")?.split_last() {
            Some((0, elements)) => Ok(Self(elements)),
            _ => Err(BAD_LENGTH),
        }
    }

    /// Takes a document that may be cut off.
    pub(super) fn beginning(bytes: &'a [u8]) -> Self {
        Self(bytes.get(4..).unwrap_or_default())
    }

    /// Returns its elements in their order. There are none after an error.
    pub(super) fn elements(self) -> Elements<'a> {
        Elements(Cursor(self.0))
    }

    /// Returns the values of some fields, null for a missing one. Like LiteDB, ignores the case of names and takes the last field
    /// of a name.
    pub(super) fn fields<const N: usize>(self, names: [&str; N]) -> Result<[BsonValue<'a>; N], Malformed> {
        let mut values = [BsonValue::Null; N];
        for element in self.elements() {
            let (name, value) = element?;
            if let Some(index) = names.iter().position(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes())) {
                values[index] = value;
            }
        }
        Ok(values)
    }
}

/// Iterates over the names and values of a document. The names of an array's elements are their numbers.
#[derive(Debug, Clone)]
pub(super) struct Elements<'a>(Cursor<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = Result<(&'a [u8], BsonValue<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.0.is_empty() {
            return None;
        }
        let element = element(&mut self.0);
        if element.is_err() {
            self.0 = Cursor(&[]);
        }
        Some(element)
    }
}

fn element<'a>(cursor: &mut Cursor<'a>) -> Result<(&'a [u8], BsonValue<'a>), Malformed> {
    let kind = cursor.u8().ok_or(ENDS_EARLY)?;
    let name = cursor.zero_terminated().ok_or(ENDS_EARLY)?;
    Ok((name, BsonValue::take(kind, cursor)?))
}

/// A value. Types that no account uses are `Other`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum BsonValue<'a> {
    Null,
    Double(f64),
    /// A decimal of .NET, as the nearest double.
    Decimal(f64),
    Int32(i32),
    Int64(i64),
    Bool(bool),
    /// Milliseconds since the Unix epoch.
    DateTime(i64),
    Text(&'a [u8]),
    Document(BsonDocument<'a>),
    Array(BsonDocument<'a>),
    Other,
}

impl<'a> BsonValue<'a> {
    fn take(kind: u8, cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let skip = |cursor: &mut Cursor<'a>, count| cursor.bytes(count).map(|_| Self::Other).ok_or(ENDS_EARLY);
        match kind {
            0x01 => cursor.array().map(f64::from_le_bytes).map(Self::Double).ok_or(ENDS_EARLY),
            0x02 => text(cursor).map(Self::Text),
            0x03 => BsonDocument::take(cursor).map(Self::Document),
            0x04 => BsonDocument::take(cursor).map(Self::Array),
            0x05 => {
                let length = cursor.i32().ok_or(ENDS_EARLY)?;
                // The subtype is not in the length.
                let count = usize::try_from(length).ok().and_then(|length| length.checked_add(1)).ok_or(BAD_LENGTH)?;
                skip(cursor, count)
            }
            0x07 => skip(cursor, 12),
            0x08 => cursor.u8().map(|byte| Self::Bool(byte != 0)).ok_or(ENDS_EARLY),
            0x09 => cursor.i64().map(Self::DateTime).ok_or(ENDS_EARLY),
            0x0a => Ok(Self::Null),
            0x10 => cursor.i32().map(Self::Int32).ok_or(ENDS_EARLY),
            0x12 => cursor.i64().map(Self::Int64).ok_or(ENDS_EARLY),
            0x13 => cursor.array().ok_or(ENDS_EARLY).and_then(decimal).map(Self::Decimal),
            0x7f | 0xff => Ok(Self::Other),
            _ => Err("unknown type of value"),
        }
    }

    /// Returns a text, or `None` for null.
    pub(super) fn text(self) -> Result<Option<&'a str>, TypeMismatch> {
        match self {
            Self::Null => Ok(None),
            Self::Text(bytes) => std::str::from_utf8(bytes).map(Some).map_err(|_| "not UTF-8"),
            _ => Err("not a text"),
        }
    }

    /// Returns a boolean, or `None` for null.
    pub(super) fn bool(self) -> Result<Option<bool>, TypeMismatch> {
        match self {
            Self::Null => Ok(None),
            Self::Bool(value) => Ok(Some(value)),
            _ => Err("neither true nor false"),
        }
    }

    /// Returns a number of any type, or `None` for null.
    pub(super) fn number(self) -> Result<Option<f64>, TypeMismatch> {
        match self {
            Self::Null => Ok(None),
            Self::Double(number) | Self::Decimal(number) => Ok(Some(number)),
            Self::Int32(number) => Ok(Some(f64::from(number))),
            Self::Int64(number) => Ok(Some(number as f64)),
            _ => Err("not a number"),
        }
    }

    /// Returns a time in milliseconds since the Unix epoch, or `None` for null.
    pub(super) fn milliseconds(self) -> Result<Option<i64>, TypeMismatch> {
        match self {
            Self::Null => Ok(None),
            Self::DateTime(time) | Self::Int64(time) => Ok(Some(time)),
            Self::Int32(time) => Ok(Some(i64::from(time))),
            _ => Err("not a time"),
        }
    }

    /// Returns the elements of an array; null has none.
    pub(super) fn array(self) -> Result<Elements<'a>, TypeMismatch> {
        match self {
            Self::Null => Ok(BsonDocument(&[]).elements()),
            Self::Array(array) => Ok(array.elements()),
            _ => Err("not a list"),
        }
    }
}

/// Reads the bytes of a text. Its length includes the zero byte after it.
fn text<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Malformed> {
    let length = cursor.i32().and_then(|length| usize::try_from(length).ok()).ok_or(BAD_LENGTH)?;
    match cursor.bytes(length).ok_or(ENDS_EARLY)?.split_last() {
        Some((0, text)) => Ok(text),
        _ => Err(BAD_LENGTH),
    }
}

/// Reads a decimal of .NET: a whole number of 96 bits, then the power of ten that divides it, and the sign.
fn decimal(bytes: [u8; 16]) -> Result<f64, Malformed> {
    let bits = u128::from_le_bytes(bytes);
    let whole = bits & ((1 << 96) - 1);
    let flags = bits >> 96;
    let (scale, negative) = ((flags >> 16) & 0xff, flags >> 31 == 1);
    if flags & 0x7f00_ffff != 0 || scale > 28 {
        return Err("invalid decimal");
    }
    // Parsing a text rounds only once, to the nearest double. A zero has no sign here.
    let sign = if negative && whole != 0 { "-" } else { "" };
    format!("{sign}{whole}e-{scale}").parse().map_err(|_| "invalid decimal")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a document of elements.
    fn document(elements: &[u8]) -> Vec<u8> {
        let length = i32::try_from(elements.len() + 5).expect("short");
        [&length.to_le_bytes()[..], elements, &[0]].concat()
    }

    fn value(bytes: &[u8]) -> Result<BsonValue<'_>, Malformed> {
        let mut elements = BsonDocument(bytes).elements();
        let first = elements.next().expect("an element");
        assert!(elements.next().is_none(), "more than one element");
        first.map(|(_, value)| value)
    }

    #[test]
    fn every_type_of_value_is_read() {
        assert_eq!(value(b"\x01a\0\0\0\0\0\0\0\xe0\x3f"), Ok(BsonValue::Double(0.5)));
        assert_eq!(value(b"\x02a\0\x04\0\0\0x\0y\0"), Ok(BsonValue::Text(b"x\0y")));
        assert_eq!(value(b"\x03a\0\x05\0\0\0\0"), Ok(BsonValue::Document(BsonDocument(b""))));
        assert_eq!(value(b"\x04a\0\x08\0\0\0\x0a0\0\0"), Ok(BsonValue::Array(BsonDocument(b"\x0a0\0"))));
        assert_eq!(value(b"\x05a\0\x02\0\0\0\x00xy"), Ok(BsonValue::Other));
        assert_eq!(value(b"\x07a\x00123456789012"), Ok(BsonValue::Other));
        assert_eq!(value(b"\x08a\0\x01"), Ok(BsonValue::Bool(true)));
        assert_eq!(value(b"\x09a\0\xff\xff\xff\xff\xff\xff\xff\xff"), Ok(BsonValue::DateTime(-1)));
        assert_eq!(value(b"\x0aa\0"), Ok(BsonValue::Null));
        assert_eq!(value(b"\x10a\0\xfe\xff\xff\xff"), Ok(BsonValue::Int32(-2)));
        assert_eq!(value(b"\x12a\0\x07\0\0\0\0\0\0\0"), Ok(BsonValue::Int64(7)));
        assert_eq!(value(b"\xffa\0"), Ok(BsonValue::Other));
        assert_eq!(value(b"\x7fa\0"), Ok(BsonValue::Other));
    }

    #[test]
    fn decimals_become_the_nearest_double() {
        let read = |whole: u128, flags: u128| decimal((whole | flags << 96).to_le_bytes());
        assert_eq!(read(3186, 4 << 16), Ok(0.3186));
        assert_eq!(read(31_879_884_821_060_999, 17 << 16), Ok(0.318_798_848_210_61));
        assert_eq!(read(7000, 4 << 16), Ok(0.7));
        assert_eq!(read(1, 28 << 16), Ok(1e-28));
        assert_eq!(read(5, 1 << 16 | 1 << 31), Ok(-0.5));
        assert_eq!(read((1 << 96) - 1, 0), Ok(79_228_162_514_264_337_593_543_950_335.0));
        assert!(read(0, 1 << 31).is_ok_and(f64::is_sign_positive));
        assert!(read(1, 29 << 16).is_err() && read(1, 1).is_err() && read(1, 1 << 24).is_err());
    }

    #[test]
    fn malformed_bson_is_an_error_and_ends_the_iteration() {
        for bad in [
            &b"\x0d"[..],
            b"\x0aa",
            b"\x0da\0",
            b"\x00a\0",
            b"\x01a\0\0\0\0\0\0\0\0",
            b"\x02a\0\0\0\0\0",
            b"\x02a\0\x02\0\0\0xy",
            b"\x02a\0\xff\xff\xff\xff\0",
            b"\x02a\0\xff\xff\xff\x7f\0",
            b"\x03a\0\x04\0\0\0",
            b"\x03a\0\x05\0\0\0\x01",
            b"\x03a\0\x06\0\0\0\0",
            b"\x03a\0\xff\xff\xff\x7f\0",
            b"\x05a\0\xff\xff\xff\x7f\0\0",
            b"\x05a\0\xff\xff\xff\xff\0\0",
        ] {
            assert!(value(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_document_of_another_length_than_it_claims_is_malformed() {
        let bytes = document(b"\x0aa\0");
        assert!(BsonDocument::whole(&bytes).is_ok());
        assert!(BsonDocument::whole(&bytes[..7]).is_err());
        assert!(BsonDocument::whole(&[&bytes[..], b"\0"].concat()).is_err());
        for short in 0..5 {
            assert!(BsonDocument::whole(&bytes[..short]).is_err());
        }
    }

    #[test]
    fn field_names_ignore_case_and_the_last_one_wins() {
        let bytes = document(b"\x08A\0\0\x08unknown\0\0\x08a\0\x01");
        let fields = BsonDocument::whole(&bytes).and_then(|document| document.fields(["a", "b"]));
        assert_eq!(fields, Ok([BsonValue::Bool(true), BsonValue::Null]));
    }

    #[test]
    fn null_is_none_and_another_type_is_a_mismatch() {
        assert_eq!(BsonValue::Null.text(), Ok(None));
        assert_eq!(BsonValue::Null.number(), Ok(None));
        assert_eq!(BsonValue::Null.array().map(Iterator::count), Ok(0));
        assert_eq!(BsonValue::Text(b"\xff").text(), Err("not UTF-8"));
        assert!(
            BsonValue::Text(b"1").number().is_err()
                && BsonValue::Int32(1).text().is_err()
                && BsonValue::Int32(1).bool().is_err()
        );
        assert!(
            BsonValue::Bool(true).milliseconds().is_err() && BsonValue::Document(BsonDocument(b"")).array().is_err()
        );
        assert_eq!((BsonValue::Int64(2).number(), BsonValue::Int32(3).number()), (Ok(Some(2.0)), Ok(Some(3.0))));
        assert_eq!(
            (BsonValue::Int32(4).milliseconds(), BsonValue::DateTime(-5).milliseconds()),
            (Ok(Some(4)), Ok(Some(-5)))
        );
    }
}
