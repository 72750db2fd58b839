//! What owners and administrators change, and what the history keeps count of.

use super::*;

/// For each day and device, however often the list is thinned in between.
#[tokio::test]
async fn thinning_keeps_each_device_s_last_of_a_day_and_the_count_of_all() {
    const DAYS: u64 = 20;
    let devices = [("Kobo", Some("1")), ("Kobo", Some("2")), ("Kindle", None)];
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut pushes = 0;
    for day in 0..DAYS {
        for hour in 0..24 {
            let device = devices[hour % devices.len()];
            fixture.push_from(&ada, "book", &format!("{day} {hour}"), device).await;
            fixture.pass(3600);
            pushes += 1;
            let counted: u32 = fixture.history(&ada, "book").iter().map(|entry| entry.pushes).sum();
            assert_eq!(counted, pushes, "day {day}, hour {hour}");
        }
    }
    let history = fixture.history(&ada, "book");
    assert!(history.len() < 200, "nothing was thinned: {}", history.len());
    for day in 0..DAYS {
        for (place, (name, id)) in devices.into_iter().enumerate() {
            let of_both = |entry: &&HistoryEntry| {
                let position = &entry.progress;
                let at = position.timestamp / DAY - 20_000;
                at == day && position.device == name && position.device_id.as_deref() == id
            };
            let entries: Vec<_> = history.iter().filter(of_both).collect();
            assert_eq!(entries[0].progress.progress, format!("{day} {}", 21 + place));
            assert_eq!(entries.iter().map(|entry| entry.pushes).sum::<u32>(), 8, "day {day}, {name} {id:?}");
        }
    }
}

/// The limit on the list's length drops positions, not the count of a day that is still there.
#[tokio::test]
async fn a_day_with_more_pushes_than_are_kept_counts_them_all() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for page in 0..1500 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    let history = fixture.history(&ada, "book");
    assert!(history.len() < 600);
    assert_eq!(history.iter().map(|entry| entry.pushes).sum::<u32>(), 1500);
}

#[tokio::test]
async fn a_position_is_put_back_as_the_newest() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let first = Progress::new("1".into(), 0.25, "Kobo".into(), Some("id".into())).expect("progress");
    let about = Metadata::new(None, Some("title".into()), None);
    fixture.store.push(ada.clone(), document("book"), first, Some(about)).await.expect("push");
    fixture.push(&ada, "book", "2").await.expect("push");
    let before = fixture.history(&ada, "book");
    let mut events = fixture.store.subscribe();
    fixture.pass(60);
    let back = Change::Restore(document("book"), before[1].sequence);
    assert_eq!(fixture.own(&ada, back).await, AccountOutcome::Done);

    let after = fixture.history(&ada, "book");
    assert_eq!(after[1..], before, "nothing before it has changed");
    let newest = &after[0];
    assert!(newest.sequence > before[0].sequence);
    let mut expected = before[1].progress.clone();
    expected.device = "kosync (put back)".into();
    expected.device_id = Some("kosync-put-back".into());
    expected.timestamp += 60;
    assert_eq!((&newest.progress, newest.pushes), (&expected, 1));
    let entry = fixture.store.document(ada.id, &document("book")).expect("read").expect("there");
    assert_eq!((&entry.progress, entry.metadata.title.as_deref()), (&newest.progress, Some("title")));
    assert_eq!(fixture.again(&ada).documents, 1);
    // With the store closed there is an end to what is told.
    drop(fixture);
    let (user, progress) = (ada.name.clone(), newest.progress.clone());
    let replaced = Some(before[0].progress.clone());
    let told = Event::Pushed {
        sequence: newest.sequence,
        user,
        user_id: ada.id,
        document: document("book"),
        progress,
        before: replaced,
    };
    assert_eq!(events.next().await.expect("no gap").as_deref(), Some(&told));
}

