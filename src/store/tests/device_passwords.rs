//! Device passwords: what they may, what ends them, and their rows on disk.

use super::super::device_passwords::{DevicePasswordOutcome, FoundDevicePassword, RevokeOutcome};
use super::super::tables::open_tree;
use super::*;
use crate::model::{DeviceKeyHash, DevicePasswordName, Network};

const HASH: DeviceKeyHash = DeviceKeyHash([7; 32]);

fn network(third: u8) -> Network {
    Network::of([192, 0, third, 1].into())
}

async fn make(fixture: &Fixture, user: &User, hash: DeviceKeyHash) -> DevicePasswordOutcome {
    let name = DevicePasswordName::new("Kobo").expect("a name");
    fixture.store.create_device_password(user.clone(), name, hash).await.expect("an outcome")
}

/// Makes a device password. Returns its number, and the account as a login with it gives it.
async fn made(fixture: &Fixture, user: &User, hash: DeviceKeyHash) -> (u32, User) {
    let outcome = make(fixture, user, hash).await;
    let DevicePasswordOutcome::Created(id) = outcome else { panic!("{outcome:?}") };
    (id, User { device_password: Some(hash), ..user.clone() })
}

async fn revoke(fixture: &Fixture, authority: Authority, user: &User, id: u32) -> RevokeOutcome {
    fixture.store.revoke_device_password(authority, user.clone(), id).await.expect("an outcome")
}

fn found(fixture: &Fixture, user: Option<&User>, hash: DeviceKeyHash) -> Option<FoundDevicePassword> {
    fixture.store.device_password(user.map(|user| user.id), hash).expect("read")
}

/// Notes a use and waits until that is on disk.
async fn note(fixture: &Fixture, user: &User, hash: DeviceKeyHash, network: Network) {
    fixture.store.note_device_use(user, hash, Some(network)).expect("queued");
    fixture.store.inner.writer.run(|_| Ok(())).await.expect("a write after it");
}

fn rows(fixture: &Fixture) -> Vec<(Vec<u8>, Vec<u8>)> {
    let tree = open_tree(&fixture.store.inner.env).expect("opened").expect("a tree");
    let txn = fixture.store.inner.env.read_txn().expect("txn");
    let rows = tree.prefix_iter(&txn, &[0x12]).expect("rows");
    rows.map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec())).expect("a row")).collect()
}

#[tokio::test]
async fn it_belongs_to_one_account_until_it_is_revoked() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let (id, _) = made(&fixture, &ada, HASH).await;
    assert!(found(&fixture, Some(&ada), HASH).is_some());
    assert!(found(&fixture, Some(&ada), DeviceKeyHash([8; 32])).is_none());
    assert!(found(&fixture, Some(&grace), HASH).is_none() && found(&fixture, None, HASH).is_none());
    assert_eq!(revoke(&fixture, Authority::User(grace.clone()), &grace, id).await, RevokeOutcome::NotFound);
    assert_eq!(revoke(&fixture, Authority::User(grace), &ada, id).await, RevokeOutcome::Stale);
    assert_eq!(revoke(&fixture, Authority::User(ada.clone()), &ada, id).await, RevokeOutcome::Revoked);
    assert!(found(&fixture, Some(&ada), HASH).is_none() && rows(&fixture).is_empty());
}

/// [M4] The transaction of the push looks: whatever the login saw before.
#[tokio::test]
async fn m4_a_push_is_stale_once_its_device_password_was_revoked_or_its_account_was_disabled_or_deleted() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let (id, device) = made(&fixture, &ada, HASH).await;
    let is_stored = async |user: &User| {
        let pushed = fixture.push(user, "book", "p").await.expect("an outcome");
        assert!(matches!(pushed, PushOutcome::Stored { .. } | PushOutcome::Stale), "{pushed:?}");
        pushed != PushOutcome::Stale
    };
    assert!(is_stored(&device).await);
    // Another key of the account locks the device out no more.
    let change = Change::SetKey(StoredKey("new".into()));
    assert_eq!(fixture.change(Authority::Local, &ada, change).await, AccountOutcome::Done);
    assert!(is_stored(&device).await && !is_stored(&ada).await);
    let ada = fixture.reload(&ada);
    for active in [false, true] {
        fixture.change(Authority::Local, &ada, Change::SetActive(Some(active))).await;
        assert_eq!(is_stored(&device).await, active);
    }
    assert_eq!(revoke(&fixture, Authority::Local, &ada, id).await, RevokeOutcome::Revoked);
    assert!(!is_stored(&device).await && is_stored(&ada).await);
    let (_, device) = made(&fixture, &ada, HASH).await;
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Done);
    assert!(!is_stored(&device).await && rows(&fixture).is_empty());
    // Another account of the name does not have them.
    fixture.user("ada").await;
    assert!(!is_stored(&device).await);
}

