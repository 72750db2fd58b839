//! The rules by their numbers.

use kosync::PushEffect;

use super::*;
use crate::common::position;

const RULES: [PositionRule; 2] = [PositionRule::Newest, PositionRule::Furthest];

#[test]
fn c1_a_holder_s_repeat_keeps_its_time_and_costs_no_row() {
    for rule in RULES {
        let room = Room::at_60(rule);
        let (before, rows) = (room.current(), room.history().len());
        for _ in 0..3 {
            room.wait(DAY);
            room.kobo().reads_to(0.6);
        }
        assert_eq!(room.current(), before, "{rule}");
        let history = room.history();
        assert_eq!((history.len(), history[0].pushes), (rows, 4), "{rule}");
        let room = room.restarted();
        assert_eq!((room.current(), room.history()), (before, history));
    }
}

#[test]
fn c1_a_holder_always_moves_the_position() {
    let room = Room::at_60(PositionRule::Newest);
    for percentage in [0.61, 0.01, 0.0, 0.45] {
        room.wait(1);
        room.kobo().reads_to(percentage);
        room.expect("Kobo_nova", percentage);
    }
    // To where the other device is, too.
    room.kobo().reads_to(0.2);
    room.expect("Kobo_nova", 0.2);
}

#[test]
fn c1_a_repeat_is_the_same_place_within_2_percent_or_the_same_percentage() {
    for (progress, percentage, is_repeat) in [
        ("mine", 0.3, true),
        ("mine", 0.3199, true),
        ("mine", 0.2801, true),
        ("mine", 0.3201, false),
        ("mine", 0.2799, false),
        ("another", 0.30009, true),
        ("another", 0.3001, false),
        ("another", 0.2999, false),
        ("", 0.3, true),
        ("", 0.31, false),
    ] {
        let room = Room::at_60(PositionRule::Newest);
        room.phone().pushes("mine", 0.3);
        room.wait(DAY);
        room.kobo().reads_to(0.61);
        room.wait(DAY);
        room.phone().pushes(progress, percentage);
        let expected = if is_repeat { ("Kobo_nova", 0.61) } else { ("Phone", percentage) };
        assert_eq!(room.who_and_where(), (expected.0.to_owned(), expected.1), "{progress} {percentage}");
    }
}

#[test]
fn c1_an_echo_is_a_place_of_another_device_until_its_own_next_push() {
    let room = Room::at_60(PositionRule::Newest);
    room.kobo().reads_to(0.7);
    room.wait(60);
    // Of any time, and at any percentage.
    room.phone().pushes(&page_at(0.6), 0.9);
    room.expect("Kobo_nova", 0.7);
    assert_eq!(room.history()[0].effect, PushEffect::Echo);
    room.wait(60);
    room.phone().pushes(&page_at(0.7), 0.71);
    room.expect("Phone", 0.71);
}

#[test]
fn c1_pushes_that_come_within_5_seconds_are_a_queue() {
    for (pause, is_queue) in [(0, true), (5, true), (6, false)] {
        let room = Room::at_60(PositionRule::Newest);
        room.phone().reads_to(0.3);
        room.expect("Phone", 0.3);
        room.wait(pause);
        room.phone().reads_to(0.4);
        let expected = if is_queue { ("Kobo_nova", 0.6) } else { ("Phone", 0.4) };
        room.expect(expected.0, expected.1);
    }
    // Each counts from the one before it, across a restart, too.
    let room = Room::at_60(PositionRule::Newest);
    room.phone().reads_to(0.3);
    room.wait(4);
    room.phone().reads_to(0.4);
    let room = room.restarted();
    room.wait(4);
    room.phone().reads_to(0.5);
    room.expect("Kobo_nova", 0.6);
    room.wait(4);
    room.phone().reads_to(0.65);
    room.expect("Phone", 0.65);
    // Also from the one before it where all of them are ahead, and one is sent twice.
    for percentages in [[0.66, 0.64, 0.5], [0.66, 0.66, 0.5]] {
        let room = Room::at_60(PositionRule::Newest);
        for percentage in percentages {
            room.phone().reads_to(percentage);
            room.wait(4);
        }
        room.expect("Kobo_nova", 0.6);
    }
    // After a start-over there is nothing to go back to.
    let room = Room::at_60(PositionRule::Newest);
    room.start_over();
    room.phone().reads_to(0.3);
    room.phone().reads_to(-0.1);
    room.expect("Phone", -0.1);
}

