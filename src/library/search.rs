//! Finds words in texts whatever their case, accents and typography: `godel` finds *Gödel*.

use std::collections::BTreeSet;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use super::book::non_blank;
use crate::model::{DOCUMENT_NAME_MAX, Document, Metadata};
use crate::store::DocumentEntry;

/// Words of a search that are used; each costs a comparison with every document.
const MAX_WORDS: usize = 16;
/// Marks of lower classes make another letter: nukta, the voicing of kana, virama.
const FIRST_STRIPPED_CLASS: u8 = 10;

/// The words of a search, folded. None find everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SearchWords(Vec<String>);

impl SearchWords {
    /// Takes the first 16 words, in sorted order, of a text's first 1,024 bytes.
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(&text[..text.floor_char_boundary(DOCUMENT_NAME_MAX)]);
        let words: BTreeSet<&str> = folded.split_whitespace().collect();
        Self(words.into_iter().take(MAX_WORDS).map(str::to_owned).collect())
    }

    /// Returns whether each word is in one of the texts.
    pub(crate) fn are_in<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let mut folded = String::new();
        for text in texts {
            fold_into(&mut folded, text);
            // No word has one, so none begins in a text and ends in the next.
            folded.push('\n');
        }
        let mut unspaced = None;
        self.0.iter().all(|word| {
            folded.contains(word)
                || has_no_spaces(word) && unspaced.get_or_insert_with(|| folded.replace(' ', "")).contains(word)
        })
    }

    /// Returns whether a document, or a file joined with it, has each of the words. Name, title, authors, file name and id are searched.
    pub(crate) fn find(&self, entry: &DocumentEntry) -> bool {
        let others = entry.joined.iter().flat_map(|book| book.others(&entry.document));
        let others = others.flat_map(|joined| texts(&joined.document, &joined.metadata, joined.name.as_ref()));
        self.are_in(texts(&entry.document, &entry.metadata, entry.name.as_ref()).chain(others))
    }
}

/// Returns whether a word is of Han or kana, which are written without spaces. Some titles have spaces there.
fn has_no_spaces(word: &str) -> bool {
    word.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3fffd}'))
}

/// Returns what a search looks through.
fn texts<'a>(
    document: &'a Document,
    Metadata { filename, title, authors }: &'a Metadata,
    name: Option<&'a String>,
) -> impl Iterator<Item = &'a str> {
    let texts = [name, title.as_ref(), authors.as_ref(), filename.as_ref()];
    texts.into_iter().filter_map(non_blank).chain([document.as_str()])
}

/// Returns a text without what people leave out when they type: case, accents, the width and joining of letters, curly quotes.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}

fn fold_into(folded: &mut String, text: &str) {
    const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
    const CLASSES: CanonicalCombiningClassMapBorrowed<'static> = CanonicalCombiningClassMapBorrowed::new();
    if text.is_ascii() {
        folded.extend(text.chars().map(|character| character.to_ascii_lowercase()));
        return;
    }
    for character in NFKD.normalize_iter(text.chars()) {
        if character.is_ascii() {
            folded.push(character.to_ascii_lowercase());
            continue;
        }
        if CLASSES.get_u8(character) >= FIRST_STRIPPED_CLASS {
            continue;
        }
        match plain(character) {
            Some(plain) => folded.push_str(plain),
            // By upper case, which spells ß, ſ, ς and ı out: that is full case folding, and finds a Turkish ı as i. ẞ is upper case.
            None => {
                let upper = character.to_lowercase().flat_map(char::to_uppercase);
                folded.extend(upper.flat_map(char::to_lowercase));
            }
        }
    }
}

/// Returns what people type for a character that has no decomposition in Unicode.
fn plain(character: char) -> Option<&'static str> {
    Some(match character {
        'Æ' | 'æ' => "ae",
        'Œ' | 'œ' => "oe",
        'Ø' | 'ø' => "o",
        'Ł' | 'ł' => "l",
        'Đ' | 'đ' | 'Ð' | 'ð' => "d",
        'Ħ' | 'ħ' => "h",
        'Ŧ' | 'ŧ' => "t",
        'Þ' | 'þ' => "th",
        '‘' | '’' | '‚' | '‛' | 'ʻ' | 'ʼ' | '′' => "'",
        '“' | '”' | '„' | '‟' | '«' | '»' => "\"",
        '‐'..='―' | '−' => "-",
        // Lengthens an Arabic word in print.
        'ـ' => "",
        // Characters that are not seen: soft hyphen, joiners, marks of direction, byte order mark.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_leaves_what_people_type() {
        let same = [
            ("Gödel, Escher, Bach", "godel, escher, bach"),
            // The same letters, composed and not.
            ("Émile", "emile"),
            ("E\u{301}mile", "emile"),
            ("STRASSE Straße", "strasse strasse"),
            ("ẞ", "ss"),
            ("ﬁn de siècle", "fin de siecle"),
            ("Ｅｍｍａ　１２", "emma 12"),
            ("İstanbul ıstanbul ISTANBUL istanbul", "istanbul istanbul istanbul istanbul"),
            ("Ὀδυσσεύς ΟΔΥΣΣΕΎΣ", "οδυσσευσ οδυσσευσ"),
            ("Война и мир Ёлка", "воина и мир елка"),
            ("Stanisław Lem, Ærø, Þór, Đorđe", "stanislaw lem, aero, thor, dorde"),
            ("Don’t — “x”", "don't - \"x\""),
            ("soft\u{ad}hyphen zero\u{200b}width", "softhyphen zerowidth"),
            ("كِتَاب", "كتاب"),
            ("שָׁלוֹם", "שלום"),
            ("ﷲ", "الله"),
            ("مُحَمَّد أحمد كتـــاب", "محمد احمد كتاب"),
            ("Đường xưa mây trắng", "duong xua may trang"),
            // Hangul in its parts, as macOS writes file names.
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글"),
            ("ŒUVRES, ﬀ ﬆ", "oeuvres, ff st"),
            ("Hawaiʻi", "hawai'i"),
            ("", ""),
        ];
        for (text, folded) in same {
            assert_eq!(fold(text), fold(folded), "{text}");
        }
        assert_eq!(fold("Gödel"), "godel");
        assert_eq!(fold("ß"), "ss");
        // Signs that make another letter stay.
        assert_ne!(fold("か"), fold("が"));
        assert_ne!(fold("क"), fold("क्"));
    }

    #[test]
    fn every_word_must_be_in_one_of_the_texts() {
        let are_in = |words: &str| SearchWords::new(words).are_in(["Über alles Emma", "Jane Austen", "0123"]);
        assert!(are_in("EMMA") && are_in("austen uber") && are_in("012") && are_in(" \u{3000}") && are_in(""));
        assert!(!are_in("emma bovary"));
        assert!(!are_in("emmajane"), "no word goes over the end of a text");
        let in_japanese = |words: &str| SearchWords::new(words).are_in(["吾輩は猫である", "夏目　漱石"]);
        assert!(in_japanese("夏目漱石") && in_japanese("夏目 猫") && !in_japanese("である夏目"));
        // Marks alone are no word.
        assert_eq!(SearchWords::new("\u{301} \u{200b}"), SearchWords::default());
        assert_eq!(SearchWords::new(&"x ".repeat(9000)).0.len(), 1);
        let many: String = (0..300).map(|number| format!("{number} ")).collect();
        assert_eq!(SearchWords::new(&many).0.len(), MAX_WORDS);
    }
}
