//! Known networks: how long, how many, and what the disk reveals of them.

use super::*;
use crate::model::Network;
use crate::store::KnownNetwork;

fn network(third: u8) -> Network {
    Network::of([192, 0, third, 1].into())
}

/// Notes a network and waits until that is on disk.
async fn note(fixture: &Fixture, user: &User, network: Network) {
    fixture.store.note_network(user, network).expect("queued");
    fixture.store.inner.writer.run(|_| Ok(())).await.expect("a write after it");
}

#[tokio::test]
async fn a_network_is_known_for_90_days_after_its_last_login() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let known = |user: &User, third| fixture.store.known_network(user.id, network(third)).expect("read");
    assert_eq!(known(&ada, 1), KnownNetwork::Unknown);
    note(&fixture, &ada, network(1)).await;
    assert_eq!(known(&ada, 1), KnownNetwork::Today);
    assert_eq!(known(&ada, 2), KnownNetwork::Unknown);
    assert_eq!(known(&grace, 1), KnownNetwork::Unknown, "another account's network");
    fixture.advance_clock(DAY);
    assert_eq!(known(&ada, 1), KnownNetwork::Before);
    note(&fixture, &ada, network(1)).await;
    assert_eq!(known(&ada, 1), KnownNetwork::Today);
    fixture.advance_clock(90 * DAY - 1);
    assert_eq!(known(&ada, 1), KnownNetwork::Before);
    fixture.advance_clock(1);
    assert_eq!(known(&ada, 1), KnownNetwork::Unknown);
    note(&fixture, &ada, network(1)).await;
    assert_eq!(known(&ada, 1), KnownNetwork::Today);
}

#[tokio::test]
async fn an_account_has_eight_networks_and_the_ones_used_last_stay() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for third in 0..9 {
        note(&fixture, &ada, network(third)).await;
        fixture.advance_clock(1);
    }
    let known = |third| fixture.store.known_network(ada.id, network(third)).expect("read") != KnownNetwork::Unknown;
    assert!(!known(0) && (1..9).all(known));
    assert_eq!(rows(&fixture), 8);
}

/// Nothing is left, even if a login was noted while the account was being deleted.
#[tokio::test]
async fn networks_go_with_their_account() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    note(&fixture, &ada, network(1)).await;
    note(&fixture, &grace, network(1)).await;
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Done);
    note(&fixture, &ada, network(2)).await;
    assert_eq!(rows(&fixture), 1);
    assert_eq!(fixture.store.known_network(grace.id, network(1)).expect("read"), KnownNetwork::Today);
}

#[tokio::test]
async fn a_network_is_noted_once_a_day() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    note(&fixture, &ada, network(1)).await;
    let before = last_used(&fixture);
    fixture.advance_clock(1);
    note(&fixture, &ada, network(1)).await;
    assert_eq!(last_used(&fixture), before);
}

fn rows(fixture: &Fixture) -> usize {
    last_used(fixture).len()
}

fn last_used(fixture: &Fixture) -> Vec<u64> {
    let rows = fixture.store.read(|txn, tables| {
        tables.networks.all(txn)?.map(|row| row.map(|(_, record)| record.last_used)).collect::<heed::Result<Vec<_>>>()
    });
    rows.expect("read")
}
