//! Splits long lists into pages; `?page=` in the address selects one.

use salvo::Request;

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
        Self::new(req.query("page"), total, page_size)
    }

    /// Returns how many entries of a list there are up to the end of the requested page.
    pub(super) fn requested_end(req: &Request, page_size: usize) -> usize {
        req.query::<usize>("page").unwrap_or(1).max(1).saturating_mul(page_size)
    }

    /// Begins to read a list of which only the requested page is kept.
    pub(super) fn collect<T>(req: &Request, page_size: usize) -> PageCollector<T> {
        PageCollector { page: req.query("page"), page_size, count: 0, rows: Vec::new() }
    }

    /// Selects a page, or the nearest one that exists.
    fn new(page: Option<usize>, total: usize, page_size: usize) -> Self {
        let page_count = total.div_ceil(page_size).max(1);
        Self { page: page.unwrap_or(1).clamp(1, page_count), page_count, page_size }
    }

    /// Returns the part of the list that is on the page.
    pub(super) fn slice<'a, T>(&self, list: &'a [T]) -> &'a [T] {
        let start = (self.page - 1) * self.page_size;
        list.get(start..list.len().min(start + self.page_size)).unwrap_or_default()
    }
}

/// Takes the entries of a list one by one, and keeps those of the requested page, or of the last one.
pub(super) struct PageCollector<T> {
    page: Option<usize>,
    page_size: usize,
    count: usize,
    rows: Vec<T>,
}

impl<T> PageCollector<T> {
    pub(super) fn add(&mut self, row: impl FnOnce() -> T) {
        let end = self.page.unwrap_or(1).max(1).saturating_mul(self.page_size);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_beyond_the_list_is_the_nearest_one() {
        let list: Vec<usize> = (0..101).collect();
        let paging = |page| Paging::new(page, list.len(), 50);
        assert_eq!((paging(None).page, paging(None).page_count), (1, 3));
        assert_eq!(paging(Some(3)).slice(&list), [100]);
        assert_eq!(paging(Some(99)).page, 3);
        assert_eq!(paging(Some(0)).slice(&list), &list[..50]);
        assert_eq!(Paging::new(None, 0, 50).slice::<usize>(&[]), [0; 0]);
    }

    #[test]
    fn a_list_that_is_read_once_leaves_the_same_page() {
        for (length, page) in [(0, None), (101, None), (101, Some(0)), (101, Some(2)), (101, Some(99)), (100, Some(2))]
        {
            let mut collector = PageCollector { page, page_size: 50, count: 0, rows: Vec::new() };
            let list: Vec<usize> = (0..length).collect();
            list.iter().for_each(|entry| collector.add(|| *entry));
            let expected = Paging::new(page, length, 50);
            assert_eq!(collector.finish(), (expected, expected.slice(&list).to_vec(), length), "{page:?} of {length}");
        }
    }
}
