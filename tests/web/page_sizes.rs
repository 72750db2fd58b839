//! No page is larger than 60,000 bytes, whatever readers and clients fill it with.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::common::reading::{EMMA, WALDEN, upload, uploaded};
use crate::common::{KEY, Site, position};
use crate::transfer::previewed;
use crate::visitor::{ADMIN_PASSWORD, PAGES, Page, Reader, Visitor, book_path};

/// What every page keeps to, in bytes, before it is compressed.
const PAGE_MAX: usize = 60_000;
const DAY: u64 = 24 * 60 * 60;
/// A hash of a password that nobody needs.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$AuGgjxaXTeMqmt4RogXDog$UxgG/SY4hQHZQIqd0dYw1592UJY6tiGFK7CMlx6Cd8I";

/// An account in which everything is as long and as numerous as the limits allow.
struct Extreme {
    /// What texts are made of.
    text: &'static str,
    /// Id of the book with the longest history.
    book: String,
    now: u64,
}

impl Extreme {
    fn new(text: &'static str, has_long_ids: bool) -> Self {
        let book = if has_long_ids { filled(text, "0", 255) } else { EMMA.to_owned() };
        Self { text, book, now: SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() }
    }

    /// Returns a text of at most so many bytes. It begins with a number, so that no two are the same.
    fn text(&self, number: usize, bytes: usize) -> String {
        filled(self.text, &number.to_string(), bytes)
    }

    fn id(&self, number: usize) -> String {
        match (number, self.book == EMMA) {
            (0, _) => self.book.clone(),
            (_, true) => format!("{number:032x}"),
            (_, false) => self.text(number, 255),
        }
    }

    fn document(&self, number: usize, is_named: bool, history: impl Iterator<Item = (u64, f64, usize)>) -> Value {
        let position = |(timestamp, percentage, device)| {
            json!({ "progress": self.text(device, 2000), "percentage": percentage, "device": self.text(device, 512),
                "device_id": self.text(device, 512), "timestamp": timestamp })
        };
        let history: Vec<Value> = history.map(position).collect();
        let metadata = match is_named {
            true => {
                json!({ "title": self.text(number, 1024), "authors": self.text(number, 1024), "filename": self.text(number, 255) })
            }
            false => json!({}),
        };
        json!({ "document": { "account": "ada", "document": self.id(number), "history": history, "metadata": metadata } })
    }

    /// Returns a book with 300 positions of 30 devices, and one that was read daily. Also returns finished books, those
    /// of today, and unnamed ones.
    fn documents(&self) -> Vec<Value> {
        let (now, share) = (self.now, |index: u64| index as f64 / 400.0);
        let daily = |days: u64, devices: u64| {
            (0..days)
                .map(move |day| (now - (days - day) * DAY, share(day), 1 + usize::try_from(day % devices).unwrap()))
        };
        let mut documents = vec![self.document(0, true, daily(300, 30)), self.document(1, true, daily(370, 9))];
        let finished = (0..70).map(|number| {
            let end = now - DAY - u64::try_from(number).unwrap() * 60;
            self.document(10 + number, true, [(end - 30, 0.5, number % 30), (end, 1.0, number % 30)].into_iter())
        });
        documents.extend(finished);
        let today = (0..40).map(|number| {
            let at = move |device: u64| now - 60 + device;
            self.document(
                100 + number,
                true,
                (0..5).map(move |device| (at(device), 0.1 * device as f64, usize::try_from(device).unwrap())),
            )
        });
        documents.extend(today);
        documents
            .extend((0..45).map(|number| self.document(200 + number, false, [(now - 2 * DAY, 0.3, 3)].into_iter())));
        documents
    }