/// The store refuses it, too, whatever a route forgets.
#[tokio::test]
async fn it_changes_nothing_but_positions_not_even_an_administrator_s() {
    let fixture = Fixture::new();
    let (ada, root) = (fixture.user("ada").await, fixture.administrator());
    fixture.push(&ada, "book", "p").await.expect("pushed");
    let (id, device) = made(&fixture, &ada, HASH).await;
    let (_, of_root) = made(&fixture, &root, DeviceKeyHash([8; 32])).await;
    let name = || DocumentName::new("stolen").ok();
    for user in [&device, &of_root] {
        for change in [
            Change::Delete,
            Change::SetActive(Some(false)),
            Change::SetKey(StoredKey("stolen".into())),
            Change::DeleteDocument(document("book")),
            Change::RenameDocument(document("book"), name()),
            Change::RestorePosition(document("book"), 1),
            Change::StartOver(document("book")),
            Change::SetPositionRule(None),
        ] {
            let outcome = fixture.change(Authority::User(user.clone()), &ada, change.clone()).await;
            assert_eq!(outcome, AccountOutcome::Refused, "{change:?}");
        }
        let authority = Authority::User(user.clone());
        assert_eq!(revoke(&fixture, authority.clone(), &ada, id).await, RevokeOutcome::Stale);
        assert_eq!(make(&fixture, user, DeviceKeyHash([9; 32])).await, DevicePasswordOutcome::Stale);
        assert_eq!(fixture.store.open_session(user.clone()).await.expect("an outcome"), None);
        let key = StoredKey("stolen".into());
        assert_eq!(fixture.store.set_key(user.clone(), key).await.expect("an outcome"), UpdateOutcome::Stale);
        assert_eq!(
            fixture.store.set_registration(authority, true, false).await.expect("an outcome"),
            AccountOutcome::Refused
        );
    }
    assert_eq!(fixture.reload(&ada), User { documents: 1, last_used: Some(fixture.store.now()), ..ada });
    assert_eq!(rows(&fixture).len(), 2);
}

#[tokio::test]
async fn its_use_is_written_once_a_day_with_the_network_of_the_first() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let (_, device) = made(&fixture, &ada, HASH).await;
    let last_use = || {
        let entry = fixture.store.device_passwords(ada.id).expect("read").remove(0);
        (entry.last_used.map(|day| day.to_string()), entry.network)
    };
    let is_used_today = || found(&fixture, Some(&ada), HASH).expect("found").is_used_today;
    assert_eq!((last_use(), is_used_today()), ((None, None), false));
    note(&fixture, &device, HASH, network(1)).await;
    assert_eq!(last_use(), (Some("2024-10-04".into()), Some(network(1))));
    assert!(is_used_today());
    let before = rows(&fixture);
    fixture.advance_clock(DAY - 1);
    note(&fixture, &device, HASH, network(2)).await;
    assert!(is_used_today());
    assert_eq!(rows(&fixture), before);
    fixture.advance_clock(1);
    assert!(!is_used_today());
    note(&fixture, &device, HASH, network(2)).await;
    assert_eq!(last_use(), (Some("2024-10-05".into()), Some(network(2))));
    // The owner of the account cannot be locked out there.
    let known = fixture.store.known_network(ada.id, network(2)).expect("read");
    assert_eq!(known, crate::store::KnownNetwork::Today);
    // A push does not write the row.
    let before = rows(&fixture);
    fixture.push(&device, "book", "p").await.expect("pushed");
    assert_eq!(rows(&fixture), before);
    // A use that is noted after the revocation brings nothing back.
    let id = fixture.store.device_passwords(ada.id).expect("read").remove(0).id;
    revoke(&fixture, Authority::Local, &ada, id).await;
    note(&fixture, &device, HASH, network(3)).await;
    assert!(rows(&fixture).is_empty());
}

/// Every later version must read these bytes.
#[tokio::test]
async fn the_row_s_bytes_stay_what_they_are() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let (id, device) = made(&fixture, &ada, HASH).await;
    assert!((1..1_000_000_000).contains(&id));
    let key = [&[0x12, 0, 0, 0, 1][..], &[7; 32]].concat();
    let id = minicbor::to_vec(id).expect("encoded");
    // Version 2; an array of the number, the name and the time; then of the day and the network as well.
    let start = |fields: u8| [&[2, 0x80 + fields], &id[..], b"\x64Kobo\x1a\x66\xff\x30\x00"].concat();
    assert_eq!(rows(&fixture), [(key.clone(), start(3))]);
    note(&fixture, &device, HASH, network(2)).await;
    let value = [&start(5)[..], b"\x19\x4e\x20\x47\x04\xc0\x00\x02\x00\x00\x00"].concat();
    assert_eq!(rows(&fixture), [(key, value)]);
}

#[tokio::test]
async fn an_account_has_at_most_100() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    for number in 0..100 {
        made(&fixture, &ada, DeviceKeyHash([number; 32])).await;
    }
    assert_eq!(make(&fixture, &ada, DeviceKeyHash([100; 32])).await, DevicePasswordOutcome::TooMany);
    made(&fixture, &grace, DeviceKeyHash([100; 32])).await;
    let ids: std::collections::HashSet<u32> =
        fixture.store.device_passwords(ada.id).expect("read").into_iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), 100);
    assert_eq!(fixture.store.verify().expect("verified").problem_count, 0);
}

#[tokio::test]
async fn a_check_reports_two_of_one_number_and_rows_that_cannot_be_read() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    made(&fixture, &ada, HASH).await;
    let [(mut key, value)] = <[_; 1]>::try_from(rows(&fixture)).expect("one row");
    let put = |key: &[u8], value: &[u8]| {
        let env = &fixture.store.inner.env;
        let tree = open_tree(env).expect("opened").expect("a tree");
        let mut txn = env.write_txn().expect("txn");
        tree.put(&mut txn, key, value).expect("put");
        txn.commit().expect("commit");
    };
    key[36] = 8;
    put(&key, &value);
    assert_eq!(rows(&fixture).len(), 2);
    let problems = fixture.store.verify().expect("verified").problems;
    assert!(problems.len() == 1 && problems[0].starts_with("account ada: two device passwords"), "{problems:?}");
    put(&key, &[2, 0x80]);
    let problems = fixture.store.verify().expect("verified").problems;
    assert!(problems.len() == 1 && problems[0].starts_with("a row of device passwords cannot"), "{problems:?}");
}
