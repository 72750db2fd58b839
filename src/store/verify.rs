//! Verifying the store: reads every row and reports what is inconsistent.

use std::collections::{HashMap, HashSet};

use heed::{RoTxn, WithoutTls};

use super::handle::Store;
use super::keyspace::DocumentKey;
use super::packed::{self, PackedIdentifiers};
use super::records::{LogRecord, ProgressRecord};
use super::tables::{META_NEXT_USER, Tables};
use super::verify_aliases::verify_aliases;
use super::verify_books::verify_books;
use crate::error::Result;
#[cfg(feature = "cli")]
use crate::model::count;
use crate::model::{PushEffect, UserId, Username};

/// Problems that a report describes. More are only counted.
const MAX_PROBLEMS: usize = 100;

/// What a store holds, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Number of accounts.
    pub accounts: u64,
    /// Number of documents with a position, over all accounts.
    pub documents: u64,
    /// Number of positions in all histories, current ones included.
    pub positions: u64,
    /// Number of aliases of documents.
    pub aliases: u64,
    /// Number of dashboard sessions, expired ones included.
    pub sessions: u64,
    /// Number of files in the accounts' WebDAV folders.
    pub files: u64,
    /// Number of deleted accounts whose data has not been removed yet.
    pub pending_purge: u64,
    /// Number of rows in the format of an older version. They are as good as others, and are converted when they are next written.
    pub old_rows: u64,
    /// Size of the data file in bytes.
    pub bytes: u64,
    /// Descriptions of the first 100 problems.
    pub problems: Vec<String>,
    /// Number of problems.
    pub problem_count: u64,
}

#[cfg(feature = "cli")]
impl VerifyReport {
    /// Says what the store holds.
    pub(crate) fn summary(&self) -> String {
        let mut summary = format!(
            "{}, {}, {} including history, {}, {}.",
            count(self.accounts, "account"),
            count(self.documents, "document"),
            count(self.positions, "position"),
            count(self.sessions, "session"),
            count(self.bytes, "byte")
        );
        if self.aliases > 0 {
            summary += &format!("\n{} of documents.", count(self.aliases, "other id"));
        }
        if self.files > 0 {
            summary += &format!("\n{} in WebDAV folders.", count(self.files, "file"));
        }
        if self.old_rows > 0 {
            let rows = count(self.old_rows, "row");
            summary += &format!("\n{rows} of an older version's format; each is converted when it is next written.");
        }
        summary
    }

    /// Says whether anything is wrong, and what to do about it.
    ///
    /// # Errors
    /// The sentence about the problems, if there are any.
    pub(crate) fn verdict(&self) -> std::result::Result<&'static str, String> {
        match self.problem_count {
            0 => Ok("No problems found."),
            problems => {
                Err(format!("the store has {}; restore a backup, or report this as a bug", count(problems, "problem")))
            }
        }
    }
}

impl Store {
    /// Reads every row, as of one moment, and reports what is inconsistent.
    ///
    /// The call blocks its thread: with millions of positions, for seconds.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let report = kosync.store().verify()?;
    /// assert_eq!((report.accounts, report.problem_count), (1, 0));
    /// # Ok::<(), kosync::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if LMDB cannot read a page, `Busy` if 1,024 reads are open already, `StoreClosed` once the store
    /// has stopped.
    pub fn verify(&self) -> Result<VerifyReport> {
        self.inner.page_cache.note_full_read();
        let report = VerifyReport { bytes: self.size()?, ..VerifyReport::default() };
        self.read(|txn, tables| {
            let verifier = Verifier {
                txn,
                tables,
                report,
                owners: HashMap::new(),
                deleted: HashSet::new(),
                document_counts: HashMap::new(),
                linked_positions: 0,
            };
            verifier.run()
        })
    }
}

