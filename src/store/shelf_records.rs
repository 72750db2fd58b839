//! Records of shelves, devices' names, and days and finished books of removed positions.

use minicbor::{Decode, Encode};
use serde::Deserialize;

use crate::model::{DeviceLabel, ShelfMove, TakenBack, UserId};

/// Length of a slot of [`FoldedDays`], in seconds: no time zone and no end of a day is finer.
pub(super) const SLOT_SECONDS: u64 = 15 * 60;
/// Bits of a time within a row of `folded_days`: 24 days.
const PERIOD_BITS: u32 = 21;
/// Parts of a book in which reading is stored.
pub(super) const PARTS: f64 = 10_000.0;

/// What is left of positions of a document's history that are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(crate) struct FoldedHistory {
    /// When the book was finished and begun again, in turn, as [`FinishLog`](crate::model::FinishLog) has it.
    #[n(0)]
    pub(crate) turns: Vec<u64>,
    /// Percentage before the history's first position, in ten-thousandths.
    #[n(1)]
    pub(super) base: Option<u32>,
    /// The finishes that its reader took back, the last one last.
    #[n(2)]
    #[cbor(default, skip_if = "Vec::is_empty")]
    #[serde(default)]
    pub(super) taken_back: Vec<TakenBackRecord>,
}

/// Finishes of a book that are kept as taken back. With more, the first ones count again.
pub(super) const MAX_TAKEN_BACK: usize = 32;

/// A finish that was taken back: when the book was finished, when that was taken back, and the last sequence number then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(crate) struct TakenBackRecord(#[n(0)] pub(super) u64, #[n(1)] pub(super) u64, #[n(2)] pub(super) u64);

impl From<&TakenBackRecord> for TakenBack {
    fn from(&TakenBackRecord(from, until, sequence): &TakenBackRecord) -> Self {
        Self { from, until, sequence }
    }
}

impl FoldedHistory {
    /// Returns the finishes that its reader took back.
    pub(crate) fn taken_back(&self) -> impl Iterator<Item = TakenBack> {
        self.taken_back.iter().map(TakenBack::from)
    }

    /// Takes a finish back. Returns whether it was not taken back before.
    pub(super) fn take_back(&mut self, TakenBack { from, until, sequence }: TakenBack) -> bool {
        if self.taken_back().any(|known| known.from <= from && known.until >= until) {
            return false;
        }
        self.taken_back.push(TakenBackRecord(from, until, sequence));
        if self.taken_back.len() > MAX_TAKEN_BACK {
            self.taken_back.remove(0);
        }
        true
    }

    /// Lets a finish at a time count again. Returns whether it was taken back.
    pub(super) fn allow_finish(&mut self, time: u64) -> bool {
        let before = self.taken_back.len();
        self.taken_back.retain(|taken| !TakenBack::from(taken).covers(time, None));
        self.taken_back.len() < before
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the percentage before the history's first position, if there was one.
    pub(crate) fn base(&self) -> Option<f64> {
        self.base.map(|base| f64::from(base) / PARTS)
    }

    pub(super) fn set_base(&mut self, percentage: f64) {
        self.base = Some(parts(percentage));
    }
}

/// Returns a share of a book in ten-thousandths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
pub(super) fn parts(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * PARTS).round() as u32
}

/// Value of `marks`: what a reader said about a book.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct MarkRecord {
    #[n(0)]
    pub(super) shelf: Option<ShelfRecord>,
    #[n(1)]
    #[cbor(default)]
    pub(super) is_hidden: bool,
}

/// Where a reader moved a book.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct ShelfRecord {
    /// 0: reading now. 1: set aside. 2: finished.
    #[n(0)]
    pub(super) kind: u8,
    /// When, in whole seconds since the Unix epoch.
    #[n(1)]
    pub(super) at: u64,
    /// The last sequence number then.
    #[n(2)]
    pub(super) sequence: u64,
    /// When it was finished, in whole seconds since the Unix epoch.
    #[n(3)]
    pub(super) finished: Option<u64>,
    /// Whether the document's history now knows that the book was finished or begun again.
    #[n(4)]
    #[cbor(default)]
    pub(super) is_noted: bool,
}

