//! Does it stay as it is? Run by hand: `cargo bench --bench soak`, an hour, or with fewer minutes: `-- 20`. With
//! `-- 20 alone` the command line stays away. With `-- beside 5000000` it measures how long a device waits while so many positions are imported, exported and backed up.
//!
//! It starts the release binary and lets it live through mixed traffic on loopback: devices that push, pull and log in; connections
//! that stall, break off, and send garbage; accounts that are made, used and deleted; the command line beside it, with backups and
//! exports. Every ten seconds it looks at the process's own memory, its open files, its threads, its data file, and at how long
//! requests took. What counts is whether the last third of the time is like the middle one.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the numbers are small")]
#![allow(unreachable_pub, reason = "a benchmark is reached by nobody")]

mod beside;
mod server;
mod traffic;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use server::Server;
use traffic::{Times, Traffic, percentile};

const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What is seen at one look.
struct Look {
    second: u64,
    values: [f64; COLUMNS.len()],
}

const COLUMNS: [&str; 9] = [
    "memory MiB",
    "files",
    "threads",
    "store MiB",
    "requests/s",
    "push p50 ms",
    "push p99 ms",
    "pull p50 ms",
    "pull p99 ms",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // On the disk that the build is on: /tmp is memory on many machines.
    let dir = tempfile::tempdir_in(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).unwrap();
    if arguments.first().is_some_and(|first| first == "beside") {
        let positions =
            arguments.get(1).map_or(5_000_000, |positions| positions.parse().expect("a number of positions"));
        return beside::measure(dir.path(), positions);
    }
    let minutes: u64 = arguments.first().map_or(60, |minutes| minutes.parse().expect("a number of minutes"));
    let server = Server::start(dir.path());
    let traffic = Arc::new(Traffic::new(server.address));
    traffic.make_accounts();
    let workers: Vec<_> = traffic::WORKERS
        .iter()
        .map(|work| {
            let traffic = traffic.clone();
            thread::spawn(move || {
                while traffic.goes_on() {
                    work(&traffic)
                }
            })
        })
        .chain(arguments.get(1).is_none_or(|more| more != "alone").then(|| {
            let (traffic, commands) = (traffic.clone(), server.commands());
            thread::spawn(move || commands.run(|| traffic.goes_on()))
        }))
        .collect();

    let start = Instant::now();
    let mut looks: Vec<Look> = Vec::new();
    println!("second  {}", COLUMNS.map(|name| format!("{name:>11}")).join(" "));
    while start.elapsed() < Duration::from_secs(60 * minutes) {
        thread::sleep(LOOK_EVERY);
        let Times { mut pushes, mut pulls, .. } = traffic.take_times();
        let count = (pushes.len() + pulls.len()) as f64 / LOOK_EVERY.as_secs_f64();
        let seen = server.look();
        let values = [
            seen.memory,
            seen.files,
            seen.threads,
            seen.store,
            count,
            percentile(&mut pushes, 50),
            percentile(&mut pushes, 99),
            percentile(&mut pulls, 50),
            percentile(&mut pulls, 99),
        ];
        let look = Look { second: start.elapsed().as_secs(), values };
        println!("{:>6}  {}", look.second, look.values.map(|value| format!("{value:>11.2}")).join(" "));
        looks.push(look);
    }
    traffic.stop();
    for worker in workers {
        worker.join().unwrap();
    }
    println!("\nfailed: {:?}", traffic.failures());
    plots(&looks);
    server.stop();
}

/// Each column as a line of bars, and how its last third is beside its middle one.
fn plots(looks: &[Look]) {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const WIDTH: usize = 60;
    println!();
    for (column, name) in COLUMNS.iter().enumerate() {
        let values: Vec<f64> = looks.iter().map(|look| look.values[column]).collect();
        let most = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let bars: String = values
            .chunks(values.len().div_ceil(WIDTH).max(1))
            .map(|chunk| mean(chunk) / most)
            .map(|part| BARS[((part * 7.99) as usize).min(7)])
            .collect();
        let third = values.len() / 3;
        // The median: Argon2's 19 MiB, which a login has for a moment, would else count where a look happens to fall on one.
        let median = |values: &[f64]| percentile(&mut values.to_vec(), 50);
        let (middle, last) = (median(&values[third..2 * third]), median(&values[2 * third..]));
        println!("{name:>11}  {bars}  middle third {middle:.2}, last third {last:.2}, ratio {:.2}", last / middle);
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
