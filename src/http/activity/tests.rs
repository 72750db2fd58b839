//! The sentences that the wire tests do not reach.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use jiff::tz::TimeZone;

use super::words::Words;
use super::*;
use crate::model::{Language, Metadata, RESTORE_DEVICE, RESTORE_DEVICE_ID};
use crate::request_log::digest::LineDevice;
use crate::request_log::entry::{ClientTrace, DeviceName, Sent};
use crate::store::QuotaExceeded;
use crate::text::Texts;

/// 1970-01-02 12:00 in UTC.
const NOW: u64 = 129_600;

fn document() -> Document {
    Document::new("8718ff0e1f7b1e5f").expect("an id")
}

fn line(what: What) -> Line {
    let device = LineDevice { device: DeviceName { name: "Phone".into(), id: None }, is_inferred: false };
    let address = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let (client, document) = (ClientTrace { address, agent: "".into() }, Some(document()));
    Line { time: NOW, since: NOW, times: 1, device: Some(device), client, document, what }
}

fn push(effect: PushEffect) -> Line {
    line(What::Push { percentage: 0.2, effect, sequence: 7, is_queue: false })
}

/// A book whose current position is of that device and time.
fn known(device: &str, id: Option<&str>, timestamp: u64) -> HashMap<Document, Known> {
    let mut current = Progress::new("p".into(), 0.6, device.into(), id.map(str::to_owned)).expect("a position");
    current.timestamp = timestamp;
    let metadata = Metadata::new(None, Some("Emma".into()), None);
    let (document, title) =
        (document(), Title { text: metadata.title.unwrap_or_default(), authors: None, is_id: false });
    [(document, Known { title, current, sequence: Some(5), files: Vec::new(), is_awaited: false })].into()
}

fn said(line: &Line, documents: &HashMap<Document, Known>) -> String {
    said_in(Language::English, line, documents)
}

fn said_in(language: Language, line: &Line, documents: &HashMap<Document, Known>) -> String {
    let clock = Clock { texts: Texts::of(language), zone: TimeZone::UTC, now: NOW };
    Words { account: "ada", documents, clock: &clock }.sentence(line).to_string()
}

#[test]
fn a_push_that_did_not_become_current_says_why_and_what_is_current() {
    let still = "The current position is still the one of Kobo, 60%.";
    for (effect, word, why) in [
        (
            PushEffect::Repeat,
            "repeat",
            ". It had been there before. A device on which nothing was read does not replace another device’s position.",
        ),
        (
            PushEffect::Opened,
            "opened",
            ". That is the beginning, as a device sends it on which a book is opened for the first time.",
        ),
        (
            PushEffect::Echo,
            "echo",
            ". It had received this place from another device, and nothing was read on it since.",
        ),
        (PushEffect::Queue, "queue", ". That is behind what another device had reached."),
        (
            PushEffect::NotFurther,
            "not_further",
            ". That is not further. By this account’s rule the furthest position is the current one.",
        ),
        (
            PushEffect::LandedElsewhere,
            "landed_elsewhere",
            ". The place was written for another file of this book, and leads elsewhere in this file.",
        ),
    ] {
        let line = push(effect);
        let sent = format!("Phone sent 20% of “Emma”{why}");
        assert_eq!(said(&line, &known("Kobo", None, NOW - 60)), format!("{sent} {still}"));
        // Another position became current since.
        let moved = known("Kobo", None, NOW + 60);
        assert_eq!(said(&line, &moved), format!("{sent} It went into the book’s history."));
        assert_eq!(outcome(&line.what), ("push", word));
        assert_eq!(can_put_back(&line, &moved[&document()]), Some(7));
    }
    let restored = known(RESTORE_DEVICE, Some(RESTORE_DEVICE_ID), NOW - 60);
    let message = said(&push(PushEffect::Repeat), &restored);
    assert!(message.ends_with("The current position is still the one that was put back, 60%."), "{message}");
}

#[test]
fn a_push_that_is_the_current_position_has_nothing_to_put_back() {
    for (effect, word, text) in [
        (PushEffect::Moved, "current", "It became the current position."),
        (
            PushEffect::HeldRepeat,
            "held_repeat",
            "That is the current position already, which this device had sent before.",
        ),
    ] {
        let line = push(effect);
        let known = known("Kobo", None, NOW);
        assert_eq!(said(&line, &known), format!("Phone sent 20% of “Emma”. {text}"));
        assert_eq!((outcome(&line.what), can_put_back(&line, &known[&document()])), (("push", word), None));
    }
}

#[test]
fn a_position_that_was_put_back_since_is_not_offered_again() {
    let mut known = known(RESTORE_DEVICE, Some(RESTORE_DEVICE_ID), NOW + 60).remove(&document()).expect("a book");
    assert_eq!(can_put_back(&push(PushEffect::Repeat), &known), Some(7), "another place was put back");
    known.current.percentage = 0.2;
    assert_eq!(can_put_back(&push(PushEffect::Repeat), &known), None);
}

