//! Registrations in great numbers from one address, while others log in and push after a restart.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::client::{self, KEY, Seen};
use crate::server::{self, Server};

/// Registrations at a time, each followed by the next.
const AT_ONCE: usize = 300;
const KNOWN_DEVICES: usize = 9;
const UNKNOWN_DEVICES: usize = 9;
const TIME: Duration = Duration::from_secs(5);

pub fn run() {
    for is_attacked in [false, true] {
        let dir = server::directory();
        {
            let server = Server::start(dir.path());
            client::run(async {
                for number in 0..KNOWN_DEVICES + UNKNOWN_DEVICES {
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
    let (is_over, flood) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(Seen::default())));
    let mut attackers = Vec::new();
    for attacker in 0..at_once {
        let (is_over, flood) = (is_over.clone(), flood.clone());
        attackers.push(tokio::task::spawn_local(async move {
            for round in 0.. {
                if is_over.get() {
                    break;
                }
                let request = client::register("203.0.113.1", &format!("flood {attacker} {round}"));
                let seen = client::send(address, &request).await;
                flood.borrow_mut().add(seen);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }));
    }
    // The first registrations are there before the victims.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut victims = Vec::new();
    let (pushes, logins) = (Rc::new(RefCell::new(Seen::default())), Rc::new(RefCell::new(Seen::default())));
    for number in 0..KNOWN_DEVICES + UNKNOWN_DEVICES {
        let (pushes, logins) = (pushes.clone(), logins.clone());
        victims.push(tokio::task::spawn_local(async move {
            if number < KNOWN_DEVICES {
                let seen = client::send(address, &client::push(&home(number), &owner(number), "book")).await;
                pushes.borrow_mut().add(seen);
            } else {
                let from = format!("198.51.{number}.1");
                let seen = client::send(address, &client::login(&from, &owner(number), KEY)).await;
                logins.borrow_mut().add(seen);
            }
        }));
    }
    for victim in victims {
        victim.await.unwrap();
    }
    if at_once > 0 {
        tokio::time::sleep(TIME).await;
    }
    is_over.set(true);
    for attacker in attackers {
        attacker.await.unwrap();
    }
    pushes.borrow_mut().print("pushes of known devices");
    logins.borrow_mut().print("logins of unknown devices");
    if at_once > 0 {
        flood.borrow_mut().print("registrations");
    }
}
