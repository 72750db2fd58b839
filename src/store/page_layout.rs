//! Estimates what a row takes of the data file by its lengths.
//!
//! LMDB keeps rows in pages. A value that is larger than about half a page has pages of its own, of which the last is rarely full.
//! Smaller rows share a page, and how many of them are in one depends on the order in which they came: a page that is full splits into
//! two halves, and a table whose rows come in an unlucky order stays like that. The estimate is that worst case, so that an account
//! does not take more than it is charged for. Where rows are deleted among others, their room stays in the file until it is used
//! again; the estimate does not know of that.

/// Bytes of the header of a page, and of a value on own pages.
const PAGE_HEADER: u64 = 16;
/// Bytes of a row beside its key and value: its header, and the pointer to it.
const ROW_HEADER: u64 = 8;
const ROW_POINTER: u64 = 2;
/// Bytes of the page number that stands for a value with pages of its own.
const PAGE_NUMBER: u64 = 8;

/// How rows come into a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filling {
    /// At the end: pages are filled.
    Appended,
    /// In any order: pages may be half full.
    Inserted,
}

/// How large the pages of a data file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageLayout {
    pub(super) page_size: u64,
}

impl PageLayout {
    /// Estimates what a row takes, in bytes: its share of a leaf and of the page above, and the pages of a large value.
    pub(super) fn row(self, key: usize, value: u64, filling: Filling) -> u64 {
        let Self { page_size } = self;
        let (key, room) = (key as u64, page_size - PAGE_HEADER);
        let is_large = ROW_HEADER + key + value > (room / 2).next_multiple_of(2) - ROW_POINTER;
        let in_leaf = if is_large { PAGE_NUMBER } else { value };
        let row = (ROW_HEADER + key + in_leaf).next_multiple_of(2) + ROW_POINTER;
        let branch = (ROW_HEADER + key).next_multiple_of(2) + ROW_POINTER;
        let fit = (room / row).max(1);
        let leaf_share = match filling {
            Filling::Appended => (page_size + branch).div_ceil(fit),
            Filling::Inserted => (page_size + 2 * branch).div_ceil((fit / 2).max(1)),
        };
        let own_pages = if is_large { (PAGE_HEADER + value).div_ceil(page_size) } else { 0 };
        leaf_share + own_pages * page_size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_its_share_of_a_leaf_or_pages_of_its_own() {
        let layout = PageLayout { page_size: 4096 };
        let sizes = |value| [layout.row(9, value, Filling::Appended), layout.row(37, value, Filling::Inserted)];
        // 17 rows fill a page, or 9 of them a half.
        assert_eq!(sizes(200), [4116_u64.div_ceil(18), 4192_u64.div_ceil(8)]);
        // Two rows fill a page, and one of them is a half.
        assert_eq!(sizes(1500), [2058, 4192]);
        // Three pages of its own, and a small row for their number.
        assert_eq!(sizes(8300), [3 * 4096 + 29, 3 * 4096 + 117]);
        // 49 KiB on machines with large pages.
        assert!((65_536..66_000).contains(&PageLayout { page_size: 16 << 10 }.row(9, 49_200, Filling::Appended)));
    }
}