/// Returns how a document's current position differs from its history entry, if it does.
fn current_problem(entry: &LogRecord, record: &ProgressRecord) -> Option<String> {
    if record.is_started_over() {
        return None;
    }
    let has_own_locator = record.state.as_ref().is_none_or(|state| !state.is_locator_borrowed());
    let (of_entry, current) = (&entry.position, &record.position);
    // A push by which its device held the position left the time at which it had reached it.
    let is_same_time = entry.effect() == PushEffect::HeldRepeat || of_entry.timestamp == current.timestamp;
    let is_same = (&of_entry.device, &of_entry.device_id) == (&current.device, &current.device_id)
        && of_entry.percentage.to_bits() == current.percentage.to_bits()
        && (of_entry.progress == current.progress || !has_own_locator)
        && is_same_time;
    (!is_same).then(|| format!("its current position is not that of entry {}", record.current_sequence()))
}

/// One pass over all tables.
pub(super) struct Verifier<'a> {
    pub(super) txn: &'a RoTxn<'a, WithoutTls>,
    pub(super) tables: &'a Tables,
    pub(super) report: VerifyReport,
    /// Accounts by number, each with its name and its record's number of documents.
    pub(super) owners: HashMap<UserId, (String, u32)>,
    /// Numbers of deleted accounts whose data has not been removed yet.
    pub(super) deleted: HashSet<UserId>,
    /// Documents found, by account.
    document_counts: HashMap<UserId, u32>,
    /// Positions found by following the histories.
    linked_positions: u64,
}

