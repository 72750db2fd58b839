//! Random lives of a server, beside a model of the protocol that fits on a page: whatever was answered holds, through stops and kills.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::kosync::{Process, command, output};
use crate::common::{Client, KEY, OTHER_KEY, percent_encoded, position};

/// Of each few, so that they meet.
const NAMES: [&str; 3] = ["ada", "grace", "Jörg 本"];
const KEYS: [&str; 2] = [KEY, OTHER_KEY];
const DOCUMENTS: [&str; 3] = ["book", "a/b c", "0b229176d4e8db7f6d2b5a4952368d7a"];

#[derive(Debug, Clone)]
enum Step {
    Register(usize, usize),
    LogIn(usize, usize),
    Push(usize, usize, usize, u32),
    Pull(usize, usize, usize),
    ChangePassword(usize, usize, usize),
    DeleteDocument(usize, usize, usize),
    DeleteAccount(usize, usize),
    /// Everything is exported, and imported again: nothing may change.
    RoundTrip,
    Stop,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let (name, key, document) = (0..NAMES.len(), 0..KEYS.len(), 0..DOCUMENTS.len());
    // Mostly with the first key, so that most of it goes well.
    let key = prop_oneof![6 => Just(0_usize), 1 => key];
    prop_oneof![
        4 => (name.clone(), key.clone()).prop_map(|(name, key)| Step::Register(name, key)),
        2 => (name.clone(), key.clone()).prop_map(|(name, key)| Step::LogIn(name, key)),
        12 => (name.clone(), key.clone(), document.clone(), any::<u32>()).prop_map(|(name, key, document, place)| Step::Push(name, key, document, place)),
        6 => (name.clone(), key.clone(), document.clone()).prop_map(|(name, key, document)| Step::Pull(name, key, document)),
        1 => (name.clone(), key.clone(), 0..KEYS.len()).prop_map(|(name, key, new)| Step::ChangePassword(name, key, new)),
        1 => (name.clone(), key.clone(), document).prop_map(|(name, key, document)| Step::DeleteDocument(name, key, document)),
        1 => (name, key).prop_map(|(name, key)| Step::DeleteAccount(name, key)),
        1 => Just(Step::RoundTrip),
        1 => Just(Step::Stop),
        2 => Just(Step::Kill),
    ]
}

/// What a server must know: of each account its key, and the place in each document.
#[derive(Default)]
struct Model {
    accounts: BTreeMap<usize, Account>,
    /// Accounts that this process deleted, with the key of each.
    deleted: BTreeMap<usize, usize>,
}

struct Account {
    key: usize,
    places: BTreeMap<usize, u32>,
}

impl Model {
    /// The account, if that key is its.
    fn revalidate(&mut self, name: usize, key: usize) -> Option<&mut Account> {
        self.accounts.get_mut(&name).filter(|account| account.key == key)
    }

    /// Does a step, and says with which status the server must answer.
    fn take(&mut self, step: &Step) -> u16 {
        match *step {
            Step::Register(name, key) => {
                let taken = self.accounts.contains_key(&name);
                self.accounts.entry(name).or_insert(Account { key, places: BTreeMap::new() });
                if !taken {
                    self.deleted.remove(&name);
                }
                if taken { 402 } else { 201 }
            }
            Step::LogIn(name, key) | Step::Pull(name, key, _) => self.revalidate(name, key).map_or(401, |_| 200),
            Step::Push(name, key, document, place) => self.revalidate(name, key).map_or(401, |account| {
                account.places.insert(document, place);
                200
            }),
            Step::ChangePassword(name, key, new) => self.revalidate(name, key).map_or(401, |account| {
                account.key = new;
                200
            }),
            Step::DeleteDocument(name, key, document) => {
                self.revalidate(name, key).map_or(401, |account| account.places.remove(&document).map_or(404, |_| 200))
            }
            Step::DeleteAccount(name, key) => {
                // A client that repeats a deletion learns that it is done (rule U2).
                let refused = if self.deleted.get(&name) == Some(&key) { 404 } else { 401 };
                let status = self.revalidate(name, key).map_or(refused, |_| 200);
                if status == 200 {
                    self.accounts.remove(&name);
                    self.deleted.insert(name, key);
                }
                status
            }
            Step::RoundTrip | Step::Stop | Step::Kill => 200,
        }
    }
}

