//! Behind Home Assistant's ingress: who is answered, who is believed, and the dashboard in the sidebar.

use std::net::SocketAddr;

use kosync::salvo::http::HeaderName;
use kosync::salvo::{self, Router};
use kosync::{Builder, Listener};

use crate::browser::{Browser, Scripts};
use crate::common::{Client, KEY, Mounted, Reply, Site, percent_encoded, position, serve};

/// A server with a listener for the ingress, which takes this machine for the Supervisor.
struct House {
    site: Site,
    ingress: Client,
    _runtime: tokio::runtime::Runtime,
}

impl House {
    fn new() -> Self {
        Self::with(|builder| builder.ingress_peer("127.0.0.1".parse().unwrap()))
    }

    fn with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let site = Site::with(settings);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let ingress = Client { address: listener.local_addr().unwrap() };
        let server = site.server.clone();
        runtime
            .spawn(async move { server.serve_ingress([Listener::from(listener)], std::future::pending::<()>()).await });
        Self { site, ingress, _runtime: runtime }
    }

    /// What somebody of Home Assistant gets.
    fn get(&self, who: &str, path: &str) -> Reply {
        self.ingress.send("GET", path, &[("x-remote-user-id", who.as_bytes()), ("accept", b"text/html")], None)
    }

    fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let headers: [(&str, &[u8]); 2] = [("x-remote-user-id", who.as_bytes()), ("origin", b"http://localhost")];
        self.ingress.send("POST", path, &headers, Some(&fields.join("&")))
    }

    #[track_caller]
    fn sees(&self, who: &str, account: &str) {
        let reply = self.get(who, "/");
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.body.contains(&format!("<bdi>{account}</bdi>")), "{reply:?}");
    }

    #[track_caller]
    fn has_to_choose(&self, who: &str) {
        let reply = self.get(who, "/");
        assert_eq!((reply.status, reply.header("location")), (303, Some("./login")), "{reply:?}");
    }
}

fn leads(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{reply:?}");
}

#[test]
fn nobody_but_the_supervisor_is_answered() {
    let house = House::with(|builder| builder);
    house.site.registered("ada", KEY);
    for path in ["/", "/login", "/accounts", "/assets/kosync.css", "/nothing"] {
        let reply = house.get("ada", path);
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (403, "This is for Home Assistant's ingress alone.\n"),
            "{path}"
        );
    }
    assert_eq!(house.post("ada", "/login", &[("account", "2")]).status, 403);
    let forged: [(&str, &[u8]); 2] = [("x-forwarded-for", b"172.30.32.2"), ("x-remote-user-id", b"ada")];
    assert_eq!(house.ingress.send("GET", "/", &forged, None).status, 403);
}

#[test]
fn the_public_port_believes_no_word_about_home_assistant() {
    let house = House::new();
    house.site.registered("ada", KEY);
    leads(&house.post("a1", "/login", &[("account", "2")]), "./");
    house.sees("a1", "ada");
    let forged: [(&str, &[u8]); 4] = [
        ("x-remote-user-id", b"a1"),
        ("x-remote-user-name", b"ada"),
        ("x-ingress-path", b"/api/hassio_ingress/x"),
        ("accept", b"text/html"),
    ];
    leads(&house.site.send("GET", "/", &forged, None), "./login");
    leads(&house.site.send("GET", "/accounts", &forged, None), "./login");
    house.site.send("GET", "/syncs/progress/book", &forged, None).unauthorized();
}

/// The protocol's clients come by the published port; what is for them is nowhere else.
#[test]
fn the_ingress_has_the_pages_and_nothing_else() {
    let house = House::new();
    house.site.registered("ada", KEY);
    for path in
        ["/syncs/progress/book", "/users/auth", "/healthcheck", "/manage/users", "/api/v1/documents", "/metrics"]
    {
        assert_eq!(house.ingress.send_as("ada", KEY, "GET", path, None).status, 404, "{path}");
    }
}

