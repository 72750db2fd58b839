//! The dashboard by its bytes: sessions, forms of other sites, hostile text, other people's data, and what the protocol's clients
//! see of it, which is nothing.

use serde_json::json;

use crate::common::{Client, KEY, OTHER_KEY, Reply, Site, percent_encoded, position};

const ADMIN: &str = "the admin's password";

fn site() -> Site {
    let site = Site::with(|builder| builder.admin_password(ADMIN));
    for name in ["ada", "grace"] {
        site.registered(name, KEY);
    }
    site
}

/// A browser that is logged in, or not yet.
struct Visitor {
    client: Client,
    cookie: String,
}

impl Visitor {
    fn nobody(client: Client) -> Self {
        Self { client, cookie: String::new() }
    }

    #[track_caller]
    fn log_in(client: Client, name: &str, password: &str) -> Self {
        let nobody = Self::nobody(client);
        let reply = nobody.post("/login", &[("name", name), ("password", password)]);
        assert_eq!((reply.status, reply.header("location")), (303, Some("./")), "{reply:?}");
        Self { client, cookie: cookie(&reply).0 }
    }

    fn get(&self, path: &str) -> Reply {
        self.client.send("GET", path, &[("cookie", self.cookie.as_bytes()), ("accept", b"text/html")], None)
    }

    /// Sends a form as a browser does from one of our pages.
    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_from(path, fields, &[("origin", b"http://localhost")])
    }

    fn post_from(&self, path: &str, fields: &[(&str, &str)], from: &[(&str, &[u8])]) -> Reply {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let mut headers = vec![("cookie", self.cookie.as_bytes())];
        headers.extend_from_slice(from);
        self.client.send("POST", path, &headers, Some(&fields.join("&")))
    }

    fn is_logged_in(&self) -> bool {
        self.get("/").status == 200
    }
}

/// The cookie of an answer, and what the browser is told about it.
#[track_caller]
fn cookie(reply: &Reply) -> (String, String) {
    let line = reply.header("set-cookie").unwrap_or_else(|| panic!("{reply:?}"));
    let (cookie, attributes) = line.split_once("; ").unwrap();
    (cookie.to_owned(), attributes.to_owned())
}

/// The address of a document's page.
fn book(document: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::from("/books/");
    for chunk in document.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

/// Every page that shows something, for `ada` with the document `book`.
fn pages() -> Vec<String> {
    let of_book = ["", "/delete"].map(|page| format!("{}{page}", book("book")));
    ["/", "/books", "/devices", "/account", "/login"].map(str::to_owned).into_iter().chain(of_book).collect()
}

/// Every form, with fields that would do.
fn forms() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let of_book = |page: &str| format!("{}/{page}", book("book"));
    let passwords = vec![("current", "password"), ("new", "test"), ("again", "test")];
    vec![
        ("/books".into(), vec![("search", "x")]),
        (of_book("rename"), vec![("name", "Mine")]),
        (of_book("put-back"), vec![("sequence", "1")]),
        (of_book("delete"), vec![]),
        ("/accounts".into(), vec![("name", "new"), ("new", "password"), ("again", "password")]),
        ("/registration".into(), vec![("open", "no")]),
        ("/accounts/2/active".into(), vec![("active", "no")]),
        ("/accounts/2/password".into(), vec![("new", "test"), ("again", "test")]),
        ("/accounts/2/delete".into(), vec![]),
        ("/password".into(), passwords),
        ("/delete-account".into(), vec![("password", "password")]),
        ("/logout".into(), vec![]),
    ]
}

