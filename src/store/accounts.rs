//! What is done to accounts by somebody else than their owner's devices: by administrators, and by whoever has the data folder.

use super::progress::WriteTxn;
use super::records::{DocumentKey, META_REGISTRATION, META_REGISTRATION_CONFIGURED};
use super::{Inner, Store};
use crate::error::Result;
use crate::model::{
    ADMIN, Document, DocumentName, Event, PUT_BACK_DEVICE, PUT_BACK_DEVICE_ID, StoredKey, User, Username,
};

/// On whose authority an account is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// Whoever has the data folder: the command line, or the program that embeds the server.
    Local,
    /// A user that has logged in. Checked again in the change's own transaction.
    User(User),
}

/// What is to be done to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Delete it and all that it has. Its owner may, too.
    Delete,
    /// Switch it on, or off: then nobody can log in, push or pull with it. `None` is the opposite of what it is.
    SetActive(Option<bool>),
    /// Give it another key.
    SetKey(StoredKey),
    /// Delete one document's position and history. Its owner may, too.
    DeleteDocument(Document),
    /// Give a document a name, or take it away. Its owner may, too.
    Rename(Document, Option<DocumentName>),
    /// Make the position of that number in the log the document's current one. Its owner may, too.
    ///
    /// It is pushed anew, by a device of its own ([`PUT_BACK_DEVICE`](crate::PUT_BACK_DEVICE)): so it is the newest, and no
    /// reader takes it for its own last word.
    Restore(Document, u64),
}

impl Change {
    /// Whether owners may do it to their own account.
    fn is_for_owners(&self) -> bool {
        match self {
            Self::Delete | Self::DeleteDocument(_) | Self::Rename(..) | Self::Restore(..) => true,
            Self::SetActive(_) | Self::SetKey(_) => false,
        }
    }
}

/// What became of a change to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountOutcome {
    /// It is done, and on disk.
    Done,
    /// The account now is switched on.
    SwitchedOn,
    /// The account now is switched off.
    SwitchedOff,
    /// There is no such account.
    NoUser,
    /// The account has no such document.
    NoDocument,
    /// The document's history has no such position, or no longer.
    NoPosition,
    /// The account is `admin`, which cannot be pending_purge, switched off, or given a password by a client.
    Protected,
    /// Whoever wants it is no administrator, or no longer has the account that was shown.
    Refused,
}

impl Store {
    /// Whether clients may make accounts: as it was switched last, or as the configuration says.
    pub(crate) fn registration(&self, configured: bool) -> Result<bool> {
        let (switched, then) = self.read(|txn, tables| {
            let row = |name| tables.meta.get(txn, name);
            Ok((row(META_REGISTRATION)?, row(META_REGISTRATION_CONFIGURED)?))
        })?;
        let holds = then == Some(u64::from(configured));
        Ok(switched.filter(|_| holds).map_or(configured, |open| open == 1))
    }

    /// Forgets how registration was switched if the configuration says something else than it did then. On the calling thread,
    /// for the start.
    pub(crate) fn configure_registration(&self, configured: bool) -> Result<()> {
        let Inner { env, tables, .. } = &*self.inner;
        let then = self.read(|txn, tables| tables.meta.get(txn, META_REGISTRATION_CONFIGURED))?;
        if then.is_none_or(|then| then == u64::from(configured)) {
            return Ok(());
        }
        let mut txn = env.write_txn()?;
        tables.meta.delete(&mut txn, META_REGISTRATION)?;
        tables.meta.delete(&mut txn, META_REGISTRATION_CONFIGURED)?;
        Ok(txn.commit()?)
    }

