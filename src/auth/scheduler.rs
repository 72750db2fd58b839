//! Schedules Argon2 runs: logins before registrations, each client in turn, and none after its deadline.
//!
//! A run takes tens of milliseconds of a core and 19 MiB. A run that would end too late is refused at once, so that devices keep
//! their push and retry, and no connection waits for nothing.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::rate_limit::Clock;
use crate::model::client_address;

/// Most runs that may wait. Deadlines keep the queue far shorter, unless a run takes less than 8 ms.
const MAX_WAITING: usize = 1024;
/// Microseconds that a run is expected to take before one was measured.
const FIRST_ESTIMATE_US: u64 = 50_000;
/// Registrations that run at a time, so that logins have the other cores.
const MAX_REGISTRATIONS: usize = 1;

/// What a run is for. Lower ones go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Purpose {
    /// A login from a network that the account has logged in from.
    KnownLogin,
    /// Any other login, and a changed key.
    Login,
    /// A registration by a client.
    Registration,
}

const PURPOSES: usize = 3;

/// The server has too many runs to do: this one would end after its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooBusy;

/// The order of the queue: by purpose, then each client in turn, then as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    purpose: Purpose,
    turn: u64,
    sequence: u64,
}

type Source = (Purpose, Option<IpAddr>);

struct Waiter {
    source: Source,
    grant: oneshot::Sender<Permit>,
}

struct Clients {
    waiting: usize,
    last_turn: u64,
}

#[derive(Default)]
struct State {
    running: usize,
    running_registrations: usize,
    waiting: BTreeMap<Rank, Waiter>,
    clients: HashMap<Source, Clients>,
    /// The turn that was granted last, by purpose.
    turns: [u64; PURPOSES],
    next_sequence: u64,
    /// Moving average of the time that a run takes, in microseconds; 0 before the first.
    run_us: u64,
}

/// Grants permits for Argon2 runs.
pub(super) struct HashScheduler {
    permits: usize,
    clock: Clock,
    state: Mutex<State>,
}

impl HashScheduler {
    pub(super) fn new(permits: usize, clock: Clock) -> Arc<Self> {
        Arc::new(Self { permits, clock, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of a run that has to end within `deadline`.
    ///
    /// # Errors
    /// [`TooBusy`] at once if the queue is too long for that, or once the deadline cannot be met any more.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        purpose: Purpose,
        client: Option<IpAddr>,
        deadline: Duration,
    ) -> Result<Permit, TooBusy> {
        let (rank, granted, patience) = {
            let mut state = self.state();
            if state.may_start(purpose, self.permits) {
                state.start(purpose);
                drop(state);
                return Ok(self.permit(purpose));
            }
            let source = (purpose, client.map(client_address));
            let rank = state.next_rank(source);
            let run = Duration::from_micros(state.run_estimate_us());
            if state.waiting.len() >= MAX_WAITING || state.wait_estimate(rank, self.permits) + run > deadline {
                return Err(TooBusy);
            }
            let (grant, granted) = oneshot::channel();
            state.enqueue(rank, Waiter { source, grant });
            (rank, granted, deadline.saturating_sub(run))
        };
        // Leaves the queue also when the client disconnects.
        let _leave = Leave { scheduler: self, rank };
        match tokio::time::timeout(patience, granted).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(TooBusy),
        }
    }

    fn permit(self: &Arc<Self>, purpose: Purpose) -> Permit {
        Permit { scheduler: self.clone(), purpose, start_ms: (self.clock)() }
    }

    /// Grants free permits to the first waiters.
    fn grant(self: &Arc<Self>) {
        loop {
            let Some((waiter, purpose)) = self.state().take_next(self.permits) else { return };
            // A waiter that has left meanwhile drops the permit, which grants it to the next.
            drop(waiter.grant.send(self.permit(purpose)));
        }
    }

    /// Takes all permits, so that every run has to wait.
    #[cfg(test)]
    pub(super) async fn hold(self: &Arc<Self>) -> Vec<Permit> {
        let mut permits = Vec::new();
        for _ in 0..self.permits {
            permits.push(self.acquire(Purpose::Login, None, Duration::from_secs(60)).await.expect("a permit"));
        }
        permits
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.state().waiting.len()
    }
}

impl State {
    fn may_start(&self, purpose: Purpose, permits: usize) -> bool {
        self.running < permits && (purpose != Purpose::Registration || self.running_registrations < MAX_REGISTRATIONS)
    }

