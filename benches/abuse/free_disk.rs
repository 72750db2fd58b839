//! Accounts that push large new documents to a small disk until little is free.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::client;
use crate::keep_alive::KeptAlive;
use crate::server::{self, Server};
use crate::victims::{Attackers, Victims};

const TIME: Duration = Duration::from_secs(10);
const DISK: &str = "size=96m";
/// Bytes that must stay free for new documents.
const FLOOR: &str = "33554432";
/// Accounts of the attack, each with some connections, and one push after another on each.
const ACCOUNTS: usize = 8;
const AT_ONCE: usize = 64;
const POSITION: usize = 8 << 10;

/// A file system in memory, until it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Result<Self, String> {
        let disk = server::directory();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(disk.path()).output();
        let mounted = mounted.map_err(|error| error.to_string())?;
        let error = String::from_utf8_lossy(&mounted.stderr).trim().to_owned();
        if mounted.status.success() { Ok(Self(disk)) } else { Err(error) }
    }

    fn free_mib(&self) -> f64 {
        let disk = rustix::fs::statvfs(self.0.path()).unwrap();
        (disk.f_bavail * disk.f_frsize) as f64 / 1048576.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

pub fn run() {
    for is_attacked in [false, true] {
        let disk = match SmallDisk::mount() {
            Ok(disk) => disk,
            Err(error) => {
                println!("Skipped: only root may mount a small file system: {error}\n");
                return;
            }
        };
        let data = disk.0.path().join("data");
        let server = start(&data);
        server.report(is_attacked, measure(&server, &disk, if is_attacked { AT_ONCE } else { 0 }));
        drop(server);
    }
}

fn start(data: &Path) -> Server {
    Server::with(data, &["--log-level", "error", "--min-free-disk", FLOOR])
}

async fn measure(server: &Server, disk: &SmallDisk, at_once: usize) {
    let address = server.address;
    for user in (0..ACCOUNTS).map(attacker).chain(["victim".to_owned()]) {
        assert_eq!(client::send(address, &client::register("192.0.2.1", &user)).await.0, 201);
        assert_eq!(client::send(address, &client::push("192.0.2.1", &user, "book")).await.0, 200);
    }
    let (mut attackers, mut victims) = (Attackers::default(), Victims::new(address));
    for number in 0..at_once {
        let seen = attackers.seen.clone();
        attackers.start(async move {
            let (mut connection, position) = (KeptAlive::new(address), "x".repeat(POSITION));
            for round in 0.. {
                let (user, document) = (attacker(number % ACCOUNTS), format!("{number} {round}"));
                let request = client::push_position("203.0.113.1", &user, &document, &position);
                let answer = connection.send(&request).await;
                seen.borrow_mut().add(answer);
            }
        });
    }
    victims.start("updates of another account", client::push("192.0.2.1", "victim", "book"));
    tokio::time::sleep(TIME).await;
    victims.finish().await;
    attackers.finish("pushes of new documents").await;
    println!("\nFree at the end: {:.1} MiB.", disk.free_mib());
}

fn attacker(number: usize) -> String {
    format!("attacker {number}")
}
