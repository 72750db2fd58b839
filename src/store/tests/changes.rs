//! Changes that owners and administrators make to documents.

use super::*;

#[tokio::test]
async fn a_restored_position_is_the_newest() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let first = Progress::new("1".into(), 0.25, "Kobo".into(), Some("id".into())).expect("progress");
    let about = Metadata::new(None, Some("title".into()), None);
    fixture.store.push(ada.clone(), document("book"), first, Some(about)).await.expect("push");
    fixture.push(&ada, "book", "2").await.expect("push");
    let before = fixture.history(&ada, "book");
    let mut events = fixture.store.subscribe();
    fixture.advance_clock(60);
    let restore = Change::RestorePosition(document("book"), before[1].sequence);
    assert_eq!(fixture.change_own(&ada, restore).await, AccountOutcome::Done);

    let after = fixture.history(&ada, "book");
    assert_eq!(after[1..], before, "the older entries stay as they were");
    let newest = &after[0];
    assert!(newest.sequence > before[0].sequence);
    let mut expected = before[1].progress.clone();
    expected.device = "kosync (put back)".into();
    expected.device_id = Some("kosync-put-back".into());
    expected.timestamp += 60;
    assert_eq!((&newest.progress, newest.pushes), (&expected, 1));
    let entry = fixture.store.document(ada.id, &document("book")).expect("read").expect("exists");
    assert_eq!((&entry.progress, entry.metadata.title.as_deref()), (&newest.progress, Some("title")));
    assert_eq!(fixture.reload(&ada).documents, 1);
    // Events end once the store is closed.
    drop(fixture);
    let (user, progress) = (ada.name.clone(), newest.progress.clone());
    let expected = Event::Pushed {
        sequence: newest.sequence,
        user,
        user_id: ada.id,
        document: document("book"),
        progress,
        before: Some(before[0].progress.clone()),
        effect: crate::model::PushEffect::Moved,
        current: None,
    };
    assert_eq!(*events.next().await.expect("an event").expect("no gap"), expected);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn only_a_document_s_own_positions_can_be_restored() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let deleted = fixture.push_from(&ada, "book", "deleted", ("d", None)).await;
    assert_eq!(fixture.change_own(&ada, Change::DeleteDocument(document("book"))).await, AccountOutcome::Done);
    fixture.push(&ada, "book", "ada's").await.expect("push");
    let of_other_book = fixture.push_from(&ada, "other", "other", ("d", None)).await;
    let of_grace = fixture.push_from(&grace, "book", "grace's", ("d", None)).await;
    for sequence in [deleted, of_other_book, of_grace, 0, of_grace + 1, u64::MAX] {
        let restore = Change::RestorePosition(document("book"), sequence);
        assert_eq!(fixture.change_own(&ada, restore).await, AccountOutcome::NoPosition, "{sequence}");
    }
    // An existing position, but no such document.
    let restore = Change::RestorePosition(document("nothing"), of_other_book);
    assert_eq!(fixture.change_own(&ada, restore).await, AccountOutcome::NoDocument);
    assert_eq!(fixture.texts(&ada, "book"), ["ada's"]);
    assert_eq!(fixture.texts(&ada, "other"), ["other"]);
    assert_eq!(fixture.texts(&ada, "nothing"), [""; 0]);
    assert_eq!(fixture.texts(&grace, "book"), ["grace's"]);
}

