//! Exports and imports joined documents, with the current position that they share [I7].

use heed::RoTxn;

use super::current::{Borrowed, Current, MAX_DEVICES, started_over_at};
use super::import_outcome::ImportOutcome;
use super::keyspace::DocumentKey;
use super::merge_current::{device_text, exported_device, imported_device, parse_device};
use super::records::{BookMember, BookRecord, ProgressRecord, UserRecord};
use super::retention;
use super::tables::{Tables, book_keys};
use super::transaction::WriteTxn;
use super::transferred_position::{TransferredBook, TransferredMember, TransferredShared};
use crate::error::Result;
use crate::model::{Document, UserId, Username};

impl Tables {
    /// Returns the joined books of an account for an export, ordered by their first document.
    pub(super) fn exported_books(
        &self,
        txn: &RoTxn<'_>,
        user: UserId,
        account: &Username,
    ) -> heed::Result<Vec<TransferredBook>> {
        let mut books = Vec::new();
        for row in self.books.range(txn, &book_keys(user))? {
            let (_, book) = row?;
            books.extend(self.exported_book(txn, user, account, &book)?);
        }
        // An import numbers them in another order.
        books.sort_by(|one, other| one.documents[0].document.cmp(&other.documents[0].document));
        Ok(books)
    }

    fn exported_book(
        &self,
        txn: &RoTxn<'_>,
        user: UserId,
        account: &Username,
        book: &BookRecord,
    ) -> heed::Result<Option<TransferredBook>> {
        let Some(document) = book.writer().cloned() else { return Ok(None) };
        let Some(record) = self.progress.get(txn, &DocumentKey::new(user, &document))? else { return Ok(None) };
        let mut documents = Vec::new();
        for BookMember { document, .. } in &book.members {
            let record = self.progress.get(txn, &DocumentKey::new(user, document))?;
            let (positions, newest) = record.map_or(Ok((0, 0)), |record| self.extent(txn, &record))?;
            documents.push(TransferredMember { document: document.clone(), positions, newest });
        }
        let history = retention::history(txn, self, record.sequence)?;
        let age = history.iter().position(|(sequence, ..)| *sequence == book.sequence);
        let member = |index: u8| book.members.get(usize::from(index)).map(|member| member.document.clone());
        let pairs = book.apart.iter().filter_map(|[one, other]| Some((member(*one)?, member(*other)?)));
        let current = TransferredShared {
            document,
            position: book.started_over.is_none().then(|| book.position.clone()),
            entry: age.filter(|_| book.started_over.is_none()).map(|age| history.len() - 1 - age),
            holder: book.holder.map(device_text),
            started_over: book.started_over,
            devices: book.devices.iter().map(exported_device).collect(),
        };
        let book = TransferredBook { account: account.clone(), documents, apart: pairs.collect(), current };
        Ok(Some(book).filter(|book| book.documents.len() > 1))
    }

    /// Returns the length of a document's history, and the time of its newest entry.
    fn extent(&self, txn: &RoTxn<'_>, record: &ProgressRecord) -> heed::Result<(u32, u64)> {
        let newest = self.log.get(txn, &record.sequence)?;
        Ok((record.entries.max(1), newest.map_or(0, |entry| entry.position.timestamp)))
    }
}

impl WriteTxn<'_, '_> {
    /// Joins imported documents, which precede it.
    ///
    /// What they share is what the export says if the book is new and their histories are those of the export. Otherwise it is worked out
    /// as for a join, or stays as it is.
    pub(super) fn import_book(&mut self, imported: &TransferredBook) -> Result<ImportOutcome> {
        let Some(owner) = self.tables.users.get(self.txn, imported.account.as_str())? else {
            return Ok(ImportOutcome::NoAccount);
        };
        let (mut is_new, mut first) = (true, None);
        for TransferredMember { document, .. } in &imported.documents {
            let key = DocumentKey::new(owner.id, document);
            let record = self.tables.progress.get(self.txn, &key)?;
            is_new &= self.tables.book_of(self.txn, &key, record.as_ref())?.is_none();
            first = first.or_else(|| record.is_some().then(|| document.clone()));
        }
        let Some(first) = first else { return Ok(ImportOutcome::Unchanged) };
        self.import_joins(imported.account.clone(), &first, imported.joins_of(&first))?;
        if !is_new {
            return Ok(ImportOutcome::Unchanged);
        }
        for (one, other) in &imported.apart {
            self.set_apart(&imported.account, one, other)?;
        }
        self.set_imported_state(&owner, &first, imported)?;
        Ok(ImportOutcome::Created)
    }

    /// Gives a book that was just joined its exported state, if its documents are unchanged.
    fn set_imported_state(&mut self, owner: &UserRecord, first: &Document, imported: &TransferredBook) -> Result<()> {
        let key = DocumentKey::new(owner.id, first);
        let record = self.tables.progress.get(self.txn, &key)?;
        let Some((number, before)) = self.tables.book_of(self.txn, &key, record.as_ref())? else { return Ok(()) };
        if before.members.len() != imported.documents.len() {
            return Ok(());
        }
        let mut members = Vec::new();
        for TransferredMember { document, positions, newest } in &imported.documents {
            let record = self.tables.progress.get(self.txn, &DocumentKey::new(owner.id, document))?;
            let extent = record.map(|record| self.tables.extent(self.txn, &record)).transpose()?;
            if extent.unwrap_or_default() != (*positions, *newest) {
                return Ok(());
            }
            members.push(BookMember { document: document.clone(), is_awaited: *positions == 0 });
        }
        let index_in = |members: &[BookMember], id: &Document| {
            let index = members.iter().position(|member| member.document == *id);
            index.and_then(|index| u8::try_from(index).ok())
        };
        let Some(writer) = index_in(&members, &imported.current.document) else { return Ok(()) };
        let apart = imported.apart.iter();
        let apart = apart.filter_map(|(one, other)| Some([index_in(&members, one)?, index_in(&members, other)?]));
        let apart = apart.collect();
        let current = self.imported_shared(owner.id, &imported.current)?;
        let after = BookRecord::new(members, apart, writer, current);
        self.put_book(owner.id, number, Some(&before), Some(&after))
    }

    fn imported_shared(&self, user: UserId, imported: &TransferredShared) -> Result<Current> {
        let TransferredShared { document, position, entry, holder, started_over, devices } = imported;
        let record = self.tables.progress.get(self.txn, &DocumentKey::new(user, document))?;
        let history = record.map(|record| retention::history(self.txn, &self.tables, record.sequence)).transpose()?;
        let history = history.unwrap_or_default();
        let age = entry.and_then(|entry| history.len().checked_sub(entry + 1));
        // An entry that was thinned away has a number that none has.
        let sequence = age.and_then(|age| history.get(age)).map_or(0, |(sequence, ..)| *sequence);
        let position = position.clone().unwrap_or_else(|| started_over_at(started_over.unwrap_or_default()));
        let is_placeless = started_over.is_none() && position.progress.is_empty();
        let holder = holder.as_deref().and_then(parse_device);
        let devices = devices.iter().map(imported_device).filter(|last| Some(last.device) != holder);
        Ok(Current {
            position,
            sequence,
            holder,
            borrowed: is_placeless.then_some(Borrowed { percentage: None }),
            started_over: *started_over,
            devices: devices.take(MAX_DEVICES - 1).collect(),
            undo: None,
            identifiers: None,
        })
    }
}
