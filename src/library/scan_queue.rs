//! The queue of slices: one runs at a time, and accounts take turns.
//!
//! Start-time fair queueing. Each slice gets a number: one more than its account's slice before. The lowest number runs first, so
//! between two slices of an account every other account that waits gets one. An account that has been idle starts [`HEAD_START`]
//! below the slice that runs: its first slices go before those of accounts that have had many, and then it takes turns with them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::model::UserId;

/// Slices that an idle account gets before accounts that are not: what a list of some hundred documents needs.
const HEAD_START: u64 = 16;
/// Accounts whose last slice is remembered. Beyond them, those that had the fewest slices count as idle.
const MAX_REMEMBERED: usize = 4096;

/// Admits one slice at a time. Clones share the queue.
#[derive(Clone)]
pub(super) struct ScanQueue(Arc<Mutex<State>>);

struct State {
    is_running: bool,
    /// Highest number of a slice that has run.
    now: u64,
    /// Number of each account's next slice. Accounts that are missing are idle.
    next: HashMap<UserId, u64>,
    /// Slices that wait, by their number, then by arrival. Those whose request has ended are passed over.
    waiting: BTreeMap<(u64, u64), oneshot::Sender<ScanPermit>>,
    arrivals: u64,
}

/// The right to read a slice. Dropping it lets the next one run.
pub(super) struct ScanPermit(Option<ScanQueue>);

impl ScanQueue {
    pub(super) fn new() -> Self {
        let (next, waiting) = (HashMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(State { is_running: false, now: HEAD_START, next, waiting, arrivals: 0 })))
    }

    /// Waits for the account's turn. Dropping the future leaves the queue.
    pub(super) async fn acquire(&self, account: UserId) -> Option<ScanPermit> {
        let granted = {
            let mut state = self.state();
            let number = state.take_number(account);
            if !state.is_running {
                state.is_running = true;
                state.now = state.now.max(number);
                return Some(ScanPermit(Some(self.clone())));
            }
            let (grant, granted) = oneshot::channel();
            state.arrivals += 1;
            let arrival = state.arrivals;
            state.waiting.insert((number, arrival), grant);
            granted
        };
        granted.await.ok()
    }

    /// Passes the permit on to the slice with the lowest number.
    fn pass_on(&self) {
        loop {
            let grant = {
                let mut state = self.state();
                let Some(((number, _), grant)) = state.waiting.pop_first() else {
                    state.is_running = false;
                    return;
                };
                state.now = state.now.max(number);
                grant
            };
            match grant.send(ScanPermit(Some(self.clone()))) {
                Ok(()) => return,
                // Its request has ended: it must not pass itself on.
                Err(mut refused) => refused.0 = None,
            }
        }
    }

    /// Returns how many slices an account has had, if it was never idle.
    #[cfg(test)]
    pub(super) fn slices_of(&self, account: UserId) -> u64 {
        self.state().next.get(&account).copied().unwrap_or(0)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_number(&mut self, account: UserId) -> u64 {
        let idle = self.now - HEAD_START;
        let next = self.next.entry(account).or_insert(idle);
        let number = idle.max(*next);
        *next = number + 1;
        while self.next.len() > MAX_REMEMBERED {
            let idle = self.now - HEAD_START;
            self.next.retain(|_, next| *next > idle);
            if self.next.len() > MAX_REMEMBERED {
                self.now += 1;
            }
        }
        number
    }
}

impl Drop for ScanPermit {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    type Waiting = (u32, Pin<Box<dyn Future<Output = Option<ScanPermit>>>>);

    /// Begins to wait for slices of accounts, in this order.
    fn wait(queue: &ScanQueue, accounts: impl IntoIterator<Item = u32>) -> Vec<Waiting> {
        let begin = |account| {
            let queue = queue.clone();
            let mut waiting: Waiting = (account, Box::pin(async move { queue.acquire(UserId(account)).await }));
            assert!(poll(&mut waiting).is_none(), "another slice runs");
            waiting
        };
        accounts.into_iter().map(begin).collect()
    }

