//! First start: the administrator, the configured accounts, the random password.

use crate::auth::password;
use crate::config::{AccountConfig, Config, Secret, TrustedProxy, read_password_file};
use crate::error::{Error, Result};
use crate::model::{ADMIN, Key, Username};
use crate::recent_log;
use crate::store::Store;

/// Bits of a random password: 100, in 20 characters of 5 bits each.
const PASSWORD_LEN: usize = 20;
/// Characters that are hard to confuse: no `l`, `o`, `0`, `1`.
const PASSWORD_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Accounts that a start creates, or whose passwords it sets.
///
/// Reading comes before the store is opened, so that a wrong setting changes nothing.
pub(crate) struct Provision {
    create_admin: bool,
    admin_key: Option<Key>,
    accounts: Vec<(Username, Key)>,
    registration: bool,
}

impl Provision {
    /// Reads and checks the passwords of the configuration.
    ///
    /// # Errors
    /// [`Error::AdminPassword`], [`Error::Account`], [`Error::Mqtt`], [`Error::ProxyLogin`]: the setting, what is wrong, and with which file.
    pub(crate) fn from_config(config: &Config, create_admin: bool) -> Result<Self> {
        check_broker(config)?;
        check_proxy_login(config).map_err(|(_, error)| error)?;
        if let Some(file) = config.mqtt.as_ref().and_then(|mqtt| mqtt.password_file.as_ref()) {
            read_password_file(file).map_err(Error::Mqtt)?;
        }
        let admin_password = admin_password(config)?;
        if admin_password.is_some() && !create_admin {
            let reason =
                "it is configured, but `Builder::create_admin(false)` leaves the account out; remove one of the two";
            return Err(Error::AdminPassword(reason.into()));
        }
        let admin_key = admin_password.as_ref().map(key_of_admin).transpose()?;
        Ok(Self { create_admin, admin_key, accounts: accounts(config)?, registration: config.registration })
    }

    /// Writes what differs from the store. Returns the password of `admin` if it was generated.
    ///
    /// # Errors
    /// [`Error::NoSpace`], [`Error::DiskWrite`], [`Error::Store`]: the account could not be written.
    pub(crate) fn apply(self, store: &Store) -> Result<Option<Secret>> {
        let generated = if self.create_admin { ensure_admin(store, self.admin_key)? } else { None };
        let has_variant = |name: &Username| self.accounts.iter().any(|(other, _)| other.is_variant_of(name));
        for (name, key) in &self.accounts {
            ensure_account(store, name, key, has_variant(name))?;
        }
        store.configure_registration(self.registration)?;
        Ok(generated)
    }
}

/// Returns what a start would refuse in the settings themselves, with the key of each. Opens no file.
#[cfg(feature = "cli")]
pub(crate) fn config_errors(config: &Config) -> Vec<(&'static str, Error)> {
    let files = check_tls_files(config).err().map(|error| match config.tls_key {
        None => ("tls_certificate", error),
        Some(_) => ("tls_key", error),
    });
    let broker = check_broker(config).err().map(|error| ("mqtt", error));
    let proxy = check_proxy_login(config).err();
    let accounts = names(config).filter_map(|name| Some(("accounts", name.err()?)));
    files.into_iter().chain(broker).chain(proxy).chain(accounts).collect()
}

/// Checks the settings of a proxy's login: few addresses are trusted, and each setting has an effect.
fn check_proxy_login(config: &Config) -> Result<(), (&'static str, Error)> {
    let failed = |key, reason: &str| Err((key, Error::ProxyLogin(reason.into())));
    let is_everybody = |proxy: &TrustedProxy| matches!(proxy, TrustedProxy::Net(net) if net.prefix_len() == 0);
    match config.proxy_user_header {
        Some(_) if config.trusted_proxies.is_empty() => failed(
            "proxy_user_header",
            "`proxy_user_header` is set, but no proxy is trusted to send it: set `trusted_proxies` to the proxy's address, or remove the header",
        ),
        Some(_) if config.trusted_proxies.iter().any(is_everybody) => failed(
            "trusted_proxies",
            "`trusted_proxies` trusts every address, so any client could send `proxy_user_header` and log in as any user: set it to the proxy's address",
        ),
        None if !config.proxy_administrators.is_empty() => failed(
            "proxy_administrators",
            "`proxy_administrators` names users of no proxy: set `proxy_user_header`, or remove them",
        ),
        None if config.proxy_logout_address.is_some() => failed(
            "proxy_logout_address",
            "`proxy_logout_address` is for users of no proxy: set `proxy_user_header`, or remove it",
        ),
        _ => Ok(()),
    }
}

/// Checks the broker's settings. Whether the broker can be reached is not checked: it may start later.
fn check_broker(config: &Config) -> Result<()> {
    let Some(mqtt) = &config.mqtt else { return Ok(()) };
    if !cfg!(feature = "mqtt") {
        return Err(Error::Mqtt("this program was built without the feature `mqtt`".into()));
    }
    if mqtt.host.is_empty() {
        return Err(Error::Mqtt("`host` is empty: it must be the broker's name or address".into()));
    }
    if mqtt.tls && !cfg!(feature = "tls") {
        return Err(Error::Mqtt("this program was built without the feature `tls`".into()));
    }
    if mqtt.username.is_none() && (mqtt.password.is_some() || mqtt.password_file.is_some()) {
        return Err(Error::Mqtt("there is a password, but no `username` that it belongs to".into()));
    }
    Ok(())
}

