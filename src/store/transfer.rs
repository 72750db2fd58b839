//! Taking everything out of a store, and taking it in again, account by account and document by document.

use std::path::Path;
use std::sync::Arc;

use heed::RoTxn;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Store;
use super::backup::DATA;
use super::data_files::make_lock_file;
use super::env::{MAP_SIZE, open_environment};
use super::progress::WriteTxn;
use super::records::{DocumentKey, DocumentRecord, LogRecord, ProgressRecord, Tables, UserRecord, in_lower_case};
use super::retention;
use crate::error::{Error, Result};
use crate::model::{Document, DocumentName, Event, METADATA_MAX, Metadata, Progress, StoredKey, Username};

/// The longest history that is taken in. Our own are not longer: what has 600 is thinned at the next push.
pub const HISTORY_MAX: usize = 1000;

/// An account, as it is taken out and in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredAccount {
    /// Its name.
    pub name: Username,
    /// Its key at rest.
    pub key: StoredKey,
    /// Whether it may log in, push and pull.
    pub active: bool,
    /// Whether it may manage other accounts.
    #[serde(default)]
    pub administrator: bool,
    /// When it was made, in whole seconds since the Unix epoch; 0 is not known.
    #[serde(default)]
    pub created: u64,
    /// When it was last used, in whole seconds since the Unix epoch, accurate to the hour; 0 is not known.
    #[serde(default)]
    pub last_used: u64,
    /// Whether it answers to its name in upper case and lower case, as on the server that it came from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_case: bool,
}

/// A document of an account, with all that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredDocument {
    /// Whose it is.
    pub account: Username,
    /// Its id.
    pub document: Document,
    /// What clients told about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: Metadata,
    /// The name that the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its positions, the oldest first, 1 to [`HISTORY_MAX`].
    pub history: Vec<TransferredPosition>,
}

/// One position of a document's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransferredPosition {
    /// The position, with the time it was written.
    #[serde(flatten)]
    pub progress: Progress,
    /// How many pushes it stands for.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub pushes: u32,
}

fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(pushes: &u32) -> bool {
    *pushes == 1
}

fn is_default(metadata: &Metadata) -> bool {
    *metadata == Metadata::default()
}

/// What is taken out and in.
#[derive(Debug, Clone, PartialEq)]
pub enum Transferred {
    /// An account. It comes before its documents.
    Account(TransferredAccount),
    /// A document.
    Document(TransferredDocument),
}

/// What became, or would become, of what is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It was not there, and is now.
    Created,
    /// The document was there, and has gone on to the newer positions; its own are in its history.
    Advanced,
    /// It was there: the account with its key, or the document with a position that is as new or newer, which stays. What was
    /// taken in is in its history.
    Unchanged,
    /// The document's account is not there.
    NoAccount,
}

impl Store {
    /// Gives all accounts, each followed by its documents, by name and id, as they are at one moment.
    ///
    /// They are read from a copy, in a folder that is made in `scratch` and is gone afterwards: whoever takes them may take their
    /// time, and the store does not grow meanwhile. It blocks the thread.
    ///
    /// # Errors
    /// [`Error::File`] if the copy cannot be written, [`Error::Store`] if the data cannot be read, and what `each` says.
    pub fn export<E: From<Error>>(
        &self,
        scratch: &Path,
        mut each: impl FnMut(Transferred) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |reason| Error::File { path: scratch.to_owned(), reason: Arc::new(reason) };
        let folder = tempfile::Builder::new().prefix(".kosync-export.").tempdir_in(scratch).map_err(failed)?;
        let opened = self.backup(&folder.path().join(DATA), true).and_then(|_| {
            make_lock_file(folder.path()).map_err(failed)?;
            Ok(open_environment(folder.path(), MAP_SIZE)?)
        });
        // Open files stay readable without a name, and so nothing is left behind whatever happens from here on.
        drop(folder);
        let env = opened?;
        let tables = Tables::create(&env).map_err(Error::from)?;
        let txn = env.read_txn().map_err(Error::from)?;
        for row in tables.users.all(&txn).map_err(Error::from)? {
            let (name, record) = row.map_err(Error::from)?;
            let name = Username::new(name).map_err(super::unexpected)?;
            let UserRecord { id, key, active, administrator, documents: _, created, last_used } = record;
            let spelling = tables.name_aliases.get(&txn, &in_lower_case(&name)).map_err(Error::from)?;
            each(Transferred::Account(TransferredAccount {
                name: name.clone(),
                key,
                active,
                administrator,
                created,
                last_used,
                any_case: spelling.is_some_and(|called| called == name),
            }))?;
            let rows = DocumentKey::all(id);
            for row in tables.progress.range(&txn, &rows).map_err(Error::from)? {
                let (row, record) = row.map_err(Error::from)?;
                let DocumentRecord { metadata, name: given } =
                    tables.documents.get(&txn, &row).map_err(Error::from)?.unwrap_or_default();
                let history = history_of(&txn, &tables, &record).map_err(Error::from)?;
                each(Transferred::Document(TransferredDocument {
                    account: name.clone(),
                    document: Document::new(row.document).map_err(super::unexpected)?,
                    metadata,
                    name: given,
                    history: history.into_iter().map(|(_, entry)| entry).collect(),
                }))?;
            }
        }
        Ok(())
    }