#[test]
fn several_pushes_say_since_when_and_other_days_have_dates() {
    let several = Line { times: 14, since: NOW - 86_400, ..push(PushEffect::Moved) };
    let expected =
        "Phone sent 14 positions of 8718ff0e… since yesterday 12:00; the last is 20%. It became the current position.";
    assert_eq!(said(&several, &HashMap::new()), expected);
    let sent = Sent { device: DeviceName { name: "Kobo".into(), id: None }, percentage: 0.6, timestamp: NOW - 90_000 };
    let expected = "Phone asked for a position of 8718ff0e… and got the one of Kobo, 60%, reached yesterday 11:00.";
    assert_eq!(said(&line(What::Sent(sent)), &HashMap::new()), expected);
}

#[test]
fn an_id_in_vain_says_whether_it_is_known_now() {
    let unknown = line(What::Unknown(None));
    let later = "Phone asked for a position of 8718ff0e…; none was known under this id then. Now there is “Emma”.";
    for time in [NOW - 60, NOW + 60] {
        assert_eq!(said(&unknown, &known("Kobo", None, time)), later, "imported, or pushed since");
    }
    let mut started_over = known("Kobo", None, NOW - 60);
    started_over.values_mut().for_each(|known| known.sequence = None);
    let over = "Phone asked for a position of “Emma”. The book was started over: there is no current position until a \
                device reads on.";
    assert_eq!(said(&unknown, &started_over), over);
    started_over.values_mut().for_each(|known| (known.sequence, known.is_awaited) = (Some(7), true));
    let joined = "Phone asked for a position of 8718ff0e… and got none. It is joined with “Emma”. If it still gets none, the places of the other \
                  files lead elsewhere in this one: read some pages of it on the device, and it gets positions.";
    assert_eq!(said(&unknown, &started_over), joined);
    started_over.values_mut().for_each(|known| (known.sequence, known.is_awaited) = (None, false));
    let sent = "Phone sent 20% of “Emma”. It had been there before. A device on which nothing was read does not replace another device’s position. The book was \
                started over: there is no current position until a device reads on.";
    assert_eq!(said(&push(PushEffect::Repeat), &started_over), sent);
    let candidate = |time| {
        What::Unknown(Some(Candidate { document: Document::new("9c25").expect("an id"), device: "Kobo".into(), time }))
    };
    for (time, day) in [(NOW, "today 12:00"), (NOW - 86_400, "yesterday 12:00")] {
        let expected = format!(
            "Phone asked for a position of 8718ff0e…; none is known under this id. Your Kobo sent 9c25 {day}. If they are one book, the files differ."
        );
        assert_eq!(said(&line(candidate(time)), &HashMap::new()), expected);
    }
}

#[test]
fn a_refusal_that_passes_says_that_the_device_tries_again() {
    let sends_again = "KOReader keeps the position and sends it again.";
    let until_then = "KOReader keeps the position and sends it again; until then it is not stored.";
    for (why, word, reason, then) in [
        (Refusal::TooSlow, "too_slow", "its body did not arrive in time (408)", sends_again),
        (Refusal::Busy, "busy", "the server was too busy (503)", sends_again),
        (Refusal::DiskWrite, "failed", "the server could not write to its disk (503)", sends_again),
        (Refusal::DataDirReplaced, "failed", "the server’s data directory was deleted or replaced (503)", sends_again),
        (Refusal::Failed, "failed", "the server failed (502); its log has the reason", sends_again),
        (Refusal::NoSpace, "no_space", "the server’s disk is full (507)", until_then),
        (
            Refusal::Quota(QuotaExceeded::Bytes),
            "over_quota",
            "the account’s positions take as much space as they may (507)",
            until_then,
        ),
        (
            Refusal::Quota(QuotaExceeded::FreeDisk),
            "over_quota",
            "the server’s disk has little space left (507)",
            until_then,
        ),
    ] {
        let line = line(What::PushRefused(why));
        let expected = format!("Phone sent a position of 8718ff0e…, which was refused: {reason}. {then}");
        assert_eq!((said(&line, &HashMap::new()), outcome(&line.what)), (expected, ("push", word)));
    }
    let pull = line(What::PullRefused(Refusal::Busy));
    let expected = "Phone asked for a position of 8718ff0e… and got no answer: the server was too busy (503). The device asks again.";
    assert_eq!((said(&pull, &HashMap::new()), outcome(&pull.what)), (expected.into(), ("pull", "busy")));
    let invalid = line(What::PushRefused(Refusal::Invalid));
    let expected = "Phone sent a position of 8718ff0e…, which was refused: it breaks a rule of the protocol (403). It will be refused \
                    again: tell the makers of the reading program.";
    assert_eq!(said(&invalid, &HashMap::new()), expected);
}

#[test]
fn a_failed_login_says_why() {
    for (failure, word, expected) in [
        (LoginFailure::Disabled, "disabled", "A login from 192.0.2.1 failed: the account was disabled (401)."),
        (
            LoginFailure::Busy,
            "busy",
            "A login from 192.0.2.1 was refused: the server was too busy (503). Devices try again.",
        ),
    ] {
        let line = Line { device: None, document: None, ..line(What::LoginFailed(failure, None)) };
        assert_eq!((said(&line, &HashMap::new()), outcome(&line.what)), (expected.into(), ("login", word)));
    }
}
