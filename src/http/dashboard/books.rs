//! The account's books: the list, and one book with its chart, its history and the forms to change it.

use askama::Template;
use jiff::tz::TimeZone;
use salvo::Request;
use salvo::craft::craft;

use super::book_files::{FileRow, SuggestionRow};
use super::chart::{ChartEntry, ProgressChart};
use super::codec::{decode, encode, path_segment};
use super::context::Dashboard;
use super::error::{PageError, reason};
use super::form_errors::FormErrors;
use super::format::{Time, bar_value, count, duration, percent, time};
use super::layout::Layout;
use super::page::PageResponse;
use super::paging::Paging;
use super::reading::{BookTimesView, Source};
use super::session::CurrentUser;
use crate::library::reading::{
    StatisticsBook, find_book, find_highlights, find_statistics_book, load_state, statistics_books,
};
use crate::library::scan::SLICE;
use crate::library::{Book, BookHistory, BookList, BookQuery, BookRef, Title, look_up};
use crate::model::{DOCUMENT_NAME_MAX, Document, DocumentName, UserId};
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, DocumentEntry, HistoryEntry, JoinRefusal, Store};

/// Books on a page of the list, and positions on a page of a history.
const ROWS_PER_PAGE: usize = 50;
/// Bytes of a position that a row shows.
const POSITION_MAX: usize = 1024;

/// Returns the document in a request's path.
fn document_in_path(req: &Request) -> Option<Document> {
    Document::new(&decode(req.params().get("book")?)?).ok()
}

/// A book in a list.
pub(super) struct BookRow {
    pub(super) path_segment: String,
    pub(super) title: Title,
    pub(super) bar_value: String,
    pub(super) percent: String,
    pub(super) device: String,
    pub(super) time: Time,
    /// The time that was spent on it, if it is known.
    pub(super) time_read: Option<String>,
    /// Whether only the statistics know it. `percent` is the time then.
    pub(super) is_from_statistics: bool,
}

impl BookRow {
    pub(super) fn new(entry: DocumentEntry, zone: &TimeZone) -> Self {
        let book = Book::new(entry);
        Self {
            path_segment: path_segment(&book.document),
            title: book.title,
            bar_value: bar_value(book.percentage),
            percent: percent(book.percentage),
            device: book.device,
            time: time(book.timestamp, zone),
            time_read: None,
            is_from_statistics: false,
        }
    }

    /// Adds the time that was spent on the book. An error of reading it leaves it out.
    pub(super) fn with_reading(entry: DocumentEntry, store: &Store, user: UserId) -> Self {
        let book = find_book(store, user, &entry.document).ok().flatten();
        Self { time_read: book.map(|book| duration(book.seconds)), ..Self::new(entry, store.zone()) }
    }

    fn of_statistics(book: StatisticsBook, zone: &TimeZone) -> Self {
        let StatisticsBook { name, times } = book;
        let is_id = times.title.is_empty();
        let title = if is_id { name.clone() } else { times.title };
        Self {
            path_segment: encode(&name),
            title: Title { text: title, authors: Some(times.authors).filter(|authors| !authors.is_empty()), is_id },
            bar_value: String::new(),
            percent: format!("{} read", duration(times.seconds)),
            device: String::new(),
            time: time(times.last, zone),
            time_read: None,
            is_from_statistics: true,
        }
    }

    /// Returns the path of its page.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", if self.is_from_statistics { "statistics" } else { "books" }, self.path_segment)
    }
}

#[derive(Template)]
#[template(path = "books.html")]
struct BooksPage {
    layout: Layout,
    books: Vec<BookRow>,
    /// The words that are searched for; empty for all books.
    search: String,
    total: String,
    paging: Paging,
    /// What the links to the other pages add to their query.
    query: String,
}

/// A position in a book's history.
struct HistoryRow {
    sequence: u64,
    time: Time,
    percent: String,
    device: String,
    position: String,
    pushes: u32,
    is_current: bool,
}

impl HistoryRow {
    fn new(entry: &HistoryEntry, current: Option<u64>, zone: &TimeZone) -> Self {
        Self {
            sequence: entry.sequence,
            time: time(entry.progress.timestamp, zone),
            percent: percent(entry.progress.percentage),
            device: entry.progress.device.clone(),
            position: shortened(&entry.progress.progress),
            pushes: entry.pushes,
            is_current: Some(entry.sequence) == current,
        }
    }
}

/// Cuts a position that no client shows a reader: a page has fifty of them.
fn shortened(position: &str) -> String {
    let end = position.floor_char_boundary(POSITION_MAX);
    if end == position.len() { position.to_owned() } else { format!("{}…", &position[..end]) }
}

