//! Reads highlights from JSON: files of the plugin AnnotationSync, and those of KOReader's exporter [W7].
//!
//! Both are objects. An exporter's file has `entries`, or `documents` with books that have them; AnnotationSync's maps positions to
//! annotations. Values of another type than expected count as missing, fields that are not known are passed over.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::merge::{Highlight, HighlightSource};
use super::{Unreadable, trimmed};

/// Largest file that is read, in bytes.
pub(crate) const MAX_JSON_BYTES: u64 = 4 << 20;
/// Objects of a file: with those of an annotation's places, about 10,000 highlights. They take 20 MiB of memory at most.
const MAX_OBJECTS: usize = 50_000;
/// Highlights of a book in a file that are read.
const MAX_HIGHLIGHTS: usize = 20_000;
/// Books of an export that are read.
const MAX_BOOKS: usize = 4_000;
/// Bytes of a text, and of a note, that are kept.
const MAX_TEXT: usize = 16 << 10;
/// Bytes of all other texts that are kept.
const MAX_LABEL: usize = 300;

/// Returns the MD5 in the name of a file of AnnotationSync.
pub(crate) fn md5_of_name(name: &str) -> Option<&str> {
    let md5 = name.strip_suffix(".json")?;
    (md5.len() == 32 && md5.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(md5)
}

/// Reads a file by its name and bytes. JSON that is of neither kind has no highlights.
///
/// AnnotationSync names its files by the MD5 of the book or, if the reader chose so, by the book's file name: `emma.epub.json`.
///
/// Times without a zone are those of `zone`. `modified` is when the file was uploaded.
///
/// # Errors
/// [`Unreadable::File`] if it is not JSON.
pub(crate) fn read_highlights(
    name: &str,
    bytes: &[u8],
    zone: &TimeZone,
    modified: u64,
) -> Result<Vec<HighlightSource>, Unreadable> {
    if bytes.len() as u64 > MAX_JSON_BYTES {
        return Err(Unreadable::file("it is larger than 4 MiB"));
    }
    if bytes.iter().filter(|byte| **byte == b'{').count() > MAX_OBJECTS {
        return Err(Unreadable::file("it has more than 50,000 objects"));
    }
    let text = String::from_utf8_lossy(bytes);
    let file: JsonFile = serde_json::from_str(&text).map_err(|error| {
        Unreadable::file(format!("it is not JSON (line {}, column {})", error.line(), error.column()))
    })?;
    let md5 = md5_of_name(name).map(str::to_ascii_lowercase);
    let is_sync = md5.is_some() && !file.is_export;
    if is_sync {
        let highlights = file.annotations.into_iter().filter_map(|entry| entry.highlight(zone, 0)).collect();
        return Ok(vec![HighlightSource { md5, highlights, ..HighlightSource::default() }]);
    }
    if !file.is_export {
        let named = named_by_book(name, file.annotations, zone);
        return Ok(if named.highlights.is_empty() { Vec::new() } else { vec![named] });
    }
    // A device whose clock is ahead must not have the last word for years.
    let exported = file.book.created_on.unwrap_or(modified).min(modified);
    // A device's export without highlights says that all of the book's are deleted.
    let is_of_device = |book: &ExportedBook| book.file.0.is_some();
    let books = file.documents.into_iter().chain([file.book]);
    let books = books.filter(|book| !book.entries.is_empty() || is_of_device(book));
    Ok(books.map(|book| book.source(zone, exported)).collect())
}

/// Returns the highlights of AnnotationSync's file of a book, which its name is of.
fn named_by_book(name: &str, annotations: Vec<Entry>, zone: &TimeZone) -> HighlightSource {
    let book = name.rsplit_once('.').map_or(name, |(book, _)| book);
    // KOReader's statistics call a book without a title by its file name without the ending.
    let title = book.rsplit_once('.').map_or(book, |(title, _)| title);
    HighlightSource {
        title: trimmed(title, MAX_LABEL).to_owned(),
        book_path: Some(book.to_owned()),
        // KOReader notes of each when it was made.
        highlights: annotations
            .into_iter()
            .filter(|entry| entry.datetime.0.is_some())
            .filter_map(|entry| entry.highlight(zone, 0))
            .collect(),
        ..HighlightSource::default()
    }
}

/// Either kind of file.
#[derive(Debug, Default)]
struct JsonFile {
    is_export: bool,
    /// An export of one book.
    book: ExportedBook,
    /// An export of several.
    documents: Vec<ExportedBook>,
    annotations: Vec<Entry>,
}

impl<'de> Deserialize<'de> for JsonFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FileVisitor;
        impl<'de> Visitor<'de> for FileVisitor {
            type Value = JsonFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonFile, A::Error> {
                let mut file = JsonFile::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "documents" => {
                            file.is_export = true;
                            file.documents = map.next_value::<Loose<ExportedBook, MAX_BOOKS>>()?.0;
                        }
                        "entries" => {
                            file.is_export = true;
                            file.book.entries = map.next_value::<Loose<Entry, MAX_HIGHLIGHTS>>()?.0;
                        }
                        "title" => file.book.title = map.next_value()?,
                        "author" => file.book.author = map.next_value()?,
                        "file" => file.book.file = map.next_value()?,
                        "created_on" => file.book.created_on = map.next_value::<LooseText>()?.number(),
                        _ if file.annotations.len() < MAX_HIGHLIGHTS => {
                            file.annotations.extend(map.next_value::<Loose<Entry, 1>>()?.0);
                        }
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(file)
            }

            // Lua's empty tables become empty arrays.
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<JsonFile, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(JsonFile::default())
            }
        }
        deserializer.deserialize_any(FileVisitor)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ExportedBook {
    title: LooseText,
    author: LooseText,
    file: LooseText,
    #[serde(skip)]
    created_on: Option<u64>,
    #[serde(deserialize_with = "entries")]
    entries: Vec<Entry>,
}

