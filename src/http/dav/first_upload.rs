//! Remembers who found no merged database, and so is about to create it.
//!
//! KOReader sends no condition with its first upload [W3]. Two devices that find no file within the same seconds would then replace each
//! other's: the first one's next sync would take what is missing for deleted, and delete it [W5]. With 412, the second one merges.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use salvo::Request;
use salvo::http::header::USER_AGENT;

use crate::model::{FilePath, UserId};

/// Most clients that are remembered, over all accounts. Those that found nothing longest ago go.
const MAX_CLIENTS: usize = 1_000;
/// Bytes of a `User-Agent` that tell clients apart.
const MAX_AGENT: usize = 200;

/// A client that found no file at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Client {
    user: UserId,
    path: FilePath,
    address: Option<IpAddr>,
    agent: Vec<u8>,
}

impl Client {
    /// Returns the client of a request for a merged database. `None` for other paths.
    pub(super) fn of(req: &Request, user: UserId, path: &FilePath, address: Option<IpAddr>) -> Option<Self> {
        path.is_merged_database().then(|| {
            let agent = req.headers().get(USER_AGENT).map_or(&[][..], |agent| agent.as_bytes());
            let agent = agent[..agent.len().min(MAX_AGENT)].to_vec();
            Self { user, path: path.clone(), address, agent }
        })
    }
}

/// Clients that found no file, the last one at the end. One that found none twice is there twice: two devices may look the same.
#[derive(Debug, Default)]
pub(super) struct FirstUploads(Mutex<VecDeque<Client>>);

impl FirstUploads {
    /// Notes that a client got 404.
    pub(super) fn expect(&self, client: Client) {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() == MAX_CLIENTS {
            clients.pop_front();
        }
        clients.push_back(client);
    }

    /// Returns whether a client that uploads got 404 before. Forgets that.
    pub(super) fn take(&self, client: &Client) -> bool {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = clients.iter().position(|other| other == client);
        found.and_then(|index| clients.remove(index)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        let path = FilePath::new("statistics.sqlite3").expect("a path");
        Client { user: UserId(1), path, address: address.parse().ok(), agent: b"KOReader".to_vec() }
    }

    #[test]
    fn each_missing_file_is_one_first_upload() {
        let uploads = FirstUploads::default();
        uploads.expect(client("192.0.2.1"));
        uploads.expect(client("192.0.2.1"));
        assert!(!uploads.take(&client("192.0.2.2")));
        assert!(uploads.take(&client("192.0.2.1")));
        assert!(uploads.take(&client("192.0.2.1")));
        assert!(!uploads.take(&client("192.0.2.1")));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let uploads = FirstUploads::default();
        uploads.expect(client("192.0.2.1"));
        for _ in 0..MAX_CLIENTS {
            uploads.expect(client("192.0.2.2"));
        }
        assert!(!uploads.take(&client("192.0.2.1")));
    }
}
