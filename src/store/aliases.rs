//! Aliases: other ids of an account's documents [I3] to [I5].
//!
//! An alias has a row with its document, and each document with aliases has a row with all of them, so that it can be deleted with
//! them. A document always precedes an alias of the same id. So a push to such an id needs no look at the aliases: it makes a document,
//! and the alias rests until that is deleted.

use std::ops::Bound;

use heed::types::Bytes;
use heed::{PutFlags, RoTxn};

use super::accounts::Change;
use super::alias_key::{AliasKey, AliasRow};
use super::env::unexpected;
use super::handle::Store;
use super::keyspace::DocumentKey;
use super::packed::{Packed, packed_len};
use super::records::{AliasListRecord, AliasRecord};
use super::tables::Tables;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, Identifiers, UserId};

/// Aliases of a document. Further ones are not made.
pub(super) const MAX_ALIASES: usize = 64;

/// The document that a client's identifiers mean.
pub(super) struct Resolved {
    /// Index of the identifier that hit.
    pub(super) index: usize,
    pub(super) document: Document,
}

/// Aliases to be made of a document.
pub(super) struct NewAliases {
    /// Those that it has.
    existing: Vec<Document>,
    new: Vec<Document>,
}

impl NewAliases {
    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty()
    }
}

/// Aliases that documents of the same id shadow, a slice of an account's.
#[derive(Debug, Default)]
pub(crate) struct ShadowedAliases {
    /// Each with the document that it was made of.
    pub(crate) found: Vec<(Document, Document)>,
    /// The last alias that was read, unless it is the account's last one.
    pub(crate) last: Option<Document>,
}

impl Tables {
    /// Returns the document that identifiers mean: the first whose value is a document or an alias of one wins [I3].
    pub(super) fn resolve(
        &self,
        txn: &RoTxn<'_>,
        user: UserId,
        identifiers: &Identifiers,
    ) -> heed::Result<Option<Resolved>> {
        for (index, identifier) in identifiers.as_slice().iter().enumerate() {
            let value = identifier.value();
            if self.is_own_document(txn, user, value)? {
                return Ok(Some(Resolved { index, document: value.clone() }));
            }
            if let Some(document) = self.alias_target(txn, user, value)? {
                return Ok(Some(Resolved { index, document }));
            }
        }
        Ok(None)
    }

    pub(super) fn has_document(&self, txn: &RoTxn<'_>, user: UserId, document: &Document) -> heed::Result<bool> {
        let rows = self.progress.with_values::<Bytes>();
        Ok(rows.get(txn, &DocumentKey::new(user, document))?.is_some())
    }

    /// Returns whether an id is a document: one that has positions, or a file of a joined book that nobody has pushed yet.
    pub(super) fn is_own_document(&self, txn: &RoTxn<'_>, user: UserId, document: &Document) -> heed::Result<bool> {
        Ok(self.has_document(txn, user, document)?
            || self.awaited.get(txn, &DocumentKey::new(user, document))?.is_some())
    }

    /// Returns the document that a user means by an id: the document of that id, else the one whose alias it is.
    pub(super) fn meant_document(
        &self,
        txn: &RoTxn<'_>,
        user: UserId,
        document: &Document,
    ) -> heed::Result<Option<Document>> {
        if self.is_own_document(txn, user, document)? {
            return Ok(Some(document.clone()));
        }
        self.alias_target(txn, user, document)
    }

    /// Returns the document of an alias, if both exist.
    pub(super) fn alias_target(
        &self,
        txn: &RoTxn<'_>,
        user: UserId,
        value: &Document,
    ) -> heed::Result<Option<Document>> {
        let Some(AliasRecord { document }) = self.aliases.get(txn, &AliasKey::alias(user, value))? else {
            return Ok(None);
        };
        Ok(self.has_document(txn, user, &document)?.then_some(document))
    }

    /// Returns the aliases of a document, in the order in which they were made.
    pub(super) fn aliases_of(
        &self,
        txn: &RoTxn<'_>,
        DocumentKey { user, document }: &DocumentKey<'_>,
    ) -> heed::Result<Vec<Document>> {
        let lists = self.aliases.with_values::<Packed<AliasListRecord>>();
        Ok(lists.get(txn, &AliasKey::list_of(*user, document))?.unwrap_or_default().values)
    }