    fn start(&mut self, purpose: Purpose) {
        self.running += 1;
        self.running_registrations += usize::from(purpose == Purpose::Registration);
    }

    fn end(&mut self, purpose: Purpose, took_ms: u64) {
        self.running -= 1;
        self.running_registrations -= usize::from(purpose == Purpose::Registration);
        let took_us = (took_ms * 1000).max(1000);
        self.run_us = if self.run_us == 0 { took_us } else { (7 * self.run_us + took_us) / 8 };
    }

    fn run_estimate_us(&self) -> u64 {
        if self.run_us == 0 { FIRST_ESTIMATE_US } else { self.run_us }
    }

    /// Returns the rank of a new waiter. A client's second one comes after the first ones of all others.
    fn next_rank(&mut self, source: Source) -> Rank {
        let purpose = source.0;
        let now = self.turns[purpose as usize];
        let turn = self.clients.get(&source).map_or(now, |client| now.max(client.last_turn + 1));
        self.next_sequence += 1;
        Rank { purpose, turn, sequence: self.next_sequence }
    }

    fn enqueue(&mut self, rank: Rank, waiter: Waiter) {
        let clients = self.clients.entry(waiter.source).or_insert(Clients { waiting: 0, last_turn: 0 });
        clients.waiting += 1;
        clients.last_turn = rank.turn;
        self.waiting.insert(rank, waiter);
    }

    fn remove(&mut self, rank: &Rank) -> Option<Waiter> {
        let waiter = self.waiting.remove(rank)?;
        if let Some(clients) = self.clients.get_mut(&waiter.source) {
            clients.waiting -= 1;
            if clients.waiting == 0 {
                self.clients.remove(&waiter.source);
            }
        }
        Some(waiter)
    }

    /// Returns how long a new waiter of that rank would wait until its run starts.
    fn wait_estimate(&self, rank: Rank, permits: usize) -> Duration {
        let ahead = self.waiting.range(..rank).map(|(other, _)| other.purpose);
        let (mut logins, mut registrations) = (0, 0);
        for purpose in ahead {
            *if purpose == Purpose::Registration { &mut registrations } else { &mut logins } += 1;
        }
        // One more for the runs that are active now.
        let runs = match rank.purpose {
            Purpose::Registration => (logins + 1) / permits as u64 + registrations + 1,
            Purpose::KnownLogin | Purpose::Login => (logins + 1).div_ceil(permits as u64),
        };
        Duration::from_micros(runs * self.run_estimate_us())
    }

    fn take_next(&mut self, permits: usize) -> Option<(Waiter, Purpose)> {
        let rank = *self.waiting.first_key_value()?.0;
        if !self.may_start(rank.purpose, permits) {
            return None;
        }
        let waiter = self.remove(&rank)?;
        self.turns[rank.purpose as usize] = rank.turn;
        self.start(rank.purpose);
        Some((waiter, rank.purpose))
    }
}

/// The right to run Argon2 once, until it is dropped.
pub(super) struct Permit {
    scheduler: Arc<HashScheduler>,
    purpose: Purpose,
    start_ms: u64,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let took_ms = (self.scheduler.clock)().saturating_sub(self.start_ms);
        self.scheduler.state().end(self.purpose, took_ms);
        self.scheduler.grant();
    }
}

