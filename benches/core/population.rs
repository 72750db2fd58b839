//! The accounts and positions that are stored before anything is measured.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kosync::store::{CreateOutcome, PushOutcome};
use kosync::{Document, Key, Progress, Server, User, Username};

use crate::client::{Kind, Random};
use crate::machine::Process;

const KEY: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
const PROGRESS: &str = "/body/DocFragment[11]/body/div/p[7]/text().123";
/// Pages that a push may be for, so that nearly each one moves on: a repeat costs less.
const PAGES: usize = 900;
/// Average positions per account. There are at least ten accounts.
const POSITIONS_PER_ACCOUNT: usize = 5000;

/// A data directory with accounts and their positions. A few accounts have many positions, most have few.
pub struct Population {
    dir: tempfile::TempDir,
    /// For each account, the number of positions of it and all accounts before it.
    ends: Arc<[usize]>,
}

/// Returns the document id of a position: 32 hex digits, ascending, so that loading fills one page after another.
/// Returns an id that is scattered among the others, as MD5 sums are.
fn document(number: usize) -> String {
    format!("{:032x}", (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

fn user(account: usize) -> String {
    format!("reader{account:05}")
}

impl Population {
    /// Creates the accounts through the library, and pushes each position once.
    pub fn load(dir: &Path, positions: usize) -> Self {
        let dir = tempfile::tempdir_in(dir).unwrap();
        let accounts = (positions / POSITIONS_PER_ACCOUNT).max(10);
        // Zipf's law: the share of account k is proportional to 1/(k+1).
        let weight: f64 = (0..accounts).map(|account| 1.0 / (account + 1) as f64).sum();
        let mut sum = 0.0;
        let mut ends: Vec<usize> = (0..accounts)
            .map(|account| {
                sum += 1.0 / (account + 1) as f64;
                (positions as f64 * sum / weight) as usize
            })
            .collect();
        *ends.last_mut().unwrap() = positions;
        let population = Self { dir, ends: ends.into() };
        let start = Instant::now();
        tokio::runtime::Runtime::new().unwrap().block_on(population.fill());
        eprintln!("{positions} positions of {accounts} accounts loaded in {:.0} s", start.elapsed().as_secs_f64());
        population
    }

    async fn fill(&self) {
        let server = Server::builder()
            .data_dir(self.dir.path())
            .max_documents(u32::MAX)
            .max_account_bytes(u64::MAX)
            .build()
            .unwrap();
        let mut users = VecDeque::new();
        // The server refuses those that would wait long for Argon2.
        let turns = Arc::new(tokio::sync::Semaphore::new(16));
        for account in 0..self.accounts() {
            let (server, turns) = (server.clone(), turns.clone());
            users.push_back(tokio::spawn(async move {
                let _turn = turns.acquire().await.unwrap();
                create(&server, &user(account)).await
            }));
        }
        let mut waiting = VecDeque::new();
        let mut position = 0;
        for end in self.ends.iter() {
            let user = users.pop_front().unwrap().await.unwrap();
            while position < *end {
                let (store, user, document) = (server.store().clone(), user.clone(), document(position));
                waiting.push_back(tokio::spawn(async move { push(&store, user, &document).await }));
                position += 1;
                if waiting.len() == 768 {
                    waiting.pop_front().unwrap().await.unwrap();
                }
            }
        }
        for push in waiting {
            push.await.unwrap();
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn accounts(&self) -> usize {
        self.ends.len()
    }

    pub fn positions(&self) -> usize {
        *self.ends.last().unwrap()
    }

    pub fn bytes_per_position(&self) -> f64 {
        self.dir.path().join("data.mdb").metadata().unwrap().len() as f64 / self.positions() as f64
    }

    /// Logs in each account once, so that the steady state is measured, without Argon2.
    pub fn log_in(&self, process: &Process) {
        send_all(process, self.accounts(), |account| {
            let user = user(account);
            format!(
                "GET /users/auth HTTP/1.1\r\nHost: x\r\nx-auth-user: {user}\r\nx-auth-key: {KEY}\r\nConnection: close\r\n\r\n"
            )
        });
    }

    /// Pushes each position once, in an order that has nothing to do with their keys, as devices do.
    pub fn push_all(&self, process: &Process) {
        send_all(process, self.positions(), |position| {
            let mut requests = self.requests(Kind::Put, false);
            requests.of(position, &mut Random::new(position as u64)).to_owned()
        });
    }

    pub fn requests(&self, kind: Kind, keep_alive: bool) -> Requests {
        Requests { ends: self.ends.clone(), kind, keep_alive, bytes: String::with_capacity(1024) }
    }
}

/// KOReader's requests for random positions, all equally likely.
pub struct Requests {
    ends: Arc<[usize]>,
    kind: Kind,
    keep_alive: bool,
    bytes: String,
}

impl Requests {
    pub fn next(&mut self, random: &mut Random) -> &[u8] {
        let position = random.below(*self.ends.last().unwrap());
        self.of(position, random).as_bytes()
    }

    fn of(&mut self, position: usize, random: &mut Random) -> &str {
        let owner = self.ends.partition_point(|end| *end <= position);
        let (user, document) = (user(owner), document(position));
        let connection = if self.keep_alive { "TE" } else { "close, TE" };
        let head = format_args!(
            "User-Agent: lua-Spore v0.3.3\r\nTE: trailers\r\nHost: 127.0.0.1:7200\r\nx-auth-user: {user}\r\nx-auth-key: {KEY}\r\n\
             Accept: application/vnd.koreader.v1+json\r\nConnection: {connection}\r\n"
        );
        self.bytes.clear();
        match self.kind {
            Kind::Get => write!(self.bytes, "GET /syncs/progress/{document} HTTP/1.1\r\n{head}\r\n"),
            Kind::Put | Kind::PutIdentified => {
                let identifiers = if self.kind == Kind::Put { String::new() } else { identifiers(position) };
                let page = 100 + random.below(PAGES);
                let body = format!(
                    r#"{{"device_id":"AAAA","device":"Kobo_nova","progress":"/body/DocFragment[11]/body/p[{page}]/text().123","percentage":0.4{page},"document":"{document}"{identifiers}}}"#
                );
                let about = format_args!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
                write!(self.bytes, "PUT /syncs/progress HTTP/1.1\r\n{head}{about}\r\n{body}")
            }
        }
        .unwrap();
        &self.bytes
    }
}

/// Sends `count` requests, each on a connection of its own, eight at a time. All must be answered with 200.
fn send_all(process: &Process, count: usize, request: impl Fn(usize) -> String + Sync) {
    use std::io::{Read, Write};
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let mut stream = std::net::TcpStream::connect(process.address()).unwrap();
                    stream.write_all(request(number).as_bytes()).unwrap();
                    let mut response = String::new();
                    stream.read_to_string(&mut response).unwrap();
                    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
                }
            });
        }
    });
}

