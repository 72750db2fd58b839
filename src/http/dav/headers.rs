//! Headers of WebDAV and of conditional requests.

use std::time::UNIX_EPOCH;

use salvo::http::header::{
    HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};

use super::error::DavError;
use crate::model::FileInfo;
use crate::store::{EntityTags, FileCondition};

const DEPTH: HeaderName = HeaderName::from_static("depth");
const OVERWRITE: HeaderName = HeaderName::from_static("overwrite");
const IF: HeaderName = HeaderName::from_static("if");

/// How far below a folder a request reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    Zero,
    One,
    Infinity,
}

/// Returns the depth; `None` if the header is missing.
///
/// # Errors
/// [`DavError::BadHeader`] if it is anything but `0`, `1` and `infinity`.
pub(super) fn depth(headers: &HeaderMap) -> Result<Option<Depth>, DavError> {
    let Some(value) = headers.get(DEPTH) else { return Ok(None) };
    match value.as_bytes() {
        b"0" => Ok(Some(Depth::Zero)),
        b"1" => Ok(Some(Depth::One)),
        other if other.eq_ignore_ascii_case(b"infinity") => Ok(Some(Depth::Infinity)),
        _ => Err(DavError::BadHeader("`Depth` is `0`, `1` or `infinity`.")),
    }
}

/// Returns whether a copy or move may replace what is at its destination.
///
/// # Errors
/// [`DavError::BadHeader`] if the header is neither `T` nor `F`.
pub(super) fn overwrites(headers: &HeaderMap) -> Result<bool, DavError> {
    match headers.get(OVERWRITE).map(|value| value.as_bytes()) {
        None | Some(b"T" | b"t") => Ok(true),
        Some(b"F" | b"f") => Ok(false),
        Some(_) => Err(DavError::BadHeader("`Overwrite` is `T` or `F`.")),
    }
}

/// Returns the condition of a request.
///
/// # Errors
/// [`DavError::ConditionUnsupported`] if there is a header `If`: ignoring it would make a change that the client made depend on it.
pub(super) fn condition(headers: &HeaderMap) -> Result<FileCondition, DavError> {
    if headers.contains_key(IF) {
        return Err(DavError::ConditionUnsupported);
    }
    Ok(FileCondition {
        matches: tags(headers, IF_MATCH),
        matches_none: tags(headers, IF_NONE_MATCH),
        unmodified_since: date(headers, IF_UNMODIFIED_SINCE),
    })
}

/// Returns a date, in whole seconds since the Unix epoch. One that is invalid counts as missing (RFC 9110).
fn date(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    date.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// Returns the entity tags of a header as they are, weak ones with their `W/`: those never match a strong comparison.
fn tags(headers: &HeaderMap, name: HeaderName) -> Option<EntityTags> {
    if !headers.contains_key(&name) {
        return None;
    }
    let lines = headers.get_all(name).into_iter().map(|line| line.to_str().unwrap_or_default());
    // Our tags have no comma, so one in another's does no harm.
    let tags: Vec<String> = lines.flat_map(|line| line.split(',')).map(|tag| tag.trim().to_owned()).collect();
    Some(if tags == ["*"] { EntityTags::Any } else { EntityTags::Of(tags) })
}

/// Returns whether the client has the file already, so that 304 is enough.
pub(super) fn is_not_modified(headers: &HeaderMap, file: &FileInfo) -> bool {
    match tags(headers, IF_NONE_MATCH) {
        Some(tags) => tags.has_weakly(file),
        None => date(headers, IF_MODIFIED_SINCE).is_some_and(|since| file.modified <= since),
    }
}

/// The part of a file that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// From the first byte to behind the last one.
    Range(u64, u64),
    Unsatisfiable,
}

/// Returns which part of a file is asked for. Several ranges in one request are answered with the whole file.
pub(super) fn part(headers: &HeaderMap, file: &FileInfo) -> Part {
    let is_other = headers.get(IF_RANGE).is_some_and(|tag| tag.as_bytes() != file.etag().as_bytes());
    let range = headers.get(RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
    let Some((first, last)) = range.filter(|_| !is_other).and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let size = file.size;
    let (start, end) = match (first.trim(), last.trim()) {
        ("", length) => match number(length) {
            Some(length) => (size.saturating_sub(length), size),
            None => return Part::Whole,
        },
        (first, "") => match number(first) {
            Some(first) => (first, size),
            None => return Part::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(size)),
            _ => return Part::Whole,
        },
    };
    if start < end { Part::Range(start, end) } else { Part::Unsatisfiable }
}

