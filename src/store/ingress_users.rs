//! Which account each Home Assistant user chose, when they come through the ingress.

use super::accounts::UpdateOutcome;
use super::handle::Store;
use super::records::IngressUserRecord;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{IngressUserId, User};

impl Store {
    /// Returns the account that a Home Assistant user chose, while that account exists and is enabled.
    pub(crate) fn account_of_ingress_user(&self, id: &IngressUserId) -> Result<Option<User>> {
        self.read(|txn, tables| {
            let Some(chosen) = tables.ingress_users.get(txn, id.as_str())? else { return Ok(None) };
            let record = tables.users.get(txn, chosen.name.as_str())?;
            let record = record.filter(|record| record.id == chosen.user && record.active);
            Ok(record.map(|record| record.into_user(chosen.name)))
        })
    }

    /// Sets the account of a Home Assistant user, unless that account changed since `user` was read.
    pub(crate) async fn set_account_of_ingress_user(&self, id: IngressUserId, user: User) -> Result<UpdateOutcome> {
        self.inner.writer.run(move |write| write.set_account_of_ingress_user(&id, &user)).await
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
    fn set_account_of_ingress_user(&mut self, id: &IngressUserId, user: &User) -> Result<UpdateOutcome> {
        if self.revalidate(user)?.is_none() {
            return Ok(UpdateOutcome::Stale);
        }
        let chosen = IngressUserRecord { user: user.id, name: user.name.clone() };
        self.tables.ingress_users.put(self.txn, id.as_str(), &chosen)?;
        Ok(UpdateOutcome::Applied)
    }
}