/// Returns the field with eight identifiers: the document, and seven values of the same length that belong to it.
fn identifiers(position: usize) -> String {
    let entry = |number: usize| {
        let value = if number == 0 { document(position) } else { format!("{number:x}{:031x}", position * 0x9e37_79b9) };
        format!(r#"{{"type":"identifier-{number}","value":"{value}"}}"#)
    };
    format!(r#","identifiers":[{}]"#, (0..8).map(entry).collect::<Vec<_>>().join(","))
}

async fn create(server: &Server, name: &str) -> User {
    let name = Username::new(name).unwrap();
    match server.create_user(name, Key::from_wire(KEY.as_bytes()).unwrap()).await.unwrap() {
        CreateOutcome::Created(user) => user,
        other => panic!("{other:?}"),
    }
}

async fn push(store: &kosync::Store, user: User, document: &str) {
    let progress = Progress::new(PROGRESS.into(), 0.4213, "Kobo_nova".into(), Some("AAAA".into())).unwrap();
    let pushed = store.push(user, Document::new(document).unwrap(), progress, None).await.unwrap();
    assert!(matches!(pushed, PushOutcome::Stored { .. }));
}

/// Returns the pushes per second when each waits for the one before. So each push has its own commit.
pub fn one_commit_per_push(dir: &Path) -> f64 {
    let path: PathBuf = dir.join("single");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let server = Server::builder().data_dir(path).build().unwrap();
        let user = create(&server, "ada").await;
        let mut random = Random::new(7);
        let (start, mut count) = (Instant::now(), 0_u64);
        while start.elapsed() < Duration::from_secs(3) {
            push(server.store(), user.clone(), &document(random.below(10_000))).await;
            count += 1;
        }
        count as f64 / start.elapsed().as_secs_f64()
    })
}
