//! Accounts: creating and changing them.

use super::handle::Store;
use super::records::UserRecord;
use super::tables::{META_NEXT_USER, folded};
use super::transaction::WriteTxn;
use super::usage::QuotaExceeded;
use crate::error::{Error, Result};
use crate::model::{
    ADMIN, DeviceLabel, DeviceName, Document, DocumentName, Event, Network, PositionRule, Preferences, ShelfMove,
    StoredKey, User, UserId, Username,
};

/// Outcome of creating an account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateOutcome {
    /// The account was created.
    Created(User),
    /// An account of that name exists, or one that differs in ASCII case.
    Taken,
}

/// Outcome of an update that an account's owner asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateOutcome {
    /// The update is on disk.
    Applied,
    /// Nothing was done: the account was deleted or disabled, or its key changed, since its `User` was read.
    Stale,
}

/// On whose authority an account is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authority {
    /// A program with access to the data directory: the command line, or the program that embeds the server.
    Local,
    /// A user who has logged in. The transaction of the change checks the user's rights again.
    User(User),
}

/// A change to an account.
///
/// Administrators may make all of them. An account's owner may delete the account, and change its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Deletes the account and all its data.
    Delete,
    /// Enables or disables the account; `None` toggles it. A disabled account cannot log in, push or pull.
    SetActive(Option<bool>),
    /// Sets the key.
    SetKey(StoredKey),
    /// Deletes a document with its history.
    DeleteDocument(Document),
    /// Sets or removes a document's name.
    RenameDocument(Document, Option<DocumentName>),
    /// Makes the position with that sequence number the document's current one.
    ///
    /// It is written as a new push by a device of its own ([`RESTORE_DEVICE`](crate::RESTORE_DEVICE)), so that it is the newest, and
    /// no reader takes it for a position of its own. No device holds it: the next that moves takes it. Nothing is written if it is the
    /// current position.
    RestorePosition(Document, u64),
    /// Joins two documents, which are files of one book: they share one current position \[I7\]. Those that each of them is joined with
    /// already come with it. The second one need not have been pushed yet.
    JoinDocuments(Document, Document),
    /// Takes the second document out of the book that both are files of. It has its own history again.
    PartDocuments(Document, Document),
    /// Forgets the document's current position, though not its history, until a reader moves.
    StartOver(Document),
    /// Moves a document's book to a shelf; `None` leaves that to its positions again.
    MoveToShelf(Document, Option<ShelfMove>),
    /// Takes back that a document's book was finished, the last time. It can be finished again.
    TakeBackFinish(Document),
    /// Hides a document's book from lists, or shows it again.
    SetHidden(Document, bool),
    /// Gives a device a name, or removes that.
    NameDevice(DeviceLabel, Option<DeviceName>),
    /// Takes a device out of the list of devices until it pushes again. Its positions stay.
    ForgetDevice(DeviceLabel),
    /// Sets the rule by which pushes become current positions, from the next push on. `None` is the server's default.
    SetPositionRule(Option<PositionRule>),
    /// Sets what it has chosen for its pages.
    SetPreferences(Preferences),
}

impl Change {
    fn is_allowed_to_owners(&self) -> bool {
        match self {
            Self::Delete
            | Self::DeleteDocument(_)
            | Self::RenameDocument(..)
            | Self::RestorePosition(..)
            | Self::JoinDocuments(..)
            | Self::PartDocuments(..)
            | Self::StartOver(_)
            | Self::MoveToShelf(..)
            | Self::TakeBackFinish(_)
            | Self::SetHidden(..)
            | Self::NameDevice(..)
            | Self::ForgetDevice(_)
            | Self::SetPositionRule(_)
            | Self::SetPreferences(_) => true,
            Self::SetActive(_) | Self::SetKey(_) => false,
        }
    }

