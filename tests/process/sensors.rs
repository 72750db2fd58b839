//! What the sensors and events of an account say, and when, with a real broker.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::broker::{Message, Subscriber};
use super::kosync::{Process, output, run_with_input, succeeded};
use super::mqtt::{broker_and_server, emma, mqtt_settings, start_publishing};
use crate::common::{KEY, are_installed, position, skip_unless_required};

/// Home Assistant takes these texts for a missing state.
#[test]
fn a_book_called_none_is_not_a_missing_one() {
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    process.client.registered("ada", KEY);
    // Its reader moves on each time: another push is no event.
    for (percentage, title, device, shown) in [
        (0.1, "None", "unknown", [json!("“None”"), json!("“unknown”")]),
        (0.2, "unknown", "unavailable", [json!("“unknown”"), json!("“unavailable”")]),
        (0.3, " unavailable ", " ", [json!("“unavailable”"), json!(null)]),
        (0.4, "Unknown", "None", [json!("Unknown"), json!("“None”")]),
    ] {
        let mut body = position("book", title, percentage);
        body["metadata"] = json!({ "title": title });
        body["device"] = json!(device);
        process.client.pushed("ada", KEY, &body);
        let event = subscriber.wait_for(|message| message.is_on("/2/event")).json();
        assert_eq!([&event["book"], &event["device"]], [&shown[0], &shown[1]]);
    }
    process.stop();
}

/// Checked by the rules of Core, which are in tests/addon/core.py.
#[test]
fn home_assistant_takes_what_is_published() {
    if !are_installed(&["python3"], "KOSYNC_TEST_BROKER") {
        return;
    }
    let has_jinja = Command::new("python3").args(["-c", "import jinja2"]).output().unwrap().status.success();
    if !(has_jinja || skip_unless_required("KOSYNC_TEST_BROKER", "python3 has no jinja2")) {
        return;
    }
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    process.client.registered("ada", KEY);
    let mut seen = Vec::new();
    let mut shown_after = |body: &Value| {
        process.client.pushed("ada", KEY, body);
        subscriber.wait_for(|message| {
            seen.push(format!("{} {} {}\n", u8::from(message.retained), message.topic, message.payload));
            message.is_on("/2/event")
        });
        let mut check = Command::new("python3");
        check.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/addon/core.py"));
        let shown: Value = serde_json::from_str(&succeeded(run_with_input(check, &seen.concat()))).unwrap();
        shown.as_object().unwrap().values().next().unwrap().clone()
    };
    let shown = shown_after(&emma("1", 0.5));
    let expected = json!({
        "book": "Emma", "percentage": 50.0, "device": "Kobo_nova", "last_sync": shown["last_sync"], "finished_this_year": 0.0,
        "in_progress": 1.0, "days_in_a_row": 1.0, "reading_now": true, "reading": "book_started",
    });
    assert_eq!(shown, expected);
    assert_eq!(shown_after(&emma("2", 1.0))["reading"], "book_finished");
    for (index, (title, device, book, device_shown)) in [
        ("None", "unknown", json!("“None”"), json!("“unknown”")),
        ("unavailable", "", json!("“unavailable”"), json!(null)),
        ("{{ 1 + 1 }} \"quoted\" \\", "\u{1f}None ", json!("{{ 1 + 1 }} \"quoted\" \\"), json!("“None”")),
        ("12", "0.5", json!("12"), json!("0.5")),
    ]
    .into_iter()
    .enumerate()
    {
        let percentage = [0.123_456, 0.223_456, 0.323_456, 0.423_456][index];
        let mut body = position("odd", title, percentage);
        body["metadata"] = json!({ "title": title, "authors": "“None”, {% raw %}" });
        body["device"] = json!(device);
        let shown = shown_after(&body);
        assert_eq!(
            (&shown["book"], &shown["device"], &shown["percentage"]),
            (&book, &device_shown, &json!([12.35, 22.35, 32.35, 42.35][index]))
        );
    }
    let long = "ü".repeat(300);
    let mut body = position("long", "p", 0.1);
    body["metadata"] = json!({ "title": long });
    assert_eq!(shown_after(&body)["book"].as_str().unwrap().chars().count(), 255);
    // Two sensors more, once KOReader has uploaded its statistics. They are of 2023.
    #[cfg(feature = "statistics")]
    {
        let bytes = crate::common::reading::statistics(3);
        assert_eq!(crate::common::reading::upload(process.client.address, "statistics.sqlite3", &bytes).status, 201);
        let mut page = 30_u32;
        let shown = crate::common::wait_until("the sensors of reading times", || {
            // A repeat would be no event.
            page += 1;
            let shown = shown_after(&emma(&page.to_string(), f64::from(page) / 100.0));
            Some(shown).filter(|shown| shown.get("minutes_today").is_some())
        });
        assert_eq!((&shown["minutes_today"], &shown["pages_today"]), (&json!(0.0), &json!(0.0)));
    }
    process.stop();
}

