//! Which position is the current one: rules C1 to C6 of docs/protocol.md, by what KOReader sends and gets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kosync::store::{AccountOutcome, Authority, Change, HistoryEntry};
use kosync::{Document, PositionRule, Username};
use serde_json::{Value, json};

use crate::common::{KEY, Site, exchange, percent_encoded};

mod rules;
mod stories;

const BOOK: &str = "41cce710f34e5ec21315e19c99821415";
const DAY: u64 = 24 * 60 * 60;
const START: u64 = 20_000 * DAY;

/// A server whose clock only the test moves, with the account `ada`.
struct Room {
    site: Site,
    now: Arc<AtomicU64>,
    rule: PositionRule,
}

/// A KOReader with the book.
#[derive(Clone, Copy)]
struct Reader<'a> {
    room: &'a Room,
    device: &'a str,
    device_id: &'a str,
}

impl Room {
    fn new(rule: PositionRule) -> Self {
        let now = Arc::new(AtomicU64::new(START));
        let clock = now.clone();
        let site = Site::with(|builder| builder.current_position(rule).clock(move || clock.load(Ordering::Relaxed)));
        site.registered("ada", KEY);
        Self { site, now, rule }
    }

    /// Starts the server again on the same data.
    fn restarted(self) -> Self {
        let Self { site, now, rule } = self;
        let clock = now.clone();
        let site =
            site.restarted(|builder| builder.current_position(rule).clock(move || clock.load(Ordering::Relaxed)));
        Self { site, now, rule }
    }

    fn kobo(&self) -> Reader<'_> {
        Reader { room: self, device: "Kobo_nova", device_id: "K0B0" }
    }

    fn phone(&self) -> Reader<'_> {
        Reader { room: self, device: "Phone", device_id: "F0F0" }
    }

    fn reader<'a>(&'a self, device: &'a str, device_id: &'a str) -> Reader<'a> {
        Reader { room: self, device, device_id }
    }

    fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Both devices have been at 20 %, and the Kobo went on to 60 %.
    fn at_60(rule: PositionRule) -> Self {
        let room = Self::new(rule);
        room.kobo().reads_to(0.2);
        room.wait(DAY);
        room.phone().pulls_and_closes();
        room.phone().reads_to(0.2);
        room.wait(DAY);
        room.kobo().reads_to(0.6);
        room.wait(DAY);
        room
    }

    /// Returns the answer to a pull.
    fn current(&self) -> Value {
        self.kobo().pulled()
    }

    /// Returns device and percentage of the current position.
    fn who_and_where(&self) -> (String, f64) {
        let current = self.current();
        let device = current["device"].as_str().unwrap_or("nothing").to_owned();
        (device, current["percentage"].as_f64().unwrap_or(-1.0))
    }

    #[track_caller]
    fn expect(&self, device: &str, percentage: f64) {
        assert_eq!(self.who_and_where(), (device.to_owned(), percentage));
    }

    fn change(&self, change: Change) -> AccountOutcome {
        let ada = Username::new("ada").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.site.server.store().manage(Authority::Local, ada, change)).unwrap()
    }

    fn start_over(&self) {
        assert_eq!(self.change(Change::StartOver(book())), AccountOutcome::Done);
    }

    /// Puts back the newest position of the history that is at this percentage.
    fn put_back(&self, percentage: f64) {
        let history = self.history();
        let entry = history.iter().find(|entry| entry.progress.percentage.to_bits() == percentage.to_bits()).unwrap();
        assert_eq!(self.change(Change::RestorePosition(book(), entry.sequence)), AccountOutcome::Done);
    }

    fn history(&self) -> Vec<HistoryEntry> {
        let store = self.site.server.store();
        let ada = store.user(&Username::new("ada").unwrap()).unwrap().unwrap();
        store.history(ada.id, &book(), 1000).unwrap()
    }
}

fn book() -> Document {
    Document::new(BOOK).unwrap()
}

/// Returns the XPointer of the page that is at a percentage.
fn page_at(percentage: f64) -> String {
    let position = (percentage * 10_000.0).round();
    let (chapter, paragraph) = ((position / 500.0).floor() + 1.0, position % 500.0);
    format!("/body/DocFragment[{chapter}]/body/div/p[{}]/text().0", paragraph + 1.0)
}

impl Reader<'_> {
    /// Sends what KOReader sends, byte for byte.
    fn send(&self, method: &str, path: &str, body: &str) -> Value {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nx-auth-key: {KEY}\r\n{length}User-Agent: lua-Spore v0.3.3\r\nTE: trailers\r\n\
             Content-Type: application/json\r\nHost: 192.168.1.20:7200\r\nx-auth-user: ada\r\n\
             Accept: application/vnd.koreader.v1+json\r\nConnection: close, TE\r\n\r\n{body}"
        );
        let reply = exchange(self.room.site.address, request.as_bytes()).shaped();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    /// Pushes a position, and asserts that the answer has the time of the push [P4].
    fn pushes(&self, progress: &str, percentage: f64) {
        let (device, id) = (self.device, self.device_id);
        let progress = json!(progress);
        let body = format!(
            r#"{{"device_id":"{id}","device":"{device}","progress":{progress},"percentage":{percentage},"document":"{BOOK}"}}"#
        );
        let answer = self.send("PUT", "/syncs/progress", &body);
        assert_eq!(answer, json!({ "document": BOOK, "timestamp": self.room.now() }));
    }

    /// Pushes the page at a percentage, as KOReader does when a book is closed.
    fn reads_to(&self, percentage: f64) {
        self.pushes(&page_at(percentage), percentage);
    }

    fn pulled(&self) -> Value {
        self.send("GET", &format!("/syncs/progress/{}", percent_encoded(BOOK)), "")
    }

    /// Jumps to the current position and closes the book there. KOReader lays out that position by itself.
    fn pulls_and_closes(&self) {
        let pulled = self.pulled();
        self.pushes(pulled["progress"].as_str().unwrap(), pulled["percentage"].as_f64().unwrap() + 0.0003);
    }
}
