//! Answers have a bound: lists are paged or streamed, and an account has three in flight.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, get, ok, push};
use crate::common::{KEY, OTHER_KEY, Site, TIMEOUT, connect, percent_encoded, position, request, wait_until};

/// Largest part of an answer that the server makes at a time.
const PART_MAX: usize = 256 << 10;

fn list_request(user: &str, key: &str, path: &str) -> Vec<u8> {
    request("GET", path, &[("x-auth-user", user.as_bytes()), ("x-auth-key", key.as_bytes())], None)
}

/// Returns the header lines of a response, in lower case.
fn read_head(reader: &mut impl std::io::BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    head.to_ascii_lowercase()
}

/// Reads a chunked body, or `None` if the connection ends before the body does. Asserts the size of each chunk.
fn read_chunks(reader: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        if reader.read_line(&mut size).ok()? == 0 {
            return None;
        }
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        assert!(size <= PART_MAX, "a part of {size} bytes");
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

/// Sends a request and reads a response that must be chunked.
pub fn chunked(site: &Site, user: &str, path: &str) -> Value {
    let mut stream = connect(site.address);
    stream.write_all(&list_request(user, KEY, path)).unwrap();
    let mut reader = BufReader::new(stream);
    let head = read_head(&mut reader);
    assert!(head.starts_with("http/1.1 200 ") && head.contains("transfer-encoding: chunked"), "{head}");
    assert!(head.contains("content-type: application/json\r\n") && !head.contains("content-length"), "{head}");
    serde_json::from_slice(&read_chunks(&mut reader).expect("a whole body")).unwrap()
}

/// Requests a list and reads no more than the head of the response.
fn slow_reader(site: &Site, path: &str) -> TcpStream {
    let mut stream = connect(site.address);
    stream.write_all(&list_request("ada", KEY, path)).unwrap();
    let mut byte = [0];
    stream.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"H");
    stream
}

/// Stores positions of 8 KiB that are six times as long as JSON.
fn push_large(site: &Site, documents: impl Iterator<Item = String>) {
    let store = site.server.store();
    let ada = store.user(&"ada".parse().unwrap()).unwrap().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (page, document) in documents.enumerate() {
        let percentage = f64::from(u32::try_from(page).unwrap()) / 1e3;
        let progress = kosync::Progress::new("\u{1}".repeat(8 << 10), percentage, "Kobo".into(), None).unwrap();
        let document = kosync::Document::new(&document).unwrap();
        runtime.block_on(store.push(ada.clone(), document, progress, None)).unwrap();
    }
}

/// Attack 1 of the issue on abuse: 600 positions of 8 KiB in one document were one answer of 29 MiB, as often as requested.
#[test]
fn slow_readers_of_large_lists_hold_three_answers_and_delay_nobody() {
    // A slow reader is not to be closed for it before the test has looked.
    let site = Site::with(|builder| builder.client_timeout(TIMEOUT));
    site.registered("ada", KEY);
    site.registered("grace", OTHER_KEY);
    push_large(&site, std::iter::repeat_n("book".to_owned(), 600));
    let history = "/api/v1/documents/book/history?limit=1000";
    let mut readers: Vec<_> = (0..3).map(|_| slow_reader(&site, history)).collect();

    // The fourth answer of the same account is refused, whatever the list.
    for path in
        [history, "/api/v1/documents", "/api/v1/devices", "/manage/users/documents?username=ada", "/syncs/documents"]
    {
        let reply = site.send_as("ada", KEY, "GET", path, None);
        assert_eq!(reply.header("retry-after"), Some("1"), "{reply:?}");
        reply.refused(503, 3503, "The server is too busy. Try again.");
    }
    // Its pushes and pulls are no lists, and other accounts are not concerned.
    site.pushed("ada", KEY, &position("other", "p", 0.5));
    assert_eq!(site.pulled("ada", KEY, "other")["progress"], "p");
    site.pushed("grace", OTHER_KEY, &position("book", "p", 0.5));
    let reply = site.send_as("grace", OTHER_KEY, "GET", "/api/v1/documents/book/history", None).shaped();
    assert_eq!(reply.json()["history"].as_array().unwrap().len(), 1);

    // A reader that goes away frees its answer.
    drop(readers.pop());
    wait_until("a free answer", || {
        let reply = site.send_as("ada", KEY, "GET", "/api/v1/statistics", None);
        (reply.status == 200).then_some(())
    });
    // The slow ones get all of it, in small parts.
    let mut reader = BufReader::new(readers.pop().unwrap());
    let head = read_head(&mut reader);
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    let list: Value = serde_json::from_slice(&read_chunks(&mut reader).expect("a whole body")).unwrap();
    assert!(list["history"].as_array().unwrap().len() >= 400, "the history is thinned at 600");
    assert_eq!(list.get("next"), None);
}