#[test]
fn a_session_is_kept_by_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let site = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    site.registered("ada", KEY);
    let login = |from: &[(&str, &[u8])]| {
        let fields = [("name", "ada"), ("password", "password")];
        cookie(&Visitor::nobody(site.client).post_from("/login", &fields, from))
    };
    let (token, attributes) = login(&[("origin", b"http://localhost")]);
    assert_eq!(attributes, "Max-Age=2592000; HttpOnly; SameSite=Strict");
    assert_eq!(token.strip_prefix("kosync=").unwrap().len(), 48, "36 bytes");
    let (other, attributes) = login(&[("origin", b"https://localhost"), ("x-forwarded-proto", b"https")]);
    assert_eq!(attributes, "Max-Age=2592000; HttpOnly; SameSite=Strict; Secure");
    assert_ne!(token, other);

    // One bit off is nobody's.
    let visitor = Visitor { client: site.client, cookie: token.clone() };
    assert!(visitor.is_logged_in());
    let forged = if token.ends_with('A') { "B" } else { "A" };
    assert!(!Visitor { client: site.client, cookie: format!("{}{forged}", &token[..token.len() - 1]) }.is_logged_in());
    for garbage in ["kosync=", "kosync=%", "kosync=AAAA", "x", "kosync"] {
        assert!(!Visitor { client: site.client, cookie: garbage.into() }.is_logged_in(), "{garbage}");
    }
    // A stale one of another server in front of it does no harm.
    assert!(Visitor { client: site.client, cookie: format!("a=b; kosync=stale; {token}") }.is_logged_in());

    let reply = visitor.post("/logout", &[]);
    assert_eq!(cookie(&reply), ("kosync=".into(), "Max-Age=0; HttpOnly; SameSite=Strict".into()));
    assert!(!visitor.is_logged_in());
    assert!(Visitor { client: site.client, cookie: other }.is_logged_in(), "the other browser stays");
}

/// Nobody but a trusted proxy says that the browser speaks TLS.
#[test]
fn a_stranger_s_word_on_tls_is_not_taken() {
    let site = site();
    let fields = [("name", "ada"), ("password", "password")];
    let from: [(&str, &[u8]); 2] = [("origin", b"http://localhost"), ("x-forwarded-proto", b"https")];
    let reply = Visitor::nobody(site.client).post_from("/login", &fields, &from);
    assert_eq!(cookie(&reply).1, "Max-Age=2592000; HttpOnly; SameSite=Strict");
}

#[test]
fn another_password_ends_all_other_sessions_whoever_sets_it() {
    let site = site();
    let change =
        |visitor: &Visitor, old, new| visitor.post("/password", &[("current", old), ("new", new), ("again", new)]);
    let (here, elsewhere) =
        (Visitor::log_in(site.client, "ada", "password"), Visitor::log_in(site.client, "ada", "password"));
    let reply = change(&here, "password", "test");
    assert_eq!(reply.header("location"), Some("./account?done=password"), "{reply:?}");
    assert!(!elsewhere.is_logged_in());
    let here = Visitor { client: site.client, cookie: cookie(&reply).0 };
    assert!(here.is_logged_in());

    // By a device, over the protocol.
    let body = json!({ "password": KEY }).to_string();
    assert_eq!(site.send_as("ada", OTHER_KEY, "PUT", "/users/password", Some(&body)).status, 200);
    assert!(!here.is_logged_in());
    // By an administrator.
    let here = Visitor::log_in(site.client, "ada", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN);
    assert_eq!(admin.post("/accounts/2/password", &[("new", "test"), ("again", "test")]).status, 303);
    assert!(!here.is_logged_in());
    // Switched off, and on again.
    let here = Visitor::log_in(site.client, "ada", "test");
    assert_eq!(admin.post("/accounts/2/active", &[("active", "no")]).status, 303);
    assert_eq!(admin.post("/accounts/2/active", &[("active", "yes")]).status, 303);
    assert!(!here.is_logged_in());
    // Deleted, and made anew with the same password.
    assert_eq!(admin.post("/accounts/2/delete", &[]).status, 303);
    site.registered("ada", OTHER_KEY);
    assert!(!here.is_logged_in());
}

#[test]
fn logging_in_is_refused_in_the_same_words_for_all_who_may_not() {
    let site = site();
    let nobody = Visitor::nobody(site.client);
    let attempt = |name: &str, password: &str| nobody.post("/login", &[("name", name), ("password", password)]);
    let refused = |reply: Reply| {
        assert_eq!((reply.status, reply.header("set-cookie")), (403, None), "{reply:?}");
        assert!(reply.body.contains("The name or the password is wrong."), "{reply:?}");
    };
    for (name, password) in [("ada", "wrong"), ("nobody", "password"), ("a:b", "x"), ("", ""), ("ada", "")] {
        refused(attempt(name, password));
    }
    // The key that devices send is no password: whoever sees one go by does not get in here with it.
    refused(attempt("ada", KEY));
    let reply = (0..40).map(|number| attempt("ada", &number.to_string())).find(|reply| reply.status != 403).unwrap();
    assert_eq!(reply.status, 429);
    assert!(reply.header("retry-after").is_some(), "{reply:?}");
    assert!(reply.body.contains("Too many failed logins. Try again in "), "{reply:?}");
}