    /// Returns statistics with more than three hours of reading on each day of a year.
    fn statistics(&self) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("statistics.sqlite3");
        std::fs::write(&path, crate::common::reading::statistics(1)).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        // Without a write-ahead log, which this connection would look for.
        bytes[18..20].fill(1);
        std::fs::write(&path, bytes).unwrap();
        let mut connection = rusqlite::Connection::open(&path).unwrap();
        let transaction = connection.transaction().unwrap();
        transaction.execute("UPDATE book SET title = ?1, authors = ?1", [self.text(7, 1024)]).unwrap();
        for day in 0..366 {
            for page in 0..60 {
                let start = i64::try_from(self.now - day * DAY).unwrap() - 300 * page;
                let book = 1 + i64::try_from(day % 2).unwrap();
                let row = rusqlite::params![book, page + 2, start];
                transaction.execute("INSERT INTO page_stat_data VALUES (?, ?, ?, 199, 100)", row).unwrap();
            }
        }
        transaction.commit().unwrap();
        connection.close().unwrap();
        std::fs::read(path).unwrap()
    }

    fn highlights(&self) -> Vec<u8> {
        let entry = |number| {
            json!({ "chapter": self.text(number, 1000), "page": number, "time": self.now, "text": self.text(number, 4000),
                "drawer": "lighten", "note": self.text(number, 4000), "color": "yellow", "sort": "highlight" })
        };
        let book = json!({ "title": self.text(0, 1000), "author": self.text(0, 1000), "file": "/mnt/emma.epub", "number_of_pages": 100,
            "created_on": self.now, "version": "json/1.0.0", "entries": (0..50).map(entry).collect::<Vec<_>>() });
        book.to_string().into_bytes()
    }

    /// Returns an export of accounts, with records that cannot be imported. Half of them have another password here.
    fn export_of_others(&self) -> String {
        let account = |name: String| {
            json!({ "account": { "name": name, "key": HASH.replace("Uxg", "Vxg"), "active": true,
            "administrator": false, "created": 1, "last_used": 0 } })
        };
        let mut lines = vec![json!({ "kosync_export": { "format": 1 } })];
        lines.extend((0..120).map(|number| account(self.text(number, 255))));
        // Of accounts that are nowhere.
        let unknown = |number| {
            json!({ "document": { "account": self.text(number, 250), "document": self.id(number),
            "history": [{ "progress": "x", "percentage": 0.5, "device": "x", "timestamp": 1 }], "metadata": {} } })
        };
        lines.extend((500..800).map(unknown));
        lines.push(json!({ "end": { "accounts": 120, "documents": 300 } }));
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn import(&self, dir: &Path) {
        let mut lines = vec![json!({ "kosync_export": { "format": 1 } })];
        let account = |number| {
            json!({ "account": { "name": self.text(number, 255), "key": HASH, "active": number % 2 == 0,
            "administrator": false, "created": 1, "last_used": 1 } })
        };
        let documents = self.documents();
        let count = documents.len();
        lines.extend((0..120).map(account).chain(documents));
        lines.push(json!({ "end": { "accounts": 120, "documents": count } }));
        let file = dir.join("export.jsonl");
        std::fs::write(&file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        let mut import = Command::new(env!("CARGO_BIN_EXE_kosync"));
        import.arg("--data-dir").arg(dir).args(["import", "--merge", "ada"]).arg(&file).stdout(Stdio::null());
        assert!(import.status().unwrap().success());
    }

    /// Fills the accounts of a running server.
    fn fill(&self, dir: &Path, site: &Site) -> [Visitor; 2] {
        site.registered("ada", KEY);
        self.import(dir);
        let ada = Visitor::log_in(site.client, "ada", "password");
        let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
        for number in 10..25 {
            let other = &book_path(&self.id(number))["/books/".len()..];
            let reply = ada.post(&format!("{}/join", book_path(&self.book)), &[("other", other)]);
            assert_eq!(reply.status, 303, "{reply:?}");
        }
        uploaded(site, "statistics.sqlite3", &self.statistics(), "/api/v1/statistics", |found| {
            found["reading"]["seconds"].as_u64() > Some(3_000_000)
        });
        uploaded(site, "emma.json", &self.highlights(), "/api/v1/highlights?limit=1", |list| {
            list["highlights"].as_array().is_some_and(|found| !found.is_empty())
        });
        for number in 0..45 {
            // No name of a file has a slash, and no folder is that deep.
            assert_eq!(upload(site.address, &self.text(number, 251).replace('/', "-"), b"x").status, 201);
        }
        let name = |number: usize| self.text(number, 256).chars().take(64).collect::<String>();
        for number in 0..100 {
            assert_eq!(ada.post("/device-passwords", &[("name", &name(number))]).status, 200);
        }
        for device in
            ada.get("/devices").body.split("/name\">").filter_map(|part| part.rsplit("devices/").next()).take(15)
        {
            ada.post(&format!("/devices/{device}/name"), &[("name", &name(1))]);
        }
        // Requests of many devices for many books, known and unknown, in turn.
        for number in 0..110 {
            let mut body = position(&self.id(number), "p", 0.2);
            body["device"] = json!(self.text(number, 512));
            site.push("ada", KEY, &body);
            site.pull("ada", KEY, &self.text(900 + number, 255));
        }
        [ada, admin]
    }

    /// Returns the path of a page, with what is in these accounts.
    fn path(&self, page: &Page, today: &str) -> String {
        let book = &book_path(&self.book)["/books/".len()..];
        // A book that no device has pushed.
        let timed = book_path(WALDEN).replace("/books/", "statistics/");
        let route = page.route.replace("statistics/{book}", &timed).replace("{book}", book);
        let route = route.replace("{number}", "2").replace("{day}", today);
        let route =
            route.replace("{month}", &today[..7]).replace("{year}", &today[..4]).replace("{program}", "koreader");
        let file = &book_path(&self.text(3, 251))["/books/".len()..];
        route.replace("{path}", file)
    }
}

fn filled(text: &str, start: &str, bytes: usize) -> String {
    let mut filled = start.to_owned();
    let mut characters = text.chars().cycle();
    while let Some(next) = characters.next().filter(|next| filled.len() + next.len_utf8() <= bytes) {
        filled.push(next);
    }
    filled
}

/// Measures every page of accounts that are filled with a text, in some languages.
#[track_caller]
fn measure(text: &'static str, has_long_ids: bool, languages: &[&str]) {
    let extreme = Extreme::new(text, has_long_ids);
    let dir = tempfile::tempdir().unwrap();
    let site = Site::with(|builder| builder.data_dir(dir.path()).admin_password(ADMIN_PASSWORD));
    let [ada, admin] = extreme.fill(dir.path(), &site);
    previewed(&admin, extreme.export_of_others().as_bytes());
    let overview = ada.get("/").body;
    let today = overview.rsplit("href=\"day/").next().unwrap()[..10].to_owned();
    assert!(overview.matches("href=\"day/").count() >= 360, "each day leads to what was read");
    let pages = |reader| PAGES.iter().filter(move |page| page.reader == reader && page.is_html);
    let mut of_ada: Vec<String> = pages(Reader::Ada).map(|page| extreme.path(page, &today)).collect();
    let second = ["books", "unnamed", "highlights", "files", "devices", "device-passwords", "activity"];
    of_ada.extend(second.map(|page| format!("/{page}?page=2")));
    of_ada.extend(
        ["books?shelf=finished", "books?sort=title&page=3", "device-passwords?page=4"].map(|page| format!("/{page}")),
    );
    of_ada.extend(["history?page=2", "join?page=2"].map(|page| format!("{}/{page}", book_path(&extreme.book))));
    of_ada.push(format!("/year/{}.svg", &today[..4]));
    let of_admin = pages(Reader::Admin).map(|page| extreme.path(page, &today)).chain(["/accounts?page=2".to_owned()]);
    let all: Vec<(&Visitor, String)> =
        of_ada.into_iter().map(|path| (&ada, path)).chain(of_admin.map(|path| (&admin, path))).collect();
    let mut large = Vec::new();
    for language in languages {
        for (visitor, path) in &all {
            let page = visitor.get_in(language, path);
            assert!([200, 403, 404].contains(&page.status), "{path}: {}", page.status);
            if page.body.len() >= PAGE_MAX {
                large.push(format!("{path} in {language}: {} bytes", page.body.len()));
            }
        }
    }
    assert!(large.is_empty(), "{large:#?}");
}

#[test]
fn a_page_of_three_byte_letters_stays_below_60_000_bytes_in_every_language() {
    measure("吾輩は猫である", false, &["de", "en", "es", "fr", "nl"]);
}

#[test]
fn a_page_of_four_byte_letters_stays_below_60_000_bytes() {
    measure("📚🐈", false, &["fr", "de"]);
}

/// Each of these takes five bytes in a page.
#[test]
fn a_page_of_letters_that_are_escaped_stays_below_60_000_bytes() {
    measure("\"<&>'", true, &["fr", "de"]);
}
