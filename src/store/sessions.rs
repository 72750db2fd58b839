//! Sessions of the dashboard: a secret in the browser, its hash here.
//!
//! A session belongs to the stored key that its account had when it was opened. So whoever changes the password, by whatever
//! way and in whatever process, ends all sessions with that one write.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use blake2::Blake2b;
use blake2::digest::{Digest as _, consts::U32};

use super::Store;
use super::progress::{WriteTxn, is_same_hour};
use super::records::{SessionKey, SessionRecord, UserRecord};
use crate::error::{Error, Result};
use crate::model::{StoredKey, User, UserId};

/// How long a session holds, in seconds: 30 days.
pub(crate) const LIFETIME: u64 = 30 * 24 * 60 * 60;
/// Sessions of one account. One more ends the one that would end first.
const MOST: usize = 32;

/// What a browser keeps to show that it is logged in: the account's number and 256 random bits. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionToken {
    user: UserId,
    secret: [u8; 32],
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

impl SessionToken {
    fn random(user: UserId) -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Store(std::sync::Arc::new(error)))?;
        Ok(Self { user, secret })
    }

    /// As it is written in a cookie.
    pub(crate) fn to_text(&self) -> String {
        Base64UrlUnpadded::encode_string(&[&self.user.0.to_be_bytes()[..], &self.secret].concat())
    }

    /// Reads what [`SessionToken::to_text`] wrote.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; 36];
        let bytes = Base64UrlUnpadded::decode(text, &mut bytes).ok()?;
        let (user, secret) = bytes.split_first_chunk()?;
        Some(Self { user: UserId(u32::from_be_bytes(*user)), secret: secret.try_into().ok()? })
    }

    fn row(&self) -> SessionKey {
        SessionKey { user: self.user, hash: Blake2b::<U32>::digest(self.secret).into() }
    }
}

/// What a session remembers of the key that it was opened under.
fn trace(key: &StoredKey) -> String {
    Base64UrlUnpadded::encode_string(&Blake2b::<U32>::digest(key.0.as_bytes()))
}

impl Store {
    /// The account of a session that holds.
    pub(crate) fn session(&self, token: &SessionToken) -> Result<Option<User>> {
        let now = self.now();
        self.read(|txn, tables| {
            let Some(session) = tables.sessions.get(txn, &token.row())? else { return Ok(None) };
            let Some(record) = tables.users.get(txn, session.user.as_str())? else { return Ok(None) };
            let holds = session.expires > now && record.id == token.user && record.active;
            let holds = holds && session.key == trace(&record.key);
            Ok(holds.then(|| record.into_user(session.user)))
        })
    }

    /// Opens a session, if the account still is as `user` shows it.
    pub(crate) async fn open_session(&self, user: User) -> Result<Option<SessionToken>> {
        self.inner.writer.run(move |write| write.open_session(&user)).await
    }

    /// Ends a session.
    pub(crate) async fn close_session(&self, token: SessionToken) -> Result<()> {
        self.inner.writer.run(move |write| Ok(write.tables.sessions.delete(write.txn, &token.row()).map(drop)?)).await
    }
}

impl WriteTxn<'_, '_> {
    fn open_session(&mut self, user: &User) -> Result<Option<SessionToken>> {
        let Some(record) = self.revalidate(user)? else { return Ok(None) };
        let key = trace(&record.key);
        let mut others = self.sessions_of(user.id)?;
        let is_over = |session: &SessionRecord| session.expires <= self.now || session.key != key;
        let (over, mut others): (Vec<_>, Vec<_>) = others.drain(..).partition(|(_, session)| is_over(session));
        others.sort_by_key(|(_, session)| session.expires);
        others.truncate((others.len() + 1).saturating_sub(MOST));
        for (row, _) in over.iter().chain(&others) {
            self.tables.sessions.delete(self.txn, row)?;
        }
        let token = SessionToken::random(user.id)?;
        let session = SessionRecord { user: user.name.clone(), key, expires: self.now + LIFETIME };
        self.tables.sessions.put(self.txn, &token.row(), &session)?;
        self.note_use(user, record)?;
        Ok(Some(token))
    }

    fn note_use(&mut self, user: &User, mut record: UserRecord) -> Result<()> {
        if !is_same_hour(record.last_used, self.now) {
            record.last_used = self.now;
            self.tables.users.put(self.txn, user.name.as_str(), &record)?;
        }
        Ok(())
    }

    fn sessions_of(&self, user: UserId) -> Result<Vec<(SessionKey, SessionRecord)>> {
        let rows = SessionKey::all(user);
        Ok(self.tables.sessions.range(self.txn, &rows)?.collect::<heed::Result<_>>()?)
    }

    /// Ends all sessions of an account.
    pub(super) fn close_sessions(&mut self, user: UserId) -> Result<()> {
        for (row, _) in self.sessions_of(user)? {
            self.tables.sessions.delete(self.txn, &row)?;
        }
        Ok(())
    }
}
