//! Behind Home Assistant's ingress: which peer is answered, whose headers count, and the dashboard in the sidebar.

use std::net::SocketAddr;

use kosync::salvo::http::HeaderName;
use kosync::salvo::{self, Router};
use kosync::{Builder, Listener};

use crate::browser::{Browser, Scripts};
use crate::common::{Client, KEY, Mounted, Reply, Site, percent_encoded, position, serve};

/// A server with an ingress listener, which takes this machine for Home Assistant's Supervisor.
struct IngressSite {
    public: Site,
    ingress: Client,
    _runtime: tokio::runtime::Runtime,
}

impl IngressSite {
    /// One whose administrators are `a1`, `b2` and `ada`.
    fn new() -> Self {
        Self::with_administrators(&["a1", "b2", "ada"])
    }

    fn with_administrators(users: &[&str]) -> Self {
        Self::with(|builder| {
            builder.ingress_peer("127.0.0.1".parse().unwrap()).ingress_administrators(users.iter().copied())
        })
    }

    fn with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        Self::of(Site::with(settings))
    }

    fn of(site: Site) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let ingress = Client { address: listener.local_addr().unwrap() };
        let server = site.server.clone();
        runtime
            .spawn(async move { server.serve_ingress([Listener::from(listener)], std::future::pending::<()>()).await });
        Self { public: site, ingress, _runtime: runtime }
    }

    /// Requests a page as a user of Home Assistant.
    fn get(&self, user_id: &str, path: &str) -> Reply {
        self.ingress.send("GET", path, &[("x-remote-user-id", user_id.as_bytes()), ("accept", b"text/html")], None)
    }

    /// Sends a form as a user of Home Assistant.
    fn post(&self, user_id: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let headers: [(&str, &[u8]); 2] = [("x-remote-user-id", user_id.as_bytes()), ("origin", b"http://localhost")];
        self.ingress.send("POST", path, &headers, Some(&fields.join("&")))
    }

    #[track_caller]
    fn shows(&self, user_id: &str, account: &str) {
        let reply = self.get(user_id, "/");
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.body.contains(&format!("<bdi>{account}</bdi>")), "{reply:?}");
    }

    #[track_caller]
    fn asks_to_choose(&self, user_id: &str) {
        let reply = self.get(user_id, "/");
        assert_eq!((reply.status, reply.header("location")), (303, Some("./login")), "{reply:?}");
    }
}

#[track_caller]
fn redirects(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{reply:?}");
}

#[test]
fn only_the_supervisor_is_answered() {
    let site = IngressSite::with(|builder| builder);
    site.public.registered("ada", KEY);
    for path in ["/", "/login", "/accounts", "/assets/kosync.css", "/nothing"] {
        let reply = site.get("ada", path);
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (403, "This port answers Home Assistant only. Open kosync from Home Assistant's sidebar.\n"),
            "{path}"
        );
    }
    assert_eq!(site.post("ada", "/login", &[("account", "2")]).status, 403);
    let forged: [(&str, &[u8]); 2] = [("x-forwarded-for", b"172.30.32.2"), ("x-remote-user-id", b"ada")];
    assert_eq!(site.ingress.send("GET", "/", &forged, None).status, 403);
}

#[test]
fn headers_of_home_assistant_do_not_count_on_the_public_port() {
    let site = IngressSite::new();
    site.public.registered("ada", KEY);
    redirects(&site.post("a1", "/login", &[("account", "2")]), "./");
    site.shows("a1", "ada");
    let forged: [(&str, &[u8]); 4] = [
        ("x-remote-user-id", b"a1"),
        ("x-remote-user-name", b"ada"),
        ("x-ingress-path", b"/api/hassio_ingress/x"),
        ("accept", b"text/html"),
    ];
    redirects(&site.public.send("GET", "/", &forged, None), "./login");
    redirects(&site.public.send("GET", "/accounts", &forged, None), "./login?next=YWNjb3VudHM");
    site.public.send("GET", "/syncs/progress/book", &forged, None).unauthorized();
}