/// The other half of attack 1: all documents of an account were one vector of 469 MiB.
#[test]
fn large_lists_of_documents_are_streamed_and_complete() {
    let site = Site::with_ada();
    push_large(&site, (0..40).map(|number| format!("{number:03}")));
    let ids = |list: &Value, field: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = (0..40).map(|number| format!("{number:03}")).collect();
    assert_eq!(ids(&chunked(&site, "ada", "/manage/users/documents?username=ada"), "documentHash"), all);
    let mut listed = ids(&chunked(&site, "ada", "/api/v1/documents")["documents"], "document");
    listed.reverse();
    assert_eq!(listed, all);
    assert_eq!(ids(&chunked(&site, "ada", "/syncs/documents")["documents"], "document"), all);
}

/// KOReader, CrossPoint and scripts of kosync-dotnet's expect a length where the list is small.
#[test]
fn lists_up_to_64_kib_have_a_length() {
    let site = Site::start();
    site.registered("ada", KEY);
    for number in 0..300 {
        push(&site, &format!("{number:032}"), "p", 0.5, ("Kobo", None));
    }
    let reply = site.send_as("ada", KEY, "GET", "/manage/users/documents?username=ada", None).shaped();
    assert!(reply.body.len() > 40_000 && reply.body.len() < 65_536, "{}", reply.body.len());
    let head = site.send_as("ada", KEY, "HEAD", "/manage/users/documents?username=ada", None);
    assert_eq!(head.header("content-length"), Some(reply.body.len().to_string().as_str()));
}

/// All pages of a list, by following `next`.
#[track_caller]
fn pages(site: &Site, path: &str, name: &str, limit: usize) -> Vec<Vec<Value>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(site, &format!("{path}?limit={limit}{cursor}"));
        pages.push(page[name].as_array().unwrap().clone());
        let Some(next) = page.get("next") else { return pages };
        cursor = format!("&cursor={}", percent_encoded(next.as_str().unwrap()));
        assert!(pages.len() < 100, "the list has no end");
    }
}

#[test]
fn pages_by_cursor_add_up_to_the_whole() {
    let site = Site::with_ada();
    for number in 0..7 {
        push(&site, &format!("book {number}"), "p", 0.5, (&format!("device {number}"), None));
    }
    for number in 0..6 {
        push(&site, "book 0", &format!("/p[{number}]"), 0.5, ("Kobo", None));
    }
    let history = document_path("book 0", "/history");
    for (path, name, count) in
        [("/api/v1/documents", "documents", 7), (&history, "history", 7), ("/api/v1/devices", "devices", 8)]
    {
        let whole = pages(&site, path, name, 1000).concat();
        assert_eq!(whole.len(), count, "{name}");
        for limit in [1, 2, 3, count, count + 1] {
            let pages = pages(&site, path, name, limit);
            assert!(pages.iter().all(|page| page.len() <= limit));
            assert_eq!(pages.len(), count.div_ceil(limit), "{name}: no empty page at the end");
            assert_eq!(pages.concat(), whole, "{name}, {limit} a page");
        }
        for wrong in ["limit=0", "limit=1001", "limit=x", "cursor=x", "cursor=-"] {
            let reply = as_ada(&site, "GET", &format!("{path}?{wrong}"), None);
            assert_eq!((reply.status, &reply.json()["code"]), (400, &json!(3400)), "{name}, {wrong}");
        }
    }
    // The default is 100.
    for number in 0..101 {
        push(&site, &format!("more {number}"), "p", 0.5, ("Kobo", None));
    }
    let first = ok(as_ada(&site, "GET", "/api/v1/documents", None));
    assert_eq!((first["documents"].as_array().unwrap().len(), &first["total"]), (100, &json!(108)));
}

/// A list that changes while it is read: what is pushed meanwhile does not show what was shown again, and nothing is left out.
#[test]
fn a_push_between_two_pages_repeats_nothing() {
    let site = Site::with_ada();
    for number in 0..6 {
        push(&site, &number.to_string(), "p", 0.5, ("Kobo", None));
    }
    let first = get(&site, "/api/v1/documents?limit=2");
    push(&site, "0", "p", 0.6, ("Kobo", None));
    push(&site, "5", "p", 0.6, ("Kobo", None));
    let next = percent_encoded(first["next"].as_str().unwrap());
    let rest = get(&site, &format!("/api/v1/documents?limit=100&cursor={next}"));
    let ids: Vec<_> = rest["documents"].as_array().unwrap().iter().map(|entry| entry["document"].clone()).collect();
    assert_eq!(ids, ["3", "2", "1"]);
}