#[test]
fn a_form_of_another_site_changes_nothing() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN);
    let elsewhere: [&[(&str, &[u8])]; 6] = [
        &[],
        &[("origin", b"null")],
        &[("origin", b"http://localhost.evil.example")],
        &[("origin", b"http://localhost:8080")],
        &[("referer", b"http://evil.example/http://localhost/")],
        &[("origin", b"http://localhost"), ("sec-fetch-site", b"cross-site")],
    ];
    for from in elsewhere {
        for visitor in [&ada, &admin] {
            for (path, fields) in forms() {
                let reply = visitor.post_from(&path, &fields, from);
                assert_eq!(reply.status, 403, "{path}: {reply:?}");
                assert!(reply.body.contains("Nothing was changed"), "{path}: {reply:?}");
            }
        }
        let fields = [("name", "ada"), ("password", "password")];
        assert_eq!(Visitor::nobody(site.client).post_from("/login", &fields, from).status, 403);
    }
    assert!(ada.is_logged_in() && admin.is_logged_in());
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    assert_eq!(site.server.store().users().unwrap().len(), 3);
    assert!(site.server.registration().unwrap());
}

#[test]
fn no_page_runs_or_loads_what_is_not_ours() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let more = ["/accounts", "/nowhere"].map(str::to_owned);
    for path in pages().into_iter().chain(more) {
        let reply = ada.get(&path);
        let policy = reply.header("content-security-policy").unwrap_or_else(|| panic!("{path}: {reply:?}"));
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert!(
            !reply.body.contains(" style=") && !reply.body.contains("<script>"),
            "{path} has a style or a script in it"
        );
        assert!(!reply.body.contains("href=\"/") && !reply.body.contains("action=\"/"), "{path} has an absolute link");
    }
    // What they load is there, and may be kept.
    let page = ada.get("/").body;
    for name in ["kosync.css", "kosync.js", "icon.svg"] {
        let start = page.find(&format!("assets/{name}?v=")).unwrap_or_else(|| panic!("{name}: {page}"));
        let address = format!("/{}", page[start..].split('"').next().unwrap());
        let reply = Visitor::nobody(site.client).get(&address);
        assert_eq!(reply.status, 200, "{address}");
        assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert!(reply.body.len() < 32 * 1024, "{name} is small");
    }
}

/// Titles, names, devices and positions come from outside. Whatever they are, they are text.
#[test]
fn hostile_text_is_dead_in_every_page() {
    const HOSTILE: [&str; 7] = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "\" onfocus=alert(1) autofocus x=\"",
        "' onfocus=alert(1) autofocus x='",
        "</title></textarea></svg><iframe srcdoc=x>",
        "&lt;b&gt;&#60;i&#62;<b>",
        "{{ 7*7 }}${7*7}<!-- \u{202e}\u{0}\u{1b}",
    ];
    let site = site();
    let harmless = ["bdi", "span", "time", "progress", "button", "path", "title", "td"];
    let tags = |body: &str| -> Vec<String> {
        let mut tags: Vec<String> = body
            .split('<')
            .skip(1)
            .map(|rest| {
                rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '!' && c != '/').next().unwrap().to_owned()
            })
            .filter(|tag| !harmless.contains(&tag.trim_start_matches('/')))
            .collect();
        tags.sort();
        tags
    };
    // The same pages with the same number of things, all of them tame.
    let mut seen = Vec::new();
    for text in ["tame"].into_iter().chain(HOSTILE) {
        let name = format!("ada {}", text.replace([':', '\0', '\u{1b}'], ""));
        site.registered(&name, KEY);
        let document = text.replace([':', '\0'], "");
        let metadata = json!({ "title": text, "authors": text, "filename": text });
        for progress in ["before", text] {
            let body = json!({
                "document": document, "progress": progress, "percentage": 0.5, "device": text, "device_id": text,
                "metadata": metadata,
            });
            site.pushed(&name, KEY, &body);
        }
        let visitor = Visitor::log_in(site.client, &name, "password");
        let pages = [
            "/".into(),
            "/books".into(),
            "/devices".into(),
            "/account".into(),
            book(&document),
            format!("{}/delete", book(&document)),
        ];
        let found =
            visitor.post("/books", &[("search", text)]).header("location").unwrap().trim_start_matches('.').to_owned();
        let renamed =
            visitor.post(&format!("{}/rename", book(&document)), &[("name", &document.replace('\u{1b}', ""))]);
        assert_eq!(renamed.status, 303, "{renamed:?}");
        let wrong = visitor.post("/login", &[("name", text), ("password", "x")]);
        let bodies: Vec<String> =
            pages.iter().chain([&found]).map(|page| visitor.get(page).body).chain([wrong.body]).collect();
        for (place, body) in bodies.iter().enumerate() {
            let of_tame = seen.get(place).cloned().unwrap_or_else(|| tags(body));
            if seen.len() == place {
                seen.push(tags(body));
            }
            assert_eq!(tags(body), of_tame, "{text}: {body}");
            assert!(!body.contains("\" onfocus") && !body.contains("' onfocus"), "{body}");
        }
        let body = json!({ "password": KEY }).to_string();
        assert_eq!(site.send_as(&name, KEY, "DELETE", "/users/me", Some(&body)).status, 200);
    }
}

