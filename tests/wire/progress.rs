//! Push and pull: rules P1 to P10 and G1 to G4 of docs/protocol.md.

use std::time::{SystemTime, UNIX_EPOCH};

use kosync::{Document, PositionRule, Username};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{KEY, OTHER_KEY, Site, position};

/// Runs a check under each rule of the current position. Each run has a server of its own. What the check asserts holds
/// under every rule.
fn under_each_rule(check: impl Fn(&Site)) {
    for rule in PositionRule::ALL {
        check(&site_under(rule));
    }
}

/// As [`under_each_rule`], and under `last` a second time on the same account: there no push depends on those before it [C3].
fn under_each_rule_and_again(check: impl Fn(&Site)) {
    for rule in PositionRule::ALL {
        let site = site_under(rule);
        check(&site);
        if rule == PositionRule::Last {
            check(&site);
        }
    }
}

fn site_under(rule: PositionRule) -> Site {
    let site = Site::with(|builder| builder.current_position(rule));
    site.registered("ada", KEY);
    site
}

/// Returns a valid push with one field replaced.
fn with(field: &str, value: Value) -> Value {
    let mut body = position("book", "p", 0.5);
    body[field] = value;
    body
}

/// Returns a valid push without one field.
fn without(field: &str) -> Value {
    let mut body = position("book", "p", 0.5);
    body.as_object_mut().unwrap().remove(field);
    body
}

#[test]
fn p1_a_push_needs_a_document() {
    under_each_rule(|site| {
        let values =
            [json!(""), json!(null), json!(1), json!(["a"]), json!("a:b"), json!(":"), json!("a\0"), json!("\u{fffd}")];
        for body in values.into_iter().map(|value| with("document", value)).chain([without("document"), json!({})]) {
            site.push("ada", KEY, &body).refused(403, 2004, "Field 'document' not provided.");
        }
        let long = with("document", json!("x".repeat(256)));
        site.push("ada", KEY, &long).refused(403, 2004, "Invalid request: document is longer than 255 bytes.");
        site.pushed("ada", KEY, &with("document", json!("x".repeat(255))));
    });
}

#[test]
fn p2_a_push_needs_percentage_progress_and_device() {
    under_each_rule(|site| {
        for body in [
            without("percentage"),
            without("progress"),
            without("device"),
            with("percentage", json!(null)),
            with("percentage", json!("")),
            with("percentage", json!("half")),
            with("percentage", json!("nan")),
            with("percentage", json!("NaN")),
            with("percentage", json!("inf")),
            with("percentage", json!("-Infinity")),
            with("percentage", json!("1e999")),
            with("percentage", json!(true)),
            with("percentage", json!([0.5])),
            with("progress", json!(null)),
            with("progress", json!({ "page": 1 })),
            with("progress", json!(false)),
            with("device", json!(null)),
            with("device", json!([])),
            with("device_id", json!({})),
        ] {
            site.push("ada", KEY, &body).refused(403, 2003, "Invalid request");
        }
        // A number too large for a double, which only raw JSON can contain.
        let raw = position("book", "p", 0.5).to_string().replace("0.5", "1e999");
        let reply = site.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&raw));
        reply.refused(403, 2003, "Invalid request");
        assert_eq!(site.pull("ada", KEY, "book").body, "{}");

        for (sent, stored) in [
            (json!(0), 0.0),
            (json!(1), 1.0),
            (json!("0.25"), 0.25),
            (json!(" 1e-1 "), 0.1),
            (json!("0x1"), 1.0),
            (json!(-0.5), -0.5),
            (json!(57.3), 57.3),
        ] {
            site.pushed("ada", KEY, &with("percentage", sent.clone()));
            assert_eq!(site.pulled("ada", KEY, "book")["percentage"].as_f64(), Some(stored), "{sent}");
        }
    });
}

#[test]
fn p2_a_field_that_is_too_long_is_named_with_its_limit() {
    under_each_rule_and_again(|site| {
        for (field, limit) in [("progress", 8192), ("device", 512), ("device_id", 512)] {
            let message = format!("Invalid request: {field} is longer than {limit} bytes.");
            site.push("ada", KEY, &with(field, json!("x".repeat(limit + 1)))).refused(403, 2003, &message);
            // Another document for each: another device that pushes the same place is not taken for its reader [C1].
            let mut longest = with(field, json!("x".repeat(limit)));
            longest["document"] = json!(field);
            site.pushed("ada", KEY, &longest);
            assert_eq!(site.pulled("ada", KEY, field)[field], "x".repeat(limit));
        }
    });
}

