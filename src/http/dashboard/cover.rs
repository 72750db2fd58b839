//! Makes a book's cover from its title and authors: the same colour and ornament for it on every page.

use super::lines;
use crate::library::Title;

/// Colours of bookbinder's cloth: cream text on each has a contrast of at least 6 to 1. `k0` and so on in the style sheet.
pub(super) const CLOTHS: [&str; 12] = [
    "#6b2737", "#83391f", "#6f5212", "#525b20", "#37562f", "#1f5848", "#1d5466", "#274570", "#35356a", "#582f62",
    "#5b4636", "#454f59",
];
/// Ornaments: rules, frame, bands, label. `o0` and so on in the style sheet.
pub(super) const ORNAMENTS: usize = 4;
/// Bytes of a title and of authors that a cover has room for.
const TITLE_MAX: usize = 90;
const AUTHORS_MAX: usize = 45;
/// Letters of an id on the cover of a book without a name.
const ID_LETTERS: usize = 8;

/// A cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cover {
    /// The index of its colour in [`CLOTHS`].
    pub(super) cloth: usize,
    pub(super) ornament: usize,
    pub(super) title: String,
    pub(super) authors: Option<String>,
    /// Whether the title is the start of an id.
    pub(super) is_id: bool,
}

impl Cover {
    pub(super) fn new(title: &Title) -> Self {
        let hash = fnv(&[&title.text, title.authors.as_deref().unwrap_or_default()]);
        let text = if title.is_id { title.text.chars().take(ID_LETTERS).collect() } else { spaced(&title.text) };
        Self {
            cloth: index(hash, CLOTHS.len()),
            ornament: index(hash >> 32, ORNAMENTS),
            title: lines::shortened(&text, TITLE_MAX),
            authors: title.authors.as_ref().map(|authors| lines::shortened(authors, AUTHORS_MAX)),
            is_id: title.is_id,
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "below `count`")]
fn index(hash: u64, count: usize) -> usize {
    ((hash & 0xffff_ffff) % count as u64) as usize
}

/// Returns a hash that no release of Rust changes. It is FNV-1a, and a mix of its bits.
fn fnv(texts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in texts.iter().flat_map(|text| text.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ hash >> 33
}

/// Makes words of a file's name, so that it can be wrapped: `The_Mill_on_the_Floss.epub` has none.
fn spaced(title: &str) -> String {
    let is_file = !title.contains(char::is_whitespace) && title.contains('.');
    let is_ending = |ending: &str| (2..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    let stem = match title.rsplit_once('.') {
        Some((stem, ending)) if is_file && is_ending(ending) && !stem.is_empty() => stem,
        _ => title,
    };
    if stem.contains(char::is_whitespace) { stem.to_owned() } else { stem.replace('_', " ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str, authors: Option<&str>, is_id: bool) -> Title {
        Title { text: text.into(), authors: authors.map(str::to_owned), is_id }
    }

    #[test]
    fn a_book_keeps_its_cover() {
        let emma = Cover::new(&title("Emma", Some("Jane Austen"), false));
        assert_eq!((emma.cloth, emma.ornament), (EMMA.0, EMMA.1), "it was another one before");
        let all: std::collections::HashSet<_> = (0..400)
            .map(|n| Cover::new(&title(&format!("Book {n}"), None, false)))
            .map(|c| (c.cloth, c.ornament))
            .collect();
        assert_eq!(all.len(), CLOTHS.len() * ORNAMENTS, "each is somewhere");
    }

    const EMMA: (usize, usize) = (5, 2);

    #[test]
    fn names_of_files_are_words_and_ids_are_short() {
        for (text, expected) in [
            ("The_Mill_on_the_Floss.epub", "The Mill on the Floss"),
            ("arxiv-2107.03374v2.pdf", "arxiv-2107.03374v2"),
            ("Mr. Norrell", "Mr. Norrell"),
            (".epub", ".epub"),
            ("吾輩は猫である", "吾輩は猫である"),
        ] {
            assert_eq!(Cover::new(&title(text, None, false)).title, expected);
        }
        let id = Cover::new(&title("ce3c380e7ab0a56e48d8ffb32cea8a3d", None, true));
        assert_eq!((id.title.as_str(), id.is_id), ("ce3c380e", true));
        assert!(Cover::new(&title(&"<".repeat(1024), Some(&"ü".repeat(500)), false)).title.len() < 130);
    }

    #[test]
    fn the_style_sheet_has_the_same_colours_and_each_is_readable() {
        let css = include_str!("assets/css/overview.css");
        for (index, cloth) in CLOTHS.iter().enumerate() {
            assert!(css.contains(&format!(".k{index} {{ background: {cloth}; }}")), "{index}");
            assert!(contrast(cloth, "#fdf6e6") > 6.0, "{cloth}: {}", contrast(cloth, "#fdf6e6"));
        }
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |color: &str| {
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).expect("a colour")) / 255.0;
                if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }
}