    /// What taking it in would do. Nothing is changed.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn preview_import(&self, what: &Transferred) -> Result<ImportOutcome> {
        self.read(|txn, tables| match what {
            Transferred::Account(account) => {
                let there = tables.users.get(txn, account.name.as_str())?;
                Ok(if there.is_some() { ImportOutcome::Unchanged } else { ImportOutcome::Created })
            }
            Transferred::Document(document) => {
                let Some(owner) = tables.users.get(txn, document.account.as_str())? else {
                    return Ok(ImportOutcome::NoAccount);
                };
                let there = tables.progress.get(txn, &DocumentKey::new(owner.id, &document.document))?;
                let there = there.map(|there| history_of(txn, tables, &there)).transpose()?;
                Ok(diff(&document.history, there.as_deref(), &self.inner.zone).0)
            }
        })
    }

    /// Takes all of these in, in one commit, in their order: what is newer wins, and what is there stays in the history.
    ///
    /// Taking the same in again changes nothing. Others wait while it is written: a few hundred positions at a time are a few
    /// milliseconds.
    ///
    /// # Errors
    /// As [`Store::manage`], and [`Error::Store`] for a position or a history that no store can have. Nothing was stored then.
    pub async fn import_batch(&self, all: Vec<Transferred>) -> Result<Vec<ImportOutcome>> {
        for document in all.iter().filter_map(|what| match what {
            Transferred::Document(document) => Some(document),
            Transferred::Account(_) => None,
        }) {
            document.check().map_err(super::unexpected)?;
        }
        self.inner.writer.run(move |write| all.into_iter().map(|what| write.import_batch(what)).collect()).await
    }
}

impl TransferredDocument {
    /// Why no store can have it.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.history.is_empty() {
            return Err("it has no position".into());
        }
        if self.history.len() > HISTORY_MAX {
            return Err(format!("its history has more than {HISTORY_MAX} positions"));
        }
        self.history.iter().try_for_each(|entry| entry.progress.check()).map_err(|invalid| invalid.to_string())?;
        // As they would be cut at a push.
        if self.metadata != self.metadata.clone().cut() {
            return Err(format!("its title, its authors or its file's name is longer than {METADATA_MAX} bytes"));
        }
        self.name
            .as_deref()
            .map_or(Ok(()), |name| DocumentName::new(name).map(drop))
            .map_err(|invalid| invalid.to_string())
    }
}

/// A document's history, the oldest first, with the numbers of its entries. Where it is damaged, what is known without it.
fn history_of(
    txn: &RoTxn<'_>,
    tables: &Tables,
    record: &ProgressRecord,
) -> heed::Result<Vec<(u64, TransferredPosition)>> {
    let list = retention::list(txn, tables, record.sequence)?.into_iter().rev();
    let entry = |(sequence, entry): (u64, LogRecord)| {
        (sequence, TransferredPosition { progress: entry.position, pushes: entry.pushes })
    };
    let mut history: Vec<_> = list.map(entry).collect();
    if history.is_empty() {
        history.push((record.sequence, TransferredPosition { progress: record.position.clone(), pushes: 1 }));
    }
    Ok(history)
}

