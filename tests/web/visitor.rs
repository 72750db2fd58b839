//! A browser by its bytes, and the lists of all pages and forms.

use crate::common::{Client, KEY, Reply, Site, percent_encoded};

pub const ADMIN_PASSWORD: &str = "the admin's password";

/// Starts a server with the accounts `admin`, `ada` and `grace`. These are 1, 2 and 3.
pub fn site() -> Site {
    let site = Site::with(|builder| builder.admin_password(ADMIN_PASSWORD));
    for name in ["ada", "grace"] {
        site.registered(name, KEY);
    }
    site
}

/// A browser, as far as the server sees it.
pub struct Visitor {
    pub client: Client,
    pub cookie: String,
}

impl Visitor {
    /// One without a session.
    pub fn anonymous(client: Client) -> Self {
        Self { client, cookie: String::new() }
    }

    #[track_caller]
    pub fn log_in(client: Client, name: &str, password: &str) -> Self {
        let reply = Self::anonymous(client).post("/login", &[("name", name), ("password", password)]);
        assert_eq!((reply.status, reply.header("location")), (303, Some("./")), "{reply:?}");
        Self { client, cookie: cookie(&reply).0 }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.client.send("GET", path, &[("cookie", self.cookie.as_bytes()), ("accept", b"text/html")], None)
    }

    /// Like [`Visitor::get`], from a browser that prefers a language.
    pub fn get_in(&self, language: &str, path: &str) -> Reply {
        let headers =
            [("cookie", self.cookie.as_bytes()), ("accept", b"text/html"), ("accept-language", language.as_bytes())];
        self.client.send("GET", path, &headers, None)
    }

    /// Sends a form from one of our pages.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_from(path, fields, &[("origin", b"http://localhost")])
    }

    /// Sends a form with the headers that tell where it comes from.
    pub fn post_from(&self, path: &str, fields: &[(&str, &str)], origin: &[(&str, &[u8])]) -> Reply {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let mut headers = vec![("cookie", self.cookie.as_bytes())];
        headers.extend_from_slice(origin);
        self.client.send("POST", path, &headers, Some(&fields.join("&")))
    }

    pub fn is_logged_in(&self) -> bool {
        self.get("/").status == 200
    }
}

/// Returns the cookie of an answer, and its attributes.
#[track_caller]
pub fn cookie(reply: &Reply) -> (String, String) {
    let line = reply.header("set-cookie").unwrap_or_else(|| panic!("{reply:?}"));
    let (cookie, attributes) = line.split_once("; ").unwrap();
    (cookie.to_owned(), attributes.to_owned())
}

/// Returns the path of a document's page.
pub fn book_path(document: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::from("/books/");
    for chunk in document.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
        }
    }
    text
}

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Nobody,
    Ada,
    Admin,
}

/// A page, for the checks that go through all of them.
pub struct Page {
    pub reader: Reader,
    /// The route, with a slash before it.
    pub route: &'static str,
    pub status: u16,
    /// Whether it is not a file to save.
    pub is_html: bool,
}

impl Page {
    /// Returns the path, in the site of the checks: with *Emma* as the book, *Walden* as that of the statistics alone, and the account of
    /// `ada`.
    pub fn path(&self) -> String {
        let emma = &book_path("0123456789abcdef0123456789abcdef")["/books/".len()..];
        let walden = book_path("fedcba9876543210fedcba9876543210").replace("/books/", "statistics/");
        self.route
            .replace("statistics/{book}", &walden)
            .replace("{book}", emma)
            .replace("{number}", "2")
            .replace("{path}", "QXVzdGVuIC0gRW1tYS5qc29u")
            .replace("{day}", "2023-11-14")
            .replace("{month}", "2023-11")
            .replace("{year}", "2023")
            .replace("{program}", "koreader")
            .replace("{day}", "2023-11-14")
            .replace("{month}", "2023-11")
            .replace("{year}", "2023")
    }
}

const fn page(reader: Reader, route: &'static str) -> Page {
    Page { reader, route, status: 200, is_html: true }
}

const fn download(reader: Reader, route: &'static str) -> Page {
    Page { reader, route, status: 200, is_html: false }
}

