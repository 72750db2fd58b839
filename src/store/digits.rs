//! Hexadecimal digits as the bytes that they stand for.
//!
//! A push goes through the ids of several rows, so a digit costs a look into a table. Ids are no secrets, for which that would not do.

/// Case of the digits `a` to `f`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
}

const LOWER: u8 = 0x10;
const UPPER: u8 = 0x20;
const NO_DIGIT: u8 = 0x40;

/// The value of each character, and what it is besides.
static VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = if value < 10 { value } else { value | LOWER };
        values[b"0123456789ABCDEF"[value as usize] as usize] = if value < 10 { value } else { value | UPPER };
        value += 1;
    }
    values
};

/// Decodes digits into `buffer`; `None` if a text is empty, has other characters or both cases, or does not fit.
///
/// Digits without a letter are lowercase.
pub(super) fn decode<'a>(text: &str, buffer: &'a mut [u8]) -> Option<(&'a [u8], Case)> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = buffer.get_mut(..pairs.len()).filter(|bytes| !bytes.is_empty() && rest.is_empty())?;
    let mut kinds = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (VALUES[usize::from(*high)], VALUES[usize::from(*low)]);
        kinds |= high | low;
        *byte = high << 4 | low & 0xf;
    }
    match kinds & (LOWER | UPPER | NO_DIGIT) {
        0 | LOWER => Some((bytes, Case::Lower)),
        UPPER => Some((bytes, Case::Upper)),
        _ => None,
    }
}

/// Encodes bytes as digits.
pub(super) fn encode(bytes: &[u8], case: Case) -> String {
    let digits = match case {
        Case::Lower => b"0123456789abcdef",
        Case::Upper => b"0123456789ABCDEF",
    };
    let mut text = vec![0; 2 * bytes.len()];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digits[usize::from(byte >> 4)], digits[usize::from(byte & 0xf)]];
    }
    #[allow(clippy::expect_used)]
    String::from_utf8(text).expect("digits are ASCII")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &str) -> Option<(Vec<u8>, Case)> {
        decode(text, &mut [0; 4]).map(|(bytes, case)| (bytes.to_vec(), case))
    }

    #[test]
    fn digits_of_one_case_are_bytes() {
        assert_eq!(decoded("00ff9a"), Some((vec![0, 0xff, 0x9a], Case::Lower)));
        assert_eq!(decoded("00FF9A"), Some((vec![0, 0xff, 0x9a], Case::Upper)));
        assert_eq!(decoded("0123"), Some((vec![1, 0x23], Case::Lower)));
        for text in ["", "0", "abc", "aB", "0g", "0G", "/0", ":0", "@0", "`0", "é", "0123456789"] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }

    proptest! {
        /// What `base16ct` reads is read, with the same result.
        #[test]
        fn other_text_is_no_digits(text in "[0-9a-fA-Fg@`/:]{0,8}") {
            let lower = base16ct::lower::decode_vec(&text).ok().map(|bytes| (bytes, Case::Lower));
            let upper = base16ct::upper::decode_vec(&text).ok().map(|bytes| (bytes, Case::Upper));
            prop_assert_eq!(decoded(&text), lower.or(upper).filter(|_| !text.is_empty()));
        }

        #[test]
        fn digits_stand_for_their_bytes(bytes in prop::collection::vec(any::<u8>(), 1..8)) {
            let mut buffer = [0; 8];
            for (case, text) in
                [(Case::Lower, base16ct::lower::encode_string(&bytes)), (Case::Upper, base16ct::upper::encode_string(&bytes))]
            {
                prop_assert_eq!(&encode(&bytes, case), &text);
                prop_assert_eq!(decode(&text, &mut buffer).map(|(read, _)| read), Some(&*bytes));
            }
        }
    }
}
