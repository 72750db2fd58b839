//! Highlights as a file of Markdown or JSON, made book by book.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use crate::error::Error;
use crate::http::answer::Parts;
use crate::library::SearchWords;
use crate::library::reading::{HighlightedBook, find_highlights};
use crate::model::UserId;
use crate::reading::Highlight;
use crate::state::AppState;
use crate::text::{Clock, Texts};

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Markdown,
    Json,
}

impl Format {
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// The highlights of some books.
pub(super) struct HighlightsFile {
    state: Arc<AppState>,
    user: UserId,
    /// Names of the books' rows.
    books: std::vec::IntoIter<String>,
    words: SearchWords,
    format: Format,
    clock: Clock,
    /// Whether a book was written.
    has_books: bool,
    has_ended: bool,
}

impl HighlightsFile {
    pub(super) fn new(
        state: Arc<AppState>,
        user: UserId,
        books: Vec<String>,
        words: SearchWords,
        format: Format,
        clock: Clock,
    ) -> Self {
        Self { state, user, books: books.into_iter(), words, format, clock, has_books: false, has_ended: false }
    }
}

impl Parts for HighlightsFile {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        while let Some(name) = self.books.next() {
            let AppState { store, scan_limiter, .. } = &*self.state;
            let found = scan_limiter.slice(self.user, || find_highlights(store, self.user, &name)).await?;
            let Some(mut book) = found else { continue };
            book.search(&self.words);
            if book.highlights.is_empty() {
                continue;
            }
            let is_first = !std::mem::replace(&mut self.has_books, true);
            return Ok(Some(match self.format {
                Format::Markdown => markdown(&book, &self.clock).into_bytes(),
                Format::Json => [if is_first { "[\n" } else { ",\n" }, &json(&book)].concat().into_bytes(),
            }));
        }
        if std::mem::replace(&mut self.has_ended, true) {
            return Ok(None);
        }
        Ok(Some(match (self.format, self.has_books) {
            (Format::Json, true) => b"\n]\n".to_vec(),
            (Format::Json, false) => b"[]\n".to_vec(),
            (Format::Markdown, _) => return Ok(None),
        }))
    }
}

fn json(book: &HighlightedBook) -> String {
    let HighlightedBook { document, title, authors, highlights, .. } = book;
    let highlight = |highlight: &Highlight| {
        let Highlight { text, note, chapter, page, color, time, .. } = highlight;
        let mut value = json!({ "text": text });
        for (name, text) in [("note", note), ("chapter", chapter), ("page", page), ("color", color)] {
            if let Some(text) = text {
                value[name] = text.as_str().into();
            }
        }
        if *time > 0 {
            value["timestamp"] = (*time).into();
        }
        value
    };
    let mut value = json!({ "title": title, "highlights": highlights.iter().map(highlight).collect::<Vec<_>>() });
    if let Some(authors) = authors {
        value["authors"] = authors.as_str().into();
    }
    if let Some(document) = document {
        value["document"] = document.as_str().into();
    }
    value.to_string()
}

/// Returns the title of a book in the reader's language, where nothing names it.
pub(super) fn title_of(book: &HighlightedBook, texts: Texts) -> String {
    if book.is_untitled { texts.msg("highlights-untitled").to_string() } else { book.title.clone() }
}

/// Writes a book: its title, then each chapter's title and quotes.
fn markdown(book: &HighlightedBook, clock: &Clock) -> String {
    let mut text = format!("# {}\n\n", in_line(&title_of(book, clock.texts)));
    if let Some(authors) = &book.authors {
        let _ = writeln!(text, "*{}*\n", in_line(authors));
    }
    let mut chapter = None;
    for highlight in &book.highlights {
        if highlight.chapter != chapter {
            chapter.clone_from(&highlight.chapter);
            if let Some(chapter) = &chapter {
                let _ = writeln!(text, "## {}\n", in_line(chapter));
            }
        }
        if !highlight.text.is_empty() {
            let _ = writeln!(text, "{}", quote(&highlight.text));
        }
        if let Some(note) = &highlight.note {
            let lines: Vec<String> = note.lines().map(in_line).collect();
            let _ = writeln!(text, "{}\n", lines.join("  \n"));
        }
        let page = highlight.page.as_deref().map(|page| in_line(&page_number(page, clock.texts)));
        let color = highlight.color.as_deref().map(|color| in_line(&color_name(color, clock.texts)));
        let made = (highlight.time > 0).then(|| clock.texts.time(highlight.time, &clock.zone));
        let about: Vec<String> = [page, color, made].into_iter().flatten().collect();
        if !about.is_empty() {
            let _ = writeln!(text, "— {}\n", about.join(", "));
        }
    }
    text
}

