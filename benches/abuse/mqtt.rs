//! Anonymous registrations where the server publishes to an MQTT broker: each device is five entities in Home Assistant.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client;
use crate::server::{self, Server};
use crate::victims::{Attackers, Victims};

const REGISTRATIONS: usize = 155;
/// Registrations of each address: fewer than it may make.
const PER_ADDRESS: usize = 20;
/// The longest that the registrations may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the topics are waited for: the server looks for new accounts every 5 s.
const TIME: Duration = Duration::from_secs(8);
/// How long the broker may take to start.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Seconds in which all retained topics arrive.
const LISTEN_SECONDS: &str = "2";

pub fn run() {
    for is_attacked in [false, true] {
        let dir = server::directory();
        let Some(broker) = Broker::start(dir.path()) else {
            println!("Skipped: mosquitto and mosquitto_sub, a broker and its client, are not installed.\n");
            return;
        };
        let config = dir.path().join("kosync.json");
        let mqtt = format!(r#"{{"mqtt":{{"host":"127.0.0.1","port":{}}}}}"#, broker.port);
        std::fs::write(&config, mqtt).unwrap();
        let server = Server::with(&dir.path().join("data"), &["--config", config.to_str().unwrap()]);
        server.report(is_attacked, measure(&server, &broker, if is_attacked { REGISTRATIONS } else { 0 }));
    }
}

async fn measure(server: &Server, broker: &Broker, registrations: usize) {
    let address = server.address;
    assert_eq!(client::send(address, &client::register("192.0.2.1", "victim")).await.0, 201);
    assert_eq!(client::send(address, &client::push("192.0.2.1", "victim", "book")).await.0, 200);
    let before = broker.wait_for_topics();
    let (mut attackers, mut victims) = (Attackers::default(), Victims::new(address));
    let seen = attackers.seen.clone();
    if registrations > 0 {
        attackers.start(async move {
            for number in 0..registrations {
                let from = format!("203.0.113.{}", number / PER_ADDRESS);
                let answer = client::send(address, &client::register(&from, &format!("nobody {number}"))).await;
                seen.borrow_mut().add(answer);
            }
        });
    }
    victims.start("pushes of another account", client::push("192.0.2.1", "victim", "book"));
    let start = Instant::now();
    while attackers.seen.borrow().len() < registrations && start.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(TIME).await;
    victims.finish().await;
    attackers.finish("registrations").await;
    println!("\nRetained topics: {before} before, {} after.", broker.topics());
}

/// A mosquitto on loopback.
struct Broker {
    child: Child,
    port: u16,
}

impl Broker {
    /// Starts one; `None` if it is not installed.
    fn start(dir: &Path) -> Option<Self> {
        Command::new("mosquitto_sub").arg("--help").stdout(Stdio::null()).status().ok()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let file = dir.join("mosquitto.conf");
        // Started as root, it would switch to a user that cannot read the directory.
        std::fs::write(&file, format!("user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n")).unwrap();
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let broker = Self { child: command.spawn().ok()?, port };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(start.elapsed() < TIMEOUT, "mosquitto does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(broker)
    }

    /// Counts the retained topics, once there are some.
    fn wait_for_topics(&self) -> usize {
        let start = Instant::now();
        loop {
            let topics = self.topics();
            if topics > 1 || start.elapsed() > TIMEOUT {
                return topics;
            }
        }
    }

    fn topics(&self) -> usize {
        let port = self.port.to_string();
        let mut command = Command::new("mosquitto_sub");
        command.args(["-p", &port, "-t", "#", "--retained-only", "-F", "%t", "-W", LISTEN_SECONDS]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let count = BufReader::new(child.stdout.take().unwrap()).lines().count();
        // It ends with an error when the time is over.
        child.wait().unwrap();
        count
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