    /// Returns the change with other ids of its documents.
    pub(super) fn map_documents(self, mut id: impl FnMut(&Document) -> Result<Document>) -> Result<Self> {
        Ok(match self {
            Self::DeleteDocument(document) => Self::DeleteDocument(id(&document)?),
            Self::RenameDocument(document, name) => Self::RenameDocument(id(&document)?, name),
            Self::RestorePosition(document, sequence) => Self::RestorePosition(id(&document)?, sequence),
            Self::JoinDocuments(document, other) => Self::JoinDocuments(id(&document)?, id(&other)?),
            Self::PartDocuments(document, other) => Self::PartDocuments(id(&document)?, id(&other)?),
            Self::StartOver(document) => Self::StartOver(id(&document)?),
            Self::MoveToShelf(document, to) => Self::MoveToShelf(id(&document)?, to),
            Self::TakeBackFinish(document) => Self::TakeBackFinish(id(&document)?),
            Self::SetHidden(document, hidden) => Self::SetHidden(id(&document)?, hidden),
            other @ (Self::Delete
            | Self::SetActive(_)
            | Self::SetKey(_)
            | Self::NameDevice(..)
            | Self::ForgetDevice(_)
            | Self::SetPositionRule(_)
            | Self::SetPreferences(_)) => other,
        })
    }

    /// Returns whether the account `admin` is protected from this change.
    fn is_refused_for_admin(&self, authority: &Authority) -> bool {
        match self {
            Self::Delete | Self::SetActive(_) => true,
            Self::SetKey(_) => *authority != Authority::Local,
            Self::DeleteDocument(_)
            | Self::RenameDocument(..)
            | Self::RestorePosition(..)
            | Self::JoinDocuments(..)
            | Self::PartDocuments(..)
            | Self::StartOver(_)
            | Self::MoveToShelf(..)
            | Self::TakeBackFinish(_)
            | Self::SetHidden(..)
            | Self::NameDevice(..)
            | Self::ForgetDevice(_)
            | Self::SetPositionRule(_)
            | Self::SetPreferences(_) => false,
        }
    }
}

/// Outcome of a [`Change`], or of opening or closing registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountOutcome {
    /// The change is on disk.
    Done,
    /// The account is enabled now, or registration is open.
    Enabled,
    /// The account is disabled now, or registration is closed.
    Disabled,
    /// There is no such account.
    NoAccount,
    /// The account has no such document.
    NoDocument,
    /// The document's history does not have, or no longer has, that position.
    NoPosition,
    /// The account is `admin`, which others cannot change, and which stays enabled.
    Protected,
    /// The account's quota is used up, or it has notes of 1,000 devices. In the first case the position was not restored, or the documents
    /// were not joined. In the second the device was not named or forgotten.
    OverQuota(QuotaExceeded),
    /// The documents were not joined or parted.
    JoinRefused(JoinRefusal),
    /// The acting user is no administrator, or changed since they logged in.
    Refused,
}

/// Why documents were not joined or parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinRefusal {
    /// They are the same document.
    SameDocument,
    /// They are not joined.
    NotJoined,
    /// The book would have more than 16 documents.
    TooManyDocuments,
}

impl Store {
    /// Creates an account.
    ///
    /// The same transaction looks the name up: of two callers with one name, the second gets [`CreateOutcome::Taken`] [R5].
    ///
    /// `network` is that of the client that creates it for itself: the account then has logged in from there.
    pub(crate) async fn create_user(
        &self,
        name: Username,
        key: StoredKey,
        network: Option<Network>,
    ) -> Result<CreateOutcome> {
        let is_administrator = name.as_str() == ADMIN;
        let work = move |write: &mut WriteTxn<'_, '_>| {
            if !write.tables.names_like(write.txn, &name)?.is_empty() {
                return Ok(CreateOutcome::Taken);
            }
            let created = write.create_user(name, key, is_administrator)?;
            if let (CreateOutcome::Created(user), Some(network)) = (&created, network) {
                write.note_network(user, network)?;
            }
            Ok(created)
        };
        self.inner.writer.run(work).await
    }

    /// Returns whether an account has this name, in any ASCII case [A7].
    pub(crate) fn is_taken(&self, name: &Username) -> Result<bool> {
        self.read(|txn, tables| Ok(!tables.names_like(txn, name)?.is_empty()))
    }

    /// Returns the accounts of this name, in any ASCII case [A7].
    pub(crate) fn accounts_like(&self, name: &Username) -> Result<Vec<UserId>> {
        self.read(|txn, tables| {
            let names = tables.names_like(txn, name)?;
            let records = names.iter().map(|name| Ok(tables.users.get(txn, name.as_str())?.map(|record| record.id)));
            records.filter_map(heed::Result::transpose).collect()
        })
    }

    /// Creates an administrator's account, or makes the account of that name one, with this key.
    ///
    /// It is for the start: it runs on the calling thread and sends no events, but logs its changes.
    pub(crate) fn set_administrator(&self, name: Username, key: StoredKey) -> Result<()> {
        self.write_at_start(|write| write.set_administrator(name, key))
    }