/// KOReader has a setting for the name. Closed where it was, the device has its new one.
#[test]
fn c4_a_holder_that_repeats_its_place_may_have_another_name() {
    let room = Room::at_60(PositionRule::Newest);
    room.wait(DAY);
    room.reader("My Kobo", "K0B0").reads_to(0.6);
    room.expect("My Kobo", 0.6);
}

/// A book that is opened on a new device is behind where it is read. One that is read from its first pages on is not.
#[test]
fn c1_a_first_push_at_the_beginning_but_ahead_is_the_newest() {
    for (at, percentage, expected) in [
        (0.01, 0.015, ("Phone", 0.015)),
        (0.01, 0.005, ("Kobo_nova", 0.01)),
        (0.6, 0.02, ("Kobo_nova", 0.6)),
        (0.6, 0.0201, ("Phone", 0.0201)),
    ] {
        let room = Room::new(PositionRule::Newest);
        room.kobo().reads_to(at);
        room.wait(DAY);
        room.phone().reads_to(percentage);
        room.expect(expected.0, expected.1);
    }
}

/// The phone was there when the Kobo held the position: what it pushes next is another page, whatever another device's queue did.
#[test]
fn c1_a_queue_that_is_undone_leaves_who_has_pushed_since_the_holder_moved() {
    for has_queue in [false, true] {
        let room = Room::at_60(PositionRule::Newest);
        room.phone().reads_to(0.2);
        room.expect("Kobo_nova", 0.6);
        room.wait(60);
        if has_queue {
            for percentage in [0.65, 0.3] {
                room.reader("Tablet", "7AB1").reads_to(percentage);
            }
            room.wait(60);
        }
        room.phone().reads_to(0.201);
        room.expect("Phone", 0.201);
    }
}

/// The bridge knows a percentage alone. What the queue brought is the only place to go to.
#[test]
fn c5_a_queue_that_is_undone_leaves_the_place_that_it_brought() {
    let room = Room::new(PositionRule::Newest);
    room.reader("Bridge", "B0").pushes("", 0.7);
    room.wait(DAY);
    room.phone().reads_to(0.5);
    room.expect("Phone", 0.5);
    for progress in ["", &page_at(0.1)] {
        room.wait(1);
        room.phone().pushes(progress, 0.1);
        let current = room.current();
        assert_eq!((&current["device"], &current["percentage"]), (&json!("Bridge"), &json!(0.7)));
        assert_eq!(current["progress"], page_at(0.5), "the nearest");
    }
}

#[test]
fn c2_the_furthest_position_is_current_and_its_holder_may_go_back() {
    let room = Room::at_60(PositionRule::Furthest);
    room.phone().reads_to(0.59);
    room.expect("Kobo_nova", 0.6);
    room.phone().reads_to(0.61);
    room.expect("Phone", 0.61);
    room.phone().reads_to(0.3);
    room.expect("Phone", 0.3);
    room.kobo().reads_to(0.6);
    room.expect("Phone", 0.3);
    room.kobo().reads_to(0.5);
    room.expect("Kobo_nova", 0.5);
    room.kobo().pushes("outside", 57.0);
    room.expect("Kobo_nova", 57.0);
    room.phone().reads_to(0.4);
    room.expect("Phone", 0.4);
}

