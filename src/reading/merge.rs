//! Merges the highlights of several files: one book may be in AnnotationSync's file and in exports of several devices and days.

use std::collections::{BTreeMap, HashMap};

/// Highlights of a book that are kept, the last made.
const MAX_HIGHLIGHTS: usize = 5_000;
/// Bytes of a book's highlights that are kept.
const MAX_BYTES: usize = 1 << 20;
/// Seconds of a quarter of an hour. Time zones differ by a multiple of it, by 26 hours at most.
const QUARTER: u64 = 15 * 60;
const MAX_ZONES: u64 = 26 * 60 * 60;

/// A passage that a reader marked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Highlight {
    pub(crate) text: String,
    pub(crate) note: Option<String>,
    pub(crate) chapter: Option<String>,
    /// Number or label of the page.
    pub(crate) page: Option<String>,
    pub(crate) color: Option<String>,
    /// When it was made, in seconds since the Unix epoch; 0 if that is unknown.
    pub(crate) time: u64,
    /// When it was last changed or exported.
    pub(crate) updated: u64,
    /// Whether it was deleted on a device: it stands for that alone.
    pub(crate) is_deleted: bool,
}

/// The highlights that one file has of one book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HighlightSource {
    /// What KOReader calls the book by its content, if the file says so.
    pub(crate) md5: Option<String>,
    pub(crate) title: String,
    pub(crate) authors: String,
    /// The book's path on the device, if the file says so.
    pub(crate) book_path: Option<String>,
    /// When it was exported, in seconds since the Unix epoch; 0 for AnnotationSync's.
    pub(crate) exported: u64,
    pub(crate) highlights: Vec<Highlight>,
}

impl HighlightSource {
    /// Returns about how many bytes of memory it takes.
    pub(crate) fn size(&self) -> usize {
        self.highlights.iter().map(|highlight| highlight.len() + size_of::<Highlight>()).sum::<usize>()
            + size_of::<Self>()
    }
}

/// All highlights of a book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BookHighlights {
    /// What KOReader calls the book by its content, if that is known.
    pub(crate) md5: Option<String>,
    pub(crate) title: String,
    pub(crate) authors: String,
    /// In the order of the book where pages are known, else by time.
    pub(crate) highlights: Vec<Highlight>,
}

impl BookHighlights {
    /// Returns when the last highlight was made, in seconds since the Unix epoch.
    pub(crate) fn last_time(&self) -> u64 {
        self.highlights.iter().map(|highlight| highlight.time).max().unwrap_or(0)
    }
}

/// Merges the sources of all books. `md5_of` finds the book of an export, which does not say its MD5.
pub(crate) fn merge_highlights(
    sources: Vec<HighlightSource>,
    md5_of: impl Fn(&HighlightSource) -> Option<String>,
) -> Vec<BookHighlights> {
    let mut books: BTreeMap<(Option<String>, String, String), Vec<HighlightSource>> = BTreeMap::new();
    for source in sources {
        let md5 = source.md5.clone().or_else(|| md5_of(&source));
        let key = match md5 {
            Some(md5) => (Some(md5), String::new(), String::new()),
            None => (None, source.title.to_lowercase(), source.authors.to_lowercase()),
        };
        books.entry(key).or_default().push(source);
    }
    let books = books.into_iter().map(|((md5, ..), sources)| merge_book(md5, sources));
    books.filter(|book| !book.highlights.is_empty()).collect()
}

fn merge_book(md5: Option<String>, sources: Vec<HighlightSource>) -> BookHighlights {
    let mut book = BookHighlights { md5, ..BookHighlights::default() };
    let mut merged = Merged::default();
    for source in newest_exports(sources) {
        if book.title.is_empty() {
            (book.title, book.authors) = (source.title, source.authors);
        }
        source.highlights.into_iter().for_each(|highlight| merged.add(highlight));
    }
    let mut highlights: Vec<Highlight> = merged.highlights.into_iter().filter(|it| !it.is_deleted).collect();
    highlights.sort_by_key(|highlight| std::cmp::Reverse(highlight.time));
    highlights.truncate(MAX_HIGHLIGHTS);
    let mut bytes = 0;
    highlights.retain(|highlight| {
        bytes += highlight.len();
        bytes <= MAX_BYTES
    });
    highlights.sort_by_cached_key(|highlight| (highlight.page_number(), highlight.time));
    book.highlights = highlights;
    book
}

/// Leaves out exports of a device that it replaced by a later one: what is missing in that was deleted. The last export comes first.
///
/// A device is identified by where it has the book.
fn newest_exports(mut sources: Vec<HighlightSource>) -> Vec<HighlightSource> {
    sources.sort_by_key(|source| std::cmp::Reverse(source.exported));
    let mut seen = std::collections::HashSet::new();
    sources.retain(|source| source.exported == 0 || seen.insert(source.book_path.clone()));
    sources
}

impl Highlight {
    fn len(&self) -> usize {
        let texts = [&self.note, &self.chapter, &self.page, &self.color];
        self.text.len() + texts.into_iter().flatten().map(String::len).sum::<usize>() + 32
    }

    /// Returns the number of the page, or the greatest number where there is none. A label in Roman digits has none.
    fn page_number(&self) -> u64 {
        self.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(u64::MAX)
    }

