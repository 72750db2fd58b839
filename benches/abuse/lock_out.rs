//! Guesses from changing addresses at ten accounts, whose owners log in after a restart.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::client::{self, Seen};
use crate::server::{self, Server};

const OWNERS: usize = 10;
/// Guesses at a time, each followed by the next.
const AT_ONCE: usize = 40;
/// How long the attack goes on before the owners log in: it empties the buckets of all accounts.
const AHEAD: Duration = Duration::from_secs(15);

pub fn run() {
    for is_attacked in [false, true] {
        let dir = server::directory();
        {
            let server = Server::start(dir.path());
            client::run(async {
                for number in 0..OWNERS {
                    let request = client::register(&home(number), &owner(number));
                    assert_eq!(client::send(server.address, &request).await.0, 201);
                }
            });
        }
        let server = Server::start(dir.path());
        println!("{}:\n", if is_attacked { "With the attack" } else { "Without it" });
        Seen::header();
        client::run(measure(&server, if is_attacked { AT_ONCE } else { 0 }));
        println!("\nPeak of anonymous memory: {:.0} MiB.\n", server.peak_memory());
    }
}

fn owner(number: usize) -> String {
    format!("owner {number}")
}

fn home(number: usize) -> String {
    format!("192.0.{number}.1")
}

async fn measure(server: &Server, at_once: usize) {
    let address = server.address;
    let (is_over, guesses) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(Seen::default())));
    let mut attackers = Vec::new();
    for attacker in 0..at_once {
        let (is_over, guesses) = (is_over.clone(), guesses.clone());
        attackers.push(tokio::task::spawn_local(async move {
            for round in 0.. {
                if is_over.get() {
                    break;
                }
                let from = format!("203.{}.{}.{}", attacker, round / 250 % 250, round % 250);
                let request = client::login(&from, &owner((attacker + round) % OWNERS), &format!("{attacker} {round}"));
                let seen = client::send(address, &request).await;
                guesses.borrow_mut().add(seen);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }));
    }
    if at_once > 0 {
        tokio::time::sleep(AHEAD).await;
    }
    let mut owners = Seen::default();
    for number in 0..OWNERS {
        owners.add(client::send(address, &client::push(&home(number), &owner(number), "book")).await);
    }
    is_over.set(true);
    for attacker in attackers {
        attacker.await.unwrap();
    }
    owners.print("owners, from home");
    if at_once > 0 {
        guesses.borrow_mut().print("guesses");
    }
}
