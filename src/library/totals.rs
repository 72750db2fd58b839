//! The numbers of all accounts and documents, counted slice by slice.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::scan::{SERVER, SLICE, ScanLimiter, each_user};
use crate::error::Result;
use crate::store::Store;

/// A large count stays valid for this many times as long as it took.
///
/// Strangers may request metrics as often as they like, and create very many accounts.
const HOLDS_FOR: u32 = 20;

/// Numbers over all accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) accounts: u64,
    pub(crate) documents: u64,
}

/// Counts accounts and documents, once at a time.
#[derive(Default)]
pub(crate) struct TotalsCounter {
    last: Mutex<Option<(Totals, Instant)>>,
}

impl TotalsCounter {
    /// Returns the numbers. Of many accounts they are those of the last count, as long as that holds.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy) if the slices of others take longer than 5 s; [`Error::Store`](crate::Error::Store) if the
    /// data cannot be read.
    pub(crate) async fn count(&self, store: &Store, limiter: &ScanLimiter) -> Result<Totals> {
        let mut last = self.last.lock().await;
        if let Some((totals, until)) = *last
            && Instant::now() < until
        {
            return Ok(totals);
        }
        let (start, mut totals) = (Instant::now(), Totals::default());
        let add = |user: crate::model::User| {
            totals.accounts += 1;
            totals.documents += u64::from(user.documents);
            true
        };
        each_user(store, limiter, SERVER, add).await?;
        let is_large = totals.accounts > SLICE.rows as u64;
        let holds_for = if is_large { start.elapsed() * HOLDS_FOR } else { Duration::ZERO };
        *last = Some((totals, Instant::now() + holds_for));
        Ok(totals)
    }
}
