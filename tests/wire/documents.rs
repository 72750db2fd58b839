//! `GET /syncs/documents`: all documents of an account, for programs that track what is read.

use kosync::PositionRule;
use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, ok, push};
use super::joined::{KOBO, PHONE, join, site_under, xpointer};
use crate::common::{KEY, OTHER_KEY, Site, position};

fn listed(site: &Site) -> Value {
    let reply = site.send_as("ada", KEY, "GET", "/syncs/documents", None).shaped();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

#[test]
fn all_documents_are_listed_and_what_is_unknown_is_null() {
    let site = Site::with_ada();
    assert_eq!(site.send_as("ada", KEY, "GET", "/syncs/documents", None).shaped().body, r#"{"documents":[]}"#);
    site.registered("grace", OTHER_KEY);
    site.pushed("grace", OTHER_KEY, &position("hers", "p", 0.5));
    let plain = json!({ "document": "a/ä", "progress": "12", "percentage": 0.25, "device": "Kobo" });
    site.pushed("ada", KEY, &plain);
    let mut body = position("b", "/body/p[1]", 1.0 / 3.0);
    body["metadata"] = json!({ "title": "Emma", "authors": "Jane Austen", "filename": "e.epub" });
    site.pushed("ada", KEY, &body);
    let list = site.send_as("ada", KEY, "GET", "/syncs/documents", None).shaped();
    let timestamp = |row: usize| list.json()["documents"][row]["timestamp"].as_u64().unwrap();
    let expected = format!(
        concat!(
            r#"{{"documents":[{{"document":"a/ä","progress":"12","percentage":0.25,"device":"Kobo","device_id":null,"#,
            r#""filename":null,"title":null,"authors":null,"timestamp":{}}},"#,
            r#"{{"document":"b","progress":"/body/p[1]","percentage":0.3333333333333333,"device":"Kobo_nova","#,
            r#""device_id":"AAAA","filename":"e.epub","title":"Emma","authors":"Jane Austen","timestamp":{}}}]}}"#
        ),
        timestamp(0),
        timestamp(1)
    );
    assert_eq!(list.body, expected);
    assert_eq!(timestamp(1), site.pulled("ada", KEY, "b")["timestamp"].as_u64().unwrap());

    // A name that the user gave stands in for a title that no client sent.
    for document in ["a/ä", "b"] {
        let named = as_ada(&site, "PATCH", &document_path(document, ""), Some(json!({ "name": "Mine" })));
        assert_eq!(named.status, 200);
    }
    let titles: Vec<_> =
        listed(&site)["documents"].as_array().unwrap().iter().map(|row| row["title"].clone()).collect();
    assert_eq!(titles, ["Mine", "Emma"]);
}

/// Files of one book are listed with the position that they share [I7]. A tracker must not find one where another file
/// has long been.
#[test]
fn i7_joined_documents_are_listed_with_the_position_that_a_pull_gets() {
    let site = site_under(PositionRule::Newest);
    push(&site, "alone", &xpointer(3), 0.3, KOBO);
    push(&site, "epub", &xpointer(10), 0.1, KOBO);
    push(&site, "pdf", "20", 0.1, PHONE);
    join(&site, "epub", "pdf");
    push(&site, "epub", &xpointer(60), 0.6, KOBO);
    let fields = ["document", "progress", "percentage", "device", "device_id", "timestamp"];
    let shown = |from: &Value| fields.map(|field| from[field].clone());
    for row in listed(&site)["documents"].as_array().unwrap() {
        let pulled = site.pulled("ada", KEY, row["document"].as_str().unwrap());
        assert_eq!(shown(row), shown(&pulled));
    }
    ok(as_ada(&site, "POST", &document_path("pdf", "/start-over"), None));
    let rows = listed(&site)["documents"].take();
    let rows: Vec<_> = rows.as_array().unwrap().iter().map(|row| (&row["progress"], &row["percentage"])).collect();
    assert_eq!(rows, [(&json!(xpointer(3)), &json!(0.3)), (&json!(""), &json!(0.0)), (&json!(""), &json!(0.0))]);
}

/// Scripts made for kosync-dotnet read its list as trackers read the other one. Both say what devices get.
#[test]
fn the_management_api_lists_the_positions_that_pulls_get() {
    let site = site_under(PositionRule::Newest);
    push(&site, "alone", &xpointer(3), 0.3, KOBO);
    push(&site, "over", &xpointer(99), 0.99, PHONE);
    push(&site, "epub", &xpointer(10), 0.1, KOBO);
    push(&site, "pdf", "20", 0.1, PHONE);
    join(&site, "epub", "pdf");
    push(&site, "epub", &xpointer(60), 0.6, KOBO);
    ok(as_ada(&site, "POST", &document_path("over", "/start-over"), None));
    let fields = ["document", "progress", "percentage", "device"];
    let managed = || {
        let reply = site.send_as("ada", KEY, "GET", "/manage/users/documents?username=ada", None).shaped();
        let row = |row: &Value| ["documentHash", "progress", "percentage", "device"].map(|field| row[field].clone());
        reply.json().as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let rows = || {
        let row = |row: &Value| fields.map(|field| row[field].clone());
        listed(&site)["documents"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let expected = [
        [json!("alone"), json!(xpointer(3)), json!(0.3), json!("Kobo")],
        [json!("epub"), json!(xpointer(60)), json!(0.6), json!("Kobo")],
        [json!("over"), json!(""), json!(0.0), json!("kosync (start over)")],
        [json!("pdf"), json!("120"), json!(0.6), json!("Kobo (other copy)")],
    ];
    assert_eq!((managed(), rows()), (expected.to_vec(), expected.to_vec()));
    ok(as_ada(&site, "POST", &document_path("pdf", "/start-over"), None));
    assert_eq!(managed(), rows());
    assert!(managed().iter().skip(1).all(|row| row[2] == 0.0), "{:?}", managed());
}

#[test]
fn the_list_needs_a_login_and_is_a_get() {
    let site = Site::with_ada();
    site.pushed("ada", KEY, &position("a", "p", 0.5));
    site.send("GET", "/syncs/documents", &[], None).unauthorized();
    site.send_as("ada", OTHER_KEY, "GET", "/syncs/documents", None).unauthorized();
    let get = site.send_as("ada", KEY, "GET", "/syncs//documents/", None).shaped();
    assert_eq!((get.status, get.header("cache-control")), (200, Some("no-store")));
    let head = site.send_as("ada", KEY, "HEAD", "/syncs/documents", None);
    let length = get.body.len().to_string();
    assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
    for method in ["PUT", "POST", "DELETE", "PATCH"] {
        let reply = site.send_as("ada", KEY, method, "/syncs/documents", Some("{}")).shaped();
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
}
