//! Failed logins from one address, as fast as possible, to fill the log.

use std::time::Duration;

use crate::client;
use crate::keep_alive::KeptAlive;
use crate::server::{self, Server};
use crate::victims::{Attackers, Victims};

const TIME: Duration = Duration::from_secs(10);
/// Connections, each with one login after another.
const AT_ONCE: usize = 64;
const ADDRESS: &str = "203.0.113.1";

pub fn run() {
    for is_attacked in [false, true] {
        let dir = server::directory();
        let server = Server::with(dir.path(), &[]);
        server.report(is_attacked, measure(&server, if is_attacked { AT_ONCE } else { 0 }));
    }
}

async fn measure(server: &Server, at_once: usize) {
    let address = server.address;
    assert_eq!(client::send(address, &client::register("192.0.2.1", "victim")).await.0, 201);
    assert_eq!(client::send(address, &client::push("192.0.2.1", "victim", "book")).await.0, 200);
    let before = server.logged();
    let (mut attackers, mut victims) = (Attackers::default(), Victims::new(address));
    for attacker in 0..at_once {
        let seen = attackers.seen.clone();
        attackers.start(async move {
            let mut connection = KeptAlive::new(address);
            for round in 0.. {
                // Alternates between an account that exists and long names that do not.
                let unknown = format!("{attacker} {round} {}", "x".repeat(200));
                let user = if round % 2 == 0 { "victim" } else { &unknown };
                let answer = connection.send(&client::login(ADDRESS, user, "wrong")).await;
                seen.borrow_mut().add(answer);
            }
        });
    }
    victims.start("pushes of another account", client::push("192.0.2.1", "victim", "book"));
    tokio::time::sleep(TIME).await;
    let logged = server.logged() - before;
    victims.finish().await;
    attackers.finish("failed logins").await;
    println!("\nLogged: {:.0} bytes a second.", logged as f64 / TIME.as_secs_f64());
}
