//! What every route shares, whichever face it belongs to: the store, who may come in, and what the configuration says.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use salvo::Request;

use crate::auth::{Authenticator, LoginOutcome};
use crate::config::{Address, CorsOrigin};
use crate::error::Result;
use crate::http::client_ip::{self, TrustedProxy};
use crate::library::scan::ScanLimiter;
use crate::metrics::Metrics;
use crate::model::{Key, UserId, Username};
use crate::store::{DocumentEntry, Store};

/// Rows that are read in one go.
const ROWS_PER_SLICE: usize = 256;

/// Everything a handler needs.
#[allow(unreachable_pub, reason = "`craft` makes it part of a public type; the module is private all the same")]
pub struct AppState {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Authenticator>,
    /// Whether clients may make accounts, as the configuration says it.
    pub(crate) registration: bool,
    /// Whether the administrator's password is the configured one at each start.
    pub(crate) admin_password_configured: bool,
    pub(crate) trusted_proxies: Vec<TrustedProxy>,
    pub(crate) cors_origins: Vec<CorsOrigin>,
    /// What to type into KOReader, where it is known better than by the address of a page.
    pub(crate) address: Option<Address>,
    /// Scheme and port of our own first address, for where only the host is known.
    pub(crate) scheme: &'static str,
    pub(crate) port: u16,
    pub(crate) metrics: Option<Arc<Metrics>>,
    /// Whether they are told beside the protocol's routes.
    pub(crate) metrics_route: bool,
    /// How long a body may take to arrive.
    pub(crate) client_timeout: Duration,
    /// For what reads all of an account at once.
    pub(crate) scans: ScanLimiter,
}

impl AppState {
    /// Where a request comes from, as far as it is known.
    pub(crate) fn client(&self, req: &Request) -> Option<IpAddr> {
        client_ip::resolve_client_ip(req.remote_addr(), req.headers(), &self.trusted_proxies)
    }

    /// Checks a key for a name, in whatever spelling its account answers to. What fails is counted and logged.
    pub(crate) async fn login(&self, name: &Username, key: Key, client: Option<IpAddr>) -> Result<LoginOutcome> {
        let user = self.store.find_user(name)?;
        // Whatever it is spelled like, it is one account, and has so many guesses.
        let called = user.as_ref().map(|user| user.name.clone());
        let name = called.as_ref().unwrap_or(name);
        let login = self.auth.login(name, user, key, client).await?;
        if let Some(why) = login.failure_reason() {
            if let Some(metrics) = &self.metrics {
                metrics.login_failed();
            }
            let client = client.map(tracing::field::display);
            tracing::warn!(user = name.as_str(), client, why, "login failed");
        }
        Ok(login)
    }

    /// Whether clients may make accounts now.
    pub(crate) fn registration_is_open(&self) -> Result<bool> {
        self.store.registration(self.registration)
    }

    /// Reads all documents of an account, on the turn of whoever asks. It goes in slices, between which others are served. `each`
    /// says how many rows it has read besides.
    pub(crate) async fn each_document(
        &self,
        asker: UserId,
        owner: UserId,
        mut each: impl FnMut(DocumentEntry) -> Result<usize> + Send,
    ) -> Result<()> {
        let _turn = self.scans.take(asker).await?;
        let (mut after, mut read) = (None, 0);
        loop {
            let page = self.store.documents(owner, after.as_ref(), ROWS_PER_SLICE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.document.clone());
            for entry in page {
                read += 1 + each(entry)?;
                if read >= ROWS_PER_SLICE {
                    read = 0;
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}
