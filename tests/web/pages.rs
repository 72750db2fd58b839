//! Tests answers to protocol clients and invalid requests, long lists, and the address for KOReader.

use crate::common::{KEY, Reply, Site, position};
use crate::visitor::{Visitor, book_path, site};

#[test]
fn clients_of_the_protocol_never_get_a_page() {
    let site = site();
    let ask = |path: &str, accept: &[u8]| site.send("GET", path, &[("accept", accept)], None);
    let browser: &[u8] = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for accept in [browser, b"application/vnd.koreader.v1+json", b"*/*"] {
        ask("/users/auth", accept).unauthorized();
        ask("/syncs/progress/x", accept).unauthorized();
        ask("/manage/users", accept).unauthorized();
        ask("/api/v1/documents", accept).unauthorized();
        assert_eq!(ask("/healthcheck", accept).shaped().status, 200);
        assert_eq!(ask("/users/create", accept).shaped().status, 405);
    }
    assert_eq!(ask("/nowhere", b"application/vnd.koreader.v1+json").shaped().status, 404);
    assert_eq!(ask("/nowhere/at/all", b"*/*").shaped().status, 404);
    for path in ["/syncs/progress/a/b", "/users/nothing", "//syncs/x", "/api/v2", "/manage"] {
        assert_eq!(ask(path, browser).shaped().status, 404, "{path}");
    }
    let page = ask("/nowhere/at/all", browser);
    assert_eq!((page.status, page.header("content-type")), (404, Some("text/html; charset=utf-8")));
    assert!(page.body.contains("href=\"../../\""), "{}", page.body);
    // The root leads to the dashboard whatever `Accept` says.
    for accept in [browser, b"*/*"] {
        assert_eq!(ask("/", accept).header("location"), Some("./login"));
    }
}

#[test]
fn without_the_dashboard_there_is_only_the_protocol() {
    let site = Site::with(|builder| builder.dashboard(false));
    site.registered("ada", KEY);
    for path in ["/", "/login", "/books", "/assets/kosync.css"] {
        let reply = site.send("GET", path, &[("accept", b"text/html")], None).shaped();
        assert_eq!(reply.status, 404, "{path}");
    }
    assert_eq!(site.send_as("ada", KEY, "GET", "/api/v1/documents", None).shaped().status, 200);
}

#[test]
fn invalid_requests_get_a_page_that_says_why() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let refused = |reply: Reply, status, text: &str| {
        assert_eq!(reply.status, status, "{reply:?}");
        assert!(reply.body.contains(text) && reply.body.contains("Log out"), "{reply:?}");
    };
    let rename = format!("{}/rename", book_path("book"));
    refused(ada.post(&rename, &[("name", &"x".repeat(1025))]), 400, "it is longer than 1,024 bytes");
    refused(ada.post(&rename, &[("name", &"x".repeat(70_000))]), 413, "larger than 65,536 bytes");
    refused(ada.post(&format!("{}/put-back", book_path("book")), &[("sequence", "x")]), 400, "no such position");
    refused(
        ada.post(&format!("{}/put-back", book_path("book")), &[("sequence", "99")]),
        400,
        "no longer in the history",
    );
    refused(ada.get("/books/!!!"), 404, "There is no page at this address.");
    refused(ada.get("/accounts/1"), 403, "an administrator’s account");
    refused(
        ada.client.send("PUT", &rename, &[("cookie", ada.cookie.as_bytes())], None),
        405,
        "answers GET, HEAD, POST",
    );
    assert_eq!(ada.post("/devices", &[]).header("allow"), Some("GET, HEAD"));
    refused(
        ada.client.send("DELETE", "/books", &[("cookie", ada.cookie.as_bytes())], None),
        405,
        "answers GET, HEAD, POST requests only",
    );
    // A page number beyond the last page selects the last one.
    assert_eq!(ada.get("/books?page=99").status, 200);
    assert_eq!(ada.get("/books?page=-1&find=%FF&done=nonsense").status, 200);
    // A long search is cut.
    let many: Vec<String> = (0..2000).map(|number| format!("b{number}")).collect();
    let found = ada.post("/books", &[("search", &many.join(" "))]);
    assert_eq!(ada.get(found.header("location").unwrap().trim_start_matches('.')).status, 200);
    // HEAD answers like GET, without the body.
    let head = ada.client.send("HEAD", "/books", &[("cookie", ada.cookie.as_bytes())], None);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn long_lists_are_split_into_pages() {
    let site = site();
    let store = site.server.store();
    let ada = store.user(&kosync::Username::new("ada").unwrap()).unwrap().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let pushes: Vec<_> = (0..330)
            .map(|number| {
                let (store, ada) = (store.clone(), ada.clone());
                let document = kosync::Document::new(&format!("book {number:03}")).unwrap();
                let device = format!("Device {number:03}");
                let progress = kosync::Progress::new("p".into(), 0.5, device, None).unwrap();
                tokio::spawn(async move { store.push(ada, document, progress, None).await.unwrap() })
            })
            .collect();
        for push in pushes {
            push.await.unwrap();
        }
    });
    let ada = Visitor::log_in(site.client, "ada", "password");
    let count = |path: &str, text: &str| ada.get(path).body.matches(text).count();
    assert_eq!(count("/books", "<li>\n<span class=\"cover"), 30);
    assert_eq!(count("/books?page=11", "<li>\n<span class=\"cover"), 30);
    assert!(ada.get("/books?page=2").body.contains("Page 2 of 11"));
    assert_eq!(count("/devices", "<h2 class=\"device\">"), 15);
    assert_eq!(count("/devices?page=22", "<h2 class=\"device\">"), 15);
    let found =
        ada.post("/books", &[("search", "BOOK 32")]).header("location").unwrap().trim_start_matches('.').to_owned();
    // 032, 132, 232, and 320 to 329.
    assert_eq!(count(&found, "<li>\n<span class=\"cover"), 13);
}

