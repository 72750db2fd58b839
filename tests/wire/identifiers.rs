//! One book in several files: rules I1 to I5 of docs/protocol.md.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, get};
use crate::common::{KEY, OTHER_KEY, Reply, Site, percent_encoded, position, request};

/// Returns a list of identifiers of `type:value,type:value`.
fn list(ids: &str) -> Value {
    let pair = |entry: &str| entry.split_once(':').map(|(label, value)| json!({ "type": label, "value": value }));
    ids.split(',').map(|entry| pair(entry).unwrap()).collect()
}

fn with_list(document: &str, progress: &str, identifiers: Value) -> Value {
    let mut body = position(document, progress, 0.5);
    body["identifiers"] = identifiers;
    body
}

/// Pushes with identifiers, and returns `document` and `match` of the response.
#[track_caller]
pub(super) fn pushed(site: &Site, document: &str, progress: &str, ids: &str) -> (String, String) {
    let reply = site.pushed("ada", KEY, &with_list(document, progress, list(ids)));
    assert_eq!(reply.as_object().unwrap().len(), 3, "{reply}");
    assert!(reply["timestamp"].is_u64(), "{reply}");
    let text = |field: &str| reply[field].as_str().unwrap().to_owned();
    (text("document"), text("match"))
}

fn pull_as(site: &Site, user: &str, key: &str, document: &str, ids: &str) -> Reply {
    let path = format!("/syncs/progress/{}?ids={ids}", percent_encoded(document));
    site.send_as(user, key, "GET", &path, None).shaped()
}

fn pull(site: &Site, document: &str, ids: &str) -> Reply {
    pull_as(site, "ada", KEY, document, ids)
}

/// Pulls with identifiers, and returns `progress`, `document`, `match` and `progress_match`; `None` for `{}`.
#[track_caller]
pub(super) fn pulled(site: &Site, document: &str, ids: &str) -> Option<[String; 4]> {
    let reply = pull(site, document, ids);
    assert_eq!(reply.status, 200, "{reply:?}");
    if reply.body == "{}" {
        return None;
    }
    let found = reply.json();
    assert_eq!(found.as_object().unwrap().len(), 8, "{found}");
    Some(["progress", "document", "match", "progress_match"].map(|field| found[field].as_str().unwrap().to_owned()))
}

fn some<const N: usize>(texts: [&str; N]) -> Option<[String; N]> {
    Some(texts.map(str::to_owned))
}

fn pair(document: &str, label: &str) -> (String, String) {
    (document.to_owned(), label.to_owned())
}

/// Asserts 403 with code 2003, and a message that begins as the protocol's does.
#[track_caller]
fn refused(reply: Reply) {
    let reply = reply.shaped();
    assert_eq!((reply.status, &reply.json()["code"]), (403, &json!(2003)), "{reply:?}");
    assert!(reply.json()["message"].as_str().unwrap().starts_with("Invalid request"), "{reply:?}");
}

fn delete(site: &Site, document: &str) {
    assert_eq!(as_ada(site, "DELETE", &document_path(document, ""), None).status, 200);
}

/// Asserts that the store has no inconsistent row.
#[track_caller]
fn verified(site: &Site) {
    assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
}

