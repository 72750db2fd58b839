//! Records as the import writes them, made from an export or from another server's accounts.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::RecordError;
use super::label::{LabelPart, RecordLabel};
use super::reason::SkipReason;
use super::source::{SourceAccount, SourcePosition};
use crate::auth::password;
use crate::model::{ADMIN, Document, Key, Metadata, Preferences, Progress, StoredKey, Username};
use crate::store::{
    HISTORY_MAX, Transferred, TransferredAccount, TransferredAccountNotes, TransferredAlias, TransferredBook,
    TransferredDocument, TransferredPosition,
};

/// How far another server's clock may be ahead of ours, in seconds.
const CLOCK_TOLERANCE: u64 = 24 * 60 * 60;

/// The MD5 of `admin`, kosync-dotnet's default password for its administrator.
const DEFAULT_ADMIN_KEY: &[u8] = b"21232f297a57a5a743894a0e4a801fc3";

/// What the source knows of an account's key.
pub(super) enum SourceKey {
    /// The Argon2id hash, from a kosync store.
    Hashed(StoredKey),
    /// The key itself, as devices send it.
    Plain(Key),
    /// Nothing: a person must set a password.
    Unknown,
}

pub(super) struct ImportAccount {
    pub(super) key: SourceKey,
    /// The rest of the account. Its own key counts for nothing.
    pub(super) fields: TransferredAccount,
}

pub(super) enum ImportRecord {
    Account(ImportAccount),
    Document(TransferredDocument),
    Book(TransferredBook),
    Alias(TransferredAlias),
    Notes(TransferredAccountNotes),
}

impl ImportRecord {
    /// Takes a record of an export, unless its key is not a valid hash.
    pub(super) fn from_export(record: Transferred) -> Result<Self, RecordError> {
        let account = match record {
            Transferred::Account(account) => account,
            Transferred::Document(document) => return Ok(Self::Document(document)),
            Transferred::Book(book) => return Ok(Self::Book(book)),
            Transferred::Alias(alias) => return Ok(Self::Alias(alias)),
            Transferred::Notes(notes) => return Ok(Self::Notes(notes)),
        };
        let key = account.key.clone();
        if !password::is_acceptable_hash(&key) {
            return Err(RecordError::skipped(LabelPart::Account(account.name.to_string()), SkipReason::ForeignKeyHash));
        }
        Ok(Self::Account(ImportAccount { key: SourceKey::Hashed(key), fields: account }))
    }

    /// Makes records of another server's account and its documents. A document that is listed twice gets both positions as its
    /// history.
    pub(super) fn from_account(account: &SourceAccount, any_case: bool) -> Vec<Result<Self, RecordError>> {
        let label = RecordLabel::from(LabelPart::Account(account.name.clone()));
        let document_label = |document: &str| label.clone().and(LabelPart::Document(document.to_owned()));
        let name = match Username::new(&account.name) {
            // The official server distinguishes ` ada` from `ada`. Here both would be `ada`, and one would get the other's books.
            Ok(name) if name.as_str() != account.name => {
                return vec![Err(RecordError::skipped(label, SkipReason::BlankInName))];
            }
            Ok(name) => name,
            Err(invalid) => return vec![Err(RecordError::skipped(label, invalid))],
        };
        let key = match Key::from_wire(account.key.as_bytes()) {
            // It is public.
            Ok(key) if name.as_str() == ADMIN && key.as_bytes() == DEFAULT_ADMIN_KEY => SourceKey::Unknown,
            Ok(key) => SourceKey::Plain(key),
            Err(_) => SourceKey::Unknown,
        };
        let &SourceAccount { active, administrator, .. } = account;
        let fields = TransferredAccount {
            name: name.clone(),
            key: password::dummy_hash(),
            active,
            administrator,
            created: 0,
            last_used: 0,
            any_case,
            device_passwords: Vec::new(),
            position_rule: None,
            preferences: Preferences::default(),
        };
        let mut records = vec![Ok(Self::Account(ImportAccount { key, fields }))];
        let mut histories: BTreeMap<Document, Vec<TransferredPosition>> = BTreeMap::new();
        for position in &account.positions {
            match checked(position) {
                Ok((document, entry)) => histories.entry(document).or_default().push(entry),
                Err(reason) => records.push(Err(RecordError::skipped(document_label(&position.document), reason))),
            }
        }
        records.extend(histories.into_iter().map(|(document, mut history)| {
            history.sort_by_key(|entry| entry.progress.timestamp);
            history.drain(..history.len().saturating_sub(HISTORY_MAX));
            let (account, metadata) = (name.clone(), Metadata::default());
            let document = TransferredDocument {
                account,
                document,
                metadata,
                name: None,
                joined: Vec::new(),
                history,
                identifiers: None,
                current: None,
                notes: None,
            };
            match document.validate() {
                Ok(()) => Ok(Self::Document(document)),
                Err(reason) => {
                    let label = document_label(document.document.as_str());
                    Err(RecordError::skipped(label, SkipReason::Unstorable(reason)))
                }
            }
        }));
        records
    }
}

/// Checks a position as a push would be checked, and its time.
fn checked(position: &SourcePosition) -> Result<(Document, TransferredPosition), SkipReason> {
    let SourcePosition { document, progress, percentage, device, device_id, timestamp } = position.clone();
    let document = Document::new(&document)?;
    // The newest position wins, so one from the far future would win for ever.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    if timestamp > now + CLOCK_TOLERANCE {
        return Err(SkipReason::InFuture { timestamp });
    }
    let progress = Progress::new(progress, percentage, device, device_id)?;
    Ok((document, TransferredPosition::new(Progress { timestamp, ..progress })))
}