/// All pages, for the checks of every page: a new one is added here.
pub const PAGES: &[Page] = &[
    page(Reader::Nobody, "/login"),
    page(Reader::Nobody, "/register"),
    Page { reader: Reader::Nobody, route: "/nowhere", status: 404, is_html: true },
    page(Reader::Ada, "/"),
    page(Reader::Ada, "/day/{day}"),
    page(Reader::Ada, "/month/{month}"),
    page(Reader::Ada, "/year/{year}"),
    page(Reader::Ada, "/books"),
    page(Reader::Ada, "/books/{book}"),
    page(Reader::Ada, "/unnamed"),
    page(Reader::Ada, "/books/{book}/history"),
    page(Reader::Ada, "/books/{book}/join"),
    page(Reader::Ada, "/books/{book}/delete"),
    page(Reader::Ada, "/statistics/{book}"),
    page(Reader::Ada, "/highlights"),
    download(Reader::Ada, "/highlights/markdown"),
    download(Reader::Ada, "/highlights/json"),
    page(Reader::Ada, "/files"),
    download(Reader::Ada, "/files/download"),
    page(Reader::Ada, "/files/delete?path={path}"),
    page(Reader::Ada, "/devices"),
    page(Reader::Ada, "/account"),
    page(Reader::Ada, "/device-passwords"),
    page(Reader::Ada, "/setup"),
    page(Reader::Ada, "/setup/{program}"),
    page(Reader::Ada, "/setup/crosspoint"),
    page(Reader::Ada, "/activity"),
    Page { reader: Reader::Ada, route: "/accounts", status: 403, is_html: true },
    page(Reader::Admin, "/"),
    page(Reader::Admin, "/accounts"),
    page(Reader::Admin, "/accounts/{number}"),
    page(Reader::Admin, "/accounts/{number}/delete"),
    page(Reader::Admin, "/server"),
    #[cfg(feature = "import")]
    page(Reader::Admin, "/transfer"),
];

/// Returns the paths of all pages that `ada` can see, with the document `book`.
pub fn pages() -> Vec<String> {
    let of_book = ["", "/history", "/delete", "/join"].map(|page| format!("{}{page}", book_path("book")));
    let of_statistics = book_path("book").replace("/books/", "/statistics/");
    let downloads = ["/highlights/markdown", "/highlights/json", "/files/download"].map(str::to_owned);
    [
        "/",
        "/day/2024-01-01",
        "/month/2024-01",
        "/year/2024",
        "/books",
        "/unnamed",
        "/highlights",
        "/devices",
        "/files",
        "/account",
        "/device-passwords",
        "/setup",
        "/setup/koreader",
        "/activity",
        "/login",
        "/register",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(of_book)
    .chain([of_statistics])
    .chain(downloads)
    .collect()
}

/// Returns the paths of all forms, with valid fields.
pub fn forms() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let of_book = |page: &str| format!("{}/{page}", book_path("book"));
    let passwords = vec![("current", "password"), ("new", "test"), ("again", "test")];
    vec![
        ("/books".into(), vec![("search", "x")]),
        ("/unnamed".into(), vec![("name-Ym9vaw", "Mine")]),
        ("/highlights".into(), vec![("search", "x")]),
        ("/files/delete".into(), vec![("path", "eA")]),
        (of_book("rename"), vec![("name", "Mine")]),
        (of_book("put-back"), vec![("sequence", "1")]),
        (of_book("start-over"), vec![]),
        (of_book("shelf"), vec![("to", "aside")]),
        (of_book("not-finished"), vec![]),
        (of_book("hidden"), vec![("hidden", "yes")]),
        ("/devices/0/name".into(), vec![("name", "Kobo")]),
        ("/devices/0/forget".into(), vec![]),
        (of_book("join"), vec![("other", "b3RoZXI")]),
        (of_book("part"), vec![("other", "b3RoZXI")]),
        (of_book("delete"), vec![]),
        ("/accounts".into(), vec![("name", "new"), ("new", "password"), ("again", "password")]),
        ("/registration".into(), vec![("open", "no")]),
        ("/accounts/2/active".into(), vec![("active", "no")]),
        ("/accounts/2/password".into(), vec![("new", "test"), ("again", "test")]),
        ("/accounts/2/delete".into(), vec![]),
        ("/preferences".into(), vec![("day_end", "4")]),
        ("/current-position".into(), vec![("rule", "last")]),
        ("/goal".into(), vec![("goal", "12")]),
        ("/device-passwords".into(), vec![("name", "Kobo")]),
        ("/device-passwords/2/revoke".into(), vec![]),
        ("/setup/koreader".into(), vec![("name", "Kobo"), ("address", "http://192.168.1.20:7200")]),
        ("/setup/koreader/files".into(), vec![("name", "Kobo"), ("address", "http://192.168.1.20:7200")]),
        ("/password".into(), passwords),
        ("/delete-account".into(), vec![("password", "password")]),
        ("/theme".into(), vec![("theme", "dark")]),
        ("/switch-account".into(), vec![]),
        ("/logout".into(), vec![]),
    ]
}
