//! Moves a book to a shelf, and hides it.

use jiff::civil::Date;
use salvo::Request;
use salvo::craft::craft;

use super::book::RefusedForm;
use super::codec::path_segment;
use super::context::Dashboard;
use super::error::PageError;
use super::page::PageResponse;
use super::session::CurrentUser;
use crate::library::ShelfMove;
use crate::store::Change;

/// The handlers of `books/{book}/shelf`, `not-finished` and `hidden`.
#[derive(Clone)]
pub struct Shelving {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl Shelving {
    /// `POST books/{book}/shelf` with `to`, and `date` for finished ones: moves a book. `auto` leaves it to its positions again.
    #[craft(handler)]
    pub(super) async fn move_to_shelf(&self, req: &mut Request) -> Result<PageResponse, PageError> {
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

    /// `POST books/{book}/not-finished`: takes back that a book was finished, the last time.
    #[craft(handler)]
    pub(super) async fn take_back(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let page = format!("books/{}", path_segment(&entry.document));
        self.dashboard.change_own(&current_user, Change::TakeBackFinish(entry.document)).await?;
        Ok(current_user.redirect_done(&page, "taken-back"))
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

/// Returns noon of a day in the account's time zone, at most `now`. Returns `None` for a day in the future.
fn noon(date: &str, current_user: &CurrentUser, now: u64) -> Option<u64> {
    let date: Date = date.trim().parse().ok()?;
    if date > current_user.days.date(now) {
        return None;
    }
    let noon = current_user.days.zone().to_timestamp(date.at(12, 0, 0, 0)).ok()?;
    Some(u64::try_from(noon.as_second()).ok()?.min(now))
}
