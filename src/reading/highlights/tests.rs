use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const UPLOADED: u64 = 1_795_650_007;
const SYNC: &str = "0123456789abcdef0123456789abcdef.json";

fn read(name: &str, json: &Value) -> Vec<HighlightSource> {
    read_highlights(name, json.to_string().as_bytes(), &TimeZone::UTC, UPLOADED).expect("read")
}

fn only(name: &str, json: &Value) -> HighlightSource {
    let mut sources = read(name, json);
    assert_eq!(sources.len(), 1, "{sources:?}");
    sources.remove(0)
}

#[test]
fn w7_annotations_are_read() {
    let source = only(
        SYNC,
        &json!({
            "/body/DocFragment[8]/body/p[3]/text().5||/body/DocFragment[8]/body/p[3]/text().80": {
                "text": "Emma Woodhouse, handsome, clever", "note": "first line", "color": "yellow", "drawer": "lighten",
                "chapter": "Chapter I", "datetime": "2026-11-25 22:10:33", "datetime_updated": "2026-11-25 22:11:00",
                "page": "/body/DocFragment[8]/body/p[3]/text().5", "pageno": 5, "pos0": "/body", "pos1": "/body",
            },
            "gone": { "text": "x", "drawer": "lighten", "deleted": true, "datetime": "2026-11-25 22:10:33" },
            "a bookmark": { "text": "in Chapter I", "datetime": "2026-11-25 22:10:33" },
        }),
    );
    assert_eq!(source.md5.as_deref(), Some(&SYNC[..32]));
    let [first, gone] = &source.highlights[..] else { panic!("{source:?}") };
    let text = |text: &str| Some(text.to_owned());
    let expected = Highlight {
        text: "Emma Woodhouse, handsome, clever".into(),
        note: text("first line"),
        chapter: text("Chapter I"),
        page: text("5"),
        color: text("yellow"),
        time: 1_795_644_633,
        updated: 1_795_644_660,
        is_deleted: false,
    };
    assert_eq!(*first, expected);
    assert!(gone.is_deleted && gone.page.is_none());
}

/// AnnotationSync's *Use filename instead of hash*.
#[test]
fn w7_annotations_in_a_file_that_is_named_by_the_book_are_read() {
    let annotation = json!({ "text": "handsome", "drawer": "lighten", "datetime": "2026-11-25 22:10:33", "pageno": 5,
        "datetime_updated": "2026-11-25 22:11:00", "pos0": "/body.5", "pos1": "/body.8", "page": "/body.5" });
    let mut gone = annotation.clone();
    (gone["text"], gone["deleted"]) = (json!("gone"), json!(true));
    let file = json!({ "/body.5||/body.8": annotation, "/body.7||/body.9": gone });
    let source = only("Austen - Emma.v2.epub.json", &file);
    assert_eq!((source.md5, source.exported), (None, 0));
    assert_eq!(
        (source.title.as_str(), source.book_path.as_deref()),
        ("Austen - Emma.v2", Some("Austen - Emma.v2.epub"))
    );
    let texts: Vec<_> = source.highlights.iter().map(|it| (it.text.as_str(), it.is_deleted)).collect();
    assert_eq!(texts, [("handsome", false), ("gone", true)]);
    // Its other files: positions of devices, and KOReader's settings.
    let progress =
        json!({ "Kobo": { "page": 5, "percentage": 0.5, "pos": "/body.5", "timestamp": "2026-11-25 22:10:33" } });
    assert!(read("emma.epub.progress.json", &progress).is_empty());
    let settings =
        json!({ "Kobo": { "settings": { "drawer": "x", "text": "x" }, "timestamp": "2026-11-25 22:10:33" } });
    assert!(read("settings_sync.json", &settings).is_empty());
}

#[test]
fn w7_exports_of_one_book_and_of_several_are_read() {
    let book = json!({
        "title": "Emma", "author": "Jane Austen\nOther", "file": "/mnt/onboard/emma.epub", "number_of_pages": 300,
        "entries": [{ "chapter": "I", "page": 7, "time": 1_795_644_633, "text": "clever", "drawer": "lighten", "sort": "highlight" }],
    });
    let mut single = book.clone();
    single["created_on"] = json!(1_795_650_000);
    let source = only("2026-11-26-00-00-00 Austen - Emma.json", &single);
    assert_eq!(
        (source.title.as_str(), source.authors.as_str(), source.exported),
        ("Emma", "Jane Austen, Other", 1_795_650_000)
    );
    assert_eq!(source.book_path.as_deref(), Some("/mnt/onboard/emma.epub"));
    assert_eq!((source.highlights[0].page.as_deref(), source.highlights[0].time), (Some("7"), 1_795_644_633));
    // By a clock that is ahead.
    single["created_on"] = json!(4_000_000_000_u64);
    assert_eq!(only("2096 Austen - Emma.json", &single).exported, UPLOADED);
    // An export may have the name of a file of AnnotationSync.
    assert_eq!(only(SYNC, &single).md5, None);
    let several = json!({ "created_on": 5, "documents": [book, { "title": "Empty", "entries": [] }, book] });
    assert_eq!(read("all-books.json", &several).len(), 2);
}

