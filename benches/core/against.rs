//! Compares this build with another binary of the server: the same data, the same requests, in turn.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::client::{self, Kind};
use crate::machine::Process;
use crate::population::Population;
use crate::{LOADS, ROUND};

/// Rounds of each pair. The order within a round alternates.
const ROUNDS: usize = 7;

/// What one round measured.
#[derive(Clone, Copy)]
struct Round {
    /// Requests per second.
    rate: f64,
    /// Processor time per request, in microseconds.
    cost: f64,
}

/// Prints the medians of both builds for each kind of load. Adds the ratios of this build to the other, with their
/// spread.
pub fn compare(dir: &Path, population: &Population, other: &Path) {
    let dir = tempfile::tempdir_in(dir).unwrap();
    let export = dir.path().join("population.jsonl");
    let this = Path::new(env!("CARGO_BIN_EXE_kosync"));
    run(this, &["export", export.to_str().unwrap(), "--data-dir", population.path().to_str().unwrap()]);
    let lines = std::fs::read_to_string(&export).unwrap();
    let mut lines: Vec<_> = lines.lines().filter(|line| !line.starts_with(r#"{"document""#)).collect();
    let end = format!(r#"{{"end":{{"accounts":{},"documents":0}}}}"#, lines.len() - 2);
    *lines.last_mut().unwrap() = &end;
    std::fs::write(&export, lines.join("\n") + "\n").unwrap();
    // Each binary makes its own data, since an older one refuses a newer format; and by pushes, as devices fill it.
    let [mine, theirs] = [(this, "this"), (other, "other")].map(|(binary, name)| {
        let data = dir.path().join(name);
        run(binary, &["import", export.to_str().unwrap(), "--data-dir", data.to_str().unwrap()]);
        let process = Process::of_binary(binary, &data);
        population.log_in(&process);
        population.push_all(&process);
        (process, data)
    });
    let size = |data: &Path| data.join("data.mdb").metadata().unwrap().len() as f64 / population.positions() as f64;
    let (size, other_size) = (size(&mine.1), size(&theirs.1));
    println!("{} positions; other: {}\n", population.positions(), other.display());
    println!("Bytes per position: {size:.0}; the other: {other_size:.0}; ratio {:.2}\n", size / other_size);
    println!(
        "| request | connections | this/s | other/s | ratio | lowest to highest | CPU this µs | other µs | ratio |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for kind in [Kind::Get, Kind::Put] {
        for load in LOADS {
            let measure = |process: &Process| {
                let before = process.cpu_time();
                let measured = client::run(process.address(), population, kind, load, ROUND);
                let cost = (process.cpu_time() - before).as_secs_f64() * 1e6 / measured.count as f64;
                Round { rate: measured.rate, cost }
            };
            let pairs: Vec<(Round, Round)> = (0..ROUNDS)
                .map(|round| {
                    if round % 2 == 0 {
                        let mine = measure(&mine.0);
                        (mine, measure(&theirs.0))
                    } else {
                        let theirs = measure(&theirs.0);
                        (measure(&mine.0), theirs)
                    }
                })
                .collect();
            let sorted = |value: fn(&(Round, Round)) -> f64| {
                let mut values: Vec<f64> = pairs.iter().map(value).collect();
                values.sort_by(f64::total_cmp);
                values
            };
            let median = |value| sorted(value)[ROUNDS / 2];
            let ratios = sorted(|(mine, theirs)| mine.rate / theirs.rate);
            println!(
                "| {kind} | {load} | {:.0} | {:.0} | {:.2} | {:.2} to {:.2} | {:.1} | {:.1} | {:.2} |",
                median(|(mine, _)| mine.rate),
                median(|(_, theirs)| theirs.rate),
                ratios[ROUNDS / 2],
                ratios[0],
                ratios[ROUNDS - 1],
                median(|(mine, _)| mine.cost),
                median(|(_, theirs)| theirs.cost),
                median(|(mine, theirs)| mine.cost / theirs.cost),
            );
        }
    }
}

fn run(binary: &Path, arguments: &[&str]) {
    let status = Command::new(binary).args(arguments).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{} {arguments:?}: {status}", binary.display());
}