#[test]
fn p3_progress_comes_back_byte_for_byte() {
    under_each_rule_and_again(|site| {
        let texts = [
            "56",
            "0.42",
            "/body/DocFragment[11]/body/div/p[7]/text().123",
            "epubcfi(/6/14!/4/2[ch\\[1\\]]/1:3)",
            "\\\"/\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{2028}",
            "ümläut 本 📚 e\u{301}",
            " blanks ",
            "null",
            "{}",
        ];
        for text in texts {
            site.pushed("ada", KEY, &position("book", text, 0.5));
            assert_eq!(site.pulled("ada", KEY, "book")["progress"], text);
        }
        // [P2] A number is kept as its text, digit for digit.
        for text in ["56", "0.420", "1e2", "-0", "12345678901234567890123"] {
            let raw = position("book", "PROGRESS", 0.5).to_string().replace("\"PROGRESS\"", text);
            assert_eq!(site.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&raw)).status, 200);
            assert_eq!(site.pulled("ada", KEY, "book")["progress"], text);
        }
    });
}

#[test]
fn p4_the_timestamp_is_the_server_s_in_whole_seconds() {
    under_each_rule_and_again(|site| {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let before = now();
        let response = site.pushed("ada", KEY, &with("timestamp", json!(12)));
        let after = now();
        let timestamp = response["timestamp"].as_u64().expect("an integer");
        assert!((before..=after).contains(&timestamp), "{before} {timestamp} {after}");
        assert_eq!(site.pulled("ada", KEY, "book")["timestamp"].as_u64(), Some(timestamp));
        site.pushed("ada", KEY, &with("timestamp", json!("yesterday")));
    });
}

