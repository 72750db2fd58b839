//! On which shelf a book stands, and the forms that move and hide it.

use jiff::civil::Date;
use salvo::Request;
use salvo::craft::craft;

use super::book::RefusedForm;
use super::codec::path_segment;
use super::context::Dashboard;
use super::error::PageError;
use super::page::PageResponse;
use super::session::CurrentUser;
use crate::library::{BookActivity, Shelf, ShelfMove};
use crate::store::Change;
use crate::text::Texts;

/// The shelves: each with the id of its name.
pub(super) const SHELVES: [(Shelf, &str); 3] = [
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

/// The handlers of `books/{book}/shelf` and `hidden`.
#[derive(Clone)]
pub struct Shelving {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl Shelving {
    /// `POST books/{book}/shelf` with `to`, and `date` for finished ones: moves a book. `auto` leaves it to its positions again.
    #[craft(handler)]
    pub(super) async fn put_on(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let form = self.dashboard.form(req).await?;
        let typed = form.get("date");
        let to = match form.get("to") {
            "auto" => None,
            "reading" => Some(ShelfMove::Reading),
            "aside" => Some(ShelfMove::Aside),
            "finished" => match noon(typed, &current_user, self.dashboard.state.store.now()) {
                Some(at) => Some(ShelfMove::Finished { at }),
                None => {
                    let error = PageError::InvalidForm(current_user.texts.msg("books-no-date").to_string());
                    let refused = Some(RefusedForm { field: "finished-on", typed, error });
                    return self.dashboard.book_page(&current_user, entry, refused).await;
                }
            },
            _ => return Err(PageError::InvalidForm(current_user.texts.msg("account-no-such-choice").to_string())),
        };
        let page = format!("books/{}", path_segment(&entry.document));
        self.dashboard.change_own(&current_user, Change::MoveToShelf(entry.document, to)).await?;
        Ok(current_user.redirect_done(&page, "moved"))
    }

    /// `POST books/{book}/hidden` with `hidden`, `yes` or `no`: hides a book from all lists but that of hidden books, or shows it again.
    #[craft(handler)]
    pub(super) async fn set_hidden(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let is_hidden = self.dashboard.form(req).await?.yes_or_no("hidden", current_user.texts)?;
        let page = format!("books/{}", path_segment(&entry.document));
        self.dashboard.change_own(&current_user, Change::SetHidden(entry.document, is_hidden)).await?;
        Ok(current_user.redirect_done(&page, if is_hidden { "hidden" } else { "shown" }))
    }
}

/// Returns noon of a day that is not in the future, in the account's time zone; at most `now`.
fn noon(date: &str, current_user: &CurrentUser, now: u64) -> Option<u64> {
    let date: Date = date.trim().parse().ok()?;
    if date > current_user.days.date(now) {
        return None;
    }
    let noon = current_user.days.zone().to_timestamp(date.at(12, 0, 0, 0)).ok()?;
    Some(u64::try_from(noon.as_second()).ok()?.min(now))
}
