//! Files that the browser saves, sent while they are made.

use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::{Response, Scribe};

use crate::http::answer::{self, Parts};
use crate::library::scan::AnswerSlot;

/// Longest name of a file, in bytes.
const NAME_MAX: usize = 150;

/// A file that the browser saves.
pub(super) struct Attachment<P> {
    pub(super) name: String,
    pub(super) content_type: &'static str,
    pub(super) length: Option<u64>,
    pub(super) parts: P,
    pub(super) slot: AnswerSlot,
}

impl<P: Parts> Scribe for Attachment<P> {
    fn render(self, res: &mut Response) {
        res.status_code(StatusCode::OK);
        let headers = res.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Ok(disposition) = HeaderValue::from_str(&disposition(&self.name)) {
            headers.insert(CONTENT_DISPOSITION, disposition);
        }
        if let Some(length) = self.length {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        res.body(answer::streamed(Vec::new(), self.parts, self.slot));
    }
}

/// Returns the value of `Content-Disposition` for a name of any characters (RFC 6266): an ASCII one, and the whole one encoded.
fn disposition(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() || "/\\".contains(c) { '_' } else { c }).collect();
    let end = name.floor_char_boundary(NAME_MAX);
    // The ending tells the browser what it is.
    let name = match name.rsplit_once('.').filter(|(_, ending)| end < name.len() && ending.len() <= 10) {
        Some((_, ending)) => format!("{}.{ending}", &name[..name.floor_char_boundary(NAME_MAX - 11)]),
        None => name[..end].to_owned(),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -._()".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_breaks_out_of_its_header() {
        for (name, expected) in [
            ("a b.json", "attachment; filename=\"a b.json\"; filename*=UTF-8''a%20b.json"),
            (
                "\"; x=\r\n../ü.md",
                "attachment; filename=\"__ x___.._%s.md\"; filename*=UTF-8''%22%3B%20x%3D__.._%C3%BC.md",
            ),
        ] {
            assert_eq!(disposition(name), expected.replace("%s", "_"));
        }
        let long = disposition(&format!("{}.sqlite3", "ü".repeat(200)));
        assert!(long.contains(".sqlite3\"") && long.ends_with(".sqlite3") && long.len() < 700, "{long}");
        assert!(HeaderValue::from_str(&long).is_ok());
    }
}
