//! Which counts are kept, and what of a history they count.

use std::task::{Context, Waker};

use jiff::tz::TimeZone;

use super::*;
use crate::PushEffect;
use crate::model::{Progress, StoredKey, Username};
use crate::store::{AccountOutcome, Authority, Change, CreateOutcome, HistoryEntry, StoreOptions};

fn counted() -> Counted {
    let counts = ActivityCounts::new(DayRule::midnight(TimeZone::UTC));
    let (books, read) = (HashMap::new(), ReadBooks::default());
    Counted { counts, rewrites: 0, sequence: 0, books, read, last_use: 0 }
}

fn kept(cache: &ActivityCache) -> Vec<u32> {
    let mut kept: Vec<u32> = cache.accounts().counted.keys().map(|user| user.get()).collect();
    kept.sort_unstable();
    kept
}

#[test]
fn the_counts_of_256_accounts_are_kept_those_that_were_asked_for_last() {
    let cache = ActivityCache::default();
    (1..=256).for_each(|user| cache.put(UserId(user), counted()));
    // The first one is asked for again.
    let first = cache.accounts().counted.remove(&UserId(1)).expect("kept");
    cache.put(UserId(1), first);
    cache.put(UserId(257), counted());
    let expected: Vec<u32> = [1].into_iter().chain(3..=257).collect();
    assert_eq!(kept(&cache), expected);
}

#[test]
fn counts_take_16_mib_at_most() {
    let cache = ActivityCache::default();
    let large = || {
        let book = |number: u32| Document::new(&format!("{number}")).expect("an id");
        Counted { books: (0..30_000).map(|number| (book(number), book(0))).collect(), ..counted() }
    };
    (1..=3).for_each(|user| cache.put(UserId(user), large()));
    assert_eq!(kept(&cache), [2, 3], "each has 5.5 MiB");
}

/// Without all devices it is not known which of them pushed a book before.
#[test]
fn counts_that_lack_devices_are_not_kept() {
    let cache = ActivityCache::default();
    let mut partial = counted();
    for number in 0..3000_u64 {
        let document = Document::new(&number.to_string()).expect("an id");
        partial.counts.start_book(BookStart { book: &document, opened: 0, folded: Vec::new() });
        let progress = Progress::new("p".into(), 0.5, format!("device {number}"), None).expect("a position");
        let entry = HistoryEntry { sequence: number, progress, pushes: 1, effect: PushEffect::Moved, repeats: 0 };
        partial.counts.add([(document.clone(), entry)]);
    }
    assert!(!partial.counts.is_complete());
    cache.put(UserId(1), partial);
    assert!(kept(&cache).is_empty());
}

/// A push during a count comes only with the next look at the log.
#[tokio::test]
async fn a_history_is_counted_up_to_the_push_that_was_the_last_one_then() {
    let dir = tempfile::tempdir().expect("dir");
    let store = Store::open(StoreOptions::new(dir.path().to_owned())).expect("store");
    let name = Username::new("ada").expect("name");
    let CreateOutcome::Created(user) = store.create_user(name, StoredKey("key".into()), None).await.expect("created")
    else {
        panic!("taken")
    };
    let book = Document::new("book").expect("an id");
    let push = |percentage: f64| {
        let progress = Progress::new(format!("p{percentage}"), percentage, "Kobo".into(), None).expect("a position");
        store.push(user.clone(), book.clone(), progress, None)
    };
    push(0.1).await.expect("stored");
    let mut counted = Counted { sequence: store.last_sequence().expect("read"), ..counted() };
    push(0.2).await.expect("stored");
    let documents = store.documents_slice(user.id, None, SLICE).expect("read");
    counted.count_slice(&store, &user, &documents, (0, None)).expect("read");
    counted.counts.end_book();
    assert_eq!(counted.counts.entries, 1);
    assert!(counted.catch_up(&store, &ScanLimiter::new(), &user).await.expect("read"));
    assert_eq!(counted.counts.entries, 2);
}

/// While documents are read slice by slice, a push of another file may move the book.
#[tokio::test]
async fn a_book_that_moves_to_another_file_meanwhile_is_counted() {
    let dir = tempfile::tempdir().expect("dir");
    let store = Store::open(StoreOptions::new(dir.path().to_owned())).expect("store");
    let name = Username::new("ada").expect("name");
    let created = store.create_user(name.clone(), StoredKey("key".into()), None).await.expect("created");
    let CreateOutcome::Created(user) = created else { panic!("taken") };
    let document = |id: &str| Document::new(id).expect("an id");
    let push = |id: &str, percentage: f64| {
        let progress = Progress::new(format!("p{percentage}"), percentage, "Kobo".into(), None).expect("a position");
        store.push(user.clone(), document(id), progress, None)
    };
    push("first", 0.1).await.expect("stored");
    for number in 0..SLICE.rows {
        push(&format!("middle {number}"), 0.1).await.expect("stored");
    }
    push("z", 0.2).await.expect("stored");
    let join = Change::JoinDocuments(document("first"), document("z"));
    let joined = store.manage(Authority::Local, name.clone(), join).await.expect("joined");
    assert_eq!(joined, AccountOutcome::Done);
    let user = store.user(&name).expect("read").expect("an account");
    let (cache, limiter) = (ActivityCache::default(), ScanLimiter::new());
    let mut load = std::pin::pin!(cache.load(&store, &limiter, &user));
    // It reads the first slice, with one file of the book.
    let is_pending = load.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
    assert!(is_pending);
    push("first", 0.3).await.expect("stored");
    assert_eq!(load.await.expect("read").books.len(), SLICE.rows + 1);
}