    /// Returns whether an account has any alias.
    pub(super) fn has_aliases(&self, txn: &RoTxn<'_>, user: UserId) -> heed::Result<bool> {
        let rows = self.aliases.with_values::<Bytes>();
        Ok(rows.range(txn, &AliasKey::range_of(user))?.next().transpose()?.is_some())
    }

    /// Returns the footprint of a document's aliases: their rows, and the row with their list.
    ///
    /// It is computed: all rows of a document's aliases have the same value.
    pub(super) fn alias_footprint(&self, key: &DocumentKey<'_>, values: &[Document]) -> Result<u64> {
        if values.is_empty() {
            return Ok(0);
        }
        let document = Document::new(key.document).map_err(unexpected)?;
        let target = packed_len(&AliasRecord { document })?;
        let list = packed_len(&AliasListRecord { values: values.to_vec() })?;
        let row = |value: &Document| self.aliases.footprint(AliasKey::alias(key.user, value).len(), target);
        let list = self.aliases.footprint(AliasKey::list_of(key.user, key.document).len(), list);
        Ok(list + values.iter().map(row).sum::<u64>())
    }
}

impl Store {
    /// Returns the document that a user means by an id: the document of that id, else the one whose alias it is, else the id itself.
    ///
    /// Devices that name no identifiers mean no alias \[I2\].
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn meant_document(&self, user: UserId, document: &Document) -> Result<Document> {
        let meant = self.read(|txn, tables| tables.meant_document(txn, user, document))?;
        Ok(meant.unwrap_or_else(|| document.clone()))
    }

    /// Returns whether an id means a document. It may be that of a document or a file of a joined book, or another id
    /// of one.
    pub(crate) fn is_id_of_document(&self, user: UserId, id: &Document) -> Result<bool> {
        Ok(self.read(|txn, tables| tables.meant_document(txn, user, id))?.is_some())
    }

    /// Returns the shadowed ones among the next aliases of an account.
    ///
    /// It reads up to `max` aliases. A document of the same id shadows an alias.
    pub(crate) fn shadowed_aliases_slice(
        &self,
        user: UserId,
        after: Option<&Document>,
        max: usize,
    ) -> Result<ShadowedAliases> {
        let (found, last) = self.read(|txn, tables| {
            let all = AliasKey::aliases_of(user);
            let first = after.map_or(Bound::Included(all.start), |after| Bound::Excluded(AliasKey::alias(user, after)));
            let (mut found, mut last) = (Vec::new(), None);
            for (index, row) in tables.aliases.range(txn, &(first, Bound::Excluded(all.end)))?.enumerate() {
                let (AliasKey { row, .. }, AliasRecord { document }) = row?;
                let AliasRow::Alias(value) = row else { continue };
                let documents = tables.progress.with_values::<Bytes>();
                if documents.get(txn, &DocumentKey { user, document: value })?.is_some() {
                    found.push((value.to_owned(), document));
                }
                if index + 1 == max {
                    last = Some(value.to_owned());
                    break;
                }
            }
            Ok((found, last))
        })?;
        let document = |id: String| Document::new(&id).map_err(unexpected);
        let found = found.into_iter().map(|(value, target)| Ok((document(value)?, target)));
        Ok(ShadowedAliases { found: found.collect::<Result<_>>()?, last: last.map(document).transpose()? })
    }
}

impl WriteTxn<'_, '_> {
    /// Returns a change with the documents that the user means by its ids.
    pub(super) fn with_meant_documents(&self, user: UserId, change: Change) -> Result<Change> {
        let meant = |id: &Document| -> Result<Document> {
            Ok(self.tables.meant_document(self.txn, user, id)?.unwrap_or_else(|| id.clone()))
        };
        let Change::JoinDocuments(document, other) = change else { return change.map_documents(meant) };
        let (document, target) = (meant(&document)?, meant(&other)?);
        // A device that names no identifiers asks for the alias itself, which then is one more file of the book.
        let is_of_book = target == document || self.are_joined(user, &document, &target)?;
        Ok(Change::JoinDocuments(document, if is_of_book { other } else { target }))
    }

