//! What an address of the list of books asks for: search, order, filters.

use salvo::Request;

use super::codec::{encode, searched, typed_search};
use super::form::Form;
use crate::library::{BookOrder, Shelf};

/// The orders of the list: the word in an address, the id of its name, and that of the line that counts the books.
pub(super) const ORDERS: [(BookOrder, &str, &str, &str); 5] = [
    (BookOrder::LastRead, "last", "books-sort-last", "books-count-last"),
    (BookOrder::Title, "title", "books-sort-title", "books-count-title"),
    (BookOrder::Author, "author", "books-sort-author", "books-count-author"),
    (BookOrder::Progress, "progress", "books-sort-progress", "books-count-progress"),
    (BookOrder::Finished, "finished", "books-sort-finished", "books-count-finished"),
];

/// The query of an address of the list. What an address asks for and the list does not have counts as not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ListQuery {
    /// The words that are searched for; empty for all books.
    pub(super) search: String,
    pub(super) order: BookOrder,
    /// Only books of a shelf, or only hidden ones.
    pub(super) shelf: Option<ShelfFilter>,
    /// Only books that a device has pushed: its key. Empty for all.
    pub(super) device: String,
    pub(super) is_unnamed: bool,
}

/// A choice of shelves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShelfFilter {
    On(Shelf),
    Hidden,
}

/// The shelves to choose from: the word in an address, and the id of the name.
pub(super) const SHELF_FILTERS: [(ShelfFilter, &str, &str); 4] = [
    (ShelfFilter::On(Shelf::Reading), "reading", "books-shelf-reading"),
    (ShelfFilter::On(Shelf::Aside), "aside", "books-shelf-aside"),
    (ShelfFilter::On(Shelf::Finished), "finished", "books-shelf-finished"),
    (ShelfFilter::Hidden, "hidden", "books-shelf-hidden"),
];

impl ListQuery {
    /// Reads the query of a request. The words are encoded: see [`ListQuery::address`].
    pub(super) fn of(req: &Request) -> Self {
        let field = |name: &str| req.query::<String>(name).unwrap_or_default();
        Self::from_fields(searched(&field("find")), field)
    }

    /// Reads the fields of the search form, with the words as they were typed.
    pub(super) fn of_form(form: &Form) -> Self {
        Self::from_fields(typed_search(form.get("search")), |name| form.get(name).to_owned())
    }

    fn from_fields(search: String, field: impl Fn(&str) -> String) -> Self {
        let order = ORDERS.into_iter().find(|(_, word, ..)| *word == field("sort"));
        let shelf = SHELF_FILTERS.into_iter().find(|(_, word, _)| *word == field("shelf"));
        let is_key = |key: &String| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self {
            search,
            order: order.map(|(order, ..)| order).unwrap_or_default(),
            shelf: shelf.map(|(shelf, ..)| shelf),
            device: Some(field("device")).filter(is_key).unwrap_or_default(),
            is_unnamed: field("unnamed") == "yes",
        }
    }

    /// Returns the encoded words of the search.
    pub(super) fn find(&self) -> String {
        encode(&self.search)
    }

    /// Returns the word of the order in an address.
    pub(super) fn sort(&self) -> &'static str {
        self.row().1
    }

    /// Returns the id of the line that counts the books.
    pub(super) fn count_id(&self) -> &'static str {
        self.row().3
    }

    fn row(&self) -> (BookOrder, &'static str, &'static str, &'static str) {
        ORDERS.into_iter().find(|(order, ..)| *order == self.order).unwrap_or(ORDERS[0])
    }

    /// Whether it is about a part of the books.
    pub(super) fn is_filtered(&self) -> bool {
        self.is_unnamed || self.shelf.is_some() || !self.device.is_empty()
    }

    /// Returns the word of the shelf in an address; empty for all.
    pub(super) fn shelf_word(&self) -> &'static str {
        let chosen = SHELF_FILTERS.into_iter().find(|(shelf, ..)| Some(*shelf) == self.shelf);
        chosen.map_or("", |(_, word, _)| word)
    }

    /// Whether the form to sort and filter has something chosen.
    pub(super) fn is_refined(&self) -> bool {
        self.is_filtered() || self.order != BookOrder::default()
    }

    /// Returns the query without `?`, with what is not the default.
    ///
    /// The words are encoded, so that no proxy's log has them in clear, and because Home Assistant refuses some queries. They are sent
    /// in the body of a form before.
    pub(super) fn address(&self) -> String {
        let mut fields = Vec::new();
        if !self.search.is_empty() {
            fields.push(format!("find={}", self.find()));
        }
        if self.order != BookOrder::default() {
            fields.push(format!("sort={}", self.sort()));
        }
        if self.shelf.is_some() {
            fields.push(format!("shelf={}", self.shelf_word()));
        }
        if !self.device.is_empty() {
            fields.push(format!("device={}", self.device));
        }
        if self.is_unnamed {
            fields.push("unnamed=yes".to_owned());
        }
        fields.join("&")
    }
}
