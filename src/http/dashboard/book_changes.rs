//! Changes of a book, and the page that asks before one is deleted.

use std::collections::HashSet;

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::book::RefusedForm;
use super::book_files::FileRow;
use super::book_rows::{BookRow, RowStyle};
use super::codec::path_segment;
use super::context::Dashboard;
use super::device_tags::DeviceTags;
use super::error::PageError;
use super::layout::Layout;
use super::page::PageResponse;
use crate::library::scan::SLICE;
use crate::model::{DOCUMENT_NAME_MAX, DocumentName, ValidationError};
use crate::state::AppState;
use crate::store::Change;
use crate::text::Texts;

#[derive(Template)]
#[template(path = "delete_book.html")]
struct DeleteBookPage {
    layout: Layout,
    book: BookRow,
    /// The id, and how many other files the book has.
    document: String,
    others: usize,
    /// Number of positions of its history.
    positions: usize,
    /// Days of the account on which it was read, and how often it was finished.
    days: usize,
    finishes: usize,
}

/// The handlers that change a book.
#[derive(Clone)]
pub struct BookChanges {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl BookChanges {
    /// `POST books/{book}/rename` with `name`: renames a book. An empty name restores the title that the device sent.
    #[craft(handler)]
    pub(super) async fn rename(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let form = self.dashboard.form(req).await?;
        let typed = form.get("name");
        let name = match Some(typed).filter(|name| !name.trim().is_empty()).map(DocumentName::new).transpose() {
            Ok(name) => name,
            Err(invalid) => {
                let error = PageError::InvalidForm(refused_name(&invalid, current_user.texts));
                let refused = Some(RefusedForm { field: "name", typed, error });
                return self.dashboard.book_page(&current_user, entry, refused).await;
            }
        };
        let change = Change::RenameDocument(entry.document.clone(), name);
        match self.dashboard.change_own(&current_user, change).await {
            Ok(()) => Ok(current_user.redirect_done(&format!("books/{}", path_segment(&entry.document)), "renamed")),
            Err(error) if error.leaves_the_form() => {
                let refused = Some(RefusedForm { field: "name", typed, error });
                self.dashboard.book_page(&current_user, entry, refused).await
            }
            Err(error) => Err(error),
        }
    }

    /// `POST books/{book}/put-back` with the number of a position in `sequence`: makes it the current position again.
    #[craft(handler)]
    pub(super) async fn restore(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let form = self.dashboard.form(req).await?;
        let sequence = form.get("sequence").parse();
        let sequence = sequence
            .map_err(|_| PageError::InvalidForm(current_user.texts.msg("books-no-such-position").to_string()))?;
        let page = format!("books/{}", path_segment(&entry.document));
        self.dashboard.change_own(&current_user, Change::RestorePosition(entry.document, sequence)).await?;
        Ok(current_user.redirect_done(&page, "put-back"))
    }

    /// `POST books/{book}/start-over`: begins a book again, so that it has no current position until a reader moves [C2].
    #[craft(handler)]
    pub(super) async fn start_over(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let page = format!("books/{}", path_segment(&entry.document));
        self.dashboard.change_own(&current_user, Change::StartOver(entry.document)).await?;
        Ok(current_user.redirect_done(&page, "start-over"))
    }

    /// `GET books/{book}/delete`: asks for confirmation.
    #[craft(handler)]
    pub(super) async fn confirm_delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let AppState { store, scan_limiter, activity, .. } = &*self.dashboard.state;
        let user = current_user.user.id;
        let (mut positions, mut days, mut before) = (0, HashSet::new(), None);
        loop {
            let read = || store.history_slice(user, &entry.document, before, SLICE);
            let (history, _) = scan_limiter.slice(user, read).await?;
            let Some(last) = history.last() else { break };
            (positions, before) = (positions + history.len(), Some(last.sequence));
            let read = history.iter().map(|entry| &entry.progress).filter(|position| !position.is_restored());
            days.extend(read.map(|position| current_user.days.date(position.timestamp)));
        }
        let read = activity.load(store, scan_limiter, &current_user.user).await?;
        let finishes = read.book(&entry.document).map_or(0, |book| book.finishes.len());
        let (document, others) = (entry.document.to_string(), FileRow::others(&entry).len());
        let book = BookRow::new(&entry, &RowStyle::new(&current_user, store, DeviceTags::default())).on_own_page();
        let layout = current_user.layout("books-delete-title", "books");
        let days = days.len();
        Ok(PageResponse::new(&DeleteBookPage { layout, book, document, others, positions, days, finishes }))
    }

    /// `POST books/{book}/delete`: deletes a book's position and history, and redirects to the list of books.
    #[craft(handler)]
    pub(super) async fn delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        self.dashboard.change_own(&current_user, Change::DeleteDocument(entry.document)).await?;
        Ok(current_user.redirect_done("books", "deleted"))
    }
}

/// Says why a name was not saved, and what to do.
pub(super) fn refused_name(invalid: &ValidationError, texts: Texts) -> String {
    let message = match invalid {
        ValidationError::Character { .. } => texts.msg("books-name-control"),
        _ => texts.msg("books-name-too-long").arg("limit", DOCUMENT_NAME_MAX),
    };
    message.to_string()
}