impl Verifier<'_> {
    fn run(mut self) -> heed::Result<VerifyReport> {
        self.accounts()?;
        self.deleted_accounts()?;
        self.next_account_number()?;
        self.device_passwords()?;
        self.documents()?;
        self.books()?;
        self.document_counts();
        self.titles()?;
        self.aliases()?;
        self.log()?;
        self.sessions()?;
        self.name_aliases()?;
        self.names()?;
        self.remote_users()?;
        self.networks()?;
        self.notes()?;
        self.reading()?;
        self.files()?;
        self.old_rows()?;
        Ok(self.report)
    }

    pub(super) fn problem(&mut self, what: String) {
        self.report.problem_count += 1;
        if self.report.problems.len() < MAX_PROBLEMS {
            self.report.problems.push(what);
        }
    }

    /// Returns a row, or reports that it cannot be decoded.
    pub(super) fn decoded<T>(&mut self, row: heed::Result<T>, table: &str) -> heed::Result<Option<T>> {
        match row {
            Ok(row) => Ok(Some(row)),
            Err(heed::Error::Decoding(error)) => {
                self.problem(format!("a row of {table} cannot be read: {error}"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn accounts(&mut self) -> heed::Result<()> {
        for row in self.tables.users.all(self.txn)? {
            let Some((name, record)) = self.decoded(row, "accounts")? else { continue };
            self.report.accounts += 1;
            if Username::new(name).is_err() {
                self.problem(format!("account {name:?}: its name is invalid"));
            }
            if let Some((other, _)) = self.owners.insert(record.id, (name.to_owned(), record.documents)) {
                self.problem(format!("accounts {other} and {name} have the same number"));
            }
        }
        Ok(())
    }

    fn deleted_accounts(&mut self) -> heed::Result<()> {
        for row in self.tables.pending_purge.all(self.txn)? {
            let Some((id, ())) = self.decoded(row, "deleted accounts")? else { continue };
            self.report.pending_purge += 1;
            self.deleted.insert(UserId(id));
        }
        Ok(())
    }

    fn next_account_number(&mut self) -> heed::Result<()> {
        let next = self.tables.meta.get(self.txn, META_NEXT_USER)?.unwrap_or(1);
        let highest = self.owners.keys().chain(&self.deleted).max();
        if let Some(highest) = highest.filter(|highest| u64::from(highest.0) >= next) {
            self.problem(format!("the next account number is {next}, but number {} is in use already", highest.0));
        }
        Ok(())
    }

    fn documents(&mut self) -> heed::Result<()> {
        for row in self.tables.progress.all(self.txn)? {
            let Some((key, record)) = self.decoded(row, "positions")? else { continue };
            self.report.documents += 1;
            *self.document_counts.entry(key.user).or_default() += 1;
            let name = match self.owners.get(&key.user) {
                Some((name, _)) => format!("account {name}, document {}", key.document),
                None => format!("account number {}, document {}", key.user.0, key.document),
            };
            if !self.owners.contains_key(&key.user) && !self.deleted.contains(&key.user) {
                self.problem(format!("{name}: there is no such account"));
            }
            if let Some(Err(error)) = record.identifiers.as_ref().map(PackedIdentifiers::unpack) {
                self.problem(format!("{name}: its identifiers cannot be read: {error}"));
            }
            let (entries, bytes, problems) = self.follow_history(&key, &record)?;
            for problem in problems {
                self.problem(format!("{name}: {problem}"));
            }
            if entries != record.entries {
                self.problem(format!(
                    "{name}: its history has {entries} positions, but its record says {}",
                    record.entries
                ));
            }
            if let Some(recorded) = record.bytes.filter(|recorded| *recorded != bytes) {
                self.problem(format!("{name}: its history has {bytes} bytes, but its record says {recorded}"));
            }
            self.linked_positions += u64::from(entries);
        }
        Ok(())
    }

    /// Follows a document's history as far as it goes. Returns its length, its bytes and its problems.
    fn follow_history(&self, key: &DocumentKey<'_>, record: &ProgressRecord) -> heed::Result<(u32, u64, Vec<String>)> {
        let (mut entries, mut total, mut problems) = (0_u32, 0, Vec::new());
        let (mut next, mut newer) = (Some(record.sequence), u64::MAX);
        let (current, mut has_current) = (record.current_sequence(), record.is_started_over());
        while let Some(sequence) = next {
            // Sequence numbers fall along a history, so a link that does not may lead round in a circle.
            if sequence >= newer {
                problems.push(format!("entry {sequence} of its history is out of order"));
                break;
            }
            newer = sequence;
            let entry = match self.tables.log.measured().get(self.txn, &sequence) {
                Err(heed::Error::Decoding(error)) => {
                    problems.push(format!("entry {sequence} of its history cannot be read: {error}"));
                    break;
                }
                entry => entry?,
            };
            let Some((entry, bytes)) = entry else {
                problems.push(format!("entry {sequence} of its history is missing"));
                break;
            };
            if entry.user != key.user || entry.document.as_str() != key.document {
                problems.push(format!("entry {sequence} of its history belongs to another document"));
                break;
            }
            if sequence == current {
                has_current = true;
                problems.extend(current_problem(&entry, record));
            }
            entries += 1;
            total += self.tables.log.entry_footprint(bytes);
            next = entry.previous;
        }
        if !has_current && problems.is_empty() {
            problems.push("its current position is not in its history".to_owned());
        }
        if record.state.as_ref().is_some_and(|state| !state.is_sound()) {
            problems.push("what it says of its devices is inconsistent".to_owned());
        }
        Ok((entries, total, problems))
    }

    fn books(&mut self) -> heed::Result<()> {
        let mut problems = Vec::new();
        verify_books(self.txn, self.tables, |user| self.deleted.contains(&user), |problem| problems.push(problem))?;
        problems.into_iter().for_each(|problem| self.problem(problem));
        Ok(())
    }

    fn document_counts(&mut self) {
        for (id, (name, documents)) in self.owners.clone() {
            let found = self.document_counts.get(&id).copied().unwrap_or(0);
            if found != documents {
                self.problem(format!("account {name}: it has {found} documents, but its record says {documents}"));
            }
        }
    }

    fn titles(&mut self) -> heed::Result<()> {
        for row in self.tables.documents.all(self.txn)? {
            let Some((key, _)) = self.decoded(row, "titles")? else { continue };
            if self.tables.progress.get(self.txn, &key).is_ok_and(|position| position.is_none()) {
                self.problem(format!(
                    "account number {}, document {}: it has a title but no position",
                    key.user.0, key.document
                ));
            }
        }
        Ok(())
    }

    fn aliases(&mut self) -> heed::Result<()> {
        let (txn, tables) = (self.txn, self.tables);
        self.report.aliases = verify_aliases(txn, tables, |problem| self.problem(problem))?;
        Ok(())
    }

    fn log(&mut self) -> heed::Result<()> {
        for row in self.tables.log.all(self.txn)? {
            if self.decoded(row, "histories")?.is_some() {
                self.report.positions += 1;
            }
        }
        if self.report.positions != self.linked_positions {
            let difference = self.report.positions.abs_diff(self.linked_positions);
            self.problem(format!("{difference} positions are in no document's history"));
        }
        Ok(())
    }

    fn old_rows(&mut self) -> heed::Result<()> {
        let Tables { users, documents, progress, log, .. } = self.tables;
        for old in [
            users.count_values(self.txn, packed::is_old)?,
            documents.count_values(self.txn, packed::is_old)?,
            progress.count_values(self.txn, packed::is_old)?,
            log.count_values(self.txn, packed::is_old)?,
        ] {
            self.report.old_rows += old;
        }
        Ok(())
    }

    fn sessions(&mut self) -> heed::Result<()> {
        for row in self.tables.sessions.all(self.txn)? {
            self.report.sessions += u64::from(self.decoded(row, "sessions")?.is_some());
        }
        Ok(())
    }

    fn name_aliases(&mut self) -> heed::Result<()> {
        for row in self.tables.name_aliases.all(self.txn)? {
            let Some((alias, exact)) = self.decoded(row, "name aliases")? else { continue };
            if self.tables.users.get(self.txn, exact.as_str()).is_ok_and(|account| account.is_none()) {
                self.problem(format!("name alias {alias:?}: its account {exact} does not exist"));
            }
        }
        Ok(())
    }

    fn names(&mut self) -> heed::Result<()> {
        for row in self.tables.names.all(self.txn)? {
            self.decoded(row, "the index of names")?;
        }
        for row in self.tables.users.all(self.txn)? {
            // `accounts` has reported what cannot be read.
            let Some(name) = row.ok().and_then(|(name, _)| Username::new(name).ok()) else { continue };
            if self.tables.names_like(self.txn, &name).is_ok_and(|names| !names.contains(&name)) {
                self.problem(format!("account {name}: the index of names does not have it"));
            }
        }
        Ok(())
    }

    fn reading(&mut self) -> heed::Result<()> {
        for row in self.tables.reading.all(self.txn)? {
            self.decoded(row, "reading times")?;
        }
        Ok(())
    }

    fn networks(&mut self) -> heed::Result<()> {
        for row in self.tables.networks.all(self.txn)? {
            self.decoded(row, "known networks")?;
        }
        Ok(())
    }

    fn notes(&mut self) -> heed::Result<()> {
        for row in self.tables.marks.all(self.txn)? {
            let Some((key, _)) = self.decoded(row, "marks of books")? else { continue };
            let is_orphan = self.tables.progress.get(self.txn, &key).is_ok_and(|position| position.is_none());
            if is_orphan && !self.deleted.contains(&key.user) {
                let (user, document) = (key.user.0, key.document);
                self.problem(format!("account number {user}, document {document}: it has a mark but no position"));
            }
        }
        for row in self.tables.folded_days.all(self.txn)? {
            self.decoded(row, "days whose positions are gone")?;
        }
        for row in self.tables.devices.all(self.txn)? {
            self.decoded(row, "devices")?;
        }
        Ok(())
    }

    fn device_passwords(&mut self) -> heed::Result<()> {
        let mut seen = HashSet::new();
        for row in self.tables.device_passwords.all(self.txn)? {
            let Some((key, record)) = self.decoded(row, "device passwords")? else { continue };
            // Of an account that an older version deleted, rows stay, which no request can reach.
            let Some((owner, _)) = self.owners.get(&key.user) else { continue };
            if !seen.insert((key.user, record.id)) {
                self.problem(format!("account {owner}: two device passwords have the number {}", record.id));
            }
        }
        Ok(())
    }

    fn remote_users(&mut self) -> heed::Result<()> {
        for row in self.tables.remote_users.all(self.txn)? {
            self.decoded(row, "choices of users of Home Assistant or a proxy")?;
        }
        Ok(())
    }
}