#[test]
fn each_of_home_assistant_s_users_chooses_once() {
    let house = House::new();
    house.site.registered("ada", KEY);
    house.site.registered("grace", KEY);
    house.site.pushed("ada", KEY, &position("book", "p", 0.5));
    house.has_to_choose("a1");
    let headers: [(&str, &[u8]); 2] =
        [("x-remote-user-id", b"a1"), ("x-remote-user-display-name", "Frau Müller <b>".as_bytes())];
    let choice = house.ingress.send("GET", "/login", &headers, None);
    for part in
        ["Frau Müller &#60;b&#62;", "<bdi>admin</bdi>", "<bdi>ada</bdi></button> <span class=\"quiet\">1 book</span>"]
    {
        assert!(choice.body.contains(part), "{part}: {choice:?}");
    }

    leads(&house.post("a1", "/login", &[("account", "2")]), "./");
    leads(&house.post("b2", "/login", &[("account", "3")]), "./");
    house.sees("a1", "ada");
    house.sees("b2", "grace");
    leads(&house.get("a1", "/login"), "./");

    // Another one.
    leads(&house.post("a1", "/logout", &[]), "./login");
    house.has_to_choose("a1");
    let made = [("name", "new"), ("new", "password"), ("again", "password")];
    leads(&house.post("a1", "/login", &made), "./");
    house.sees("a1", "new");
    assert_eq!(house.site.login("new", KEY).status, 200);

    // One that is switched off, or deleted and made anew, is nobody's any more.
    leads(&house.post("b2", "/accounts/4/active", &[("active", "no")]), "../../accounts/4?done=switched-off");
    house.has_to_choose("a1");
    assert!(!house.get("a1", "/login").body.contains("<bdi>new</bdi>"));
    assert_eq!(house.post("a1", "/login", &[("account", "4")]).header("location"), Some("./login"));
    leads(&house.post("a1", "/accounts/3/delete", &[]), "../../login");
    leads(&house.post("b2", "/accounts/3/delete", &[]), "../../accounts?done=account-deleted");
    house.site.registered("grace", KEY);
    house.has_to_choose("b2");
}

#[test]
fn a_wrong_choice_is_told() {
    let house = House::new();
    house.site.registered("ada", KEY);
    for (fields, said) in [
        (vec![("account", "9")], "There is no such account any more."),
        (vec![("account", "x")], "There is no such account any more."),
        (vec![("name", "ada"), ("new", "x"), ("again", "x")], "There is an account of that name."),
        (vec![("name", "a:b"), ("new", "x"), ("again", "x")], "username may not contain a colon"),
        (vec![("name", "new"), ("new", "x"), ("again", "y")], "was not typed the same twice"),
    ] {
        let reply = house.post("a1", "/login", &fields);
        assert_eq!(reply.status, 400, "{fields:?}");
        assert!(reply.body.contains(said), "{fields:?}: {reply:?}");
    }
    house.has_to_choose("a1");
    // Without a name, and with one that cannot be.
    for headers in [vec![], vec![("x-remote-user-id", &b""[..])], vec![("x-remote-user-id", &[b'x'; 256][..])]] {
        let reply = house.ingress.send("GET", "/", &headers, None);
        assert_eq!(reply.status, 403, "{headers:?}");
        assert!(reply.body.contains("Home Assistant did not say who you are."), "{reply:?}");
    }
    // A form of another site.
    let reply = house.ingress.send(
        "POST",
        "/login",
        &[("x-remote-user-id", b"a1"), ("origin", b"https://evil")],
        Some("account=2"),
    );
    assert_eq!(reply.status, 403);
    house.has_to_choose("a1");
}

