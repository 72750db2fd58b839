//! What the log keeps, what it drops, and the lines that it makes.

use std::net::{IpAddr, Ipv4Addr};

use super::digest::{What, lines};
use super::entry::{ClientTrace, DeviceName, DeviceRequest, LoginFailure, Sent};
use super::packed::{Kind, NewRequest, PackedEntry};
use super::*;
use crate::model::PushEffect;

const ADA: UserId = UserId(1);

const AGENT: &str = "KOReader/2026.08 (https://x) LuaSocket";

fn client(last: u8) -> ClientTrace {
    ClientTrace { address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))), agent: "KOReader/2026.08".into() }
}

fn device(name: &str) -> DeviceName {
    DeviceName { name: name.into(), id: Some("id".into()) }
}

fn entry(time: u64, client: ClientTrace, document: Option<Document>, request: DeviceRequest) -> Entry {
    Entry { time, since: time, times: 1, client, document, request }
}

/// Packs an entry as the handlers do.
fn packed(entry: &Entry) -> PackedEntry {
    let (device, kind) = match &entry.request {
        DeviceRequest::Push { device, percentage, effect, sequence } => {
            (Some(device), Kind::Push { percentage: *percentage, effect: *effect, sequence: *sequence })
        }
        DeviceRequest::Pull(Some(sent)) => {
            (Some(&sent.device), Kind::Sent { percentage: sent.percentage, timestamp: sent.timestamp })
        }
        DeviceRequest::Pull(None) => (None, Kind::NothingSent),
        DeviceRequest::LoginFailed(why, _) => (None, Kind::LoginFailed(*why)),
        other => panic!("{other:?}"),
    };
    let device = device.map(|device| (&*device.name, device.id.as_deref()));
    let (time, address, document) = (entry.time, entry.client.address, entry.document.as_ref());
    PackedEntry::new(NewRequest { time, address, agent: AGENT, document, device, kind })
}

fn document(id: &str) -> Document {
    Document::new(id).expect("an id")
}

fn push(time: u64, from: u8, name: &str, id: &str, percentage: f64, effect: PushEffect) -> Entry {
    let request = DeviceRequest::Push { device: device(name), percentage, effect, sequence: time };
    entry(time, client(from), Some(document(id)), request)
}

fn pull(time: u64, from: u8, id: &str, sent: Option<(&str, u64)>) -> Entry {
    let sent = sent.map(|(name, timestamp)| Sent { device: device(name), percentage: 0.6, timestamp });
    entry(time, client(from), Some(document(id)), DeviceRequest::Pull(sent))
}

fn failure(time: u64, from: u8) -> Entry {
    entry(time, client(from), None, DeviceRequest::LoginFailed(LoginFailure::WrongKey, None))
}

fn bytes(log: &RequestLog) -> (usize, usize) {
    let accounts = log.accounts();
    let counted = accounts.by_id.values().map(|account| {
        assert_eq!(
            account.bytes,
            account.requests.iter().chain(&account.failed_logins).map(PackedEntry::size).sum::<usize>()
        );
        account.bytes
    });
    (counted.sum(), accounts.bytes)
}

#[test]
fn an_account_has_200_entries_and_failed_logins_displace_no_more_than_40() {
    let log = RequestLog::default();
    for time in 0..500 {
        log.record(ADA, packed(&push(time, 1, "Kobo", "book", 0.5, PushEffect::Moved)));
    }
    for time in 500..900 {
        log.record(ADA, packed(&failure(time, u8::try_from(time % 250).expect("small"))));
    }
    let entries = log.entries(ADA);
    assert_eq!(entries.len(), MAX_REQUESTS);
    assert_eq!(
        entries.iter().filter(|entry| matches!(entry.request, DeviceRequest::LoginFailed(..))).count(),
        MAX_FAILED_LOGINS
    );
    assert_eq!(entries.last().map(|entry| entry.time), Some(899));
    let (counted, known) = bytes(&log);
    assert_eq!(counted, known);
    log.forget(ADA);
    assert_eq!((bytes(&log), log.entries(ADA).len()), ((0, 0), 0));
}

#[test]
fn accounts_and_bytes_are_bounded_and_the_quiet_ones_go_first() {
    let log = RequestLog::default();
    for user in 1..=3000 {
        log.record(UserId(user), packed(&failure(1, 1)));
        log.record(ADA, packed(&failure(u64::from(user), u8::try_from(user % 5).expect("small"))));
        assert!(log.accounts().by_id.len() <= MAX_ACCOUNTS);
    }
    assert!(!log.entries(ADA).is_empty() && log.entries(UserId(2)).is_empty());
    let long = "x".repeat(255);
    for user in 1..=300 {
        for time in 0..200 {
            log.record(UserId(user), packed(&push(time, 1, &long, &long, 0.5, PushEffect::Moved)));
        }
        assert!(log.accounts().bytes <= MAX_BYTES, "{}", log.accounts().bytes);
    }
    let (counted, known) = bytes(&log);
    assert_eq!(counted, known);
    assert!(!log.entries(UserId(300)).is_empty() && log.entries(ADA).is_empty());
}