/// With a proxy's login set up, too, each listener trusts its own header alone. A user of one is no user of the other.
#[test]
fn home_assistant_and_a_proxy_name_users_at_the_same_time() {
    let site = IngressSite::with(|builder| {
        let builder = builder.ingress_peer("127.0.0.1".parse().unwrap()).ingress_administrators(["boss"]);
        builder.trusted_proxies(["127.0.0.1".parse().unwrap()]).proxy_user_header("Remote-User".parse().unwrap())
    });
    for name in ["ada", "boss", "grace"] {
        site.public.registered(name, KEY);
    }
    let headers = |ingress: &'static str, proxy: &'static str| {
        [("x-remote-user-id", ingress), ("remote-user", proxy), ("accept", "text/html")]
            .map(|(name, value)| (name, value.as_bytes()))
    };
    // On the ingress, the proxy's header chooses no account.
    redirects(&site.ingress.send("GET", "/", &headers("someone", "ada"), None), "./login");
    let form = Some("name=grace&password=password");
    let origin: (&str, &[u8]) = ("origin", b"http://localhost");
    let choose = |client: &Client, headers: &[(&str, &[u8])]| {
        redirects(&client.send("POST", "/login", &[headers, &[origin]].concat(), form), "./");
    };
    choose(&site.ingress, &headers("someone", "ada"));
    site.shows("someone", "grace");
    // On the public port, Home Assistant's header gives neither an account nor a right, and its user's choice is not the proxy's user's.
    let reply = site.public.send("GET", "/", &headers("boss", "ada"), None);
    assert!(reply.status == 200 && reply.body.contains("<bdi>ada</bdi>"), "{reply:?}");
    assert_eq!(site.public.send("GET", "/accounts", &headers("boss", "ada"), None).status, 403);
    redirects(&site.public.send("GET", "/", &headers("boss", "someone"), None), "./login");
    // Home Assistant's administrator is none at the proxy.
    assert_eq!(site.public.send("GET", "/accounts", &headers("x", "boss"), None).status, 403);
    assert_eq!(site.ingress.send("GET", "/accounts", &headers("boss", "x"), None).status, 303, "chooses first");
}

/// Clients of the protocol use the published port.
#[test]
fn the_ingress_has_no_routes_but_the_pages() {
    let site = IngressSite::new();
    site.public.registered("ada", KEY);
    for path in
        ["/syncs/progress/book", "/users/auth", "/healthcheck", "/manage/users", "/api/v1/documents", "/metrics"]
    {
        assert_eq!(site.ingress.send_as("ada", KEY, "GET", path, None).status, 404, "{path}");
    }
}

#[test]
fn each_user_of_home_assistant_chooses_an_account_once() {
    let site = IngressSite::new();
    site.public.registered("ada", KEY);
    site.public.registered("grace", KEY);
    site.public.pushed("ada", KEY, &position("book", "p", 0.5));
    site.asks_to_choose("a1");
    let headers: [(&str, &[u8]); 2] =
        [("x-remote-user-id", b"a1"), ("x-remote-user-display-name", "Frau Müller <b>".as_bytes())];
    let choose_page = site.ingress.send("GET", "/login", &headers, None);
    for part in
        ["Frau Müller &#60;b&#62;", "<bdi>admin</bdi>", "<bdi>ada</bdi></button> <span class=\"quiet\">1 book</span>"]
    {
        assert!(choose_page.body.contains(part), "{part}: {choose_page:?}");
    }

    redirects(&site.post("a1", "/login", &[("account", "2")]), "./");
    redirects(&site.post("b2", "/login", &[("account", "3")]), "./");
    site.shows("a1", "ada");
    site.shows("b2", "grace");
    redirects(&site.get("a1", "/login"), "./");

    // Choose another account.
    redirects(&site.post("a1", "/logout", &[]), "./login");
    site.asks_to_choose("a1");
    let new_account = [("name", "new"), ("new", "password"), ("again", "password")];
    redirects(&site.post("a1", "/login", &new_account), "./");
    site.shows("a1", "new");
    assert_eq!(site.public.login("new", KEY).status, 200);

    // A disabled account, or one that was deleted and created again, must be chosen again.
    redirects(&site.post("b2", "/accounts/4/active", &[("active", "no")]), "../../accounts/4");
    site.asks_to_choose("a1");
    assert!(!site.get("a1", "/login").body.contains("<bdi>new</bdi>"));
    assert_eq!(site.post("a1", "/login", &[("account", "4")]).header("location"), Some("./login"));
    redirects(&site.post("a1", "/accounts/3/delete", &[]), "../../login");
    redirects(&site.post("b2", "/accounts/3/delete", &[]), "../../accounts");
    site.public.registered("grace", KEY);
    site.asks_to_choose("b2");
}

