//! Reading the whole store, and saying what does not fit together.

use std::collections::HashMap;

use heed::RoTxn;

use super::Store;
use super::records::{DocumentKey, META_NEXT_USER, Tables};
use crate::error::Result;
use crate::model::{UserId, Username};

/// Things that are named. More are only counted.
const NAMED: usize = 100;

/// What is in a store, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Accounts.
    pub accounts: u64,
    /// Documents with a position, of all accounts.
    pub documents: u64,
    /// Positions of all histories, the current ones included.
    pub positions: u64,
    /// Sessions of the dashboard, also such as are over.
    pub sessions: u64,
    /// Deleted accounts whose data is still being removed.
    pub being_removed: u64,
    /// Bytes of the data file.
    pub bytes: u64,
    /// What is wrong: the first 100 things, each in a sentence.
    pub problems: Vec<String>,
    /// How many things are wrong.
    pub problem_count: u64,
}

impl VerifyReport {
    fn wrong(&mut self, what: String) {
        self.problem_count += 1;
        if self.problems.len() < NAMED {
            self.problems.push(what);
        }
    }
}

impl Store {
    /// Reads everything that is stored, as it is at one moment, and says what does not fit together. It blocks the thread:
    /// seconds, with millions of positions.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let findings = kosync.store().verify()?;
    /// assert_eq!((findings.accounts, findings.problem_count), (1, 0));
    /// # Ok::<(), kosync::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Store::user`]: what LMDB itself cannot read ends the look.
    pub fn verify(&self) -> Result<VerifyReport> {
        let mut findings = VerifyReport { bytes: self.size()?, ..VerifyReport::default() };
        self.read(|txn, tables| verify(txn, tables, &mut findings))?;
        Ok(findings)
    }
}

/// A row that cannot be read is told, and the look goes on behind it.
fn row<T>(row: heed::Result<T>, table: &str, findings: &mut VerifyReport) -> heed::Result<Option<T>> {
    match row {
        Ok(row) => Ok(Some(row)),
        Err(heed::Error::Decoding(error)) => {
            findings.wrong(format!("a row of {table} cannot be read: {error}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn verify(txn: &RoTxn<'_, heed::WithoutTls>, tables: &Tables, findings: &mut VerifyReport) -> heed::Result<()> {
    let mut owners: HashMap<UserId, (String, u32)> = HashMap::new();
    for user in tables.users.all(txn)? {
        let Some((name, record)) = row(user, "accounts", findings)? else { continue };
        findings.accounts += 1;
        if Username::new(name).is_err() {
            findings.wrong(format!("an account has the name {name:?}, which none can have"));
        }
        if let Some((other, _)) = owners.insert(record.id, (name.to_owned(), record.documents)) {
            findings.wrong(format!("the accounts {other} and {name} have the same number"));
        }
    }
    let mut going = Vec::new();
    for id in tables.pending_purge.all(txn)? {
        let Some((id, ())) = row(id, "pending_purge accounts", findings)? else { continue };
        findings.being_removed += 1;
        going.push(UserId(id));
    }

    let next = tables.meta.get(txn, META_NEXT_USER)?.unwrap_or(1);
    if let Some(highest) = owners.keys().chain(&going).max().filter(|highest| u64::from(highest.0) >= next) {
        findings.wrong(format!("the next account would get the number {next}, and there is one with {}", highest.0));
    }

    let mut counted: HashMap<UserId, u32> = HashMap::new();
    let mut in_histories = 0;
    for document in tables.progress.all(txn)? {
        let Some((key, record)) = row(document, "positions", findings)? else { continue };
        findings.documents += 1;
        *counted.entry(key.user).or_default() += 1;
        let name = || match owners.get(&key.user) {
            Some((name, _)) => format!("account {name}, document {}", key.document),
            None => format!("account number {}, document {}", key.user.0, key.document),
        };
        if !owners.contains_key(&key.user) && !going.contains(&key.user) {
            findings.wrong(format!("{}: there is no such account", name()));
        }
        let (mut entries, mut next, mut newer) = (0_u32, Some(record.sequence), u64::MAX);
        while let Some(sequence) = next {
            // Numbers fall, so that no list goes round in a circle.
            if sequence >= newer {
                findings.wrong(format!("{}: its history does not go back in time at entry {sequence}", name()));
                break;
            }
            newer = sequence;
            let entry = match tables.log.get(txn, &sequence) {
                Err(heed::Error::Decoding(error)) => {
                    findings.wrong(format!("{}: entry {sequence} of its history cannot be read: {error}", name()));
                    break;
                }
                entry => entry?,
            };
            let Some(entry) = entry else {
                findings.wrong(format!("{}: entry {sequence} of its history is missing", name()));
                break;
            };
            if entry.user != key.user || entry.document.as_str() != key.document {
                findings.wrong(format!("{}: entry {sequence} of its history is another document's", name()));
                break;
            }
            if entries == 0 && entry.position != record.position {
                findings.wrong(format!("{}: its position is not the newest of its history", name()));
            }
            entries += 1;
            next = entry.previous;
        }
        if entries != record.entries {
            findings.wrong(format!(
                "{}: its history has {entries} positions, and should have {}",
                name(),
                record.entries
            ));
        }
        in_histories += u64::from(entries);
    }
    for (id, (name, documents)) in &owners {
        let counted = counted.get(id).copied().unwrap_or(0);
        if counted != *documents {
            findings.wrong(format!("account {name}: it has {counted} documents, and should have {documents}"));
        }
    }
    for about in tables.documents.all(txn)? {
        let Some((key, _)) = row(about, "titles", findings)? else { continue };
        let owned = DocumentKey { user: key.user, document: key.document };
        if tables.progress.get(txn, &owned).is_ok_and(|position| position.is_none()) {
            findings
                .wrong(format!("account number {}: the title of {} belongs to no position", key.user.0, key.document));
        }
    }
    for entry in tables.log.all(txn)? {
        if row(entry, "histories", findings)?.is_some() {
            findings.positions += 1;
        }
    }
    if findings.positions != in_histories {
        let difference = findings.positions.abs_diff(in_histories);
        findings.wrong(format!("{difference} positions are in no document's history"));
    }
    for session in tables.sessions.all(txn)? {
        findings.sessions += u64::from(row(session, "sessions", findings)?.is_some());
    }
    for spelling in tables.name_aliases.all(txn)? {
        let Some((spelling, called)) = row(spelling, "name_aliases", findings)? else { continue };
        if tables.users.get(txn, called.as_str()).is_ok_and(|account| account.is_none()) {
            findings.wrong(format!("the name {spelling:?} in any case is that of {called}, which is not there"));
        }
    }
    for link in tables.ingress_users.all(txn)? {
        row(link, "Home Assistant's users", findings)?;
    }
    Ok(())
}
