//! Texts that clients chose, as the log shows them: cut to a bounded length.

/// Longest name of an account, a document or a device in the log, in characters.
pub(crate) const LOGGED_NAME_MAX: usize = 64;

/// Cuts a text to its first `max` characters.
pub(crate) fn shortened(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shortened("Jörg", 2), "Jö");
        assert_eq!(shortened("Jörg", 4), "Jörg");
        assert_eq!(shortened("", 0), "");
    }
}