/// The sensors follow each push without reading the history again. The API counts anew with each request.
#[test]
fn the_sensors_say_what_the_statistics_say() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    process.client.registered("ada", KEY);
    let get = |path: &str| process.client.send_as("ada", KEY, "GET", path, None).json();
    // Another process or a deletion may have it counted again a moment later, so a state that is like the statistics is waited for.
    let agrees = |step: &str| {
        let statistics = get("/api/v1/statistics");
        let fields = ["finished_this_year", "in_progress", "days_in_a_row"];
        subscriber.wait_for(|message| {
            let state = if message.is_on("/2/state") { message.json() } else { json!({}) };
            fields.iter().all(|field| state[*field] == statistics[*field])
        });
        let numbers = fields.map(|field| statistics[field].as_u64().unwrap());
        println!("{step}: {numbers:?}");
        numbers
    };
    let push = |document: &str, progress: &str, percentage: f64| {
        process.client.pushed("ada", KEY, &position(document, progress, percentage));
        agrees(document)
    };
    assert_eq!(push("a", "1", 0.5)[..2], [0, 1]);
    assert_eq!(push("b", "1", 0.5)[..2], [0, 2]);
    assert_eq!(push("a", "2", 0.99)[..2], [1, 1]);
    assert_eq!(push("a", "3", 1.0)[..2], [1, 1]);
    assert_eq!(push("a", "4", 0.1)[..2], [1, 2], "begun again");
    assert_eq!(push("a", "5", 1.0)[..2], [1, 1], "the same book counts once");
    assert_eq!(push("c", "1", 1.0)[..2], [2, 1]);
    let history = get("/api/v1/documents/a/history");
    let fourth = history["history"][1]["sequence"].to_string();
    let body = format!(r#"{{"sequence":{fourth}}}"#);
    assert_eq!(process.client.send_as("ada", KEY, "POST", "/api/v1/documents/a/put-back", Some(&body)).status, 200);
    assert_eq!(agrees("restored")[..2], [2, 1], "a finished book stays on its shelf until it is read on");
    assert_eq!(process.client.send_as("ada", KEY, "DELETE", "/api/v1/documents/c", None).status, 200);
    // A book that was finished stays finished when it is deleted, so no number changes.
    assert_eq!(get("/api/v1/statistics")["finished_this_year"], 2);
    import(dir.path(), "imported", &[(0.2, 1_000), (1.0, 2_000)]);
    assert_eq!(get("/api/v1/statistics")["documents"], 3);
    // Only the number of documents has changed, so a push shows that the numbers still hold.
    assert_eq!(push("b", "2", 0.6)[..2], [2, 1]);
    process.stop();
}

/// A restored position is not read, so it neither finishes a book nor is progress.
#[test]
fn restored_and_imported_positions_are_no_events() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 1.0));
    process.client.pushed("ada", KEY, &emma("2", 0.1));
    let event = |subscriber: &Subscriber| subscriber.wait_for(|message| message.is_on("/2/event")).json();
    assert_eq!(event(&subscriber)["event_type"], "book_finished");
    assert_eq!(event(&subscriber)["event_type"], "progress");
    let history = process.client.send_as("ada", KEY, "GET", "/api/v1/documents/emma/history", None).json();
    let body = format!(r#"{{"sequence":{}}}"#, history["history"][1]["sequence"]);
    assert_eq!(process.client.send_as("ada", KEY, "POST", "/api/v1/documents/emma/put-back", Some(&body)).status, 200);
    // The second push came while the first was loaded, or after it: the numbers it changed may follow its event.
    let is_restored = |state: &Value| (&state["percentage"], &state["reading"]) == (&json!(100.0), &json!(false));
    subscriber.wait_for(|message| message.is_on("/2/state") && is_restored(&message.json()));
    import(dir.path(), "imported", &[(1.0, 1_000)]);
    process.client.pushed("ada", KEY, &emma("3", 0.2));
    let next = event(&subscriber);
    assert_eq!((&next["event_type"], &next["percentage"]), (&json!("progress"), &json!(20.0)));
    process.stop();
}

/// An account that has not pushed for a while is not reading. This also holds at the start of the server.
#[test]
fn an_account_reads_from_its_last_push_on() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    process.client.registered("ada", KEY);
    process.stop();
    import(dir.path(), "old", &[(0.5, 1_000)]);
    let subscriber = Subscriber::start(broker.port, &[]);
    let process = start_publishing(dir.path(), &mqtt_settings(&broker));
    let state = subscriber.wait_for(|message| message.is_on("/2/state")).json();
    assert_eq!((&state["reading"], &state["percentage"]), (&json!(false), &json!(50.0)));
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    subscriber.wait_for(|message| message.is_on("/2/state") && message.json()["reading"] == true);
    process.stop();
    // It is reading still.
    let process = start_publishing(dir.path(), &mqtt_settings(&broker));
    let state = subscriber.wait_for(|message| message.is_on("/2/state")).json();
    assert_eq!(state["reading"], true);
    process.stop();
}

