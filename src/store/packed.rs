//! Packed rows: the values of the tables that grow with use.
//!
//! A packed row is a version byte, then one CBOR array of the record's fields in the order of their numbers. CBOR says of each field what
//! it is and how long, so a field that is added later gets the next number: older rows lack it, and older programs skip it. Names of
//! fields, which were a third of a row of format 1, are in the code alone. Rows of format 1 are JSON objects: they stay readable, and are
//! packed when they are next written.
//!
//! Ids of documents and devices are mostly hexadecimal digits, of which two are stored in a byte.

use std::borrow::Cow;
use std::marker::PhantomData;

use heed::{BoxedError, BytesDecode, BytesEncode};
use minicbor::data::{Tag, Type};
use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::Deserialize;

use super::digits::{self, Case};
use crate::model::{
    Document, Identifier, Identifiers, Metadata, Network, PositionRule, Progress, PushEffect, StoredKey, UserId,
};

/// First byte of a packed row.
const VERSION: u8 = 2;
/// First byte of a row of format 1.
const JSON: u8 = b'{';
/// Bytes that most rows take.
const USUAL_LEN: usize = 192;
/// Tag of a byte string that stands for uppercase hexadecimal digits (RFC 8949). One without a tag stands for lowercase ones.
const UPPERCASE: Tag = Tag::new(23);
/// Longest text that is tried as hexadecimal digits. Ids have 32, some 64.
const MAX_DIGITS: usize = 128;

/// Returns whether a row is one of format 1.
pub(super) fn is_old(row: &[u8]) -> bool {
    row.first() == Some(&JSON)
}

/// Codec of a record as a packed row. It also reads rows of format 1.
pub(super) struct Packed<T>(PhantomData<T>);

impl<'a, T: Encode<()> + 'a> BytesEncode<'a> for Packed<T> {
    type EItem = T;

    fn bytes_encode(record: &'a T) -> Result<Cow<'a, [u8]>, BoxedError> {
        let mut row = Vec::with_capacity(USUAL_LEN);
        row.push(VERSION);
        minicbor::encode(record, &mut row)?;
        Ok(Cow::Owned(row))
    }
}

impl<'a, T: Decode<'a, ()> + Deserialize<'a> + 'a> BytesDecode<'a> for Packed<T> {
    type DItem = T;

    fn bytes_decode(row: &'a [u8]) -> Result<T, BoxedError> {
        match row.split_first() {
            Some((&VERSION, fields)) => {
                let mut decoder = Decoder::new(fields);
                let record = decoder.decode()?;
                match fields.len() - decoder.position() {
                    0 => Ok(record),
                    rest => Err(format!("{rest} bytes follow the last field").into()),
                }
            }
            Some((&JSON, _)) => Ok(serde_json::from_slice(row)?),
            Some((version, _)) => Err(format!("the row's version is {version}, known are 1 and {VERSION}").into()),
            None => Err("the row is empty".into()),
        }
    }
}

/// Returns the length of a record as it is stored.
pub(super) fn packed_len<T: Encode<()>>(record: &T) -> heed::Result<u64> {
    Ok(Packed::bytes_encode(record).map_err(heed::Error::Encoding)?.len() as u64)
}

/// Encodes an id: hexadecimal digits of one case as the bytes that they stand for, any other text as it is.
fn encode_id<W: Write>(id: &str, encoder: &mut Encoder<W>) -> Result<(), encode::Error<W::Error>> {
    match digits::decode(id, &mut [0; MAX_DIGITS / 2]) {
        Some((bytes, Case::Lower)) => encoder.bytes(bytes)?.ok(),
        Some((bytes, Case::Upper)) => encoder.tag(UPPERCASE)?.bytes(bytes)?.ok(),
        None => encoder.str(id)?.ok(),
    }
}

fn decode_id(decoder: &mut Decoder<'_>) -> Result<String, decode::Error> {
    match decoder.datatype()? {
        Type::Bytes => Ok(digits::encode(decoder.bytes()?, Case::Lower)),
        Type::Tag if decoder.tag()? == UPPERCASE => Ok(digits::encode(decoder.bytes()?, Case::Upper)),
        _ => Ok(decoder.str()?.to_owned()),
    }
}

impl<C> Encode<C> for UserId {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        encoder.u32(self.0)?.ok()
    }
}

impl<C> Decode<'_, C> for UserId {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        decoder.u32().map(Self)
    }
}

impl<C> Encode<C> for StoredKey {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        encoder.str(&self.0)?.ok()
    }
}

