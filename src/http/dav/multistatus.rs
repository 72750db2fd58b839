//! The answer to `PROPFIND`, as text: 207 `multistatus`.
//!
//! KOReader matches it with patterns [W2]: elements have the prefix `D`, a file has `<D:resourcetype/>` and a folder
//! `<D:collection/>`.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use super::location::Location;
use crate::model::{FileInfo, FilePath};

/// The namespace of WebDAV's own properties.
pub(super) const DAV_NAMESPACE: &str = "DAV:";
/// Namespaces that XML binds to the prefixes `xml` and `xmlns`, and to no other.
const RESERVED_NAMESPACES: [&str; 2] = ["http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"];

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// All properties that have a value.
    All,
    /// The names of all properties.
    Names,
    /// These properties.
    These(Vec<Property>),
}

/// A property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Property {
    Known(Known),
    /// One that nothing here has.
    Unknown {
        namespace: String,
        name: String,
    },
}

/// A property that files or folders have, by its name in the namespace `DAV:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    ResourceType,
    ContentLength,
    LastModified,
    Etag,
    ContentType,
    DisplayName,
    QuotaAvailable,
    QuotaUsed,
}

const ALL: [(Known, &str); 8] = [
    (Known::ResourceType, "resourcetype"),
    (Known::ContentLength, "getcontentlength"),
    (Known::LastModified, "getlastmodified"),
    (Known::Etag, "getetag"),
    (Known::ContentType, "getcontenttype"),
    (Known::DisplayName, "displayname"),
    (Known::QuotaAvailable, "quota-available-bytes"),
    (Known::QuotaUsed, "quota-used-bytes"),
];

impl Known {
    fn name(self) -> &'static str {
        ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, name)| name)
    }

    /// Whether a request for all properties means it. A quota is asked for by name (RFC 4331).
    fn is_in_all(self) -> bool {
        !matches!(self, Self::QuotaAvailable | Self::QuotaUsed)
    }
}

impl Property {
    /// Returns the property of a name. `None` if XML does not allow the name or the namespace.
    pub(super) fn new(namespace: &str, name: &str) -> Option<Self> {
        if namespace == DAV_NAMESPACE
            && let Some((known, _)) = ALL.iter().find(|(_, known)| *known == name)
        {
            return Some(Self::Known(*known));
        }
        if !namespace.chars().all(is_xml_char) || RESERVED_NAMESPACES.contains(&namespace) {
            return None;
        }
        // It is written into the answer as it is.
        let mut chars = name.chars();
        if !chars.next().is_some_and(begins_name) || !chars.all(continues_name) {
            return None;
        }
        Some(Self::Unknown { namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

/// Writes the entries of an answer.
pub(super) struct Multistatus {
    pub(super) location: Location,
    pub(super) asked: Asked,
    /// Bytes that the account's files take, and those that they may take in addition.
    pub(super) used: u64,
    pub(super) available: u64,
}

impl Multistatus {
    pub(super) const START: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">\n";
    pub(super) const END: &str = "</D:multistatus>\n";

    /// Appends an entry: a file, or a folder. The account's folder itself has neither path nor information.
    pub(super) fn push(&self, out: &mut String, path: Option<&FilePath>, info: Option<&FileInfo>) {
        let is_folder = info.is_none_or(|info| info.is_folder);
        out.push_str("<D:response><D:href>");
        // The prefix that a proxy names is as it was sent.
        push_escaped(out, &self.location.href(path, is_folder));
        out.push_str("</D:href>\n");
        let all = || ALL.iter().map(|(known, _)| *known).filter(|known| known.is_in_all());
        let mut missing = String::new();
        out.push_str("<D:propstat><D:prop>");
        match &self.asked {
            Asked::All => all().for_each(|known| {
                self.push_value(out, known, path, info);
            }),
            Asked::Names => all().for_each(|known| {
                let mut value = String::new();
                if self.push_value(&mut value, known, path, info) {
                    let _ = write!(out, "<D:{}/>", known.name());
                }
            }),
            Asked::These(properties) => {
                for property in properties {
                    match property {
                        Property::Known(known) => {
                            if !self.push_value(out, *known, path, info) {
                                let _ = write!(missing, "<D:{}/>", known.name());
                            }
                        }
                        Property::Unknown { namespace, name } => {
                            missing.push('<');
                            missing.push_str(name);
                            missing.push_str(" xmlns=\"");
                            push_escaped(&mut missing, namespace);
                            missing.push_str("\"/>");
                        }
                    }
                }
            }
        }
        out.push_str("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>\n");
        if !missing.is_empty() {
            let _ = writeln!(
                out,
                "<D:propstat><D:prop>{missing}</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
            );
        }
        out.push_str("</D:response>\n");
    }

    /// Appends a property with its value. Returns false if the file or folder does not have it.
    fn push_value(&self, out: &mut String, known: Known, path: Option<&FilePath>, info: Option<&FileInfo>) -> bool {
        let file = info.filter(|info| !info.is_folder);
        let name = known.name();
        let value = match (known, file) {
            (Known::ResourceType, Some(_)) => {
                out.push_str("<D:resourcetype/>");
                return true;
            }
            (Known::ResourceType, None) => "<D:collection/>".to_owned(),
            (Known::ContentLength, Some(file)) => file.size.to_string(),
            (Known::Etag, Some(file)) => file.etag().replace('"', "&quot;"),
            (Known::ContentType, Some(_)) => "application/octet-stream".to_owned(),
            (Known::LastModified, _) => match info {
                Some(info) => http_date(info.modified),
                None => return false,
            },
            (Known::DisplayName, _) => {
                let mut escaped = String::new();
                push_escaped(&mut escaped, path.map_or("kosync", |path| path.name()));
                escaped
            }
            (Known::QuotaAvailable, None) => self.available.to_string(),
            (Known::QuotaUsed, None) => self.used.to_string(),
            _ => return false,
        };
        let _ = write!(out, "<D:{name}>{value}</D:{name}>");
        true
    }
}

/// Last second that HTTP can write: that of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// Returns a time as HTTP writes it: `Mon, 19 Oct 2026 08:00:00 GMT`.
pub(super) fn http_date(seconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND)))
}

/// Returns whether XML 1.0 allows a character.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Returns whether a name of XML may begin with a character. Here, a colon separates prefix and name.
fn begins_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}' | '\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn continues_name(c: char) -> bool {
    begins_name(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}' | '\u{2040}')
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // In an attribute they would become blanks.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_http() {
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(1_792_396_800), "Mon, 19 Oct 2026 08:00:00 GMT");
        assert_eq!(http_date(u64::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn names_of_properties_that_xml_does_not_allow_are_refused() {
        assert_eq!(Property::new("DAV:", "getetag"), Some(Property::Known(Known::Etag)));
        assert!(matches!(Property::new("x", "getetag"), Some(Property::Unknown { .. })));
        for name in ["", "1a", "a b", "a>", "a:b", "-a", "\u{d7}", "a\u{b2}", "a\u{aa}", "\u{300}a", "a\u{fffe}"] {
            assert_eq!(Property::new("x", name), None, "{name}");
        }
        for name in ["é", "a\u{300}", "\u{2167}", "_.-7"] {
            assert!(Property::new("x", name).is_some(), "{name}");
        }
        assert_eq!(Property::new("x\u{1}", "a"), None);
        assert_eq!(Property::new("http://www.w3.org/XML/1998/namespace", "lang"), None);
    }
}
