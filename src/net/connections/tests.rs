//! The rules of the table: shares, and which connection is closed for a new one.

use std::time::Duration;

use super::*;

fn connections(max: usize) -> Arc<Connections> {
    Connections::new(ConnectionLimits { max, max_per_address: 3 })
}

fn address(ip: &str) -> ClientAddress {
    ClientAddress::new(Some(ip.parse().expect("an address")))
}

/// Admits a connection, accepted `at` milliseconds after the table was made, that sends nothing.
fn admit_at(connections: &Arc<Connections>, ip: &str, at: u64) -> Admission {
    let admission = connections.try_admit(address(ip), true, connections.epoch + Duration::from_millis(at));
    if let Admission::Admitted(held) = &admission {
        held.connection.begin_wait();
    }
    admission
}

fn admitted(admission: Admission) -> Held {
    match admission {
        Admission::Admitted(held) => held,
        Admission::OverShare => panic!("over its share"),
        Admission::Busy => panic!("busy"),
    }
}

fn is_closed(held: &Held) -> bool {
    held.connection.state.load(Ordering::SeqCst) == CLOSED
}

/// Answers one request, until `at` milliseconds after the table was made.
fn answer(held: &Held, at: u64) {
    let connection = &held.connection;
    assert!(connection.end_wait() && connection.begin_answer());
    connection.end_answer();
    connection.since.store(at * 1_000_000, Ordering::SeqCst);
    connection.begin_wait();
}

#[test]
fn a_public_address_has_a_share_and_gets_it_back() {
    let table = connections(100);
    let mut held: Vec<Held> = (0..3).map(|at| admitted(admit_at(&table, "192.0.2.1", at))).collect();
    assert!(matches!(admit_at(&table, "192.0.2.1", 3), Admission::OverShare));
    assert!(matches!(admit_at(&table, "::ffff:192.0.2.1", 3), Admission::OverShare));
    let _other = admitted(admit_at(&table, "192.0.2.2", 3));
    held.pop();
    held.push(admitted(admit_at(&table, "192.0.2.1", 4)));
    assert!(held.iter().all(|held| !is_closed(held)));
}

#[test]
fn the_share_of_ipv6_is_that_of_a_64_network() {
    let table = connections(100);
    let _held: Vec<Held> = (0..3).map(|at| admitted(admit_at(&table, &format!("2001:db8::{at}"), at))).collect();
    assert!(matches!(admit_at(&table, "2001:db8::ffff", 3), Admission::OverShare));
    let _other = admitted(admit_at(&table, "2001:db8:0:1::", 3));
}

/// Docker's gateway, or a proxy that nobody has declared, stands for all clients.
#[test]
fn a_private_address_may_hold_half_of_all() {
    let table = connections(10);
    let _held: Vec<Held> = (0..5).map(|at| admitted(admit_at(&table, "172.17.0.1", at))).collect();
    assert!(matches!(admit_at(&table, "172.17.0.1", 5), Admission::OverShare));
    let _other = admitted(admit_at(&table, "172.17.0.2", 5));
}

#[test]
fn proxies_and_unix_sockets_have_no_share() {
    let table = connections(10);
    let now = Instant::now();
    let proxy = (0..10).map(|_| admitted(table.try_admit(address("192.0.2.1"), false, now)));
    drop(proxy.collect::<Vec<_>>());
    let unix = (0..10).map(|_| admitted(table.try_admit(ClientAddress::Unix, false, now)));
    drop(unix.collect::<Vec<_>>());
    assert!(table.table().held.is_empty() && table.table().by_id.is_empty());
}