#[test]
fn i1_a_list_that_is_not_valid_is_403_on_both() {
    let site = Site::with_ada();
    let long = |length: usize| "x".repeat(length);
    let nine: Vec<_> = (b'a'..=b'i').map(|label| format!("{}:{}", char::from(label), char::from(label))).collect();
    let (nine, type_33, value_129) = (nine.join(","), format!("{}:a", long(33)), format!("a:a,b:{}", long(129)));
    for ids in [
        nine.as_str(),
        &type_33,
        &value_129,
        "x:a,x:b",
        "x:a,y:b,x:c",
        "x:b",
        "X:a",
        "1x:a",
        "-x:a",
        "x_y:a",
        "x.y:a",
        ":a",
        "x:a,y:",
        "x:a,y:-b",
        "x:a,y:.b",
        "x:a,y:_b",
        "x:a,y:b/c",
        "x:a,y:b c",
        "x:a,y:b@c",
        "x:a,y:é",
        "x:A",
    ] {
        refused(site.push("ada", KEY, &with_list("a", "p", list(ids))));
        let ids: Vec<_> = ids.split(',').map(|entry| entry.split_once(':').unwrap()).collect();
        let encoded = ids.iter().map(|(label, value)| format!("{label}:{}", percent_encoded(value)));
        refused(pull(&site, "a", &encoded.collect::<Vec<_>>().join(",")));
    }
    for ids in
        ["", ",", "x", "x:a,", ",x:a", "x:a,,y:b", "x:a:b", "x:a;y:b", "x:a+", "%78:a%00", "x:a,y:%FF", "x:%61%3A"]
    {
        refused(pull(&site, "a", ids));
    }
    refused(site.send_as("ada", KEY, "GET", "/syncs/progress/a?ids", None));
    refused(site.send_as("ada", KEY, "GET", "/syncs/progress/a?ids=x:a&ids=x:a", None));
    assert_eq!(site.pull("ada", KEY, "a").body, "{}", "nothing was stored");
    assert_eq!(get(&site, "/api/v1/documents")["total"], 0);
}

#[test]
fn i1_entries_of_another_form_are_403() {
    let site = Site::with_ada();
    let good = json!({ "type": "x", "value": "a" });
    for identifiers in [
        json!([]),
        json!({}),
        json!("x:a"),
        json!(1),
        json!(true),
        json!(good),
        json!([good, null]),
        json!([good, "y:b"]),
        json!([good, []]),
        json!([good, [good]]),
        json!([good, {}]),
        json!([good, { "type": "y" }]),
        json!([good, { "value": "b" }]),
        json!([good, { "type": "y", "value": 1 }]),
        json!([good, { "type": "y", "value": null }]),
        json!([good, { "type": 1, "value": "b" }]),
        json!([good, { "type": "y", "value": { "value": "b" } }]),
        json!([good, { "type": "y", "value": ["b"] }]),
        json!(vec![good.clone(); 9]),
        json!(vec![0; 30_000]),
        json!([good, { "type": "y", "value": "b".repeat(60_000) }]),
    ] {
        refused(site.push("ada", KEY, &with_list("a", "p", identifiers)));
    }
    // Deeper than any parser recurses.
    let nested = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let raw = with_list("a", "p", json!("LIST")).to_string();
    refused(site.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&raw.replace("\"LIST\"", &nested))));
    // [T9] Bad bytes in a value are no value, and half a surrogate pair is the same.
    let list = r#"[{"type":"x","value":"a"},{"type":"y","value":"b\udcf6"}]"#;
    refused(site.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&raw.replace("\"LIST\"", list))));
    let headers: [(&str, &[u8]); 2] = [("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes())];
    let body = raw.replace("\"LIST\"", r#"[{"type":"x","value":"a"},{"type":"y","value":"b~"}]"#);
    let mut bytes = request("PUT", "/syncs/progress", &headers, Some(&body));
    let tilde = bytes.iter().position(|byte| *byte == b'~').unwrap();
    bytes[tilde] = 0xf6;
    refused(crate::common::exchange(site.address, &bytes));
    assert_eq!(get(&site, "/api/v1/documents")["total"], 0);

    // Unknown fields are ignored, and of a field that comes twice the last one counts, as elsewhere.
    let list = r#"[{"type":"y","type":"x","value":"b","value":"a","strength":[{"type":"z"}]}]"#;
    let reply = site.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&raw.replace("\"LIST\"", list))).shaped();
    assert_eq!((reply.status, &reply.json()["match"]), (200, &json!("x")), "{reply:?}");
    // Who may push is asked first, and the fields that every push has before the list.
    site.push("ada", OTHER_KEY, &with_list("a", "p", json!([]))).unauthorized();
    pull_as(&site, "ada", OTHER_KEY, "a", "").unauthorized();
    site.push("ada", KEY, &with_list("", "p", json!([]))).refused(403, 2004, "Field 'document' not provided.");
}

