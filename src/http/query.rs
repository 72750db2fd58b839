//! Numbers in query strings.

use salvo::Request;

/// Returns a number of the query, or `default` where it is missing. `None` if it is no whole number of 64 bits.
pub(super) fn number(req: &Request, name: &str, default: usize) -> Option<usize> {
    req.query::<String>(name).map_or(Some(default), |text| size(&text))
}

/// Parses a whole number of 64 bits. On a 32-bit system a larger size is the largest: no list is that long.
pub(super) fn size(text: &str) -> Option<usize> {
    text.parse::<u64>().ok().map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_means_the_same_on_32_bit_and_64_bit_systems() {
        assert_eq!(size("7"), Some(7));
        assert_eq!(size("18446744073709551615"), Some(usize::MAX));
        assert!(size("4294967296") > Some(4_294_967_294));
        for wrong in ["", "-1", "1.5", "ten", "18446744073709551616"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
