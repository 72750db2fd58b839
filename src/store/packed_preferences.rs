//! Codec of [`Preferences`] as a field of a packed row.

use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::model::Preferences;

/// The fields as they are stored. A language that a newer version knows reads as none.
#[derive(Encode, Decode)]
struct Fields<'a> {
    #[b(0)]
    language: Option<&'a str>,
    #[b(1)]
    time_zone: Option<&'a str>,
    #[n(2)]
    day_end: Option<u8>,
    #[n(3)]
    goal: Option<u16>,
}

impl<C> Encode<C> for Preferences {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, context: &mut C) -> Result<(), encode::Error<W::Error>> {
        let Self { language, time_zone, day_end, goal } = self;
        let language = language.as_ref().map(|language| language.as_str());
        Fields { language, time_zone: time_zone.as_deref(), day_end: *day_end, goal: *goal }.encode(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for Preferences {
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        let Fields { language, time_zone, day_end, goal } = Fields::decode(decoder, context)?;
        let language = language.and_then(|tag| tag.parse().ok());
        Ok(Self { language, time_zone: time_zone.map(str::to_owned), day_end, goal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn preferences_read_as_they_were_written() {
        let mut chosen = Preferences::default();
        assert_eq!(minicbor::to_vec(&chosen).expect("written"), [0x80]);
        chosen.language = Some(Language::Dutch);
        chosen.time_zone = Some("Europe/Amsterdam".into());
        chosen.day_end = Some(0);
        chosen.goal = Some(24);
        let row = minicbor::to_vec(&chosen).expect("written");
        assert_eq!(minicbor::decode::<Preferences>(&row).expect("read"), chosen);
        let newer = [0x85, 0x62, b't', b'l', 0xf6, 0x02, 0xf6, 0xf5];
        let read: Preferences = minicbor::decode(&newer).expect("read");
        assert_eq!((read.language, read.day_end), (None, Some(2)), "a language and a field of a newer version");
    }
}
