//! Notes about books, days and devices that leave one store and enter another.

use std::collections::HashSet;

use heed::RoTxn;
use serde::{Deserialize, Serialize};

use super::fold::MAX_DEVICE_ROWS;
use super::import_outcome::ImportOutcome;
use super::keyspace::{DocumentKey, HashKey};
use super::records::ProgressRecord;
use super::retention;
use super::shelf_records::{
    DeviceRecord, FoldedDays, FoldedHistory, Forgotten, MAX_TAKEN_BACK, MarkRecord, ShelfRecord, SlotRecord, period_key,
};
use super::tables::Tables;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{
    DeviceLabel, DeviceName, Document, FinishLog, MAX_TURNS, Shelf, ShelfMove, TakenBack, UserId, Username,
};

/// Quarters of an hour of a line of notes, at most: those of 28 years.
const MAX_SLOTS: usize = 1_000_000;

/// What is noted of a document besides its positions, as exported and imported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransferredNotes {
    /// When the book was finished and begun again, in turn, in Unix seconds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<u64>,
    /// The finishes that its reader took back: when the book was finished, and when that was taken back, in seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<[u64; 2]>,
    /// The percentage before the first position, in ten-thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u32>,
    /// Where its reader moved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shelf: Option<TransferredShelf>,
    /// Whether its reader hid it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// Where a reader moved a book, as exported and imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredShelf {
    /// The shelf.
    pub to: Shelf,
    /// When, in whole seconds since the Unix epoch.
    pub at: u64,
    /// When the book was finished, in whole seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<u64>,
    /// Whether the entry in `turns` exists because its reader said so. It says that the book was finished, or begun
    /// again `at`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub noted: bool,
}

/// What is noted of an account besides its documents, as exported and imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredAccountNotes {
    /// Name of the account.
    pub account: Username,
    /// Reading whose positions are gone: the number of a quarter of an hour since 1970, pushes, and ten-thousandths of a book.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<[u32; 3]>,
    /// When books were finished that were deleted, in whole seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finishes: Vec<u64>,
    /// What is noted of devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<TransferredDeviceNote>,
}

/// What is noted of a device, as exported and imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredDeviceNote {
    /// What it calls itself.
    pub device: String,
    /// Its id, if it sends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The name that its reader gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<DeviceName>,
    /// When its reader forgot it, in whole seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<u64>,
    /// When it was first seen, in Unix seconds, where those positions may be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
}

impl TransferredNotes {
    pub(super) fn validate(&self) -> std::result::Result<(), String> {
        if self.turns.len() > MAX_TURNS {
            return Err(format!("it was finished and begun again more than {MAX_TURNS} times"));
        }
        if self.taken_back.len() > MAX_TAKEN_BACK || self.taken_back.iter().any(|[from, until]| from > until) {
            return Err(format!("more than {MAX_TAKEN_BACK} finishes were taken back, or one before it was"));
        }
        Ok(())
    }
}

impl TransferredAccountNotes {
    /// Checks that a store can have these notes. The error says why not.
    pub(crate) fn validate(&self) -> std::result::Result<(), String> {
        if self.days.len() > MAX_SLOTS || self.finishes.len() > MAX_SLOTS {
            return Err(format!("it has more than {MAX_SLOTS} quarters of an hour"));
        }
        if self.devices.len() > MAX_DEVICE_ROWS {
            return Err(format!("it has notes of more than {MAX_DEVICE_ROWS} devices"));
        }
        Ok(())
    }
}

impl Tables {
    /// Returns what is noted of a document, for an export.
    pub(super) fn exported_notes(
        &self,
        txn: &RoTxn<'_>,
        key: &DocumentKey<'_>,
        record: &ProgressRecord,
    ) -> heed::Result<Option<Box<TransferredNotes>>> {
        let FoldedHistory { turns, base, taken_back } = record.folded.clone().unwrap_or_default();
        let taken_back = taken_back.iter().map(|taken| [taken.0, taken.1]).collect();
        let MarkRecord { shelf, is_hidden } = self.marks.get(txn, key)?.unwrap_or_default();
        let shelf = shelf.map(|shelf| TransferredShelf {
            to: match shelf.to() {
                ShelfMove::Reading => Shelf::Reading,
                ShelfMove::Aside => Shelf::Aside,
                ShelfMove::Finished { .. } => Shelf::Finished,
            },
            at: shelf.at,
            finished: shelf.finished,
            noted: shelf.is_noted,
        });
        let notes = TransferredNotes { turns, taken_back, before: base, shelf, hidden: is_hidden };
        Ok((notes != TransferredNotes::default()).then(|| Box::new(notes)))
    }

    /// Returns what is noted of an account, for an export. `None` if there is nothing.
    pub(super) fn exported_account_notes(
        &self,
        txn: &RoTxn<'_>,
        user: UserId,
        account: &Username,
    ) -> heed::Result<Option<TransferredAccountNotes>> {
        let rows = self.folded_days_of(txn, user)?;
        let days = rows.iter().flat_map(|row| &row.slots).map(|slot| [slot.0, slot.1, slot.2]).collect();
        let finishes = rows.iter().flat_map(|row| &row.finishes).copied().collect();
        let device = |row: heed::Result<(HashKey, DeviceRecord)>| {
            row.map(|(_, DeviceRecord { device, device_id, name, forgotten, first })| TransferredDeviceNote {
                device,
                device_id,
                name: name.and_then(|name| DeviceName::new(&name).ok()),
                forgotten: forgotten.map(|Forgotten(at, _)| at),
                first: Some(first).filter(|first| *first > 0),
            })
        };
        let devices: Vec<_> =
            self.devices.range(txn, &HashKey::range_of(user))?.map(device).collect::<heed::Result<_>>()?;
        let notes = TransferredAccountNotes { account: account.clone(), days, finishes, devices };
        let is_empty = notes.days.is_empty() && notes.finishes.is_empty() && notes.devices.is_empty();
        Ok((!is_empty).then_some(notes))
    }
}

