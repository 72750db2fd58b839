//! Where a login leads, and what the query of an address can do: nothing but choose a page and what it lists.

use kosync::salvo::Router;

use crate::common::reading::EMMA;
use crate::common::{Client, KEY, Site, percent_encoded, position, serve};
use crate::visitor::{ADMIN_PASSWORD, PAGES, Page, Reader, Visitor, book_path, cookie, site};

const LOGIN: [(&str, &str); 2] = [("name", "ada"), ("password", "password")];

fn encoded(address: &str) -> String {
    book_path(address)["/books/".len()..].to_owned()
}

/// Chromium stays on the login page when its answer is a file to save.
#[test]
fn a_login_that_was_wanted_for_a_file_leads_to_the_page_that_links_to_it() {
    let site = site();
    let anonymous = Visitor::anonymous(site.client);
    let path = encoded("notes.txt");
    for (file, page) in [
        ("/highlights/markdown".to_owned(), "./highlights".to_owned()),
        ("/highlights/json?book=RW1tYQ&find=YQ".into(), "./highlights?book=RW1tYQ&find=YQ".into()),
        (format!("/files/download?path={path}"), format!("./files?path={path}")),
        ("/year/2023.svg".into(), "./year/2023".into()),
    ] {
        let sent = anonymous.get(&file);
        let next = sent.header("location").unwrap().split_once("next=").unwrap_or_else(|| panic!("{sent:?}")).1;
        let reply = anonymous.post("/login", &[LOGIN[0], LOGIN[1], ("next", next)]);
        assert_eq!((reply.status, reply.header("location")), (303, Some(page.as_str())), "{file}");
        // The same for an address that names the file itself.
        let forged = encoded(file.trim_start_matches('/'));
        let reply = anonymous.post("/login", &[LOGIN[0], LOGIN[1], ("next", &forged)]);
        assert_eq!(reply.header("location"), Some(page.as_str()), "{file}");
    }
    // No link of a page saves what it leads to under another name, as the login page would be.
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    for page in PAGES.iter().filter(|page| page.is_html && page.reader != Reader::Nobody) {
        assert!(!admin.get(&page.path()).body.contains(" download"), "{}", page.route);
    }
}

#[cfg(feature = "import")]
#[test]
fn a_login_that_was_wanted_for_an_export_leads_to_the_page_of_exports() {
    let site = site();
    let anonymous = Visitor::anonymous(site.client);
    for file in ["/transfer/export", "/transfer/backup"] {
        let sent = anonymous.get(file);
        let next = sent.header("location").unwrap().split_once("next=").unwrap().1.to_owned();
        let fields = [("name", "admin"), ("password", ADMIN_PASSWORD), ("next", next.as_str())];
        assert_eq!(anonymous.post("/login", &fields).header("location"), Some("./transfer"), "{file}");
    }
}

