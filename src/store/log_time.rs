//! Times of positions in `log`, read without their texts.

use minicbor::{Decode, Decoder, decode};
use serde::Deserialize;

/// The time of a [`LogRecord`](super::records::LogRecord), and its link to the one before it.
#[derive(Debug, Clone, Copy, Decode, Deserialize)]
pub(super) struct LogTime {
    #[n(2)]
    pub(super) position: PositionTime,
    #[n(4)]
    #[serde(default)]
    pub(super) previous: Option<u64>,
}

/// The time of a position, in whole seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct PositionTime {
    #[serde(default)]
    pub(super) timestamp: u64,
}

impl<C> Decode<'_, C> for PositionTime {
    fn decode(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Self, decode::Error> {
        const FIELDS_BEFORE: u64 = 4;
        if decoder.array()? != Some(FIELDS_BEFORE + 1) {
            return Err(decode::Error::message("a position has 5 fields"));
        }
        for _ in 0..FIELDS_BEFORE {
            decoder.skip()?;
        }
        Ok(Self { timestamp: decoder.u64()? })
    }
}
