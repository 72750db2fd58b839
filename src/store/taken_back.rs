//! Takes back that a book was finished: a jump to its end is no reading.

use super::accounts::AccountOutcome;
use super::keyspace::DocumentKey;
use super::records::UserRecord;
use super::removed_positions::read_positions;
use super::retention;
use super::shelf_records::ShelfRecord;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, Event, FinishLog, TakenBack, UserId, Username};

impl WriteTxn<'_, '_> {
    /// Takes back the last finish of a document's book. Without one, it changes nothing.
    ///
    /// What its reader said alone is undone. A finish that positions tell is noted as taken back, in each document of the book, so that
    /// it stays so whichever of them goes or is parted.
    pub(super) fn take_back_finish(
        &mut self,
        user: Username,
        owner: UserRecord,
        document: Document,
    ) -> Result<AccountOutcome> {
        let id = owner.id;
        if self.tables.progress.get(self.txn, &DocumentKey::new(id, &document))?.is_none() {
            return Ok(AccountOutcome::NoDocument);
        }
        let documents = self.documents_of_book(id, &document)?;
        let last = self.book_finish_log(id, &documents)?.finishes().next_back();
        let said = self.mark_of(id, &document)?.shelf;
        // What was said of an earlier reading stays.
        let is_about_last = |said: &ShelfRecord| said.finished.is_some() && last.is_none_or(|last| last <= said.at);
        let said = said.filter(is_about_last);
        let is_of_reader_alone = said.as_ref().is_some_and(|said| said.is_noted);
        if said.is_none() && last.is_none() {
            return Ok(AccountOutcome::Done);
        }
        if said.is_some() {
            self.forget_shelf(id, &document)?;
        }
        if let Some(from) = last.filter(|_| !is_of_reader_alone) {
            let sequence = self.next_sequence.saturating_sub(1);
            let taken_back = TakenBack { from, until: self.now.max(from), sequence };
            for document in &documents {
                self.change_folded(id, document, |folded, _| folded.take_back(taken_back))?;
            }
        }
        self.count_rewrite(&user)?;
        self.events.push(Event::DocumentMarked { user, document });
        Ok(AccountOutcome::Done)
    }

    /// Lets a book be finished at a time, of which that was taken back.
    pub(super) fn allow_finish(&mut self, user: UserId, document: &Document, at: u64) -> Result<bool> {
        let mut has_changed = false;
        for document in self.documents_of_book(user, document)? {
            has_changed |= self.change_folded(user, &document, |folded, _| folded.allow_finish(at))?;
        }
        Ok(has_changed)
    }

    /// Notes that an account's history tells something else now, though nothing was pushed.
    pub(super) fn count_rewrite(&mut self, user: &Username) -> Result<()> {
        let Some(mut owner) = self.tables.users.get(self.txn, user.as_str())? else { return Ok(()) };
        owner.rewrites = owner.rewrites.wrapping_add(1);
        Ok(self.tables.users.put(self.txn, user.as_str(), &owner)?)
    }

    /// Returns the documents of a document's book that were pushed: itself alone, unless it is joined with others.
    pub(super) fn documents_of_book(&self, user: UserId, document: &Document) -> Result<Vec<Document>> {
        let key = DocumentKey::new(user, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        let book = self.tables.book_of(self.txn, &key, record.as_ref())?;
        Ok(book.map_or_else(
            || vec![document.clone()],
            |(_, book)| book.pushed().map(|(_, document)| document.clone()).collect(),
        ))
    }

    /// Returns when these documents' book was finished and begun again, as their histories together say.
    pub(super) fn book_finish_log(&self, user: UserId, documents: &[Document]) -> Result<FinishLog> {
        let (mut positions, mut folded) = (Vec::new(), Vec::new());
        for document in documents {
            let Some(record) = self.tables.progress.get(self.txn, &DocumentKey::new(user, document))? else { continue };
            positions.extend(read_positions(&retention::history(self.txn, &self.tables, record.sequence)?));
            folded.extend(record.folded);
        }
        positions.sort_by_key(|(_, time, sequence)| (*time, *sequence));
        let taken_back: Vec<TakenBack> = folded.iter().flat_map(|folded| folded.taken_back()).collect();
        Ok(FinishLog::replay_without(&taken_back, folded.iter().map(|folded| folded.turns.as_slice()), positions))
    }
}
