//! The table of open connections: whose they are, how long each has waited for its peer, and which one to close for a new one.
//!
//! The table does no I/O. A request changes one atomic of its own connection and takes no lock.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::client_address::ClientAddress;
use super::file_limit;
use crate::log_throttle::{LOG_PERIOD, LogThrottle};

/// Connections that one scan of a full table selects to be closed.
const CANDIDATES: usize = 64;

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConnectionLimits {
    /// Connections in all.
    pub(crate) max: usize,
    /// Connections of one public IPv4 address or IPv6 /64. A private one may hold half of all.
    pub(crate) max_per_address: usize,
}

impl ConnectionLimits {
    fn share(self, address: ClientAddress) -> usize {
        if address.is_private() { (self.max / 2).max(1) } else { self.max_per_address }
    }
}

/// All connections of a [`Server`](crate::Server), over all its listeners.
pub(crate) struct Connections {
    configured: ConnectionLimits,
    /// The limits that the limit of open files allows; set by the first listener.
    limits: OnceLock<ConnectionLimits>,
    /// Times in [`Connection::state`] count from here.
    epoch: Instant,
    table: Mutex<Table>,
    /// Whether a new connection waits because no other one waits for its peer.
    is_awaited: AtomicBool,
    /// Notified when a connection ends or, while awaited, begins to wait for its peer.
    freed: Notify,
    full_log: LogThrottle<()>,
    share_log: LogThrottle<ClientAddress>,
}

#[derive(Default)]
struct Table {
    next_id: u64,
    by_id: HashMap<u64, Entry>,
    /// Number of connections of each address.
    held: HashMap<ClientAddress, usize>,
    /// The connections that had waited longest at the last scan, longest first. A connection that does
    /// something else in between gets a later time, so those whose time is unchanged still have waited longest.
    candidates: VecDeque<(u64, u64)>,
    /// Connections that were closed for others and still have their file descriptor.
    closing: usize,
}

struct Entry {
    address: ClientAddress,
    connection: Arc<Connection>,
}

/// What became of a new connection.
pub(super) enum Admission {
    Admitted(Held),
    /// Its address holds its share.
    OverShare,
    /// No connection waits for its peer.
    Busy,
}

impl Connections {
    pub(crate) fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self {
            configured: limits,
            limits: OnceLock::new(),
            epoch: Instant::now(),
            table: Mutex::default(),
            is_awaited: AtomicBool::new(false),
            freed: Notify::new(),
            full_log: LogThrottle::new(LOG_PERIOD),
            share_log: LogThrottle::new(LOG_PERIOD),
        })
    }

    /// Returns how many connections are open, and how many may be.
    pub(crate) fn count(&self) -> (usize, usize) {
        (self.table().by_id.len(), self.limits().max)
    }

    /// Returns the limits, which the first call lowers to what the process may open.
    pub(super) fn limits(&self) -> ConnectionLimits {
        *self.limits.get_or_init(|| {
            let max = file_limit::max_connections(self.configured.max);
            ConnectionLimits { max, ..self.configured }
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection, if need be in place of the one idle longest.
    ///
    /// Returns `None` if its address holds its share. Waits while no connection waits for its peer. `has_share` is false
    /// for trusted proxies and unix sockets, which stand for many clients.
    pub(super) async fn admit(self: &Arc<Self>, address: ClientAddress, has_share: bool) -> Option<Held> {
        loop {
            let freed = self.freed.notified();
            match self.try_admit(address, has_share, Instant::now()) {
                Admission::Admitted(held) => {
                    self.wait_for_closed().await;
                    return Some(held);
                }
                Admission::OverShare => return None,
                Admission::Busy => freed.await,
            }
        }
    }

    /// Waits until the connections that were closed for others have released their files.
    async fn wait_for_closed(&self) {
        loop {
            let freed = self.freed.notified();
            if self.table().closing == 0 {
                return;
            }
            freed.await;
        }
    }

    fn try_admit(self: &Arc<Self>, address: ClientAddress, has_share: bool, now: Instant) -> Admission {
        let limits = self.limits();
        let mut table = self.table();
        if has_share && table.held.get(&address).is_some_and(|held| *held >= limits.share(address)) {
            drop(table);
            if let Some(suppressed) = self.share_log.check(address) {
                let share = limits.share(address);
                tracing::warn!(
                    client = %address, share, suppressed,
                    "connection closed: its address holds its share of connections; settings: max_connections_per_address, trusted_proxies"
                );
            }
            return Admission::OverShare;
        }
        if table.by_id.len() >= limits.max {
            self.log_full(&table);
            if !table.close_longest_waiting() {
                // Before the second try, so that a wait that begins in between is not missed.
                self.is_awaited.store(true, Ordering::SeqCst);
                if !table.close_longest_waiting() {
                    return Admission::Busy;
                }
            }
        }
        let id = table.next_id;
        table.next_id += 1;
        let connection = Arc::new(Connection {
            state: AtomicU64::new(BUSY),
            since: AtomicU64::new(self.time(now)),
            connections: self.clone(),
            closed: Notify::new(),
        });
        table.by_id.insert(id, Entry { address, connection: connection.clone() });
        *table.held.entry(address).or_insert(0) += 1;
        Admission::Admitted(Held { id, connection })
    }

    /// Closes the connection idle longest, and waits until its file descriptor is free.
    ///
    /// Returns false if no connection waits for its peer.
    pub(super) async fn free_a_file(&self) -> bool {
        let is_closed = self.table().close_longest_waiting();
        if is_closed {
            self.wait_for_closed().await;
        }
        is_closed
    }

    fn log_full(&self, table: &Table) {
        let Some(suppressed) = self.full_log.check(()) else { return };
        let most = table.held.iter().max_by_key(|(_, held)| **held);
        tracing::warn!(
            max_connections = self.limits().max,
            most_by = most.map(|(address, _)| tracing::field::display(address)),
            held = most.map(|(_, held)| held),
            suppressed,
            "connections are full; each new one closes the one that has waited longest for its client; setting: max_connections"
        );
    }

    /// Lets a new connection that waits for a place have another look.
    fn announce(&self) {
        if self.is_awaited.load(Ordering::SeqCst) && self.is_awaited.swap(false, Ordering::SeqCst) {
            self.freed.notify_waiters();
        }
    }

    /// Returns a time as [`Connection::state`] has it.
    fn time(&self, now: Instant) -> u64 {
        let nanos = now.saturating_duration_since(self.epoch).as_nanos();
        u64::try_from(nanos).unwrap_or(u64::MAX).clamp(BUSY + 1, CLOSED - 1)
    }
}

impl Table {
    /// Closes the connection that has waited longest, if any waits.
    fn close_longest_waiting(&mut self) -> bool {
        self.close_a_candidate() || {
            self.find_candidates();
            self.close_a_candidate()
        }
    }

    fn close_a_candidate(&mut self) -> bool {
        while let Some((since, id)) = self.candidates.pop_front() {
            let Some(entry) = self.by_id.get(&id) else { continue };
            if entry.connection.close_if_waiting_since(since) {
                self.remove(id);
                self.closing += 1;
                return true;
            }
        }
        false
    }

    fn find_candidates(&mut self) {
        let waiting =
            self.by_id.iter().filter_map(|(id, entry)| entry.connection.waiting_since().map(|since| (since, *id)));
        let mut waiting: Vec<_> = waiting.collect();
        if waiting.len() > CANDIDATES {
            waiting.select_nth_unstable(CANDIDATES);
            waiting.truncate(CANDIDATES);
        }
        waiting.sort_unstable();
        self.candidates = waiting.into();
    }

    fn remove(&mut self, id: u64) {
        let Some(Entry { address, .. }) = self.by_id.remove(&id) else { return };
        if let Some(held) = self.held.get_mut(&address) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&address);
            }
        }
    }
}

