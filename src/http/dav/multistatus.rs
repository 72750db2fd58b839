//! The answer to `PROPFIND`, as text: 207 `multistatus`.
//!
//! KOReader matches it with patterns [W2]: elements have the prefix `D`, a file has `<D:resourcetype/>` and a folder
//! `<D:collection/>`.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::location::Location;
use crate::model::{FileInfo, FilePath};

/// The namespace of WebDAV's own properties.
pub(super) const DAV_NAMESPACE: &str = "DAV:";

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
    /// Returns the property of a name. `None` if the name is not one that XML allows.
    pub(super) fn new(namespace: &str, name: &str) -> Option<Self> {
        if namespace == DAV_NAMESPACE
            && let Some((known, _)) = ALL.iter().find(|(_, known)| *known == name)
        {
            return Some(Self::Known(*known));
        }
        // It is written into the answer as it is.
        let mut chars = name.chars();
        let begins = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        if !begins || !chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
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
        let href = self.location.href(path, is_folder);
        let _ = writeln!(out, "<D:response><D:href>{href}</D:href>");
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

/// Returns a time as HTTP writes it: `Mon, 19 Oct 2026 08:00:00 GMT`.
pub(super) fn http_date(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let date = timestamp.and_then(|time| DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok());
    date.unwrap_or_else(|| "Thu, 01 Jan 1970 00:00:00 GMT".to_owned())
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
    }

    #[test]
    fn names_of_properties_that_xml_does_not_allow_are_refused() {
        assert_eq!(Property::new("DAV:", "getetag"), Some(Property::Known(Known::Etag)));
        assert!(matches!(Property::new("x", "getetag"), Some(Property::Unknown { .. })));
        for name in ["", "1a", "a b", "a>", "a:b", "-a"] {
            assert_eq!(Property::new("x", name), None, "{name}");
        }
    }
}
