//! What a book's page says about its shelf.

use jiff::civil::Date;

use crate::library::{BookActivity, Shelf};
use crate::text::Texts;

/// The shelves: each with the id of its name.
const SHELVES: [(Shelf, &str); 3] = [
    (Shelf::Reading, "books-shelf-reading"),
    (Shelf::Aside, "books-shelf-aside"),
    (Shelf::Finished, "books-shelf-finished"),
];

/// What a book's page says about its shelf.
pub(super) struct ShelfView {
    pub(super) shelf: Shelf,
    /// The name of the shelf.
    pub(super) name: String,
    /// When it was finished, in words; empty if it was not.
    pub(super) finished: String,
    /// The day on which it was finished last, in words; empty if it was not.
    pub(super) last_finished: String,
    /// Whether its reader put it there.
    pub(super) is_moved: bool,
    pub(super) is_hidden: bool,
    /// The account's day, as a date field has it; and the day in the field.
    pub(super) today: String,
    pub(super) date: String,
}

impl ShelfView {
    /// Describes a book; `None` if nothing is known of it.
    pub(super) fn new(book: Option<&BookActivity>, today: Date, texts: Texts) -> Option<Self> {
        let book = book?;
        Some(Self {
            shelf: book.shelf,
            name: texts.msg(name_of(book.shelf)).to_string(),
            finished: finished(book, texts).unwrap_or_default(),
            last_finished: book.last_finished().map(|date| texts.date(date)).unwrap_or_default(),
            is_moved: book.moved.is_some(),
            is_hidden: book.is_hidden,
            today: today.to_string(),
            date: today.to_string(),
        })
    }

    /// Returns the other shelves to which a button moves it: the word, and the id of what the button says.
    pub(super) fn moves(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let moves = [(Shelf::Reading, "books-move-reading"), (Shelf::Aside, "books-move-aside")];
        moves.into_iter().filter(|(shelf, _)| *shelf != self.shelf).map(|(shelf, id)| (shelf.as_str(), id))
    }
}

/// Returns the id of a shelf's name.
fn name_of(shelf: Shelf) -> &'static str {
    SHELVES.into_iter().find(|(other, _)| *other == shelf).map_or("books-shelf-reading", |(_, id)| id)
}

/// Says when a book was finished.
fn finished(book: &BookActivity, texts: Texts) -> Option<String> {
    let last = texts.date(book.last_finished()?);
    Some(texts.msg("books-finished-times").arg("count", book.finishes.len()).arg("date", last).to_string())
}
