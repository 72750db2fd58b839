//! Names that differ in ASCII case alone: rule A7 of docs/protocol.md. Issue 16, 3: a phone's keyboard made `Ada` of `ada`, and a
//! client that registers on 401 made a second, empty account.

use kosync::import::{self, ImportReport, Origin, Source, SourceAccount, SourcePosition};
use kosync::store::{AccountOutcome, CreateOutcome, Transferred, TransferredAccount};
use kosync::{Key, Server, Username};
use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Site, position};

const TAKEN: &str = "Username is already registered.";

fn name(name: &str) -> Username {
    Username::new(name).unwrap()
}

/// Imports an account, as `kosync import` does.
fn imported(server: &Server, account: &str, any_case: bool) {
    // The key of KEY at rest: the store has no other way to get one.
    let line = json!({
        "name": account, "active": true, "any_case": any_case,
        "key": "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    });
    let account: TransferredAccount = serde_json::from_value(line).unwrap();
    block_on(server.store().import_batch(vec![Transferred::Account(account)])).unwrap();
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

fn names(server: &Server) -> Vec<String> {
    server.store().users().unwrap().into_iter().map(|user| user.name.to_string()).collect()
}

#[test]
fn a7_a_name_is_taken_where_an_account_differs_in_ascii_case_alone() {
    let site = Site::with_ada();
    for taken in ["Ada", "ADA", "aDa", " Ada", "ada", "Admin", "ADMIN"] {
        site.register(taken, OTHER_KEY).refused(402, 2002, TAKEN);
    }
    // Only ASCII has a case that all servers fold alike.
    site.registered("jörg", KEY);
    site.registered("JÖRG", KEY);
    site.register("jÖRG", KEY).refused(402, 2002, TAKEN);
    // Log-in stays byte for byte.
    assert_eq!(site.login("ada", KEY).status, 200);
    site.login("Ada", KEY).unauthorized();

    // Also by the dashboard's and the library's way of creating accounts.
    let key = Key::from_password(b"p").unwrap();
    assert_eq!(block_on(site.server.create_user(name("ADA"), key)).unwrap(), CreateOutcome::Taken);
    assert_eq!(names(&site.server), ["JÖRG", "ada", "admin", "jörg"]);
}

#[test]
fn a7_of_several_spellings_at_once_one_is_registered() {
    let site = Site::start();
    let client = site.client;
    let spellings = ["ada", "Ada", "ADA", "adA", "aDA", "AdA", "aDa", "ADa"];
    let threads = spellings.map(|name| std::thread::spawn(move || client.register(name, KEY).shaped().status));
    let mut statuses = threads.map(|thread| thread.join().unwrap());
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 402, 402, 402, 402, 402, 402, 402]);
    assert_eq!(site.server.store().users().unwrap().len(), 2);
}

#[test]
fn a7_the_name_of_a_deleted_account_is_free_in_any_case() {
    let site = Site::with_ada();
    assert_eq!(site.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    site.registered("Ada", KEY);
    site.register("ada", KEY).refused(402, 2002, TAKEN);
    assert_eq!(block_on(site.server.delete_user(name("Ada"))).unwrap(), AccountOutcome::Done);
    site.registered("ada", KEY);
}

#[test]
fn a7_where_both_names_exist_both_stay() {
    let site = Site::with_ada();
    imported(&site.server, "Ada", false);
    site.register("ADA", KEY).refused(402, 2002, TAKEN);
    assert_eq!(names(&site.server), ["Ada", "ada", "admin"]);
    assert_eq!(site.login("ada", KEY).status, 200);
    // The other one's name stays taken when one is deleted.
    assert_eq!(site.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    site.register("ada", KEY).refused(402, 2002, TAKEN);
}

/// The start created an empty `ada`, which the devices of `Ada` then found.
#[test]
fn a7_a_configured_account_is_the_one_that_moved_in_with_another_case() {
    let dir = tempfile::tempdir().unwrap();
    let password = dir.path().join("password");
    std::fs::write(&password, "configured").unwrap();
    let data = dir.path().join("data");
    let server = Server::builder().data_dir(&data).build().unwrap();
    imported(&server, "Ada", true);
    drop(server);
    for (configured, expected) in [("ada", ["Ada", "admin"]), ("ADA", ["Ada", "admin"])] {
        let mut config = kosync::Config::default();
        config.data_dir = Some(data.clone());
        config.accounts = vec![kosync::AccountConfig::new(configured, &password)];
        let server = Server::builder().config(config).build().unwrap();
        assert_eq!(names(&server), expected);
        let key = Key::from_password(b"configured").unwrap();
        let outcome = block_on(server.authenticate(&name(configured), key)).unwrap();
        assert!(matches!(outcome, kosync::LoginOutcome::Accepted(user) if user.name.as_str() == "Ada"));
    }
}

/// An account that a reader registered in another case is the configured one. Both names log in to it.
#[test]
fn a7_a_configured_account_does_not_become_a_second_one() {
    let dir = tempfile::tempdir().unwrap();
    let password = dir.path().join("password");
    std::fs::write(&password, "configured").unwrap();
    let data = dir.path().join("data");
    let key = || Key::from_password(b"configured").unwrap();
    let server = Server::builder().data_dir(&data).build().unwrap();
    block_on(server.create_user(name("Ada"), key())).unwrap();
    drop(server);
    let start = |accounts: &[&str]| {
        let mut config = kosync::Config::default();
        config.data_dir = Some(data.clone());
        config.accounts = accounts.iter().map(|name| kosync::AccountConfig::new(*name, &password)).collect();
        Server::builder().config(config).build().unwrap()
    };
    let server = start(&["ada"]);
    assert_eq!(names(&server), ["Ada", "admin"]);
    for spelling in ["ada", "Ada"] {
        let outcome = block_on(server.authenticate(&name(spelling), key())).unwrap();
        assert!(matches!(outcome, kosync::LoginOutcome::Accepted(user) if user.name.as_str() == "Ada"));
    }
    drop(server);
    // A reader called `Admin` never gets the administrator's account, and two configured names are two accounts.
    let server = start(&["Admin", "bob", "Bob"]);
    assert_eq!(names(&server), ["Ada", "Admin", "Bob", "admin", "bob"]);
    let admin = server.store().user(&name("Admin")).unwrap().unwrap();
    assert!(!admin.administrator);
}

/// Imports accounts of another server, each with one position, and returns the report.
fn moved_in(server: &Server, accounts: &[(&str, &str)], any_case: bool) -> ImportReport {
    let mut source = Source { any_case, ..Source::default() };
    for (name, key) in accounts {
        let mut position = SourcePosition::default();
        (position.document, position.device, position.timestamp) = (format!("book of {name}"), "Kobo".into(), 1);
        let mut account = SourceAccount::default();
        (account.name, account.key, account.positions) = ((*name).into(), (*key).into(), vec![position]);
        source.accounts.push(account);
    }
    let origin = Origin::from_source(source);
    let preview = import::preview(server, &origin, |_| ()).unwrap();
    let report = block_on(import::import(server, &origin, preview.clone(), |_| ())).unwrap();
    assert_eq!(
        (preview.accounts_created, preview.documents_created, preview.other_password.len()),
        (report.accounts_created, report.documents_created, report.other_password.len()),
        "the preview says what the import does"
    );
    report
}

fn documents(server: &Server, account: &str) -> u32 {
    server.store().user(&name(account)).unwrap().unwrap().documents
}

/// Another source's `ada` was an empty account that shadowed the one that had moved in.
#[test]
fn a7_an_import_of_another_source_finds_the_account_that_moved_in() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::builder().data_dir(dir.path()).build().unwrap();
    moved_in(&server, &[("Ada", KEY)], true);
    let report = moved_in(&server, &[("ada", KEY)], false);
    assert_eq!((report.accounts_created, report.documents_created), (0, 1));
    assert_eq!(names(&server), ["Ada", "admin"]);
    assert_eq!(documents(&server, "Ada"), 2);
    // With another password it may belong to another person.
    let report = moved_in(&server, &[("ADA", OTHER_KEY)], false);
    assert_eq!((report.accounts_created, report.documents_created, report.other_password.len()), (0, 0, 1));
    assert_eq!((names(&server), documents(&server, "Ada")), (vec!["Ada".into(), "admin".into()], 2));
}

#[test]
fn a7_an_import_keeps_two_accounts_of_one_source() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::builder().data_dir(dir.path()).build().unwrap();
    moved_in(&server, &[("Ada", KEY)], true);
    // In either order: the exact name counts first.
    for accounts in [[("ada", OTHER_KEY), ("Ada", KEY)], [("Ada", KEY), ("ada", OTHER_KEY)]] {
        moved_in(&server, &accounts, false);
        assert_eq!(names(&server), ["Ada", "ada", "admin"]);
        assert_eq!((documents(&server, "Ada"), documents(&server, "ada")), (1, 1));
    }
}

/// `?username=ada` was 401 where `?username=Ada` was 200.
#[test]
fn a7_the_management_api_finds_an_account_as_log_in_does() {
    let site = Site::with(|builder| builder.admin_password("secret"));
    imported(&site.server, "Ada", true);
    block_on(site.server.set_key(name("ada"), Key::from_wire(KEY.as_bytes()).unwrap())).unwrap();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    for spelling in ["ada", "Ada", "ADA"] {
        let list = site.send_as("aDa", KEY, "GET", &format!("/manage/users/documents?username={spelling}"), None);
        assert_eq!((list.status, list.json()[0]["documentHash"].as_str()), (200, Some("book")), "{spelling}");
    }
    let admin = |method: &str, path: &str, body: Option<&str>| site.send_as("admin", "secret", method, path, body);
    let set = admin("PUT", "/manage/users/password?username=ADA", Some(r#"{"password":"new"}"#));
    assert_eq!(set.status, 200, "{set:?}");
    assert_eq!(site.login("Ada", "new").status, 200);
    assert_eq!(admin("PUT", "/manage/users/active?username=adA", None).status, 200);
    site.login("Ada", "new").refused(401, 2001, "User is inactive");
    assert_eq!(admin("PUT", "/manage/users/active?username=adA", None).status, 200);
    let deleted = "/manage/users/documents?username=ada&documentHash=book";
    assert_eq!(site.send_as("ada", "new", "DELETE", deleted, None).status, 200);
    assert_eq!(site.send_as("ada", "new", "DELETE", "/manage/users?username=ada", None).status, 200);
    assert_eq!(names(&site.server), ["admin"]);
}

/// An account that did not move in answers to its exact name only. No other spelling reaches it.
#[test]
fn a7_the_management_api_finds_no_account_of_another_case() {
    let site = Site::with(|builder| builder.admin_password("secret"));
    site.registered("ada", KEY);
    assert_eq!(site.send_as("ada", KEY, "DELETE", "/manage/users?username=Ada", None).status, 401);
    assert_eq!(site.send_as("admin", "secret", "DELETE", "/manage/users?username=Ada", None).status, 404);
    assert_eq!(site.send_as("admin", "secret", "DELETE", "/manage/users?username=ADMIN", None).status, 404);
    assert_eq!(site.login("ada", KEY).status, 200);
}
