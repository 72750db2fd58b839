//! Stores the networks of an account's logins, which guesses from elsewhere cannot lock out.
//!
//! A network is stored as a keyed hash, so that the data directory does not list where readers have been.

use blake2::Blake2bMac;
use blake2::digest::{KeyInit, Mac as _, consts::U32};
use heed::RoTxn;

use super::env::unexpected;
use super::handle::Store;
use super::keyspace::HashKey;
use super::records::NetworkRecord;
use super::tables::{META_NETWORK_KEY, Tables};
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Network, User, UserId};

/// How long a network is known after its last login, in seconds: 90 days.
const KNOWN_FOR: u64 = 90 * DAY;
/// Networks of one account. One more replaces the one that was unused for longest.
const MAX_NETWORKS: usize = 8;
/// Seconds of a day. A login is noted once a day and network.
const DAY: u64 = 24 * 60 * 60;

/// What the store knows about a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KnownNetwork {
    /// No login of the account has worked from there in the last 90 days.
    Unknown,
    /// A login worked, but none has been noted today.
    Before,
    /// A login worked today.
    Today,
}

impl KnownNetwork {
    fn new(last_used: Option<u64>, now: u64) -> Self {
        match last_used {
            Some(last) if last / DAY == now / DAY => Self::Today,
            Some(last) if now.saturating_sub(last) < KNOWN_FOR => Self::Before,
            _ => Self::Unknown,
        }
    }
}

impl Store {
    /// Returns whether logins of the account have worked from a network.
    pub(crate) fn known_network(&self, user: UserId, network: Network) -> Result<KnownNetwork> {
        let now = self.now();
        self.read(|txn, tables| {
            let Some(secret) = network_key(txn, tables)? else { return Ok(KnownNetwork::Unknown) };
            let record = tables.networks.get(txn, &row_key(&secret, user, network))?;
            Ok(KnownNetwork::new(record.map(|record| record.last_used), now))
        })
    }

    /// Notes that a login of the account worked from a network. Does not wait until that is on disk.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy) if the write queue is full, [`Error::StoreClosed`](crate::Error::StoreClosed) once the store
    /// has stopped.
    pub(crate) fn note_network(&self, user: &User, network: Network) -> Result<()> {
        let user = user.clone();
        self.inner.writer.submit(move |write| write.note_network(&user, network))
    }
}

impl WriteTxn<'_, '_> {
    pub(super) fn note_network(&mut self, user: &User, network: Network) -> Result<()> {
        // Of an account that was deleted since, nothing would ever remove the row.
        let record = self.tables.users.get(self.txn, user.name.as_str())?;
        if record.is_none_or(|record| record.id != user.id) {
            return Ok(());
        }
        let secret = match network_key(self.txn, &self.tables)? {
            Some(secret) => secret,
            None => self.create_network_key()?,
        };
        let key = row_key(&secret, user.id, network);
        let last_used = self.tables.networks.get(self.txn, &key)?.map(|record| record.last_used);
        if KnownNetwork::new(last_used, self.now) == KnownNetwork::Today {
            return Ok(());
        }
        let mut others = self.networks_of(user.id)?;
        others.retain(|(other, _)| other.hash != key.hash);
        others.sort_by_key(|(_, record)| record.last_used);
        let surplus = (others.len() + 1).saturating_sub(MAX_NETWORKS);
        for (index, (other, record)) in others.iter().enumerate() {
            if index < surplus || KnownNetwork::new(Some(record.last_used), self.now) == KnownNetwork::Unknown {
                self.tables.networks.delete(self.txn, other)?;
            }
        }
        Ok(self.tables.networks.put(self.txn, &key, &NetworkRecord { last_used: self.now })?)
    }

    /// Forgets all networks of an account.
    pub(super) fn forget_networks(&mut self, user: UserId) -> Result<()> {
        for (key, _) in self.networks_of(user)? {
            self.tables.networks.delete(self.txn, &key)?;
        }
        Ok(())
    }

    fn networks_of(&self, user: UserId) -> Result<Vec<(HashKey, NetworkRecord)>> {
        let range = HashKey::range_of(user);
        Ok(self.tables.networks.range(self.txn, &range)?.collect::<heed::Result<_>>()?)
    }

    fn create_network_key(&mut self) -> Result<[u8; 16]> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(unexpected)?;
        for (name, half) in META_NETWORK_KEY.into_iter().zip(secret.as_chunks::<8>().0) {
            self.tables.meta.put(self.txn, name, &u64::from_be_bytes(*half))?;
        }
        Ok(secret)
    }
}

/// Returns the store's secret under which networks are hashed, if there is one yet.
fn network_key(txn: &RoTxn<'_>, tables: &Tables) -> heed::Result<Option<[u8; 16]>> {
    let mut secret = [0; 16];
    for (name, half) in META_NETWORK_KEY.into_iter().zip(secret.as_chunks_mut::<8>().0) {
        let Some(number) = tables.meta.get(txn, name)? else { return Ok(None) };
        *half = number.to_be_bytes();
    }
    Ok(Some(secret))
}

fn row_key(secret: &[u8; 16], user: UserId, network: Network) -> HashKey {
    #[allow(clippy::expect_used)]
    let mac = <Blake2bMac<U32> as KeyInit>::new_from_slice(secret).expect("BLAKE2b takes keys of 16 bytes");
    let mac = mac.chain_update(user.0.to_be_bytes()).chain_update(network.as_bytes());
    HashKey { user, hash: mac.finalize().into_bytes().into() }
}