#[test]
fn an_invalid_choice_gets_a_page_that_says_why() {
    let site = IngressSite::new();
    site.public.registered("ada", KEY);
    for (fields, text) in [
        (vec![("account", "9")], "This account no longer exists."),
        (vec![("account", "x")], "This account no longer exists."),
        (vec![("name", "ada"), ("new", "x"), ("again", "x")], "An account with this name already exists."),
        (vec![("name", "a:b"), ("new", "x"), ("again", "x")], "the name may not contain a colon"),
        (vec![("name", "new"), ("new", "x"), ("again", "y")], "The two passwords differ."),
    ] {
        let reply = site.post("a1", "/login", &fields);
        assert_eq!(reply.status, 400, "{fields:?}");
        assert!(reply.body.contains(text), "{fields:?}: {reply:?}");
    }
    site.asks_to_choose("a1");
    // Without a user id, and with invalid ones.
    for headers in [vec![], vec![("x-remote-user-id", &b""[..])], vec![("x-remote-user-id", &[b'x'; 256][..])]] {
        let reply = site.ingress.send("GET", "/", &headers, None);
        assert_eq!(reply.status, 403, "{headers:?}");
        assert!(reply.body.contains("Home Assistant did not send your user ID"), "{reply:?}");
    }
    // A form of another site.
    let reply = site.ingress.send(
        "POST",
        "/login",
        &[("x-remote-user-id", b"a1"), ("origin", b"https://evil")],
        Some("account=2"),
    );
    assert_eq!(reply.status, 403);
    site.asks_to_choose("a1");
}

#[test]
fn an_administrator_behind_the_ingress_manages_all_accounts() {
    let site = IngressSite::new();
    site.public.registered("ada", KEY);
    site.public.registered("grace", KEY);
    redirects(&site.post("a1", "/login", &[("account", "2")]), "./");
    assert!(site.get("a1", "/accounts").body.contains("<bdi>grace</bdi>"));
    redirects(&site.post("a1", "/registration", &[("open", "no")]), "./accounts");
    assert_eq!(site.public.register("eve", KEY).status, 402);
    redirects(&site.post("a1", "/accounts/3/password", &[("new", "test"), ("again", "test")]), "../../accounts/3");
    site.public.login("grace", KEY).unauthorized();
    // Only its owner changes the password of `admin`, here as everywhere.
    let refused = site.post("a1", "/accounts/1/password", &[("new", "test"), ("again", "test")]);
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("only its owner can change its password"), "{refused:?}");
    site.public.login("admin", "098f6bcd4621d373cade4e832627b4f6").unauthorized();
    // Changing one's own password still needs the current one, and sets no cookie.
    let fields = [("current", "wrong"), ("new", "test"), ("again", "test")];
    assert_eq!(site.post("a1", "/password", &fields).status, 403);
    let reply = site.post("a1", "/password", &[("current", "password"), ("new", "test"), ("again", "test")]);
    redirects(&reply, "./account");
    assert_eq!(reply.header("set-cookie"), None);
    site.shows("a1", "ada");
}

const PASSWORD: [(&str, &str); 2] = [("name", "ada"), ("password", "password")];