/// The history of a book: all of it for the chart, and the rows of one page.
#[derive(Default)]
struct PageHistory {
    points: Vec<ChartEntry>,
    rows: Vec<HistoryEntry>,
}

impl PageHistory {
    /// Reads the history slice by slice, with the rows of the page that ends at `wanted`, or of the last page.
    async fn read(
        &mut self,
        dashboard: &Dashboard,
        user: UserId,
        DocumentEntry { document, joined, .. }: &DocumentEntry,
        wanted: usize,
    ) -> Result<(), PageError> {
        let AppState { store, scan_limiter, .. } = &*dashboard.state;
        if let Some(book) = joined {
            let mut history = BookHistory::load(store, scan_limiter, user, book).await?;
            while let Some(slice) = history.next(store, scan_limiter, user, SLICE).await? {
                self.add(slice.into_iter().map(|(_, entry)| entry), wanted);
            }
            return Ok(());
        }
        let mut before = None;
        loop {
            let (slice, _) = scan_limiter.slice(user, || store.history_slice(user, document, before, SLICE)).await?;
            let Some(last) = slice.last() else { return Ok(()) };
            before = Some(last.sequence);
            self.add(slice, wanted);
        }
    }

    fn add(&mut self, slice: impl IntoIterator<Item = HistoryEntry>, wanted: usize) {
        for mut entry in slice {
            let index = self.points.len();
            self.points.push(ChartEntry::new(&entry));
            if index >= wanted {
                continue;
            }
            // The requested page may not exist: then the last one that does is shown.
            if index.is_multiple_of(ROWS_PER_PAGE) {
                self.rows.clear();
            }
            entry.progress.progress = shortened(&entry.progress.progress);
            self.rows.push(entry);
        }
    }
}

#[derive(Template)]
#[template(path = "book.html")]
struct BookPage {
    layout: Layout,
    book: BookRow,
    /// Whether the book was started over, and no reader has moved since.
    is_started_over: bool,
    /// The name that the user gave the book; may be empty.
    name: String,
    filename: Option<String>,
    document: String,
    /// The other files of the book.
    files: Vec<FileRow>,
    suggestions: Vec<SuggestionRow>,
    chart: ProgressChart,
    history: Vec<HistoryRow>,
    total: String,
    paging: Paging,
    /// Reading times, where the statistics have them.
    reading: Option<BookTimesView>,
    source: Source,
    /// How many highlights there are.
    highlights: usize,
}

impl BookPage {
    const NAME_MAX: usize = DOCUMENT_NAME_MAX;
}

/// A book that only the statistics know.
#[derive(Template)]
#[template(path = "statistics_book.html")]
struct StatisticsBookPage {
    layout: Layout,
    book: BookRow,
    document: Option<String>,
    reading: Option<BookTimesView>,
    source: Source,
    highlights: usize,
}

#[derive(Template)]
#[template(path = "delete_book.html")]
struct DeleteBookPage {
    layout: Layout,
    book: BookRow,
    /// The id, and how many other files the book has.
    document: String,
    others: usize,
}

/// The handlers of `books`.
#[derive(Clone)]
pub struct Books {
    pub(super) dashboard: Dashboard,
}

