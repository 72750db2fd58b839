//! Which account each Home Assistant user chose, when they come through the ingress.

use super::accounts::UpdateOutcome;
use super::handle::Store;
use super::records::IngressUserRecord;
use super::sessions::hash_stored_key;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{IngressUserId, User};

/// How a Home Assistant user came to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// By its password, or by making it. It holds until the account gets another key.
    Proven,
    /// From the list of all accounts, which administrators see.
    Picked,
}

impl Store {
    /// Returns the account that a Home Assistant user chose, while that account exists and is enabled, and how the user came to it.
    pub(crate) fn account_of_ingress_user(&self, id: &IngressUserId) -> Result<Option<(User, Choice)>> {
        self.read(|txn, tables| {
            let Some(chosen) = tables.ingress_users.get(txn, id.as_str())? else { return Ok(None) };
            let record = tables.users.get(txn, chosen.name.as_str())?;
            let record = record.filter(|record| record.id == chosen.user && record.active);
            Ok(record.map(|record| {
                let is_proven = chosen.key.is_some_and(|key| key == hash_stored_key(&record.key));
                let choice = if is_proven { Choice::Proven } else { Choice::Picked };
                (record.into_user(chosen.name), choice)
            }))
        })
    }

    /// Sets the account of a Home Assistant user, unless that account changed since `user` was read.
    pub(crate) async fn set_account_of_ingress_user(
        &self,
        id: IngressUserId,
        user: User,
        choice: Choice,
    ) -> Result<UpdateOutcome> {
        self.inner.writer.run(move |write| write.set_account_of_ingress_user(&id, &user, choice)).await
    }

    /// Removes the choice of a Home Assistant user.
    pub(crate) async fn remove_ingress_user(&self, id: IngressUserId) -> Result<()> {
        self.inner
            .writer
            .run(move |write| Ok(write.tables.ingress_users.delete(write.txn, id.as_str()).map(drop)?))
            .await
    }
}

impl WriteTxn<'_, '_> {
    fn set_account_of_ingress_user(
        &mut self,
        id: &IngressUserId,
        user: &User,
        choice: Choice,
    ) -> Result<UpdateOutcome> {
        let Some(record) = self.revalidate(user)? else { return Ok(UpdateOutcome::Stale) };
        let key = (choice == Choice::Proven).then(|| hash_stored_key(&record.key));
        let chosen = IngressUserRecord { user: user.id, name: user.name.clone(), key };
        self.tables.ingress_users.put(self.txn, id.as_str(), &chosen)?;
        Ok(UpdateOutcome::Applied)
    }
}
