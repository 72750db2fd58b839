//! The pages of a database after its write-ahead log was applied.
//!
//! In the data file, page N is the N-th, and its first field is N. The log has images of pages in the order in which they were
//! written. The last page of a transaction confirms it; a transaction without that page was never committed.

use std::collections::{BTreeMap, HashMap};

use super::DatabaseFault;
use super::cursor::Cursor;

pub(super) const PAGE: usize = 8192;
pub(super) type Bytes = [u8; PAGE];

/// Length of the header that every kind of page has, in bytes.
pub(super) const HEADER: usize = 32;

/// Offsets in each page's header.
const KIND: usize = 4;
const TRANSACTION: usize = 14;
const CONFIRMED: usize = 18;
const OWNER: usize = 19;
const HIGHEST_SLOT: usize = 30;

/// Offsets in page 0.
const LAST_PAGE: usize = 64;
const CREATED: std::ops::Range<usize> = 68..76;
const INVALID: usize = 191;

/// The kind of a page. Page 0 is the only header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum PageKind {
    Header = 1,
    Collection = 2,
    Index = 3,
    Data = 4,
}

/// The pages of a data file and its log.
#[derive(Debug)]
pub(super) struct Pages<'a> {
    data: &'a [Bytes],
    /// The committed image of each page that is in the log.
    log: BTreeMap<u32, &'a Bytes>,
    header: &'a Bytes,
    last: u32,
}

impl<'a> Pages<'a> {
    /// Applies the log. Like LiteDB, ignores an incomplete page at the end of either file.
    pub(super) fn open(data: &'a [u8], log: &'a [u8]) -> Result<Self, DatabaseFault> {
        let data = data.as_chunks().0;
        let log = committed_pages(log.as_chunks().0)?;
        let stored = data.first().ok_or(DatabaseFault::MissingPage { page: 0 })?;
        let header = log.get(&0).copied().unwrap_or(stored);
        if header[CREATED] != stored[CREATED] {
            return Err(DatabaseFault::ForeignLog);
        }
        super::recognize(header)?;
        if header[INVALID] != 0 {
            return Err(DatabaseFault::NeedsRebuild);
        }
        let last = number(header, LAST_PAGE);
        Ok(Self { data, log, header, last })
    }

    pub(super) fn header(&self) -> &'a Bytes {
        self.header
    }

    /// Returns the size of all pages of the data file and log, in bytes.
    pub(super) fn size(&self) -> usize {
        (self.data.len() + self.log.len()) * PAGE
    }

    /// Returns how many pages the data file has behind the end of the database.
    ///
    /// LiteDB never leaves any there, but copies pages of the log there before it copies the header.
    pub(super) fn beyond_end(&self) -> usize {
        self.data.len().saturating_sub(usize::try_from(self.last).unwrap_or(usize::MAX).saturating_add(1))
    }

    /// Returns a page that another one points to. `owner` is the page of its collection.
    pub(super) fn page(&self, id: u32, kind: PageKind, owner: u32) -> Result<Page<'a>, DatabaseFault> {
        let damaged = |what| DatabaseFault::Damaged { page: id, what };
        if id > self.last {
            return Err(damaged("something points to it, but the database ends before it"));
        }
        let bytes = self.stored(id).ok_or(DatabaseFault::MissingPage { page: id })?;
        if number(bytes, 0) != id {
            return Err(damaged("it has the number of another page"));
        }
        if bytes[KIND] != kind as u8 {
            return Err(damaged("it is of another kind than expected"));
        }
        if number(bytes, OWNER) != owner {
            return Err(damaged("it belongs to another collection"));
        }
        Ok(Page { id, bytes })
    }

    /// Returns all intact pages of a kind that belong to a collection.
    pub(super) fn all(&self, kind: PageKind, owner: u32) -> impl Iterator<Item = Page<'a>> {
        let in_file = 0..u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        let only_in_log = self.log.range(in_file.end..).map(|(id, _)| *id);
        in_file.clone().chain(only_in_log).filter_map(move |id| self.page(id, kind, owner).ok())
    }

    fn stored(&self, id: u32) -> Option<&'a Bytes> {
        self.log.get(&id).copied().or_else(|| self.data.get(usize::try_from(id).ok()?))
    }
}