#[cfg(test)]
mod tests {
    use salvo::http::HeaderValue;

    use super::*;

    fn file(size: u64) -> FileInfo {
        let path = crate::model::FilePath::new("a").expect("a path");
        crate::store::file_of_test(&path, size)
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn ranges_are_cut_to_the_file() {
        let of = |range: &str| part(&headers(&[("range", range)]), &file(10));
        assert_eq!(of("bytes=0-3"), Part::Range(0, 4));
        assert_eq!(of("bytes=8-99"), Part::Range(8, 10));
        assert_eq!(of("bytes=8-"), Part::Range(8, 10));
        assert_eq!(of("bytes=-3"), Part::Range(7, 10));
        assert_eq!(of("bytes=-99"), Part::Range(0, 10));
        for range in ["bytes=10-", "bytes=10-11", "bytes=-0"] {
            assert_eq!(of(range), Part::Unsatisfiable, "{range}");
        }
        for range in [
            "bytes=3-1",
            "bytes=0-1,4-5",
            "bytes=a-b",
            "bytes=+1-3",
            "lines=0-1",
            "bytes=-",
            "bytes",
            "bytes=0-18446744073709551616",
        ] {
            assert_eq!(of(range), Part::Whole, "{range}");
        }
        assert_eq!(part(&headers(&[("range", "bytes=-0")]), &file(0)), Part::Unsatisfiable);
        let other = headers(&[("range", "bytes=0-3"), ("if-range", "\"x\"")]);
        assert_eq!(part(&other, &file(10)), Part::Whole);
    }

    #[test]
    fn conditions_compare_as_http_says() {
        let (file, tag) = (file(3), file(3).etag());
        let holds = |name, value: &str| condition(&headers(&[(name, value)])).expect("a condition").holds(Some(&file));
        assert!(holds("if-match", &tag));
        assert!(holds("if-match", &format!("\"x\" , {tag}")));
        assert!(holds("if-match", "*"));
        assert!(!holds("if-match", &format!("W/{tag}")));
        assert!(!holds("if-match", "\"x\""));
        assert!(!holds("if-match", ""));
        assert!(!holds("if-none-match", "*"));
        assert!(!holds("if-none-match", &tag));
        assert!(!holds("if-none-match", &format!("\"x\", W/{tag}")));
        assert!(holds("if-none-match", "\"x\""));
        assert!(condition(&headers(&[("if", "(<x>)")])).is_err());
        assert!(is_not_modified(&headers(&[("if-none-match", &format!("W/{tag}"))]), &file));
        assert!(!is_not_modified(&headers(&[]), &file));
    }

    #[test]
    fn dates_count_where_no_tags_do() {
        let file = FileInfo { modified: 784_111_777, ..file(3) };
        let (then, before) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT");
        let holds =
            |pairs: &[(&'static str, &str)]| condition(&headers(pairs)).expect("a condition").holds(Some(&file));
        assert!(holds(&[("if-unmodified-since", then)]));
        assert!(holds(&[("if-unmodified-since", "Sunday, 06-Nov-94 08:49:37 GMT")]));
        assert!(!holds(&[("if-unmodified-since", before)]));
        assert!(holds(&[("if-unmodified-since", "yesterday")]));
        assert!(holds(&[("if-unmodified-since", before), ("if-match", &file.etag())]));
        assert!(!holds(&[("if-unmodified-since", then), ("if-match", "\"x\"")]));
        let gone = condition(&headers(&[("if-unmodified-since", before)])).expect("a condition");
        assert!(gone.holds(None), "there is no date to compare with");
        let is_not_modified = |pairs: &[(&'static str, &str)]| is_not_modified(&headers(pairs), &file);
        assert!(is_not_modified(&[("if-modified-since", then)]));
        assert!(!is_not_modified(&[("if-modified-since", before)]));
        assert!(!is_not_modified(&[("if-modified-since", then), ("if-none-match", "\"x\"")]));
    }
}
