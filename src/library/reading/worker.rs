//! Reads accounts' files in the background, one account and one file at a time.
//!
//! No request waits for it. Its thread gives way to requests, and exists only while there is something to read.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::inputs::{FileReader, Inputs, hashed_name, note};
use super::rows::{
    BookRecord, HIGHLIGHTS, HighlightsEntry, HighlightsRecord, HighlightsState, TIMES, TimesState, UnreadFile, encode,
    read_state,
};
use super::titles::Titles;
use crate::error::Result;
use crate::library::scan::SLICE;
use crate::model::{DayRule, FileInfo, FilePath, User};
use crate::reading::{
    BookHighlights, HighlightSource, MAX_JSON_BYTES, ReadingTimes, Unreadable, md5_of_name, merge_highlights,
    read_highlights,
};
use crate::store::{ReadingChange, ReadingKind, Store};

/// Accounts that may wait. More are read when their pages are requested again.
const MAX_WAITING: usize = 4_096;
/// Bytes and rows of one write, which other accounts' pushes wait for.
const WRITE_BYTES: usize = 128 << 10;
const WRITE_ROWS: usize = 256;
/// Bytes of all JSON files of an account that are read: the last uploaded.
const MAX_JSON_TOTAL: u64 = 32 << 20;
/// Bytes of an account's highlights that are kept in memory while they are merged.
const MAX_SOURCES: usize = 8 << 20;
/// Files that could not be read and are named.
const MAX_UNREAD: usize = 10;
/// How much lower than requests the thread's priority is.
const NICENESS: i32 = 10;

/// Computes rows of reading times and highlights from the files of accounts.
#[derive(Default)]
pub(crate) struct ReadingWorker {
    queue: Arc<Mutex<Queue>>,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<User>,
    is_running: bool,
    thread: Option<JoinHandle<()>>,
}

impl ReadingWorker {
    /// Has the files of an account read, unless they are as they were.
    pub(crate) fn request(&self, store: &Store, user: &User) {
        let mut queue = lock(&self.queue);
        if queue.waiting.len() >= MAX_WAITING || queue.waiting.iter().any(|waiting| waiting.id == user.id) {
            return;
        }
        queue.waiting.push_back(user.clone());
        if queue.is_running || self.stop.load(Ordering::Relaxed) {
            return;
        }
        // The one before has ended but for its return.
        if let Some(thread) = queue.thread.take() {
            let _ = thread.join();
        }
        let (shared, stop, store) = (self.queue.clone(), self.stop.clone(), store.clone());
        let started = thread::Builder::new().name("reading".into()).spawn(move || run(&shared, &stop, &store));
        match started {
            Ok(thread) => (queue.is_running, queue.thread) = (true, Some(thread)),
            Err(error) => {
                queue.waiting.clear();
                tracing::warn!(%error, "no thread for reading statistics; the next request tries again");
            }
        }
    }
}

impl Drop for ReadingWorker {
    /// Ends the thread, so that nothing holds the store open. A file that is being read is given up.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let thread = lock(&self.queue).thread.take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(queue: &Mutex<Queue>, stop: &Arc<AtomicBool>, store: &Store) {
    // Of Linux, this is the thread's own niceness.
    if cfg!(target_os = "linux") {
        let _ = rustix::process::setpriority_process(None, NICENESS);
    }
    loop {
        let user = {
            let mut queue = lock(queue);
            let next = queue.waiting.pop_front().filter(|_| !stop.load(Ordering::Relaxed));
            queue.is_running = next.is_some();
            next
        };
        let Some(user) = user else { return };
        let job = Job { store, user: &user, stop };
        // A panic is in the log already; the files of others can still be read.
        match catch_unwind(AssertUnwindSafe(|| job.run())) {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(error)) if stop.load(Ordering::Relaxed) => {
                tracing::debug!(user = %user.name, %error, "reading ended by the stop of the server");
            }
            Ok(Err(error)) => {
                tracing::warn!(user = %user.name, %error, "statistics not read; the next request tries again")
            }
        }
    }
}

/// Reading the files of one account.
struct Job<'a> {
    store: &'a Store,
    user: &'a User,
    stop: &'a Arc<AtomicBool>,
}

