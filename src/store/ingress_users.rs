//! Who of Home Assistant reads with which account.

use super::Store;
use super::progress::WriteTxn;
use super::records::IngressUserRecord;
use crate::error::Result;
use crate::model::{HomeAssistantUser, User};
use crate::store::UpdateOutcome;

impl Store {
    /// The account that somebody of Home Assistant has chosen, as long as it is there and switched on.
    pub(crate) fn linked(&self, who: &HomeAssistantUser) -> Result<Option<User>> {
        self.read(|txn, tables| {
            let Some(link) = tables.ingress_users.get(txn, who.as_str())? else { return Ok(None) };
            let record = tables.users.get(txn, link.name.as_str())?;
            let record = record.filter(|record| record.id == link.user && record.active);
            Ok(record.map(|record| record.into_user(link.name)))
        })
    }

    /// Makes an account the one that somebody of Home Assistant sees, if it still is as `user` shows it.
    pub(crate) async fn link(&self, who: HomeAssistantUser, user: User) -> Result<UpdateOutcome> {
        self.inner.writer.run(move |write| write.link(&who, &user)).await
    }

    /// Forgets what somebody of Home Assistant has chosen.
    pub(crate) async fn unlink(&self, who: HomeAssistantUser) -> Result<()> {
        self.inner
            .writer
            .run(move |write| Ok(write.tables.ingress_users.delete(write.txn, who.as_str()).map(drop)?))
            .await
    }
}

impl WriteTxn<'_, '_> {
    fn link(&mut self, who: &HomeAssistantUser, user: &User) -> Result<UpdateOutcome> {
        if self.revalidate(user)?.is_none() {
            return Ok(UpdateOutcome::Stale);
        }
        let link = IngressUserRecord { user: user.id, name: user.name.clone() };
        self.tables.ingress_users.put(self.txn, who.as_str(), &link)?;
        Ok(UpdateOutcome::Applied)
    }
}
