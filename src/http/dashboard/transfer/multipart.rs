//! Reads the body of a form with files, part by part. It never holds a whole file in memory.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;

use salvo::http::ReqBody;
use salvo::http::body::Body as _;

use crate::http::body::BodyError;

/// Largest head of a part, in bytes.
const HEAD_MAX: usize = 8 * 1024;
/// Longest boundary, as the standard has it.
const BOUNDARY_MAX: usize = 70;

/// The parts of a body of type `multipart/form-data`.
pub(super) struct Multipart {
    body: ReqBody,
    /// What separates the parts: the end of a line, two dashes and the boundary.
    delimiter: Vec<u8>,
    /// What was received and not yet returned.
    buffer: Vec<u8>,
    /// Bytes of the body that may still come.
    left: u64,
    /// Whether the body has ended.
    is_over: bool,
}

/// The field of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartHead {
    pub(super) name: String,
    /// The name of the file, without directories; empty if none was chosen.
    pub(super) file_name: String,
}

/// Why a body cannot be read as a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MultipartError {
    /// It is no form with files, or a damaged one.
    Malformed,
    /// It is too large, came too late, or ended early.
    Body(BodyError),
}

impl Multipart {
    /// Reads a body of at most `max` bytes. `None` if the content type is not that of a form with files.
    pub(super) fn new(content_type: &str, body: ReqBody, max: u64) -> Option<Self> {
        let (kind, parameters) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let boundary = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        let boundary = boundary.filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
        let boundary = boundary.map(|(_, value)| value.trim().trim_matches('"')).next()?;
        if !(1..=BOUNDARY_MAX).contains(&boundary.len()) {
            return None;
        }
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // The first boundary has no line before it.
        Some(Self { body, delimiter, buffer: b"\r\n".to_vec(), left: max, is_over: false })
    }

    /// Skips the rest of the current part, and returns the head of the next. Returns `None` after the last.
    pub(super) async fn next_part(&mut self) -> Result<Option<PartHead>, MultipartError> {
        while self.next_chunk().await?.is_some() {}
        while self.buffer.len() < self.delimiter.len() + 2 {
            self.fill().await?;
        }
        self.buffer.drain(..self.delimiter.len());
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(MultipartError::Malformed);
            }
            self.fill().await?;
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        part_head(&String::from_utf8_lossy(&head)).ok_or(MultipartError::Malformed).map(Some)
    }

    /// Returns more of the current part's content; `None` at its end.
    pub(super) async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, MultipartError> {
        loop {
            let end = find(&self.buffer, &self.delimiter);
            // What may be the beginning of a delimiter stays.
            let length = end.unwrap_or((self.buffer.len() + 1).saturating_sub(self.delimiter.len()));
            if length > 0 {
                return Ok(Some(self.buffer.drain(..length).collect()));
            }
            if end.is_some() {
                return Ok(None);
            }
            self.fill().await?;
        }
    }

    /// Receives more of the body.
    async fn fill(&mut self) -> Result<(), MultipartError> {
        let data = self.receive().await.map_err(MultipartError::Body)?.ok_or(MultipartError::Malformed)?;
        self.left = self.left.checked_sub(data.len() as u64).ok_or(MultipartError::Body(BodyError::TooLarge))?;
        self.buffer.extend_from_slice(&data);
        Ok(())
    }

    async fn receive(&mut self) -> Result<Option<salvo::hyper::body::Bytes>, BodyError> {
        loop {
            let frame = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx)).await;
            let Some(frame) = frame else {
                self.is_over = true;
                return Ok(None);
            };
            let frame = frame.map_err(|error| {
                self.is_over = true;
                if error.kind() == ErrorKind::TimedOut { BodyError::TooSlow } else { BodyError::Broken }
            })?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
    }

    /// Drops the rest of the body, up to `max` bytes: a client that still sends when the connection closes loses the answer.
    pub(super) async fn drain(mut self, max: u64) {
        let mut dropped = 0;
        while !self.is_over && dropped <= max {
            let Ok(Some(data)) = self.receive().await else { return };
            dropped += data.len() as u64;
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == wanted[0]) {
        if bytes[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// Parses the head of a part: its `Content-Disposition`.
fn part_head(head: &str) -> Option<PartHead> {
    let disposition = head.lines().filter_map(|line| line.split_once(':'));
    let (_, disposition) =
        disposition.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))?;
    // Browsers write quotation marks of a value as `%22`.
    let value = |name: &str| {
        let start = disposition.find(&format!("; {name}=\""))? + name.len() + 4;
        disposition[start..].split('"').next()
    };
    let file_name = value("filename").unwrap_or_default();
    let file_name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    Some(PartHead { name: value("name")?.to_owned(), file_name: file_name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(content_type: &str, body: &[u8], max: u64) -> Result<Vec<(PartHead, Vec<u8>)>, MultipartError> {
        let body = ReqBody::Once(body.to_vec().into());
        let mut form = Multipart::new(content_type, body, max).ok_or(MultipartError::Malformed)?;
        let mut parts = Vec::new();
        while let Some(head) = form.next_part().await? {
            let mut content = Vec::new();
            while let Some(chunk) = form.next_chunk().await? {
                content.extend(chunk);
            }
            parts.push((head, content));
        }
        Ok(parts)
    }

    const TYPE: &str = "multipart/form-data; boundary=x";

    fn head(name: &str, file_name: &str) -> PartHead {
        PartHead { name: name.to_owned(), file_name: file_name.to_owned() }
    }

    #[tokio::test]
    async fn parts_are_read_whatever_bytes_they_have() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--y--x\r\n--\r\n--x\r\n\
            content-type: text/plain\r\ncontent-disposition: form-data; name=\"file\"; filename=\"C:\\dir\\b%22.db\"\r\n\r\n\x00\xff\r\n--x--\r\n";
        let parts = read(TYPE, body, 1000).await.expect("parts");
        assert_eq!(
            parts,
            [(head("a", ""), b"\r\n--y--x\r\n--".to_vec()), (head("file", "b%22.db"), b"\x00\xff".to_vec()),]
        );
        let quoted = read("Multipart/Form-Data; charset=utf-8; boundary=\"x\"", body, 1000).await;
        assert_eq!(quoted.map(|parts| parts.len()), Ok(2));
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        let whole = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nabc\r\n--x--\r\n";
        assert!(read(TYPE, whole, 1000).await.is_ok());
        for content_type in
            ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "application/json; boundary=x"]
        {
            assert_eq!(read(content_type, whole, 1000).await, Err(MultipartError::Malformed), "{content_type}");
        }
        for length in 0..whole.len() - 4 {
            assert_eq!(read(TYPE, &whole[..length], 1000).await, Err(MultipartError::Malformed), "{length}");
        }
        let nameless = b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n";
        assert_eq!(read(TYPE, nameless, 1000).await, Err(MultipartError::Malformed));
        assert_eq!(read(TYPE, whole, 20).await, Err(MultipartError::Body(BodyError::TooLarge)));
    }
}
