//! Measures throughput, latency, memory and start-up time.
//!
//! Run by hand: `cargo bench --bench core`, or with fewer positions: `-- 10000 1000000`. With `-- --against PATH`, it compares this build
//! with another binary of kosync, request by request, and with fewer positions: `-- --against PATH 10000`. With `-- --identifiers`, it
//! compares pushes that name eight identifiers with ordinary ones.
//!
//! It starts the release binary and sends requests over loopback. The same run measures the upper bounds with the same client: a
//! bare Salvo route in its own process, which reads the same request and returns the same bytes; and the disk's rate of synced
//! writes. The ratios are what matters. Each pair is measured in several rounds, kosync and the bare route in turn, and the median
//! is printed.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the measurement")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers are small")]
#![allow(unreachable_pub, reason = "a benchmark has no dependents")]

mod against;
mod bare;
mod client;
mod handshakes;
mod identified;
mod machine;
mod population;

use std::path::{Path, PathBuf};
use std::time::Duration;

use client::{Kind, Load, Measurement};
use machine::{Process, commit_rate, disk_rate};
use population::{Population, one_commit_per_push};

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(2);
/// Kept-alive connections, and KOReader's way: a new connection for each request, 32 at a time.
const LOADS: [Load; 5] =
    [Load::KeepAlive(1), Load::KeepAlive(2), Load::KeepAlive(32), Load::KeepAlive(256), Load::PerRequest(32)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == "bare") {
        return bare::serve();
    }
    if let [first, sizes @ ..] = arguments.as_slice()
        && first == "--identifiers"
    {
        let dir = tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).unwrap();
        let size = sizes.first().map_or(10_000, |size| size.parse().expect("a number of positions"));
        return identified::compare(&Population::load(dir.path(), size));
    }
    let (other, sizes) = match arguments.as_slice() {
        [first, other, sizes @ ..] if first == "--against" => (Some(PathBuf::from(other)), sizes),
        sizes => (None, sizes),
    };
    let sizes: Vec<usize> = sizes.iter().map(|size| size.parse().expect("a number of positions")).collect();
    // On the disk of the build: /tmp is in memory on many machines.
    let dir = tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).unwrap();
    println!("{}\n", machine::describe());

    if let Some(other) = other {
        let sizes = if sizes.is_empty() { vec![10_000] } else { sizes };
        for size in sizes {
            against::compare(dir.path(), &Population::load(dir.path(), size), &other);
        }
        return;
    }
    let sizes = if sizes.is_empty() { vec![10_000, 1_000_000, 10_000_000] } else { sizes };
    let small = Population::load(dir.path(), sizes[0]);
    let (disk, commits) = (disk_rate(dir.path()), commit_rate(dir.path()));
    let single = one_commit_per_push(dir.path());
    routes(&small, disk, commits, single);
    dashboard(&small);
    handshakes::measure(dir.path());
    memory_and_start(&small);
    let first = stored(&small, None);
    for size in &sizes[1..] {
        stored(&Population::load(dir.path(), *size), Some(first));
    }
}

/// Compares kosync with the bare route, for each kind of load.
fn routes(population: &Population, disk: f64, commits: f64, single: f64) {
    let ours = Process::kosync(population.path());
    let bare = Process::bare();
    population.log_in(&ours);
    println!("| request | connections | kosync/s | p50 µs | p99 µs | bare/s | p50 µs | p99 µs | ratio |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut put_at = Vec::new();
    for kind in [Kind::Get, Kind::Put] {
        for load in LOADS {
            let mut pairs: Vec<(Measurement, Measurement)> = (0..ROUNDS)
                .map(|_| {
                    let mine = client::run(ours.address(), population, kind, load, ROUND);
                    (mine, client::run(bare.address(), population, kind, load, ROUND))
                })
                .collect();
            pairs.sort_by(|one, other| (one.0.rate / one.1.rate).total_cmp(&(other.0.rate / other.1.rate)));
            let (mine, theirs) = &pairs[ROUNDS / 2];
            println!(
                "| {kind} | {load} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.2} |",
                mine.rate,
                mine.p50,
                mine.p99,
                theirs.rate,
                theirs.p50,
                theirs.p99,
                mine.rate / theirs.rate
            );
            if kind == Kind::Put {
                put_at.push((load, mine.rate));
            }
        }
    }
    let put = |load| put_at.iter().find(|(at, _)| *at == load).unwrap().1;
    println!("\n| durable writes | per second | ratio |\n| --- | ---: | ---: |");
    println!("| the disk: 4 KiB anywhere, fdatasync | {disk:.0} | |");
    println!("| the disk: the writes of one push, in two steps | {commits:.0} | {:.2} of the disk |", commits / disk);
    let one = put(Load::KeepAlive(1));
    println!("| PUT, 1 connection | {one:.0} | {:.2} of the disk, {:.2} of its writes |", one / disk, one / commits);
    println!("| one commit per push, without HTTP | {single:.0} | |");
    let many = put(Load::KeepAlive(256));
    println!("| PUT, 256 connections | {many:.0} | {:.1} times one commit per push |", many / single);

    let cost = |process: &Process| {
        let before = process.cpu_time();
        let measured = client::run(process.address(), population, Kind::Get, Load::KeepAlive(32), 2 * ROUND);
        (process.cpu_time() - before).as_secs_f64() * 1e6 / measured.count as f64
    };
    println!(
        "\nProcessor time per GET at 32 connections: {:.1} µs; the bare route: {:.1} µs.",
        cost(&ours),
        cost(&bare)
    );
}

/// Measures what the dashboard costs requests of the protocol: the server with and without it, in turn.
fn dashboard(population: &Population) {
    const PAIRS: usize = 7;
    // A data directory can have only one server.
    let copy = tempfile::tempdir_in(population.path()).unwrap();
    std::fs::copy(population.path().join("data.mdb"), copy.path().join("data.mdb")).unwrap();
    let with = Process::kosync(population.path());
    let without = Process::without_dashboard(copy.path());
    println!("\n| 32 connections | with the dashboard/s | without/s | ratio |\n| --- | ---: | ---: | ---: |");
    for kind in [Kind::Get, Kind::Put] {
        let rate =
            |process: &Process| client::run(process.address(), population, kind, Load::KeepAlive(32), ROUND).rate;
        population.log_in(&with);
        population.log_in(&without);
        let mut pairs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (rate(&with), rate(&without))).collect();
        pairs.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
        let (mine, theirs) = pairs[PAIRS / 2];
        println!("| {kind} | {mine:.0} | {theirs:.0} | {:.2} |", mine / theirs);
    }
}

