//! Sessions of the dashboard: the browser keeps a secret, the store its hash.
//!
//! A session belongs to the stored key that its account had at the login. So one write of a new key, by any process, ends all sessions
//! of the account.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use blake2::Blake2b;
use blake2::digest::{Digest as _, consts::U32};

use super::env::unexpected;
use super::handle::Store;
use super::keyspace::HashKey;
use super::records::{SessionRecord, UserRecord};
use super::transaction::{WriteTxn, is_same_hour};
use crate::error::Result;
use crate::model::{StoredKey, User, UserId};

/// Lifetime of a session in seconds: 30 days.
pub(crate) const SESSION_LIFETIME: u64 = 30 * 24 * 60 * 60;
/// Sessions of one account. One more ends the oldest.
const MAX_SESSIONS: usize = 32;

/// What a browser sends to show that it is logged in: the account's number and 256 random bits. `Debug` hides it.
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
        getrandom::fill(&mut secret).map_err(unexpected)?;
        Ok(Self { user, secret })
    }

    /// Encodes the token as a cookie's value.
    pub(crate) fn to_text(&self) -> String {
        Base64UrlUnpadded::encode_string(&[&self.user.0.to_be_bytes()[..], &self.secret].concat())
    }

    /// Decodes what [`SessionToken::to_text`] encoded.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; 36];
        let bytes = Base64UrlUnpadded::decode(text, &mut bytes).ok()?;
        let (user, secret) = bytes.split_first_chunk()?;
        Some(Self { user: UserId(u32::from_be_bytes(*user)), secret: secret.try_into().ok()? })
    }

    fn key(&self) -> HashKey {
        HashKey { user: self.user, hash: Blake2b::<U32>::digest(self.secret).into() }
    }
}

/// Hashes a stored key for a session's record, or that of a chosen account.
pub(super) fn hash_stored_key(key: &StoredKey) -> String {
    Base64UrlUnpadded::encode_string(&Blake2b::<U32>::digest(key.0.as_bytes()))
}

impl Store {
    /// Returns the account of a session that is valid.
    pub(crate) fn session(&self, token: &SessionToken) -> Result<Option<User>> {
        let now = self.now();
        self.read(|txn, tables| {
            let Some(session) = tables.sessions.get(txn, &token.key())? else { return Ok(None) };
            let Some(record) = tables.users.get(txn, session.user.as_str())? else { return Ok(None) };
            let is_valid = session.expires > now && record.id == token.user && record.active;
            let is_valid = is_valid && session.key == hash_stored_key(&record.key);
            Ok(is_valid.then(|| record.into_user(session.user)))
        })
    }

    /// Opens a session, unless the account changed since `user` was read.
    pub(crate) async fn open_session(&self, user: User) -> Result<Option<SessionToken>> {
        self.inner.writer.run(move |write| write.open_session(&user)).await
    }

    /// Ends a session.
    pub(crate) async fn close_session(&self, token: SessionToken) -> Result<()> {
        self.inner.writer.run(move |write| Ok(write.tables.sessions.delete(write.txn, &token.key()).map(drop)?)).await
    }
}

impl WriteTxn<'_, '_> {
    fn open_session(&mut self, user: &User) -> Result<Option<SessionToken>> {
        let Some(record) = self.revalidate(user)? else { return Ok(None) };
        let key = hash_stored_key(&record.key);
        let is_over = |session: &SessionRecord| session.expires <= self.now || session.key != key;
        let (over, mut valid): (Vec<_>, Vec<_>) =
            self.sessions_of(user.id)?.into_iter().partition(|(_, session)| is_over(session));
        valid.sort_by_key(|(_, session)| session.expires);
        let surplus = (valid.len() + 1).saturating_sub(MAX_SESSIONS);
        for (session_key, _) in over.iter().chain(&valid[..surplus]) {
            self.tables.sessions.delete(self.txn, session_key)?;
        }
        let token = SessionToken::random(user.id)?;
        let session = SessionRecord { user: user.name.clone(), key, expires: self.now + SESSION_LIFETIME };
        self.tables.sessions.put(self.txn, &token.key(), &session)?;
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

    fn sessions_of(&self, user: UserId) -> Result<Vec<(HashKey, SessionRecord)>> {
        let range = HashKey::range_of(user);
        Ok(self.tables.sessions.range(self.txn, &range)?.collect::<heed::Result<_>>()?)
    }

    /// Ends all sessions of an account.
    pub(super) fn close_sessions(&mut self, user: UserId) -> Result<()> {
        for (session_key, _) in self.sessions_of(user)? {
            self.tables.sessions.delete(self.txn, &session_key)?;
        }
        Ok(())
    }
}