/// Without the setting, no user may see what others read. Home Assistant does not tell who administers it.
#[test]
fn whoever_is_not_named_sees_one_account_alone_whose_password_they_gave() {
    for administrators in [&["a1"][..], &[]] {
        let site = IngressSite::with_administrators(administrators);
        site.public.registered("ada", KEY);
        site.public.registered("grace", KEY);
        let page = site.get("c3", "/login").body;
        assert!(!page.contains("grace") && page.contains("login-password"), "{page}");
        let is_told = page.contains("enter <code>c3</code> under");
        assert_eq!(is_told, administrators.is_empty(), "{page}");

        // Neither by its number, nor with a wrong password.
        for (fields, status) in [
            (vec![("account", "2")], 403),
            (vec![("account", "2"), ("name", "ada"), ("password", "wrong")], 403),
            (vec![("name", "ada"), ("password", "wrong")], 403),
            (vec![("name", "nobody"), ("password", "password")], 403),
            (vec![], 403),
            (vec![("name", "ada"), ("new", "password"), ("again", "password")], 400),
            (vec![("name", "Admin"), ("new", "password"), ("again", "password")], 400),
        ] {
            let reply = site.post("c3", "/login", &fields);
            assert_eq!(reply.status, status, "{fields:?}: {reply:?}");
            site.asks_to_choose("c3");
        }
        redirects(&site.post("c3", "/login", &PASSWORD), "./");
        site.shows("c3", "ada");
        let page = site.get("c3", "/").body;
        assert!(!page.contains("Manage accounts") && !page.contains("Import and export"), "{page}");
        for path in ["/accounts", "/accounts/3", "/transfer", "/transfer/export", "/transfer/backup"] {
            assert_eq!(site.get("c3", path).status, 403, "{path}");
        }
        for (path, fields) in [
            ("/accounts", vec![("name", "eve"), ("new", "x"), ("again", "x")]),
            ("/accounts/3/password", vec![("new", "test"), ("again", "test")]),
            ("/accounts/3/delete", vec![]),
            ("/registration", vec![("open", "no")]),
            ("/transfer/upload", vec![]),
            ("/transfer/import", vec![("number", "1")]),
            ("/transfer/check", vec![]),
        ] {
            assert_eq!(site.post("c3", path, &fields).status, 403, "{path}");
        }
        assert_eq!(site.public.login("grace", KEY).status, 200);

        // One that is made new, while registration is open.
        redirects(&site.post("d4", "/login", &[("name", "dora"), ("new", "password"), ("again", "password")]), "./");
        site.shows("d4", "dora");
        assert_eq!(site.public.login("dora", KEY).status, 200);
    }
}

/// As a changed password ends all sessions.
#[test]
fn an_account_that_a_password_proved_is_proved_again_when_the_password_changes() {
    let site = IngressSite::new();
    site.public.registered("ada", KEY);
    redirects(&site.post("c3", "/login", &PASSWORD), "./");
    redirects(&site.post("d4", "/login", &PASSWORD), "./");
    let change = [("current", "password"), ("new", "test"), ("again", "test")];
    redirects(&site.post("c3", "/password", &change), "./account");
    site.shows("c3", "ada");
    site.asks_to_choose("d4");
    redirects(&site.post("a1", "/login", &[("account", "2")]), "./");
    redirects(&site.post("a1", "/accounts/2/password", &[("new", "third"), ("again", "third")]), "../../accounts/2");
    site.asks_to_choose("c3");
    site.shows("a1", "ada");
}

/// What an administrator picked without a password is nobody's proof once the setting names others.
#[test]
fn who_is_an_administrator_no_more_loses_the_account_that_was_picked() {
    let site = IngressSite::with_administrators(&["a1"]);
    site.public.registered("ada", KEY);
    redirects(&site.post("a1", "/login", &[("account", "2")]), "./");
    site.shows("a1", "ada");
    let IngressSite { public, _runtime: runtime, .. } = site;
    drop(runtime);
    let peer = |builder: Builder| builder.ingress_peer("127.0.0.1".parse().unwrap());
    let site = IngressSite::of(public.restarted(|builder| peer(builder).ingress_administrators(["b2"])));
    site.asks_to_choose("a1");
    redirects(&site.post("a1", "/login", &PASSWORD), "./");
    site.shows("a1", "ada");
    assert_eq!(site.get("a1", "/accounts").status, 403);
}