#[test]
fn the_page_of_files_shows_the_page_that_has_the_wanted_file() {
    let site = site();
    let basic: [(&str, &[u8]); 1] = [("authorization", b"Basic YWRhOnBhc3N3b3Jk")];
    for number in 10..70 {
        let reply = site.send("PUT", &format!("/webdav/note-{number}.txt"), &basic, Some("x"));
        assert_eq!(reply.status, 201, "{reply:?}");
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    let last = ada.get(&format!("/files?path={}", encoded("note-69.txt"))).body;
    assert!(last.contains("note-69.txt") && last.contains("Page 3 of 3"), "{last}");
    for path in ["/files", "/files?path=!", &format!("/files?path={}", encoded("gone.txt"))] {
        assert!(ada.get(path).body.contains("Page 1 of 3"), "{path}");
    }
}

#[test]
fn a_refused_account_does_not_lose_where_the_way_was_to_lead() {
    let site = site();
    let next = encoded("books?sort=title");
    let fields = [("name", "a:b"), ("new", "x"), ("again", "x"), ("next", next.as_str())];
    let refused = Visitor::anonymous(site.client).post("/register", &fields);
    assert!(refused.body.contains(&format!("name=\"next\" value=\"{next}\"")), "{refused:?}");
}

/// Where nobody has set an administrator's password, there is no account of that name yet.
#[test]
fn nobody_makes_the_administrator_s_account_in_the_browser() {
    let site = Site::start();
    let visitor = Visitor::anonymous(site.client);
    for name in ["admin", "ADMIN", "Admin"] {
        let refused = visitor.post("/register", &[("name", name), ("new", "password"), ("again", "password")]);
        assert_eq!((refused.status, refused.header("set-cookie")), (400, None), "{name}: {refused:?}");
        assert!(refused.body.contains("<a href=\"#name\">"), "{name}: {refused:?}");
        site.login(name, KEY).unauthorized();
    }
}

/// There is nothing to send again where nothing was typed: the page with the form also says what it is about.
#[test]
fn a_login_after_a_form_without_a_text_leads_to_its_page() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let anonymous = Visitor::anonymous(site.client);
    let book = book_path("book");
    for (path, fields, page) in [
        (format!("{book}/start-over"), vec![], format!(".{book}")),
        (format!("{book}/shelf"), vec![("to", "aside")], format!(".{book}")),
        ("/password".into(), vec![("current", "a"), ("new", "b"), ("again", "b")], "./account".into()),
        ("/files/delete".into(), vec![("path", "eA")], "./files/delete".into()),
    ] {
        let ended = anonymous.post(&path, &fields);
        assert_eq!(ended.status, 403, "{path}: {ended:?}");
        assert!(
            ended.body.contains("Your session has ended, so nothing was saved. Log in and do it again."),
            "{ended:?}"
        );
        assert!(!ended.body.contains("name=\"fields\""), "{ended:?}");
        let next = ended.body.split("name=\"next\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let reply = anonymous.post("/login", &[LOGIN[0], LOGIN[1], ("next", next)]);
        assert_eq!((reply.status, reply.header("location")), (303, Some(page.as_str())), "{path}");
    }
    assert!(site.pulled("ada", KEY, "book")["progress"] == "p", "nothing was done");
}

/// Under a path, and behind a proxy that tells another one: the address is relative to the page, or the overview.
#[test]
fn under_a_path_a_login_leads_to_our_own_pages_alone() {
    let site = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    site.registered("ada", KEY);
    let both = Router::with_path("home/kosync").push(site.server.router()).push(site.server.dashboard());
    let mounted = serve(Router::new().push(both));
    let body = |next: &str| format!("name=ada&password=password&next={}", percent_encoded(next));
    for (client, path) in [(site.client, "/login"), (Client { address: mounted.address }, "/home/kosync/login")] {
        let log_in = |next: &str| {
            let headers: [(&str, &[u8]); 3] = [
                ("origin", b"http://localhost"),
                ("x-forwarded-prefix", b"/sync"),
                ("x-ingress-path", b"/api/hassio_ingress/x"),
            ];
            let reply = client.send("POST", path, &headers, Some(&body(next)));
            assert_eq!(reply.status, 303, "{next}: {reply:?}");
            reply.header("location").unwrap().to_owned()
        };
        assert_eq!(log_in(&encoded("books?page=2")), "./books?page=2");
        for hostile in [
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "%2f%2fevil.example",
            "%5cevil.example",
            "/%09/evil.example",
            "\t//evil.example",
            "\u{0}books",
            "books\u{0}",
            "books\n//evil.example",
            "http://localhost/books",
            "http:books",
            "http:///evil.example",
            "//localhost/books",
            "sync/books",
            "/sync/books",
            "home/kosync/books",
            "/home/kosync/books",
            "/api/hassio_ingress/x/books",
            ".//evil.example",
            "books/..//evil.example",
            "@evil.example",
            "books@evil.example",
            "books#@evil.example",
            "ﬀ",
            "books\u{ff0f}evil",
        ] {
            for next in [hostile.to_owned(), encoded(hostile), encoded(&encoded(hostile))] {
                assert_eq!(log_in(&next), "./", "{hostile}");
            }
        }
    }
}

/// Whatever a query asks for, the page is there, with a page number that exists.
#[test]
fn a_list_has_an_answer_to_every_query() {
    let site = site();
    for number in 0..60 {
        site.pushed("ada", KEY, &position(&format!("book {number}"), "p", 0.5));
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    let book = book_path("book 1");
    let device = "0".repeat(32);
    for (visitor, page) in [
        (&ada, "/books"),
        (&ada, "/unnamed"),
        (&ada, "/devices"),
        (&ada, "/highlights"),
        (&ada, "/files"),
        (&ada, &*format!("{book}/history")),
        (&ada, &*format!("{book}/join")),
        (&admin, "/accounts"),
    ] {
        for query in [
            "page=0",
            "page=-1",
            "page=2",
            "page=99",
            "page=18446744073709551615",
            "page=99999999999999999999",
            "page=1e3",
            "page=%FF",
            "page=&page=2",
            "page",
            "sort=nonsense",
            "sort=%00",
            "shelf=finished&sort=finished",
            "shelf=nowhere",
            "device=nonsense",
            &format!("device={device}&unnamed=yes&sort=progress&page=7"),
            "find=!!!",
            "find=_w",
            "find=",
            "book=!!!&find=%C3",
            "&&==&=",
        ] {
            let reply = visitor.get(&format!("{page}?{query}"));
            assert_eq!(reply.status, 200, "{page}?{query}: {reply:?}");
            if let Some(paging) = reply.body.split("<nav class=\"paging\"").nth(1) {
                let words: Vec<&str> = paging.split("Page ").nth(1).unwrap().split(['<', ' ']).collect();
                let [number, _, count] = words[..3] else { panic!("{paging}") };
                let (number, count): (usize, usize) = (number.parse().unwrap(), count.parse().unwrap());
                assert!((1..=count).contains(&number), "{page}?{query}: {number} of {count}");
            }
        }
    }
}

/// Another site can link to a page with any query. Only what is searched for is shown, as such.
#[test]
fn no_query_puts_words_on_a_page() {
    let site = site();
    site.pushed("ada", KEY, &position(EMMA, "p", 0.5));
    let word = "youhavebeenhacked";
    let value = encoded(word);
    let names = [
        "done", "notice", "error", "errors", "message", "text", "next", "name", "form", "fields", "page", "sort",
        "shelf", "device", "unnamed", "path", "account", "choose", "typed", "saved", "book", "status", "label", "q",
        "search",
    ];
    let query: Vec<String> =
        names.iter().flat_map(|name| [format!("{name}={word}"), format!("{name}={value}")]).collect();
    for reader in [Reader::Nobody, Reader::Ada, Reader::Admin] {
        let visitor = match reader {
            Reader::Nobody => Visitor::anonymous(site.client),
            Reader::Ada => Visitor::log_in(site.client, "ada", "password"),
            Reader::Admin => Visitor::log_in(site.client, "admin", ADMIN_PASSWORD),
        };
        let has_path = |page: &&Page| page.is_html && page.reader == reader && !page.route.contains('?');
        for page in PAGES.iter().filter(has_path) {
            // One by one, and all of them: a form takes the first of a name.
            for query in query.iter().cloned().chain([query.join("&")]) {
                let reply = visitor.get(&format!("{}?{query}", page.path()));
                let shown = reply.body.replace(&format!("name=\"next\" value=\"{value}\""), "");
                assert!(!shown.contains(word) && !shown.contains("role=\"status\""), "{}?{query}: {shown}", page.route);
            }
        }
    }
}

/// Every page finds its stylesheet, script, icons and manifest, wherever the pages are.
#[test]
fn what_a_page_needs_is_found_under_any_path() {
    let site = site();
    site.pushed("ada", KEY, &position(EMMA, "p", 0.5));
    let both = Router::with_path("home/kosync").push(site.server.router()).push(site.server.dashboard());
    let mounted = serve(Router::new().push(both));
    for (client, root) in [(site.client, ""), (Client { address: mounted.address }, "/home/kosync")] {
        let login = format!("{root}/login");
        let reply = client.send("POST", &login, &[("origin", b"http://localhost")], Some("name=ada&password=password"));
        let ada = Visitor { client, cookie: cookie(&reply).0 };
        for page in
            ["/login", "/", "/books", &book_path(EMMA), &format!("{}/history", book_path(EMMA)), "/nowhere/at/all"]
        {
            let page = format!("{root}{page}");
            let visitor = if page.ends_with("/login") { &Visitor::anonymous(client) } else { &ada };
            let body = visitor.get(&page).body;
            let head = body.split("</head>").next().unwrap();
            let assets: Vec<&str> = head.split('"').filter(|text| text.contains("assets/")).collect();
            assert!(assets.len() == 5 || root.is_empty() || page.contains("nowhere"), "{page}: {head}");
            for asset in assets {
                let mut path: Vec<&str> = page.split('/').collect();
                path.pop();
                for part in asset.split('/') {
                    match part {
                        "." => {}
                        ".." => drop(path.pop()),
                        part => path.push(part),
                    }
                }
                let head = client.send("HEAD", &path.join("/"), &[], None);
                assert_eq!(head.status, 200, "{asset} of {page}");
            }
        }
    }
}

#[test]
fn a_search_is_trimmed_and_cut_and_kept_by_the_links_to_other_pages() {
    let site = site();
    for number in 0..60 {
        site.pushed("ada", KEY, &position(&format!("book {number}"), "p", 0.5));
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    let search = |words: &str, more: &[(&str, &str)]| {
        let reply = ada.post("/books", &[&[("search", words)], more].concat());
        assert_eq!(reply.status, 303, "{reply:?}");
        reply.header("location").unwrap().trim_start_matches('.').to_owned()
    };
    assert_eq!(search(" \t ", &[]), "/books", "blanks are no search");
    assert_eq!(search("  book ", &[]), format!("/books?find={}", encoded("book")));
    // 200 letters of two bytes, in letters that have four thirds as many.
    let long = search(&"é".repeat(5000), &[]);
    assert_eq!(long.len(), "/books?find=".len() + 534, "{long}");
    // An address that another made fills the field with as much, and no sentence.
    let misleading = "Your account is closed. Call us. ".repeat(100);
    for path in ["/books".to_owned(), format!("{}/join", book_path("book 1"))] {
        let page = ada.get(&format!("{path}?find={}", encoded(&misleading))).body;
        let shown = &misleading[..200];
        assert_eq!(page.matches("Your account").count(), shown.matches("Your account").count(), "{page}");
        assert!(page.contains(&format!("value=\"{shown}\"")), "{page}");
    }
    let found = search("book", &[("sort", "title"), ("unnamed", "yes")]);
    let page = ada.get(&found).body;
    let next = page.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let query = found.trim_start_matches("/books?").replace('&', "&#38;");
    assert_eq!(next, format!("?page=2&{query}").replace("&find", "&#38;find"), "{page}");
    let second = ada.get(&format!("/books{}", next.replace("&#38;", "&"))).body;
    assert!(second.contains("60 books found") && second.contains("Page 2 of 2"), "{second}");
}