/// Home Assistant shows the app to its administrators: they manage all accounts, whosever reading they see.
#[test]
fn whoever_comes_this_way_manages_all_accounts() {
    let house = House::new();
    house.site.registered("ada", KEY);
    house.site.registered("grace", KEY);
    leads(&house.post("a1", "/login", &[("account", "2")]), "./");
    assert!(house.get("a1", "/accounts").body.contains("<bdi>grace</bdi>"));
    leads(&house.post("a1", "/registration", &[("open", "no")]), "./accounts?done=closed");
    assert_eq!(house.site.register("eve", KEY).status, 402);
    leads(
        &house.post("a1", "/accounts/3/password", &[("new", "test"), ("again", "test")]),
        "../../accounts/3?done=password-set",
    );
    house.site.login("grace", KEY).unauthorized();
    // But for that of `admin`, as everywhere.
    let refused = house.post("a1", "/accounts/1/password", &[("new", "test"), ("again", "test")]);
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("only its owner changes its password"), "{refused:?}");
    house.site.login("admin", "098f6bcd4621d373cade4e832627b4f6").unauthorized();
    // The own password still takes the one before it, and sets no cookie.
    let fields = [("current", "wrong"), ("new", "test"), ("again", "test")];
    assert_eq!(house.post("a1", "/password", &fields).status, 403);
    let reply = house.post("a1", "/password", &[("current", "password"), ("new", "test"), ("again", "test")]);
    leads(&reply, "./account?done=password");
    assert_eq!(reply.header("set-cookie"), None);
    house.sees("a1", "ada");
}

#[test]
fn nothing_breaks_home_assistant_s_frame() {
    let house = House::new();
    house.site.registered("ada", KEY);
    leads(&house.post("a1", "/login", &[("account", "2")]), "./");
    for path in ["/", "/books", "/devices", "/account", "/accounts", "/accounts/2", "/accounts/2/delete", "/nothing"] {
        let reply = house.get("a1", path);
        for header in ["x-frame-options", "set-cookie"] {
            assert_eq!(reply.header(header), None, "{path}");
        }
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("frame-ancestors"), "{path}: {policy}");
        assert!(reply.body.contains("<meta charset=\"utf-8\">"), "{path}");
        for link in ["href=\"/", "src=\"/", "action=\"/", "http://localhost/"] {
            assert!(!reply.body.contains(link), "{path}: {link}");
        }
    }
}

