//! Compares pushes that name eight identifiers with ordinary ones: the same documents and the same process, in turn.

use crate::client::{self, Kind, Load};
use crate::machine::Process;
use crate::population::Population;
use crate::{LOADS, ROUND};

const ROUNDS: usize = 7;

/// Prints the rate and the processor time of both, and the ratios. The round in which the aliases are made is printed apart.
pub fn compare(population: &Population) {
    let process = Process::kosync(population.path());
    population.log_in(&process);
    let measure = |kind, load| {
        let before = process.cpu_time();
        let measured = client::run(process.address(), population, kind, load, ROUND);
        (measured.rate, (process.cpu_time() - before).as_secs_f64() * 1e6 / measured.count as f64)
    };
    println!("| 8 identifiers | connections | with/s | without/s | ratio | CPU with µs | without µs | ratio |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let print = |what: &str, load: Load, mut pairs: Vec<[(f64, f64); 2]>| {
        pairs.sort_by(|[one, other], [third, fourth]| (one.0 / other.0).total_cmp(&(third.0 / fourth.0)));
        let [(rate, cost), (plain_rate, plain_cost)] = pairs[pairs.len() / 2];
        println!(
            "| {what} | {load} | {rate:.0} | {plain_rate:.0} | {:.2} | {cost:.1} | {plain_cost:.1} | {:.2} |",
            rate / plain_rate,
            cost / plain_cost
        );
    };
    let pair = |load| {
        let plain = measure(Kind::Put, load);
        [measure(Kind::PutIdentified, load), plain]
    };
    let first = Load::KeepAlive(32);
    print("with new aliases", first, vec![pair(first)]);
    // Until each document has its aliases.
    let mut pushes = 0;
    while pushes < 12 * population.positions() {
        pushes += client::run(process.address(), population, Kind::PutIdentified, Load::KeepAlive(256), ROUND).count;
    }
    for load in LOADS {
        print("none new", load, (0..ROUNDS).map(|_| pair(load)).collect());
    }
}
