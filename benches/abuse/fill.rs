//! One account pushes large new documents as fast as it can, to fill the disk.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::client;
use crate::keep_alive::KeptAlive;
use crate::server::{self, Server};
use crate::victims::{Attackers, Victims};

const TIME: Duration = Duration::from_secs(10);
/// Connections, each with one push after another.
const AT_ONCE: usize = 64;
/// Bytes of each position, the most that the server takes.
const POSITION: usize = 8 << 10;

pub fn run() {
    for is_attacked in [false, true] {
        let dir = server::directory();
        let server = Server::start(dir.path());
        server.report(is_attacked, measure(&server, dir.path(), if is_attacked { AT_ONCE } else { 0 }));
    }
}

async fn measure(server: &Server, data: &Path, at_once: usize) {
    let address = server.address;
    for (from, user) in [("192.0.2.1", "victim"), ("203.0.113.1", "attacker")] {
        assert_eq!(client::send(address, &client::register(from, user)).await.0, 201);
        assert_eq!(client::send(address, &client::push(from, user, "book")).await.0, 200);
    }
    let before = size(data);
    let (mut attackers, mut victims) = (Attackers::default(), Victims::new(address));
    for attacker in 0..at_once {
        let seen = attackers.seen.clone();
        attackers.start(async move {
            let mut connection = KeptAlive::new(address);
            let position = "x".repeat(POSITION);
            for round in 0.. {
                let document = format!("{attacker} {round}");
                let request = client::push_position("203.0.113.1", "attacker", &document, &position);
                let answer = connection.send(&request).await;
                seen.borrow_mut().add(answer);
            }
        });
    }
    victims.start("pushes of another account", client::push("192.0.2.1", "victim", "book"));
    tokio::time::sleep(TIME).await;
    victims.finish().await;
    attackers.finish("pushes of the attacker").await;
    println!("\nThe data file grew by {:.1} MiB in {} s.", (size(data) - before) as f64 / 1048576.0, TIME.as_secs());
}

/// Returns the size of the data file in bytes.
fn size(data: &Path) -> u64 {
    fs::metadata(data.join("data.mdb")).unwrap().len()
}