/// Names a page: `page 12`.
pub(super) fn page_number(page: &str, texts: Texts) -> String {
    texts.msg("highlights-page").arg("page", page).to_string()
}

/// Translates the name of one of KOReader's colours.
pub(super) fn color_name(color: &str, texts: Texts) -> String {
    texts.msg("highlights-color").arg("color", color).to_string()
}

fn quote(text: &str) -> String {
    text.lines().map(|line| format!("> {}\n", in_line(line))).collect()
}

/// Escapes a text for one line of Markdown, so that no character means anything.
fn in_line(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            c if c.is_control() || ['\u{2028}', '\u{2029}'].contains(&c) => escaped.push(' '),
            // Any ASCII punctuation may be escaped; HTML must be.
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '.' | '!' | '|' | '~'
            | '=' | ':' | '@' | '$' | '^' | '%' => {
                if must_escape(c, &escaped) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Returns whether a character may mean something: some anywhere, the others at the start of a line, or after its number.
fn must_escape(c: char, before: &str) -> bool {
    match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '^' | '{' | '}' => true,
        // An address of its own becomes a link.
        ':' | '@' => true,
        '#' | '+' | '-' | '=' | '%' | '!' => before.is_empty(),
        '.' | '(' | ')' => before.chars().all(|c| c.is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    fn book(text: &str) -> HighlightedBook {
        let highlight = Highlight {
            text: text.into(),
            note: Some(text.into()),
            chapter: Some(text.into()),
            ..Highlight::default()
        };
        let (title, authors, highlights) = (text.into(), Some(text.into()), vec![highlight]);
        HighlightedBook { document: None, title, is_untitled: false, authors, highlights }
    }

    #[test]
    fn no_text_means_anything_in_markdown() {
        let cases = [
            ("# heading", "\\# heading"),
            ("1. list", "1\\. list"),
            ("- list", "\\- list"),
            ("a - b. c (d)!", "a - b. c (d)!"),
            ("<script>&", "&lt;script&gt;&amp;"),
            ("![x](javascript:alert(1))", "\\!\\[x\\](javascript\\:alert(1))"),
            ("*_`~|\\", "\\*\\_\\`\\~\\|\\\\"),
            ("https://x", "https\\://x"),
            ("===", "\\==="),
            ("a\u{2028}b\u{0}c\rd", "a b c d"),
        ];
        for (text, expected) in cases {
            assert_eq!(in_line(text), expected);
        }
        assert_eq!(quote("one\n# two\n\n> three"), "> one\n> \\# two\n> \n> &gt; three\n");
    }

    #[test]
    fn markdown_has_title_chapter_quote_and_note() {
        let mut book = book("Emma");
        (book.highlights[0].page, book.highlights[0].time) = (Some("7".into()), 82_800);
        book.highlights[0].color = Some("yellow".into());
        let clock = |language| Clock { texts: Texts::of(language), zone: jiff::tz::TimeZone::UTC, now: 0 };
        let expected = "# Emma\n\n*Emma*\n\n## Emma\n\n> Emma\n\nEmma\n\n— page 7, yellow, 1 January 1970, 23:00\n\n";
        assert_eq!(markdown(&book, &clock(Language::English)), expected);
        let untitled = HighlightedBook { is_untitled: true, ..book.clone() };
        assert!(markdown(&untitled, &clock(Language::French)).starts_with("# Sans titre\n"));
        let german = markdown(&book, &clock(Language::German));
        assert!(german.ends_with("— Seite 7, gelb, 1. Januar 1970, 23:00\n\n"), "{german}");
        let value: serde_json::Value = serde_json::from_str(&json(&book)).expect("JSON");
        assert_eq!(
            value["highlights"][0],
            json!({ "text": "Emma", "note": "Emma", "chapter": "Emma", "page": "7", "color": "yellow", "timestamp": 82_800 })
        );
    }
}
