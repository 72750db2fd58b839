//! Logs what was committed: changes of accounts, and failures.

use crate::error::Error;
use crate::log_throttle::{LOG_PERIOD, LogThrottle};
use crate::model::{Document, Event, LOGGED_NAME_MAX, Username, shortened};

/// Logs committed changes of accounts: one line a minute for each kind and account, since their owners cause them.
pub(super) struct EventLog(LogThrottle<(&'static str, Option<Username>)>);

impl EventLog {
    pub(super) fn new() -> Self {
        Self(LogThrottle::new(LOG_PERIOD))
    }

    pub(super) fn log(&self, event: &Event) {
        let Some((what, user, _)) = logged_change(event) else { return };
        let Some(suppressed) = self.0.check((what, user.cloned())) else { return };
        log_change(event, Some(suppressed).filter(|count| *count > 0));
    }
}

/// Returns the log's name of a change, and the account and document it concerns. `None` for what only `debug` has.
fn logged_change(event: &Event) -> Option<(&'static str, Option<&Username>, Option<&Document>)> {
    Some(match event {
        Event::UserCreated { user } => ("account created", Some(user), None),
        Event::KeyChanged { user } => ("password changed", Some(user), None),
        Event::ActiveChanged { user, active: true } => ("account enabled", Some(user), None),
        Event::ActiveChanged { user, active: false } => ("account disabled", Some(user), None),
        Event::DevicePasswordCreated { user, .. } => ("device password created", Some(user), None),
        Event::DevicePasswordRevoked { user, .. } => ("device password revoked", Some(user), None),
        Event::UserDeleted { user } => ("account deleted", Some(user), None),
        Event::RegistrationChanged { open: true } => ("registration opened", None, None),
        Event::RegistrationChanged { open: false } => ("registration closed", None, None),
        Event::DocumentDeleted { user, document } => ("document deleted", Some(user), Some(document)),
        Event::DocumentsJoined { user, document, .. } => ("documents joined", Some(user), Some(document)),
        Event::DocumentParted { user, document } => ("document parted", Some(user), Some(document)),
        // Each request is logged at debug level already.
        Event::Pushed { .. }
        | Event::DocumentMarked { .. }
        | Event::DocumentRenamed { .. }
        | Event::StartedOver { .. }
        | Event::FileStored { .. }
        | Event::FileDeleted { .. }
        | Event::ReadingUpdated { .. } => return None,
    })
}

/// Logs a committed change.
///
/// Names and ids come from clients: they are logged as strings, which are quoted and escaped, so that none can forge a log line.
pub(super) fn log_change(event: &Event, suppressed: Option<u64>) {
    let Some((what, user, document)) = logged_change(event) else { return };
    let user = user.map(|user| shortened(user.as_str(), LOGGED_NAME_MAX));
    let document = document.map(|document| shortened(document.as_str(), LOGGED_NAME_MAX));
    tracing::info!(user, document, suppressed, "{what}");
}

pub(super) fn log_failure(throttle: &LogThrottle<()>, error: &Error) {
    if let Some(suppressed) = throttle.check(()) {
        tracing::error!(%error, suppressed, "write failed, rolled back; repeats suppressed for 60 s");
    }
}
