//! Locators: in which notation the `progress` of a position names a place.

/// The notation of a `progress` text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LocatorKind {
    /// A path to a node of the book's text, such as `/body/DocFragment[11]/body/p[7]/text().0`. KOReader has it for books that flow.
    XPointer,
    /// A page number, as KOReader has it for books of fixed pages: `56`.
    Page,
    /// An EPUB canonical fragment identifier: `epubcfi(/6/14!/4/2)`.
    Cfi,
    /// Any other text.
    Other,
}

impl LocatorKind {
    /// Returns the kind of a text. Returns `None` if it is empty, and so names no place.
    pub(crate) fn of(progress: &str) -> Option<Self> {
        match progress.as_bytes() {
            [] => None,
            [b'/', ..] => Some(Self::XPointer),
            text if text.iter().all(u8::is_ascii_digit) => Some(Self::Page),
            text if text.starts_with(b"epubcfi(") => Some(Self::Cfi),
            _ => Some(Self::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_its_kind() {
        for (text, kind) in [
            ("", None),
            ("/body/DocFragment[11]/body/p[7]/text().0", Some(LocatorKind::XPointer)),
            ("/FictionBook/body/section[2]", Some(LocatorKind::XPointer)),
            ("56", Some(LocatorKind::Page)),
            ("epubcfi(/6/14!/4/2)", Some(LocatorKind::Cfi)),
            ("0.42", Some(LocatorKind::Other)),
            ("p", Some(LocatorKind::Other)),
        ] {
            assert_eq!(LocatorKind::of(text), kind, "{text}");
        }
    }
}
