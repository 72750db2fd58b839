//! Small parts of sentences, for the terminal and the pages.

/// Formats a number with its noun in the singular or the plural: `1 account`, `2 accounts`.
#[cfg(feature = "cli")]
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Formats a position's percentage, whatever number a client sent: `42.5 %`.
pub(crate) fn percent(percentage: f64) -> String {
    let percent = percentage * 100.0;
    if percent.abs() >= 10_000.0 {
        return (if percent > 0.0 { "over 9999 %" } else { "below −9999 %" }).to_owned();
    }
    // Rounded down: a book is not at 100 % before its end. The millionth makes up for what binary fractions lose.
    let tenths = (percentage * 1000.0 + 1e-6).floor();
    let text = format!("{:.1}", tenths / 10.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text).replace('-', "−"))
}

/// Replaces control characters: a text that a client sent may contain commands to the terminal.
#[cfg(feature = "import")]
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_down_to_tenths_and_cut_at_9999() {
        let texts = [0.0, 0.5, 0.4256, 0.29, 0.57, 0.9999, 1.0, 42.0, 1e300, -0.25, -1e300].map(percent);
        let expected = [
            "0 %",
            "50 %",
            "42.5 %",
            "29 %",
            "57 %",
            "99.9 %",
            "100 %",
            "4200 %",
            "over 9999 %",
            "−25 %",
            "below −9999 %",
        ];
        assert_eq!(texts, expected);
    }

    /// U+009B begins a command like ESC `[` does, and a username may contain it.
    #[test]
    fn no_control_character_reaches_the_terminal() {
        for control in ['\u{1b}', '\u{7f}', '\u{80}', '\u{90}', '\u{9b}', '\u{9f}'] {
            assert_eq!(printable(&format!("a{control}b")), "a\u{fffd}b");
        }
        assert_eq!(printable("Jörg Ω\n📖"), "Jörg Ω\u{fffd}📖");
    }
}
