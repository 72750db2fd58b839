//! The pages of a database, as they are once the write-ahead log is applied.
//!
//! In the data file, page N is the N-th and its first field says N. The log has images of pages in the order in which
//! they were committed; the last page of a transaction says that it is confirmed, and without it the transaction never
//! was.

use std::collections::{BTreeMap, HashMap};

use super::Unreadable;
use super::cursor::Cursor;

pub(super) const PAGE: usize = 8192;
pub(super) type Bytes = [u8; PAGE];

/// The first bytes of a page, before anything that depends on its kind.
pub(super) const HEADER: usize = 32;

/// Where things are in each page's header.
const KIND: usize = 4;
const TRANSACTION: usize = 14;
const CONFIRMED: usize = 18;
const OWNER: usize = 19;
const HIGHEST_SLOT: usize = 30;

/// Where things are in page 0.
const LAST_PAGE: usize = 64;
const CREATED: std::ops::Range<usize> = 68..76;
const INVALID: usize = 191;

/// What a page is for. Page 0 is the only header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Header = 1,
    Collection = 2,
    Index = 3,
    Data = 4,
}

/// The pages of a data file and its log.
#[derive(Debug)]
pub(super) struct Pages<'a> {
    data: &'a [Bytes],
    /// The images of the log that count: the newest of each page.
    log: BTreeMap<u32, &'a Bytes>,
    header: &'a Bytes,
    last: u32,
}

impl<'a> Pages<'a> {
    /// Applies the log. Both are cut to whole pages, as LiteDB does it.
    pub(super) fn open(data: &'a [u8], log: &'a [u8]) -> Result<Self, Unreadable> {
        let data = data.as_chunks().0;
        let log = effective(log.as_chunks().0)?;
        let stored = data.first().ok_or(Unreadable::Missing { page: 0 })?;
        let header = log.get(&0).copied().unwrap_or(stored);
        if header[CREATED] != stored[CREATED] {
            return Err(Unreadable::ForeignLog);
        }
        super::recognize(header)?;
        if header[INVALID] != 0 {
            return Err(Unreadable::NeedsRebuild);
        }
        let last = number(header, LAST_PAGE);
        Ok(Self { data, log, header, last })
    }

    pub(super) fn header(&self) -> &'a Bytes {
        self.header
    }

    /// How many bytes there are in all pages, of the data file and of the log.
    pub(super) fn size(&self) -> usize {
        (self.data.len() + self.log.len()) * PAGE
    }

    /// A page that something leads to. `owner` is the page of the collection that it is part of.
    pub(super) fn page(&self, id: u32, kind: Kind, owner: u32) -> Result<Page<'a>, Unreadable> {
        let damaged = |what| Unreadable::Damaged { page: id, what };
        if id > self.last {
            return Err(damaged("something leads to it, but the database ends before"));
        }
        let bytes = self.stored(id).ok_or(Unreadable::Missing { page: id })?;
        if number(bytes, 0) != id {
            return Err(damaged("it has the number of another page"));
        }
        if bytes[KIND] != kind as u8 {
            return Err(damaged("it is of another kind than what leads to it says"));
        }
        if number(bytes, OWNER) != owner {
            return Err(damaged("it belongs to another collection"));
        }
        Ok(Page { id, bytes })
    }

    /// All pages of a kind that a collection has. What is no such page is left out, for whatever reason.
    pub(super) fn all(&self, kind: Kind, owner: u32) -> impl Iterator<Item = Page<'a>> {
        let in_file = 0..u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        let only_in_log = self.log.range(in_file.end..).map(|(id, _)| *id);
        in_file.clone().chain(only_in_log).filter_map(move |id| self.page(id, kind, owner).ok())
    }

    fn stored(&self, id: u32) -> Option<&'a Bytes> {
        self.log.get(&id).copied().or_else(|| self.data.get(usize::try_from(id).ok()?))
    }
}

/// The images of a log that count: of each page the newest whose transaction was confirmed.
fn effective(log: &[Bytes]) -> Result<BTreeMap<u32, &Bytes>, Unreadable> {
    let mut pending: HashMap<u32, Vec<(usize, &Bytes)>> = HashMap::new();
    let mut effective = BTreeMap::new();
    for (place, page) in log.iter().enumerate() {
        // Room that was made for a page before it was written.
        if page[..16] == [0; 16] {
            continue;
        }
        let transaction = number(page, TRANSACTION);
        pending.entry(transaction).or_default().push((place, page));
        if page[CONFIRMED] == 0 {
            continue;
        }
        for (place, page) in pending.remove(&transaction).unwrap_or_default() {
            let id = number(page, 0);
            if page[KIND] > Kind::Data as u8 || (id == 0) != (page[KIND] == Kind::Header as u8) {
                return Err(Unreadable::DamagedLog { place });
            }
            effective.insert(id, page);
        }
    }
    Ok(effective)
}

/// A page that is what was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) id: u32,
    pub(super) bytes: &'a Bytes,
}

