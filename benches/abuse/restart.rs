//! Attacks on a server that has just restarted: nobody's key is in the cache.

use std::time::Duration;

use crate::client;
use crate::server::{self, Server};
use crate::victims::Attackers;

/// Returns the name of an account, which is known to the server before it restarts.
pub fn owner(number: usize) -> String {
    format!("owner {number}")
}

/// Returns the address from which its owner registered it.
pub fn home(number: usize) -> String {
    format!("192.0.{number}.1")
}

/// Registers accounts, restarts the server and measures it, without and with an attack.
pub fn compare(owners: usize, measure: impl AsyncFn(&Server, bool)) {
    for is_attacked in [false, true] {
        let dir = server::directory();
        {
            let server = Server::start(dir.path());
            client::run(async {
                for number in 0..owners {
                    let request = client::register(&home(number), &owner(number));
                    assert_eq!(client::send(server.address, &request).await.0, 201);
                }
            });
        }
        let server = Server::start(dir.path());
        server.report(is_attacked, measure(&server, is_attacked));
    }
}

/// Starts clients of an attack that send one request after the other: that of the client's number and the round.
pub fn flood(server: &Server, at_once: usize, pause: Duration, request: fn(usize, usize) -> Vec<u8>) -> Attackers {
    let (mut attackers, address) = (Attackers::default(), server.address);
    for attacker in 0..at_once {
        let seen = attackers.seen.clone();
        attackers.start(async move {
            for round in 0.. {
                let answer = client::send(address, &request(attacker, round)).await;
                seen.borrow_mut().add(answer);
                tokio::time::sleep(pause).await;
            }
        });
    }
    attackers
}