#[test]
fn i1_eight_identifiers_of_the_greatest_lengths_are_taken() {
    let site = Site::with_ada();
    let value = |letter: u8| char::from(letter).to_string().repeat(128);
    let ids: Vec<_> =
        (b'a'..=b'h').map(|letter| format!("{}:{}", value(letter)[..32].to_owned(), value(letter))).collect();
    // The document need not be first.
    let document = value(b'h');
    assert_eq!(pushed(&site, &document, "p", &ids.join(",")), pair(&document, &"h".repeat(32)));
    let [first, last] = ["a", "h"].map(|letter| letter.repeat(32));
    assert_eq!(pulled(&site, &document, &ids.join(",")), some(["p", &document, &first, &first]));
    // Every byte of the query may be percent-encoded.
    let encoded = percent_encoded(&ids[7]);
    assert_eq!(pulled(&site, &document, &encoded), some(["p", &document, &last, &last]));
    assert_eq!(pulled(&site, &document, &percent_encoded(&ids.join(","))).unwrap()[2], first);
    let head = site.send_as("ada", KEY, "HEAD", &format!("/syncs/progress/{document}?ids={encoded}"), None);
    let length = pull(&site, &document, &encoded).body.len().to_string();
    assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
    verified(&site);
}

/// Such a document is pushed and pulled without identifiers alone.
#[test]
fn i1_a_document_that_is_no_value_matches_no_identifier() {
    let site = Site::with_ada();
    for document in ["-", ".", "a b", "a/b", "ä", &"x".repeat(129)] {
        site.pushed("ada", KEY, &position(document, "p", 0.5));
        refused(site.push("ada", KEY, &with_list(document, "q", list("x:a"))));
        refused(site.push("ada", KEY, &with_list(document, "q", list(&format!("x:{document}")))));
        refused(pull(&site, document, "x:a"));
        refused(pull(&site, document, &format!("x:{}", percent_encoded(document))));
        assert_eq!(site.pulled("ada", KEY, document)["progress"], "p");
    }
    // No document can have these ids at all.
    for path in ["a:b", "%FF", "%00"] {
        refused(site.send_as("ada", KEY, "GET", &format!("/syncs/progress/{path}?ids=x:a"), None));
        assert_eq!(site.send_as("ada", KEY, "GET", &format!("/syncs/progress/{path}"), None).body, "{}");
    }
}