#[test]
fn c2_a_finished_document_is_begun_again_by_a_second_push_a_minute_later() {
    for (first, second, pause, begins) in [
        (0.03, 0.06, 60, true),
        (0.03, 0.06, 59, false),
        (0.06, 0.03, 60, false),
        (0.49, 0.5, 60, true),
        (0.49, 0.51, 60, false),
    ] {
        let room = Room::at_60(PositionRule::Furthest);
        room.kobo().reads_to(0.99);
        room.wait(DAY);
        room.phone().reads_to(first);
        room.expect("Kobo_nova", 0.99);
        room.wait(pause);
        room.phone().reads_to(second);
        let expected = if begins { ("Phone", second) } else { ("Kobo_nova", 0.99) };
        room.expect(expected.0, expected.1);
    }
}

/// A new reading counts from the first push after the finish, whatever comes in between. It does not count from a push
/// of the reading before.
#[test]
fn c2_a_finished_document_is_begun_again_since_the_first_push_after_the_finish() {
    let room = Room::at_60(PositionRule::Furthest);
    room.kobo().reads_to(0.99);
    for (percentage, pause) in [(0.03, 30), (0.06, 30), (0.09, 0)] {
        room.expect("Kobo_nova", 0.99);
        room.phone().reads_to(percentage);
        room.wait(pause);
    }
    room.expect("Phone", 0.09);

    let room = Room::at_60(PositionRule::Furthest);
    room.kobo().reads_to(0.99);
    room.phone().reads_to(0.03);
    room.start_over();
    room.wait(DAY);
    room.kobo().reads_to(1.0);
    room.phone().reads_to(0.06);
    room.expect("Kobo_nova", 1.0);
}

#[test]
fn c3_the_last_push_is_current() {
    let room = Room::at_60(PositionRule::Last);
    for (reader, percentage) in [(room.phone(), 0.2), (room.kobo(), 0.6), (room.kobo(), 0.6), (room.phone(), 0.0)] {
        room.wait(60);
        reader.reads_to(percentage);
        room.expect(reader.device, percentage);
        assert_eq!(room.current()["timestamp"], room.now(), "the time of the push");
    }
    room.start_over();
    assert_eq!(room.current(), json!({}));
    room.phone().reads_to(0.0);
    room.expect("Phone", 0.0);
}

#[test]
fn c4_a_device_is_its_id_or_without_one_its_name() {
    let room = Room::at_60(PositionRule::Newest);
    // A renamed phone is where it was; a pull has the name that reached the position.
    room.reader("My phone", "F0F0").reads_to(0.2);
    room.expect("Kobo_nova", 0.6);
    room.wait(60);
    room.reader("My Kobo", "K0B0").reads_to(0.01);
    room.expect("My Kobo", 0.01);
    // Clients without an id.
    let push = |device: &str, progress: &str, percentage: f64| {
        let mut body = position(BOOK, progress, percentage);
        body["device"] = json!(device);
        body.as_object_mut().unwrap().remove("device_id");
        room.site.pushed("ada", KEY, &body);
        room.wait(60);
    };
    push("web", "p1", 0.3);
    room.expect("web", 0.3);
    push("app", "p2", 0.5);
    push("web", "p1", 0.3);
    room.expect("app", 0.5);
    assert_eq!(room.current().get("device_id"), None, "[P9]");
}

#[test]
fn c5_a_percentage_without_a_place_never_destroys_one() {
    for rule in PositionRule::ALL {
        let room = Room::at_60(rule);
        let bridge = room.reader("bridge", "B");
        bridge.pushes("", 0.25 + if rule == PositionRule::Furthest { 0.4 } else { 0.0 });
        let nearest = if rule == PositionRule::Furthest { 0.6 } else { 0.2 };
        assert_eq!(room.current()["progress"], page_at(nearest), "{rule}");
        assert_eq!(room.current()["device"], "bridge");
        assert_eq!(room.history()[0].progress.progress, "", "the history has what was sent");
        // A place that comes later and is nearer counts, though it does not move the position.
        if rule == PositionRule::Newest {
            room.wait(60);
            room.reader("new", "N").pushes(&page_at(0.2), 0.24);
            assert_eq!(room.current()["progress"], page_at(0.2));
            room.reader("new", "N").reads_to(0.26);
            room.expect("new", 0.26);
        }
        let room = room.restarted();
        assert_ne!(room.current()["progress"], "");
    }
}

