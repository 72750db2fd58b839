//! Who of Home Assistant reads with which account.

use super::Store;
use super::codec::LinkRecord;
use super::write::Write;
use crate::error::Result;
use crate::model::{HomeAssistantUser, User};
use crate::store::Changed;

impl Store {
    /// The account that somebody of Home Assistant has chosen, as long as it is there and switched on.
    pub(crate) fn linked(&self, who: &HomeAssistantUser) -> Result<Option<User>> {
        self.read(|txn, tables| {
            let Some(link) = tables.links.get(txn, who.as_str())? else { return Ok(None) };
            let record = tables.users.get(txn, link.name.as_str())?;
            let record = record.filter(|record| record.id == link.user && record.active);
            Ok(record.map(|record| record.into_user(link.name)))
        })
    }

    /// Makes an account the one that somebody of Home Assistant sees, if it still is as `user` shows it.
    pub(crate) async fn link(&self, who: HomeAssistantUser, user: User) -> Result<Changed> {
        self.inner.writer.run(move |write| write.link(&who, &user)).await
    }

    /// Forgets what somebody of Home Assistant has chosen.
    pub(crate) async fn unlink(&self, who: HomeAssistantUser) -> Result<()> {
        self.inner.writer.run(move |write| Ok(write.tables.links.delete(write.txn, who.as_str()).map(drop)?)).await
    }
}

impl Write<'_, '_> {
    fn link(&mut self, who: &HomeAssistantUser, user: &User) -> Result<Changed> {
        if self.entitled(user)?.is_none() {
            return Ok(Changed::Refused);
        }
        let link = LinkRecord { user: user.id, name: user.name.clone() };
        self.tables.links.put(self.txn, who.as_str(), &link)?;
        Ok(Changed::Done)
    }
}