/// Does a step that is a request, each from an address of its own: after twenty wrong keys from one the right one would be 429, too.
/// Its status, and what came with it.
fn ask(client: Client, number: usize, step: &Step) -> (u16, String) {
    let of_document = |folder: &str, document: usize| format!("{folder}/{}", percent_encoded(DOCUMENTS[document]));
    let (method, path, name, key, body) = match *step {
        Step::Register(name, key) => {
            let body = json!({ "username": NAMES[name], "password": KEYS[key] });
            ("POST", "/users/create".to_owned(), name, key, Some(body))
        }
        Step::LogIn(name, key) => ("GET", "/users/auth".to_owned(), name, key, None),
        Step::Push(name, key, document, place) => {
            let body = position(DOCUMENTS[document], &place.to_string(), 0.5);
            ("PUT", "/syncs/progress".to_owned(), name, key, Some(body))
        }
        Step::Pull(name, key, document) => ("GET", of_document("/syncs/progress", document), name, key, None),
        Step::ChangePassword(name, key, new) => {
            ("PUT", "/users/password".to_owned(), name, key, Some(json!({ "password": KEYS[new] })))
        }
        Step::DeleteDocument(name, key, document) => {
            ("DELETE", of_document("/api/v1/documents", document), name, key, None)
        }
        Step::DeleteAccount(name, key) => ("DELETE", "/users/me".to_owned(), name, key, None),
        Step::RoundTrip | Step::Stop | Step::Kill => unreachable!("they are no requests"),
    };
    let address = format!("192.0.2.{number}");
    let headers = [
        ("x-auth-user", NAMES[name].as_bytes()),
        ("x-auth-key", KEYS[key].as_bytes()),
        ("x-forwarded-for", address.as_bytes()),
    ];
    let reply = client.send(method, &path, &headers, body.map(|body| body.to_string()).as_deref());
    (reply.status, reply.body)
}

fn start(data: &Path) -> Process {
    let mut command = command();
    command.arg("--data-dir").arg(data).args(["--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.1"]);
    Process::spawn(command)
}

#[test]
fn what_was_answered_holds() {
    // Each takes a second or two: it is real processes that start and die.
    proptest!(ProptestConfig { cases: 12, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() }, |(steps in vec(step(), 1..60))| {
        let dir = tempfile::tempdir().unwrap();
        let mut process = start(dir.path());
        let mut model = Model::default();
        for (number, step) in steps.iter().enumerate() {
            let expected = model.take(step);
            match step {
                Step::Stop => {
                    process.stop();
                    process = start(dir.path());
                }
                Step::Kill => {
                    process.kill();
                    process = start(dir.path());
                }
                Step::RoundTrip => round_trip(dir.path()),
                _ => {
                    let (status, body) = ask(process.client, number, step);
                    prop_assert_eq!(status, expected, "step {}, {:?}", number, step);
                    if let (200, Step::Pull(name, key, document)) = (status, step) {
                        let place = model.revalidate(*name, *key).and_then(|account| account.places.get(document));
                        let pulled: serde_json::Value = serde_json::from_str(&body).unwrap();
                        prop_assert_eq!(pulled["progress"].as_str().map(str::to_owned), place.map(u32::to_string), "step {}, {:?}", number, step);
                    }
                }
            }
        }
        // At the end everything is as the model has it, and it fits together.
        process.kill();
        let process = start(dir.path());
        for (name, account) in &model.accounts {
            for (document, place) in &account.places {
                let pulled = process.client.pulled(NAMES[*name], KEYS[account.key], DOCUMENTS[*document]);
                prop_assert_eq!(&pulled["progress"], &place.to_string());
            }
        }
        let checked = output(&["check", "--data-dir", dir.path().to_str().unwrap()], &[]);
        prop_assert!(checked.status.success(), "{:?}", checked);
        process.stop();
    });
}

fn round_trip(data: &Path) {
    let file = data.join("export.jsonl");
    let (data, file) = (data.to_str().unwrap(), file.to_str().unwrap());
    for command in [&["export", "--force", file][..], &["import", file]] {
        let done = output(&[command, &["--data-dir", data]].concat(), &[]);
        assert!(done.status.success(), "{done:?}");
    }
}