#[test]
fn administrators_are_named_by_user_name_or_id_and_never_by_a_display_name() {
    let site = IngressSite::with_administrators(&["Anna", "0a1b"]);
    site.public.registered("ada", KEY);
    let is_administrator = |id: &str, name: &[u8], display_name: &[u8]| {
        let headers: [(&str, &[u8]); 4] = [
            ("x-remote-user-id", id.as_bytes()),
            ("x-remote-user-name", name),
            ("x-remote-user-display-name", display_name),
            ("origin", b"http://localhost"),
        ];
        let page = site.ingress.send("GET", "/login", &headers[..3], None).body;
        let picked = site.ingress.send("POST", "/login", &headers, Some("account=2")).status;
        assert_eq!(page.contains("name=\"account\""), picked == 303, "{page}");
        picked == 303
    };
    assert!(is_administrator("1", b"anna", b"Anna"));
    assert!(is_administrator("0a1b", b"", b""));
    assert!(!is_administrator("2", b"anne", b"Anna"));
    assert!(!is_administrator("3", b"", b"anna"));
    assert!(!is_administrator("0A1B", b"", b""));
    assert!(!is_administrator("0a1", b"ann", b""));
    assert!(!is_administrator("4", b"\xff", b""));
}

#[test]
fn while_registration_is_closed_only_administrators_make_accounts() {
    let site = IngressSite::new();
    redirects(&site.post("a1", "/login", &[("account", "1")]), "./");
    redirects(&site.post("a1", "/registration", &[("open", "no")]), "./accounts");
    assert!(site.get("c3", "/login").body.contains("Registration is closed on this server."));
    let fields = [("name", "new"), ("new", "password"), ("again", "password")];
    let refused = site.post("c3", "/login", &fields);
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("Registration is closed"), "{refused:?}");
    site.asks_to_choose("c3");
    redirects(&site.post("b2", "/login", &fields), "./");
}

/// As on the port: the password of an administrator's account is what proves its rights.
#[test]
fn the_password_of_admin_gives_its_rights() {
    let site = IngressSite::with(|builder| {
        builder.ingress_peer("127.0.0.1".parse().unwrap()).admin_password("the admin's password")
    });
    redirects(&site.post("c3", "/login", &[("name", "admin"), ("password", "the admin's password")]), "./");
    assert_eq!(site.get("c3", "/accounts").status, 200);
    redirects(&site.post("d4", "/login", &[("name", "new"), ("new", "password"), ("again", "password")]), "./");
    assert_eq!(site.get("d4", "/accounts").status, 403);
}

