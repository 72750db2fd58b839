//! Clients that send requests while the server is attacked, and what they saw.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::client::{self, Seen};

/// Pause between an answer and the next request.
const PAUSE: Duration = Duration::from_millis(20);

pub struct Victims {
    address: SocketAddr,
    is_over: Rc<Cell<bool>>,
    clients: Vec<(&'static str, JoinHandle<Seen>)>,
}

impl Victims {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, is_over: Rc::default(), clients: Vec::new() }
    }

    /// Starts a client that sends a request again and again. Each request has a new connection from 127.0.0.1.
    pub fn start(&mut self, name: &'static str, request: Vec<u8>) {
        self.start_from(name, self.address.ip(), request);
    }

    /// Starts a client that connects from another address of this machine.
    pub fn start_from(&mut self, name: &'static str, source: IpAddr, request: Vec<u8>) {
        let (address, is_over) = (self.address, self.is_over.clone());
        let client = tokio::task::spawn_local(async move {
            let mut seen = Seen::default();
            while !is_over.get() {
                seen.add(client::send_from(source, address, &request).await);
                tokio::time::sleep(PAUSE).await;
            }
            seen
        });
        self.clients.push((name, client));
    }

    /// Ends the clients, after their answers, and prints what they saw.
    pub async fn finish(self) {
        self.is_over.set(true);
        for (name, client) in self.clients {
            client.await.unwrap().print(name);
        }
    }
}

/// Clients of the attack, and what all of them saw.
#[derive(Default)]
pub struct Attackers {
    pub seen: Rc<RefCell<Seen>>,
    tasks: tokio::task::JoinSet<()>,
}

impl Attackers {
    pub fn start(&mut self, client: impl Future<Output = ()> + 'static) {
        self.tasks.spawn_local(client);
    }

    /// Aborts the clients and prints what they saw, if there were some.
    pub async fn finish(mut self, name: &str) {
        if self.tasks.is_empty() {
            return;
        }
        self.tasks.shutdown().await;
        self.seen.borrow_mut().print(name);
    }
}