/// State of a connection that does not wait for its peer.
const BUSY: u64 = 0;
/// State of a connection that was closed for another one.
const CLOSED: u64 = u64::MAX;

/// What one connection does: waits for its peer, or works on what it has got.
///
/// It waits while a read finds nothing: before the first request, for the rest of a head or body, and between requests. hyper does not
/// read while an answer is being made.
pub(super) struct Connection {
    /// [`BUSY`], [`CLOSED`], or since when it waits for its peer, in nanoseconds.
    state: AtomicU64,
    /// When it last did something of value: it was accepted, a head arrived, a response was written. A wait counts from here, so that
    /// a client cannot shorten it by single bytes.
    since: AtomicU64,
    connections: Arc<Connections>,
    closed: Notify,
}

impl Connection {
    /// Notes that a head has arrived. Returns false if the connection was closed before that.
    pub(super) fn begin_answer(&self) -> bool {
        self.since.store(self.now(), Ordering::SeqCst);
        self.end_wait()
    }

    /// Notes that the response is written.
    pub(super) fn end_answer(&self) {
        self.since.store(self.now(), Ordering::SeqCst);
    }

    /// Notes that a read found nothing.
    pub(super) fn begin_wait(&self) {
        let since = self.since.load(Ordering::SeqCst);
        if self.state.compare_exchange(BUSY, since, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            self.connections.announce();
        }
    }

    /// Notes that a read has found something. Returns false if the connection was closed before that.
    pub(super) fn end_wait(&self) -> bool {
        let open = |state| (state != CLOSED).then_some(BUSY);
        self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, open).is_ok()
    }

    fn now(&self) -> u64 {
        self.connections.time(Instant::now())
    }

    /// Completes when the connection is closed for another one.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }

    fn waiting_since(&self) -> Option<u64> {
        Some(self.state.load(Ordering::SeqCst)).filter(|state| ![BUSY, CLOSED].contains(state))
    }

    fn close_if_waiting_since(&self, since: u64) -> bool {
        let is_closed = self.state.compare_exchange(since, CLOSED, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if is_closed {
            self.closed.notify_one();
        }
        is_closed
    }
}

/// A connection's place in the table, given back when it is dropped.
pub(super) struct Held {
    id: u64,
    connection: Arc<Connection>,
}

impl Held {
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let connections = &self.connection.connections;
        let mut table = connections.table();
        table.remove(self.id);
        if self.connection.state.load(Ordering::SeqCst) == CLOSED {
            table.closing -= 1;
        }
        drop(table);
        connections.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
