//! Large answers, requested many at a time and read slowly, to fill the server's memory.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kosync::{Document, Key, Progress, Username};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::Semaphore;

use crate::client::{self, KEY};
use crate::server::{self, Server};
use crate::victims::{Attackers, Victims};

/// Accounts with one document that has a long history.
const ACCOUNTS: usize = 20;
/// Positions of that document. One more, and the server would thin them.
const HISTORY: usize = 599;
/// Documents of `bob`, the most that an account may have by default.
const DOCUMENTS: usize = 10_000;
const VICTIMS_DOCUMENTS: usize = 100;
/// Bytes of each position of the attackers. JSON needs six for each.
const POSITION: usize = 8 << 10;
const AT_ONCE: usize = 60;
const TIME: Duration = Duration::from_secs(10);
/// Bytes that a slow reader takes at a time.
const PART: usize = 4 << 10;
const PART_PAUSE: Duration = Duration::from_millis(100);
/// Pause after a refusal.
const RETRY: Duration = Duration::from_secs(1);

pub fn run() {
    let source = server::directory();
    make_accounts(source.path());
    let lists = [history(0), list("/manage/users/documents?username=bob"), list("/api/v1/documents")];
    let from_two = lists.iter().cycle().take(AT_ONCE).cloned().collect();
    // Each has as many answers as it may have.
    let from_twenty: Vec<_> = (0..AT_ONCE).map(|number| history(number % ACCOUNTS)).collect();
    let rows = vec![client::get("203.0.113.3", "carol", "/api/v1/statistics"); 3];
    let all = [from_twenty.clone(), rows.clone()].concat();
    let attacks = [
        ("Without it", Vec::new()),
        ("With the attack, from two accounts", from_two),
        ("With the attack, from 20 accounts", from_twenty),
        (&format!("With the statistics of {} rows", rows_of_carol()), rows),
        ("With these and the attack from 20 accounts", all),
    ];
    for (title, requests) in attacks {
        let dir = server::directory();
        std::fs::copy(source.path().join("data.mdb"), dir.path().join("data.mdb")).unwrap();
        let server = Server::start(dir.path());
        server.report_as(title, measure(&server, &requests));
    }
}

/// Returns how many rows of history `carol` has: `KOSYNC_ROWS`, by default 300,000. The attack that was seen had 1.8 million.
fn rows_of_carol() -> usize {
    std::env::var("KOSYNC_ROWS").map_or(300_000, |rows| rows.parse().unwrap())
}

fn reader(number: usize) -> String {
    format!("reader {number}")
}

/// Returns a request of the whole history of an account's document.
fn history(number: usize) -> Vec<u8> {
    client::get("203.0.113.1", &reader(number), "/api/v1/documents/book/history?limit=1000")
}

/// Returns a request of a list of 10,000 documents.
fn list(path: &str) -> Vec<u8> {
    client::get("203.0.113.2", "bob", path)
}

async fn measure(server: &Server, requests: &[Vec<u8>]) {
    let address = server.address;
    let (push, list) =
        (client::push("192.0.2.1", "victim", "book"), client::get("192.0.2.1", "victim", "/api/v1/documents"));
    // Argon2 is not what is measured.
    for user in (0..ACCOUNTS).map(reader).chain(["bob", "carol"].map(str::to_owned)) {
        assert_eq!(client::send(address, &client::login("203.0.113.1", &user, KEY)).await.0, 200);
    }
    for request in [&push, &list] {
        assert_eq!(client::send(address, request).await.0, 200);
    }
    let (mut attackers, mut victims) = (Attackers::default(), Victims::new(address));
    for request in requests {
        let (seen, request) = (attackers.seen.clone(), request.clone());
        attackers.start(async move {
            loop {
                let start = Instant::now();
                let slow = read_slowly(address, &request, |status| seen.borrow_mut().add((status, start.elapsed())));
                if slow.await.is_none() {
                    tokio::time::sleep(RETRY).await;
                }
            }
        });
    }
    victims.start("pushes of another account", push);
    victims.start("its list of documents", list);
    tokio::time::sleep(TIME).await;
    victims.finish().await;
    attackers.finish("lists of the attack, to the first byte").await;
}

/// Sends a request, passes on its status at once, and reads the rest slowly. Returns `None` for a refusal.
async fn read_slowly(address: SocketAddr, request: &[u8], on_status: impl FnOnce(u16)) -> Option<()> {
    let socket = TcpSocket::new_v4().ok()?;
    // As little as possible waits in the kernel.
    socket.set_recv_buffer_size(PART as u32).ok()?;
    let mut stream = socket.connect(address).await.ok()?;
    stream.write_all(request).await.ok()?;
    let mut part = [0; PART];
    let status = match stream.read_exact(&mut part[..12]).await {
        Ok(_) => client::status(&part),
        Err(_) => None,
    };
    on_status(status.unwrap_or(0));
    while status? == 200 && stream.read(&mut part).await.ok()? > 0 {
        tokio::time::sleep(PART_PAUSE).await;
    }
    (status? == 200).then_some(())
}

fn make_accounts(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server =
            kosync::Server::builder().data_dir(dir).max_account_bytes(u64::MAX).min_free_disk(0).build().unwrap();
        let readers: Vec<_> = (0..ACCOUNTS).map(reader).collect();
        for user in readers.iter().map(String::as_str).chain(["bob", "carol", "victim"]) {
            server.create_user(Username::new(user).unwrap(), KEY.parse::<Key>().unwrap()).await.unwrap();
        }
        let large = "\u{1}".repeat(POSITION);
        for user in &readers {
            push_all(&server, user, &large, (0..HISTORY).map(|_| "book".to_owned())).await;
        }
        push_all(&server, "bob", &large, (0..DOCUMENTS).map(|number| format!("{number:032}"))).await;
        let rows = (0..rows_of_carol()).map(|number| format!("{:032}", number / HISTORY));
        push_all(&server, "carol", "p", rows).await;
        push_all(&server, "victim", "p", (0..VICTIMS_DOCUMENTS).map(|number| format!("{number:032}"))).await;
    });
}

/// Pushes to documents of an account, many at a time.
async fn push_all(server: &kosync::Server, user: &str, position: &str, documents: impl Iterator<Item = String>) {
    let user = server.store().user(&Username::new(user).unwrap()).unwrap().unwrap();
    let progress = Progress::new(position.to_owned(), 0.5, "Kobo".into(), None).unwrap();
    let turns = Arc::new(Semaphore::new(256));
    let mut tasks = tokio::task::JoinSet::new();
    for document in documents {
        let turn = turns.clone().acquire_owned().await.unwrap();
        let (server, user, progress) = (server.clone(), user.clone(), progress.clone());
        tasks.spawn(async move {
            let document = Document::new(&document).unwrap();
            server.store().push(user, document, progress, None).await.unwrap();
            drop(turn);
        });
    }
    while let Some(pushed) = tasks.join_next().await {
        pushed.unwrap();
    }
}