/// A stranger tries the names of all accounts, over and over, and cannot log in.
#[test]
fn failed_logins_of_other_accounts_displace_no_request() {
    let log = RequestLog::default();
    log.record(ADA, packed(&push(1, 1, "Kobo", "emma", 0.5, PushEffect::Moved)));
    for round in 0..3 {
        for user in 2..=2000 {
            log.record(UserId(user), packed(&failure(2 + round, 1)));
            assert!(log.accounts().by_id.len() <= MAX_ACCOUNTS);
        }
    }
    assert_eq!(log.entries(ADA).len(), 1);
    // Its own do not keep an account either.
    let log = RequestLog::default();
    log.record(ADA, packed(&push(1, 1, "Kobo", "emma", 0.5, PushEffect::Moved)));
    for user in 2..=1024 {
        log.record(ADA, packed(&failure(9, u8::try_from(user % 5).expect("small"))));
        log.record(UserId(user), packed(&pull(9, 1, "emma", None)));
    }
    assert!(!log.entries(ADA).is_empty());
    log.record(UserId(1025), packed(&pull(9, 1, "emma", None)));
    assert!(log.entries(ADA).is_empty() && !log.entries(UserId(1024)).is_empty());
}

#[test]
fn equal_requests_of_devices_that_ask_in_turn_are_one_entry_each() {
    let log = RequestLog::default();
    for time in 0..30 {
        log.record(ADA, packed(&pull(time, u8::try_from(time % 3).expect("small"), "book", None)));
    }
    let found: Vec<_> = log.entries(ADA).iter().map(|entry| (entry.since, entry.time, entry.times)).collect();
    assert_eq!(found, [(0, 27, 10), (1, 28, 10), (2, 29, 10)]);
}

#[test]
fn a_pull_is_of_a_device_only_if_no_other_pushed_from_there() {
    let device_of = |entries: &[Entry]| {
        lines(entries)[0].device.clone().map(|line| (line.device.name.to_string(), line.is_inferred))
    };
    let kobo = push(1, 1, "Kobo", "book", 0.5, PushEffect::Moved);
    let asks = pull(3, 1, "book", None);
    assert_eq!(device_of(&[kobo.clone(), asks.clone()]), Some(("Kobo".into(), true)));
    let phone = push(2, 1, "Phone", "book", 0.5, PushEffect::Moved);
    assert_eq!(device_of(&[kobo.clone(), phone, asks.clone()]), None, "two devices behind one address");
    assert_eq!(device_of(&[push(2, 2, "Kobo", "book", 0.5, PushEffect::Moved), asks]), None, "another address");
    let unix = Entry { client: ClientTrace::default(), ..pull(3, 1, "book", None) };
    let kobo = Entry { client: ClientTrace::default(), ..kobo };
    assert_eq!(device_of(&[kobo, unix]), None, "a unix socket tells no address");
}

#[test]
fn a_position_is_new_once_and_a_device_s_own_is_its_own() {
    let what = |entries: &[Entry]| lines(entries).into_iter().map(|line| line.what).collect::<Vec<_>>();
    let entries = [
        push(1, 1, "Kobo", "book", 0.6, PushEffect::Moved),
        push(2, 2, "Phone", "other", 0.1, PushEffect::Moved),
        pull(3, 2, "book", Some(("Kobo", 1))),
        pull(4, 1, "book", Some(("Kobo", 1))),
        pull(5, 2, "book", Some(("Kobo", 1))),
    ];
    let found = what(&entries);
    assert!(matches!(
        &found[..],
        [What::Unchanged(_), What::Own { twin: None, .. }, What::Sent(_), What::Push { .. }, What::Push { .. }]
    ));
    let twins = [
        push(1, 1, "Kobo", "book", 0.6, PushEffect::Moved),
        push(2, 2, "Kobo", "other", 0.1, PushEffect::Moved),
        pull(3, 2, "book", Some(("Kobo", 1))),
    ];
    let twin = client(1).address;
    assert!(matches!(&what(&twins)[0], What::Own { twin: found, .. } if *found == twin));
}

#[test]
fn places_within_5_seconds_are_a_queue_unless_another_device_pushes_and_a_session_is_one_line() {
    let apart = [
        push(10, 1, "Phone", "book", 0.2, PushEffect::Moved),
        push(11, 2, "Kobo", "book", 0.6, PushEffect::Moved),
        push(12, 1, "Phone", "book", 0.2, PushEffect::Repeat),
    ];
    assert_eq!(lines(&apart).len(), 3);
    let entries: Vec<_> = [(10, 0.2), (11, 0.22), (12, 0.26), (100, 0.3), (200, 0.31)]
        .map(|(time, at)| {
            push(time, 1, "Phone", "book", at, if time < 100 { PushEffect::Queue } else { PushEffect::Moved })
        })
        .into();
    let found: Vec<_> = lines(&entries).iter().map(|line| (line.since, line.times, line.what.clone())).collect();
    let pushed = |percentage, effect, sequence, is_queue| What::Push { percentage, effect, sequence, is_queue };
    assert_eq!(
        found,
        [(100, 2, pushed(0.31, PushEffect::Moved, 200, false)), (10, 3, pushed(0.26, PushEffect::Queue, 12, true))]
    );
}

