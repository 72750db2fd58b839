//! Joining documents into a book, and parting them again [I7]. Nothing is ever joined without a person's or a client's word.

use heed::PutFlags;

use super::accounts::{AccountOutcome, JoinRefusal};
use super::books::MAX_MEMBERS;
use super::joined_state::{SideState, shared_state};
use super::keyspace::DocumentKey;
use super::records::{BookMember, BookRecord, UserRecord};
use super::transaction::WriteTxn;
use super::usage::QuotaExceeded;
use crate::error::Result;
use crate::model::{Document, Event, UserId, Username};

/// A document that is to be joined with another.
struct Side {
    /// The book that it is in already.
    book: Option<(u32, BookRecord)>,
    /// All documents that come with it.
    members: Vec<BookMember>,
    /// Pairs of indexes of `members` between which XPointers do not carry over.
    apart: Vec<[u8; 2]>,
}

impl Side {
    /// Returns its state in a book in which its documents begin at this index.
    fn states(&self, write: &WriteTxn<'_, '_>, user: UserId, shift: u8) -> Result<Vec<SideState>> {
        match &self.book {
            // What its documents share stays what it is.
            Some((_, book)) => Ok(vec![SideState::of_book(book, shift)]),
            None => write.own_states(user, &self.members, shift),
        }
    }
}

impl WriteTxn<'_, '_> {
    /// Joins the book of a document with the book of another one.
    ///
    /// The other one need not have been pushed yet: then a device has asked for it.
    pub(super) fn join_documents(
        &mut self,
        user: Username,
        owner: UserRecord,
        document: Document,
        other: Document,
    ) -> Result<AccountOutcome> {
        if document == other {
            return Ok(AccountOutcome::JoinRefused(JoinRefusal::SameDocument));
        }
        let id = owner.id;
        let Some(one) = self.side(id, &document)? else { return Ok(AccountOutcome::NoDocument) };
        let two = self.side(id, &other)?.unwrap_or_else(|| Side {
            book: None,
            members: vec![BookMember { document: other.clone(), is_awaited: true }],
            apart: Vec::new(),
        });
        if one.members.iter().any(|member| member.document == other) {
            return Ok(AccountOutcome::Done);
        }
        if one.members.len() + two.members.len() > MAX_MEMBERS {
            return Ok(AccountOutcome::JoinRefused(JoinRefusal::TooManyDocuments));
        }
        self.count_usage(id)?;
        if self.limits.usage.account(id).is_full {
            return Ok(AccountOutcome::OverQuota(QuotaExceeded::Bytes));
        }
        for (number, book) in [&one, &two].into_iter().filter_map(|side| side.book.as_ref()) {
            self.put_book(id, *number, Some(book), None)?;
        }
        let number = match (&one.book, &two.book) {
            (Some((number, _)), _) | (None, Some((number, _))) => *number,
            (None, None) => self.new_book_number(id)?,
        };
        #[allow(clippy::cast_possible_truncation, reason = "a book has 16 documents at most")]
        let shift = one.members.len() as u8;
        let mut states = one.states(self, id, 0)?;
        states.extend(two.states(self, id, shift)?);
        let mut apart = one.apart;
        apart.extend(two.apart.into_iter().map(|pair| pair.map(|index| index + shift)));
        let members: Vec<_> = one.members.into_iter().chain(two.members).collect();
        for member in members.iter().filter(|member| !member.is_awaited) {
            self.set_book(id, &member.document, Some(number))?;
        }
        self.put_joined(&owner, number, members, apart, states)?;
        self.make_room(&owner)?;
        self.rewritten(&user, owner)?;
        self.events.push(Event::DocumentsJoined { user, document, other });
        Ok(AccountOutcome::Done)
    }

