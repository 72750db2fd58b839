//! Merges the highlights of several files: one book may be in AnnotationSync's file and in exports of several devices and days.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    /// The model of the device that uploaded the file, if that is known.
    pub(crate) device: Option<String>,
    /// Number of the device password by which the file was uploaded.
    pub(crate) device_password: Option<u32>,
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
/// A device is identified by its model, by where it has the book, and by its own password if it has one. It may have got that since.
fn newest_exports(mut sources: Vec<HighlightSource>) -> Vec<HighlightSource> {
    sources.sort_by_key(|source| std::cmp::Reverse(source.exported));
    let mut seen = HashSet::new();
    sources.retain(|source| {
        let device = |password| (source.device.clone(), source.book_path.clone(), password);
        let is_newest = source.exported == 0 || seen.insert(device(source.device_password));
        if source.exported > 0 {
            seen.insert(device(None));
        }
        is_newest
    });
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
}

/// Highlights of a book, each once.
#[derive(Default)]
struct Merged {
    highlights: Vec<Highlight>,
    /// By text, without white space: exports change that.
    by_text: HashMap<String, SameText>,
}

/// Highlights of one text, by their times: a file may have thousands.
#[derive(Default)]
struct SameText {
    /// Index of the first one.
    first: Option<usize>,
    /// Times within their quarter of an hour, times and indices.
    times: BTreeSet<(u64, u64, usize)>,
}

impl SameText {
    fn add(&mut self, index: usize, time: u64) {
        self.first.get_or_insert(index);
        if time > 0 {
            self.times.insert((time % QUARTER, time, index));
        }
    }

    /// Returns the first highlight that may have been made at a time.
    ///
    /// An annotation's time is without a zone, and the device may have another than we.
    fn find(&self, time: u64, highlights: &[Highlight]) -> Option<usize> {
        let first = self.first?;
        // Where the time of one is not known, all others of its text are the same highlight.
        if time == 0 || highlights[first].time == 0 {
            return Some(first);
        }
        let (within, from, to) = (time % QUARTER, time.saturating_sub(MAX_ZONES), time.saturating_add(MAX_ZONES));
        self.times.range((within, from, 0)..=(within, to, usize::MAX)).map(|(.., index)| *index).min()
    }
}

impl Merged {
    fn add(&mut self, highlight: Highlight) {
        let text: String = highlight.text.split_whitespace().collect();
        let same = self.by_text.entry(text).or_default();
        let Some(index) = same.find(highlight.time, &self.highlights) else {
            same.add(self.highlights.len(), highlight.time);
            self.highlights.push(highlight);
            return;
        };
        let known = &mut self.highlights[index];
        same.times.remove(&(known.time % QUARTER, known.time, index));
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
        same.add(index, known.time);
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
    fn w7_the_same_words_marked_at_other_times_are_other_highlights() {
        let times = [NOON, NOON + 61, NOON + 3 * DAY, NOON + 3 * DAY + 61];
        let marked = sync(times.map(|time| highlight("Emma", time)).to_vec());
        // An export of the last and the second one, by a device an hour behind, and of one whose time is not known: it may be any.
        let exported = |time, note: &str| Highlight {
            note: Some(note.into()),
            updated: NOON + 9 * DAY,
            ..highlight("Em ma", time)
        };
        let highlights =
            vec![exported(times[3] + 3600, "last"), exported(times[1] + 3600, "second"), exported(0, "unknown")];
        let export = HighlightSource { exported: NOON + 9 * DAY, highlights, ..HighlightSource::default() };
        let books = merge_highlights(vec![marked, export], |_| Some("a".into()));
        let notes: Vec<_> = books[0].highlights.iter().map(|it| it.note.as_deref().unwrap_or_default()).collect();
        assert_eq!(notes, ["", "second", "", "last"]);
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
        let other_model = HighlightSource { device: Some("Kobo_monza".into()), ..export("/a", NOON, &["third"]) };
        let mut found = texts(vec![before, other_device, other_model, after]);
        found.sort();
        assert_eq!(found, ["kept", "other", "third"]);
    }

    #[test]
    fn w7_a_password_of_its_own_tells_a_device_from_another_of_its_model() {
        let by = |password, exported, text: &str| HighlightSource {
            device_password: password,
            ..export("/a", exported, &[text])
        };
        let mut found = texts(vec![
            by(None, NOON, "before it had a password"),
            by(Some(1), NOON + DAY, "gone"),
            by(Some(1), NOON + 3 * DAY, "kitchen"),
            by(Some(2), NOON + 2 * DAY, "bed"),
        ]);
        found.sort();
        assert_eq!(found, ["bed", "kitchen"]);
        // A device with the account's password may be any but those.
        let mut found = texts(vec![by(Some(1), NOON, "kitchen"), by(None, NOON + DAY, "bed")]);
        found.sort();
        assert_eq!(found, ["bed", "kitchen"]);
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
