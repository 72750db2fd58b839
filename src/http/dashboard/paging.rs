//! Splits long lists into pages; `?page=` in the address selects one.

use std::ops::Range;

use salvo::Request;

use crate::http::query;

/// Pages that are linked on either side of the selected one.
const AROUND: usize = 1;

/// The selected page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    /// From 1 on.
    pub(super) page: usize,
    pub(super) page_count: usize,
    page_size: usize,
}

impl Paging {
    /// Selects the page that a request asks for.
    pub(super) fn from_request(req: &Request, total: usize, page_size: usize) -> Self {
        Self::new(requested(req), total, page_size)
    }

    /// Selects the page that has an entry.
    pub(super) fn with_entry(index: usize, total: usize, page_size: usize) -> Self {
        Self::new(index / page_size + 1, total, page_size)
    }

    /// Returns how many entries a list has up to the end of the requested page.
    pub(super) fn requested_end(req: &Request, page_size: usize) -> usize {
        requested(req).max(1).saturating_mul(page_size)
    }

    /// Begins to read a list of which only the requested page is kept.
    pub(super) fn collect<T>(req: &Request, page_size: usize) -> PageCollector<T> {
        PageCollector { page: requested(req), page_size, count: 0, rows: Vec::new() }
    }

    /// Selects a page, or the nearest one that exists.
    fn new(page: usize, total: usize, page_size: usize) -> Self {
        let page_count = total.div_ceil(page_size).max(1);
        Self { page: page.clamp(1, page_count), page_count, page_size }
    }

    /// Returns which entries of the list are on the page. The last page may have fewer.
    pub(super) fn range(&self) -> Range<usize> {
        let start = (self.page - 1) * self.page_size;
        start..start + self.page_size
    }

    /// Returns the pages that are linked by number: the first and the last ones, and those around the selected one. `None` is a gap.
    pub(super) fn links(&self) -> Vec<Option<usize>> {
        let is_linked = |page: usize| page == 1 || page == self.page_count || page.abs_diff(self.page) <= AROUND;
        let mut links = Vec::new();
        for page in (1..=self.page_count).filter(|page| is_linked(*page)) {
            match links.last() {
                Some(Some(last)) if last + 2 == page => links.push(Some(page - 1)),
                Some(Some(last)) if last + 1 < page => links.push(None),
                _ => {}
            }
            links.push(Some(page));
        }
        links
    }

    /// Returns whether a page is the selected one.
    pub(super) fn is_page(&self, page: &usize) -> bool {
        self.page == *page
    }

    /// Returns the part of the list that is on the page.
    pub(super) fn slice<'a, T>(&self, list: &'a [T]) -> &'a [T] {
        let Range { start, end } = self.range();
        list.get(start..list.len().min(end)).unwrap_or_default()
    }
}

/// Collects the entries of the requested page, or of the last one, from a list.
pub(super) struct PageCollector<T> {
    page: usize,
    page_size: usize,
    count: usize,
    rows: Vec<T>,
}

impl<T> PageCollector<T> {
    pub(super) fn add(&mut self, row: impl FnOnce() -> T) {
        let end = self.page.max(1).saturating_mul(self.page_size);
        if self.count < end {
            if self.count.is_multiple_of(self.page_size) {
                self.rows.clear();
            }
            self.rows.push(row());
        }
        self.count += 1;
    }

    /// Returns the selected page, its rows, and the length of the whole list.
    pub(super) fn finish(self) -> (Paging, Vec<T>, usize) {
        (Paging::new(self.page, self.count, self.page_size), self.rows, self.count)
    }
}

/// Returns the page that a request asks for: by default, or without a number, the first.
fn requested(req: &Request) -> usize {
    query::number(req, "page", 1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_beyond_the_list_is_the_nearest_one() {
        let list: Vec<usize> = (0..101).collect();
        let paging = |page| Paging::new(page, list.len(), 50);
        assert_eq!((paging(1).page, paging(1).page_count), (1, 3));
        assert_eq!(paging(3).slice(&list), [100]);
        assert_eq!(paging(99).page, 3);
        assert_eq!(paging(usize::MAX).page, 3);
        assert_eq!(paging(0).slice(&list), &list[..50]);
        assert_eq!(Paging::new(1, 0, 50).slice::<usize>(&[]), [0; 0]);
    }

    #[test]
    fn few_pages_are_linked_by_number_and_a_gap_is_never_one_page() {
        let links = |page, count| -> String {
            let links = Paging { page, page_count: count, page_size: 1 }.links();
            links.iter().map(|link| link.map_or("… ".to_owned(), |page| format!("{page} "))).collect()
        };
        assert_eq!(links(1, 1), "1 ");
        assert_eq!(links(2, 5), "1 2 3 4 5 ");
        assert_eq!(links(1, 200), "1 2 … 200 ");
        assert_eq!(links(4, 200), "1 2 3 4 5 … 200 ");
        assert_eq!(links(100, 200), "1 … 99 100 101 … 200 ");
        assert_eq!(links(197, 200), "1 … 196 197 198 199 200 ");
    }

    #[test]
    fn a_list_that_is_read_once_leaves_the_same_page() {
        for (length, page) in [(0, 1), (101, 1), (101, 0), (101, 2), (101, 99), (100, 2)] {
            let mut collector = PageCollector { page, page_size: 50, count: 0, rows: Vec::new() };
            let list: Vec<usize> = (0..length).collect();
            list.iter().for_each(|entry| collector.add(|| *entry));
            let expected = Paging::new(page, length, 50);
            assert_eq!(collector.finish(), (expected, expected.slice(&list).to_vec(), length), "{page} of {length}");
        }
    }
}