#[test]
fn the_address_for_koreader_is_not_that_of_the_page() {
    let shown = |house: &House, host: &[u8]| {
        leads(&house.post("a1", "/login", &[("account", "1")]), "./");
        let headers: [(&str, &[u8]); 2] = [("x-remote-user-id", b"a1"), ("x-forwarded-host", host)];
        let page = house.ingress.send("GET", "/", &headers, None).body;
        page.split("class=\"address\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let house = House::new();
    assert_eq!(shown(&house, b"homeassistant.local:8123"), "http://homeassistant.local:7200");
    assert_eq!(shown(&house, b"192.168.1.20:8123"), "http://192.168.1.20:7200");
    assert_eq!(shown(&house, b"[fd00::1]:8123"), "http://[fd00::1]:7200");
    assert_eq!(shown(&house, b"[fd00::1]"), "http://[fd00::1]:7200");
    assert_eq!(shown(&house, b"house.example"), "http://house.example:7200");
    let house = House::with(|builder| {
        builder.ingress_peer("127.0.0.1".parse().unwrap()).address("https://books.example/".parse().unwrap())
    });
    assert_eq!(shown(&house, b"homeassistant.local:8123"), "https://books.example");
}

/// What Home Assistant and its Supervisor do between a browser and the app, as far as it can be seen from here: a page with a
/// frame, and everything below the prefix handed on with their own word on who asks.
struct HomeAssistant(SocketAddr);

const PREFIX: &str = "/api/hassio_ingress/Tok_en-1";

#[salvo::async_trait]
impl salvo::Handler for HomeAssistant {
    async fn handle(
        &self,
        req: &mut salvo::Request,
        _: &mut salvo::Depot,
        res: &mut salvo::Response,
        _: &mut salvo::FlowCtrl,
    ) {
        let Some(path) = req.uri().path_and_query().unwrap().as_str().strip_prefix(PREFIX).map(str::to_owned) else {
            let page = format!("<title>Home Assistant</title><iframe src=\"{PREFIX}/\" width=700 height=700></iframe>");
            return res.render(salvo::writing::Text::Html(page));
        };
        let mut headers: Vec<(String, Vec<u8>)> = vec![
            ("x-remote-user-id".into(), b"0123456789abcdef".to_vec()),
            ("x-remote-user-name".into(), b"ada".to_vec()),
            ("x-ingress-path".into(), PREFIX.into()),
            ("x-forwarded-host".into(), req.headers()["host"].as_bytes().to_vec()),
            ("x-forwarded-proto".into(), b"http".to_vec()),
            ("x-forwarded-for".into(), b"192.168.1.33, 172.30.32.1".to_vec()),
        ];
        let dropped = ["host", "connection", "content-length", "x-remote-user-id", "x-remote-user-name"];
        let sent = req.headers().iter().filter(|(name, _)| !dropped.contains(&name.as_str()));
        headers.extend(sent.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())));
        let method = req.method().to_string();
        let body = String::from_utf8(req.payload().await.unwrap().to_vec()).unwrap();
        let app = Client { address: self.0 };
        let reply = tokio::task::spawn_blocking(move || {
            let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
            app.send(&method, &path, &headers, (!body.is_empty()).then_some(&*body))
        });
        let reply = reply.await.unwrap();
        res.status_code(salvo::http::StatusCode::from_u16(reply.status).unwrap());
        for (name, value) in reply.headers {
            // The character set does not get through.
            let value = if name == "content-type" { value.split(';').next().unwrap().to_owned() } else { value };
            if name != "connection" && name != "content-length" {
                res.headers_mut().insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
        }
        res.body(reply.body);
    }
}

fn home_assistant(house: &House) -> Mounted {
    let handler = || HomeAssistant(house.ingress.address);
    serve(Router::new().goal(handler()).push(Router::with_path("{**rest}").goal(handler())))
}

#[test]
fn the_dashboard_in_the_sidebar() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let house = House::new();
    let home = home_assistant(&house);
    let inside = format!("http://{}{PREFIX}/", home.address);
    browser.open(&format!("http://{}/", home.address));
    browser.enter_frame();
    let at = |page: &str| assert_eq!(browser.evaluate("location.href"), format!("{inside}{page}"));
    at("login");
    assert!(browser.text("main").contains("Home Assistant says that you are ada."));

    // A new house: there is nobody yet. The account that is made is the one that the e-reader logs in with.
    browser.fill("name", "ada");
    browser.fill("new", "password");
    browser.fill("again", "password");
    browser.press("Make the account");
    at("");
    assert!(browser.text("h2").starts_with("Nothing pushed yet"));
    assert_eq!(browser.text("code.address"), "http://127.0.0.1:7200");
    house.site.pushed("ada", KEY, &position("Bücher/1", "p", 0.5));
    browser.press("My books");
    at("books");
    assert_eq!(browser.texts(".books .title"), ["Bücher/1"]);
    browser.fill("search", "../<script> %\"");
    browser.press("Search");
    assert!(browser.text("main").contains("0 books found for “../<script> %\"”"));
    browser.press("Show all");
    browser.press("Bücher/1");
    browser.fill("name", "Emma");
    browser.press("Store the name");
    assert_eq!(browser.text("h1"), "Emma");
    assert!(!browser.text("header").contains("Log out"));

    browser.press("Devices");
    assert_eq!(browser.text("code.address"), "http://127.0.0.1:7200");

    browser.press("Manage accounts");
    browser.press("Close registration");
    at("accounts?done=closed");
    browser.press("Another account");
    at("login");
}