/// A page or a form that is added must be in the lists above, which the tests of other sites and other people walk.
#[test]
fn the_lists_of_pages_and_forms_are_complete() {
    let source = include_str!("../../src/http/dashboard/mod.rs");
    let mut routes: Vec<String> = source
        .split(".push(self.page(")
        .skip(1)
        .map(|rest| format!("/{}", rest.split('"').nth(1).unwrap()))
        .map(|path| path.replace("/books/{book}", &book("book")).replace("{number}", "2"))
        .collect();
    let forms = forms().into_iter().map(|(path, _)| path);
    let of_administrators = ["/accounts/2".to_owned()];
    let mut walked: Vec<String> = pages().into_iter().chain(forms).chain(of_administrators).collect();
    for list in [&mut routes, &mut walked] {
        list.sort();
        list.dedup();
    }
    assert_eq!(walked, routes);
}

/// Ada's book, by everybody else, on every page and with every form.
#[test]
fn other_people_s_data_is_out_of_reach() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "first", 0.25));
    site.pushed("ada", KEY, &position("book", "second", 0.5));
    site.pushed("grace", KEY, &position("other", "p", 0.125));
    let before = site.server.store().users().unwrap();
    let grace = Visitor::log_in(site.client, "grace", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN);
    for visitor in [&grace, &admin] {
        for path in pages() {
            let reply = visitor.get(&path);
            let expected = match path.as_str() {
                "/login" => 303,
                book if book.starts_with("/books/") => 404,
                _ => 200,
            };
            assert_eq!(reply.status, expected, "{path}");
            assert!(!reply.body.contains("50 %") && !reply.body.contains("25 %"), "{path}: {}", reply.body);
        }
        for (path, fields) in forms().into_iter().filter(|(path, _)| path.starts_with("/books/")) {
            assert_eq!(visitor.post(&path, &fields).status, 404, "{path}");
        }
    }
    // A number of Ada's log is nobody else's, whichever book it is asked for. Grace's own is the third.
    for sequence in ["1", "2"] {
        let reply = grace.post(&format!("{}/put-back", book("other")), &[("sequence", sequence)]);
        assert_eq!(reply.status, 400, "{reply:?}");
    }
    assert_eq!(grace.post(&format!("{}/put-back", book("other")), &[("sequence", "3")]).status, 303);
    // What is the administrator's is nobody else's.
    for path in ["/accounts", "/accounts/2", "/accounts/2/delete"] {
        assert_eq!(grace.get(path).status, 403, "{path}");
        assert_eq!(admin.get(path).status, 200, "{path}");
    }
    for (path, fields) in
        forms().into_iter().filter(|(path, _)| path.starts_with("/accounts") || path == "/registration")
    {
        assert_eq!(grace.post(&path, &fields).status, 403, "{path}");
    }
    // And all of it is nobody's who is not logged in.
    let nobody = Visitor::nobody(site.client);
    for path in pages().into_iter().chain(["/accounts".into(), "/accounts/2".into()]).filter(|path| path != "/login") {
        let reply = nobody.get(&path);
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.header("location").unwrap().ends_with("/login") && reply.body.is_empty(), "{reply:?}");
    }
    for (path, fields) in forms() {
        assert_eq!(nobody.post(&path, &fields).status, 303, "{path}");
    }
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "second");
    let names = |users: &[kosync::User]| users.iter().map(|user| (user.name.clone(), user.active)).collect::<Vec<_>>();
    assert_eq!(names(&site.server.store().users().unwrap()), names(&before));
    assert_eq!(site.login("ada", KEY).status, 200);
    assert!(site.server.registration().unwrap());
}

