//! Stores which account each user of Home Assistant or of a reverse proxy chose.

use super::accounts::UpdateOutcome;
use super::handle::Store;
use super::records::RemoteUserRecord;
use super::sessions::hash_stored_key;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{RemoteUserId, User};

/// How a remote user came to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// By its password, or by making it. It holds until the account gets another key.
    Proven,
    /// Without its password: from the list of all accounts, which administrators see, or by the name that a proxy sends.
    Picked,
}

/// What a remote user has chosen.
#[derive(Debug)]
pub(crate) enum Chosen {
    /// Nothing yet.
    Nothing,
    /// An account that does not exist any more, or is disabled.
    Unusable,
    /// An account that exists and is enabled, and how the user came to it.
    Account(User, Choice),
}

impl Store {
    /// Returns the account that a remote user chose.
    pub(crate) fn account_of_remote_user(&self, id: &RemoteUserId) -> Result<Chosen> {
        self.read(|txn, tables| {
            let Some(chosen) = tables.remote_users.get(txn, id.as_key())? else { return Ok(Chosen::Nothing) };
            let record = tables.users.get(txn, chosen.name.as_str())?;
            let Some(record) = record.filter(|record| record.id == chosen.user && record.active) else {
                return Ok(Chosen::Unusable);
            };
            let is_proven = chosen.key.is_some_and(|key| key == hash_stored_key(&record.key));
            let choice = if is_proven { Choice::Proven } else { Choice::Picked };
            Ok(Chosen::Account(record.into_user(chosen.name), choice))
        })
    }

    /// Sets the account of a remote user, unless that account changed since `user` was read.
    pub(crate) async fn set_account_of_remote_user(
        &self,
        id: RemoteUserId,
        user: User,
        choice: Choice,
    ) -> Result<UpdateOutcome> {
        self.inner.writer.run(move |write| write.set_account_of_remote_user(&id, &user, choice)).await
    }

    /// Removes the choice of a remote user.
    pub(crate) async fn remove_remote_user(&self, id: RemoteUserId) -> Result<()> {
        self.inner
            .writer
            .run(move |write| Ok(write.tables.remote_users.delete(write.txn, id.as_key()).map(drop)?))
            .await
    }
}

impl WriteTxn<'_, '_> {
    fn set_account_of_remote_user(&mut self, id: &RemoteUserId, user: &User, choice: Choice) -> Result<UpdateOutcome> {
        let Some(record) = self.revalidate(user)? else { return Ok(UpdateOutcome::Stale) };
        let key = (choice == Choice::Proven).then(|| hash_stored_key(&record.key));
        let chosen = RemoteUserRecord { user: user.id, name: user.name.clone(), key };
        self.tables.remote_users.put(self.txn, id.as_key(), &chosen)?;
        Ok(UpdateOutcome::Applied)
    }
}