impl ShelfRecord {
    pub(super) fn new(to: ShelfMove, at: u64, sequence: u64) -> Self {
        let (kind, finished) = match to {
            ShelfMove::Reading => (0, None),
            ShelfMove::Aside => (1, None),
            ShelfMove::Finished { at } => (2, Some(at)),
        };
        Self { kind, at, sequence, finished, is_noted: false }
    }

    /// Returns where it was moved. A kind of a later version counts as set aside.
    pub(super) fn to(&self) -> ShelfMove {
        match (self.kind, self.finished) {
            (0, _) => ShelfMove::Reading,
            (2, Some(at)) => ShelfMove::Finished { at },
            _ => ShelfMove::Aside,
        }
    }
}

/// Value of `folded_days`: reading of 24 days whose positions are gone, and when deleted books were finished.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct FoldedDays {
    /// Ordered by time.
    #[n(0)]
    pub(super) slots: Vec<SlotRecord>,
    /// In whole seconds since the Unix epoch, in order.
    #[n(1)]
    pub(super) finishes: Vec<u64>,
}

/// A quarter of an hour: its number since 1970, pushes, and ten-thousandths of a book that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct SlotRecord(#[n(0)] pub(super) u32, #[n(1)] pub(super) u32, #[n(2)] pub(super) u32);

impl SlotRecord {
    #[allow(clippy::cast_possible_truncation, reason = "a clock beyond the year 124,000 is a wrong one")]
    pub(super) fn new(time: u64, pushes: u32, read: f64) -> Self {
        Self((time / SLOT_SECONDS).min(u64::from(u32::MAX)) as u32, pushes, parts(read))
    }

    /// Returns the beginning of the quarter of an hour, in seconds since the Unix epoch.
    pub(super) fn time(self) -> u64 {
        u64::from(self.0) * SLOT_SECONDS
    }
}

impl FoldedDays {
    /// Adds reading. Each position goes once, so what is there already is of others.
    pub(super) fn add(&mut self, new: SlotRecord) {
        match self.slots.binary_search_by_key(&new.0, |slot| slot.0) {
            Ok(index) => {
                let slot = &mut self.slots[index];
                (slot.1, slot.2) = (slot.1.saturating_add(new.1), slot.2.saturating_add(new.2));
            }
            Err(index) => self.slots.insert(index, new),
        }
    }

    /// Takes out reading whose positions are back, as far as it is there. Returns how many quarters of an hour were there.
    pub(super) fn take_out(&mut self, back: &Self) -> usize {
        let mut known = 0;
        for gone in &back.slots {
            let Ok(index) = self.slots.binary_search_by_key(&gone.0, |slot| slot.0) else { continue };
            let slot = &mut self.slots[index];
            known += usize::from(slot.1 >= gone.1);
            (slot.1, slot.2) = (slot.1.saturating_sub(gone.1), slot.2.saturating_sub(gone.2));
            // Parts are rounded.
            if slot.1 == 0 && slot.2 <= 1 {
                self.slots.remove(index);
            }
        }
        known
    }

    /// Adds reading that an import brings. It may be there already, so the greater numbers count. Returns whether that changes anything.
    pub(super) fn merge(&mut self, other: &Self) -> bool {
        let before = self.clone();
        for new in &other.slots {
            match self.slots.binary_search_by_key(&new.0, |slot| slot.0) {
                Ok(index) => {
                    let slot = &mut self.slots[index];
                    (slot.1, slot.2) = (slot.1.max(new.1), slot.2.max(new.2));
                }
                Err(index) => self.slots.insert(index, *new),
            }
        }
        for finish in &other.finishes {
            if let Err(index) = self.finishes.binary_search(finish) {
                self.finishes.insert(index, *finish);
            }
        }
        *self != before
    }
}

/// Returns the key of a row of `folded_days`: the account's number as 4 bytes, then the number of the 24 days as 4.
#[allow(clippy::cast_possible_truncation, reason = "it is clamped")]
pub(super) fn period_key(user: UserId, time: u64) -> u64 {
    u64::from(user.0) << 32 | (time >> PERIOD_BITS).min(u64::from(u32::MAX))
}