/// Returns the configured password; that of the file if there is one.
fn admin_password(config: &Config) -> Result<Option<Secret>> {
    let Some(path) = &config.admin_password_file else { return Ok(config.admin_password.clone()) };
    read_password_file(path).map(Some).map_err(Error::AdminPassword)
}

fn key_of_admin(password: &Secret) -> Result<Key> {
    Key::from_password(password.reveal().as_bytes())
        .map_err(|_| Error::AdminPassword("it is empty; leave it out for a random one".into()))
}

/// Checks the name of each configured account.
fn names(config: &Config) -> impl Iterator<Item = Result<Username>> {
    let mut seen = Vec::new();
    config.accounts.iter().map(move |AccountConfig { name, .. }| {
        let failed = |reason: String| Error::Account { name: name.clone(), reason };
        let name = Username::new(name).map_err(|invalid| failed(invalid.to_string()))?;
        if name.as_str() == ADMIN {
            return Err(failed("set its password by `admin_password_file` instead".into()));
        }
        if seen.contains(&name) {
            return Err(failed("it is configured twice".into()));
        }
        seen.push(name.clone());
        Ok(name)
    })
}

/// Checks that there are both files that TLS needs, or neither.
#[cfg(any(feature = "cli", feature = "tls"))]
pub(crate) fn check_tls_files(config: &Config) -> Result<()> {
    match (&config.tls_certificate, &config.tls_key) {
        (Some(_), None) => Err(Error::Tls("a certificate is configured, but no key: set `tls_key`".into())),
        (None, Some(_)) => Err(Error::Tls("a key is configured, but no certificate: set `tls_certificate`".into())),
        _ => Ok(()),
    }
}

/// Checks the configured accounts, and returns each with its key.
fn accounts(config: &Config) -> Result<Vec<(Username, Key)>> {
    let mut accounts: Vec<(Username, Key)> = Vec::new();
    for (name, AccountConfig { password_file, .. }) in names(config).zip(&config.accounts) {
        let name = name?;
        let failed = |reason: String| Error::Account { name: name.to_string(), reason };
        let secret = read_password_file(password_file).map_err(failed)?;
        let key = Key::from_password(secret.reveal().as_bytes()).map_err(|invalid| failed(invalid.to_string()))?;
        accounts.push((name, key));
    }
    Ok(accounts)
}

/// Creates a configured account or sets its password. An account that an administrator has disabled stays disabled.
///
/// `is_exact`: another configured name differs from this one in case alone, so neither may mean the other's account [A7].
fn ensure_account(store: &Store, name: &Username, key: &Key, is_exact: bool) -> Result<()> {
    let user = if is_exact { store.user(name)? } else { store.find_user(name)? };
    match user.filter(|user| user.name == *name || user.name.as_str() != ADMIN) {
        Some(user) if password::verify(&user.key, key) => Ok(()),
        _ => store.set_account(name.clone(), password::hash(key)?, is_exact),
    }
}

/// Creates `admin` or sets its configured key. Without one, an account of that name stays as it is, also if it belongs to a
/// reader who came by import.
fn ensure_admin(store: &Store, configured: Option<Key>) -> Result<Option<Secret>> {
    #[allow(clippy::expect_used)]
    let name = Username::new(ADMIN).expect("a valid name");
    let user = store.user(&name)?;
    let (key, generated) = match (configured, &user) {
        (Some(key), _) => (key, None),
        (None, Some(user)) => {
            if !user.administrator {
                tracing::warn!(
                    "no administrator: `admin` is an imported reader; configure an admin password to make it one"
                );
            }
            return Ok(None);
        }
        (None, None) => {
            let generated = random_password()?;
            (key_of_admin(&generated)?, Some(generated))
        }
    };
    let key = match user {
        // An unchanged password keeps its hash, by which sessions are valid.
        Some(user) if password::verify(&user.key, &key) => {
            if user.administrator && user.active {
                return Ok(None);
            }
            user.key
        }
        _ => password::hash(&key)?,
    };
    store.set_administrator(name, key)?;
    if let Some(password) = &generated {
        log_once(password.reveal());
    }
    Ok(generated)
}

/// Logs the generated password, as an error if warnings are filtered out: it is shown this once only.
fn log_once(password: &str) {
    macro_rules! log {
        ($level:ident) => {
            tracing::$level!(target: recent_log::SECRET_TARGET, "created the account `admin` with the password {password} (shown only once; to change it, configure one)")
        };
    }
    if tracing::enabled!(tracing::Level::WARN) { log!(warn) } else { log!(error) }
}

fn random_password() -> Result<Secret> {
    let mut bytes = [0; PASSWORD_LEN];
    getrandom::fill(&mut bytes).map_err(|error| Error::AdminPassword(error.to_string()))?;
    let characters = bytes.iter().map(|byte| char::from(PASSWORD_ALPHABET[usize::from(byte % 32)]));
    Ok(Secret::from(characters.collect::<String>()))
}
