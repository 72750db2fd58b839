//! Measures request latency while commands import, export, back up and check the data directory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::traffic::{Times, Traffic, percentile};

const DOCUMENTS_PER_ACCOUNT: u64 = 50_000;

/// Imports `positions` positions into a server under load, then exports, backs up and checks them.
pub fn measure(dir: &Path, positions: u64) {
    let file = dir.join("many.jsonl");
    write_export(&file, positions);
    let server = Server::start(dir);
    let traffic = Arc::new(Traffic::new(server.address));
    traffic.make_accounts();
    let load = {
        let traffic = traffic.clone();
        thread::spawn(move || {
            while traffic.is_running() {
                traffic.device();
            }
        })
    };
    println!(
        "| {positions} positions | s | PUT p50 | p99 | max ms | GET p50 | p99 | max ms | login p50 | p99 | max ms |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    thread::sleep(Duration::from_secs(5));
    print_row("idle", Duration::from_secs(5), traffic.take_times());
    let commands = server.commands();
    let (file, out) = (file.to_str().unwrap(), dir.join("out"));
    let out = out.to_str().unwrap();
    for command in [&["import", file][..], &["export", "--force", out], &["backup", "--force", out], &["check"]] {
        let start = Instant::now();
        commands.run_one(command);
        print_row(command[0], start.elapsed(), traffic.take_times());
    }
    traffic.stop();
    load.join().unwrap();
    println!("\nfailed: {:?}; the data file has {:.0} MiB", traffic.failures(), server.usage().store);
    server.stop();
}

fn print_row(command: &str, took: Duration, mut times: Times) {
    print!("| {command} | {:.1} |", took.as_secs_f64());
    for times in [&mut times.pushes, &mut times.pulls, &mut times.logins] {
        print!(" {:.2} | {:.1} | {:.1} |", percentile(times, 50), percentile(times, 99), percentile(times, 100));
    }
    println!();
}

fn write_export(file: &Path, positions: u64) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file).unwrap());
    let key = format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "A".repeat(43));
    writeln!(out, r#"{{"kosync_export":{{"format":1}}}}"#).unwrap();
    for position in 0..positions {
        let account = position / DOCUMENTS_PER_ACCOUNT;
        if position % DOCUMENTS_PER_ACCOUNT == 0 {
            writeln!(out, r#"{{"account":{{"name":"many {account}","key":"{key}","active":true}}}}"#).unwrap();
        }
        // In an order that is random for the B-tree.
        let id = position.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        writeln!(
            out,
            r#"{{"document":{{"account":"many {account}","document":"{id:016x}{position:016x}","history":[{{"progress":"/body/DocFragment[12]/body/p[34]/text().0","percentage":0.{:05},"device":"Kobo_nova","device_id":"0123456789ABCDEF","timestamp":{}}}]}}}}"#,
            position % 100_000,
            1_600_000_000 + position
        )
        .unwrap();
    }
    let accounts = positions.div_ceil(DOCUMENTS_PER_ACCOUNT);
    writeln!(out, r#"{{"end":{{"accounts":{accounts},"documents":{positions}}}}}"#).unwrap();
    out.into_inner().unwrap().sync_all().unwrap();
}