    /// Returns whether two times may be the same: an annotation's is without a zone, and the device may have another than we.
    fn is_at_time_of(&self, other: &Self) -> bool {
        let apart = self.time.abs_diff(other.time);
        self.time == 0 || other.time == 0 || apart <= MAX_ZONES && apart.is_multiple_of(QUARTER)
    }
}

/// Highlights of a book, each once.
#[derive(Default)]
struct Merged {
    highlights: Vec<Highlight>,
    /// Indices by text, without white space: exports change that.
    by_text: HashMap<String, Vec<usize>>,
}

impl Merged {
    fn add(&mut self, highlight: Highlight) {
        let text: String = highlight.text.split_whitespace().collect();
        let same = self.by_text.entry(text).or_default();
        let known = same.iter().copied().find(|index| self.highlights[*index].is_at_time_of(&highlight));
        let Some(index) = known else {
            same.push(self.highlights.len());
            self.highlights.push(highlight);
            return;
        };
        let known = &mut self.highlights[index];
        // What was changed last counts. What only the other one knows is kept.
        let (newer, older) =
            if highlight.updated > known.updated { (highlight, known.clone()) } else { (known.clone(), highlight) };
        *known = Highlight {
            chapter: newer.chapter.or(older.chapter),
            page: newer.page.or(older.page),
            color: newer.color.or(older.color),
            time: if newer.time == 0 { older.time } else { newer.time },
            ..newer
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    const NOON: u64 = 20_000 * DAY + 43_200;

    fn highlight(text: &str, time: u64) -> Highlight {
        Highlight { text: text.into(), time, updated: time, ..Highlight::default() }
    }

    fn sync(highlights: Vec<Highlight>) -> HighlightSource {
        HighlightSource { md5: Some("a".into()), highlights, ..HighlightSource::default() }
    }

    fn export(path: &str, exported: u64, texts: &[&str]) -> HighlightSource {
        let highlights = texts.iter().map(|text| Highlight { updated: exported, ..highlight(text, NOON) }).collect();
        HighlightSource {
            title: "Emma".into(),
            book_path: Some(path.into()),
            exported,
            highlights,
            ..Default::default()
        }
    }

    fn texts(sources: Vec<HighlightSource>) -> Vec<String> {
        let books = merge_highlights(sources, |_| Some("a".into()));
        books.into_iter().flat_map(|book| book.highlights).map(|highlight| highlight.text).collect()
    }

    #[test]
    fn w7_a_highlight_in_both_sources_is_one() {
        let mut noted = highlight("one  two", NOON + 3600);
        (noted.updated, noted.note, noted.page) = (NOON + 2 * DAY, Some("later".into()), Some("7".into()));
        let books =
            merge_highlights(vec![sync(vec![noted]), export("/a", NOON + DAY, &["one two"])], |_| Some("a".into()));
        let [book] = &books[..] else { panic!("{books:?}") };
        assert_eq!((book.title.as_str(), book.highlights.len()), ("Emma", 1));
        assert_eq!(book.highlights[0].note.as_deref(), Some("later"));
        let other_time = export("/b", NOON, &["one two"]);
        assert_eq!(texts(vec![sync(vec![highlight("one two", NOON + 61)]), other_time]).len(), 2);
    }

    #[test]
    fn w7_what_was_deleted_after_an_export_is_gone() {
        let deleted = |updated| Highlight { is_deleted: true, updated, ..highlight("gone", NOON) };
        let exported = export("/a", NOON + DAY, &["gone", "kept"]);
        assert_eq!(texts(vec![sync(vec![deleted(NOON + 2 * DAY)]), exported.clone()]), ["kept"]);
        assert_eq!(texts(vec![sync(vec![deleted(NOON)]), exported]), ["gone", "kept"], "it was marked again");
        assert!(merge_highlights(vec![sync(vec![deleted(NOON)])], |_| None).is_empty());
    }

    #[test]
    fn w7_a_device_s_later_export_replaces_the_one_before() {
        let (before, after) = (export("/a", NOON, &["gone", "kept"]), export("/a", NOON + DAY, &["kept"]));
        let other_device = export("/b", NOON, &["other"]);
        let mut found = texts(vec![before, other_device, after]);
        found.sort();
        assert_eq!(found, ["kept", "other"]);
    }

    #[test]
    fn highlights_are_in_the_order_of_the_book() {
        let at =
            |text: &str, page: Option<&str>, time| Highlight { page: page.map(Into::into), ..highlight(text, time) };
        let source =
            sync(vec![at("c", None, 5), at("b", Some("10"), 2), at("a", Some("9"), 3), at("d", Some("iv"), 9)]);
        assert_eq!(texts(vec![source]), ["a", "b", "c", "d"]);
    }

    #[test]
    fn exports_of_books_that_are_not_known_go_by_their_titles() {
        let books = merge_highlights(vec![export("/a", NOON, &["x"]), export("/b", NOON, &["y"])], |_| None);
        assert_eq!((books.len(), books[0].md5.as_ref(), books[0].highlights.len()), (1, None, 2));
    }

    #[test]
    fn a_book_s_highlights_are_bounded() {
        let many = (0..6_000).map(|number| highlight(&number.to_string(), NOON + number)).collect();
        let found = texts(vec![sync(many)]);
        assert_eq!((found.len(), found[0].as_str()), (MAX_HIGHLIGHTS, "1000"));
        let long = (0..200).map(|number| highlight(&format!("{number:010000}"), NOON + number)).collect();
        assert_eq!(texts(vec![sync(long)]).len(), 104);
    }
}
