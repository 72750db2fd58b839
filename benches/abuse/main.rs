//! Attacks on a running server, and what others see of them.
//!
//! Run by hand: `cargo bench --bench abuse`, or with the attacks' names: `-- cold_start lock_out`. `KOSYNC_BINARY` names another
//! binary to attack, such as one of an older version.
//!
//! It starts the release binary behind a pretended proxy, so that each client can have an address of its own, and sends requests over
//! loopback. Each attack prints what its victims saw with and without it, and the most anonymous memory that the server had.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the measurement")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the numbers are small")]
#![allow(unreachable_pub, reason = "a benchmark has no dependents")]

mod answers;
mod client;
mod cold_start;
mod connections;
mod fill;
mod free_disk;
mod keep_alive;
mod lock_out;
mod log;
mod mqtt;
mod registrations;
mod restart;
mod server;
mod uploads;
mod victims;

/// Each attack with its name. Another one is a module with such a function.
const ATTACKS: [(&str, fn()); 10] = [
    ("answers", answers::run),
    ("connections", connections::run),
    ("cold_start", cold_start::run),
    ("registrations", registrations::run),
    ("lock_out", lock_out::run),
    ("fill", fill::run),
    ("free_disk", free_disk::run),
    ("log", log::run),
    ("mqtt", mqtt::run),
    ("uploads", uploads::run),
];

fn main() {
    let names: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    server::raise_file_limit();
    for (name, run) in ATTACKS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            println!("\n## {name}\n");
            run();
        }
    }
}