#[test]
fn c5_the_nearest_place_is_of_the_kind_that_was_there() {
    let room = Room::new(PositionRule::Newest);
    room.reader("app", "A").pushes("61", 0.61);
    room.wait(60);
    room.kobo().reads_to(0.4);
    room.wait(60);
    room.reader("bridge", "B").pushes("", 0.6);
    assert_eq!(room.current()["progress"], page_at(0.4));
    room.wait(60);
    room.reader("app", "A").pushes("70", 0.7);
    room.wait(60);
    room.reader("bridge", "B").pushes("", 0.41);
    assert_eq!(room.current()["progress"], "61");
}

#[test]
fn c5_without_any_place_the_text_is_empty_until_one_comes() {
    let room = Room::new(PositionRule::Newest);
    let bridge = room.reader("bridge", "B");
    bridge.pushes("", 0.5);
    room.wait(60);
    bridge.pushes("", 0.6);
    assert_eq!(room.current()["progress"], "");
    room.expect("bridge", 0.6);
    // Opened at its beginning, a device moves nothing, but its place is one.
    room.kobo().reads_to(0.01);
    assert_eq!((&room.current()["device"], &room.current()["progress"]), (&json!("bridge"), &json!(page_at(0.01))));
    // Two empty texts are no repeat [C5]: the percentage tells.
    room.wait(60);
    bridge.pushes("", 0.601);
    room.expect("bridge", 0.601);
    assert_eq!(room.current()["timestamp"], room.now());
}

#[test]
fn c6_a_position_of_kind_percentage_needs_no_progress() {
    let room = Room::at_60(PositionRule::Newest);
    let push = |body: &Value| room.site.push("ada", KEY, body);
    let mut body = json!({
        "document": BOOK, "percentage": 0.66, "device": "bridge", "position_kind": "percentage",
        "positions": [{ "kind": "percentage", "value": 0.66 }], "force": true, "timestamp": 3,
    });
    assert_eq!(push(&body).shaped().status, 200);
    room.expect("bridge", 0.66);
    assert_eq!(room.current()["progress"], page_at(0.6));
    body["progress"] = Value::Null;
    body["percentage"] = json!(0.67);
    assert_eq!(push(&body).shaped().status, 200);
    room.expect("bridge", 0.67);
    body["position_kind"] = json!("xpointer");
    push(&body).refused(403, 2003, "Invalid request");
}

#[test]
fn an_account_s_rule_counts_from_its_next_push_on() {
    let room = Room::at_60(PositionRule::Newest);
    room.phone().reads_to(0.2);
    let before = room.current();
    assert_eq!(room.change(Change::SetPositionRule(Some(PositionRule::Last))), AccountOutcome::Done);
    assert_eq!(room.current(), before, "nothing stored is computed again");
    room.phone().reads_to(0.2);
    room.expect("Phone", 0.2);
    assert_eq!(room.change(Change::SetPositionRule(Some(PositionRule::Furthest))), AccountOutcome::Done);
    room.kobo().reads_to(0.1);
    room.expect("Phone", 0.2);
    assert_eq!(room.change(Change::SetPositionRule(None)), AccountOutcome::Done);
    room.kobo().reads_to(0.15);
    room.expect("Kobo_nova", 0.15);
}

#[test]
fn a_put_back_of_the_current_position_is_nothing() {
    for rule in PositionRule::ALL {
        let room = Room::at_60(rule);
        let (before, history) = (room.current(), room.history());
        room.put_back(0.6);
        assert_eq!((room.current(), room.history()), (before, history.clone()), "{rule}");
        room.put_back(0.2);
        room.expect("kosync (put back)", 0.2);
        assert_eq!(room.history().len(), history.len() + 1);
        room.put_back(0.2);
        assert_eq!(room.history().len(), history.len() + 1);
        // A book that was started over has no current position.
        room.start_over();
        room.put_back(0.2);
        room.expect("kosync (put back)", 0.2);
    }
}
