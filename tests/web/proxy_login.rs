//! A login at a reverse proxy, which names the user in a header: who is believed, which account is shown, and how it ends.

use std::io::Write;
use std::net::SocketAddr;

use kosync::Builder;
use kosync::salvo::Router;
use kosync::salvo::{self, writing::Text};
use socket2::{Domain, Socket, Type};

use crate::browser::{Browser, Scripts};
use crate::common::{Client, KEY, Reply, Site, percent_encoded, position, read_reply, request, serve};
use crate::visitor::{ADMIN_PASSWORD, Visitor, cookie};

const HEADER: &str = "remote-user";

/// Starts a server that takes this machine for a proxy. Its accounts `admin`, `ada` and `grace` are 1, 2 and 3.
fn site_with(settings: impl FnOnce(Builder) -> Builder) -> Site {
    let site = Site::with(|builder| {
        let builder = builder.admin_password(ADMIN_PASSWORD).trusted_proxies(["127.0.0.1".parse().unwrap()]);
        settings(builder.proxy_user_header("Remote-User".parse().unwrap()))
    });
    for name in ["ada", "grace"] {
        site.registered(name, KEY);
    }
    site
}

fn site() -> Site {
    site_with(|builder| builder.proxy_administrators(["Boss"]))
}

fn get_with(site: &Site, values: &[&[u8]], path: &str) -> Reply {
    let mut headers: Vec<(&str, &[u8])> = vec![("accept", b"text/html")];
    headers.extend(values.iter().map(|value| (HEADER, *value)));
    site.send("GET", path, &headers, None)
}

fn get(site: &Site, user: &str, path: &str) -> Reply {
    get_with(site, &[user.as_bytes()], path)
}

fn post(site: &Site, user: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    let headers: [(&str, &[u8]); 2] = [(HEADER, user.as_bytes()), ("origin", b"http://localhost")];
    site.send("POST", path, &headers, Some(&fields.join("&")))
}

#[track_caller]
fn shows(reply: &Reply, account: &str) {
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.contains(&format!("<span class=\"username\"><bdi>{account}</bdi>")), "{reply:?}");
}

#[track_caller]
fn redirects(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{reply:?}");
}

const PASSWORD: [(&str, &str); 2] = [("name", "ada"), ("password", "password")];

#[test]
fn a_user_of_the_proxy_has_the_account_of_the_same_name_without_a_password() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    shows(&get(&site, "ada", "/"), "ada");
    assert!(get(&site, "ada", "/books").body.contains(">book<"));
    redirects(&get(&site, "ada", "/login"), "./");
    shows(&get(&site, "grace", "/"), "grace");
    for header in ["set-cookie", "x-frame-options"] {
        assert_eq!(get(&site, "ada", "/").header(header), None);
    }
    let policy = get(&site, "ada", "/").header("content-security-policy").unwrap().to_owned();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

/// Sends a request from another address of this machine, which no setting trusts.
fn send_from(source: [u8; 4], to: SocketAddr, request: &[u8]) -> Reply {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((source, 0)).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    let mut stream = std::net::TcpStream::from(socket);
    stream.write_all(request).unwrap();
    read_reply(&mut stream, false).unwrap()
}

#[test]
fn the_header_of_a_peer_that_is_no_trusted_proxy_is_ignored() {
    let site = site();
    let headers: [(&str, &[u8]); 3] = [(HEADER, b"ada"), ("x-forwarded-for", b"127.0.0.1"), ("accept", b"text/html")];
    let forged = |path| send_from([127, 0, 0, 2], site.address, &request("GET", path, &headers, None));
    redirects(&forged("/"), "./login");
    redirects(&forged("/devices"), "./login?next=ZGV2aWNlcw");
    let login = forged("/login");
    assert!(login.body.contains("Use the name and the password from your e-reader."), "{login:?}");
    // The trusted proxy itself, by the same way.
    shows(&send_from([127, 0, 0, 1], site.address, &request("GET", "/", &headers, None)), "ada");
    // Without the setting, the header means nothing, whoever sends it.
    let site = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    site.registered("ada", KEY);
    redirects(&get(&site, "ada", "/"), "./login");
    // Nor does another header.
    let headers: [(&str, &[u8]); 2] = [("x-remote-user-id", b"ada"), ("accept", b"text/html")];
    redirects(&self::site().send("GET", "/", &headers, None), "./login");
}