#[tokio::test]
async fn only_a_document_s_own_positions_are_put_back() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let gone = fixture.push_from(&ada, "book", "before it was pending_purge", ("d", None)).await;
    assert_eq!(fixture.own(&ada, Change::DeleteDocument(document("book"))).await, AccountOutcome::Done);
    fixture.push(&ada, "book", "ada's").await.expect("push");
    let of_other_book = fixture.push_from(&ada, "other", "other", ("d", None)).await;
    let of_grace = fixture.push_from(&grace, "book", "grace's", ("d", None)).await;
    for sequence in [gone, of_other_book, of_grace, 0, of_grace + 1, u64::MAX] {
        let back = Change::Restore(document("book"), sequence);
        assert_eq!(fixture.own(&ada, back).await, AccountOutcome::NoPosition, "{sequence}");
    }
    // A position that is there, of a document that is not.
    let back = Change::Restore(document("nothing"), of_other_book);
    assert_eq!(fixture.own(&ada, back).await, AccountOutcome::NoDocument);
    assert_eq!(fixture.texts(&ada, "book"), ["ada's"]);
    assert_eq!(fixture.texts(&ada, "other"), ["other"]);
    assert_eq!(fixture.texts(&ada, "nothing"), [""; 0]);
    assert_eq!(fixture.texts(&grace, "book"), ["grace's"]);
}

/// Owners may, and administrators, and whoever has the data folder. Whether they still may is looked up when it is done.
#[tokio::test]
async fn who_may_change_a_document() {
    let fixture = Fixture::new();
    let (ada, grace, root) = (fixture.user("ada").await, fixture.user("grace").await, administrator(&fixture));
    let sequence = fixture.push_from(&ada, "book", "p", ("d", None)).await;
    let rename = |name| Change::Rename(document("book"), Some(DocumentName::new(name).expect("name")));
    let back = || Change::Restore(document("book"), sequence);
    let delete = || Change::DeleteDocument(document("book"));

    let grace = Authority::User(grace);
    for change in [rename("grace's"), back(), delete()] {
        assert_eq!(fixture.change(grace.clone(), &ada, change).await, AccountOutcome::Refused);
    }
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Local, &ada, off).await, AccountOutcome::SwitchedOff);
    for actor in [ada.clone(), fixture.again(&ada)] {
        for change in [rename("mine"), back(), delete()] {
            assert_eq!(fixture.own(&actor, change).await, AccountOutcome::Refused);
        }
    }
    assert_eq!(fixture.texts(&ada, "book"), ["p"]);
    // An account that is switched off is changed by others all the same.
    for authority in [Authority::User(root), Authority::Local] {
        assert_eq!(fixture.change(authority.clone(), &ada, rename("theirs")).await, AccountOutcome::Done);
        assert_eq!(fixture.change(authority, &ada, back()).await, AccountOutcome::Done);
    }
    assert_eq!(fixture.texts(&ada, "book"), ["p", "p", "p"]);
}

#[tokio::test]
async fn a_name_belongs_to_a_document_that_is_there() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let rename = |name: Option<&str>| {
        let name = name.map(|name| DocumentName::new(name).expect("name"));
        Change::Rename(document("book"), name)
    };
    let entry = |user: &User| fixture.store.document(user.id, &document("book")).expect("read");
    fixture.push(&grace, "book", "p").await.expect("push");
    assert_eq!(fixture.own(&ada, rename(Some("mine"))).await, AccountOutcome::NoDocument);
    assert_eq!(fixture.own(&ada, rename(None)).await, AccountOutcome::NoDocument);
    assert_eq!((entry(&ada), fixture.rows()), (None, (1, 1, 0)), "no row was made for it");

    fixture.push(&ada, "book", "p").await.expect("push");
    assert_eq!(fixture.own(&ada, rename(Some("mine"))).await, AccountOutcome::Done);
    // What clients tell later takes nothing away.
    let progress = Progress::new("q".into(), 0.5, "d".into(), None).expect("progress");
    let about = Metadata::new(None, Some("title".into()), None);
    fixture.store.push(ada.clone(), document("book"), progress, Some(about)).await.expect("push");
    let told = |entry: Option<DocumentEntry>| entry.map(|entry| (entry.name, entry.metadata.title)).expect("there");
    assert_eq!(told(entry(&ada)), (Some("mine".into()), Some("title".into())));
    assert_eq!(told(entry(&grace)), (None, None), "another user's is another document");
    assert_eq!(fixture.own(&ada, rename(None)).await, AccountOutcome::Done);
    assert_eq!(told(entry(&ada)), (None, Some("title".into())));

    // It goes with its document.
    assert_eq!(fixture.own(&ada, rename(Some("mine"))).await, AccountOutcome::Done);
    assert_eq!(fixture.own(&ada, Change::DeleteDocument(document("book"))).await, AccountOutcome::Done);
    assert_eq!(fixture.own(&ada, rename(Some("again"))).await, AccountOutcome::NoDocument);
    fixture.push(&ada, "book", "p").await.expect("push");
    assert_eq!(told(entry(&ada)), (None, None));
}