/// The account that cannot be deleted or switched off cannot be here, either.
#[test]
fn admin_stays() {
    let site = site();
    let admin = Visitor::log_in(site.client, "admin", ADMIN);
    for (path, fields) in [
        ("/accounts/1/delete", vec![]),
        ("/accounts/1/active", vec![("active", "no")]),
        ("/accounts/1/password", vec![("new", "x"), ("again", "x")]),
        ("/delete-account", vec![("password", ADMIN)]),
    ] {
        let reply = admin.post(path, &fields);
        assert_eq!(reply.status, 400, "{path}: {reply:?}");
        assert!(reply.body.contains("account admin can"), "{path}: {reply:?}");
    }
    assert!(admin.is_logged_in());
    let account = admin.get("/account").body;
    assert!(account.contains("stands in the server’s configuration") && !account.contains("Delete my account"));
}

#[test]
fn clients_of_the_protocol_see_nothing_of_it() {
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
    // Whoever opens the address gets there, whatever they accept.
    for accept in [browser, b"*/*"] {
        assert_eq!(ask("/", accept).header("location"), Some("./login"));
    }
}

#[test]
fn switched_off_there_is_only_the_protocol() {
    let site = Site::with(|builder| builder.dashboard(false));
    site.registered("ada", KEY);
    for path in ["/", "/login", "/books", "/assets/kosync.css"] {
        let reply = site.send("GET", path, &[("accept", b"text/html")], None).shaped();
        assert_eq!(reply.status, 404, "{path}");
    }
    assert_eq!(site.send_as("ada", KEY, "GET", "/api/v1/documents", None).shaped().status, 200);
}

#[test]
fn requests_that_are_wrong_get_a_page_that_says_so() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let told = |reply: Reply, status, text: &str| {
        assert_eq!(reply.status, status, "{reply:?}");
        assert!(reply.body.contains(text) && reply.body.contains("Log out"), "{reply:?}");
    };
    let rename = format!("{}/rename", book("book"));
    told(ada.post(&rename, &[("name", &"x".repeat(1025))]), 400, "name is longer than 1024 bytes");
    told(ada.post(&rename, &[("name", &"x".repeat(70_000))]), 413, "larger than 65536 bytes");
    told(ada.post(&format!("{}/put-back", book("book")), &[("sequence", "x")]), 400, "no such position");
    told(ada.post(&format!("{}/put-back", book("book")), &[("sequence", "99")]), 400, "no longer in the history");
    told(ada.get("/books/!!!"), 404, "There is nothing here.");
    told(ada.get("/accounts/1"), 403, "for administrators");
    told(ada.get(&rename), 405, "cannot be asked for in this way");
    assert_eq!(ada.get("/logout").header("allow"), Some("POST"));
    assert_eq!(ada.post("/devices", &[]).header("allow"), Some("GET, HEAD"));
    told(ada.client.send("DELETE", "/books", &[("cookie", ada.cookie.as_bytes())], None), 405, "cannot be asked for");
    // A page that there is no more of is the last one.
    assert_eq!(ada.get("/books?page=99").status, 200);
    assert_eq!(ada.get("/books?page=-1&find=%FF&done=nonsense").status, 200);
    // A search has an end: what is beyond is not looked for.
    let many: Vec<String> = (0..2000).map(|number| format!("b{number}")).collect();
    let found = ada.post("/books", &[("search", &many.join(" "))]);
    assert_eq!(ada.get(found.header("location").unwrap().trim_start_matches('.')).status, 200);
    // HEAD is GET without the body.
    let head = ada.client.send("HEAD", "/books", &[("cookie", ada.cookie.as_bytes())], None);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

/// A long shelf and hundreds of devices come page by page.
#[test]
fn long_lists_come_in_pages() {
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
    assert_eq!(count("/books", "<li>\n<a href=\"./books/"), 50);
    assert_eq!(count("/books?page=7", "<li>\n<a href=\"./books/"), 30);
    assert!(ada.get("/books?page=2").body.contains("Page 2 of 7"));
    assert_eq!(count("/devices", "<h2 class=\"device\">"), 100);
    assert_eq!(count("/devices?page=4", "<h2 class=\"device\">"), 30);
    let found =
        ada.post("/books", &[("search", "BOOK 32")]).header("location").unwrap().trim_start_matches('.').to_owned();
    // 032, 132, 232 and 320 to 329.
    assert_eq!(count(&found, "<li>\n<a href=\"./books/"), 13);
}

/// The address that is shown is the one that devices need: with the prefix and the name that the proxy tells.
#[test]
fn the_address_to_type_into_koreader() {
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
