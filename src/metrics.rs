//! What the server counts about itself, in Prometheus's text format.

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

/// Paths and documents are no labels: anybody may make up as many as they like.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

/// Which route a request is counted under. Whoever answers leaves it with the response.
#[derive(Clone, Copy)]
pub(crate) struct RouteName(pub(crate) &'static str);

/// The counters. Shared by the handlers, the writer, and whoever reads them.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    failed_logins: Counter,
    batches: Histogram,
    commits: Histogram,
    accounts: Gauge,
    positions: Gauge,
    bytes: Gauge,
}

/// From 50 µs to 26 s, each twice the one before.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_05, 2.0, 20))
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("kosync");
        let requests = Family::default();
        registry.register("requests", "Requests, by route and status", requests.clone());
        let durations = Family::new_with_constructor(seconds as fn() -> Histogram);
        let help = "From a request's head to its answer, by route";
        registry.register_with_unit("request_duration", help, Unit::Seconds, durations.clone());
        let failed_logins = Counter::default();
        registry.register(
            "failed_logins",
            "Logins with a wrong name or key, or too many of them",
            failed_logins.clone(),
        );
        let batches = Histogram::new(exponential_buckets(1.0, 2.0, 9));
        registry.register("batch_size", "Writes that shared a commit", batches.clone());
        let (commits, help) = (seconds(), "From the first write of a batch until it is on disk");
        registry.register_with_unit("commit_duration", help, Unit::Seconds, commits.clone());
        let (accounts, positions, bytes) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("accounts", "Accounts", accounts.clone());
        registry.register("positions", "Documents that accounts have positions of", positions.clone());
        registry.register_with_unit("store", "The data file", Unit::Bytes, bytes.clone());
        Self { registry, requests, durations, failed_logins, batches, commits, accounts, positions, bytes }
    }

    pub(crate) fn answered(&self, route: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { route, status: status.into() }).inc();
        self.durations.get_or_create(&Route { route }).observe(took.as_secs_f64());
    }

    pub(crate) fn login_failed(&self) {
        self.failed_logins.inc();
    }

    pub(crate) fn committed(&self, jobs: usize, took: Duration) {
        #[allow(clippy::cast_precision_loss, reason = "a batch is small")]
        self.batches.observe(jobs as f64);
        self.commits.observe(took.as_secs_f64());
    }

    /// The text that Prometheus reads. Looks through all accounts: milliseconds, with ten thousand of them.
    pub(crate) fn text(&self, store: &Store) -> Result<String> {
        let users = store.users()?;
        self.accounts.set(i64::try_from(users.len()).unwrap_or(i64::MAX));
        self.positions.set(users.iter().map(|user| i64::from(user.documents)).sum());
        self.bytes.set(i64::try_from(store.size()?).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(|error| Error::Store(std::sync::Arc::new(error)))?;
        Ok(text)
    }
}