impl Books {
    /// Returns the user of the request and the book in its path.
    pub(super) fn target(&self, req: &Request) -> Result<(CurrentUser, DocumentEntry), PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let document = document_in_path(req).ok_or(PageError::NoSuchPage)?;
        let entry = self.dashboard.state.store.document(current_user.user.id, &document)?;
        Ok((current_user, entry.ok_or(PageError::NoSuchPage)?))
    }

    /// Makes the page of a book. A rename that was refused is shown with what was typed.
    async fn page(
        &self,
        req: &Request,
        current_user: &CurrentUser,
        entry: DocumentEntry,
        refused: Option<(&str, PageError)>,
    ) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let store = &state.store;
        let slot = state.scan_limiter.answer(current_user.user.id)?;
        let mut history = PageHistory::default();
        let wanted = Paging::requested_end(req, ROWS_PER_PAGE);
        history.read(&self.dashboard, current_user.user.id, &entry, wanted).await?;
        let suggestions = SuggestionRow::of(state, current_user.user.id, &entry).await?;
        let files = FileRow::others(&entry);
        let PageHistory { points, rows } = history;
        let paging = Paging::from_request(req, points.len(), ROWS_PER_PAGE);
        let current = entry.shared_sequence();
        let row = |entry: &HistoryEntry| HistoryRow::new(entry, current, store.zone());
        let name = match &refused {
            Some((typed, _)) => (*typed).to_owned(),
            None => entry.name.clone().unwrap_or_default(),
        };
        let (document, filename) = (entry.document.to_string(), entry.metadata.filename.clone());
        let user = current_user.user.id;
        let times = load_state(store, &state.scan_limiter, &state.reading, &current_user.user).await?.times;
        let clock = current_user.clock(store.now());
        let reading = find_book(store, user, &entry.document)?;
        let percentage = entry.progress.percentage;
        let highlights = state.scan_limiter.slice(user, || find_highlights(store, user, &document)).await?;
        let book = BookRow::with_reading(entry, store, user);
        let layout = current_user.layout_titled(&book.title.text, "books");
        let layout = match &refused {
            Some((_, error)) => layout.with_error(error, "name"),
            None => layout,
        };
        let page = PageResponse::new(&BookPage {
            reading: reading.map(|book| BookTimesView::new(&book, Some(percentage), &clock)),
            source: Source::new(times.as_ref(), &clock),
            highlights: highlights.map_or(0, |book| book.highlights.len()),
            layout,
            book,
            is_started_over: current.is_none(),
            name,
            filename,
            document,
            files,
            suggestions,
            chart: ProgressChart::new(&points, store.zone()),
            history: rows.iter().map(row).collect(),
            total: count(points.len(), "position", "positions"),
            paging,
        })
        .with_slot(slot);
        Ok(match &refused {
            Some((_, error)) => page.with_error(error),
            None => page,
        })
    }

    pub(super) async fn change(&self, current_user: &CurrentUser, change: Change) -> Result<(), PageError> {
        const NO_POSITION: &str =
            "This position is no longer in the history. Reload the book’s page and choose another.";
        let user = current_user.user.clone();
        let name = user.name.clone();
        match self.dashboard.state.store.manage(Authority::User(user), name, change).await? {
            AccountOutcome::Done => Ok(()),
            AccountOutcome::OverQuota(_) => Err(PageError::OverQuota),
            AccountOutcome::NoPosition => Err(PageError::InvalidForm(NO_POSITION.into())),
            AccountOutcome::NoDocument => Err(PageError::NoSuchPage),
            AccountOutcome::JoinRefused(refusal) => Err(PageError::InvalidForm(refused_join(refusal).into())),
            _ => Err(PageError::NotLoggedIn),
        }
    }
}

/// Says why books were not joined or parted, and what to do.
fn refused_join(refusal: JoinRefusal) -> &'static str {
    match refusal {
        JoinRefusal::TooManyDocuments => "A book has 16 files at most. Part one of them before you join another.",
        JoinRefusal::SameDocument => "This is the book itself. Choose another one.",
        JoinRefusal::NotJoined => "These files are no longer joined. Reload the book’s page.",
    }
}

