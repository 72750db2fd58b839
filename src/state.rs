//! The state that all routes and the MQTT publisher share.

use std::net::IpAddr;
use std::sync::Arc;
#[cfg(feature = "mqtt")]
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[cfg(feature = "import")]
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::task::JoinError;

use crate::auth::{Attempt, Authenticator, LOGIN_DEADLINE, LoginOutcome, Purpose};
use crate::config::{Address, CorsOrigin, LogoutAddress, TrustedProxy, UnknownAddress, UserHeader};
use crate::error::{Error, Result};
#[cfg(feature = "import")]
use crate::import::job::ImportJob;
use crate::library::scan::ScanLimiter;
use crate::library::{ActivityCache, ReadingWorker};
use crate::log_throttle::{LOG_PERIOD, LogThrottle};
use crate::metrics::Metrics;
use crate::model::{
    DeviceKeyHash, DevicePassword, DevicePasswordName, Key, LOGGED_NAME_MAX, Language, Network, User, UserId, Username,
    client_address, shortened,
};
use crate::request_log::RequestLog;
use crate::request_log::entry::LoginFailure;
use crate::request_log::packed::{NewRequest, PackedEntry};
use crate::store::{
    AccountOutcome, Authority, Change, CreateOutcome, DevicePasswordOutcome, KnownNetwork, Store, UpdateOutcome,
};

/// Holds the store, the authenticator, settings, limits and counters.
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Authenticator>,
    /// Whether registration is open by the configuration; see [`AppState::registration_is_open`].
    pub(crate) registration: bool,
    /// Whether each start sets the administrator's password to the configured one.
    pub(crate) admin_password_configured: bool,
    pub(crate) trusted_proxies: Vec<TrustedProxy>,
    pub(crate) cors_origins: Vec<CorsOrigin>,
    /// The address to type into KOReader. With `None` the dashboard shows its own address; an error says why it must not be guessed.
    pub(crate) address: watch::Sender<Result<Option<Address>, UnknownAddress>>,
    /// The language of pages and sensors where neither an account nor a browser asks for one.
    pub(crate) language: Language,
    /// The path under which browsers see the routes, without a slash at its end; `None` if requests carry it.
    pub(crate) mount_path: Option<String>,
    /// Scheme and port of the first TCP listener, for where only the host is known.
    pub(crate) scheme: &'static str,
    pub(crate) port: u16,
    /// Counters, if metrics are enabled in any form.
    pub(crate) metrics: Option<Arc<Metrics>>,
    /// Whether `GET /metrics` is one of the API's routes.
    pub(crate) has_metrics_route: bool,
    /// Whether the accounts' WebDAV folders are served.
    pub(crate) has_webdav: bool,
    /// How long a request's body may take to arrive.
    pub(crate) client_timeout: Duration,
    pub(crate) scan_limiter: ScanLimiter,
    pub(crate) activity: ActivityCache,
    /// The last requests of each account's devices.
    pub(crate) request_log: RequestLog,
    /// When the server was built, in whole seconds since the Unix epoch: the log of requests begins then.
    pub(crate) started: u64,
    /// Reads the files of accounts in the background.
    pub(crate) reading: ReadingWorker,
    pub(crate) log_limits: LogLimits,
    /// Returns how many connections are open, and how many may be.
    pub(crate) connections: Box<dyn Fn() -> (usize, usize) + Send + Sync>,
    #[cfg(feature = "mqtt")]
    pub(crate) mqtt_status: Mutex<MqttStatus>,
    /// Home Assistant's users who manage all accounts, by user name or id.
    pub(crate) ingress_administrators: Vec<String>,
    /// How a reverse proxy logs users in to the dashboard; `None` if it does not.
    pub(crate) proxy_login: Option<ProxyLogin>,
    /// Largest uploaded file, in bytes; 0 if there are no uploads.
    #[cfg(feature = "import")]
    pub(crate) max_import_bytes: u64,
    /// The one import that was begun on the dashboard.
    #[cfg(feature = "import")]
    pub(crate) import_job: ImportJob,
    /// Admits one export, backup or check at a time: each reads, or copies, the whole store.
    #[cfg(feature = "import")]
    pub(crate) heavy_reads: Arc<Semaphore>,
}