#[test]
fn pages_can_be_shown_in_home_assistant_s_frame() {
    let site = IngressSite::new();
    site.public.registered("ada", KEY);
    redirects(&site.post("a1", "/login", &[("account", "2")]), "./");
    for path in ["/", "/books", "/devices", "/account", "/accounts", "/accounts/2", "/accounts/2/delete", "/nothing"] {
        let reply = site.get("a1", path);
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
fn the_address_for_koreader_is_the_published_port() {
    let shown = |site: &IngressSite, host: &[u8]| {
        redirects(&site.post("a1", "/login", &[("account", "1")]), "./");
        let headers: [(&str, &[u8]); 2] = [("x-remote-user-id", b"a1"), ("x-forwarded-host", host)];
        let page = site.ingress.send("GET", "/", &headers, None).body;
        page.split("class=\"address\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let site = IngressSite::new();
    assert_eq!(shown(&site, b"homeassistant.local:8123"), "http://homeassistant.local:7200");
    assert_eq!(shown(&site, b"192.168.1.20:8123"), "http://192.168.1.20:7200");
    assert_eq!(shown(&site, b"[fd00::1]:8123"), "http://[fd00::1]:7200");
    assert_eq!(shown(&site, b"[fd00::1]"), "http://[fd00::1]:7200");
    assert_eq!(shown(&site, b"ha.example"), "http://ha.example:7200");
    let site = IngressSite::with(|builder| {
        let builder = builder.ingress_peer("127.0.0.1".parse().unwrap()).ingress_administrators(["a1"]);
        builder.address("https://books.example/".parse().unwrap())
    });
    assert_eq!(shown(&site, b"homeassistant.local:8123"), "https://books.example");
}

/// Stands in for Home Assistant and its Supervisor: serves a page with a frame, and passes on everything below the prefix with
/// headers that name the user.
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
        // The client of these tests reads no compressed pages.
        let dropped =
            ["host", "connection", "content-length", "accept-encoding", "x-remote-user-id", "x-remote-user-name"];
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
            // Home Assistant drops the character set.
            let value = if name == "content-type" { value.split(';').next().unwrap().to_owned() } else { value };
            if name != "connection" && name != "content-length" {
                res.headers_mut().insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
        }
        res.body(reply.body);
    }
}

fn home_assistant(site: &IngressSite) -> Mounted {
    let handler = || HomeAssistant(site.ingress.address);
    serve(Router::new().goal(handler()).push(Router::with_path("{**rest}").goal(handler())))
}

#[test]
fn the_dashboard_in_the_sidebar() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = IngressSite::new();
    let home_assistant = home_assistant(&site);
    let inside = format!("http://{}{PREFIX}/", home_assistant.address);
    browser.open(&format!("http://{}/", home_assistant.address));
    browser.enter_frame();
    let at = |page: &str| assert_eq!(browser.evaluate("location.href"), format!("{inside}{page}"));
    at("login");
    assert!(browser.text("main").contains("Home Assistant logged you in as ada."));

    // A new installation has no accounts for readers yet: create one.
    browser.fill("name", "ada");
    browser.fill("new", "password");
    browser.fill("again", "password");
    browser.press("Create account");
    at("");
    assert!(browser.text("h2").starts_with("No books yet"));
    assert_eq!(browser.text("code.address"), "http://127.0.0.1:7200");
    site.public.pushed("ada", KEY, &position("Bücher/1", "p", 0.5));
    browser.press("My books");
    at("books");
    assert_eq!(browser.texts(".books .title"), ["Bücher/1"]);
    browser.fill("search", "../<script> %\"");
    browser.press("Search");
    assert!(browser.text("main").contains("0 books found"));
    browser.press("Show all");
    browser.press("Bücher/1");
    browser.press_at_without_page(".rename > summary");
    browser.fill("name", "Emma");
    browser.press("Save name");
    assert_eq!(browser.text("h1"), "Emma");
    assert!(!browser.text("header").contains("Log out"));

    browser.press("Devices");
    browser.press("Set up a device");
    at("setup");
    browser.press("Devices");

    browser.press("Manage accounts");
    browser.press("Close registration");
    at("accounts");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "no export").unwrap();
    browser.press("Import and export");
    at("transfer");
    #[cfg(feature = "import")]
    {
        browser.choose_file("file", file.path().to_str().unwrap());
        browser.press("Upload and preview");
        browser.wait_for_text("this is neither an export of kosync nor a database of kosync-dotnet");
    }
    browser.press("Switch account");
    at("login");
}

/// A member of the family, whom nobody has named.
#[test]
fn a_reader_in_the_sidebar_logs_in_once() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    let site = IngressSite::with_administrators(&[]);
    site.public.registered("ada", KEY);
    site.public.pushed("ada", KEY, &position("book", "p", 0.5));
    let home_assistant = home_assistant(&site);
    browser.open(&format!("http://{}{PREFIX}/", home_assistant.address));
    browser.fits("the choice");
    browser.fill("login-name", "ada");
    browser.fill("login-password", "wrong");
    browser.press("Log in");
    assert_eq!(browser.text(".error"), "The name or the password is wrong.");
    browser.fill("login-password", "password");
    browser.press("Log in");
    browser.press("My books");
    assert_eq!(browser.texts(".books .title"), ["book"]);
    assert_eq!(browser.texts("nav li"), ["Overview", "My books", "Highlights", "Devices", "Files", "Account"]);
    browser.press("Account");
    assert!(browser.text("main").contains("enter ada under Settings → Apps → KOReader Sync"));
    browser.fits("the account");
}
