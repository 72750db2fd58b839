//! Cuts text of any script to the length that a page has room for. Breaks it into lines where no browser does, in an SVG.

use crate::library::Title;

/// Bytes of a title and of authors in a list of books: about the three lines that its style sheet shows.
const LISTED_TITLE: usize = 200;
const LISTED_AUTHORS: usize = 100;
/// Bytes of a title and of authors on the book's own page. *Robinson Crusoe* in full has 420.
const OWN_TITLE: usize = 600;
const OWN_AUTHORS: usize = 300;

/// Shortens a title for a list of books.
pub(super) fn in_list(title: Title) -> Title {
    cut(title, LISTED_TITLE, LISTED_AUTHORS)
}

/// Shortens a title for the book's own page.
pub(super) fn on_own_page(title: Title) -> Title {
    cut(title, OWN_TITLE, OWN_AUTHORS)
}

fn cut(title: Title, text: usize, authors: usize) -> Title {
    let authors = title.authors.map(|known| shortened(&known, authors));
    Title { text: shortened(&title.text, text), authors, is_id: title.is_id }
}

/// Cuts a text to that many bytes of HTML, at a character, with an ellipsis. So a page knows how long its rows are, whatever clients send.
pub(super) fn shortened(text: &str, max: usize) -> String {
    match first_beyond(text.char_indices(), max) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// Keeps at most the last `max` bytes of a text, counted as HTML.
pub(super) fn ending(text: &str, max: usize) -> String {
    match first_beyond(text.char_indices().rev(), max) {
        Some((start, c)) => format!("…{}", text[start + c.len_utf8()..].trim_start()),
        None => text.to_owned(),
    }
}

/// Returns the first character that brings the total above `max` bytes of a page.
fn first_beyond(mut chars: impl Iterator<Item = (usize, char)>, max: usize) -> Option<(usize, char)> {
    let mut bytes = 0;
    chars.find(|(_, c)| {
        bytes += markup_len(*c);
        bytes > max
    })
}

/// Returns the bytes that a text takes in a page.
#[cfg(feature = "import")]
pub(super) fn markup_bytes(text: &str) -> usize {
    text.chars().map(markup_len).sum()
}

/// Returns the bytes that a character takes in a page.
fn markup_len(c: char) -> usize {
    match c {
        // `&#60;`.
        '<' | '>' | '&' | '"' | '\'' => 5,
        // Replaced by U+FFFD.
        c if c.is_control() => 3,
        c => c.len_utf8(),
    }
}

/// Breaks a text into at most `max` lines that are `width` em wide. The last one ends with an ellipsis if there is more.
pub(super) fn wrapped(text: &str, width: f64, max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    for piece in pieces(text) {
        if line.fits(piece, width) {
            line.push(piece);
            continue;
        }
        if !line.text.trim().is_empty() {
            lines.push(line.take());
        }
        // A piece that is wider than a line is broken anywhere but before a mark that combines with the letter before it.
        for (index, c) in piece.trim_start().char_indices() {
            let c = &piece.trim_start()[index..index + c.len_utf8()];
            if !line.fits(c, width) && c.chars().all(|c| em(c) > 0.0) {
                lines.push(line.take());
            }
            line.push(c);
        }
        if lines.len() > max {
            break;
        }
    }
    if !line.text.trim().is_empty() {
        lines.push(line.take());
    }
    if lines.len() > max {
        lines.truncate(max);
        if let Some(last) = lines.last_mut() {
            while last.chars().map(em).sum::<f64>() + em('…') > width && last.pop().is_some() {}
            last.truncate(last.trim_end().len());
            last.push('…');
        }
    }
    lines
}

#[derive(Default)]
struct Line {
    text: String,
    width: f64,
}

impl Line {
    fn fits(&self, piece: &str, width: f64) -> bool {
        self.width + piece.trim_end().chars().map(em).sum::<f64>() <= width
    }

    fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.width += piece.chars().map(em).sum::<f64>();
    }

    fn take(&mut self) -> String {
        self.width = 0.0;
        std::mem::take(&mut self.text).trim().to_owned()
    }
}

/// Splits a text where a line may end: after spaces and hyphens, and beside an ideograph.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut last) = (0, None);
    for (index, c) in text.char_indices() {
        let may_break = last.is_some_and(|last: char| {
            !c.is_whitespace() && (last.is_whitespace() || "-–—_/".contains(last) || is_wide(last) || is_wide(c))
        });
        if may_break && em(c) > 0.0 && !"、。，．！？）」』：；ーッァィゥェォャュョっぁぃぅぇぉゃゅょ".contains(c)
        {
            pieces.push(&text[start..index]);
            start = index;
        }
        last = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// Returns about how wide a character of a serif typeface is, in em.
fn em(c: char) -> f64 {
    match c {
        // Marks that combine with the letter before them, and joiners.
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{6d6}'..='\u{6ed}'
        | '\u{93c}'
        | '\u{941}'..='\u{948}'
        | '\u{94d}'
        | '\u{900}'..='\u{902}'
        | '\u{e31}'
        | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{20d0}'..='\u{20f0}' => 0.0,
        c if is_wide(c) => 1.0,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' | '(' | ')' | '-' | ' ' => {
            0.34
        }
        'm' | 'w' | 'M' | 'W' | '…' | '—' => 0.9,
        c if c.is_uppercase() => 0.72,
        _ => 0.56,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words_and_beside_ideographs() {
        let lines = |text, width, max| wrapped(text, width, max).join("|");
        assert_eq!(lines("Emma", 6.0, 4), "Emma");
        assert_eq!(lines("The Left Hand of Darkness", 6.0, 4), "The Left|Hand of|Darkness");
        assert_eq!(lines("吾輩は猫である", 4.0, 4), "吾輩は猫|である");
        assert_eq!(lines("本、本。", 2.0, 4), "本、|本。");
        assert_eq!(lines("Gödel, Escher, Bach: An Eternal Golden Braid", 6.0, 3), "Gödel,|Escher,|Bach: An…");
        assert_eq!(lines("", 6.0, 4), "");
        assert_eq!(lines("   ", 6.0, 4), "");
    }

    /// No line is wider than allowed, and no mark is parted from its letter. No letter is lost unless the text is cut.
    #[test]
    fn any_text_fits() {
        for text in [
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            "موسم الهجرة إلى الشمال",
            "गोदान गोदान गोदान",
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            "9780141439587_the-mill-on-the-floss",
        ] {
            let lines = wrapped(text, 4.0, 99);
            assert!(lines.iter().all(|line| line.chars().map(em).sum::<f64>() <= 4.0), "{lines:?}");
            let kept = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(kept(&lines.concat()), kept(text));
            assert!(lines.iter().all(|line| em(line.chars().next().expect("a letter")) > 0.0), "{lines:?}");
            let cut = wrapped(text, 4.0, 1);
            assert!(cut.len() == 1 && cut[0].chars().map(em).sum::<f64>() <= 4.0, "{cut:?}");
        }
        assert_eq!(shortened("üüü", 3), "ü…");
        assert_eq!(shortened("Emma", 4), "Emma");
        assert_eq!([ending("books/Emma.epub", 9), ending("Emma", 4), ending("üü", 3)], ["…Emma.epub", "Emma", "…ü"]);
        assert_eq!(shortened("<<<", 10), "<<…");
        assert_eq!(shortened("a\u{1}b", 4), "a\u{1}…");
    }
}