    /// Opens or closes registration, on the authority of whoever has the data folder or of an administrator.
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
    pub(super) fn manage(
        &mut self,
        authority: &Authority,
        target: &Username,
        change: Change,
    ) -> Result<AccountOutcome> {
        if let Authority::User(actor) = authority {
            let Some(record) = self.revalidate(actor)? else { return Ok(AccountOutcome::Refused) };
            let of_their_own = actor.name == *target && change.is_for_owners();
            if !record.administrator && !of_their_own {
                return Ok(AccountOutcome::Refused);
            }
        }
        let guarded = match &change {
            Change::Delete | Change::SetActive(_) => true,
            Change::SetKey(_) => *authority != Authority::Local,
            Change::DeleteDocument(_) | Change::Rename(..) | Change::Restore(..) => false,
        };
        if guarded && target.as_str() == ADMIN {
            return Ok(AccountOutcome::Protected);
        }
        let Some(mut record) = self.tables.users.get(self.txn, target.as_str())? else {
            return Ok(AccountOutcome::NoUser);
        };
        let user = target.clone();
        Ok(match change {
            Change::Delete => {
                self.remove_account(user, record.id)?;
                AccountOutcome::Done
            }
            Change::SetActive(wanted) => {
                let active = wanted.unwrap_or(!record.active);
                record.active = active;
                if !active {
                    self.close_sessions(record.id)?;
                }
                self.tables.users.put(self.txn, target.as_str(), &record)?;
                self.events.push(Event::ActiveChanged { user, active });
                if active { AccountOutcome::SwitchedOn } else { AccountOutcome::SwitchedOff }
            }
            Change::SetKey(key) => {
                record.key = key;
                self.tables.users.put(self.txn, target.as_str(), &record)?;
                self.events.push(Event::KeyChanged { user });
                AccountOutcome::Done
            }
            Change::DeleteDocument(document) => {
                let row = DocumentKey::new(record.id, &document);
                let Some(position) = self.tables.progress.get(self.txn, &row)? else {
                    return Ok(AccountOutcome::NoDocument);
                };
                self.remove_document(&row, position.sequence)?;
                record.documents = record.documents.saturating_sub(1);
                self.tables.users.put(self.txn, target.as_str(), &record)?;
                self.events.push(Event::DocumentDeleted { user, document });
                AccountOutcome::Done
            }
            Change::Rename(document, name) => {
                let row = DocumentKey::new(record.id, &document);
                if self.tables.progress.get(self.txn, &row)?.is_none() {
                    return Ok(AccountOutcome::NoDocument);
                }
                let mut about = self.tables.documents.get(self.txn, &row)?.unwrap_or_default();
                about.name = name.map(|name| name.as_str().to_owned());
                self.tables.documents.put(self.txn, &row, &about)?;
                self.events.push(Event::DocumentRenamed { user, document, name: about.name });
                AccountOutcome::Done
            }
            Change::Restore(document, sequence) => {
                if self.tables.progress.get(self.txn, &DocumentKey::new(record.id, &document))?.is_none() {
                    return Ok(AccountOutcome::NoDocument);
                }
                let entry = self.tables.log.get(self.txn, &sequence)?;
                let Some(entry) = entry.filter(|entry| entry.user == record.id && entry.document == document) else {
                    return Ok(AccountOutcome::NoPosition);
                };
                let mut position = entry.position;
                position.device = PUT_BACK_DEVICE.to_owned();
                position.device_id = Some(PUT_BACK_DEVICE_ID.to_owned());
                self.store_position(record, user, document, position)?;
                AccountOutcome::Done
            }
        })
    }

    /// Opens or closes registration, until the configuration says something else than `configured`, which it says now.
    pub(super) fn set_registration(
        &mut self,
        authority: &Authority,
        open: bool,
        configured: bool,
    ) -> Result<AccountOutcome> {
        if let Authority::User(actor) = authority
            && !self.revalidate(actor)?.is_some_and(|record| record.administrator)
        {
            return Ok(AccountOutcome::Refused);
        }
        self.tables.meta.put(self.txn, META_REGISTRATION, &u64::from(open))?;
        self.tables.meta.put(self.txn, META_REGISTRATION_CONFIGURED, &u64::from(configured))?;
        self.events.push(Event::RegistrationChanged { open });
        Ok(if open { AccountOutcome::SwitchedOn } else { AccountOutcome::SwitchedOff })
    }
}
