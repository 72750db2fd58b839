//! A restart: 2,000 accounts push within one second, and nobody's key is in the cache.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use kosync::{Key, Username};

use crate::client::{self, KEY, Seen};
use crate::server::{self, Server};

const ACCOUNTS: usize = 2000;
/// Accounts that are verified before the storm and go on pushing through it.
const VERIFIED: usize = 20;

pub fn run() {
    let source = server::directory();
    make_accounts(source.path());
    for storm in [false, true] {
        let dir = server::directory();
        std::fs::copy(source.path().join("data.mdb"), dir.path().join("data.mdb")).unwrap();
        let server = Server::start(dir.path());
        server.report(storm, measure(&server, if storm { ACCOUNTS } else { 0 }));
    }
}

fn user(number: usize) -> String {
    format!("reader {number}")
}

fn from(number: usize) -> String {
    format!("10.{}.{}.7", number / 250, number % 250)
}

async fn measure(server: &Server, storm: usize) {
    let address = server.address;
    for number in ACCOUNTS..ACCOUNTS + VERIFIED {
        let (status, _) = client::send(address, &client::login(&from(number), &user(number), KEY)).await;
        assert_eq!(status, 200);
    }
    let (verified, others) = (Rc::new(RefCell::new(Seen::default())), Rc::new(RefCell::new(Seen::default())));
    let is_over = Rc::new(Cell::new(false));
    let mut pushing = Vec::new();
    for number in ACCOUNTS..ACCOUNTS + VERIFIED {
        let (verified, is_over) = (verified.clone(), is_over.clone());
        pushing.push(tokio::task::spawn_local(async move {
            let request = client::push(&from(number), &user(number), "book");
            while !is_over.get() {
                let seen = client::send(address, &request).await;
                verified.borrow_mut().add(seen);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }));
    }
    let start = Instant::now();
    let mut clients = Vec::new();
    for number in 0..storm {
        let others = others.clone();
        clients.push(tokio::task::spawn_local(async move {
            // Evenly within one second.
            tokio::time::sleep(Duration::from_secs(1) * number as u32 / ACCOUNTS as u32).await;
            let seen = client::send(address, &client::push(&from(number), &user(number), "book")).await;
            others.borrow_mut().add(seen);
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    let took = start.elapsed();
    if storm == 0 {
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    is_over.set(true);
    for client in pushing {
        client.await.unwrap();
    }
    verified.borrow_mut().print("verified accounts");
    if storm > 0 {
        others.borrow_mut().print("accounts of the storm");
        println!("\nThe last of the storm was answered after {:.1} s.", took.as_secs_f64());
    }
}

fn make_accounts(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = kosync::Server::builder().data_dir(dir).build().unwrap();
        for first in (0..ACCOUNTS + VERIFIED).step_by(16) {
            let tasks: Vec<_> = (first..(first + 16).min(ACCOUNTS + VERIFIED))
                .map(|number| {
                    let (server, name) = (server.clone(), Username::new(&user(number)).unwrap());
                    tokio::spawn(async move {
                        // On a busy machine Argon2 may take too long.
                        while let Err(error) = server.create_user(name.clone(), KEY.parse::<Key>().unwrap()).await {
                            assert!(matches!(error, kosync::Error::Busy), "{error}");
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
    });
}
