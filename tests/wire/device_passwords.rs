//! Device passwords: what they open, route by route, what ends them, and what a guess at one costs.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kosync::Key;
use serde_json::{Value, json};

use crate::common::{KEY, OTHER_KEY, Reply, Site, connect, position, read_reply, request};

/// The source of the route table.
const ROUTES: &str = include_str!("../../src/http/api/mod.rs");
const PATH: &str = "/api/v1/device-passwords";

fn make_as(site: &Site, user: &str, key: &str, name: &str) -> Reply {
    site.send_as(user, key, "POST", PATH, Some(&json!({ "name": name }).to_string())).shaped()
}

/// Makes a device password for `ada`, and returns its number and its text.
#[track_caller]
fn make(site: &Site, name: &str) -> (u64, String) {
    let reply = make_as(site, "ada", KEY, name);
    assert_eq!(reply.status, 201, "{reply:?}");
    let made = reply.json();
    assert_eq!(made["name"], name);
    (made["id"].as_u64().unwrap(), made["password"].as_str().unwrap().to_owned())
}

#[track_caller]
fn revoke(site: &Site, id: u64) {
    let reply = site.send_as("ada", KEY, "DELETE", &format!("{PATH}/{id}"), None).shaped();
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"deleted":true}"#), "{reply:?}");
}

fn list(site: &Site) -> Vec<Value> {
    let reply = site.send_as("ada", KEY, "GET", PATH, None).shaped();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["device_passwords"].as_array().unwrap().clone()
}

/// Returns the key that KOReader sends for a typed text.
fn md5(text: &str) -> String {
    Key::from_password(text.as_bytes()).unwrap().reveal().to_owned()
}

/// What a route does for a device password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Access {
    /// It answers as for the account's own password.
    Open,
    /// 403, 3403.
    Refused,
    /// It needs no credentials.
    Public,
}

use Access::{Open, Public, Refused};

/// The decision about each route and method. docs/accounts.md has the same table.
const DECISIONS: &[(&str, &str, Access)] = &[
    ("GET", "syncs/progress/{document}", Open),
    ("PUT", "syncs/progress", Open),
    ("GET", "users/auth", Open),
    ("POST", "users/create", Public),
    ("PUT", "users/password", Refused),
    ("DELETE", "users/me", Refused),
    ("GET", "healthcheck", Public),
    ("GET", "manage/users", Refused),
    ("POST", "manage/users", Refused),
    ("DELETE", "manage/users", Refused),
    ("GET", "manage/users/documents", Refused),
    ("DELETE", "manage/users/documents", Refused),
    ("PUT", "manage/users/active", Refused),
    ("PUT", "manage/users/password", Refused),
    ("GET", "syncs/documents", Open),
    ("GET", "api/v1/account", Open),
    ("PATCH", "api/v1/account", Refused),
    ("GET", "api/v1/documents", Open),
    ("GET", "api/v1/documents/{document}", Open),
    ("PATCH", "api/v1/documents/{document}", Refused),
    ("DELETE", "api/v1/documents/{document}", Refused),
    ("GET", "api/v1/documents/{document}/history", Open),
    ("POST", "api/v1/documents/{document}/put-back", Refused),
    ("POST", "api/v1/documents/{document}/start-over", Refused),
    ("POST", "api/v1/documents/{document}/join", Refused),
    ("POST", "api/v1/documents/{document}/part", Refused),
    ("GET", "api/v1/suggestions", Open),
    ("GET", "api/v1/activity", Open),
    ("GET", "api/v1/highlights", Open),
    ("GET", "api/v1/devices", Open),
    ("PATCH", "api/v1/devices/{id}", Refused),
    ("DELETE", "api/v1/devices/{id}", Refused),
    ("GET", "api/v1/statistics", Open),
    ("GET", "api/v1/device-passwords", Refused),
    ("POST", "api/v1/device-passwords", Refused),
    ("DELETE", "api/v1/device-passwords/{id}", Refused),
    ("GET", "api/v1/openapi.json", Public),
    ("GET", "metrics", Public),
];