#[test]
fn the_address_for_koreader_has_the_proxy_s_host_and_prefix() {
    let site = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    let shown = |headers: &[(&str, &[u8])]| {
        let body = site.send("GET", "/login", headers, None).body;
        body.split("data-base=\"./\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    assert_eq!(shown(&[]), "http://localhost");
    let proxied: [(&str, &[u8]); 3] =
        [("x-forwarded-proto", b"https"), ("x-forwarded-host", b"books.example"), ("x-forwarded-prefix", b"/sync/")];
    assert_eq!(shown(&proxied), "https://books.example/sync");
    let hostile = shown(&[("x-forwarded-host", b"\"><script>")]);
    assert_eq!(hostile, "http://&#34;&#62;&#60;script&#62;");
}

/// Attack 1 of the issue on abuse, on the pages: whatever was pushed, a page stays below 1 MiB.
#[test]
fn no_page_is_larger_than_a_mebibyte() {
    let site = site();
    let store = site.server.store();
    let ada = store.user(&kosync::Username::new("ada").unwrap()).unwrap().unwrap();
    let long = |number: usize, length: usize| format!("{number:04}{}", "<".repeat(length - 4));
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut pushes: Vec<tokio::task::JoinHandle<_>> = Vec::new();
        for number in 0..1099_usize {
            // A long history, then many books.
            let (store, ada, book) = (store.clone(), ada.clone(), number.saturating_sub(599));
            let metadata = kosync::Metadata::new(None, Some(long(book, 1024)), Some(long(book, 1024)));
            let device = long(number % 300, 512);
            let progress = kosync::Progress::new(long(number, 8192), 0.5, device.clone(), Some(device)).unwrap();
            let document = kosync::Document::new(&long(book, 255)).unwrap();
            pushes
                .push(tokio::spawn(async move { store.push(ada, document, progress, Some(metadata)).await.unwrap() }));
            // Fewer than the write queue holds.
            if pushes.len() == 500 {
                for push in pushes.drain(..) {
                    push.await.unwrap();
                }
            }
        }
        for push in pushes {
            push.await.unwrap();
        }
    });
    let ada = Visitor::log_in(site.client, "ada", "password");
    let books = ada.get("/books?page=11").body;
    let book = books.split("href=\"./books/").nth(1).unwrap().split('"').next().unwrap();
    for path in ["/", "/books", "/devices", &format!("/books/{book}"), "/account"] {
        let reply = ada.get(path);
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.body.len() < 1 << 20, "{path}: {} bytes", reply.body.len());
    }
}

#[test]
fn the_account_s_page_says_what_is_used_of_its_limits() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let before = ada.get("/account").body;
    assert!(before.contains("books of at most 10,000.") && before.contains("0 bytes of 64\u{a0}MiB"), "{before}");
    push_large(&site);
    let after = ada.get("/account").body;
    assert!(after.contains("\u{a0}KiB of 64\u{a0}MiB"), "{after}");
}

/// Stores five positions of which the log has copies: each takes six pages of 4 KiB.
fn push_large(site: &Site) {
    let long = "\u{1}".repeat(8 << 10);
    for number in 0..5 {
        site.pushed("ada", KEY, &position(&format!("large {number}"), &long, 0.5));
    }
}
