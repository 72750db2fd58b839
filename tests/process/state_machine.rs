//! Random sequences of requests, stops and kills, compared with a small model of the protocol.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::kosync::{Process, command, output};
use crate::common::{Client, KEY, OTHER_KEY, percent_encoded, position};

/// Few of each, so that the steps affect each other.
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
    /// An export of everything is imported into the same store, which must not change it.
    RoundTrip,
    Stop,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let (name, key, document) = (0..NAMES.len(), 0..KEYS.len(), 0..DOCUMENTS.len());
    // Mostly the first key, so that most steps succeed.
    let key = prop_oneof![6 => Just(0_usize), 1 => key];
    prop_oneof![
        4 => (name.clone(), key.clone()).prop_map(|(name, key)| Step::Register(name, key)),
        2 => (name.clone(), key.clone()).prop_map(|(name, key)| Step::LogIn(name, key)),
        12 => (name.clone(), key.clone(), document.clone(), any::<u32>()).prop_map(|(name, key, document, progress)| Step::Push(name, key, document, progress)),
        6 => (name.clone(), key.clone(), document.clone()).prop_map(|(name, key, document)| Step::Pull(name, key, document)),
        1 => (name.clone(), key.clone(), 0..KEYS.len()).prop_map(|(name, key, new)| Step::ChangePassword(name, key, new)),
        1 => (name.clone(), key.clone(), document).prop_map(|(name, key, document)| Step::DeleteDocument(name, key, document)),
        1 => (name, key).prop_map(|(name, key)| Step::DeleteAccount(name, key)),
        1 => Just(Step::RoundTrip),
        1 => Just(Step::Stop),
        2 => Just(Step::Kill),
    ]
}

/// The expected state: for each account its key, and its position in each document.
#[derive(Default)]
struct Model {
    accounts: BTreeMap<usize, Account>,
    /// Accounts that this process deleted, with the key of each; a restart forgets them [U2].
    deleted: BTreeMap<usize, usize>,
}

struct Account {
    key: usize,
    positions: BTreeMap<usize, u32>,
}

impl Model {
    /// Returns the account if the key is right.
    fn authenticate(&mut self, name: usize, key: usize) -> Option<&mut Account> {
        self.accounts.get_mut(&name).filter(|account| account.key == key)
    }

    /// Applies a step, and returns the status with which the server must respond.
    fn apply(&mut self, step: &Step) -> u16 {
        match *step {
            Step::Register(name, key) => {
                let taken = self.accounts.contains_key(&name);
                self.accounts.entry(name).or_insert(Account { key, positions: BTreeMap::new() });
                if !taken {
                    self.deleted.remove(&name);
                }
                if taken { 402 } else { 201 }
            }
            Step::LogIn(name, key) | Step::Pull(name, key, _) => self.authenticate(name, key).map_or(401, |_| 200),
            Step::Push(name, key, document, progress) => self.authenticate(name, key).map_or(401, |account| {
                account.positions.insert(document, progress);
                200
            }),
            Step::ChangePassword(name, key, new) => self.authenticate(name, key).map_or(401, |account| {
                account.key = new;
                200
            }),
            Step::DeleteDocument(name, key, document) => self
                .authenticate(name, key)
                .map_or(401, |account| account.positions.remove(&document).map_or(404, |_| 200)),
            Step::DeleteAccount(name, key) => {
                // A client that repeats a deletion learns that it is done [U2].
                let refused = if self.deleted.get(&name) == Some(&key) { 404 } else { 401 };
                let status = self.authenticate(name, key).map_or(refused, |_| 200);
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

/// Sends the request of a step, and returns its status and body. Each comes from another address, since after twenty wrong keys from
/// one address the right key would get 429, too.
fn send(client: Client, number: usize, step: &Step) -> (u16, String) {
    let of_document = |path: &str, document: usize| format!("{path}/{}", percent_encoded(DOCUMENTS[document]));
    let (method, path, name, key, body) = match *step {
        Step::Register(name, key) => {
            let body = json!({ "username": NAMES[name], "password": KEYS[key] });
            ("POST", "/users/create".to_owned(), name, key, Some(body))
        }
        Step::LogIn(name, key) => ("GET", "/users/auth".to_owned(), name, key, None),
        Step::Push(name, key, document, progress) => {
            let body = position(DOCUMENTS[document], &progress.to_string(), 0.5);
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
        Step::RoundTrip | Step::Stop | Step::Kill => unreachable!("not a request"),
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
fn every_response_agrees_with_the_model_through_stops_and_kills() {
    // Each case takes a second or two, since it starts and kills real processes.
    proptest!(ProptestConfig { cases: 12, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() }, |(steps in vec(step(), 1..60))| {
        let dir = tempfile::tempdir().unwrap();
        let mut process = start(dir.path());
        let mut model = Model::default();
        for (number, step) in steps.iter().enumerate() {
            let expected = model.apply(step);
            match step {
                Step::Stop => {
                    model.deleted.clear();
                    process.stop();
                    process = start(dir.path());
                }
                Step::Kill => {
                    model.deleted.clear();
                    process.kill();
                    process = start(dir.path());
                }
                Step::RoundTrip => round_trip(dir.path()),
                _ => {
                    let (status, body) = send(process.client, number, step);
                    prop_assert_eq!(status, expected, "step {}, {:?}", number, step);
                    if let (200, Step::Pull(name, key, document)) = (status, step) {
                        let place = model.authenticate(*name, *key).and_then(|account| account.positions.get(document));
                        let pulled: serde_json::Value = serde_json::from_str(&body).unwrap();
                        prop_assert_eq!(pulled["progress"].as_str().map(str::to_owned), place.map(u32::to_string), "step {}, {:?}", number, step);
                    }
                }
            }
        }
        // At the end the store agrees with the model and is consistent.
        process.kill();
        let process = start(dir.path());
        for (name, account) in &model.accounts {
            for (document, place) in &account.positions {
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