    /// Returns the values of a client that become aliases of a document.
    ///
    /// One that is a document becomes none [I5].
    pub(super) fn new_aliases<'a>(
        &self,
        user: UserId,
        document: &Document,
        values: impl Iterator<Item = &'a Document>,
    ) -> Result<NewAliases> {
        self.free_aliases(user, document, values, |value| self.tables.is_own_document(self.txn, user, value))
    }

    /// Returns the values that can become aliases of a document, and are not refused.
    ///
    /// One that is the alias of another document stays that, unless that is gone [I5]. One that is a document rests until that is deleted.
    pub(super) fn free_aliases<'a>(
        &self,
        user: UserId,
        document: &Document,
        values: impl Iterator<Item = &'a Document>,
        is_refused: impl Fn(&Document) -> heed::Result<bool>,
    ) -> Result<NewAliases> {
        let existing = self.tables.aliases_of(self.txn, &DocumentKey::new(user, document))?;
        let mut new: Vec<Document> = Vec::new();
        for value in values {
            if existing.len() + new.len() >= MAX_ALIASES {
                break;
            }
            if value != document
                && !existing.contains(value)
                && !new.contains(value)
                && !is_refused(value)?
                && self.tables.alias_target(self.txn, user, value)?.is_none()
            {
                new.push(value.clone());
            }
        }
        Ok(NewAliases { existing, new })
    }

    /// Makes aliases of a document, which exists.
    pub(super) fn add_aliases(&mut self, user: UserId, document: &Document, aliases: NewAliases) -> Result<()> {
        let NewAliases { existing, new } = aliases;
        for value in &new {
            self.release_alias(user, value)?;
            let record = AliasRecord { document: document.clone() };
            self.tables.aliases.put(self.txn, &AliasKey::alias(user, value), &record)?;
        }
        let key = DocumentKey::new(user, document);
        let freed = self.tables.alias_footprint(&key, &existing)?;
        let all = [existing, new].concat();
        let added = self.tables.alias_footprint(&key, &all)?;
        self.put_alias_list(&key, all)?;
        self.count_change(user, key.document, freed, added);
        Ok(())
    }

    /// Removes a value from the aliases of its document, which was deleted.
    fn release_alias(&mut self, user: UserId, value: &Document) -> Result<()> {
        let Some(AliasRecord { document }) = self.tables.aliases.get(self.txn, &AliasKey::alias(user, value))? else {
            return Ok(());
        };
        let key = DocumentKey::new(user, &document);
        let mut values = self.tables.aliases_of(self.txn, &key)?;
        values.retain(|other| other != value);
        self.put_alias_list(&key, values)
    }

    fn put_alias_list(&mut self, key: &DocumentKey<'_>, values: Vec<Document>) -> Result<()> {
        let key = AliasKey::list_of(key.user, key.document);
        if values.is_empty() {
            self.tables.aliases.delete(self.txn, &key)?;
            return Ok(());
        }
        let lists = self.tables.aliases.with_values::<Packed<AliasListRecord>>();
        Ok(lists.put_measured(self.txn, PutFlags::empty(), &key, &AliasListRecord { values }).map(drop)?)
    }

    /// Removes all aliases of a document. Returns how many there were, and their footprint.
    pub(super) fn remove_aliases(&mut self, key: &DocumentKey<'_>) -> Result<(u32, u64)> {
        let values = self.tables.aliases_of(self.txn, key)?;
        if values.is_empty() {
            return Ok((0, 0));
        }
        let footprint = self.tables.alias_footprint(key, &values)?;
        for value in &values {
            self.tables.aliases.delete(self.txn, &AliasKey::alias(key.user, value))?;
        }
        self.put_alias_list(key, Vec::new())?;
        Ok((u32::try_from(values.len()).unwrap_or(u32::MAX), footprint))
    }

    /// Removes up to `max` rows of a deleted account's aliases that no document has. Returns how many.
    pub(super) fn purge_aliases(&mut self, user: UserId, max: usize) -> Result<usize> {
        let rows = self.tables.aliases.with_values::<Bytes>();
        let mut keys = Vec::new();
        for row in rows.range(self.txn, &AliasKey::range_of(user))?.take(max) {
            let (AliasKey { row, .. }, _) = row?;
            keys.push(match row {
                AliasRow::Alias(value) => (true, value.to_owned()),
                AliasRow::ListOf(document) => (false, document.to_owned()),
            });
        }
        for (is_alias, text) in &keys {
            let row = if *is_alias { AliasRow::Alias(text) } else { AliasRow::ListOf(text) };
            rows.delete(self.txn, &AliasKey { user, row })?;
        }
        Ok(keys.len())
    }
}