/// Removes a waiter from the queue when it is dropped.
struct Leave<'a> {
    scheduler: &'a HashScheduler,
    rank: Rank,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        // The waiter's sender is dropped outside the lock.
        let left = self.scheduler.state().remove(&self.rank);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const DEADLINE: Duration = Duration::from_millis(1500);

    /// Two permits, and a clock in milliseconds that only the test moves.
    fn scheduler() -> (Arc<HashScheduler>, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(0));
        let reader = clock.clone();
        (HashScheduler::new(2, Arc::new(move || reader.load(Ordering::Relaxed))), clock)
    }

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    /// Waits until that many runs are in the queue.
    async fn queued(scheduler: &HashScheduler, count: usize) {
        while scheduler.waiting() < count {
            tokio::task::yield_now().await;
        }
    }

    /// Attack 5: registrations from one address kept everybody else's logins waiting.
    #[tokio::test]
    async fn logins_go_before_registrations_and_each_client_has_its_turn() {
        let (scheduler, _) = scheduler();
        let held = scheduler.hold().await;
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (index, (label, purpose, from)) in [
            ("registration", Purpose::Registration, 1),
            ("first", Purpose::Login, 1),
            ("second", Purpose::Login, 1),
            ("third", Purpose::Login, 1),
            ("other client", Purpose::Login, 2),
            ("known", Purpose::KnownLogin, 1),
        ]
        .into_iter()
        .enumerate()
        {
            let (theirs, order) = (scheduler.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                let _permit = theirs.acquire(purpose, address(from), Duration::from_secs(4)).await.expect("a permit");
                order.lock().expect("lock").push(label);
            }));
            queued(&scheduler, index + 1).await;
        }
        // One permit is enough, so that they run one after the other.
        let mut held = held;
        drop(held.pop());
        for task in tasks {
            task.await.expect("task");
        }
        let order = order.lock().expect("lock").clone();
        assert_eq!(order, ["known", "first", "other client", "second", "third", "registration"]);
    }

    #[tokio::test]
    async fn one_registration_at_a_time_leaves_the_other_permits_to_logins() {
        let (scheduler, _) = scheduler();
        let registration = || scheduler.acquire(Purpose::Registration, address(1), Duration::from_secs(4));
        let first = registration().await.expect("a permit");
        let mut second = Box::pin(registration());
        let is_waiting = std::future::poll_fn(|cx| std::task::Poll::Ready(second.as_mut().poll(cx).is_pending())).await;
        assert!(is_waiting, "a second registration");
        let login = scheduler.acquire(Purpose::Login, address(1), Duration::from_secs(4)).await.expect("a permit");
        drop(login);
        drop(first);
        second.await.expect("a permit, once the first registration is done");
    }

    /// A run that would wait longer than its deadline is refused at once. It leaves the queue to the others.
    #[tokio::test(start_paused = true)]
    async fn a_queue_that_is_too_long_refuses_at_once() {
        let (scheduler, clock) = scheduler();
        // A run takes 100 ms.
        let permit = scheduler.acquire(Purpose::Login, None, Duration::from_secs(4)).await.expect("a permit");
        clock.fetch_add(100, Ordering::Relaxed);
        drop(permit);
        let held = scheduler.hold().await;
        let mut waiting = Vec::new();
        let start = tokio::time::Instant::now();
        let refused = loop {
            let (theirs, count) = (scheduler.clone(), waiting.len());
            let task =
                tokio::spawn(async move { theirs.acquire(Purpose::Login, address(1), DEADLINE).await.map(drop) });
            while scheduler.waiting() == count && !task.is_finished() {
                tokio::task::yield_now().await;
            }
            if task.is_finished() {
                break task.await.expect("task");
            }
            waiting.push(task);
            assert!(waiting.len() < 100, "unbounded");
        };
        assert_eq!((refused, start.elapsed()), (Err(TooBusy), Duration::ZERO), "without any wait");
        // 1.5 s are fifteen runs on each of two permits, less the one that it takes itself.
        assert!((25..=30).contains(&waiting.len()), "{}", waiting.len());
        // Another client's first one has its turn after the first of the others.
        let theirs = scheduler.clone();
        let other = tokio::spawn(async move { theirs.acquire(Purpose::Login, address(2), DEADLINE).await.map(drop) });
        queued(&scheduler, waiting.len() + 1).await;
        // Nobody gives the permits back: all are refused when their deadline has passed, and the queue is empty.
        for task in waiting {
            assert_eq!(task.await.expect("task"), Err(TooBusy));
        }
        assert_eq!(other.await.expect("task"), Err(TooBusy));
        assert!(start.elapsed() <= DEADLINE, "{:?}", start.elapsed());
        assert_eq!(scheduler.waiting(), 0);
        drop(held);
        assert!(scheduler.acquire(Purpose::Login, None, DEADLINE).await.is_ok());
    }

    /// Clients that hang up leave no trace in the queue. That holds also where their permit is on its way.
    #[tokio::test]
    async fn a_client_that_leaves_the_queue_loses_no_permit() {
        let (scheduler, _) = scheduler();
        let mut held = scheduler.hold().await;
        let mut first = Box::pin(scheduler.acquire(Purpose::Login, None, Duration::from_secs(4)));
        let mut second = Box::pin(scheduler.acquire(Purpose::Login, None, Duration::from_secs(4)));
        for waiting in [&mut first, &mut second] {
            std::future::poll_fn(|cx| {
                assert!(waiting.as_mut().poll(cx).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        }
        drop(held.pop());
        drop(first);
        drop(second.await.expect("the permit that the first one did not take"));
        assert_eq!(scheduler.waiting(), 0);
        drop(held);
        drop(scheduler.hold().await);
    }
}