/// Returns of each page in a log the newest image whose transaction was confirmed.
fn committed_pages(log: &[Bytes]) -> Result<BTreeMap<u32, &Bytes>, DatabaseFault> {
    let mut pending: HashMap<u32, Vec<(usize, &Bytes)>> = HashMap::new();
    let mut committed = BTreeMap::new();
    for (index, page) in log.iter().enumerate() {
        // Space was reserved for the page, but it was never written.
        if page[..16] == [0; 16] {
            continue;
        }
        let transaction = number(page, TRANSACTION);
        pending.entry(transaction).or_default().push((index, page));
        if page[CONFIRMED] == 0 {
            continue;
        }
        for (index, page) in pending.remove(&transaction).unwrap_or_default() {
            let id = number(page, 0);
            if page[KIND] > PageKind::Data as u8 || (id == 0) != (page[KIND] == PageKind::Header as u8) {
                return Err(DatabaseFault::DamagedLog { at: index * PAGE });
            }
            committed.insert(id, page);
        }
    }
    Ok(committed)
}

/// A page of the expected kind and collection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) id: u32,
    pub(super) bytes: &'a Bytes,
}

impl<'a> Page<'a> {
    pub(super) fn damaged(self, what: &'static str) -> DatabaseFault {
        DatabaseFault::Damaged { page: self.id, what }
    }

    /// Returns the numbers that slots of this page can have.
    pub(super) fn slots(self) -> std::ops::Range<u8> {
        match self.bytes[HIGHEST_SLOT] {
            u8::MAX => 0..0,
            highest => 0..highest + 1,
        }
    }

    /// Returns the content of a slot. The table of slots is at the page's end, in reverse: length, then offset of each.
    pub(super) fn slot(self, slot: u8) -> Result<&'a [u8], DatabaseFault> {
        let damaged = |what| self.damaged(what);
        if !self.slots().contains(&slot) {
            return Err(damaged("something points to a slot that it does not have"));
        }
        let mut entry = Cursor::at(self.bytes, PAGE - 4 * (usize::from(slot) + 1));
        let (Some(length), Some(start)) = (entry.u16(), entry.u16()) else { return Err(damaged("a slot is cut off")) };
        let (start, end) = (usize::from(start), usize::from(start) + usize::from(length));
        if start == 0 {
            return Err(damaged("something points to a free slot"));
        }
        if start < HEADER || end > PAGE - 4 * usize::from(self.slots().end) {
            return Err(damaged("a slot reaches beyond the page"));
        }
        Ok(&self.bytes[start..end])
    }
}

/// Reads the number at an offset that every page has.
fn number(page: &Bytes, offset: usize) -> u32 {
    Cursor::at(page, offset).u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the image of a page in a log, with a recognisable mark.
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
        let committed = committed_pages(log).expect("a log");
        committed.into_iter().map(|(id, page)| (id, page[PAGE - 1])).collect()
    }

    #[test]
    fn only_confirmed_transactions_are_applied() {
        assert_eq!(marks(&[image(3, 1, false, 10), image(4, 1, false, 11)]), []);
        let log = [image(3, 1, false, 10), image(3, 2, false, 20), image(4, 1, true, 11), image(5, 2, false, 21)];
        assert_eq!(marks(&log), [(3, 10), (4, 11)]);
    }

    #[test]
    fn transactions_are_applied_in_the_order_of_their_confirmation() {
        let log = [image(3, 1, false, 10), image(3, 2, true, 20), image(4, 1, true, 11)];
        assert_eq!(marks(&log), [(3, 10), (4, 11)]);
        let log = [image(3, 1, false, 10), image(4, 1, true, 11), image(3, 2, true, 20)];
        assert_eq!(marks(&log), [(3, 20), (4, 11)]);
    }

    #[test]
    fn reserved_space_is_ignored() {
        assert_eq!(marks(&[[0; PAGE], image(3, 1, true, 10), [0; PAGE]]), [(3, 10)]);
    }

    #[test]
    fn an_impossible_page_is_damage_only_if_it_is_confirmed() {
        let mut wrong = image(3, 1, true, 10);
        wrong[KIND] = 5;
        assert_eq!(committed_pages(&[image(4, 2, true, 0), wrong]), Err(DatabaseFault::DamagedLog { at: PAGE }));
        wrong[KIND] = 1;
        assert_eq!(committed_pages(&[wrong]), Err(DatabaseFault::DamagedLog { at: 0 }));
        wrong[CONFIRMED] = 0;
        assert_eq!(committed_pages(&[wrong]), Ok(BTreeMap::new()));
    }

    #[test]
    fn a_slot_outside_of_the_page_is_refused() {
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
