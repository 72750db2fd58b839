//! The registration switch: open or closed, as set at run time, until the configuration changes.

use super::accounts::{AccountOutcome, Authority};
use super::handle::Store;
use super::tables::{META_REGISTRATION, META_REGISTRATION_CONFIGURED};
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::Event;

impl Store {
    /// Returns whether clients may create accounts: as last set at run time, else as configured.
    pub(crate) fn registration(&self, configured: bool) -> Result<bool> {
        let (open, configured_then) = self.read(|txn, tables| {
            let row = |name| tables.meta.get(txn, name);
            Ok((row(META_REGISTRATION)?, row(META_REGISTRATION_CONFIGURED)?))
        })?;
        let is_valid = configured_then == Some(u64::from(configured));
        Ok(open.filter(|_| is_valid).map_or(configured, |open| open == 1))
    }

    /// Drops what was set at run time if the configuration has changed since.
    ///
    /// It is for the start: it runs on the calling thread.
    pub(crate) fn configure_registration(&self, configured: bool) -> Result<()> {
        let then = self.read(|txn, tables| tables.meta.get(txn, META_REGISTRATION_CONFIGURED))?;
        if then.is_none_or(|then| then == u64::from(configured)) {
            return Ok(());
        }
        self.write_at_start(|write| {
            write.tables.meta.delete(write.txn, META_REGISTRATION)?;
            write.tables.meta.delete(write.txn, META_REGISTRATION_CONFIGURED)?;
            Ok(())
        })
    }

    /// Opens or closes registration. `configured` is what the configuration says now.
    pub(crate) async fn set_registration(
        &self,
        authority: Authority,
        open: bool,
        configured: bool,
    ) -> Result<AccountOutcome> {
        self.inner.writer.run(move |write| write.set_registration(&authority, open, configured)).await
    }
}

impl WriteTxn<'_, '_> {
    fn set_registration(&mut self, authority: &Authority, open: bool, configured: bool) -> Result<AccountOutcome> {
        if let Authority::User(actor) = authority
            && !self.revalidate(actor)?.is_some_and(|record| record.administrator)
        {
            return Ok(AccountOutcome::Refused);
        }
        self.tables.meta.put(self.txn, META_REGISTRATION, &u64::from(open))?;
        self.tables.meta.put(self.txn, META_REGISTRATION_CONFIGURED, &u64::from(configured))?;
        self.events.push(Event::RegistrationChanged { open });
        Ok(if open { AccountOutcome::Enabled } else { AccountOutcome::Disabled })
    }
}