#[tokio::test]
async fn registration_is_as_configured_until_somebody_switches_it() {
    for configured in [true, false] {
        let fixture = Fixture::new();
        let store = &fixture.store;
        let open = || store.registration(configured).expect("read");
        assert_eq!(open(), configured);
        store.configure_registration(configured).expect("configured");
        assert_eq!(open(), configured);

        let switched = if configured { AccountOutcome::SwitchedOff } else { AccountOutcome::SwitchedOn };
        let set = store.set_registration(Authority::Local, !configured, configured).await;
        assert_eq!((set.expect("set"), open()), (switched, !configured));
        // Another start with the same configuration changes nothing.
        store.configure_registration(configured).expect("configured");
        assert_eq!(open(), !configured);
        let back = store.set_registration(Authority::Local, configured, configured).await;
        assert!(matches!(back, Ok(AccountOutcome::SwitchedOn | AccountOutcome::SwitchedOff)));
        assert_eq!(open(), configured);
    }
}

/// Whoever edits the configuration means it, and a switch from before that does not come back.
#[tokio::test]
async fn another_configuration_wins_over_the_switch_for_good() {
    for (configured, open) in [(true, true), (true, false), (false, true), (false, false)] {
        let fixture = Fixture::new();
        let store = &fixture.store;
        store.set_registration(Authority::Local, open, configured).await.expect("set");
        // Before the start is through as well.
        assert_eq!(store.registration(!configured).expect("read"), !configured);
        store.configure_registration(!configured).expect("configured");
        assert_eq!(store.registration(!configured).expect("read"), !configured);
        store.configure_registration(configured).expect("configured");
        assert_eq!(store.registration(configured).expect("read"), configured);
    }
}

#[tokio::test]
async fn administrators_alone_switch_registration() {
    let fixture = Fixture::new();
    let (ada, root) = (fixture.user("ada").await, administrator(&fixture));
    let mut events = fixture.store.subscribe();
    let set = |user: &User| fixture.store.set_registration(Authority::User(user.clone()), false, true);
    assert_eq!(set(&ada).await.expect("an answer"), AccountOutcome::Refused);
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Local, &root, off).await, AccountOutcome::SwitchedOff);
    for stale in [root.clone(), fixture.again(&root)] {
        assert_eq!(set(&stale).await.expect("an answer"), AccountOutcome::Refused);
    }
    assert!(fixture.store.registration(true).expect("read"));
    let on = Change::SetActive(Some(true));
    assert_eq!(fixture.change(Authority::Local, &root, on).await, AccountOutcome::SwitchedOn);
    assert_eq!(set(&root).await.expect("an answer"), AccountOutcome::SwitchedOff);
    assert!(!fixture.store.registration(true).expect("read"));
    // With the store closed there is an end to what is told.
    drop(fixture);
    let user = root.name.clone();
    let told = [
        Event::ActiveChanged { user: user.clone(), active: false },
        Event::ActiveChanged { user, active: true },
        Event::RegistrationChanged { open: false },
    ];
    for event in told {
        assert_eq!(events.next().await.expect("no gap").as_deref(), Some(&event), "what was refused tells nothing");
    }
}

#[tokio::test]
async fn the_last_use_is_noted_once_an_hour() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let start = 20_000 * DAY;
    let used = || fixture.again(&ada).last_used;
    assert_eq!(used(), None, "an account that was only made is not in use");
    fixture.pass(10);
    fixture.push(&ada, "book", "1").await.expect("push");
    assert_eq!(used(), Some(start + 10));
    fixture.pass(3589);
    fixture.push(&ada, "book", "2").await.expect("push");
    fixture.session(&ada).await;
    assert_eq!(used(), Some(start + 10));
    fixture.pass(1);
    fixture.push(&ada, "book", "3").await.expect("push");
    assert_eq!(used(), Some(start + 3600));
    // The dashboard is a use as well.
    fixture.pass(3600);
    fixture.session(&ada).await;
    assert_eq!(used(), Some(start + 7200));
    assert_eq!(fixture.again(&grace).last_used, None);
}