/// A device that was offline for long sends hundreds.
#[test]
fn a_queue_goes_on_while_the_next_push_comes_within_5_seconds() {
    let pushes = |times: &[u64]| -> Vec<_> {
        let push = |time: &u64| push(*time, 1, "Kobo", "book", 0.5, PushEffect::Moved);
        let entries: Vec<_> = times.iter().map(push).collect();
        let is_queue = |what: &What| matches!(what, What::Push { is_queue: true, .. });
        lines(&entries).iter().map(|line| (line.times, is_queue(&line.what))).collect()
    };
    assert_eq!(pushes(&[10, 15, 20, 25, 26]), [(5, true)]);
    assert_eq!(pushes(&[10, 16, 22]), [(3, false)], "a session");
    assert_eq!(pushes(&[10, 16, 18]), [(3, false)], "a session with a page that was turned soon");
}

#[test]
fn an_unknown_id_has_the_last_push_of_another_device_as_its_candidate() {
    let entries = [
        push(1, 1, "Kobo", "9c25", 0.6, PushEffect::Moved),
        push(2, 2, "Phone", "mine", 0.1, PushEffect::Moved),
        pull(3, 2, "8718", None),
    ];
    let candidate_of = |entries: &[Entry]| match &lines(entries)[0].what {
        What::Unknown(candidate) => candidate.clone().map(|it| (it.document, it.device)),
        other => panic!("{other:?}"),
    };
    assert_eq!(candidate_of(&entries), Some((document("9c25"), "Kobo".into())));
    assert_eq!(candidate_of(&[entries[0].clone(), pull(90_000, 2, "8718", None)]), None, "more than a day ago");
    let log = RequestLog::default();
    let [kobo, phone, asks] = entries;
    [kobo, phone, asks.clone(), pull(4, 3, "x", None), Entry { time: 5, ..asks }]
        .into_iter()
        .for_each(|entry| log.record(ADA, packed(&entry)));
    let asked = |id: &str, time| RequestedUnknown { document: document(id), time, candidate: Some(document("9c25")) };
    let by_a_third = RequestedUnknown { candidate: Some(document("mine")), ..asked("x", 4) };
    assert_eq!(log.requested_unknown(ADA), [asked("8718", 5), by_a_third]);
    // Of devices behind one address, any may have asked.
    let entries =
        [push(1, 1, "Kobo", "9c25", 0.6, PushEffect::Moved), push(2, 1, "Phone", "mine", 0.1, PushEffect::Moved)];
    assert_eq!(
        candidate_of(&[&entries[..], &[pull(3, 1, "8718", None)]].concat()),
        Some((document("mine"), "Phone".into()))
    );
    assert_eq!(candidate_of(&[entries[0].clone(), pull(3, 1, "8718", None)]), None, "the device itself pushed it");
}

/// What is packed is unpacked, with long names cut between characters.
#[test]
fn an_entry_is_unpacked_as_it_was_packed() {
    let log = RequestLog::default();
    let expected = [
        push(1, 1, "Kobo", "book", 0.5, PushEffect::Repeat),
        pull(2, 2, "book", Some(("Kobo", 1))),
        pull(3, 3, &"ü".repeat(127), None),
    ];
    expected.iter().for_each(|entry| log.record(ADA, packed(entry)));
    assert_eq!(log.entries(ADA), expected);
    log.forget(ADA);
    let long = "ü".repeat(200);
    let (name, id) = (Some(long.as_str()), "é".repeat(300));
    let refused = NewRequest {
        time: 1,
        address: None,
        agent: &long,
        document: None,
        device: name.map(|name| (name, Some(id.as_str()))),
        kind: Kind::PushRefused(super::entry::Refusal::Invalid),
    };
    log.record(ADA, PackedEntry::new(refused));
    let unpacked = &log.entries(ADA)[0];
    assert_eq!((&*unpacked.client.agent, &unpacked.document), (&*"ü".repeat(64), &None));
    let cut = DeviceName { name: "ü".repeat(64).into(), id: Some("é".repeat(64).into()) };
    assert!(matches!(&unpacked.request, DeviceRequest::PushRefused { device: Some(device), .. } if *device == cut));
    log.record(ADA, PackedEntry::new(NewRequest::failed_login(2, None, LoginFailure::OtherName, Some("Ada"))));
    let other = DeviceRequest::LoginFailed(LoginFailure::OtherName, Some("Ada".into()));
    assert_eq!(log.entries(ADA)[1].request, other);
}