/// What becomes of a document that meets a history, and which of its positions that one does not have.
///
/// The newest wins. A clock that was wrong leaves histories that are out of order: so what counts is the latest time in each.
fn diff(
    new: &[TransferredPosition],
    there: Option<&[(u64, TransferredPosition)]>,
    zone: &TimeZone,
) -> (ImportOutcome, Vec<TransferredPosition>) {
    let Some(there) = there else { return (ImportOutcome::Created, new.to_vec()) };
    let has = |new: &Progress| {
        there.iter().any(|(_, TransferredPosition { progress, pushes })| {
            progress.timestamp == new.timestamp && progress == new
                || retention::stands_for(progress, *pushes, new, zone)
        })
    };
    let missing: Vec<_> = new.iter().filter(|entry| !has(&entry.progress)).cloned().collect();
    let latest = there.iter().map(|(_, entry)| entry.progress.timestamp).max();
    let goes_on = missing.iter().map(|entry| entry.progress.timestamp).max() > latest;
    (if goes_on { ImportOutcome::Advanced } else { ImportOutcome::Unchanged }, missing)
}

/// How a history goes on.
struct MergePlan {
    /// How many of its entries, the oldest, stay as they are, and the number of the last of these.
    kept: usize,
    last_kept: Option<u64>,
    /// The numbers of the others.
    gone: Vec<u64>,
    /// What is written behind those that stay.
    behind: Vec<TransferredPosition>,
}

/// Joins to a history what it lacks. Numbers grow along a history, so what comes behind the first position that is new gets new ones.
fn join(
    had: Option<Vec<(u64, TransferredPosition)>>,
    mut missing: Vec<TransferredPosition>,
    becomes: ImportOutcome,
) -> MergePlan {
    // It comes as it was.
    let Some(mut kept) = had else { return MergePlan { kept: 0, last_kept: None, gone: Vec::new(), behind: missing } };
    let first = missing.iter().map(|entry| entry.progress.timestamp).min().unwrap_or(u64::MAX);
    let mut count = kept.iter().take_while(|(_, entry)| entry.progress.timestamp <= first).count();
    let current_stays = becomes == ImportOutcome::Unchanged;
    if current_stays {
        count = count.min(kept.len().saturating_sub(1));
    }
    let (gone, mut behind): (Vec<_>, Vec<_>) = kept.split_off(count).into_iter().unzip();
    let current = if current_stays { behind.pop() } else { None };
    behind.append(&mut missing);
    behind.sort_by_key(|entry| entry.progress.timestamp);
    behind.extend(current);
    MergePlan { kept: count, last_kept: kept.last().map(|(sequence, _)| *sequence), gone, behind }
}

impl WriteTxn<'_, '_> {
    fn import_batch(&mut self, what: Transferred) -> Result<ImportOutcome> {
        match what {
            Transferred::Account(account) => self.import_account(account),
            Transferred::Document(document) => self.import_document(document),
        }
    }

    fn import_account(&mut self, account: TransferredAccount) -> Result<ImportOutcome> {
        let TransferredAccount { name, key, active, administrator, created, last_used, any_case } = account;
        if self.tables.users.get(self.txn, name.as_str())?.is_some() {
            return Ok(ImportOutcome::Unchanged);
        }
        let id = self.new_user_id()?;
        let record = UserRecord { id, key, active, administrator, documents: 0, created, last_used };
        self.tables.users.put(self.txn, name.as_str(), &record)?;
        let spelling = in_lower_case(&name);
        // Where two want it, the first has it: the other is found by the very name lock_for_open.
        if any_case && self.tables.name_aliases.get(self.txn, &spelling)?.is_none() {
            self.tables.name_aliases.put(self.txn, &spelling, &name)?;
        }
        self.events.push(Event::UserCreated { user: name });
        Ok(ImportOutcome::Created)
    }

    /// Adds what a document comes with. What the person has here is what they see, and stays.
    fn complete_description(&mut self, row: &DocumentKey<'_>, metadata: Metadata, name: Option<String>) -> Result<()> {
        let about = self.tables.documents.get(self.txn, row)?;
        let mut described = DocumentRecord { metadata, name };
        if let Some(about) = about.clone() {
            described.metadata.update(about.metadata);
            described.name = about.name.or(described.name);
        }
        if described != about.unwrap_or_default() {
            self.tables.documents.put(self.txn, row, &described)?;
        }
        Ok(())
    }

