//! Logins: main passwords by the authenticator, device passwords by the store, and the record of failures.

use std::net::IpAddr;
use std::time::Duration;

use super::AppState;
use crate::auth::{Attempt, LOGIN_DEADLINE, LoginOutcome};
use crate::error::Result;
use crate::model::{DeviceKeyHash, Key, LOGGED_NAME_MAX, Network, User, UserId, Username, client_address, shortened};
use crate::request_log::entry::LoginFailure;
use crate::request_log::packed::{NewRequest, PackedEntry};
use crate::store::KnownNetwork;

impl AppState {
    /// Checks a key for a username or one of its aliases. Counts and logs a failure.
    ///
    /// # Errors
    /// [`Error::Busy`] if so many logins wait that this one would take longer than 4 s.
    pub(crate) async fn login(&self, name: &Username, key: Key, client: Option<IpAddr>) -> Result<LoginOutcome> {
        self.login_within(LOGIN_DEADLINE, name, key, client).await
    }

    /// Like [`AppState::login`], with another deadline.
    pub(crate) async fn login_within(
        &self,
        deadline: Duration,
        name: &Username,
        key: Key,
        client: Option<IpAddr>,
    ) -> Result<LoginOutcome> {
        let (user, is_verified) = match self.store.find_user(name)? {
            Some(user) if self.auth.is_verified(&user, &key) => {
                if user.active {
                    return Ok(LoginOutcome::Accepted(user));
                }
                (Some(user), true)
            }
            user => (user, false),
        };
        // Before the limits: a device password costs no Argon2 run, and its 128 bits cannot be guessed. Any other key is checked as usual.
        let known =
            if is_verified { Some(LoginOutcome::Inactive) } else { self.device_login(user.as_ref(), &key, client)? };
        if let Some(accepted @ LoginOutcome::AcceptedDevice(_)) = known {
            return Ok(accepted);
        }
        // All spellings of a name share the account's limit on failed logins.
        let id = user.as_ref().map(|user| user.id);
        let sent_name = name;
        let name = user.as_ref().map_or_else(|| name.clone(), |user| user.name.clone());
        let outcome = match known {
            Some(disabled) => Ok(disabled),
            // Boxed: every request carries the future of its login, and hardly any needs this kilobyte of it.
            None => Box::pin(self.slow_login(deadline, name.clone(), user, key, client)).await,
        };
        self.record_failed_login(sent_name, id, client, &outcome)?;
        let outcome = outcome?;
        if let LoginOutcome::Accepted(user) = &outcome {
            self.note_network(user, client);
        }
        if let Some(why) = outcome.failure_reason() {
            self.log_failed_login(&name, id, client, why);
        }
        Ok(outcome)
    }

    /// Checks a key that is not cached, by Argon2, within the failure limits.
    async fn slow_login(
        &self,
        deadline: Duration,
        name: Username,
        user: Option<User>,
        key: Key,
        client: Option<IpAddr>,
    ) -> Result<LoginOutcome> {
        let network = client.map(Network::of);
        let known = match (&user, network) {
            (Some(user), Some(network)) => self.store.known_network(user.id, network)?,
            _ => KnownNetwork::Unknown,
        };
        let known_network = network.filter(|_| known != KnownNetwork::Unknown);
        self.auth.login(Attempt { name, user, key, client, known_network, deadline }).await
    }

    fn log_failed_login(&self, name: &Username, user: Option<UserId>, client: Option<IpAddr>, why: &str) {
        if let Some(metrics) = &self.metrics {
            metrics.record_failed_login();
        }
        if let Some(suppressed) = self.log_limits.failed_logins.check((client.map(client_address), user)) {
            let suppressed = Some(suppressed).filter(|count| *count > 0);
            let (user, client) = (shortened(name.as_str(), LOGGED_NAME_MAX), client.map(tracing::field::display));
            tracing::warn!(user, client, why, suppressed, "login failed");
        }
    }

    /// Returns whether a key was verified before, or is that of a device password: without Argon2, and without counting a failure.
    pub(crate) fn is_known_key(&self, user: &User, key: &Key) -> bool {
        let is_device =
            || self.store.device_password(Some(user.id), DeviceKeyHash::of(key)).is_ok_and(|it| it.is_some());
        self.auth.is_verified(user, key) || is_device()
    }

    /// Returns the outcome of a login with a device password of the account.
    fn device_login(&self, user: Option<&User>, key: &Key, client: Option<IpAddr>) -> Result<Option<LoginOutcome>> {
        let hash = DeviceKeyHash::of(key);
        let found = self.store.device_password(user.map(|user| user.id), hash)?;
        let Some((user, found)) = user.zip(found) else { return Ok(None) };
        if !user.active {
            return Ok(Some(LoginOutcome::Inactive));
        }
        if !found.is_used_today
            && let Err(error) = self.store.note_device_use(user, hash, client.map(Network::of))
        {
            tracing::debug!(%error, "use of a device password not noted");
        }
        Ok(Some(LoginOutcome::AcceptedDevice(User { device_password: Some(hash), ..user.clone() })))
    }

    /// Adds a failed login to the log of the account's requests. Strangers learn nothing by it: it does the same for unknown names [A4].
    ///
    /// Where no account has the name, the ones whose names differ from it in ASCII case alone learn of it [A7].
    fn record_failed_login(
        &self,
        sent_name: &Username,
        user: Option<UserId>,
        client: Option<IpAddr>,
        outcome: &Result<LoginOutcome>,
    ) -> Result<()> {
        let failure = match outcome {
            Ok(LoginOutcome::Accepted(_) | LoginOutcome::AcceptedDevice(_)) => return Ok(()),
            Ok(LoginOutcome::Inactive) => LoginFailure::Disabled,
            Ok(LoginOutcome::Refused) => LoginFailure::WrongKey,
            Ok(LoginOutcome::TooManyFailures { .. }) => LoginFailure::TooManyFailures,
            Err(_) => LoginFailure::Busy,
        };
        let record = |user, failure, name| {
            let request = NewRequest::failed_login(self.store.now(), client, failure, name);
            self.request_log.record(user, PackedEntry::new(request));
        };
        let namesakes = self.store.accounts_like(sent_name)?;
        match user {
            Some(user) => record(user, failure, None),
            None if namesakes.is_empty() => self.request_log.record_nothing(),
            None => {
                namesakes.into_iter().for_each(|user| record(user, LoginFailure::OtherName, Some(sent_name.as_str())))
            }
        }
        Ok(())
    }

    /// Notes that the account has logged in from the client's network. Never delays or fails a login.
    pub(super) fn note_network(&self, user: &User, client: Option<IpAddr>) {
        let Some(network) = client.map(Network::of) else { return };
        let noted = match self.store.known_network(user.id, network) {
            Ok(KnownNetwork::Today) => Ok(()),
            Ok(_) => self.store.note_network(user, network),
            Err(error) => Err(error),
        };
        if let Err(error) = noted {
            tracing::debug!(%error, "network not noted");
        }
    }
}
