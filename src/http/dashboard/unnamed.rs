//! The page where many books without a name are named at once.

use std::collections::HashMap;

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::book_changes::refused_name;
use super::book_rows::{BookRow, RowStyle};
use super::codec::decode;
use super::context::Dashboard;
use super::device_tags::DeviceTags;
use super::error::PageError;
use super::form::Form;
use super::form_errors::FormErrors;
use super::layout::Layout;
use super::page::PageResponse;
use super::paging::Paging;
use super::session::CurrentUser;
use crate::library::{BookOrder, BookSelection, ListedBook, SearchWords, SortedBooks, Title, Wanted};
use crate::model::{DOCUMENT_NAME_MAX, Document, DocumentName};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, DocumentEntry};

/// Books on a page. Twenty names of 1,024 bytes fit into a form, however they are encoded.
const ROWS_PER_PAGE: usize = 20;
/// What the names of the fields begin with; the book's encoded id follows.
const FIELD: &str = "name-";

/// A book that has no name, and what was typed for it.
struct UnnamedRow {
    book: BookRow,
    /// Id of its field.
    field: String,
    typed: String,
}

#[derive(Template)]
#[template(path = "unnamed.html")]
struct UnnamedPage {
    layout: Layout,
    rows: Vec<UnnamedRow>,
    /// How many names were saved though others were not.
    saved: usize,
    paging: Paging,
}

impl UnnamedPage {
    const NAME_MAX: usize = DOCUMENT_NAME_MAX;
}

/// What was typed into the fields whose names were not saved, and why. The fields' ids are the keys.
#[derive(Default)]
struct Refused {
    typed: HashMap<String, String>,
    errors: FormErrors,
}

/// The handlers of `unnamed`.
#[derive(Clone)]
pub struct Unnamed {
    pub(super) dashboard: Dashboard,
}

impl Unnamed {
    /// Makes the page, with what was typed for the names that were not saved.
    async fn page(
        &self,
        req: &Request,
        current_user: &CurrentUser,
        saved: usize,
        refused: Refused,
    ) -> Result<PageResponse, PageError> {
        let AppState { store, scan_limiter, activity, .. } = &*self.dashboard.state;
        let user = current_user.user.id;
        let slot = scan_limiter.answer(user)?;
        let read = activity.load(store, scan_limiter, &current_user.user).await?;
        let style = RowStyle::new(current_user, store, DeviceTags::new(read.device_marks.clone()));
        let selection = BookSelection {
            search: SearchWords::default(),
            order: BookOrder::LastRead,
            has_statistics: false,
            keep: Paging::requested_end(req, ROWS_PER_PAGE),
        };
        let wanted =
            |entry: &DocumentEntry| (Title::of(entry).is_id && !read.is_hidden(&entry.document)).then(Wanted::default);
        let books = SortedBooks::load(store, scan_limiter, &current_user.user, selection, wanted).await?;
        let paging = Paging::from_request(req, books.listed(), ROWS_PER_PAGE);
        let books = books.look_up(store, scan_limiter, user, paging.range()).await?;
        let Refused { mut typed, mut errors } = refused;
        let row = |entry: &DocumentEntry| {
            let book = BookRow::new(entry, &style).shortened();
            let field = format!("{FIELD}{}", book.path_segment);
            UnnamedRow { typed: typed.remove(&field).unwrap_or_default(), field, book }
        };
        let mut rows: Vec<UnnamedRow> = books.iter().filter_map(ListedBook::document).map(row).collect();
        // What was typed for a book that is not listed any more, since it got a name meanwhile, stays on the page, too.
        for field in errors.fields() {
            let Some(typed) = typed.remove(&field) else { continue };
            let document = decode(&field[FIELD.len()..]).and_then(|id| Document::new(&id).ok());
            match document.map(|document| store.document(user, &document)).transpose()?.flatten() {
                Some(entry) => rows.push(UnnamedRow { book: BookRow::new(&entry, &style).shortened(), field, typed }),
                None => errors.unlink(&field),
            }
        }
        let layout = current_user.layout("books-unnamed-title", "books");
        if errors.is_empty() {
            return Ok(PageResponse::new(&UnnamedPage { layout, rows, saved, paging }).with_slot(slot));
        }
        let error = PageError::InvalidFields(errors);
        let layout = layout.with_error(&error, "");
        Ok(PageResponse::new(&UnnamedPage { layout, rows, saved, paging }).with_slot(slot).with_error(&error))
    }

    /// Saves the names of a form, each by itself. Returns how many were saved, and the others.
    async fn save(&self, current_user: &CurrentUser, form: &Form) -> Result<(usize, Refused), PageError> {
        let (mut saved, mut refused, texts) = (0, Refused::default(), current_user.texts);
        for (id, typed) in form.starting_with(FIELD).take(ROWS_PER_PAGE) {
            if typed.trim().is_empty() {
                continue;
            }
            let name = DocumentName::new(typed).map_err(|invalid| refused_name(&invalid, texts));
            let document = decode(id).and_then(|id| Document::new(&id).ok());
            let document = document.ok_or_else(|| texts.msg("books-name-no-book").to_string());
            let outcome = match document.and_then(|document| Ok((document, name?))) {
                Ok((document, name)) => {
                    let user = current_user.user.clone();
                    let account = user.name.clone();
                    let change = Change::RenameDocument(document, Some(name));
                    match self.dashboard.state.store.manage(Authority::User(user), account, change).await {
                        Ok(AccountOutcome::Done) => Ok(()),
                        Ok(AccountOutcome::NoDocument) => Err(texts.msg("books-name-no-book").to_string()),
                        Ok(AccountOutcome::OverQuota(_)) => Err(texts.msg("books-name-no-room").to_string()),
                        Ok(_) => return Err(PageError::NotLoggedIn),
                        // What was typed for all others is not lost.
                        Err(error) => Err(PageError::from(error).text(texts)),
                    }
                }
                Err(reason) => Err(reason),
            };
            match outcome {
                Ok(()) => saved += 1,
                Err(reason) => {
                    let field = format!("{FIELD}{id}");
                    refused.typed.insert(field.clone(), typed.to_owned());
                    refused.errors.extend(FormErrors::one(field, reason));
                }
            }
        }
        Ok((saved, refused))
    }
}

#[craft]
impl Unnamed {
    /// `GET unnamed?page=`: the books that have no name, last read first, each with a field.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        self.page(req, &current_user, 0, Refused::default()).await
    }

    /// `POST unnamed?page=` with a field for each book: saves the names that are not empty.
    ///
    /// Names that are not valid stay in their fields, with the reason; the others are saved.
    #[craft(handler)]
    pub(super) async fn save_names(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let (saved, refused) = self.save(&current_user, &form).await?;
        if refused.errors.is_empty() {
            let page = if saved > 0 {
                current_user.redirect_done("unnamed", "named")
            } else {
                current_user.redirect_to("unnamed")
            };
            return Ok(page);
        }
        self.page(req, &current_user, saved, refused).await
    }
}