/// How a trusted reverse proxy logs users in to the dashboard.
pub(crate) struct ProxyLogin {
    /// The header in which it names the user.
    pub(crate) header: UserHeader,
    /// Users who manage all accounts, by the names in the header.
    pub(crate) administrators: Vec<String>,
    /// Where a browser logs out of the proxy.
    pub(crate) logout_address: Option<LogoutAddress>,
}

/// How publishing over MQTT goes. Times are in seconds since the Unix epoch.
#[cfg(feature = "mqtt")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum MqttStatus {
    /// It is not set up.
    #[default]
    Off,
    Connected {
        broker: String,
        since: u64,
    },
    /// There is no connection, which is tried again.
    Disconnected {
        reason: String,
        since: u64,
    },
}

/// Limits on the log lines that strangers can cause.
#[derive(Debug)]
pub(crate) struct LogLimits {
    /// By network and account, each minute. Unknown names of a network count as one.
    failed_logins: LogThrottle<(Option<IpAddr>, Option<UserId>)>,
    /// By peer, each hour; `None` is a unix socket.
    pub(crate) untrusted_proxies: LogThrottle<Option<IpAddr>>,
    /// By peer, each hour; `None` is a unix socket.
    pub(crate) untrusted_user_headers: LogThrottle<Option<IpAddr>>,
    /// By origin and host, each hour.
    pub(crate) refused_forms: LogThrottle<(String, String)>,
}

impl Default for LogLimits {
    fn default() -> Self {
        const HOUR: Duration = Duration::from_secs(60 * 60);
        Self {
            failed_logins: LogThrottle::new(LOG_PERIOD),
            untrusted_proxies: LogThrottle::new(HOUR),
            untrusted_user_headers: LogThrottle::new(HOUR),
            refused_forms: LogThrottle::new(HOUR),
        }
    }
}

/// MQTT.
#[cfg(feature = "mqtt")]
impl AppState {
    pub(crate) fn mqtt_status(&self) -> MqttStatus {
        self.mqtt_status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_mqtt_status(&self, status: MqttStatus) {
        *self.mqtt_status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}

/// Settings.
impl AppState {
    /// Returns the address to type into KOReader, if it is configured or was found.
    #[cfg(feature = "mqtt")]
    pub(crate) fn known_address(&self) -> Option<Address> {
        self.address.borrow().clone().ok().flatten()
    }
}

/// Logins.
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
        let user = match self.store.find_user(name)? {
            Some(user) if self.auth.is_verified(&user, &key) => return Ok(LoginOutcome::of_right_key(user)),
            user => user,
        };
        // Before the limits: a device password costs no Argon2 run, and nobody guesses 128 bits. Any other key goes on as ever.
        if let Some(outcome) = self.device_login(user.as_ref(), &key, client)? {
            return Ok(outcome);
        }
        // All spellings of a name share the account's limit on failed logins.
        let id = user.as_ref().map(|user| user.id);
        let sent_name = name;
        let name = user.as_ref().map_or_else(|| name.clone(), |user| user.name.clone());
        let network = client.map(Network::of);
        let known = match (&user, network) {
            (Some(user), Some(network)) => self.store.known_network(user.id, network)?,
            _ => KnownNetwork::Unknown,
        };
        let known_network = network.filter(|_| known != KnownNetwork::Unknown);
        let attempt = Attempt { name: name.clone(), user, key, client, known_network, deadline };
        let outcome = self.auth.login(attempt).await;
        self.record_failed_login(sent_name, id, client, &outcome)?;
        let outcome = outcome?;
        if let LoginOutcome::Accepted(user) = &outcome {
            self.note_network(user, client);
        }
        if let Some(why) = outcome.failure_reason() {
            if let Some(metrics) = &self.metrics {
                metrics.record_failed_login();
            }
            if let Some(suppressed) = self.log_limits.failed_logins.check((client.map(client_address), id)) {
                let suppressed = Some(suppressed).filter(|count| *count > 0);
                let (user, client) = (shortened(name.as_str(), LOGGED_NAME_MAX), client.map(tracing::field::display));
                tracing::warn!(user, client, why, suppressed, "login failed");
            }
        }
        Ok(outcome)
    }

