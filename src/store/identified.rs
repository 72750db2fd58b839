//! Pushes and pulls that name several identifiers of the book in hand [I1] to [I5].

use heed::RoTxn;

use super::env::unexpected;
use super::handle::Store;
use super::keyspace::DocumentKey;
use super::packed::PackedIdentifiers;
use super::push::{PushOutcome, Source, StoredPosition};
use super::records::ProgressRecord;
use super::tables::Tables;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, Identifier, Identifiers, Metadata, Progress, User, UserId};

/// Outcome of a push that names identifiers.
///
/// If the outcome is [`PushOutcome::Stale`], `document` is that of the request, and `matched` its first identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentifiedPush {
    /// What the push did.
    pub outcome: PushOutcome,
    /// The document that it was for: the one that the identifiers mean, or a new one.
    pub document: Document,
    /// The identifier that means it, as the client named it.
    pub matched: Identifier,
}

/// The position in the document that identifiers mean.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IdentifiedPosition {
    /// The document.
    pub document: Document,
    /// Its current position.
    pub progress: Progress,
    /// The identifier that means it, as the client named it.
    pub matched: Identifier,
    /// The strongest identifier that the client shares with the writer of `progress`. `matched` if
    /// that device named none.
    pub progress_matched: Option<Identifier>,
}

impl Store {
    /// Stores a position in the document of the identifiers, else in a new one. See [`Store::push`].
    ///
    /// The values that rank at or below the one that means it, all of them for a new document, become aliases of it: they mean it from then on, where no document or
    /// alias of that name exists \[I4\] \[I5\]. A document has up to 64 aliases. None is made where the account's quota is used up or the
    /// disk has little space left; the position is stored nevertheless.
    ///
    /// # Errors
    /// Those of [`Store::push`]; `Store` if no identifier has the value `document`.
    pub async fn push_identified(
        &self,
        user: User,
        document: Document,
        identifiers: Identifiers,
        progress: Progress,
        metadata: Option<Metadata>,
    ) -> Result<IdentifiedPush> {
        progress.validate().map_err(unexpected)?;
        identifiers.check_names(&document).map_err(unexpected)?;
        let push = Push { document, identifiers, progress, metadata };
        let push = move |write: &mut WriteTxn<'_, '_>| write.push_identified(&user, push.clone());
        self.inner.writer.run_repeatable(push).await
    }

    /// Returns the current position of a user in the document that the identifiers mean \[I3\].
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn progress_identified(&self, user: UserId, identifiers: &Identifiers) -> Result<Option<IdentifiedPosition>> {
        self.read(|txn, tables| {
            let Some(resolved) = tables.resolve(txn, user, identifiers)? else { return Ok(None) };
            let key = DocumentKey::new(user, &resolved.document);
            let record = tables.progress.get(txn, &key)?;
            let progress = match &record {
                Some(record) if record.book.is_none() => tables.own_position(txn, record)?,
                _ => tables.pulled_position(txn, &key)?,
            };
            let Some(progress) = progress else { return Ok(None) };
            let matched = identifiers.as_slice()[resolved.index].clone();
            let progress_matched = match tables.writer_of(txn, &key, record, &progress.progress)? {
                None => Some(matched.clone()),
                Some(Writer::Device(written_with)) => identifiers.strongest_shared(&written_with.unpack()?).cloned(),
                Some(Writer::OfFile(other)) => identifiers.find(&other).cloned(),
            };
            let document = resolved.document;
            Ok(Some(IdentifiedPosition { document, progress, matched, progress_matched }))
        })
    }
}

/// Who wrote a locator that a pull gets.
enum Writer {
    /// A device that named these identifiers.
    Device(PackedIdentifiers),
    /// A device that pushed another file of the book, and named none.
    OfFile(Document),
}

impl Tables {
    /// Returns who wrote a locator that a pull of a document gets. Returns `None` for a device that pushed this document and named no
    /// identifiers.
    ///
    /// Of joined documents, another one's device may have written it [I7].
    fn writer_of(
        &self,
        txn: &RoTxn<'_>,
        key: &DocumentKey<'_>,
        record: Option<ProgressRecord>,
        locator: &str,
    ) -> heed::Result<Option<Writer>> {
        let wrote = |record: &ProgressRecord| record.position.progress == locator;
        if let Some(record) = &record
            && (record.book.is_none() || wrote(record))
        {
            return Ok(record.identifiers.clone().filter(|_| wrote(record)).map(Writer::Device));
        }
        let Some((_, book)) = self.book_of(txn, key, record.as_ref())? else { return Ok(None) };
        for (_, other) in book.pushed().filter(|(_, other)| other.as_str() != key.document) {
            let other_record = self.progress.get(txn, &DocumentKey::new(key.user, other))?;
            if let Some(written) = other_record.filter(wrote) {
                let of_file = || Writer::OfFile(other.clone());
                return Ok(Some(written.identifiers.map_or_else(of_file, Writer::Device)));
            }
        }
        Ok(None)
    }
}

/// A push that names identifiers, of which one is its document.
#[derive(Clone)]
struct Push {
    document: Document,
    identifiers: Identifiers,
    progress: Progress,
    metadata: Option<Metadata>,
}

impl WriteTxn<'_, '_> {
    fn push_identified(&mut self, user: &User, push: Push) -> Result<IdentifiedPush> {
        let Push { document, identifiers, progress, metadata } = push;
        let entries = identifiers.as_slice();
        let Some(owner) = self.revalidate_reader(user)? else {
            let matched = entries[0].clone();
            return Ok(IdentifiedPush { outcome: PushOutcome::Stale, document, matched });
        };
        let id = owner.id;
        let (document, matched, first_alias) = match self.tables.resolve(self.txn, id, &identifiers)? {
            // Stronger ones are not registered, since a weak match is a guess [I4].
            Some(resolved) => (resolved.document, entries[resolved.index].clone(), resolved.index),
            None => {
                let matched = identifiers.find(&document).unwrap_or(&entries[0]).clone();
                (document, matched, 0)
            }
        };
        let source = Source::Device(Some(PackedIdentifiers::new(&identifiers)?));
        let stored = self.store_position(owner, user.name.clone(), document.clone(), progress, metadata, source)?;
        let outcome = match stored {
            Ok(StoredPosition { sequence, effect }) => PushOutcome::Stored { sequence, timestamp: self.now, effect },
            Err(exceeded) => PushOutcome::OverQuota(exceeded),
        };
        if stored.is_ok() {
            let values = entries[first_alias..].iter().map(Identifier::value);
            self.register_aliases(user, &document, values)?;
        }
        Ok(IdentifiedPush { outcome, document, matched })
    }

    /// Makes aliases of a document, if there is room for them.
    fn register_aliases<'a>(
        &mut self,
        user: &User,
        document: &Document,
        values: impl Iterator<Item = &'a Document>,
    ) -> Result<()> {
        let id = user.id;
        let aliases = self.new_aliases(id, document, values)?;
        if aliases.is_empty() || self.limits.usage.account(id).is_full || self.limits.disk.is_low() {
            return Ok(());
        }
        self.add_aliases(id, document, aliases)?;
        match self.tables.users.get(self.txn, user.name.as_str())? {
            Some(owner) => self.make_room(&owner),
            None => Ok(()),
        }
    }
}