fn memory_and_start(population: &Population) {
    let (starts, first_starts): (Vec<f64>, Vec<f64>) = (0..5)
        .map(|_| {
            let again = Process::kosync(population.path());
            let fresh = tempfile::tempdir_in(population.path()).unwrap();
            let first = Process::kosync(fresh.path());
            (again.ready_after.as_secs_f64() * 1e3, first.ready_after.as_secs_f64() * 1e3)
        })
        .unzip();
    let ours = Process::kosync(population.path());
    let (idle, idle_anonymous) = ours.memory();
    population.log_in(&ours);
    let mut requests = 0;
    while requests < 1_000_000 {
        requests += client::run(ours.address(), population, Kind::Get, Load::KeepAlive(256), ROUND).count;
    }
    let (gets, gets_anonymous) = ours.memory();
    let mut requests = 0;
    while requests < 200_000 {
        requests += client::run(ours.address(), population, Kind::Put, Load::KeepAlive(256), ROUND).count;
    }
    let (puts, puts_anonymous) = ours.memory();
    println!("\n| | resident MiB | anonymous MiB |\n| --- | ---: | ---: |");
    println!("| idle | {idle:.1} | {idle_anonymous:.1} |");
    println!("| after a million GET at 256 connections | {gets:.1} | {gets_anonymous:.1} |");
    println!("| and 200,000 PUT | {puts:.1} | {puts_anonymous:.1} |");
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    println!(
        "\nStart to first answer: {:.0} ms; the very first start, which makes a password: {:.0} ms.",
        median(starts),
        median(first_starts)
    );
    println!(
        "\n| positions | accounts | GET/s at 32 | ratio | PUT/s at 32 | ratio | after `cat` | ratio | bytes per position |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
}

/// Measures throughput with that many positions, relative to the first population.
fn stored(population: &Population, first: Option<(f64, f64)>) -> (f64, f64) {
    let ours = Process::kosync(population.path());
    let size = population.bytes_per_position();
    population.log_in(&ours);
    let rate = |process: &Process, kind| {
        let mut rates: Vec<f64> = (0..ROUNDS)
            .map(|_| client::run(process.address(), population, kind, Load::KeepAlive(32), 2 * ROUND).rate)
            .collect();
        rates.sort_by(f64::total_cmp);
        rates[ROUNDS / 2]
    };
    let (get, put) = (rate(&ours, Kind::Get), rate(&ours, Kind::Put));
    // As after a start of the machine and a backup by another program: pages that a process has mapped cannot be dropped.
    drop(ours);
    machine::read_from_disk(&population.path().join("data.mdb"));
    let ours = Process::kosync(population.path());
    population.log_in(&ours);
    let after = rate(&ours, Kind::Put);
    let (first_get, first_put) = first.unwrap_or((get, put));
    println!(
        "| {} | {} | {get:.0} | {:.2} | {put:.0} | {:.2} | {after:.0} | {:.2} | {size:.0} |",
        population.positions(),
        population.accounts(),
        get / first_get,
        put / first_put,
        after / first_put
    );
    (get, put)
}