impl Job<'_> {
    fn run(&self) -> Result<()> {
        let inputs = Inputs::read(self.store, self.user)?;
        self.times(&inputs)?;
        self.highlights(&inputs)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn times(&self, inputs: &Inputs) -> Result<()> {
        let known: Option<TimesState> = read_state(self.store, self.user.id, TIMES)?;
        let fingerprint = inputs.times_fingerprint();
        let Some(file) = &inputs.statistics else {
            return if known.is_some() {
                self.write(ReadingKind::Book, BTreeMap::new(), (TIMES, None))
            } else {
                Ok(())
            };
        };
        if known.as_ref().is_some_and(|known| known.fingerprint == fingerprint) {
            return Ok(());
        }
        match self.read_times(file)? {
            Ok(times) => {
                tracing::debug!(user = %self.user.name, books = times.books.len(), "statistics read");
                let rows = times
                    .books
                    .iter()
                    .map(|book| (book_name(&book.md5, &book.title, &book.authors), encode(&BookRecord::new(book))));
                let mut state = TimesState {
                    fingerprint,
                    unread: None,
                    file: Some(note(file)),
                    seconds: times.seconds,
                    pages: times.pages,
                    sessions: times.sessions,
                    first: times.first,
                    last: times.last,
                    ..TimesState::default()
                };
                state.set_days(&times.days);
                self.write(ReadingKind::Book, rows.collect(), (TIMES, Some(encode(&state))))
            }
            Err(Unreadable::Interrupted) => Ok(()),
            Err(unreadable) => {
                let reason = unreadable.to_string();
                tracing::info!(user = %self.user.name, file = %file.0, reason, "statistics cannot be read");
                let unread = Some(UnreadFile { file: note(file), reason });
                let state = TimesState { fingerprint, unread, ..known.unwrap_or_default() };
                self.submit(vec![(ReadingKind::State, TIMES.to_owned(), Some(encode(&state)))])
            }
        }
    }

    #[cfg(feature = "statistics")]
    fn read_times(&self, (path, info): &(FilePath, FileInfo)) -> Result<std::result::Result<ReadingTimes, Unreadable>> {
        let Some(file) = self.store.open_file(self.user.id, path)? else { return Ok(Err(Unreadable::Interrupted)) };
        if file.info().generation != info.generation {
            return Ok(Err(Unreadable::Interrupted));
        }
        let (days, now) = (self.days(), self.store.now());
        Ok(crate::reading::read_statistics(FileReader::new(file), info.size, &days, now, self.stop))
    }

    #[cfg(not(feature = "statistics"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with the feature")]
    fn read_times(&self, _: &(FilePath, FileInfo)) -> Result<std::result::Result<ReadingTimes, Unreadable>> {
        Ok(Err(Unreadable::File("this program was built without the feature `statistics`".into())))
    }

    fn highlights(&self, inputs: &Inputs) -> Result<()> {
        let known: Option<HighlightsState> = read_state(self.store, self.user.id, HIGHLIGHTS)?;
        if inputs.json.is_empty() {
            let kind = ReadingKind::Highlights;
            return if known.is_some() { self.write(kind, BTreeMap::new(), (HIGHLIGHTS, None)) } else { Ok(()) };
        }
        let fingerprint = inputs.highlights_fingerprint();
        if known.is_some_and(|known| known.fingerprint == fingerprint) {
            return Ok(());
        }
        let mut state = HighlightsState { fingerprint, ..HighlightsState::default() };
        let (mut sources, mut bytes, mut total) = (Vec::new(), 0, 0);
        let passwords: Vec<u32> = self.store.device_passwords(self.user.id)?.iter().map(|entry| entry.id).collect();
        for file in &inputs.json {
            if self.is_stopped() {
                return Ok(());
            }
            total += file.1.size.min(MAX_JSON_BYTES);
            let unread = |reason: &str| UnreadFile { file: note(file), reason: reason.to_owned() };
            if total > MAX_JSON_TOTAL || bytes > MAX_SOURCES {
                state.unread.push(unread("the account has too many highlights"));
                break;
            }
            match self.read_json(file, &passwords)? {
                Ok(found) => {
                    bytes += found.iter().map(HighlightSource::size).sum::<usize>();
                    state.file = state.file.or_else(|| (!found.is_empty()).then(|| note(file)));
                    sources.extend(found);
                }
                Err(Unreadable::Interrupted) => return Ok(()),
                Err(Unreadable::File(reason)) if state.unread.len() < MAX_UNREAD => state.unread.push(unread(&reason)),
                Err(Unreadable::File(_)) => {}
            }
        }
        let md5s = sources.iter().filter_map(|source| source.md5.clone()).collect();
        let titles = Titles::read(self.store, self.user.id, md5s)?;
        let mut books = merge_highlights(sources, |source| titles.find(source));
        books.sort_by_key(|book| std::cmp::Reverse(book.last_time()));
        let mut rows = BTreeMap::new();
        for book in books {
            let BookHighlights { md5, title, authors, highlights } = &book;
            let name = book_name(md5.as_deref().unwrap_or_default(), title, authors);
            let count = u32::try_from(highlights.len()).unwrap_or(u32::MAX);
            state.books.push(HighlightsEntry { name: name.clone(), count });
            rows.insert(name, encode(&HighlightsRecord::new(book)));
        }
        self.write(ReadingKind::Highlights, rows, (HIGHLIGHTS, Some(encode(&state))))
    }

    fn read_json(
        &self,
        (path, info): &(FilePath, FileInfo),
        passwords: &[u32],
    ) -> Result<std::result::Result<Vec<HighlightSource>, Unreadable>> {
        if info.size > MAX_JSON_BYTES {
            return Ok(Err(Unreadable::File("it is larger than 4 MiB".into())));
        }
        let Some(file) = self.store.open_file(self.user.id, path)? else { return Ok(Err(Unreadable::Interrupted)) };
        let mut bytes = Vec::with_capacity(usize::try_from(info.size).unwrap_or(0));
        if file.info().generation != info.generation || FileReader::new(file).read_to_end(&mut bytes).is_err() {
            return Ok(Err(Unreadable::Interrupted));
        }
        let read = read_highlights(path.name(), &bytes, self.days().zone(), info.modified);
        // A JSON file of another purpose is no error.
        Ok(match read {
            Err(Unreadable::File(_)) if md5_of_name(path.name()).is_none() && !looks_like_export(&bytes) => {
                Ok(Vec::new())
            }
            Ok(mut sources) => {
                let device = info.uploaded_by.as_deref().and_then(model_of);
                for source in &mut sources {
                    source.device = device.map(str::to_owned);
                    // Whose a revoked password was is not known any more.
                    source.device_password = info.device_password.filter(|id| passwords.contains(id));
                }
                Ok(sources)
            }
            read => read,
        })
    }

    /// Writes a kind's changed rows, removes those that are gone, then writes the state.
    fn write(
        &self,
        kind: ReadingKind,
        mut rows: BTreeMap<String, Vec<u8>>,
        (name, state): (&str, Option<Vec<u8>>),
    ) -> Result<()> {
        let (mut changes, mut bytes, mut after) = (Vec::new(), 0, None::<String>);
        let mut removed = Vec::new();
        loop {
            let known = self.store.reading_rows(self.user.id, kind, after.as_deref(), SLICE)?;
            let Some((last, _)) = known.last() else { break };
            after = Some(last.clone());
            for (name, value) in known {
                match rows.get(&name) {
                    Some(new) if *new == value => drop(rows.remove(&name)),
                    Some(_) => {}
                    None => removed.push((kind, name, None)),
                }
            }
        }
        let new = rows.into_iter().map(|(name, value)| (kind, name, Some(value)));
        for change in removed.into_iter().chain(new).chain([(ReadingKind::State, name.to_owned(), state)]) {
            bytes += change.2.as_ref().map_or(0, Vec::len);
            changes.push(change);
            if bytes >= WRITE_BYTES || changes.len() >= WRITE_ROWS {
                self.submit(std::mem::take(&mut changes))?;
                bytes = 0;
            }
        }
        self.submit(changes)
    }

    fn submit(&self, changes: Vec<ReadingChange>) -> Result<()> {
        if !changes.is_empty() && !self.store.change_reading_rows(self.user, changes)? {
            self.user_is_gone();
        }
        Ok(())
    }

    /// Returns the rule of the account's days.
    fn days(&self) -> DayRule {
        DayRule::new(&self.user.preferences, self.store.zone())
    }

    fn user_is_gone(&self) {
        tracing::debug!(user = %self.user.name, "account deleted while its statistics were read");
    }
}

/// Returns the name of a book's row.
pub(super) fn book_name(md5: &str, title: &str, authors: &str) -> String {
    if md5.is_empty() { hashed_name(&[title, authors]) } else { md5.to_owned() }
}

/// Returns the model of a device, as KOReader's `User-Agent` says it.
///
/// That begins with `KOReader/2026.08 (Kobo_nova; Linux;`.
fn model_of(agent: &str) -> Option<&str> {
    let (_, about) = agent.strip_prefix("KOReader/")?.split_once('(')?;
    about.split(';').next().map(str::trim)
}

/// Returns whether a file that is not JSON was to be an export: whether it begins with an object that has entries.
fn looks_like_export(bytes: &[u8]) -> bool {
    bytes.windows(9).take(4096).any(|window| window == b"\"entries\"")
}