/// Others are refused. The transaction of the change looks the rights up again.
#[tokio::test]
async fn owners_administrators_and_local_programs_may_change_a_document() {
    let fixture = Fixture::new();
    let (ada, grace, root) = (fixture.user("ada").await, fixture.user("grace").await, fixture.administrator());
    let sequence = fixture.push_from(&ada, "book", "p", ("d", None)).await;
    fixture.push_from(&ada, "book", "later", ("d", None)).await;
    let rename = |name| Change::RenameDocument(document("book"), Some(DocumentName::new(name).expect("name")));
    let restore = || Change::RestorePosition(document("book"), sequence);
    let delete = || Change::DeleteDocument(document("book"));

    let grace = Authority::User(grace);
    for change in [rename("grace's"), restore(), delete()] {
        assert_eq!(fixture.change(grace.clone(), &ada, change).await, AccountOutcome::Refused);
    }
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Local, &ada, off).await, AccountOutcome::Disabled);
    for actor in [ada.clone(), fixture.reload(&ada)] {
        for change in [rename("mine"), restore(), delete()] {
            assert_eq!(fixture.change_own(&actor, change).await, AccountOutcome::Refused);
        }
    }
    assert_eq!(fixture.texts(&ada, "book"), ["later", "p"]);
    // Others may change a disabled account all the same.
    for authority in [Authority::User(root), Authority::Local] {
        assert_eq!(fixture.change(authority.clone(), &ada, rename("theirs")).await, AccountOutcome::Done);
        assert_eq!(fixture.change(authority, &ada, restore()).await, AccountOutcome::Done);
    }
    assert_eq!(fixture.texts(&ada, "book"), ["p", "later", "p"], "once: then it is the current one");
}

#[tokio::test]
async fn a_document_name_lives_and_dies_with_its_document() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let rename = |name: Option<&str>| {
        let name = name.map(|name| DocumentName::new(name).expect("name"));
        Change::RenameDocument(document("book"), name)
    };
    let entry = |user: &User| fixture.store.document(user.id, &document("book")).expect("read");
    fixture.push(&grace, "book", "p").await.expect("push");
    assert_eq!(fixture.change_own(&ada, rename(Some("mine"))).await, AccountOutcome::NoDocument);
    assert_eq!(fixture.change_own(&ada, rename(None)).await, AccountOutcome::NoDocument);
    assert_eq!((entry(&ada), fixture.rows()), (None, (1, 1, 0)), "no row was created for it");

    fixture.push(&ada, "book", "p").await.expect("push");
    assert_eq!(fixture.change_own(&ada, rename(Some("mine"))).await, AccountOutcome::Done);
    // Metadata of a later push does not remove the name.
    let progress = Progress::new("q".into(), 0.5, "d".into(), None).expect("progress");
    let about = Metadata::new(None, Some("title".into()), None);
    fixture.store.push(ada.clone(), document("book"), progress, Some(about)).await.expect("push");
    let names = |entry: Option<DocumentEntry>| entry.map(|entry| (entry.name, entry.metadata.title)).expect("exists");
    assert_eq!(names(entry(&ada)), (Some("mine".into()), Some("title".into())));
    assert_eq!(names(entry(&grace)), (None, None), "another user's document is another document");
    assert_eq!(fixture.change_own(&ada, rename(None)).await, AccountOutcome::Done);
    assert_eq!(names(entry(&ada)), (None, Some("title".into())));

    // Deleting the document removes the name.
    assert_eq!(fixture.change_own(&ada, rename(Some("mine"))).await, AccountOutcome::Done);
    assert_eq!(fixture.change_own(&ada, Change::DeleteDocument(document("book"))).await, AccountOutcome::Done);
    assert_eq!(fixture.change_own(&ada, rename(Some("again"))).await, AccountOutcome::NoDocument);
    fixture.push(&ada, "book", "p").await.expect("push");
    assert_eq!(names(entry(&ada)), (None, None));
}

#[tokio::test]
async fn the_last_use_is_written_once_an_hour() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let start = 20_000 * DAY;
    let used = || fixture.reload(&ada).last_used;
    assert_eq!(used(), None, "creating an account is no use of it");
    fixture.advance_clock(10);
    fixture.push(&ada, "book", "1").await.expect("push");
    assert_eq!(used(), Some(start + 10));
    fixture.advance_clock(3589);
    fixture.push(&ada, "book", "2").await.expect("push");
    fixture.session(&ada).await;
    assert_eq!(used(), Some(start + 10));
    fixture.advance_clock(1);
    fixture.push(&ada, "book", "3").await.expect("push");
    assert_eq!(used(), Some(start + 3600));
    // A login to the dashboard is a use as well.
    fixture.advance_clock(3600);
    fixture.session(&ada).await;
    assert_eq!(used(), Some(start + 7200));
    assert_eq!(fixture.reload(&grace).last_used, None);
}