/// Devices log in with their passwords, whatever stands in front of the server.
#[test]
fn the_header_opens_no_route_but_the_pages() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    for user in ["ada", "Boss", "admin"] {
        for (method, path) in [
            ("GET", "/users/auth"),
            ("GET", "/syncs/progress/book"),
            ("PUT", "/syncs/progress"),
            ("GET", "/api/v1/documents"),
            ("GET", "/api/v1/device-passwords"),
            ("GET", "/manage/users"),
            ("POST", "/manage/users"),
            ("GET", "/webdav/"),
            ("PROPFIND", "/webdav/"),
        ] {
            let headers: [(&str, &[u8]); 2] = [(HEADER, user.as_bytes()), ("x-auth-user", user.as_bytes())];
            let body = (method == "PUT" || method == "POST").then_some("{}");
            let reply = site.send(method, path, &headers, body);
            assert_eq!(reply.status, 401, "{method} {path}: {reply:?}");
        }
    }
    // With the header of another user, a device reads its own account.
    let headers: [(&str, &[u8]); 3] = [(HEADER, b"grace"), ("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes())];
    assert_eq!(site.send("GET", "/syncs/progress/book", &headers, None).json()["progress"], "p");
}

#[test]
fn a_user_without_an_account_of_that_name_chooses_one_once() {
    let site = site();
    let user = "Jörg@books.example";
    redirects(&get(&site, user, "/"), "./login");
    let page = get(&site, user, "/login").body;
    assert!(page.contains("<b><bdi>Jörg@books.example</bdi></b>") && page.contains("login-password"), "{page}");
    assert!(!page.contains("grace") && !page.contains("Home Assistant"), "{page}");
    for (fields, status) in [
        (vec![("account", "2")], 403),
        (vec![("name", "ada"), ("password", "wrong")], 403),
        (vec![("name", "ada"), ("new", "password"), ("again", "password")], 400),
    ] {
        assert_eq!(post(&site, user, "/login", &fields).status, status, "{fields:?}");
        redirects(&get(&site, user, "/"), "./login");
    }
    // No form waits for a password then, and no account is made beside the choice.
    redirects(&get(&site, user, "/register"), "./login");
    redirects(&post(&site, user, "/books", &[("search", "x")]), "./login");
    let new_account = [("name", "new"), ("new", "password"), ("again", "password")];
    redirects(&post(&site, user, "/register", &new_account), "./login");
    site.login("new", KEY).unauthorized();
    redirects(&get(&site, user, "/devices"), "./login?next=ZGV2aWNlcw");
    let chosen = post(&site, user, "/login", &PASSWORD);
    redirects(&chosen, "./");
    assert_eq!(chosen.header("set-cookie"), None);
    shows(&get(&site, user, "/"), "ada");
    // It is kept, and it is not Home Assistant's user of that name.
    let site = site.restarted(|builder| {
        let builder = builder.trusted_proxies(["127.0.0.1".parse().unwrap()]);
        builder.proxy_user_header("X-Webauth-User".parse().unwrap())
    });
    let headers: [(&str, &[u8]); 1] = [("x-webauth-user", user.as_bytes())];
    shows(&site.send("GET", "/", &headers, None), "ada");
    // Changing one's own password keeps the choice; the form asks for the old one.
    let site = site.restarted(|builder| {
        let builder = builder.trusted_proxies(["127.0.0.1".parse().unwrap()]);
        builder.proxy_user_header("Remote-User".parse().unwrap())
    });
    let change = |current| [("current", current), ("new", "test"), ("again", "test")];
    assert_eq!(post(&site, user, "/password", &change("wrong")).status, 403);
    redirects(&post(&site, user, "/password", &change("password")), "./account");
    shows(&get(&site, user, "/"), "ada");
}

#[test]
fn a_choice_is_undone_and_made_again_on_the_page_of_the_account() {
    let site = site_with(|builder| builder.proxy_logout_address("/oauth2/sign_out".parse().unwrap()));
    // `ada` has an account of that name, and chooses another one.
    assert!(get(&site, "ada", "/account").body.contains("action=\"./switch-account\""));
    redirects(&post(&site, "ada", "/switch-account", &[]), "./login?choose=yes");
    let page = get(&site, "ada", "/login?choose=yes").body;
    assert!(page.contains("<a class=\"tall\" href=\"./\">Use the account <bdi>ada</bdi></a>"), "{page}");
    redirects(&post(&site, "ada", "/login", &[("name", "grace"), ("password", "password")]), "./");
    shows(&get(&site, "ada", "/"), "grace");
    // Undone, it is the one of the same name again.
    redirects(&post(&site, "ada", "/switch-account", &[]), "./login?choose=yes");
    shows(&get(&site, "ada", "/"), "ada");
    // Not by a form of another site, and not for those who logged in here.
    redirects(&post(&site, "ada", "/login", &[("name", "grace"), ("password", "password")]), "./");
    let foreign: [(&str, &[u8]); 2] = [(HEADER, b"ada"), ("origin", b"https://evil.example")];
    assert_eq!(site.send("POST", "/switch-account", &foreign, Some("")).status, 403);
    shows(&get(&site, "ada", "/"), "grace");
    let visitor = Visitor::log_in(site.client, "ada", "password");
    assert_eq!(visitor.post("/switch-account", &[]).status, 404);
    assert!(!visitor.get("/account").body.contains("switch-account"));
    // An account that is proved by its password is proved again when that changes.
    let grace = Visitor::log_in(site.client, "grace", "password");
    redirects(&grace.post("/password", &[("current", "password"), ("new", "test"), ("again", "test")]), "./account");
    redirects(&get(&site, "ada", "/"), "./login");
}

#[test]
fn without_an_address_to_log_out_the_button_switches_the_account() {
    let site = site();
    let page = get(&site, "ada", "/").body;
    assert!(page.contains("<button>Switch account</button>") && !page.contains("Log out"), "{page}");
    redirects(&post(&site, "ada", "/logout", &[]), "./login?choose=yes");
}

#[test]
fn logging_out_leads_to_the_configured_address_and_ends_the_session() {
    let address = "https://auth.example/logout?rd=https://books.example/&a=b";
    let site = site_with(|builder| builder.proxy_logout_address(address.parse().unwrap()));
    let visitor = Visitor::log_in(site.client, "grace", "password");
    assert!(get(&site, "ada", "/").body.contains("<button>Log out</button>"));
    let headers: [(&str, &[u8]); 3] =
        [(HEADER, b"ada"), ("origin", b"http://localhost"), ("cookie", visitor.cookie.as_bytes())];
    let reply = site.send("POST", "/logout", &headers, Some(""));
    assert_eq!(reply.status, 200, "{reply:?}");
    let link = "https://auth.example/logout?rd=https://books.example/&#38;a=b";
    assert!(reply.body.contains(&format!("<meta http-equiv=\"refresh\" content=\"0; url={link}\">")), "{reply:?}");
    assert!(reply.body.contains(&format!("href=\"{link}\"")), "{reply:?}");
    assert!(cookie(&reply).1.starts_with("Max-Age=0"), "{reply:?}");
    assert!(!visitor.is_logged_in());
    // Who logged in with a password, logs out here.
    let visitor = Visitor::log_in(site.client, "grace", "password");
    redirects(&visitor.post("/logout", &[]), "./login");
}

#[test]
fn the_header_counts_before_a_session() {
    let site = site();
    let visitor = Visitor::log_in(site.client, "grace", "password");
    let headers: [(&str, &[u8]); 2] = [(HEADER, b"ada"), ("cookie", visitor.cookie.as_bytes())];
    shows(&site.send("GET", "/", &headers, None), "ada");
    let headers: [(&str, &[u8]); 2] = [(HEADER, b"nobody"), ("cookie", visitor.cookie.as_bytes())];
    redirects(&site.send("GET", "/", &headers, None), "./login");
    shows(&visitor.get("/"), "grace");
    // Without the header, and without a session, it is the usual login: nothing of the proxy's user stays in the browser.
    assert_eq!(get(&site, "ada", "/").header("set-cookie"), None);
    let page = get_with(&site, &[], "/login").body;
    assert!(page.contains("Use the name and the password from your e-reader."), "{page}");
    assert_eq!(get_with(&site, &[], "/").status, 303);
}

/// Encoded names are others: a user who may choose a name at the proxy could write another's so.
#[test]
fn a_name_counts_as_it_is_sent_neither_decoded_nor_in_another_case() {
    let site = site();
    for other in
        ["Ada", "ADA", "%61da", "=?utf-8?q?ada?=", "\u{430}da", "ada\u{200b}", "a\u{301}da", "\"ada\"", "ada;x"]
    {
        redirects(&get(&site, other, "/"), "./login");
    }
    // Devices may write the name of an account that moved in from a server without case in any way. The proxy's users may not.
    let line = serde_json::json!({
        "name": "Zoe", "active": true, "any_case": true,
        "key": "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    });
    let account: kosync::store::TransferredAccount = serde_json::from_value(line).unwrap();
    let import = site.server.store().import_batch(vec![kosync::store::Transferred::Account(account)]);
    tokio::runtime::Runtime::new().unwrap().block_on(import).unwrap();
    shows(&get(&site, "Zoe", "/"), "Zoe");
    redirects(&get(&site, "zoe", "/"), "./login");
}

#[test]
fn only_the_named_users_manage_all_accounts() {
    let site = site();
    // By the exact name, and whatever account is shown.
    let page = get(&site, "Boss", "/login").body;
    assert!(page.contains("<button name=\"account\" value=\"3\">"), "{page}");
    redirects(&post(&site, "Boss", "/login", &[("account", "3")]), "./");
    shows(&get(&site, "Boss", "/"), "grace");
    assert!(get(&site, "Boss", "/accounts").body.contains("<bdi>ada</bdi>"));
    redirects(&post(&site, "Boss", "/accounts/2/active", &[("active", "no")]), "../../accounts/2");
    for user in ["boss", "BOSS", "ada", "grace", "Bos"] {
        let page = get(&site, user, "/login").body;
        assert!(!page.contains("name=\"account\""), "{user}: {page}");
        assert_ne!(get(&site, user, "/accounts").status, 200, "{user}");
    }
    // The name `admin` alone is no proof: its password is.
    redirects(&get(&site, "admin", "/"), "./login");
    redirects(&post(&site, "admin", "/login", &[("name", "admin"), ("password", ADMIN_PASSWORD)]), "./");
    assert_eq!(get(&site, "admin", "/accounts").status, 200);
    // Unless the setting names it.
    let site = site_with(|builder| builder.proxy_administrators(["admin"]));
    shows(&get(&site, "admin", "/accounts"), "admin");
}

#[test]
fn a_disabled_or_deleted_account_is_chosen_again_and_the_page_says_why() {
    let site = site();
    redirects(&post(&site, "ada@books.example", "/login", &PASSWORD), "./");
    redirects(&post(&site, "Boss", "/login", &[("account", "3")]), "./");
    let active = |active| post(&site, "Boss", "/accounts/2/active", &[("active", active)]).status;
    assert_eq!(active("no"), 303);
    for user in ["ada", "ada@books.example"] {
        redirects(&get(&site, user, "/"), "./login");
    }
    let page = get(&site, "ada", "/login").body;
    assert!(page.contains("The account <bdi>ada</bdi> is disabled."), "{page}");
    redirects(&post(&site, "ada", "/login", &[("name", "grace"), ("password", "password")]), "./");
    shows(&get(&site, "ada", "/"), "grace");
    assert_eq!(active("yes"), 303);
    // It shows what was chosen, and after a deletion nothing else by itself.
    shows(&get(&site, "ada", "/"), "grace");
    redirects(&post(&site, "Boss", "/accounts/3/delete", &[]), "../../accounts");
    redirects(&get(&site, "ada", "/"), "./login");
    shows(&get(&site, "ada@books.example", "/"), "ada");
}

/// A proxy that adds its header to the client's would let the client choose.
#[test]
fn a_header_that_is_not_one_name_is_refused_and_the_page_says_why() {
    let site = site();
    for (values, reason) in [
        (&[&b"ada"[..], b"grace"][..], "it has several values"),
        (&[b"ada", b"ada"], "it has several values"),
        (&[b"ada,grace"], "it has several values"),
        (&[b"ada, "], "it has several values"),
        (&[b""], "it is empty"),
        (&[b"  "], "it is empty"),
        (&[b"(null)"], "it is empty"),
        (&[b"", b"ada"], "it has several values"),
        (&[b"\xff"], "it is not a name of at most 255 bytes in UTF-8"),
        (&[b"J\xf6rg"], "it is not a name of at most 255 bytes in UTF-8"),
        (&[b"a\tb"], "it is not a name of at most 255 bytes in UTF-8"),
        (&[&[b'x'; 256]], "it is not a name of at most 255 bytes in UTF-8"),
    ] {
        for path in ["/", "/login", "/books", "/accounts"] {
            let reply = get_with(&site, values, path);
            assert_eq!(reply.status, 403, "{values:?}: {reply:?}");
            assert!(reply.body.contains(&format!("in the header remote-user, but {reason}.")), "{values:?}: {reply:?}");
        }
    }
    shows(&get_with(&site, &[b"  ada "], "/"), "ada");
}

/// The whole way in a browser, without scripts. The address of the login's own host leads on to a third one, as an OpenID provider does.
#[test]
fn the_way_out_in_a_browser() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    #[salvo::handler]
    async fn left(res: &mut salvo::Response) {
        res.render(Text::Html("<title>out</title><h1>You are logged out</h1>"));
    }
    let provider = serve(Router::new().goal(left));
    let target = format!("http://{}/", provider.address);
    let portal = serve(Router::with_path("logout").goal(Redirect(target.clone())));
    let address = format!("http://{}/logout", portal.address);
    let site = site_with(|builder| builder.proxy_logout_address(address.parse().unwrap()));
    let proxy =
        serve(Router::new().goal(Named(site.client)).push(Router::with_path("{**rest}").goal(Named(site.client))));
    browser.open(&format!("http://{}/", proxy.address));
    assert!(browser.text("header").contains("ada"), "{}", browser.text("body"));
    browser.press("Account");
    browser.fits("the account");
    browser.press("Switch account");
    browser.fits("the choice");
    browser.press("Use the account ada");
    browser.press("Log out");
    browser.wait_for_text("You are logged out");
    assert_eq!(browser.url(), target);
}

/// Redirects to another host.
struct Redirect(String);

#[salvo::async_trait]
impl salvo::Handler for Redirect {
    async fn handle(
        &self,
        _: &mut salvo::Request,
        _: &mut salvo::Depot,
        res: &mut salvo::Response,
        _: &mut salvo::FlowCtrl,
    ) {
        res.render(salvo::writing::Redirect::found(&self.0));
    }
}

/// Stands in for a proxy that has logged `ada` in.
struct Named(Client);

#[salvo::async_trait]
impl salvo::Handler for Named {
    async fn handle(
        &self,
        req: &mut salvo::Request,
        _: &mut salvo::Depot,
        res: &mut salvo::Response,
        _: &mut salvo::FlowCtrl,
    ) {
        let path = req.uri().path_and_query().unwrap().to_string();
        let method = req.method().to_string();
        let mut headers: Vec<(String, Vec<u8>)> = vec![(HEADER.into(), b"ada".to_vec())];
        headers.push(("x-forwarded-host".into(), req.headers()["host"].as_bytes().to_vec()));
        // The client of these tests reads no compressed pages.
        let dropped = ["host", "connection", "content-length", "accept-encoding", HEADER];
        let sent = req.headers().iter().filter(|(name, _)| !dropped.contains(&name.as_str()));
        headers.extend(sent.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())));
        let body = String::from_utf8(req.payload().await.unwrap().to_vec()).unwrap();
        let client = self.0;
        let reply = tokio::task::spawn_blocking(move || {
            let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
            client.send(&method, &path, &headers, (method == "POST").then_some(&*body))
        });
        let reply = reply.await.unwrap();
        res.status_code(salvo::http::StatusCode::from_u16(reply.status).unwrap());
        for (name, value) in reply.headers {
            if name != "connection" && name != "content-length" {
                res.headers_mut().insert(name.parse::<salvo::http::HeaderName>().unwrap(), value.parse().unwrap());
            }
        }
        res.body(reply.body);
    }
}