    fn poll((_, waiting): &mut Waiting) -> Option<ScanPermit> {
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(permit) => permit,
            Poll::Pending => None,
        }
    }

    fn start(queue: &ScanQueue, account: u32) -> ScanPermit {
        let mut first = Box::pin(queue.acquire(UserId(account)));
        let Poll::Ready(permit) = first.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a slice runs")
        };
        permit.expect("a permit")
    }

    /// Ends the slice that runs, and each that follows, and returns whose they were.
    fn order(running: ScanPermit, mut waiting: Vec<Waiting>) -> Vec<u32> {
        let (mut order, mut running) = (Vec::new(), Some(running));
        while let Some(permit) = running.take() {
            drop(permit);
            let next = waiting.iter_mut().enumerate().find_map(|(index, slice)| Some((index, poll(slice)?)));
            if let Some((index, permit)) = next {
                order.push(waiting.remove(index).0);
                running = Some(permit);
            }
        }
        assert!(waiting.is_empty());
        order
    }

    /// Runs slices of an account alone.
    fn run(queue: &ScanQueue, account: u32, slices: usize) {
        (0..slices).for_each(|_| drop(start(queue, account)));
    }

    #[test]
    fn between_two_slices_of_an_account_every_other_has_one() {
        let queue = ScanQueue::new();
        let running = start(&queue, 9);
        let waiting = wait(&queue, [1, 1, 1, 2, 2, 2, 3]);
        assert_eq!(order(running, waiting), [1, 2, 3, 1, 2, 1, 2]);
    }

    /// Attack 1 of the issue on abuse: 60 slow readers of 20 accounts delayed another's list by their number, for each of its slices.
    #[test]
    fn an_account_that_comes_goes_before_those_that_had_many_slices() {
        let queue = ScanQueue::new();
        for _ in 0..100 {
            (1..=20).for_each(|account| run(&queue, account, 1));
        }
        let running = start(&queue, 1);
        let waiting = wait(&queue, (1..=20).flat_map(|account| [account; 3]).chain([99; 4]));
        assert_eq!(order(running, waiting)[..4], [99; 4]);
    }

    /// An account cannot keep others out for long by having been idle.
    #[test]
    fn a_head_start_ends() {
        let queue = ScanQueue::new();
        run(&queue, 1, 100);
        let running = start(&queue, 1);
        let mut waiting = wait(&queue, [1]);
        waiting.extend(wait(&queue, [2; 100]));
        let order = order(running, waiting);
        let had = order.iter().position(|account| *account == 1).expect("a turn");
        assert!((15..=18).contains(&had), "{had} slices of the other before");
    }

    #[test]
    fn a_slice_that_nobody_waits_for_is_passed_over() {
        let queue = ScanQueue::new();
        let running = start(&queue, 1);
        let mut waiting = wait(&queue, [2, 3, 4]);
        drop(waiting.remove(0));
        assert_eq!(order(running, waiting), [3, 4]);
        // One that is dropped when it has its turn already, before it knows.
        let running = start(&queue, 1);
        let mut waiting = wait(&queue, [2, 3]);
        drop(running);
        drop(waiting.remove(0));
        assert!(poll(&mut waiting[0]).is_some());
        drop(waiting);
        run(&queue, 5, 1);
    }

    #[test]
    fn the_memory_of_the_queue_is_bounded() {
        let queue = ScanQueue::new();
        for account in 0..3 * u32::try_from(MAX_REMEMBERED).expect("small") {
            run(&queue, account, 1);
        }
        assert!(queue.state().next.len() <= MAX_REMEMBERED);
        // Idle accounts are forgotten, an account that has had many slices is not.
        run(&queue, 0, 1000);
        run(&queue, 1, 1);
        let running = start(&queue, 7);
        assert_eq!(order(running, wait(&queue, [0, 1])), [1, 0]);
    }
}
