//! What a program may do with accounts.

use std::net::IpAddr;

use super::Server;
use crate::auth::LoginOutcome;
use crate::config::Secret;
use crate::error::Result;
use crate::model::{Key, Username};
use crate::store::{AccountOutcome, Authority, CreateOutcome};

/// Accounts. None of these methods needs the account `admin`.
impl Server {
    /// Checks an account's credentials as a login does. Returns the account if they are right.
    ///
    /// Use it to protect pages of your own with kosync's accounts. The first check of a key takes about 20 ms of Argon2; later ones
    /// take microseconds. Failures count towards the account's limit: 60 in a row, then one every 15 s. All calls without an address count
    /// as one client, which has 20, and 10 for each name. So where the client's address is known, prefer
    /// [`authenticate_from`](Server::authenticate_from).
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::{Key, LoginOutcome, Username};
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let (ada, key) = (Username::new("ada")?, Key::from_password(b"a good one")?);
    /// kosync.create_user(ada.clone(), key.clone()).await?;
    ///
    /// assert!(matches!(kosync.authenticate(&ada, key).await?, LoginOutcome::Accepted(user) if user.name == ada));
    /// let wrong = Key::from_password(b"a bad one")?;
    /// assert!(matches!(kosync.authenticate(&ada, wrong).await?, LoginOutcome::Refused));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// A device password is [`LoginOutcome::AcceptedDevice`]: it is for reading and pushing positions, so refuse it on pages.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the account cannot be read, `Busy` if too many reads are open, or if so many logins wait for Argon2
    /// that this one would take longer than 4 s.
    pub async fn authenticate(&self, name: &Username, key: Key) -> Result<LoginOutcome> {
        self.authenticate_from(name, key, None).await
    }

    /// Checks an account's credentials, and counts failures for the client's address, too.
    ///
    /// The limit per IPv4 address or IPv6 /64 network is 20 failures in a row, then one every 15 s. A network that the account has logged
    /// in from (an IPv4 /24 or an IPv6 /48) has a limit of its own for that account.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the account cannot be read, `Busy` if too many reads are open, or if so many logins wait for Argon2
    /// that this one would take longer than 4 s.
    pub async fn authenticate_from(
        &self,
        name: &Username,
        key: Key,
        client: impl Into<Option<IpAddr>>,
    ) -> Result<LoginOutcome> {
        self.state.login(name, key, client.into()).await
    }

    /// Creates an account, also while registration is closed.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::{Key, Username, store::CreateOutcome};
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).registration(false).build()?;
    /// let (name, key) = (Username::new("ada")?, Key::from_password(b"a good one")?);
    /// assert!(matches!(kosync.create_user(name, key).await?, CreateOutcome::Created(_)));
    /// for user in kosync.store().users()? {
    ///     println!("{}: {} documents", user.name, user.documents);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error`](crate::Error): `NoSpace`, `DiskWrite`, `DataDirReplaced`, `Busy`: nothing was stored, and a retry may work.
    /// `StoreClosed` once the store is closed.
    pub async fn create_user(&self, name: Username, key: Key) -> Result<CreateOutcome> {
        self.state.create_account(name, key).await
    }

    /// Deletes an account with all it owns. The name can be registered again at once.
    ///
    /// The account `admin` is never deleted: [`AccountOutcome::Protected`].
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::{Key, Username, store::AccountOutcome};
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let ada = Username::new("ada")?;
    /// kosync.create_user(ada.clone(), Key::from_password(b"a good one")?).await?;
    /// assert_eq!(kosync.delete_user(ada.clone()).await?, AccountOutcome::Done);
    /// assert_eq!(kosync.delete_user(ada).await?, AccountOutcome::NoAccount);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error`](crate::Error): `NoSpace`, `DiskWrite`, `DataDirReplaced`, `Busy`: nothing was deleted, and a retry may work.
    /// `StoreClosed` once the store is closed.
    pub async fn delete_user(&self, name: Username) -> Result<AccountOutcome> {
        self.state.delete_account(Authority::Local, name).await
    }

    /// Replaces the key of an account.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `NoSpace`, `DiskWrite`, `DataDirReplaced`, `Busy`: nothing was stored, and a retry may work.
    /// `StoreClosed` once the store is closed.
    pub async fn set_key(&self, name: Username, key: Key) -> Result<AccountOutcome> {
        self.state.set_key(Authority::Local, name, key).await
    }

    /// Returns whether clients may register now: the last switch at run time, else the configuration.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the switch cannot be read, `Busy` if too many reads are open.
    pub fn registration(&self) -> Result<bool> {
        self.state.registration_is_open()
    }

    /// Opens or closes registration until the configured value changes. Restarts keep it.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `NoSpace`, `DiskWrite`, `DataDirReplaced`, `Busy`: nothing was stored, and a retry may work.
    /// `StoreClosed` once the store is closed.
    pub async fn set_registration(&self, open: bool) -> Result<()> {
        self.state.store.set_registration(Authority::Local, open, self.state.registration).await.map(drop)
    }

    /// Returns the password of `admin` if [`Builder::build`](crate::Builder::build) has just generated it.
    ///
    /// `None` if the account existed, if a password was configured, or after
    /// [`Builder::create_admin(false)`](crate::Builder::create_admin).
    pub fn generated_admin_password(&self) -> Option<&Secret> {
        self.generated_admin_password.as_ref()
    }
}