    /// Returns whether two documents are files of one book.
    pub(super) fn are_joined(&self, user: UserId, document: &Document, other: &Document) -> Result<bool> {
        let key = DocumentKey::new(user, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        let book = self.tables.book_of(self.txn, &key, record.as_ref())?;
        Ok(book.is_some_and(|(_, book)| book.index_of(other.as_str()).is_some()))
    }

    /// Takes a document out of the book that it and another one are files of.
    pub(super) fn part_documents(
        &mut self,
        user: Username,
        owner: UserRecord,
        document: Document,
        other: Document,
    ) -> Result<AccountOutcome> {
        const NOT_JOINED: Result<AccountOutcome> = Ok(AccountOutcome::JoinRefused(JoinRefusal::NotJoined));
        let key = DocumentKey::new(owner.id, &document);
        let record = self.tables.progress.get(self.txn, &key)?;
        let Some((number, book)) = self.tables.book_of(self.txn, &key, record.as_ref())? else {
            return if record.is_some() { NOT_JOINED } else { Ok(AccountOutcome::NoDocument) };
        };
        if document == other || book.index_of(other.as_str()).is_none() {
            return NOT_JOINED;
        }
        self.part(&owner, number, book, &other)?;
        self.rewritten(&user, owner)?;
        self.events.push(Event::DocumentParted { user, document: other });
        Ok(AccountOutcome::Done)
    }

    /// Takes a document out of its book, if it is in one. A book of one document is none.
    pub(super) fn part_from_book(&mut self, owner: &UserRecord, document: &Document) -> Result<()> {
        let key = DocumentKey::new(owner.id, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        match self.tables.book_of(self.txn, &key, record.as_ref())? {
            Some((number, book)) => self.part(owner, number, book, document),
            None => Ok(()),
        }
    }

    fn part(&mut self, owner: &UserRecord, number: u32, before: BookRecord, document: &Document) -> Result<()> {
        let staying = before.pushed().map(|(_, other)| other).find(|other| *other != document);
        self.share_mark(owner.id, document, staying)?;
        let mut left = before.clone();
        let index = left.index_of(document.as_str());
        if let Some(index) = index {
            left.remove(index);
        }
        self.put_book(owner.id, number, Some(&before), None)?;
        self.set_book(owner.id, document, None)?;
        // Without a position there is nothing to share.
        if left.members.len() < 2 || left.pushed().next().is_none() {
            for (_, document) in left.pushed() {
                self.set_book(owner.id, document, None)?;
            }
            return Ok(());
        }
        let writer = match index {
            Some(index) if index != before.writer => Some(before.writer - u8::from(before.writer > index)),
            // No file has the position of a book that was started over.
            _ if before.started_over.is_some() => left.pushed().next().map(|(index, _)| index),
            _ => None,
        };
        let Some(writer) = writer else {
            let states = self.own_states(owner.id, &left.members, 0)?;
            return self.put_joined(owner, number, left.members, left.apart, states);
        };
        // What the others share stays what it is.
        let current = self.state_without(owner.id, &before, document)?;
        let book = BookRecord::new(left.members, left.apart, writer, current);
        self.put_book(owner.id, number, None, Some(&book))
    }

    /// Removes the names that the user gave other documents of a book: a name is the book's.
    pub(super) fn forget_other_names(&mut self, user: UserId, document: &Document) -> Result<()> {
        let key = DocumentKey::new(user, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        let Some((_, book)) = self.tables.book_of(self.txn, &key, record.as_ref())? else { return Ok(()) };
        for (_, other) in book.pushed().filter(|(_, other)| *other != document) {
            let key = DocumentKey::new(user, other);
            let Some(mut about) = self.tables.documents.get(self.txn, &key)?.filter(|about| about.name.is_some())
            else {
                continue;
            };
            about.name = None;
            let freed = self.tables.documents.size(self.txn, &key)?.footprint;
            let added = self.tables.documents.put_measured(self.txn, PutFlags::empty(), &key, &about)?;
            self.count_change(user, key.document, freed, added);
        }
        Ok(())
    }

    /// Returns what comes with a document that is to be joined. Returns `None` if the document is unknown.
    fn side(&self, user: UserId, document: &Document) -> Result<Option<Side>> {
        let key = DocumentKey::new(user, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        let book = self.tables.book_of(self.txn, &key, record.as_ref())?;
        Ok(match (book, record) {
            (Some((number, book)), _) => {
                let (members, apart) = (book.members.clone(), book.apart.clone());
                Some(Side { book: Some((number, book)), members, apart })
            }
            (None, Some(_)) => {
                let member = BookMember { document: document.clone(), is_awaited: false };
                Some(Side { book: None, members: vec![member], apart: Vec::new() })
            }
            (None, None) => None,
        })
    }

    /// Stores a book of these documents with the state that counts most.
    fn put_joined(
        &mut self,
        owner: &UserRecord,
        number: u32,
        members: Vec<BookMember>,
        apart: Vec<[u8; 2]>,
        states: Vec<SideState>,
    ) -> Result<()> {
        let Some((writer, current)) = shared_state(self.rule_of(owner), states) else { return Ok(()) };
        let book = BookRecord::new(members, apart, writer, current);
        self.put_book(owner.id, number, None, Some(&book))
    }

    /// Notes that an account's history changed otherwise than by a push.
    fn rewritten(&mut self, user: &Username, mut owner: UserRecord) -> Result<()> {
        owner.rewrites = owner.rewrites.wrapping_add(1);
        Ok(self.tables.users.put(self.txn, user.as_str(), &owner)?)
    }
}