#[craft]
impl Books {
    /// `GET books?find=&page=`: all books, most recently read first, or those that match the encoded words in `find`.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let find: String = req.query("find").unwrap_or_default();
        let search = decode(&find).unwrap_or_default();
        let slot = state.scan_limiter.answer(current_user.user.id)?;
        let AppState { store, scan_limiter, reading, .. } = &**state;
        load_state(store, scan_limiter, reading, &current_user.user).await?;
        let (user, keep) = (current_user.user.id, Paging::requested_end(req, ROWS_PER_PAGE));
        let query = BookQuery::new(&search, keep);
        let (others, unpushed) = statistics_books(store, scan_limiter, user, &query.search, keep).await?;
        let list = BookList::load(store, scan_limiter, &current_user.user, query).await?;
        let total = list.total() + others;
        let paging = Paging::from_request(req, total, ROWS_PER_PAGE);
        // Both lists begin with the book that was read last, and so does the page.
        let mut page: Vec<(u64, Option<BookRef>, Option<StatisticsBook>)> =
            list.into_refs().into_iter().map(|book| (book.timestamp(), Some(book), None)).collect();
        page.extend(unpushed.into_iter().map(|book| (book.times.last, None, Some(book))));
        page.sort_by_key(|(last, ..)| std::cmp::Reverse(*last));
        let page = paging.slice(&page);
        let refs: Vec<BookRef> = page.iter().filter_map(|(_, book, _)| *book).collect();
        let mut books = Vec::new();
        let add =
            |entry: DocumentEntry| books.push((entry.progress.timestamp, BookRow::with_reading(entry, store, user)));
        look_up(store, scan_limiter, user, &refs, add).await?;
        let unpushed = page.iter().filter_map(|(_, _, book)| book.clone());
        books.extend(unpushed.map(|book| (book.times.last, BookRow::of_statistics(book, store.zone()))));
        books.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
        let books = books.into_iter().map(|(_, book)| book).collect::<Vec<_>>();
        Ok(PageResponse::new(&BooksPage {
            layout: current_user.layout_titled("My books", "books"),
            books,
            query: if search.is_empty() { String::new() } else { format!("&find={find}") },
            search,
            total: count(total, "book", "books"),
            paging,
        })
        .with_slot(slot))
    }

    /// `POST books` with `search`: redirects to the list of matches.
    ///
    /// A form, because free text must not appear in an address: Home Assistant refuses some queries.
    #[craft(handler)]
    pub(super) async fn search(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let search = form.get("search").trim();
        let search = &search[..search.floor_char_boundary(DOCUMENT_NAME_MAX)];
        let page = if search.is_empty() { "books".into() } else { format!("books?find={}", encode(search)) };
        Ok(current_user.redirect_to(&page))
    }

    /// `GET books/{book}?page=`: one book.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.target(req)?;
        self.page(req, &current_user, entry, None).await
    }
    /// `GET statistics/{book}`: a book that only the statistics know.
    #[craft(handler)]
    pub(super) async fn show_statistics(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let AppState { store, scan_limiter, reading, .. } = &*self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let user = current_user.user.id;
        let name = req.params().get("book").and_then(|name| decode(name)).ok_or(PageError::NoSuchPage)?;
        let slot = scan_limiter.answer(user)?;
        let times = load_state(store, scan_limiter, reading, &current_user.user).await?.times;
        let clock = current_user.clock(store.now());
        let book = find_statistics_book(store, user, &name)?.ok_or(PageError::NoSuchPage)?;
        let highlights = scan_limiter.slice(user, || find_highlights(store, user, &name)).await?;
        let view = BookTimesView::new(&book.times, None, &clock);
        let document = Some(book.times.md5.clone()).filter(|md5| !md5.is_empty());
        let book = BookRow::of_statistics(book, store.zone());
        Ok(PageResponse::new(&StatisticsBookPage {
            layout: current_user.layout_titled(&book.title.text, "books"),
            book,
            document,
            reading: Some(view),
            source: Source::new(times.as_ref(), &clock),
            highlights: highlights.map_or(0, |book| book.highlights.len()),
        })
        .with_slot(slot))
    }

    /// `POST books/{book}/rename` with `name`: renames a book. An empty name restores the title that the device sent.
    #[craft(handler)]
    pub(super) async fn rename(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.target(req)?;
        let form = self.dashboard.form(req).await?;
        let name = Some(form.get("name")).filter(|name| !name.trim().is_empty());
        let name = name.map(DocumentName::new).transpose();
        let name = match name {
            Ok(name) => name,
            Err(invalid) => {
                let texts = current_user.texts;
                let error =
                    FormErrors::one("name", texts.msg("errors-name-not-saved").arg("reason", reason(invalid, texts)));
                let refused = (form.get("name"), PageError::InvalidFields(error));
                return self.page(req, &current_user, entry, Some(refused)).await;
            }
        };
        let page = format!("books/{}", path_segment(&entry.document));
        self.change(&current_user, Change::RenameDocument(entry.document, name)).await?;
        Ok(current_user.redirect_done(&page, "renamed"))
    }

    /// `POST books/{book}/put-back` with the number of a position in `sequence`: makes it the current position again.
    #[craft(handler)]
    pub(super) async fn restore(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        const NO_POSITION: &str = "There is no such position. Reload the book’s page and choose one of its history.";
        let (current_user, entry) = self.target(req)?;
        let form = self.dashboard.form(req).await?;
        let sequence = form.get("sequence").parse();
        let sequence = sequence.map_err(|_| PageError::InvalidForm(NO_POSITION.into()))?;
        let page = format!("books/{}", path_segment(&entry.document));
        self.change(&current_user, Change::RestorePosition(entry.document, sequence)).await?;
        Ok(current_user.redirect_done(&page, "put-back"))
    }

    /// `POST books/{book}/start-over`: begins a book again, so that it has no current position until a reader moves [C2].
    #[craft(handler)]
    pub(super) async fn start_over(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.target(req)?;
        let page = format!("books/{}", path_segment(&entry.document));
        self.change(&current_user, Change::StartOver(entry.document)).await?;
        Ok(current_user.redirect_done(&page, "start-over"))
    }

    /// `GET books/{book}/delete`: asks for confirmation.
    #[craft(handler)]
    pub(super) async fn confirm_delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.target(req)?;
        let (document, others) = (entry.document.to_string(), FileRow::others(&entry).len());
        let book = BookRow::new(entry, self.dashboard.state.store.zone());
        let layout = current_user.layout_titled("Delete book", "books");
        Ok(PageResponse::new(&DeleteBookPage { layout, book, document, others }))
    }

    /// `POST books/{book}/delete`: deletes a book's position and history, and redirects to the list of books.
    #[craft(handler)]
    pub(super) async fn delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.target(req)?;
        self.change(&current_user, Change::DeleteDocument(entry.document)).await?;
        Ok(current_user.redirect_done("books", "deleted"))
    }
}