/// Returns the range of the keys of all rows of an account.
pub(super) fn period_keys(user: UserId) -> std::ops::RangeInclusive<u64> {
    u64::from(user.0) << 32..=u64::from(user.0) << 32 | u64::from(u32::MAX)
}

/// Value of `devices`, keyed by account number and hash of the device's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct DeviceRecord {
    #[n(0)]
    pub(super) device: String,
    #[n(1)]
    pub(super) device_id: Option<String>,
    /// The name that the reader gave it.
    #[n(2)]
    pub(super) name: Option<String>,
    /// When the reader forgot it, in Unix seconds, and the last sequence number then.
    #[n(3)]
    pub(super) forgotten: Option<Forgotten>,
    /// Time of its first push, as far as the histories do not tell. 0 if they do.
    #[n(4)]
    #[cbor(default)]
    pub(super) first: u64,
}

/// When a device was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct Forgotten(#[n(0)] pub(super) u64, #[n(1)] pub(super) u64);

impl DeviceRecord {
    pub(super) fn of(label: &DeviceLabel) -> Self {
        Self { device: label.device.clone(), device_id: label.device_id.clone(), ..Self::default() }
    }

    pub(super) fn label(&self) -> DeviceLabel {
        DeviceLabel { device: self.device.clone(), device_id: self.device_id.clone() }
    }
}

#[cfg(test)]
mod tests {
    use heed::BytesEncode;

    use super::*;
    use crate::store::packed::Packed;

    fn packed<T: Encode<()>>(record: &T) -> Vec<u8> {
        Packed::bytes_encode(record).expect("packed").into_owned()
    }

    /// Every later version must read these bytes.
    #[test]
    fn a_row_is_a_version_and_an_array_of_fields() {
        let folded = FoldedHistory { turns: vec![1, 300], base: Some(9), ..FoldedHistory::default() };
        assert_eq!(packed(&folded), b"\x02\x82\x82\x01\x19\x01\x2c\x09");
        let folded = FoldedHistory { taken_back: vec![TakenBackRecord(4, 5, 6)], ..FoldedHistory::default() };
        assert_eq!(packed(&folded), b"\x02\x83\x80\xf6\x81\x83\x04\x05\x06");
        let to = ShelfRecord::new(ShelfMove::Finished { at: 5 }, 6, 7);
        let mark = MarkRecord { shelf: Some(to), is_hidden: true };
        assert_eq!(packed(&mark), b"\x02\x82\x85\x02\x06\x07\x05\xf4\xf5");
        let days = FoldedDays { slots: vec![SlotRecord::new(1800, 3, 0.5)], finishes: vec![4] };
        assert_eq!(packed(&days), b"\x02\x82\x81\x83\x02\x03\x19\x13\x88\x81\x04");
        let device = DeviceRecord {
            name: Some("Mine".into()),
            forgotten: Some(Forgotten(1, 2)),
            first: 3,
            ..DeviceRecord::of(&DeviceLabel { device: "Kobo".into(), device_id: None })
        };
        assert_eq!(packed(&device), b"\x02\x85\x64Kobo\xf6\x64Mine\x82\x01\x02\x03");
        assert_eq!(period_key(UserId(1), 1 << 22), 0x1_0000_0002);
    }

    #[test]
    fn reading_of_a_quarter_of_an_hour_adds_up_and_an_import_adds_it_once() {
        let mut days = FoldedDays::default();
        for (time, read) in [(1_000, 0.1), (5_000, 0.2), (1_100, 0.1)] {
            days.add(SlotRecord::new(time, 1, read));
        }
        assert_eq!(days.slots, [SlotRecord(1, 2, 2000), SlotRecord(5, 1, 2000)]);
        let other = FoldedDays { slots: vec![SlotRecord(1, 1, 3000), SlotRecord(2, 4, 1)], finishes: vec![7] };
        assert!(days.merge(&other) && !days.merge(&other));
        assert_eq!(days.slots, [SlotRecord(1, 2, 3000), SlotRecord(2, 4, 1), SlotRecord(5, 1, 2000)]);
        assert_eq!(days.finishes, [7]);
    }
}