/// Returns method and path of every route in the source.
fn routes() -> Vec<(String, String)> {
    let mut routes = Vec::new();
    for route in ROUTES.split("Route::new(\"").skip(1) {
        let (path, rest) = route.split_once("\")").unwrap();
        let methods = rest.split("Route::new").next().unwrap().split(".into_router").next().unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            if methods.contains(&format!(".{method}(")) {
                routes.push((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    routes
}

/// Every route has a decision and holds to it, for accounts and for administrators.
#[test]
fn every_route_opens_for_a_device_password_or_refuses_it() {
    let mut known: Vec<_> = DECISIONS.iter().map(|(method, path, _)| ((*method).into(), (*path).into())).collect();
    let mut routes = routes();
    known.sort();
    routes.sort();
    assert_eq!(
        known, routes,
        "decide about each route here, in docs/accounts.md, and by `authenticate` or `authenticate_reader`"
    );

    let site = Site::with(|builder| builder.admin_password("password").metrics(true));
    site.registered("ada", KEY);
    site.registered("grace", OTHER_KEY);
    for user in ["ada", "admin"] {
        site.pushed(user, KEY, &position("book", "before", 0.5));
        let made = [(); 2].map(|()| make_as(&site, user, KEY, "Kobo").json());
        let password = made[0]["password"].as_str().unwrap();
        let other_id = &made[1]["id"];
        let basic = base64(&format!("{user}:{password}"));
        let key = md5(password);
        let credentials: [Vec<(&str, &[u8])>; 3] = [
            vec![("x-auth-user", user.as_bytes()), ("x-auth-key", key.as_bytes())],
            vec![("x-auth-user", user.as_bytes()), ("x-auth-key", password.as_bytes())],
            vec![("authorization", basic.as_bytes())],
        ];
        for (method, path, access) in DECISIONS {
            let path = format!("/{}", path.replace("{document}", "book").replace("{id}", &other_id.to_string()));
            let path =
                if path.starts_with("/manage") { format!("{path}?username=grace&documentHash=book") } else { path };
            let body = match path.as_str() {
                "/syncs/progress" => position("book", "by the device", 0.5),
                "/users/create" => json!({ "username": format!("new of {user}"), "password": "x" }),
                _ => json!({ "name": "x", "sequence": 1, "username": "new", "password": "stolen" }),
            };
            let body = Some(body.to_string()).filter(|_| *method != "GET");
            for headers in &credentials {
                let methods = if *method == "GET" { &["GET", "HEAD"][..] } else { &[*method][..] };
                for method in methods {
                    let reply = site.send(method, &path, headers, body.as_deref());
                    let what = format!("{method} {path}: {reply:?}");
                    match access {
                        Open => assert_eq!(reply.status, 200, "{what}"),
                        Public => assert!([200, 201, 402].contains(&reply.status), "{what}"),
                        Refused if *method == "HEAD" => assert_eq!(reply.status, 403, "{what}"),
                        Refused => reply.refused(
                            403,
                            3403,
                            "A device password may read and push, and nothing else. Use the password of the account.",
                        ),
                    }
                }
            }
            // Another account's name with this key, and the account's name with another's key.
            if *access != Public {
                let reply = site.send_as("grace", &key, method, &path, body.as_deref());
                assert!([401, 429].contains(&reply.status), "{method} {path}: {reply:?}");
                let as_grace = site.send_as("grace", OTHER_KEY, method, &path, body.as_deref());
                if path.starts_with(PATH) && *method == "DELETE" {
                    as_grace.refused(404, 3404, "There is no such device password.");
                    continue;
                }
                assert!(!as_grace.body.contains("by the device") && !as_grace.body.contains("before"), "{as_grace:?}");
                // Both let users delete their own account.
                if path == "/users/me" || *method == "DELETE" && path.starts_with("/manage/users?") {
                    site.registered("grace", OTHER_KEY);
                }
                if path == "/users/password" {
                    let back = json!({ "password": OTHER_KEY }).to_string();
                    assert_eq!(site.send_as("grace", "stolen", "PUT", "/users/password", Some(&back)).status, 200);
                }
            }
        }
        // Nothing happened but the pushes and the registration.
        assert_eq!(site.pulled(user, KEY, "book")["progress"], "by the device");
        let entry = site.send_as(user, KEY, "GET", "/api/v1/documents/book", None).json();
        assert!(entry.get("name").is_none(), "{entry}");
        assert_eq!(site.login("grace", OTHER_KEY).status, 200);
    }
    assert_eq!(list(&site).len(), 2);
}

fn base64(text: &str) -> String {
    use base64ct::{Base64, Encoding as _};
    format!("Basic {}", Base64::encode_string(text.as_bytes()))
}

#[test]
fn a_device_password_is_shown_once_and_its_hyphens_are_part_of_it() {
    let site = Site::with_ada();
    let reply = make_as(&site, "ada", KEY, "  Kobo 📚 ");
    assert_eq!((reply.status, reply.header("cache-control")), (201, Some("no-store")));
    let made = reply.json();
    assert_eq!(made["name"], "Kobo 📚");
    let password = made["password"].as_str().unwrap();
    assert_eq!(made, json!({ "id": made["id"], "name": "Kobo 📚", "password": password }));
    assert!(password.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{password}");
    for sent in [md5(password), password.to_owned()] {
        assert_eq!(site.login("ada", &sent).status, 200, "{sent}");
    }
    for typed in [password.replace('-', ""), password.to_uppercase(), format!("{password} "), password[1..].into()] {
        site.login("ada", &md5(&typed)).unauthorized();
    }
    let listed = site.send_as("ada", KEY, "GET", PATH, None);
    assert!(!listed.body.contains(password) && !listed.body.contains(&md5(password)), "{listed:?}");
    assert_eq!(listed.json()["device_passwords"][0]["name"], "Kobo 📚");
}

/// The day and the network are written with the first use of a day. The write is not waited for.
#[test]
fn the_list_has_the_last_day_of_use_and_the_network() {
    let proxied = |builder: kosync::Builder| builder.trusted_proxies(["127.0.0.0/8".parse().unwrap()]);
    let site = Site::with(proxied);
    site.registered("ada", KEY);
    let (id, password) = make(&site, "Kobo");
    assert_eq!(list(&site), [json!({ "id": id, "name": "Kobo" })]);
    let key = md5(&password);
    let login = |from: &str| {
        let headers =
            [("x-auth-user", b"ada".as_slice()), ("x-auth-key", key.as_bytes()), ("x-forwarded-for", from.as_bytes())];
        assert_eq!(site.send("GET", "/users/auth", &headers, None).status, 200);
    };
    login("192.0.2.77");
    let entry =
        crate::common::wait_until("its use", || list(&site).pop().filter(|entry| entry.get("network").is_some()));
    assert_eq!(entry["network"], "192.0.2.0/24");
    let day = entry["last_used"].as_str().unwrap();
    assert!(day.len() == 10 && day.starts_with("20") && day.split('-').count() == 3, "{day}");
}

#[test]
fn a_revoked_device_password_is_refused_at_the_next_request() {
    let site = Site::with_ada();
    let (id, password) = make(&site, "Kobo");
    let (_, other) = make(&site, "Kindle");
    site.pushed("ada", &md5(&password), &position("book", "p", 0.25));
    revoke(&site, id);
    site.login("ada", &md5(&password)).unauthorized();
    site.push("ada", &md5(&password), &position("book", "q", 0.5)).unauthorized();
    assert_eq!(site.pulled("ada", &md5(&other), "book")["progress"], "p", "the other devices stay");
    let again = site.send_as("ada", KEY, "DELETE", &format!("{PATH}/{id}"), None);
    again.refused(404, 3404, "There is no such device password.");
    for id in ["x", "-1", "0", "99999999999", "1.5"] {
        let reply = site.send_as("ada", KEY, "DELETE", &format!("{PATH}/{id}"), None);
        reply.refused(404, 3404, "There is no such device password.");
    }
}

/// A revocation also acts on open connections and in the middle of an upload. The upload is refused when it ends, and
/// leaves no file.
#[test]
fn a_revocation_acts_on_open_connections_and_on_uploads() {
    let site = Site::with_ada();
    let made = make_as(&site, "ada", KEY, "Kobo").json();
    let (id, password) = (made["id"].as_u64().unwrap(), made["password"].as_str().unwrap());
    let key = md5(password);
    let login = request("GET", "/users/auth", &[("x-auth-user", b"ada"), ("x-auth-key", key.as_bytes())], None);
    let keep_alive = String::from_utf8(login).unwrap().replace("Connection: close\r\n", "").into_bytes();
    let mut open = connect(site.address);
    for _ in 0..2 {
        open.write_all(&keep_alive).unwrap();
        assert_eq!(read_reply(&mut open, false).unwrap().status, 200);
    }
    let head = format!(
        "PUT /webdav/statistics.sqlite3 HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-length: 8\r\nexpect: 100-continue\r\n\r\n",
        base64(&format!("ada:{password}"))
    );
    let mut upload = connect(site.address);
    upload.write_all(head.as_bytes()).unwrap();
    let mut asked = [0; 25];
    upload.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    upload.write_all(b"half").unwrap();
    revoke(&site, id);
    upload.write_all(b"full").unwrap();
    assert_eq!(read_reply(&mut upload, false).unwrap().status, 401);
    open.write_all(&keep_alive).unwrap();
    read_reply(&mut open, false).unwrap().unauthorized();
    let basic = base64("ada:password");
    let own: [(&str, &[u8]); 1] = [("authorization", basic.as_bytes())];
    assert_eq!(site.send("GET", "/webdav/statistics.sqlite3", &own, None).status, 404);
    assert_eq!(site.server.store().verify().unwrap().problem_count, 0);
}

/// [M4] Also where pushes and the revocation race: none is acknowledged after the answer to the revocation.
#[test]
fn m4_no_push_is_stored_after_its_device_password_was_revoked() {
    for round in 0..4 {
        let site = Site::with_ada();
        let (id, password) = make(&site, "Kobo");
        let (key, is_revoked) = (md5(&password), AtomicBool::new(false));
        thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (client, key, is_revoked) = (site.client, &key, &is_revoked);
                    scope.spawn(move || {
                        for number in 0..10_000 {
                            let was_revoked = is_revoked.load(Ordering::SeqCst);
                            let body = position(&format!("book {writer}"), &format!("p{number}"), 0.5);
                            let status = client.push("ada", key, &body).status;
                            assert!(!(was_revoked && status == 200), "a push after the revocation was taken");
                            if status != 200 {
                                return number;
                            }
                        }
                        panic!("the revocation never came into effect");
                    })
                })
                .collect();
            if round > 0 {
                crate::common::wait_until("a push", || (site.pull("ada", KEY, "book 0").body != "{}").then_some(()));
            }
            revoke(&site, id);
            is_revoked.store(true, Ordering::SeqCst);
            for writer in writers {
                writer.join().unwrap();
            }
        });
    }
}

/// [U1] Before, another main password locked out all devices.
#[test]
fn another_main_password_locks_no_device_out_also_after_a_restart() {
    let site = Site::with_ada();
    let (id, password) = make(&site, "Kobo");
    site.pushed("ada", &md5(&password), &position("book", "p", 0.25));
    let body = json!({ "password": OTHER_KEY }).to_string();
    assert_eq!(site.send_as("ada", KEY, "PUT", "/users/password", Some(&body)).status, 200);
    site.login("ada", KEY).unauthorized();
    site.pushed("ada", &md5(&password), &position("book", "q", 0.5));
    let site = site.restarted(|builder| builder);
    site.pushed("ada", &md5(&password), &position("book", "r", 0.75));
    assert_eq!(site.pulled("ada", OTHER_KEY, "book")["progress"], "r");
    let reply = site.send_as("ada", OTHER_KEY, "DELETE", &format!("{PATH}/{id}"), None);
    assert_eq!(reply.status, 200, "{reply:?}");
    site.login("ada", &md5(&password)).unauthorized();
}

/// [A4] The limits are those of any password: they count guesses, and keep no device out.
#[test]
fn a_guess_costs_what_any_guess_costs_and_locks_no_device_out() {
    let site = Site::with_ada();
    site.registered("grace", KEY);
    let (id, password) = make(&site, "Kobo");
    let (_, revoked) = (revoke(&site, id), password);
    let (_, password) = make(&site, "Kobo");
    // An account with device passwords, one without, and none.
    let refused_after = |user: &str| {
        let guesses = (0..100).map(|guess| site.login(user, &md5(&format!("abcdefg-hijkmnp-{guess}"))));
        guesses
            .take_while(|reply| {
                assert!(reply.status == 401 || reply.status == 429, "{reply:?}");
                reply.status == 401
            })
            .count()
    };
    // The limits are 10 for a name at an unknown address, and 20 for an account in a network that it has logged in from. On a slow machine
    // some come back meanwhile.
    let [nobody, ada, grace] = ["nobody", "ada", "grace"].map(refused_after);
    assert!(
        (10..20).contains(&nobody) && (20..40).contains(&ada) && (20..40).contains(&grace),
        "{nobody} {ada} {grace}"
    );
    // A revoked one is a guess like any other.
    assert!([401, 429].contains(&site.login("ada", &md5(&revoked)).status));
    assert_eq!(site.login("ada", &md5(&password)).status, 200);
    site.pushed("ada", &md5(&password), &position("book", "p", 0.5));
}

/// The limit holds for requests at the same moment, too.
#[test]
fn requests_at_the_same_moment_make_100_together_and_no_two_are_the_same() {
    let site = Site::with_ada();
    let created: Vec<Value> = thread::scope(|scope| {
        let makers = [(); 6].map(|()| {
            scope.spawn(|| {
                let replies = (0..20).map(|_| make_as(&site, "ada", KEY, "Kobo"));
                replies.filter(|reply| reply.status == 201).map(|reply| reply.json()).collect::<Vec<_>>()
            })
        });
        makers.into_iter().flat_map(|maker| maker.join().unwrap()).collect()
    });
    assert_eq!((created.len(), list(&site).len()), (100, 100));
    for field in ["id", "password"] {
        let different: std::collections::HashSet<String> = created.iter().map(|made| made[field].to_string()).collect();
        assert_eq!(different.len(), 100, "{field}");
    }
}

/// [M2] As with the account's own password. The page *Why does it not sync?* says so.
#[test]
fn m2_the_device_password_of_a_disabled_account_is_refused_and_recorded() {
    let site = Site::with(|builder| builder.admin_password("password"));
    site.registered("ada", KEY);
    let (_, password) = make(&site, "Kobo");
    let toggle =
        || assert_eq!(site.send_as("admin", KEY, "PUT", "/manage/users/active?username=ada", None).status, 200);
    toggle();
    site.login("ada", &md5(&password)).refused(401, 2001, "User is inactive");
    for key in [&md5(&password), KEY] {
        site.push("ada", key, &position("book", "p", 0.5)).unauthorized();
    }
    toggle();
    let activity = site.send_as("ada", KEY, "GET", "/api/v1/activity", None).json();
    let refused = activity["activity"].as_array().unwrap().iter().filter(|entry| entry["outcome"] == "disabled");
    assert_eq!(refused.map(|entry| entry["times"].as_u64().unwrap_or(1)).sum::<u64>(), 3, "{activity}");
    assert_eq!(site.login("ada", &md5(&password)).status, 200);
}

/// [U2] Device passwords are deleted with their account. They do not open the next account of its name.
#[test]
fn u2_a_device_password_goes_with_its_account() {
    let site = Site::with_ada();
    let (_, password) = make(&site, "Kobo");
    assert_eq!(site.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    site.login("ada", &md5(&password)).unauthorized();
    site.send_as("ada", &md5(&password), "DELETE", "/users/me", None).unauthorized();
    site.registered("ada", KEY);
    site.login("ada", &md5(&password)).unauthorized();
    assert_eq!(list(&site), [] as [Value; 0]);
    assert_eq!(site.server.store().verify().unwrap().problem_count, 0);
}

#[test]
fn an_account_has_at_most_100_and_their_names_are_checked() {
    let site = Site::with_ada();
    let make =
        |name: &Value| site.send_as("ada", KEY, "POST", PATH, Some(&json!({ "name": name }).to_string())).shaped();
    make(&json!(null)).refused(400, 3400, "'name' must be a string.");
    make(&json!(["Kobo"])).refused(400, 3400, "'name' must be a string.");
    make(&json!(" ")).refused(403, 2003, "Invalid request: name is empty.");
    make(&json!("a\u{1b}b")).refused(403, 2003, "Invalid request: name may not contain control characters.");
    make(&json!("é".repeat(65))).refused(403, 2003, "Invalid request: name is longer than 64 characters.");
    assert_eq!(make(&json!("é".repeat(64))).status, 201);
    // Two devices may have the same name.
    for _ in 1..100 {
        assert_eq!(make(&json!("Kobo")).status, 201);
    }
    let message = "The account has 100 device passwords, as many as it may have. Revoke one that is no longer used.";
    make(&json!("Kobo")).refused(403, 3403, message);
    let passwords = list(&site);
    assert_eq!(passwords.len(), 100);
    revoke(&site, passwords[50]["id"].as_u64().unwrap());
    assert_eq!(make(&json!("Kobo")).status, 201);
    assert_eq!(site.server.store().verify().unwrap().problem_count, 0);
}

/// KOReader's cloud storage sends the plain text by Basic authentication [W1].
#[test]
fn a_device_password_opens_the_webdav_folder_until_it_is_revoked() {
    let site = Site::with_ada();
    let made = make_as(&site, "ada", KEY, "Kobo").json();
    let basic = base64(&format!("ada:{}", made["password"].as_str().unwrap()));
    let headers: [(&str, &[u8]); 1] = [("authorization", basic.as_bytes())];
    let send = |method: &str, path: &str, body: Option<&str>| site.send(method, path, &headers, body);
    assert_eq!(send("PUT", "/webdav/statistics.txt", Some("read")).status, 201);
    assert_eq!(send("GET", "/webdav/statistics.txt", None).body, "read");
    assert_eq!(send("MKCOL", "/webdav/books", None).status, 201);
    assert_eq!(send("DELETE", "/webdav/books", None).status, 204);
    let path = format!("{PATH}/{}", made["id"]);
    assert_eq!(site.send_as("ada", KEY, "DELETE", &path, None).status, 200);
    assert_eq!(send("GET", "/webdav/statistics.txt", None).status, 401);
    assert_eq!(send("PUT", "/webdav/statistics.txt", Some("more")).status, 401);
}
