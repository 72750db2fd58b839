//! Rows computed from files: they belong to an account, and go with it.

use super::*;
use crate::store::{ReadingKind, SliceLimit};

const ALL: SliceLimit = SliceLimit { rows: usize::MAX, bytes: usize::MAX };

fn change(name: &str, value: Option<&str>) -> (ReadingKind, String, Option<Vec<u8>>) {
    (ReadingKind::Book, name.to_owned(), value.map(|value| value.as_bytes().to_vec()))
}

#[tokio::test]
async fn rows_belong_to_an_account_and_go_with_it() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let write = |user: &User, changes| {
        let (store, user) = (store.clone(), user.clone());
        std::thread::spawn(move || store.change_reading_rows(&user, changes))
            .join()
            .expect("no panic")
            .expect("written")
    };
    assert!(write(&ada, (0..600).map(|number| change(&format!("{number:03}"), Some("x"))).collect()));
    assert!(write(&grace, vec![change("001", Some("hers")), change("002", None)]));
    assert!(write(&ada, vec![change("001", Some("y")), change("002", None)]));
    let rows = |user: &User, after| store.reading_rows(user.id, ReadingKind::Book, after, ALL).expect("rows");
    assert_eq!(rows(&ada, None).len(), 599);
    assert_eq!(rows(&ada, Some("597")).iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["598", "599"]);
    assert_eq!(rows(&ada, None)[1], ("001".to_owned(), b"y".to_vec()));
    let slice = SliceLimit { rows: 10, bytes: 2 };
    assert_eq!(store.reading_rows(ada.id, ReadingKind::Book, None, slice).expect("rows").len(), 2);
    assert_eq!(store.reading_row(grace.id, ReadingKind::Book, "001").expect("row").as_deref(), Some(&b"hers"[..]));
    assert!(
        rows(&ada, None).len() == 599
            && store.reading_rows(ada.id, ReadingKind::State, None, ALL).expect("rows").is_empty()
    );
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Done);
    assert!(!write(&ada, vec![change("001", Some("late"))]), "the account is gone");
    eventually(|| rows(&ada, None).is_empty()).await;
    assert_eq!(rows(&grace, None).len(), 1);
}