impl<'a> Page<'a> {
    pub(super) fn damaged(self, what: &'static str) -> Unreadable {
        Unreadable::Damaged { page: self.id, what }
    }

    /// The numbers that slots can have here.
    pub(super) fn slots(self) -> std::ops::Range<u8> {
        match self.bytes[HIGHEST_SLOT] {
            u8::MAX => 0..0,
            highest => 0..highest + 1,
        }
    }

    /// What lies in a slot. The table of the slots stands at the page's end, the first one last: length, then position.
    pub(super) fn slot(self, slot: u8) -> Result<&'a [u8], Unreadable> {
        let damaged = |what| self.damaged(what);
        if !self.slots().contains(&slot) {
            return Err(damaged("something leads to a slot that it does not have"));
        }
        let mut entry = Cursor::at(self.bytes, PAGE - 4 * (usize::from(slot) + 1));
        let (Some(length), Some(start)) = (entry.u16(), entry.u16()) else { return Err(damaged("a slot is cut off")) };
        let (start, end) = (usize::from(start), usize::from(start) + usize::from(length));
        if start == 0 {
            return Err(damaged("something leads to a slot that is free"));
        }
        if start < HEADER || end > PAGE - 4 * usize::from(self.slots().end) {
            return Err(damaged("a slot reaches beyond the page"));
        }
        Ok(&self.bytes[start..end])
    }
}

/// The number at an offset that every page has.
fn number(page: &Bytes, offset: usize) -> u32 {
    Cursor::at(page, offset).u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The image of a page in a log, with a mark to tell it by.
    fn image(id: u32, transaction: u32, confirmed: bool, mark: u8) -> Bytes {
        let mut page = [0; PAGE];
        page[..4].copy_from_slice(&id.to_le_bytes());
        page[KIND] = if id == 0 { 1 } else { 4 };
        page[TRANSACTION..TRANSACTION + 4].copy_from_slice(&transaction.to_le_bytes());
        page[CONFIRMED] = u8::from(confirmed);
        page[PAGE - 1] = mark;
        page
    }

    fn marks(log: &[Bytes]) -> Vec<(u32, u8)> {
        let effective = effective(log).expect("a log");
        effective.into_iter().map(|(id, page)| (id, page[PAGE - 1])).collect()
    }

    #[test]
    fn only_confirmed_transactions_count() {
        assert_eq!(marks(&[image(3, 1, false, 10), image(4, 1, false, 11)]), []);
        let log = [image(3, 1, false, 10), image(3, 2, false, 20), image(4, 1, true, 11), image(5, 2, false, 21)];
        assert_eq!(marks(&log), [(3, 10), (4, 11)]);
    }

    #[test]
    fn a_transaction_counts_from_when_it_was_confirmed() {
        let log = [image(3, 1, false, 10), image(3, 2, true, 20), image(4, 1, true, 11)];
        assert_eq!(marks(&log), [(3, 10), (4, 11)]);
        let log = [image(3, 1, false, 10), image(4, 1, true, 11), image(3, 2, true, 20)];
        assert_eq!(marks(&log), [(3, 20), (4, 11)]);
    }

    #[test]
    fn room_that_was_not_written_is_passed_over() {
        assert_eq!(marks(&[[0; PAGE], image(3, 1, true, 10), [0; PAGE]]), [(3, 10)]);
    }

    #[test]
    fn a_confirmed_page_that_cannot_be_is_damage() {
        let mut wrong = image(3, 1, true, 10);
        wrong[KIND] = 5;
        assert_eq!(effective(&[image(4, 2, true, 0), wrong]), Err(Unreadable::DamagedLog { place: 1 }));
        wrong[KIND] = 1;
        assert_eq!(effective(&[wrong]), Err(Unreadable::DamagedLog { place: 0 }));
        wrong[CONFIRMED] = 0;
        assert_eq!(effective(&[wrong]), Ok(BTreeMap::new()));
    }

    #[test]
    fn slots_lie_within_the_page() {
        let mut bytes = image(3, 1, true, 0);
        let mut slots = |highest: u8, length: u16, start: u16| {
            bytes[HIGHEST_SLOT] = highest;
            bytes[PAGE - 4..PAGE - 2].copy_from_slice(&length.to_le_bytes());
            bytes[PAGE - 2..].copy_from_slice(&start.to_le_bytes());
            Page { id: 3, bytes: &bytes }.slot(0).map(<[u8]>::len)
        };
        assert_eq!(slots(0, 8156, 32), Ok(8156));
        assert_eq!(slots(0, 0, 32), Ok(0));
        for (highest, length, start) in
            [(255, 1, 32), (0, 8157, 32), (1, 8156, 32), (0, 1, 31), (0, 1, 0), (0, 0xffff, 0xffff), (254, 8000, 32)]
        {
            assert!(slots(highest, length, start).is_err(), "{highest} {length} {start}");
        }
        assert!(Page { id: 3, bytes: &bytes }.slot(255).is_err());
    }
}
