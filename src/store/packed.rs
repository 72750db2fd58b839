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
    let mut buffer = [0; MAX_DIGITS / 2];
    let may_be_digits = !id.is_empty() && id.len() <= MAX_DIGITS && id.len().is_multiple_of(2);
    if may_be_digits && let Ok(bytes) = base16ct::lower::decode(id, &mut buffer) {
        encoder.bytes(bytes)?;
    } else if may_be_digits && let Ok(bytes) = base16ct::upper::decode(id, &mut buffer) {
        encoder.tag(UPPERCASE)?.bytes(bytes)?;
    } else {
        encoder.str(id)?;
    }
    Ok(())
}

fn decode_id(decoder: &mut Decoder<'_>) -> Result<String, decode::Error> {
    match decoder.datatype()? {
        Type::Bytes => Ok(base16ct::lower::encode_string(decoder.bytes()?)),
        Type::Tag if decoder.tag()? == UPPERCASE => Ok(base16ct::upper::encode_string(decoder.bytes()?)),
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
mod tests;