    fn import_document(&mut self, new: TransferredDocument) -> Result<ImportOutcome> {
        let Some(mut owner) = self.tables.users.get(self.txn, new.account.as_str())? else {
            return Ok(ImportOutcome::NoAccount);
        };
        let row = DocumentKey::new(owner.id, &new.document);
        let there = self.tables.progress.get(self.txn, &row)?;
        let had = there.as_ref().map(|there| history_of(self.txn, &self.tables, there)).transpose()?;
        let (becomes, missing) = diff(&new.history, had.as_deref(), self.zone);
        self.complete_description(&row, new.metadata, new.name)?;
        if missing.is_empty() {
            return Ok(becomes);
        }
        if there.is_none() {
            owner.documents = owner.documents.saturating_add(1);
            self.tables.users.put(self.txn, new.account.as_str(), &owner)?;
        }

        let MergePlan { kept, last_kept, gone, behind } = join(had, missing, becomes);
        for sequence in gone {
            self.tables.log.delete(self.txn, &sequence)?;
        }
        let mut previous = last_kept;
        let mut entries = u32::try_from(kept + behind.len()).unwrap_or(u32::MAX);
        let mut newest = None;
        for TransferredPosition { progress, pushes } in behind {
            let sequence = *self.next_sequence;
            *self.next_sequence += 1;
            let (user, document) = (owner.id, new.document.clone());
            let entry = LogRecord { user, document, position: progress, previous, pushes };
            self.tables.log.append(self.txn, &sequence, &entry)?;
            previous = Some(sequence);
            newest = Some((sequence, entry.position));
        }
        let Some((sequence, position)) = newest else { return Ok(becomes) };
        let mut thinned = there.as_ref().map_or(0, |there| there.thinned);
        if there.is_none() {
            // It comes thinned as it was, and stays so until it has grown.
            thinned = entries.min(retention::MAX_ENTRIES);
        } else if retention::is_due(entries, thinned) {
            entries = retention::thin(self.txn, &self.tables, sequence, self.now, self.zone)?;
            thinned = entries;
        }
        let record = ProgressRecord { position, sequence, entries, thinned };
        self.tables.progress.put(self.txn, &row, &record)?;
        if becomes == ImportOutcome::Unchanged {
            return Ok(becomes);
        }
        let before = there.map(|there| there.position);
        let (user, document, progress) = (new.account, new.document, record.position);
        self.events.push(Event::Pushed { sequence, user, user_id: owner.id, document, progress, before });
        Ok(becomes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Few times and places, so that they meet, in any order: clocks are wrong at times.
    fn history(lengths: std::ops::Range<usize>) -> impl Strategy<Value = Vec<TransferredPosition>> {
        let position = (0_u64..10, 0..4).prop_map(|(timestamp, place)| {
            let progress = Progress::new(format!("/p[{place}]"), 0.5, "Kobo".into(), None).expect("a position");
            TransferredPosition { progress: Progress { timestamp, ..progress }, pushes: 1 }
        });
        vec(position, lengths)
    }

    fn latest(history: &[TransferredPosition]) -> Option<u64> {
        history.iter().map(|entry| entry.progress.timestamp).max()
    }

    proptest! {
        #[test]
        fn no_position_is_lost_and_the_newest_is_the_current_one(there in history(1..8), new in history(1..8)) {
            let numbered: Vec<_> = (10..).step_by(10).zip(there.clone()).collect();
            let (becomes, missing) = diff(&new, Some(&numbered), &TimeZone::UTC);
            let MergePlan { kept, last_kept, gone, behind } = join(Some(numbered.clone()), missing.clone(), becomes);
            prop_assert_eq!(last_kept, kept.checked_sub(1).map(|last| numbered[last].0));
            prop_assert_eq!(gone, numbered[kept..].iter().map(|(number, _)| *number).collect::<Vec<_>>());

            let joined = [&there[..kept], &behind].concat();
            prop_assert_eq!(joined.len(), there.len() + missing.len());
            prop_assert!(there.iter().chain(&new).all(|entry| joined.contains(entry)));
            if latest(&new) > latest(&there) {
                prop_assert_eq!(becomes, ImportOutcome::Advanced);
                prop_assert_eq!(joined.last().map(|entry| entry.progress.timestamp), latest(&new));
            } else {
                prop_assert_eq!(becomes, ImportOutcome::Unchanged);
                prop_assert_eq!(joined.last(), there.last());
            }
            let numbered: Vec<_> = (10..).zip(joined).collect();
            prop_assert_eq!(diff(&new, Some(&numbered), &TimeZone::UTC), (ImportOutcome::Unchanged, Vec::new()));
        }
    }
}
