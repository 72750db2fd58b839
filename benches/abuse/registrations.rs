//! Many registrations from one address, while others log in and push after a restart.

use std::time::Duration;

use futures_util::future::join_all;

use crate::client::{self, KEY, Seen};
use crate::restart::{self, home, owner};
use crate::server::Server;

/// Registrations at a time, each followed by the next.
const AT_ONCE: usize = 300;
const PAUSE: Duration = Duration::from_millis(100);
const KNOWN_DEVICES: usize = 9;
const UNKNOWN_DEVICES: usize = 9;
const TIME: Duration = Duration::from_secs(5);

pub fn run() {
    restart::compare(KNOWN_DEVICES + UNKNOWN_DEVICES, measure);
}

fn registration(attacker: usize, round: usize) -> Vec<u8> {
    client::register("203.0.113.1", &format!("flood {attacker} {round}"))
}

async fn measure(server: &Server, is_attacked: bool) {
    let address = server.address;
    let attackers = restart::flood(server, if is_attacked { AT_ONCE } else { 0 }, PAUSE, registration);
    // The first registrations are there before the victims.
    tokio::time::sleep(PAUSE).await;
    let push = async |number| client::send(address, &client::push(&home(number), &owner(number), "book")).await;
    let login = async |number| {
        let request = client::login(&format!("198.51.{number}.1"), &owner(number), KEY);
        client::send(address, &request).await
    };
    let pushes = join_all((0..KNOWN_DEVICES).map(push));
    let logins = join_all((KNOWN_DEVICES..KNOWN_DEVICES + UNKNOWN_DEVICES).map(login));
    let (pushes, logins) = tokio::join!(pushes, logins);
    if is_attacked {
        tokio::time::sleep(TIME).await;
    }
    Seen::of(pushes).print("pushes of known devices");
    Seen::of(logins).print("logins of unknown devices");
    attackers.finish("registrations").await;
}
