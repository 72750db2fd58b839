//! Guesses from changing addresses at ten accounts, whose owners log in after a restart.

use std::time::Duration;

use crate::client::{self, Seen};
use crate::restart::{self, home, owner};
use crate::server::Server;

const OWNERS: usize = 10;
/// Guesses at a time, each followed by the next.
const AT_ONCE: usize = 40;
const PAUSE: Duration = Duration::from_millis(5);
/// How long the attack goes on before the owners log in: it empties the buckets of all accounts.
const AHEAD: Duration = Duration::from_secs(15);

pub fn run() {
    restart::compare(OWNERS, measure);
}

fn guess(attacker: usize, round: usize) -> Vec<u8> {
    let from = format!("203.{}.{}.{}", attacker, round / 250 % 250, round % 250);
    client::login(&from, &owner((attacker + round) % OWNERS), &format!("{attacker} {round}"))
}

async fn measure(server: &Server, is_attacked: bool) {
    let attackers = restart::flood(server, if is_attacked { AT_ONCE } else { 0 }, PAUSE, guess);
    if is_attacked {
        tokio::time::sleep(AHEAD).await;
    }
    let mut owners = Seen::default();
    for number in 0..OWNERS {
        owners.add(client::send(server.address, &client::push(&home(number), &owner(number), "book")).await);
    }
    owners.print("owners, from home");
    attackers.finish("guesses").await;
}
