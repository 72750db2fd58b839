//! What is done to accounts by somebody else than their owner's devices: by administrators, and by whoever has the data folder.

use super::codec::Owned;
use super::write::Write;
use crate::error::Result;
use crate::model::{ADMIN, Document, Event, StoredKey, User, Username};

/// On whose authority an account is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// Whoever has the data folder: the command line, or the program that embeds the server.
    Host,
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
}

/// What became of a change to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Managed {
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
    /// The account is `admin`, which cannot be deleted, switched off, or given a password by a client.
    Protected,
    /// Whoever wants it is no administrator, or no longer has the account that was shown.
    Refused,
}

impl Write<'_, '_> {
    pub(super) fn manage(&mut self, authority: &Authority, target: &Username, change: Change) -> Result<Managed> {
        if let Authority::User(actor) = authority {
            let Some(record) = self.entitled(actor)? else { return Ok(Managed::Refused) };
            let of_their_own = actor.name == *target && matches!(change, Change::Delete | Change::DeleteDocument(_));
            if !record.administrator && !of_their_own {
                return Ok(Managed::Refused);
            }
        }
        let guarded = match &change {
            Change::Delete | Change::SetActive(_) => true,
            Change::SetKey(_) => *authority != Authority::Host,
            Change::DeleteDocument(_) => false,
        };
        if guarded && target.as_str() == ADMIN {
            return Ok(Managed::Protected);
        }
        let Some(mut record) = self.tables.users.get(self.txn, target.as_str())? else { return Ok(Managed::NoUser) };
        let user = target.clone();
        Ok(match change {
            Change::Delete => {
                self.remove_account(user, record.id)?;
                Managed::Done
            }
            Change::SetActive(wanted) => {
                let active = wanted.unwrap_or(!record.active);
                record.active = active;
                self.tables.users.put(self.txn, target.as_str(), &record)?;
                self.events.push(Event::ActiveChanged { user, active });
                if active { Managed::SwitchedOn } else { Managed::SwitchedOff }
            }
            Change::SetKey(key) => {
                record.key = key;
                self.tables.users.put(self.txn, target.as_str(), &record)?;
                self.events.push(Event::KeyChanged { user });
                Managed::Done
            }
            Change::DeleteDocument(document) => {
                let row = Owned::new(record.id, &document);
                let Some(position) = self.tables.progress.get(self.txn, &row)? else { return Ok(Managed::NoDocument) };
                self.remove_document(&row, position.sequence)?;
                record.documents = record.documents.saturating_sub(1);
                self.tables.users.put(self.txn, target.as_str(), &record)?;
                self.events.push(Event::DocumentDeleted { user, document });
                Managed::Done
            }
        })
    }
}
