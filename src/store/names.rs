//! Which account a name means, and which names differ in ASCII case alone [A7].
//!
//! A name is compared byte for byte, unless its account moved in from a server without case and so answers to any spelling. An index
//! of all names in lower case lets no client create an account whose name differs from another's in case alone.

use heed::{RoTxn, RwTxn};

use super::records::UserRecord;
use super::tables::{META_INDEXED_USERS, META_NEXT_USER, Tables, folded};
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::Username;

impl Tables {
    /// Finds the account that a name means: the exact name, else an alias in any case.
    ///
    /// Everything that names an account uses it: log-in, the management API, configured accounts, imports, the command line.
    pub(super) fn find_account(
        &self,
        txn: &RoTxn<'_>,
        name: &Username,
    ) -> heed::Result<Option<(Username, UserRecord)>> {
        if let Some(record) = self.users.get(txn, name.as_str())? {
            return Ok(Some((name.clone(), record)));
        }
        let Some(exact) = self.name_aliases.get(txn, &folded(name))? else { return Ok(None) };
        Ok(self.users.get(txn, exact.as_str())?.map(|record| (exact, record)))
    }

    /// Returns the names of accounts that equal this name in any ASCII case.
    pub(super) fn names_like(&self, txn: &RoTxn<'_>, name: &Username) -> heed::Result<Vec<Username>> {
        let mut names = self.names.get(txn, &folded(name))?.unwrap_or_default();
        // A version without the index may have deleted some of them.
        let mut failed = None;
        names.retain(|name| match self.users.get(txn, name.as_str()) {
            Ok(record) => record.is_some(),
            Err(error) => {
                failed = Some(error);
                true
            }
        });
        failed.map_or(Ok(names), Err)
    }

    /// Completes the index of names, if a version without it has created accounts.
    ///
    /// Its row in `meta` is the next account's number as of the last account in the index.
    pub(super) fn complete_names(&self, txn: &mut RwTxn<'_>) -> heed::Result<()> {
        let next = self.meta.get(txn, META_NEXT_USER)?.unwrap_or(1);
        if self.meta.get(txn, META_INDEXED_USERS)? == Some(next) {
            return Ok(());
        }
        let rows = self.users.all(txn)?;
        let names: Vec<String> = rows.map(|row| row.map(|(name, _)| name.to_owned())).collect::<heed::Result<_>>()?;
        for name in names {
            if let Ok(name) = Username::new(&name) {
                self.index_name(txn, &name)?;
            }
        }
        self.meta.put(txn, META_INDEXED_USERS, &next)
    }

    fn index_name(&self, txn: &mut RwTxn<'_>, name: &Username) -> heed::Result<()> {
        let mut names = self.names_like(txn, name)?;
        if !names.contains(name) {
            names.push(name.clone());
        }
        self.names.put(txn, &folded(name), &names)
    }
}

impl WriteTxn<'_, '_> {
    /// Adds an account whose number was just taken, and indexes its name.
    pub(super) fn insert_account(&mut self, name: &Username, record: &UserRecord) -> Result<()> {
        self.tables.users.put(self.txn, name.as_str(), record)?;
        self.tables.index_name(self.txn, name)?;
        let number = u64::from(record.id.0);
        if self.tables.meta.get(self.txn, META_INDEXED_USERS)? == Some(number) {
            self.tables.meta.put(self.txn, META_INDEXED_USERS, &(number + 1))?;
        }
        Ok(())
    }

    /// Removes an account with its name and its alias.
    pub(super) fn remove_account(&mut self, name: &Username) -> Result<()> {
        self.tables.users.delete(self.txn, name.as_str())?;
        let key = folded(name);
        let others = self.tables.names_like(self.txn, name)?;
        if others.is_empty() {
            self.tables.names.delete(self.txn, &key)?;
        } else {
            self.tables.names.put(self.txn, &key, &others)?;
        }
        if self.tables.name_aliases.get(self.txn, &key)?.is_some_and(|exact| exact == *name) {
            self.tables.name_aliases.delete(self.txn, &key)?;
        }
        Ok(())
    }
}