fn entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    Ok(Loose::<Entry, MAX_HIGHLIGHTS>::deserialize(deserializer)?.0)
}

impl ExportedBook {
    fn source(self, zone: &TimeZone, exported: u64) -> HighlightSource {
        HighlightSource {
            md5: None,
            title: self.title.label().unwrap_or_default(),
            authors: self.author.label().unwrap_or_default().replace('\n', ", "),
            book_path: self.file.label(),
            device: None,
            device_password: None,
            exported,
            highlights: self.entries.into_iter().filter_map(|entry| entry.highlight(zone, exported)).collect(),
        }
    }
}

/// An annotation of AnnotationSync, or an entry of an export.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    text: LooseText,
    note: LooseText,
    chapter: LooseText,
    color: LooseText,
    drawer: LooseText,
    sort: LooseText,
    page: LooseText,
    pageno: LooseText,
    pageref: LooseText,
    time: LooseText,
    datetime: LooseText,
    datetime_updated: LooseText,
    deleted: LooseText,
}

impl Entry {
    /// Returns the highlight, unless it is a bookmark or has neither text nor note.
    fn highlight(self, zone: &TimeZone, exported: u64) -> Option<Highlight> {
        // Those of a Kindle's own reader, which the exporter adds to KOReader's, have no drawer.
        let is_clipping = matches!(self.sort.0.as_deref(), Some("highlight" | "note"));
        if self.drawer.label().is_none() && !is_clipping {
            return None;
        }
        let (text, note) = (self.text.long().unwrap_or_default(), self.note.long());
        if text.is_empty() && note.is_none() {
            return None;
        }
        let local = |time: &LooseText| local_seconds(time.0.as_deref()?, zone);
        let time = self.time.number().or_else(|| local(&self.datetime)).unwrap_or(0);
        // AnnotationSync's `page` is a position, unless the book has fixed pages.
        let page = self.page.label().filter(|page| !page.starts_with('/') && page != "N/A");
        Some(Highlight {
            text,
            note,
            chapter: self.chapter.label(),
            page: self.pageref.label().or(self.pageno.label()).or(page),
            color: self.color.label(),
            time,
            updated: local(&self.datetime_updated).unwrap_or(time).max(exported),
            is_deleted: self.deleted.0.is_some_and(|deleted| !["false", "0", ""].contains(&deleted.as_str())),
        })
    }
}

/// Reads `2026-11-25 22:10:33`.
fn local_seconds(text: &str, zone: &TimeZone) -> Option<u64> {
    let time: DateTime = text.trim().replacen(' ', "T", 1).parse().ok()?;
    zone.to_timestamp(time).ok()?.as_second().try_into().ok()
}

/// A text, a number or a boolean as text; nothing for all else.
#[derive(Debug, Default)]
struct LooseText(Option<String>);

impl LooseText {
    fn label(&self) -> Option<String> {
        self.cut(MAX_LABEL)
    }

    fn long(&self) -> Option<String> {
        self.cut(MAX_TEXT)
    }

    fn cut(&self, max: usize) -> Option<String> {
        let text = trimmed(self.0.as_deref()?, max);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Returns a number that is not negative, without its fraction.
    fn number(&self) -> Option<u64> {
        let text = self.0.as_deref()?.trim();
        let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
        // Later times cannot be shown.
        whole.parse().ok().filter(|number| *number < 1 << 40)
    }
}

impl<'de> Deserialize<'de> for LooseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = LooseText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_str<E>(self, text: &str) -> Result<LooseText, E> {
                Ok(LooseText(Some(text[..text.floor_char_boundary(MAX_TEXT)].to_owned())))
            }

            fn visit_bool<E>(self, value: bool) -> Result<LooseText, E> {
                Ok(LooseText(Some(value.to_string())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<LooseText, E> {
                Ok(LooseText(Some(value.to_string())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<LooseText, E> {
                Ok(LooseText(Some(value.to_string())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<LooseText, E> {
                Ok(LooseText(Some(value.to_string())))
            }

            fn visit_unit<E>(self) -> Result<LooseText, E> {
                Ok(LooseText(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LooseText, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(LooseText(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<LooseText, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(LooseText(None))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// Up to `MAX` objects: those of an array, or one by itself. Other values are passed over.
#[derive(Debug)]
struct Loose<T, const MAX: usize>(Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Loose<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectsVisitor<T, const MAX: usize>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ObjectsVisitor<T, MAX> {
            type Value = Loose<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let object = T::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Loose(vec![object]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut objects = Vec::new();
                while objects.len() < MAX {
                    let Some(Loose(inner)) = seq.next_element::<Loose<T, 1>>()? else { return Ok(Loose(objects)) };
                    objects.extend(inner);
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Loose(objects))
            }

            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Loose(Vec::new()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Loose(Vec::new()))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Loose(Vec::new()))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Loose(Vec::new()))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Loose(Vec::new()))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Loose(Vec::new()))
            }
        }
        deserializer.deserialize_any(ObjectsVisitor::<T, MAX>(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests;