impl WriteTxn<'_, '_> {
    /// Adds what an import notes of a document that it has just stored. What is there already stays: a book's finishes are those of
    /// both, and its reader's word of here counts.
    pub(super) fn import_notes(&mut self, user: &Username, document: &Document, notes: TransferredNotes) -> Result<()> {
        let Some(owner) = self.tables.users.get(self.txn, user.as_str())? else { return Ok(()) };
        let key = DocumentKey::new(owner.id, document);
        let Some(record) = self.tables.progress.get(self.txn, &key)? else { return Ok(()) };
        let TransferredNotes { turns, taken_back, before, shelf, hidden } = notes;
        let sequence = self.next_sequence.saturating_sub(1);
        if !turns.is_empty() || !taken_back.is_empty() || before.is_some() {
            let has_changed = self.change_folded(owner.id, document, |folded, _| {
                let old = folded.clone();
                // What the positions say is read of them, as ever.
                if folded.turns != turns {
                    folded.turns = FinishLog::replay([folded.turns.as_slice(), &turns], []).into_turns();
                }
                folded.base = folded.base.or(before);
                for [from, until] in taken_back {
                    folded.take_back(TakenBack { from, until, sequence });
                }
                *folded != old
            })?;
            if has_changed {
                self.count_rewrite(user)?;
            }
        }
        let known = self.tables.marks.get(self.txn, &key)?;
        if known.is_none() && (shelf.is_some() || hidden) {
            let history = retention::history(self.txn, &self.tables, record.sequence)?;
            // The numbers are new: of the positions that are here, those of that time were there when it was moved.
            let last_until = |time: u64| history.iter().find(|(_, entry, _)| entry.position.timestamp <= time);
            let shelf = shelf.map(|TransferredShelf { to, at, finished, noted }| {
                let to = match to {
                    Shelf::Reading => ShelfMove::Reading,
                    Shelf::Aside => ShelfMove::Aside,
                    Shelf::Finished => ShelfMove::Finished { at: finished.unwrap_or(at) },
                };
                let sequence = last_until(at).map_or(0, |(sequence, ..)| *sequence);
                ShelfRecord { is_noted: noted, ..ShelfRecord::new(to, at, sequence) }
            });
            self.tables.marks.put(self.txn, &key, &MarkRecord { shelf, is_hidden: hidden })?;
        }
        Ok(())
    }

    /// Adds what an import notes of an account.
    pub(super) fn import_account_notes(&mut self, notes: TransferredAccountNotes) -> Result<ImportOutcome> {
        let TransferredAccountNotes { account, days, finishes, devices } = notes;
        let Some(mut owner) = self.tables.users.get(self.txn, account.as_str())? else {
            return Ok(ImportOutcome::NoAccount);
        };
        let user = owner.id;
        let mut rows: std::collections::HashMap<u64, FoldedDays> = std::collections::HashMap::new();
        for [number, pushes, read] in days {
            let slot = SlotRecord(number, pushes, read);
            rows.entry(period_key(user, slot.time())).or_default().add(slot);
        }
        for finish in finishes {
            let row = rows.entry(period_key(user, finish)).or_default();
            row.finishes.push(finish);
            row.finishes.sort_unstable();
        }
        let mut has_changed = false;
        for (key, imported) in rows {
            let mut row = self.tables.folded_days.get(self.txn, &key)?.unwrap_or_default();
            if row.merge(&imported) {
                has_changed = true;
                self.tables.folded_days.put(self.txn, &key, &row)?;
            }
        }
        let mut seen = HashSet::new();
        for TransferredDeviceNote { device, device_id, name, forgotten, first } in devices {
            let label = DeviceLabel { device, device_id };
            let key = HashKey { user, hash: label.hash() };
            let known = self.tables.devices.get(self.txn, &key)?;
            if !seen.insert(key.hash) || known.is_none() && self.has_all_device_rows(user)? {
                continue;
            }
            let before = known.unwrap_or_else(|| DeviceRecord::of(&label));
            let mut after = before.clone();
            after.name = after.name.or_else(|| name.map(|name| name.as_str().to_owned()));
            // The numbers of positions are new here. Those of that second came before, those of later ones show the device again.
            after.forgotten = after.forgotten.or(forgotten.map(|at| Forgotten(at.saturating_add(1), 0)));
            after.first = match (after.first, first) {
                (known, None) => known,
                (0, Some(first)) => first,
                (known, Some(first)) => known.min(first),
            };
            if after != before {
                self.tables.devices.put(self.txn, &key, &after)?;
            }
        }
        if has_changed {
            owner.rewrites = owner.rewrites.wrapping_add(1);
            self.tables.users.put(self.txn, account.as_str(), &owner)?;
        }
        Ok(if has_changed { ImportOutcome::Created } else { ImportOutcome::Unchanged })
    }
}