impl<C> Decode<'_, C> for StoredKey {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        Ok(Self(decoder.str()?.to_owned()))
    }
}

impl<C> Encode<C> for Document {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        encode_id(self.as_str(), encoder)
    }
}

impl<C> Decode<'_, C> for Document {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        decode_id(decoder)?.try_into().map_err(decode::Error::message)
    }
}

impl<C> Encode<C> for Network {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        encoder.bytes(self.as_bytes())?.ok()
    }
}

impl<C> Decode<'_, C> for Network {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_bytes(decoder.bytes()?).ok_or_else(|| decode::Error::message("these bytes are no network"))
    }
}

impl<C> Encode<C> for PositionRule {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        let number = match self {
            Self::Newest => 0,
            Self::Furthest => 1,
            Self::Last => 2,
        };
        encoder.u8(number)?.ok()
    }
}

impl<C> Decode<'_, C> for PositionRule {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        match decoder.u8()? {
            0 => Ok(Self::Newest),
            1 => Ok(Self::Furthest),
            2 => Ok(Self::Last),
            _ => Err(decode::Error::message("no rule of the current position has this number")),
        }
    }
}

/// Identifiers as they are stored: one array of labels and values in turn.
///
/// Few of those who read a record look at them, so they are read when they are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PackedIdentifiers(Vec<u8>);

impl PackedIdentifiers {
    pub(super) fn new(identifiers: &Identifiers) -> heed::Result<Self> {
        let mut bytes = Vec::new();
        Self::write(identifiers, &mut Encoder::new(&mut bytes)).map_err(|error| heed::Error::Encoding(error.into()))?;
        Ok(Self(bytes))
    }

    pub(super) fn unpack(&self) -> heed::Result<Identifiers> {
        Self::read(&mut Decoder::new(&self.0)).map_err(|error| heed::Error::Decoding(error.into()))
    }

    fn write<W: Write>(identifiers: &Identifiers, encoder: &mut Encoder<W>) -> Result<(), encode::Error<W::Error>> {
        encoder.array(2 * identifiers.as_slice().len() as u64)?;
        for identifier in identifiers.as_slice() {
            encoder.str(identifier.label())?;
            encode_id(identifier.value().as_str(), encoder)?;
        }
        Ok(())
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Identifiers, decode::Error> {
        let length = decoder.array()?.filter(|length| length.is_multiple_of(2));
        let count = length.ok_or_else(|| decode::Error::message("identifiers are pairs of a label and a value"))? / 2;
        let mut entries = Vec::new();
        for _ in 0..count {
            let label = decoder.str()?;
            entries.push(Identifier::new(label, &decode_id(decoder)?).map_err(decode::Error::message)?);
        }
        Identifiers::new(entries).map_err(decode::Error::message)
    }
}

impl<C> Encode<C> for PackedIdentifiers {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        encoder.writer_mut().write_all(&self.0).map_err(encode::Error::write)
    }
}

impl<C> Decode<'_, C> for PackedIdentifiers {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        let start = decoder.position();
        decoder.skip()?;
        Ok(Self(decoder.input()[start..decoder.position()].to_vec()))
    }
}

impl<C> Encode<C> for PushEffect {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        let number = match self {
            Self::Moved => 0,
            Self::HeldRepeat => 1,
            Self::Repeat => 2,
            Self::Opened => 3,
            Self::Echo => 4,
            Self::Queue => 5,
            Self::NotFurther => 6,
            Self::LandedElsewhere => 7,
        };
        encoder.u8(number)?.ok()
    }
}

impl<C> Decode<'_, C> for PushEffect {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        Ok(match decoder.u8()? {
            0 => Self::Moved,
            1 => Self::HeldRepeat,
            2 => Self::Repeat,
            3 => Self::Opened,
            4 => Self::Echo,
            5 => Self::Queue,
            6 => Self::NotFurther,
            7 => Self::LandedElsewhere,
            _ => return Err(decode::Error::message("no effect of a push has this number")),
        })
    }
}

impl<C> Encode<C> for Progress {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        let Self { progress, percentage, device, device_id, timestamp } = self;
        encoder.array(5)?.str(progress)?.f64(*percentage)?.str(device)?;
        match device_id {
            Some(id) => encode_id(id, encoder)?,
            None => encoder.null()?.ok()?,
        }
        encoder.u64(*timestamp)?.ok()
    }
}

