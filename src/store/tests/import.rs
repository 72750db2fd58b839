use super::super::{ImportOutcome, Transferred, TransferredAccount, TransferredDocument, TransferredPosition};
use super::*;

fn account(name: &Username, key: &str) -> Transferred {
    Transferred::Account(TransferredAccount {
        name: name.clone(),
        key: StoredKey(key.to_owned()),
        active: true,
        administrator: false,
        created: 0,
        last_used: 0,
        any_case: false,
        device_passwords: Vec::new(),
    })
}

fn document(account: &Username) -> Transferred {
    let progress = Progress::new("/p[1]".into(), 0.5, "Kobo".into(), None).expect("a position");
    Transferred::Document(TransferredDocument {
        account: account.clone(),
        document: Document::new("emma").expect("an id"),
        metadata: Metadata::default(),
        name: None,
        history: vec![TransferredPosition { progress: Progress { timestamp: 1, ..progress }, pushes: 1 }],
    })
}

/// A stranger may register the name between an import's look at it and its commit.
#[tokio::test]
async fn an_account_with_another_key_gets_no_documents_of_the_same_batch() {
    let fixture = Fixture::new();
    let [ada, bob] = ["ada", "bob"].map(|name| Username::new(name).expect("a name"));
    let import = |records| fixture.store.import_batch(records);
    assert_eq!(import(vec![account(&ada, "stranger's")]).await.expect("import"), [ImportOutcome::Created]);
    let batch = || vec![account(&ada, "ada's"), document(&ada), account(&bob, "bob's"), document(&bob)];
    let outcomes = import(batch()).await.expect("import");
    let (created, unchanged) = (ImportOutcome::Created, ImportOutcome::Unchanged);
    assert_eq!(outcomes, [unchanged, ImportOutcome::NoAccount, created, created]);
    // The same key is the same account.
    let again = import(batch()).await.expect("import");
    assert_eq!(again, [unchanged, ImportOutcome::NoAccount, unchanged, unchanged]);
}

/// However the process ends while it exports, nothing is left behind.
#[tokio::test]
async fn the_copy_that_an_export_reads_has_no_name() {
    let fixture = Fixture::new();
    let ada = Username::new("ada").expect("a name");
    fixture.store.import_batch(vec![account(&ada, "ada's"), document(&ada)]).await.expect("import");
    let scratch = tempfile::tempdir().expect("dir");
    let mut records = 0;
    let exported = fixture.store.export::<Error>(scratch.path(), |_| {
        records += 1;
        assert_eq!(fs::read_dir(scratch.path()).expect("dir").count(), 0);
        Ok(())
    });
    exported.expect("exported");
    assert_eq!(records, 2);
}
