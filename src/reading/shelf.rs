//! All documents of an account, the one read last first.

use super::SLICE;
use super::book::Book;
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::User;

/// The books of an account.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    books: Vec<Book>,
}

/// How many books there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) all: usize,
    pub(crate) finished: usize,
}

impl Shelf {
    /// Reads them all.
    pub(crate) async fn load(app: &App, user: &User) -> Result<Self> {
        // One at a time: that bounds the memory, and what others have to wait for.
        let _turn = app.lists.acquire().await.map_err(|_| Error::Stopped)?;
        let mut books: Vec<Book> = Vec::new();
        loop {
            let page = app.store.documents(user.id, books.last().map(|book| &book.document), SLICE)?;
            let count = page.len();
            books.extend(page.into_iter().map(Book::new));
            if count < SLICE {
                break;
            }
            tokio::task::yield_now().await;
        }
        books.sort_by(|one, other| other.timestamp.cmp(&one.timestamp).then_with(|| one.document.cmp(&other.document)));
        Ok(Self { books })
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts { all: self.books.len(), finished: self.books.iter().filter(|book| book.is_finished()).count() }
    }

    /// Leaves only the books that have each word of `text`.
    pub(crate) fn search(mut self, text: &str) -> Self {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        self.books.retain(|book| book.has(&words));
        self
    }

    pub(crate) fn books(&self) -> &[Book] {
        &self.books
    }
}