impl<C> Decode<'_, C> for Progress {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        if decoder.array()? != Some(5) {
            return Err(decode::Error::message("a position has 5 fields"));
        }
        Ok(Self {
            progress: decoder.str()?.to_owned(),
            percentage: decoder.f64()?,
            device: decoder.str()?.to_owned(),
            device_id: if decoder.datatype()? == Type::Null {
                decoder.null()?;
                None
            } else {
                Some(decode_id(decoder)?)
            },
            timestamp: decoder.u64()?,
        })
    }
}

impl<C> Encode<C> for Metadata {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, context: &mut C) -> Result<(), encode::Error<W::Error>> {
        let Self { filename, title, authors } = self;
        [filename, title, authors].encode(encoder, context)
    }
}

impl<C> Decode<'_, C> for Metadata {
    fn decode(decoder: &mut Decoder<'_>, context: &mut C) -> Result<Self, decode::Error> {
        let [filename, title, authors] = decoder.decode_with(context)?;
        Ok(Self { filename, title, authors })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::records::{
        AliasListRecord, AliasRecord, DocumentRecord, LogLink, LogRecord, ProgressRecord, ProgressSize, UserRecord,
    };

    fn packed<T: Encode<()>>(record: &T) -> Vec<u8> {
        Packed::bytes_encode(record).expect("packed").into_owned()
    }

    fn unpacked<'a, T: Decode<'a, ()> + Deserialize<'a> + 'a>(row: &'a [u8]) -> Result<T, String> {
        Packed::<T>::bytes_decode(row).map_err(|error| error.to_string())
    }

    fn entry(document: &str, device_id: Option<&str>) -> LogRecord {
        let position = Progress::new("/p[1]".into(), 0.5, "Kobo".into(), device_id.map(str::to_owned));
        LogRecord {
            user: UserId(7),
            document: Document::new(document).expect("an id"),
            position: Progress { timestamp: 0x0102_0304, ..position.expect("a position") },
            pushes: 1,
            previous: Some(300),
            outcome: None,
        }
    }

    fn progress_record() -> ProgressRecord {
        let LogRecord { position, .. } = entry("ab", None);
        ProgressRecord {
            position,
            sequence: 300,
            entries: 3,
            thinned: 0,
            bytes: Some(40),
            state: None,
            identifiers: None,
            book: None,
            folded: None,
        }
    }

    /// Every later version must read these bytes.
    #[test]
    fn a_row_is_a_version_and_an_array_of_fields() {
        let position = |device_id: &[u8]| {
            let percentage = [0xfb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0];
            [b"\x85\x65/p[1]", &percentage[..], b"\x64Kobo", device_id, b"\x1a\x01\x02\x03\x04"].concat()
        };
        let log = [b"\x02\x85\x07\x41\xab", &position(b"\xd7\x41\xcd")[..], b"\x01\x19\x01\x2c"].concat();
        assert_eq!(packed(&entry("ab", Some("CD"))), log);
        assert_eq!(unpacked::<LogLink>(&log).expect("a link").previous, Some(300));

        let progress = [b"\x02\x85", &position(b"\xf6")[..], b"\x19\x01\x2c\x03\x00\x18\x28"].concat();
        assert_eq!(packed(&progress_record()), progress);
        let size: ProgressSize = unpacked(&progress).expect("a size");
        assert_eq!((size.sequence, size.entries, size.bytes), (300, 3, Some(40)));

        let identifiers: Identifiers = "md5:ab,isbn:97x".parse().expect("identifiers");
        let packed_identifiers = PackedIdentifiers::new(&identifiers).expect("packed");
        let identified = ProgressRecord { identifiers: Some(packed_identifiers), ..progress_record() };
        // Field 5 is empty.
        let row = [b"\x02\x87", &progress[2..], b"\xf6\x84\x63md5\x41\xab\x64isbn\x6397x"].concat();
        assert_eq!(packed(&identified), row);
        let unpacked_record: ProgressRecord = unpacked(&row).expect("a record");
        assert_eq!(unpacked_record.identifiers.expect("some").unpack().expect("unpacked"), identifiers);

        let alias = AliasRecord { document: Document::new("ab").expect("an id") };
        assert_eq!(packed(&alias), b"\x02\x81\x41\xab");
        let values = ["cd", "x.1"].map(|value| Document::new(value).expect("a value")).to_vec();
        assert_eq!(packed(&AliasListRecord { values }), b"\x02\x81\x82\x41\xcd\x63x.1");

        let about = DocumentRecord { metadata: Metadata::new(None, Some("Emma".into()), None), name: None };
        assert_eq!(packed(&about), b"\x02\x81\x83\xf6\x64Emma\xf6");

        let key = StoredKey("$argon2id$".into());
        let user = UserRecord {
            id: UserId(7),
            key,
            active: true,
            administrator: false,
            documents: 2,
            created: 9,
            last_used: 0,
            rewrites: 1,
            position_rule: None,
            preferences: None,
        };
        assert_eq!(packed(&user), b"\x02\x88\x07\x6a$argon2id$\xf5\xf4\x02\x09\x00\x01");
        let user = UserRecord { position_rule: Some(PositionRule::Last), ..user };
        assert_eq!(packed(&user), b"\x02\x89\x07\x6a$argon2id$\xf5\xf4\x02\x09\x00\x01\x02");
    }

    #[test]
    fn a_row_may_have_more_fields_or_fewer() {
        let mut row = packed(&progress_record());
        // Fields 5 to 9 of a later version, of which the first ones are not set.
        row[1] += 5;
        row.extend_from_slice(b"\xf6\xf6\xf6\xf6\x82\x01\x65later");
        assert_eq!(unpacked::<ProgressRecord>(&row).expect("a record").bytes, Some(40));
        assert_eq!(unpacked::<ProgressSize>(&row).expect("a size").bytes, Some(40));
        let uncounted = ProgressRecord { bytes: None, ..progress_record() };
        assert_eq!(packed(&uncounted)[1], 0x84, "the last field is left out");
        assert_eq!(unpacked::<ProgressRecord>(&packed(&uncounted)).expect("a record").bytes, None);
    }

    #[test]
    fn a_row_of_format_1_is_read() {
        let row =
            br#"{"user":7,"document":"ab","position":{"progress":"p","percentage":0.5,"device":"d"},"previous":3}"#;
        assert!(is_old(row) && !is_old(&packed(&entry("ab", None))));
        let entry: LogRecord = unpacked(row).expect("an entry");
        assert_eq!((entry.document.as_str(), entry.previous, entry.pushes), ("ab", Some(3), 1));
    }

    #[test]
    fn a_row_that_is_not_one_is_an_error_that_says_why() {
        let mut row = packed(&entry("ab", None));
        for length in 0..row.len() {
            assert!(unpacked::<LogRecord>(&row[..length]).is_err(), "{length}");
        }
        assert!(unpacked::<LogRecord>(b"\x03\x80").expect_err("refused").contains("version is 3"));
        row.push(0);
        assert!(unpacked::<LogRecord>(&row).expect_err("refused").contains("1 bytes follow"));
        // A colon is in no id.
        let row = [&[2, 0x85, 7, 0x61, b':'], &packed(&entry("ab", None))[5..]].concat();
        assert!(unpacked::<LogRecord>(&row).expect_err("refused").contains("colon"));
    }

    #[test]
    fn hexadecimal_ids_take_half_the_room() {
        let length = |id: &str| packed(&entry(id, None)).len();
        let digits = "0b229176d4e8db7f6d2b5a4952368d7a";
        assert_eq!(length(digits) - length("ab"), 15);
        assert_eq!(length(&digits.to_uppercase()) - length(digits), 1);
        assert_eq!(length(&digits.replace('0', "B")) - length(digits), 17, "digits of both cases stay text");
    }

    proptest! {
        #[test]
        fn every_id_is_read_as_it_was_written(id in "[0-9a-f]{0,130}|[0-9A-F]{0,130}|[0-9a-fA-F]{1,8}|\\PC{0,70}") {
            let mut row = Vec::new();
            encode_id(&id, &mut Encoder::new(&mut row)).expect("encoded");
            prop_assert_eq!(decode_id(&mut Decoder::new(&row)).expect("decoded"), id);
        }

        #[test]
        fn no_bytes_make_a_read_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..60) {
            let mut row = packed(&entry("ab", Some("CD")));
            row.splice(at.min(row.len()).., bytes);
            let _ = unpacked::<LogRecord>(&row);
            let _ = unpacked::<LogLink>(&row);
            let _ = unpacked::<UserRecord>(&row);
            let _ = unpacked::<DocumentRecord>(&row);
            let _ = unpacked::<AliasListRecord>(&row);
            let _ = PackedIdentifiers(row.get(1..).unwrap_or_default().to_vec()).unpack();
            let _ = PackedIdentifiers::decode(&mut Decoder::new(&row), &mut ());
        }
    }
}