/// K-ID-1.
#[test]
fn i2_a_request_that_names_none_is_answered_as_ever() {
    let site = Site::with_ada();
    pushed(&site, "a", "p", "x:a,y:b");
    let reply = site.pull("ada", KEY, "a").shaped();
    let timestamp = reply.json()["timestamp"].as_u64().unwrap();
    let known = format!(
        r#"{{"document":"a","percentage":0.5,"progress":"p","device":"Kobo_nova","device_id":"AAAA","timestamp":{timestamp}}}"#
    );
    assert_eq!(reply.body, known);
    // Neither another parameter nor an unknown document changes that.
    for query in ["", "?", "?position_kinds=", "?id=x:b", "?IDS=x:b", "?xids=x:b", "?a=ids"] {
        assert_eq!(site.send_as("ada", KEY, "GET", &format!("/syncs/progress/a{query}"), None).shaped().body, known);
        assert_eq!(site.send_as("ada", KEY, "GET", &format!("/syncs/progress/b{query}"), None).shaped().body, "{}");
    }
    // A push to an alias makes a document of its own, and is answered with two fields.
    for identifiers in [None, Some(Value::Null)] {
        let mut body = position("b", "q", 0.25);
        if let Some(null) = identifiers {
            body["identifiers"] = null;
        }
        let reply = site.push("ada", KEY, &body).shaped();
        let timestamp = reply.json()["timestamp"].as_u64().unwrap();
        assert_eq!(reply.body, format!(r#"{{"document":"b","timestamp":{timestamp}}}"#));
    }
    assert_eq!(site.pulled("ada", KEY, "b")["progress"], "q");
    assert_eq!(site.pulled("ada", KEY, "a")["progress"], "p");
    verified(&site);
}

/// K-ID-4, K-ID-5, K-ID-11.
#[test]
fn i3_the_first_identifier_that_is_a_document_or_an_alias_wins() {
    let site = Site::with_ada();
    assert_eq!(pulled(&site, "a", "x:a"), None);
    assert_eq!(pushed(&site, "a", "p", "md5:a,isbn:i"), pair("a", "md5"));
    assert_eq!(pushed(&site, "b", "q", "md5:b"), pair("b", "md5"));

    let cases = [
        ("a", "x:a", ["p", "a", "x"]),
        ("i", "x:i", ["p", "a", "x"]),
        // The order is the caller's, not ours.
        ("b", "x:b,y:i", ["q", "b", "x"]),
        ("b", "y:i,x:b", ["p", "a", "y"]),
        ("b", "z:unknown,y:i,x:b", ["p", "a", "y"]),
        ("unknown", "z:unknown,y:b,x:i", ["q", "b", "y"]),
        // Two labels of one value: the stronger one.
        ("a", "y:a,x:a", ["p", "a", "y"]),
    ];
    for (document, ids, [progress, found, label]) in cases {
        let reply = pulled(&site, document, ids).unwrap();
        assert_eq!(reply[..3], [progress, found, label].map(str::to_owned), "{ids}");
    }
    assert_eq!(pulled(&site, "unknown", "z:unknown"), None);
    // A push goes where a pull finds the position.
    for (document, ids, [_, found, label]) in cases {
        assert_eq!(pushed(&site, document, "p", ids), pair(found, label), "{ids}");
        pushed(&site, "b", "q", "md5:b");
        pushed(&site, "a", "p", "md5:a");
    }
    verified(&site);
}

/// K-ID-7: an alias never shadows a document, whichever came first.
#[test]
fn i3_a_value_is_tried_as_a_document_before_it_is_tried_as_an_alias() {
    let site = Site::with_ada();
    pushed(&site, "a", "p", "x:a,y:alias");
    assert_eq!(pulled(&site, "alias", "y:alias").unwrap()[1], "a");
    site.pushed("ada", KEY, &position("alias", "own", 0.5));
    assert_eq!(pulled(&site, "alias", "y:alias"), some(["own", "alias", "y", "y"]));
    assert_eq!(pushed(&site, "alias", "own 2", "y:alias"), pair("alias", "y"));
    assert_eq!(site.pulled("ada", KEY, "a")["progress"], "p");
    verified(&site);
}

/// K-ID-3, K-ID-6, K-ID-6b.
#[test]
fn i3_progress_match_is_the_strongest_label_shared_with_the_writer() {
    let site = Site::with_ada();
    pushed(&site, "a", "p", "md5:a,isbn:i,name:n");
    // By value, whatever the writer's label was; and the caller's strongest, wherever the writer ranked it.
    for (document, ids, matched, shared) in [
        ("a", "md5:a", "md5", "md5"),
        ("n", "isbn:n", "isbn", "isbn"),
        ("z", "md5:z,name:n,isbn:i", "name", "name"),
        ("z", "md5:z,isbn:i", "isbn", "isbn"),
    ] {
        assert_eq!(pulled(&site, document, ids), some(["p", "a", matched, shared]), "{ids}");
    }
    // Another file writes. Its reader shares the name with the first, and nothing stronger.
    assert_eq!(pushed(&site, "b", "q", "md5:b,name:n"), pair("a", "name"));
    assert_eq!(pulled(&site, "a", "md5:a,isbn:i,name:n"), some(["q", "a", "md5", "name"]));
    assert_eq!(
        pulled(&site, "b", "md5:b,name:n"),
        some(["q", "a", "name", "md5"]),
        "`b` is no alias: a weak match is a guess"
    );
    assert_eq!(pulled(&site, "a", "md5:a,isbn:i"), some(["q", "a", "md5", "none"]));
}

/// K-ID-6c: where the writer named none, `progress_match` equals `match`.
#[test]
fn i3_a_writer_without_identifiers_is_matched_by_its_document() {
    let site = Site::with_ada();
    pushed(&site, "a", "p", "md5:a,isbn:i");
    site.pushed("ada", KEY, &position("a", "plain", 0.5));
    assert_eq!(pulled(&site, "a", "md5:a,isbn:i"), some(["plain", "a", "md5", "md5"]));
    assert_eq!(pulled(&site, "i", "isbn:i,md5:a"), some(["plain", "a", "isbn", "isbn"]));
    assert_eq!(pulled(&site, "z", "md5:z,isbn:i"), some(["plain", "a", "isbn", "isbn"]));
}

/// K-ID-2, K-ID-8b, K-ID-12b.
#[test]
fn i4_a_miss_makes_the_document_and_every_other_value_an_alias() {
    let site = Site::with_ada();
    // Also those that rank above it. `match` is the label of the document's entry.
    assert_eq!(pushed(&site, "a", "p", "isbn:i,md5:a,name:n,title:a"), pair("a", "md5"));
    assert_eq!(get(&site, "/api/v1/documents")["total"], 1);
    for value in ["a", "i", "n"] {
        assert_eq!(pulled(&site, value, &format!("x:{value}")).unwrap()[1], "a", "{value}");
    }
    verified(&site);
}

/// K-ID-12b.
#[test]
fn i4_a_hit_makes_aliases_of_the_values_at_or_below_it_alone() {
    let site = Site::with_ada();
    pushed(&site, "a", "p", "md5:a,isbn:i");
    assert_eq!(pushed(&site, "b", "q", "md5:b,isbn:i,name:n,title:t"), pair("a", "isbn"));
    for value in ["n", "t"] {
        assert_eq!(pulled(&site, value, &format!("x:{value}")).unwrap()[1], "a", "{value}");
    }
    assert_eq!(pulled(&site, "b", "x:b"), None, "it ranks above the hit");
    assert_eq!(get(&site, "/api/v1/documents")["total"], 1, "and is no document of its own");
    verified(&site);
}

/// K-ID-12.
#[test]
fn i5_an_alias_is_never_repointed_unless_its_document_is_gone() {
    let site = Site::with_ada();
    pushed(&site, "a", "p", "md5:a,isbn:i,name:n");
    site.pushed("ada", KEY, &position("b", "q", 0.5));
    assert_eq!(pushed(&site, "b", "q", "md5:b,isbn:i,name:n"), pair("b", "md5"));
    assert_eq!(pulled(&site, "i", "x:i").unwrap()[1], "a");
    // `a` is a document, so it becomes no alias of `b` either.
    pushed(&site, "b", "q", "md5:b,other:a,name:n");
    assert_eq!(pulled(&site, "a", "x:a"), some(["p", "a", "x", "x"]));

    delete(&site, "a");
    for value in ["a", "i", "n"] {
        assert_eq!(pulled(&site, value, &format!("x:{value}")), None, "{value}");
    }
    verified(&site);
    pushed(&site, "b", "q", "md5:b,isbn:i,name:n");
    assert_eq!(pulled(&site, "i", "x:i").unwrap()[1], "b");
    // A new document of the old id has none of its aliases.
    site.pushed("ada", KEY, &position("a", "new", 0.5));
    assert_eq!(pulled(&site, "n", "x:n").unwrap()[1], "b");
    verified(&site);
}

/// K-ID-10, K-ID-13, and [G4].
#[test]
fn i5_aliases_belong_to_the_account_and_go_with_it() {
    let site = Site::with_ada();
    site.registered("grace", OTHER_KEY);
    pushed(&site, "a", "p", "md5:a,isbn:i");
    assert_eq!(pull_as(&site, "grace", OTHER_KEY, "i", "x:i").body, "{}");
    let body = with_list("b", "q", list("md5:b,isbn:i"));
    assert_eq!(site.pushed("grace", OTHER_KEY, &body)["document"], "b");
    assert_eq!(pull_as(&site, "grace", OTHER_KEY, "i", "x:i").json()["document"], "b");
    assert_eq!(pulled(&site, "i", "x:i").unwrap()[1], "a");

    assert_eq!(site.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    site.registered("ada", KEY);
    assert_eq!(pulled(&site, "i", "x:i"), None);
    assert_eq!(pushed(&site, "c", "r", "md5:c,isbn:i"), pair("c", "md5"));
    assert_eq!(pull_as(&site, "grace", OTHER_KEY, "i", "x:i").json()["document"], "b");
    verified(&site);
}

/// Of racing pushes that share a value, one makes the record. All others find it.
#[test]
fn i4_of_concurrent_pushes_of_one_book_one_makes_the_record() {
    const FILES: usize = 8;
    let site = Site::with_ada();
    assert_eq!(site.login("ada", KEY).status, 200);
    for round in 0..5 {
        let barrier = Barrier::new(FILES);
        let made: Vec<Value> = thread::scope(|scope| {
            let push = |file: usize| {
                let (site, barrier) = (&site, &barrier);
                scope.spawn(move || {
                    let document = format!("f{round}.{file}");
                    let ids = list(&format!("md5:{document},isbn:i{round}"));
                    barrier.wait();
                    site.pushed("ada", KEY, &with_list(&document, &document, ids))
                })
            };
            let threads: Vec<_> = (0..FILES).map(push).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let document = made[0]["document"].as_str().unwrap();
        assert!(made.iter().all(|reply| reply["document"] == document), "{made:?}");
        assert_eq!(made.iter().filter(|reply| reply["match"] == "md5").count(), 1, "{made:?}");
        let history = get(&site, &document_path(document, "/history"));
        assert_eq!(history["history"].as_array().unwrap().len(), FILES);
        assert_eq!(get(&site, "/api/v1/documents")["total"], round + 1);
    }
    verified(&site);
}

/// More are not made, and the push is stored nevertheless.
#[test]
fn a_document_has_up_to_64_aliases() {
    let site = Site::with_ada();
    for push in 0..12 {
        let ids: Vec<_> = (0..7).map(|entry| format!("t{entry}:v{push}.{entry}")).collect();
        assert_eq!(pushed(&site, "a", &push.to_string(), &format!("md5:a,{}", ids.join(","))), pair("a", "md5"));
    }
    let is_alias = |value: &str| pulled(&site, value, &format!("x:{value}")).is_some();
    let count =
        (0..12).flat_map(|push| (0..7).map(move |entry| format!("v{push}.{entry}"))).filter(|v| is_alias(v)).count();
    assert_eq!(count, 64);
    assert!(is_alias("v9.0") && !is_alias("v9.1"));
    assert_eq!(site.pulled("ada", KEY, "a")["progress"], "11");
    verified(&site);
    delete(&site, "a");
    assert!(!is_alias("v0.0"));
    verified(&site);
}

/// A full account keeps its place in its books, but gets no more rows.
#[test]
fn aliases_count_towards_the_bytes_of_an_account() {
    let site = Site::with(|builder| builder.max_account_bytes(100_000).min_free_disk(0));
    site.registered("ada", KEY);
    let bytes = || get(&site, "/api/v1/account")["bytes"].as_u64().unwrap();
    site.pushed("ada", KEY, &position("a", "p", 0.5));
    let plain = bytes();
    pushed(&site, "a", "p", "md5:a,isbn:i,name:n");
    let with_aliases = bytes() - plain;
    assert!(with_aliases > 150, "{with_aliases}");
    delete(&site, "a");
    assert_eq!(bytes(), 0);

    let value = |number: usize| format!("{number:0>128}");
    let mut refused = 0;
    for number in 0..60 {
        let document = format!("d{number}");
        let ids: Vec<_> = (0..7).map(|entry| format!("t{entry}:{}", value(10 * number + entry))).collect();
        let reply =
            site.push("ada", KEY, &with_list(&document, "p", list(&format!("md5:{document},{}", ids.join(",")))));
        refused += usize::from(reply.status == 507);
    }
    assert!(refused > 20, "{refused}");
    assert!((80_000..130_000).contains(&bytes()), "{}", bytes());
    // The books that are there move on, and get no aliases.
    assert_eq!(pushed(&site, "d0", "p", "md5:d0,more:m"), pair("d0", "md5"));
    assert_eq!(pulled(&site, "m", "x:m"), None);
    assert_eq!(pulled(&site, "d0", "md5:d0").unwrap()[0], "p");
    verified(&site);
}

/// The answer to each push names the document that a pull with its identifiers finds. This also holds after a restart.
#[test]
fn identifiers_and_aliases_survive_a_restart() {
    let site = Site::with_ada();
    pushed(&site, "a", "p", "md5:a,isbn:i");
    let site = site.restarted(|builder| builder);
    assert_eq!(pulled(&site, "z", "md5:z,isbn:i"), some(["p", "a", "isbn", "isbn"]));
    assert_eq!(pulled(&site, "z", "md5:z,isbn:i,md:a").unwrap()[3], "isbn");
    verified(&site);
}