/// The exporter adds the clippings of a Kindle's own reader to an export of all books. They have neither drawer nor file.
#[test]
fn w7_a_kindle_s_own_clippings_in_an_export_are_read() {
    let clipping = |sort: &str, text: &str| json!({ "sort": sort, "page": "N/A", "time": 1_795_644_633, "text": text });
    let clippings = [clipping("highlight", "clever"), clipping("note", "rich"), clipping("bookmark", "")];
    let book = json!({ "title": "Emma", "author": "Jane Austen", "entries": clippings });
    let source = only("all-books.json", &json!({ "created_on": 5, "documents": [book] }));
    let read: Vec<_> = source.highlights.iter().map(|it| (it.text.as_str(), it.page.as_deref(), it.time)).collect();
    assert_eq!(read, [("clever", None, 1_795_644_633), ("rich", None, 1_795_644_633)]);
}

#[test]
fn values_of_other_types_count_as_missing() {
    let source = only(
        "x.json",
        &json!({
            "title": { "a": 1 }, "author": null, "file": [1, [2]], "created_on": "yesterday",
            "entries": [
                { "drawer": true, "text": 12.5, "note": {}, "chapter": [], "page": -3, "time": -1, "color": false },
                { "drawer": "lighten", "text": " \n ", "note": "", "time": 1e300 },
                { "text": "no style" }, 7, "x", null, [], [{ "drawer": "x", "text": "nested" }],
            ],
        }),
    );
    assert_eq!((source.title.as_str(), source.book_path, source.exported), ("", None, UPLOADED));
    let [first, nested] = &source.highlights[..] else { panic!("{:?}", source.highlights) };
    assert_eq!((first.text.as_str(), first.page.as_deref(), first.time), ("12.5", Some("-3"), 0));
    assert_eq!(nested.text, "nested");
    for other in [json!([]), json!({}), json!({ "a": 1 }), json!({ "entries": {} }), json!({ "documents": 5 })] {
        let found: usize = read("x.json", &other).iter().map(|source| source.highlights.len()).sum();
        assert_eq!(found, 0, "{other}");
    }
}

#[test]
fn what_is_read_is_bounded() {
    let error = |bytes: &[u8]| read_highlights("x.json", bytes, &TimeZone::UTC, 0).expect_err("refused").to_string();
    assert_eq!(error(b"{\n\"a\""), "it is not JSON (line 2, column 3)");
    assert_eq!(error(b"7"), "it is not JSON (line 1, column 1)");
    assert_eq!(error(&vec![b' '; 5 << 20]), "it is larger than 4 MiB");
    assert_eq!(error(&b"{}".repeat(60_000)), "it has more than 50,000 objects");
    let deep = [b"{\"a\":".to_vec(), b"[".repeat(100_000), b"]".repeat(100_000), b"}".to_vec()].concat();
    assert!(error(&deep).starts_with("it is not JSON"));
    let long = only(
        "x.json",
        &json!({ "entries": [{ "drawer": "x", "text": "ü".repeat(20_000), "chapter": "c".repeat(400) }] }),
    );
    assert_eq!(
        (long.highlights[0].text.len(), long.highlights[0].chapter.as_ref().map(String::len)),
        (16 << 10, Some(300))
    );
    // Bytes that are not UTF-8 do not make a file unreadable.
    let bytes = b"{\"entries\": [{\"drawer\": \"x\", \"text\": \"M\xfcller\"}]}";
    let sources = read_highlights("x.json", bytes, &TimeZone::UTC, 0).expect("read");
    assert_eq!(sources[0].highlights[0].text, "M\u{fffd}ller");
}

proptest! {
    #[test]
    fn any_bytes_changed_in_a_file_are_survived(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..10)) {
        let file = json!({ "title": "T", "created_on": 1, "entries": [{ "drawer": "x", "text": "t", "time": 1, "datetime": "2026-11-25 22:10:33" }] });
        let mut bytes = file.to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for name in [SYNC, "x.json"] {
            let _ = read_highlights(name, &bytes, &TimeZone::UTC, 0);
        }
    }
}