/// Imports a document's history, as (percentage, timestamp), into the account `ada`, by another process.
fn import(dir: &Path, document: &str, history: &[(f64, u64)]) {
    let positions: Vec<_> = history
        .iter()
        .map(
            |(percentage, time)| json!({ "progress": "p", "percentage": percentage, "device": "d", "timestamp": time }),
        )
        .collect();
    let lines = [
        json!({ "kosync_export": { "format": 1 } }),
        json!({ "document": { "account": "ada", "document": document, "history": positions } }),
        json!({ "end": { "accounts": 0, "documents": 1 } }),
    ];
    let (data, file) = (dir.join("data"), dir.join("import.jsonl"));
    std::fs::write(&file, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    let imported =
        output(&["import", file.to_str().unwrap(), "--merge", "ada", "--data-dir", data.to_str().unwrap()], &[]);
    assert!(imported.status.success(), "{imported:?}");
}

/// Both have an account of that name. Home Assistant would show two devices of one name.
#[test]
fn two_servers_on_one_broker_are_told_apart() {
    let Some((broker, _dir, first)) = broker_and_server() else { return };
    let push = |process: &Process| {
        process.client.registered("ada", KEY);
        process.client.pushed("ada", KEY, &emma("1", 0.1));
    };
    let subscriber = Subscriber::start(broker.port, &[]);
    push(&first);
    let named = |name: &str| {
        drop(subscriber.wait_for(|message| message.is_on("/2/config") && message.json()["device"]["name"] == name));
    };
    named("kosync ada");
    let status = |other: Option<&str>| {
        let is_new = |message: &Message| {
            message.is_on("/status") && message.topic.starts_with("kosync/") && Some(message.topic.as_str()) != other
        };
        subscriber.wait_for(is_new).topic
    };
    let of_first = broker.retained().into_keys().find(|topic| topic.ends_with("/status")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let second = start_publishing(dir.path(), &mqtt_settings(&broker));
    let of_second = status(Some(&of_first));
    let tagged = |topic: &str| format!("kosync ada {}", &topic.strip_suffix("/status").unwrap()[topic.len() - 11..]);
    // The first one renames its device, and the second one never has the bare name.
    named(&tagged(&of_first));
    push(&second);
    let config = subscriber.wait_for(|message| message.is_on("/2/config")).json();
    assert_eq!(config["device"]["name"], tagged(&of_second));
    let devices = broker.retained();
    let of = |key: &str| -> BTreeSet<String> {
        let configs = devices.iter().filter(|(topic, _)| topic.ends_with("/config"));
        configs.map(|(_, text)| serde_json::from_str::<Value>(text).unwrap()["device"][key].to_string()).collect()
    };
    assert_eq!((of("identifiers").len(), of("name").len()), (2, 2), "{devices:#?}");
    second.stop();
    first.stop();
}

/// [C1]: the state follows the current position, and an event comes only where that has moved.
#[test]
fn c1_a_push_that_moves_nothing_is_no_event_and_leaves_the_state() {
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    process.client.registered("ada", KEY);
    let push = |device: &str, body: &Value| {
        let mut body = body.clone();
        body["device"] = json!(device);
        body["device_id"] = json!(device);
        process.client.pushed("ada", KEY, &body);
    };
    // Returns the next event, and the states that came before it.
    let next_event = || {
        let mut states = Vec::new();
        let event = subscriber.wait_for(|message| {
            if message.is_on("/2/state") {
                let state = message.json();
                states.push(json!([state["book"], state["percentage"], state["device"]]));
            }
            message.is_on("/2/event")
        });
        let event = event.json();
        (json!([event["event_type"], event["book"], event["percentage"], event["device"]]), states)
    };
    push("Phone", &position("other", "o", 0.3));
    assert_eq!(next_event().0, json!(["book_started", "other", 30.0, "Phone"]));
    push("Kobo", &position("other", "p", 0.4));
    assert_eq!(next_event().0, json!(["progress", "other", 40.0, "Kobo"]));
    push("Phone", &emma("1", 0.2));
    assert_eq!(next_event().0, json!(["book_started", "Emma", 20.0, "Phone"]));
    push("Kobo", &emma("2", 0.6));
    assert_eq!(next_event().0, json!(["progress", "Emma", 60.0, "Kobo"]));
    // The phone is opened and closed where it had been, in both books, and the Kobo where it is.
    push("Phone", &emma("1", 0.2));
    push("Phone", &position("other", "o", 0.3));
    push("Kobo", &emma("2", 0.6));
    push("Kobo", &emma("3", 0.61));
    let (event, states) = next_event();
    assert_eq!(event, json!(["progress", "Emma", 61.0, "Kobo"]));
    let kobo = |percentage: f64| json!(["Emma", percentage, "Kobo"]);
    assert!(states.iter().all(|state| [kobo(60.0), kobo(61.0)].contains(state)), "{states:?}");
    // Starting over changes the state, and is no event.
    let over = process.client.send_as("ada", KEY, "POST", "/api/v1/documents/emma/start-over", None);
    assert_eq!(over.status, 200, "{over:?}");
    subscriber.wait_for(|message| message.is_on("/2/state") && message.json()["percentage"] == 0.0);
    push("Kobo", &emma("1", 0.05));
    assert_eq!(next_event().0, json!(["progress", "Emma", 5.0, "Kobo"]));
    process.stop();
}