#[test]
fn p5_the_last_push_wins_and_its_response_has_two_fields() {
    under_each_rule_and_again(|site| {
        site.pushed("ada", KEY, &position("book", "end", 0.99));
        let reply = site.push("ada", KEY, &position("book", "start", 0.01)).shaped();
        let json = reply.json();
        assert_eq!(reply.body, format!(r#"{{"document":"book","timestamp":{}}}"#, json["timestamp"]));
        assert_eq!(site.pulled("ada", KEY, "book")["progress"], "start");
    });
}

#[test]
fn p8_every_document_that_can_be_pushed_can_be_pulled() {
    under_each_rule_and_again(|site| {
        let long = "ü".repeat(127);
        let documents = [
            "41cce710f34e5ec21315e19c99821415",
            "0",
            "-",
            ".",
            "..",
            "...",
            " ",
            "  x  ",
            "a/b",
            "/",
            "//",
            "a//b",
            "/a/",
            "%",
            "%41",
            "100%25",
            "a?b",
            "a#b",
            "a&b=c",
            "+",
            "a+b",
            "\\",
            "\"",
            "'",
            "{}",
            "{document}",
            "**",
            "\n",
            "\t",
            "\u{1}",
            "ümläut",
            "本",
            "📚",
            "e\u{301}",
            "é",
            "test-connection",
            "A",
            "a",
            &long,
        ];
        for document in documents {
            site.pushed("ada", KEY, &position(document, &format!("at {document}"), 0.5));
        }
        for document in documents {
            let record = site.pulled("ada", KEY, document);
            assert_eq!(record["progress"], format!("at {document}"), "{document:?}");
            assert_eq!(record["document"], document);
        }
        // These work without percent-encoding, too.
        for raw in [".", "..", "-", "a&b=c", "+", "'", "test-connection"] {
            let reply = site.send_as("ada", KEY, "GET", &format!("/syncs/progress/{raw}"), None);
            assert_eq!(reply.json()["document"], raw);
        }
    });
}

#[test]
fn p9_a_device_id_that_was_not_sent_stays_absent() {
    under_each_rule_and_again(|site| {
        site.pushed("ada", KEY, &without("device_id"));
        let record = site.pulled("ada", KEY, "book");
        assert!(record.get("device_id").is_none(), "{record}");
        site.pushed("ada", KEY, &with("device_id", json!(null)));
        assert!(site.pulled("ada", KEY, "book").get("device_id").is_none());
        site.pushed("ada", KEY, &with("device_id", json!("")));
        assert_eq!(site.pulled("ada", KEY, "book")["device_id"], "");
    });
}

#[test]
fn p10_metadata_is_kept_until_other_metadata_comes() {
    under_each_rule(|site| {
        let ada = site.server.store().user(&Username::new("ada").unwrap()).unwrap().unwrap();
        let stored = || {
            let entry = site.server.store().documents(ada.id, None, 1).unwrap().remove(0);
            [entry.metadata.filename, entry.metadata.title, entry.metadata.authors].map(Option::unwrap_or_default)
        };
        site.pushed("ada", KEY, &position("book", "p", 0.1));
        assert_eq!(stored(), ["", "", ""]);
        let metadata = json!({ "filename": "a.epub", "title": "A", "authors": "B\nC", "series": "ignored" });
        site.pushed("ada", KEY, &with("metadata", metadata));
        assert_eq!(stored(), ["a.epub", "A", "B\nC"]);
        site.pushed("ada", KEY, &position("book", "p", 0.2));
        assert_eq!(stored(), ["a.epub", "A", "B\nC"]);
        site.pushed("ada", KEY, &with("metadata", json!({ "title": "A2" })));
        assert_eq!(stored(), ["a.epub", "A2", "B\nC"]);
        // A position is never refused for its metadata.
        for odd in
            [json!(null), json!("text"), json!([]), json!({ "title": ["x"] }), json!({ "title": null }), json!({})]
        {
            site.pushed("ada", KEY, &with("metadata", odd));
            assert_eq!(stored(), ["a.epub", "A2", "B\nC"]);
        }
        site.pushed("ada", KEY, &with("metadata", json!({ "title": "é".repeat(2000) })));
        assert_eq!(stored()[1], "é".repeat(512), "a long title is cut");
        assert!(site.pulled("ada", KEY, "book").get("metadata").is_none());
    });
}

#[test]
fn g1_a_record_has_these_fields_and_no_other() {
    under_each_rule_and_again(|site| {
        site.pushed("ada", KEY, &position("book", "p", 0.4213));
        let record = site.pulled("ada", KEY, "book");
        let mut fields: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["device", "device_id", "document", "percentage", "progress", "timestamp"]);
        assert!(record["timestamp"].is_u64());
        assert!(record["percentage"].is_f64());
        assert_eq!(record["device"], "Kobo_nova");
        assert_eq!(record["device_id"], "AAAA");
    });
}

#[test]
fn g2_an_unknown_document_is_an_empty_object() {
    under_each_rule_and_again(|site| {
        let none = "x".repeat(300);
        for document in ["nothing", "a:b", "\0", "\u{fffd}", &none] {
            let reply = site.pull("ada", KEY, document).shaped();
            assert_eq!((reply.status, reply.body.as_str()), (200, "{}"), "{document:?}");
        }
        // A path that is not UTF-8 names no document; otherwise two such paths could be the same one.
        assert_eq!(site.send_as("ada", KEY, "GET", "/syncs/progress/%ff", None).shaped().body, "{}");
    });
}

#[test]
fn g4_records_belong_to_an_account() {
    under_each_rule(|site| {
        site.registered("grace", OTHER_KEY);
        site.pushed("ada", KEY, &position("book", "ada's", 0.1));
        assert_eq!(site.pull("grace", OTHER_KEY, "book").body, "{}");
        site.pushed("grace", OTHER_KEY, &position("book", "grace's", 0.9));
        assert_eq!(site.pulled("ada", KEY, "book")["progress"], "ada's");
        assert_eq!(site.pulled("grace", OTHER_KEY, "book")["progress"], "grace's");
    });
}

/// A position that a stale device overwrites is not lost.
#[test]
fn overwritten_positions_stay_in_the_history() {
    let site = Site::with_ada();
    let store = site.server.store();
    let ada = store.user(&Username::new("ada").unwrap()).unwrap().unwrap();
    for page in 0..10 {
        site.pushed("ada", KEY, &position("book", &page.to_string(), f64::from(page) / 10.0));
        site.pushed("ada", KEY, &position("another", "x", 0.5));
    }
    let book = Document::new("book").unwrap();
    let pages = |limit| -> Vec<String> {
        store.history(ada.id, &book, limit).unwrap().into_iter().map(|entry| entry.progress.progress).collect()
    };
    assert_eq!(pages(100), ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    assert_eq!(pages(2), ["9", "8"]);
    assert_eq!(store.user(&ada.name).unwrap().unwrap().documents, 2);
}

/// Returns the text of a number in a response, unparsed.
fn raw_number<'a>(body: &'a str, field: &str) -> &'a str {
    let start = body.find(&format!("\"{field}\":")).unwrap() + field.len() + 3;
    body[start..].split([',', '}']).next().unwrap()
}

/// Over all doubles; one site serves all cases.
#[test]
fn g3_percentages_survive_bit_for_bit() {
    under_each_rule_and_again(|site| {
        let roundtrip = |bits: u64| {
            let percentage = f64::from_bits(bits);
            let raw = position("book", "p", 0.5).to_string().replace("0.5", &format!("{percentage:e}"));
            let reply = site.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&raw));
            assert_eq!(reply.status, 200, "{raw} {reply:?}");
            let body = site.pull("ada", KEY, "book").body;
            let text = raw_number(&body, "percentage");
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), bits, "{percentage:e} came back as {text}");
        };
        for percentage in
            [0.0, -0.0, 1.0, 0.1, 0.4213, f64::MIN_POSITIVE, f64::MAX, f64::MIN, 5e-324, 1.0 / 3.0, 0.9999]
        {
            roundtrip(percentage.to_bits());
        }
        proptest!(ProptestConfig::with_cases(300), |(bits in any::<u64>().prop_filter("finite", |bits| f64::from_bits(*bits).is_finite()))| {
            roundtrip(bits);
        });
        proptest!(ProptestConfig::with_cases(300), |(percentage in 0.0..1.0_f64)| roundtrip(percentage.to_bits()));
    });
}
