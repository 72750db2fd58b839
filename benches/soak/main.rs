//! Soak test: whether memory, open files, threads, the data file and latency stay stable under mixed traffic.
//!
//! Run by hand: `cargo bench --bench soak` takes an hour, `-- 20` takes 20 minutes, `-- 20 alone` runs no commands beside the
//! server. `-- maintenance 5000000` measures request latency while that many positions are imported, exported and backed up.
//!
//! It starts the release binary and sends mixed traffic over loopback: devices that push, pull and log in; connections that
//! stall, break off or send garbage; accounts that are created, used and deleted. The command line runs on the same data
//! directory, with backups and exports. A sample is taken every ten seconds. The result is stable if the last third of the time
//! is like the middle one.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the measurement")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the numbers are small")]
#![allow(unreachable_pub, reason = "a benchmark has no dependents")]

mod maintenance;
mod server;
mod traffic;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use server::Server;
use traffic::{Times, Traffic, percentile};

const SAMPLE_INTERVAL: Duration = Duration::from_secs(10);

/// The values of all columns at one time.
struct Sample {
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
    // On the disk of the build: /tmp is in memory on many machines.
    let dir = tempfile::tempdir_in(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).unwrap();
    if arguments.first().is_some_and(|first| first == "maintenance") {
        let positions =
            arguments.get(1).map_or(5_000_000, |positions| positions.parse().expect("a number of positions"));
        return maintenance::measure(dir.path(), positions);
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
                while traffic.is_running() {
                    work(&traffic)
                }
            })
        })
        .chain(arguments.get(1).is_none_or(|more| more != "alone").then(|| {
            let (traffic, commands) = (traffic.clone(), server.commands());
            thread::spawn(move || commands.run(|| traffic.is_running()))
        }))
        .collect();

    let start = Instant::now();
    let mut samples: Vec<Sample> = Vec::new();
    println!("second  {}", COLUMNS.map(|name| format!("{name:>11}")).join(" "));
    while start.elapsed() < Duration::from_secs(60 * minutes) {
        thread::sleep(SAMPLE_INTERVAL);
        let Times { mut pushes, mut pulls, .. } = traffic.take_times();
        let count = (pushes.len() + pulls.len()) as f64 / SAMPLE_INTERVAL.as_secs_f64();
        let usage = server.usage();
        let values = [
            usage.memory,
            usage.files,
            usage.threads,
            usage.store,
            count,
            percentile(&mut pushes, 50),
            percentile(&mut pushes, 99),
            percentile(&mut pulls, 50),
            percentile(&mut pulls, 99),
        ];
        let sample = Sample { second: start.elapsed().as_secs(), values };
        println!("{:>6}  {}", sample.second, sample.values.map(|value| format!("{value:>11.2}")).join(" "));
        samples.push(sample);
    }
    traffic.stop();
    for worker in workers {
        worker.join().unwrap();
    }
    println!("\nfailed: {:?}", traffic.failures());
    plot(&samples);
    server.stop();
}

/// Prints each column as a line of bars. Adds the ratio of the column's last third to its middle third.
fn plot(samples: &[Sample]) {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const WIDTH: usize = 60;
    println!();
    for (column, name) in COLUMNS.iter().enumerate() {
        let values: Vec<f64> = samples.iter().map(|sample| sample.values[column]).collect();
        let max = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let bars: String = values
            .chunks(values.len().div_ceil(WIDTH).max(1))
            .map(|chunk| mean(chunk) / max)
            .map(|part| BARS[((part * 7.99) as usize).min(7)])
            .collect();
        let third = values.len() / 3;
        // The median ignores samples taken while a login briefly holds Argon2's 19 MiB.
        let median = |values: &[f64]| percentile(&mut values.to_vec(), 50);
        let (middle, last) = (median(&values[third..2 * third]), median(&values[2 * third..]));
        println!("{name:>11}  {bars}  middle third {middle:.2}, last third {last:.2}, ratio {:.2}", last / middle);
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
