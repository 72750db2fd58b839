//! Logs clients that speak the wrong protocol to a port or fail the TLS handshake.

use std::net::IpAddr;

use crate::log_throttle::{LOG_PERIOD, LogThrottle};

/// First byte of a TLS connection: the content type of a handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// Writes one line per client and minute.
pub(super) struct HandshakeLog {
    throttle: LogThrottle<IpAddr>,
}

impl HandshakeLog {
    pub(super) fn new() -> Self {
        Self { throttle: LogThrottle::new(LOG_PERIOD) }
    }

    /// Looks at the first byte of a connection that should be plain HTTP.
    pub(super) fn check_plain(&self, client: IpAddr, first: u8) {
        if first == TLS_HANDSHAKE {
            self.line(client, "TLS handshake on a port without TLS; type http:// instead of https:// in KOReader");
        }
    }

    fn line(&self, client: IpAddr, what: &'static str) {
        if let Some(suppressed) = self.throttle.check(client) {
            tracing::info!(%client, suppressed, "{what}");
        }
    }

    #[cfg(feature = "tls")]
    pub(super) fn plain_on_tls_port(&self, client: IpAddr) {
        self.line(client, "plain HTTP on a port with TLS; type https:// instead of http:// in KOReader");
    }

    #[cfg(feature = "tls")]
    pub(super) fn failed(&self, client: IpAddr, reason: &str) {
        if let Some(suppressed) = self.throttle.check(client) {
            tracing::info!(%client, reason, suppressed, "TLS handshake failed");
        }
    }
}