    /// Returns whether a key was verified before, or is that of a device password: without Argon2, and without counting a failure.
    pub(crate) fn is_known_key(&self, user: &User, key: &Key) -> bool {
        let is_device =
            || self.store.device_password(Some(user.id), DeviceKeyHash::of(key)).is_ok_and(|it| it.is_some());
        self.auth.is_verified(user, key) || is_device()
    }

    /// Returns the outcome of a login whose key is that of a device password of the account.
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
    fn note_network(&self, user: &User, client: Option<IpAddr>) {
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

/// The outcome of a registration by a client.
pub(crate) enum Registered {
    Created(User),
    Taken,
    /// Clients of that address, or all clients, have made too many accounts.
    TooMany {
        retry_after: Duration,
    },
}

/// The outcome of making a device password.
pub(crate) enum NewDevicePassword {
    /// It is on disk. Nothing else has its text.
    Created {
        id: u32,
        password: DevicePassword,
    },
    TooMany,
    Stale,
}

/// Accounts. Each new key is in the cache once it is stored, so that its owner needs no Argon2 run, and no limit applies to them.
impl AppState {
    /// Returns whether clients may create accounts now: as an administrator switched it last, else as configured.
    pub(crate) fn registration_is_open(&self) -> Result<bool> {
        self.store.registration(self.registration)
    }

    /// Creates an account for a client, within the limits on registrations. Goes on when the client disconnects.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn register(
        self: &Arc<Self>,
        name: Username,
        key: Key,
        client: Option<IpAddr>,
    ) -> Result<Registered> {
        let state = self.clone();
        // In a task of its own: otherwise clients that disconnect at the right time would make accounts that are not counted.
        let task = tokio::spawn(async move { state.register_now(name, key, client).await });
        task.await.map_err(task_error)?
    }

    async fn register_now(&self, name: Username, key: Key, client: Option<IpAddr>) -> Result<Registered> {
        if self.store.is_taken(&name)? {
            return Ok(Registered::Taken);
        }
        let _claim = self.auth.claim_name(&name).await?;
        // The registration that this one waited for may have made the account [R5].
        if self.store.is_taken(&name)? {
            return Ok(Registered::Taken);
        }
        let slot = match self.auth.registration_slot(client) {
            Ok(slot) => slot,
            Err(retry_after) => return Ok(Registered::TooMany { retry_after }),
        };
        match self.create(Purpose::Registration, name, key, client).await? {
            CreateOutcome::Created(user) => {
                slot.use_up();
                Ok(Registered::Created(user))
            }
            CreateOutcome::Taken => Ok(Registered::Taken),
        }
    }

    /// Creates an account on an administrator's or the program's behalf, without a limit on their number.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn create_account(&self, name: Username, key: Key) -> Result<CreateOutcome> {
        self.create(Purpose::Login, name, key, None).await
    }

    async fn create(
        &self,
        purpose: Purpose,
        name: Username,
        key: Key,
        client: Option<IpAddr>,
    ) -> Result<CreateOutcome> {
        let stored = self.auth.hash_for(purpose, key.clone(), client).await?;
        let outcome = self.store.create_user(name, stored, client.map(Network::of)).await?;
        if let CreateOutcome::Created(user) = &outcome {
            self.auth.forget_deletion(&user.name);
            self.auth.cache(user, &key);
        }
        Ok(outcome)
    }

