//! The server's counters, in Prometheus's text format. Their route is `http`'s.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::error::{Error, Result};
use crate::store::Store;

/// Labels of a counted request. Paths and documents are none: clients can make up any number of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

/// Counts requests, failed logins and commits, and encodes all counters as text.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    failed_logins: Counter,
    busy_logins: Counter,
    batches: Histogram,
    commits: Histogram,
    accounts: Gauge,
    positions: Gauge,
    bytes: Gauge,
}

/// Returns a histogram of seconds whose 20 buckets double from 50 µs to 26 s.
fn seconds_histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.000_05, 2.0, 20))
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("kosync");
        let requests = Family::default();
        registry.register("requests", "Requests, by route and status", requests.clone());
        let durations = Family::new_with_constructor(seconds_histogram as fn() -> Histogram);
        let help = "Time from a request's header to its response, by route";
        registry.register_with_unit("request_duration", help, Unit::Seconds, durations.clone());
        let failed_logins = Counter::default();
        registry.register(
            "failed_logins",
            "Logins refused for a wrong name or key, a disabled account, or too many failures",
            failed_logins.clone(),
        );
        let busy_logins = Counter::default();
        registry.register(
            "busy_logins",
            "Logins, registrations and new keys refused because too many waited for Argon2",
            busy_logins.clone(),
        );
        let batches = Histogram::new(exponential_buckets(1.0, 2.0, 9));
        registry.register("batch_size", "Writes that shared a commit", batches.clone());
        let (commits, help) = (seconds_histogram(), "Time from the first write of a batch until the batch is on disk");
        registry.register_with_unit("commit_duration", help, Unit::Seconds, commits.clone());
        let (accounts, positions, bytes) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("accounts", "Accounts", accounts.clone());
        registry.register("positions", "Documents with a position, of all accounts", positions.clone());
        registry.register_with_unit("store", "Size of the data file", Unit::Bytes, bytes.clone());
        Self { registry, requests, durations, failed_logins, busy_logins, batches, commits, accounts, positions, bytes }
    }

    pub(crate) fn record_request(&self, route: &'static str, status: u16, duration: Duration) {
        self.requests.get_or_create(&RequestLabels { route, status: status.into() }).inc();
        self.durations.get_or_create(&RouteLabels { route }).observe(duration.as_secs_f64());
    }

    pub(crate) fn record_failed_login(&self) {
        self.failed_logins.inc();
    }

    pub(crate) fn record_busy_login(&self) {
        self.busy_logins.inc();
    }

    pub(crate) fn record_commit(&self, jobs: usize, duration: Duration) {
        #[allow(clippy::cast_precision_loss, reason = "a batch is small")]
        self.batches.observe(jobs as f64);
        self.commits.observe(duration.as_secs_f64());
    }

    /// Returns all counters as text, with the numbers of accounts and of their documents.
    ///
    /// # Errors
    /// [`Error::Store`] if the data cannot be read.
    pub(crate) fn text(&self, store: &Store, accounts: u64, documents: u64) -> Result<String> {
        self.accounts.set(i64::try_from(accounts).unwrap_or(i64::MAX));
        self.positions.set(i64::try_from(documents).unwrap_or(i64::MAX));
        self.bytes.set(i64::try_from(store.size()?).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(|error| Error::Store(std::sync::Arc::new(error)))?;
        Ok(text)
    }
}