#[test]
fn the_connection_that_has_waited_longest_is_closed_for_a_new_one() {
    let table = connections(4);
    let first = admitted(admit_at(&table, "10.0.0.1", 1));
    let second = admitted(admit_at(&table, "10.0.0.2", 2));
    let third = admitted(admit_at(&table, "10.0.0.3", 3));
    let fourth = admitted(admit_at(&table, "10.0.0.4", 4));
    // The first is answered meanwhile, so it has waited for the shortest time.
    answer(&first, 5);
    let fifth = admitted(admit_at(&table, "10.0.0.5", 6));
    assert!(is_closed(&second) && !is_closed(&first) && !is_closed(&third));
    let _sixth = admitted(admit_at(&table, "10.0.0.6", 7));
    assert!(is_closed(&third) && !is_closed(&first) && !is_closed(&fourth) && !is_closed(&fifth));
    assert_eq!(table.table().by_id.len(), 4);
    // Their places are given back once only.
    drop((second, third));
    assert_eq!(table.table().by_id.len(), 4);
}

/// The order holds over several scans of the table.
#[test]
fn many_connections_are_closed_in_the_order_of_their_waits() {
    let count = 3 * CANDIDATES + 7;
    let table = connections(count);
    let mut held = Vec::new();
    for at in 0..count {
        held.push(admitted(admit_at(&table, &format!("10.0.{}.{}", at / 250, at % 250), 1 + at as u64)));
    }
    let mut newer = Vec::new();
    for at in 0..count {
        newer.push(admitted(admit_at(&table, &format!("10.1.{}.{}", at / 250, at % 250), (count + at) as u64)));
        assert_eq!(held.iter().filter(|held| is_closed(held)).count(), at + 1);
        assert!(is_closed(&held[at]));
    }
}

#[test]
fn a_connection_on_which_an_answer_is_made_is_never_closed() {
    let table = connections(2);
    let answering = admitted(admit_at(&table, "10.0.0.1", 1));
    assert!(answering.connection.begin_answer());
    let idle = admitted(admit_at(&table, "10.0.0.2", 2));
    let next = admitted(admit_at(&table, "10.0.0.3", 3));
    assert!(is_closed(&idle) && !is_closed(&answering));
    idle.connection.begin_wait();
    assert!(!idle.connection.end_wait(), "what arrives on a closed connection is not read");
    assert!(!idle.connection.begin_answer(), "a request on a closed connection is not begun");
    assert!(is_closed(&idle));
    assert!(next.connection.begin_answer());
    assert!(matches!(admit_at(&table, "10.0.0.4", 4), Admission::Busy));
    assert!(!is_closed(&answering) && !is_closed(&next));
}

/// Half a head or half a body, byte by byte: the bytes do not make the wait shorter.
#[test]
fn single_bytes_do_not_make_a_wait_shorter() {
    let table = connections(2);
    let slow = admitted(admit_at(&table, "10.0.0.1", 1));
    let since = slow.connection.waiting_since().expect("waits");
    for _ in 0..3 {
        assert!(slow.connection.end_wait());
        assert_eq!(slow.connection.waiting_since(), None);
        slow.connection.begin_wait();
        assert_eq!(slow.connection.waiting_since(), Some(since));
    }
    let quick = admitted(admit_at(&table, "10.0.0.2", 2));
    let _next = admitted(admit_at(&table, "10.0.0.3", 3));
    assert!(is_closed(&slow) && !is_closed(&quick));
}

#[tokio::test]
async fn a_new_connection_waits_while_no_other_waits_for_its_peer() {
    let table = connections(1);
    let answering = table.admit(address("10.0.0.1"), true).await.expect("admitted");
    assert!(answering.connection.begin_answer());
    let waiting = tokio::spawn({
        let table = table.clone();
        async move { table.admit(address("10.0.0.2"), true).await.map(drop) }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished() && table.is_awaited.load(Ordering::SeqCst));
    answering.connection.end_answer();
    answering.connection.begin_wait();
    answering.connection.closed().await;
    assert!(is_closed(&answering) && !waiting.is_finished(), "its file is still open");
    drop(answering);
    assert!(waiting.await.expect("no panic").is_some());
    assert_eq!(table.table().closing, 0);
}