    /// Creates an account, or sets the key of the account that the name means.
    ///
    /// Unless `is_exact`, an account whose name alone differs from it in ASCII case is that account, and answers to both names from
    /// then on [A7]. It is for the start: it runs on the calling thread and sends no events, but logs its changes.
    pub(crate) fn set_account(&self, name: Username, key: StoredKey, is_exact: bool) -> Result<()> {
        self.write_at_start(|write| write.set_account(name, key, is_exact))
    }

    /// Sets an account's key, unless the account changed since `user` was read.
    pub(crate) async fn set_key(&self, user: User, key: StoredKey) -> Result<UpdateOutcome> {
        self.inner.writer.run(move |write| write.set_key(&user, key)).await
    }

    /// Changes the account that `target` means at a login. The same transaction checks whether `authority` allows it.
    ///
    /// # Errors
    /// Nothing was stored after an error. [`Error`]: `Busy`, `NoSpace`, `DiskWrite` or `DataDirReplaced` if nothing can be written
    /// now, and a later call may succeed; `StoreClosed` once the store has stopped; `Store` for any other error of LMDB.
    pub async fn manage(&self, authority: Authority, target: Username, change: Change) -> Result<AccountOutcome> {
        self.inner.writer.run(move |write| write.manage(&authority, &target, change)).await
    }
}

impl WriteTxn<'_, '_> {
    /// Returns a number that no account has or had.
    pub(super) fn new_user_id(&mut self) -> Result<UserId> {
        let id = self.tables.meta.get(self.txn, META_NEXT_USER)?.unwrap_or(1);
        self.tables.meta.put(self.txn, META_NEXT_USER, &(id + 1))?;
        Ok(UserId(u32::try_from(id).map_err(|_| Error::NoSpace)?))
    }

    fn create_user(&mut self, name: Username, key: StoredKey, administrator: bool) -> Result<CreateOutcome> {
        if self.tables.users.get(self.txn, name.as_str())?.is_some() {
            return Ok(CreateOutcome::Taken);
        }
        let id = self.new_user_id()?;
        let created = self.now;
        let record = UserRecord {
            id,
            key,
            active: true,
            administrator,
            documents: 0,
            created,
            last_used: 0,
            rewrites: 0,
            position_rule: None,
            preferences: None,
            renames: None,
        };
        self.insert_account(&name, &record)?;
        self.events.push(Event::UserCreated { user: name.clone() });
        Ok(CreateOutcome::Created(record.into_user(name)))
    }

    fn set_administrator(&mut self, name: Username, key: StoredKey) -> Result<()> {
        let Some(record) = self.tables.users.get(self.txn, name.as_str())? else {
            return self.create_user(name, key, true).map(drop);
        };
        let new = UserRecord { key, administrator: true, active: true, ..record.clone() };
        self.tables.users.put(self.txn, name.as_str(), &new)?;
        if new.key != record.key {
            self.events.push(Event::KeyChanged { user: name.clone() });
        }
        if !record.active {
            self.events.push(Event::ActiveChanged { user: name, active: true });
        }
        Ok(())
    }

    fn set_account(&mut self, name: Username, key: StoredKey, is_exact: bool) -> Result<()> {
        let Some((name, record)) = self.configured_account(&name, is_exact)? else {
            return self.create_user(name, key, false).map(drop);
        };
        self.tables.users.put(self.txn, name.as_str(), &UserRecord { key, ..record })?;
        self.events.push(Event::KeyChanged { user: name });
        Ok(())
    }

    /// Finds the account that a configured name means, and makes it answer to that name.
    fn configured_account(&mut self, name: &Username, is_exact: bool) -> Result<Option<(Username, UserRecord)>> {
        if let Some(record) = self.tables.users.get(self.txn, name.as_str())? {
            return Ok(Some((name.clone(), record)));
        }
        let found = match self.tables.find_account(self.txn, name)? {
            Some((other, _)) => Some(other),
            None => match self.tables.names_like(self.txn, name)?.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
        };
        // The administrator has a setting of its own, and must not be had by another.
        let Some(other) = found.filter(|other| !is_exact && other.as_str() != ADMIN) else { return Ok(None) };
        let Some(record) = self.tables.users.get(self.txn, other.as_str())? else { return Ok(None) };
        tracing::warn!(
            configured = name.as_str(),
            account = other.as_str(),
            "configured account exists in another case"
        );
        self.tables.name_aliases.put(self.txn, &folded(name), &other)?;
        Ok(Some((other, record)))
    }