    /// Changes the key of an account that has just logged in from `client`.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn change_key(&self, user: User, key: Key, client: Option<IpAddr>) -> Result<UpdateOutcome> {
        let stored = self.auth.hash_for(Purpose::Login, key.clone(), client).await?;
        let changed = User { key: stored.clone(), ..user.clone() };
        let outcome = self.store.set_key(user, stored).await?;
        if outcome == UpdateOutcome::Applied {
            self.auth.cache(&changed, &key);
            self.note_network(&changed, client);
        }
        Ok(outcome)
    }

    /// Makes a device password for the account, unless it changed since `user` was read.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many writes wait; other errors of the store.
    pub(crate) async fn create_device_password(
        &self,
        user: User,
        name: DevicePasswordName,
    ) -> Result<NewDevicePassword> {
        let password = DevicePassword::random().map_err(|error| Error::Store(Arc::new(error)))?;
        let hash = password.hash().map_err(|error| Error::Store(Arc::new(error)))?;
        Ok(match self.store.create_device_password(user, name, hash).await? {
            DevicePasswordOutcome::Created(id) => NewDevicePassword::Created { id, password },
            DevicePasswordOutcome::TooMany => NewDevicePassword::TooMany,
            DevicePasswordOutcome::Stale => NewDevicePassword::Stale,
        })
    }

    /// Sets the key of any account, as far as `authority` may.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn set_key(&self, authority: Authority, target: Username, key: Key) -> Result<AccountOutcome> {
        let stored = self.auth.hash_for(Purpose::Login, key.clone(), None).await?;
        let outcome = self.store.manage(authority, target.clone(), Change::SetKey(stored.clone())).await?;
        if outcome == AccountOutcome::Done
            && let Some(user) = self.store.find_user(&target)?.filter(|user| user.key == stored)
        {
            self.auth.cache(&user, &key);
        }
        Ok(outcome)
    }

    /// Deletes an account, as far as `authority` may, and evicts it from the cache.
    ///
    /// # Errors
    /// Those of [`Store::manage`].
    pub(crate) async fn delete_account(&self, authority: Authority, target: Username) -> Result<AccountOutcome> {
        let user = self.store.find_user(&target)?;
        let outcome = self.store.manage(authority, target, Change::Delete).await?;
        if let (AccountOutcome::Done, Some(user)) = (outcome, user) {
            self.auth.evict(user.id);
            self.request_log.forget(user.id);
        }
        Ok(outcome)
    }

    /// Deletes the account that has just logged in as `name` with `key`, and remembers that for an hour [U2].
    ///
    /// Goes on when the client disconnects: that is the client that will ask again.
    ///
    /// # Errors
    /// Those of [`Store::manage`].
    pub(crate) async fn delete_own_account(
        self: &Arc<Self>,
        user: User,
        name: Username,
        key: Key,
    ) -> Result<AccountOutcome> {
        let state = self.clone();
        let task = tokio::spawn(async move {
            let target = user.name.clone();
            let outcome = state.delete_account(Authority::User(user), target).await?;
            if outcome == AccountOutcome::Done {
                state.auth.note_deletion(&name, &key);
            }
            Ok(outcome)
        });
        task.await.map_err(task_error)?
    }

    /// Returns whether the account of that name and key was deleted within the last hour, and does not exist now [U2].
    pub(crate) fn was_deleted(&self, name: &Username, key: &Key) -> Result<bool> {
        if !self.auth.was_deleted(name, key) {
            return Ok(false);
        }
        let exists = self.store.find_user(name)?.is_some();
        if exists {
            self.auth.forget_deletion(name);
        }
        Ok(!exists)
    }
}

/// Converts the error of a task: it panicked, or the runtime is shutting down.
fn task_error(error: JoinError) -> Error {
    if error.is_cancelled() { Error::StoreClosed } else { Error::Store(Arc::new(error)) }
}

#[cfg(test)]
impl AppState {
    /// Returns the state of a server with default settings, for tests.
    pub(crate) fn of_test(store: Store) -> Self {
        use crate::auth::RegistrationLimits;

        let auth = Authenticator::new(RegistrationLimits::default(), Box::new(|| ())).expect("an authenticator");
        Self {
            started: store.now(),
            store,
            auth: Arc::new(auth),
            registration: true,
            admin_password_configured: false,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            address: watch::Sender::new(Ok(None)),
            language: Language::default(),
            mount_path: None,
            scheme: "http",
            port: 7200,
            metrics: None,
            has_metrics_route: false,
            has_webdav: true,
            client_timeout: Duration::from_secs(10),
            scan_limiter: ScanLimiter::new(),
            activity: ActivityCache::default(),
            request_log: RequestLog::default(),
            reading: ReadingWorker::default(),
            log_limits: LogLimits::default(),
            connections: Box::new(|| (0, 0)),
            #[cfg(feature = "mqtt")]
            mqtt_status: Mutex::default(),
            ingress_administrators: Vec::new(),
            proxy_login: None,
            #[cfg(feature = "import")]
            max_import_bytes: 0,
            #[cfg(feature = "import")]
            import_job: ImportJob::default(),
            #[cfg(feature = "import")]
            heavy_reads: Arc::new(Semaphore::new(1)),
        }
    }
}