    fn set_key(&mut self, user: &User, key: StoredKey) -> Result<UpdateOutcome> {
        let Some(mut record) = self.revalidate(user)? else { return Ok(UpdateOutcome::Stale) };
        record.key = key;
        self.tables.users.put(self.txn, user.name.as_str(), &record)?;
        self.events.push(Event::KeyChanged { user: user.name.clone() });
        Ok(UpdateOutcome::Applied)
    }

    fn manage(&mut self, authority: &Authority, target: &Username, change: Change) -> Result<AccountOutcome> {
        // Errors about an account that does not exist are those of the name that was given.
        let (target, found) = match self.tables.find_account(self.txn, target)? {
            Some((exact, record)) => (exact, Some(record)),
            None => (target.clone(), None),
        };
        if let Authority::User(actor) = authority {
            let Some(record) = self.revalidate(actor)? else { return Ok(AccountOutcome::Refused) };
            let may_as_owner = actor.name == target && change.is_allowed_to_owners();
            if !record.administrator && !may_as_owner {
                return Ok(AccountOutcome::Refused);
            }
        }
        if target.as_str() == ADMIN && change.is_refused_for_admin(authority) {
            return Ok(AccountOutcome::Protected);
        }
        let Some(mut record) = found else { return Ok(AccountOutcome::NoAccount) };
        let user = target;
        match self.with_meant_documents(record.id, change)? {
            Change::Delete => {
                self.delete_account(user, record.id)?;
                Ok(AccountOutcome::Done)
            }
            Change::SetActive(active) => {
                let active = active.unwrap_or(!record.active);
                self.set_active(user, record, active)
            }
            Change::SetKey(key) => {
                record.key = key;
                self.tables.users.put(self.txn, user.as_str(), &record)?;
                self.events.push(Event::KeyChanged { user });
                Ok(AccountOutcome::Done)
            }
            Change::DeleteDocument(document) => self.delete_document(user, record, document),
            Change::RenameDocument(document, name) => self.rename_document(user, record.id, document, name),
            Change::RestorePosition(document, sequence) => self.restore_position(user, record, document, sequence),
            Change::JoinDocuments(document, other) => self.join_documents(user, record, document, other),
            Change::PartDocuments(document, other) => self.part_documents(user, record, document, other),
            Change::StartOver(document) => self.start_over(user, &record, document),
            Change::MoveToShelf(document, to) => self.move_to_shelf(user, record, document, to),
            Change::TakeBackFinish(document) => self.take_back_finish(user, record, document),
            Change::SetHidden(document, hidden) => self.hide_document(user, record.id, document, hidden),
            Change::NameDevice(device, name) => self.name_device(record.id, &device, name.as_ref()),
            Change::ForgetDevice(device) => self.forget_device(record.id, &device),
            Change::SetPositionRule(rule) => {
                record.position_rule = rule;
                self.tables.users.put(self.txn, user.as_str(), &record)?;
                Ok(AccountOutcome::Done)
            }
            Change::SetPreferences(preferences) => {
                record.preferences = Some(preferences.within_limits()).filter(|chosen| !chosen.is_empty());
                self.tables.users.put(self.txn, user.as_str(), &record)?;
                Ok(AccountOutcome::Done)
            }
        }
    }

    /// Deletes an account. Its data is out of reach at once, since account numbers are never reused, and is purged in batches.
    fn delete_account(&mut self, user: Username, id: UserId) -> Result<()> {
        self.remove_account(&user)?;
        self.close_sessions(id)?;
        self.limits.usage.forget(id);
        self.forget_networks(id)?;
        self.forget_device_passwords(id)?;
        self.tables.pending_purge.put(self.txn, &id.0, &())?;
        self.events.push(Event::UserDeleted { user });
        Ok(())
    }

    fn set_active(&mut self, user: Username, mut record: UserRecord, active: bool) -> Result<AccountOutcome> {
        record.active = active;
        if !active {
            self.close_sessions(record.id)?;
        }
        self.tables.users.put(self.txn, user.as_str(), &record)?;
        self.events.push(Event::ActiveChanged { user, active });
        Ok(if active { AccountOutcome::Enabled } else { AccountOutcome::Disabled })
    }
}
