//! The management API (section 6 of docs/protocol.md, rules M1 to M4): each status and message, for the administrator, the
//! owner of the account, another user, a disabled one, and without credentials.

use serde_json::{Value, json};

use crate::common::{Client, KEY, Reply, Site, percent_encoded, position};

/// The administrator's password.
const ADMIN: &str = "the admin's password";
const NAME: &str = "Jörg & 本";

/// Starts a site with closed registration and the accounts `ada`, `grace` and [`NAME`]. All have [`KEY`]'s password.
fn site() -> Site {
    let site = Site::with(|builder| builder.registration(false).admin_password(ADMIN));
    for name in ["ada", "grace", NAME] {
        let reply =
            manage(&site, "admin", ADMIN, "POST", "", &[], Some(json!({ "username": name, "password": "password" })));
        assert_message(reply, 200, "User created successfully");
    }
    site
}

fn manage(
    client: &Client,
    user: &str,
    key: &str,
    method: &str,
    path: &str,
    query: &[(&str, &str)],
    body: Option<Value>,
) -> Reply {
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    let path = format!("/manage/users{path}?{}", query.join("&"));
    client.send_as(user, key, method, &path, body.map(|body| body.to_string()).as_deref()).shaped()
}

fn as_admin(site: &Site, method: &str, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Reply {
    manage(site, "admin", ADMIN, method, path, query, body)
}

#[track_caller]
fn assert_message(reply: Reply, status: u16, message: &str) {
    assert_eq!((reply.status, reply.json()), (status, json!({ "message": message })));
}

/// Method, path, query and body.
type Call<'a> = (&'static str, &'static str, Vec<(&'static str, &'a str)>, Option<Value>);

/// Returns every call with a valid target and body.
fn calls(target: &str) -> Vec<Call<'_>> {
    vec![
        ("GET", "", vec![], None),
        ("POST", "", vec![], Some(json!({ "username": "new", "password": "new" }))),
        ("PUT", "/active", vec![("username", target)], None),
        ("PUT", "/password", vec![("username", target)], Some(json!({ "password": "new" }))),
        ("GET", "/documents", vec![("username", target)], None),
        ("DELETE", "/documents", vec![("username", target), ("documentHash", "book")], None),
        ("DELETE", "", vec![("username", target)], None),
    ]
}

#[test]
fn m1_only_administrators_and_owners_are_authorized() {
    let site = site();
    for name in ["ada", "grace"] {
        site.pushed(name, KEY, &position("book", "p", 0.5));
    }
    assert_message(as_admin(&site, "PUT", "/active", &[("username", "grace")], None), 200, "User marked as inactive");
    for target in ["ada", "admin", "nobody", ""] {
        for (method, path, query, body) in calls(target) {
            let unauthorized = |user, key| {
                manage(&site, user, key, method, path, &query, body.clone()).unauthorized();
            };
            unauthorized(NAME, KEY);
            unauthorized("grace", KEY);
            // Only for one target, to stay below the limit on failed logins.
            if target == "ada" {
                unauthorized("nobody", KEY);
            }
            let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let path = format!("/manage/users{path}?{}", query.join("&"));
            site.send(method, &path, &[], body.map(|body| body.to_string()).as_deref()).unauthorized();
        }
    }
    // Owners cannot make the administrator's calls on their own account.
    for (method, path, query, body) in calls("ada").into_iter().take(4) {
        manage(&site, "ada", KEY, method, path, &query, body).unauthorized();
    }
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p", "nothing was changed");
    assert_eq!(site.server.store().users().unwrap().len(), 4);
}

#[test]
fn m3_the_list_has_every_user_with_a_lasting_id() {
    let site = site();
    site.pushed("ada", KEY, &position("one", "p", 0.5));
    site.pushed("ada", KEY, &position("two", "p", 0.5));
    site.pushed("ada", KEY, &position("two", "q", 0.6));
    assert_message(as_admin(&site, "PUT", "/active", &[("username", "grace")], None), 200, "User marked as inactive");
    let users = as_admin(&site, "GET", "", &[], None);
    assert_eq!(users.status, 200);
    let user = |id: u32, name: &str, administrator: bool, active: bool, documents: u32| {
        json!({
            "id": id, "username": name, "isAdministrator": administrator, "isActive": active, "documentCount": documents,
        })
    };
    let expected = [
        user(4, NAME, false, true, 0),
        user(2, "ada", false, true, 2),
        user(1, "admin", true, true, 0),
        user(3, "grace", false, false, 0),
    ];
    assert_eq!(users.json(), json!(expected));

    // The id of a deleted account is not used again.
    assert_message(as_admin(&site, "DELETE", "", &[("username", NAME)], None), 200, "Success");
    let again = json!({ "username": NAME, "password": "x" });
    assert_message(as_admin(&site, "POST", "", &[], Some(again)), 200, "User created successfully");
    assert_eq!(as_admin(&site, "GET", "", &[], None).json()[0]["id"], 5);
}

#[test]
fn an_administrator_creates_users_with_plain_passwords() {
    let site = site();
    assert_eq!(site.login(NAME, KEY).status, 200, "the key is the MD5 of the password");
    assert_eq!(site.login(NAME, "password").status, 200);
    // A string that looks like a key is still a plain password here.
    let body = json!({ "username": "md5", "password": KEY });
    assert_message(as_admin(&site, "POST", "", &[], Some(body)), 200, "User created successfully");
    site.login("md5", KEY).unauthorized();

    let body = |name: Value, password: Value| Some(json!({ "username": name, "password": password }));
    let post = |body| as_admin(&site, "POST", "", &[], body);
    assert_message(post(body(json!("ada"), json!("x"))), 400, "User already exists");
    assert_message(post(body(json!("admin"), json!("x"))), 400, "User already exists");
    for blank in [json!(""), json!(" \t"), json!(null), json!(5)] {
        assert_message(post(body(json!("new"), blank)), 400, "Password cannot be empty or whitespace");
    }
    assert_message(post(body(json!(""), json!("x"))), 400, "Invalid request: username is empty.");
    assert_message(post(body(json!("a:b"), json!("x"))), 400, "Invalid request: username may not contain a colon.");
    post(None).refused(400, 103, "Could not parse JSON in body.");
    post(Some(json!([]))).refused(400, 104, "Body should be a JSON hash.");
}

#[test]
fn a_deleted_user_cannot_log_in_or_pull() {
    let site = site();
    let delete = |name| as_admin(&site, "DELETE", "", &[("username", name)], None);
    site.pushed(NAME, KEY, &position("book", "p", 0.5));
    assert_message(delete(NAME), 200, "Success");
    assert_message(delete(NAME), 404, "User does not exist");
    assert_message(delete(""), 404, "User does not exist");
    assert_message(delete("admin"), 400, "Cannot delete admin user");
    site.pull(NAME, KEY, "book").unauthorized();
    // A user may delete their own account.
    assert_message(manage(&site, "ada", KEY, "DELETE", "", &[("username", "ada")], None), 200, "Success");
    site.login("ada", KEY).unauthorized();
    assert_eq!(site.login("admin", ADMIN).status, 200);
}

#[test]
fn administrators_and_owners_list_and_delete_documents() {
    let site = site();
    site.pushed(NAME, KEY, &position("b/1", "/p[1]", 0.25));
    let mut without = position("b/2", "2", 1.0);
    without.as_object_mut().unwrap().remove("device_id");
    site.pushed(NAME, KEY, &without);
    for (user, key) in [("admin", ADMIN), (NAME, KEY)] {
        let list = manage(&site, user, key, "GET", "/documents", &[("username", NAME)], None);
        assert_eq!(list.status, 200);
        let mut list = list.json();
        for entry in list.as_array_mut().unwrap() {
            let timestamp = entry.as_object_mut().unwrap().remove("timestamp").unwrap();
            let text = timestamp.as_str().unwrap();
            assert!(text.starts_with("20") && text.ends_with(".000+00:00") && text.len() == 29, "{text}");
        }
        let expected = json!([
            { "documentHash": "b/1", "progress": "/p[1]", "percentage": 0.25, "device": "Kobo_nova", "deviceId": "AAAA" },
            { "documentHash": "b/2", "progress": "2", "percentage": 1.0, "device": "Kobo_nova" },
        ]);
        assert_eq!(list, expected);
    }
    assert_message(as_admin(&site, "GET", "/documents", &[("username", "nobody")], None), 400, "User does not exist");
    assert_message(as_admin(&site, "GET", "/documents", &[], None), 400, "User does not exist");
    assert_eq!(as_admin(&site, "GET", "/documents", &[("username", "ada")], None).body, "[]");

    let delete = |user, key, name, hash| {
        manage(&site, user, key, "DELETE", "/documents", &[("username", name), ("documentHash", hash)], None)
    };
    assert_message(delete("admin", ADMIN, NAME, "b/1"), 200, "Success");
    assert_message(
        delete("admin", ADMIN, NAME, "b/1"),
        404,
        &format!("Document hash [b/1] was not found for user [{NAME}]."),
    );
    assert_message(delete("admin", ADMIN, "nobody", "b"), 404, "Document hash [b] was not found for user [nobody].");
    assert_message(delete("admin", ADMIN, "", ""), 404, "Document hash [] was not found for user [].");
    assert_message(delete(NAME, KEY, NAME, "b/2"), 200, "Success");
    assert_eq!(site.pull(NAME, KEY, "b/2").body, "{}");
    assert_eq!(as_admin(&site, "GET", "", &[], None).json()[0]["documentCount"], 0);
}

#[test]
fn m2_m4_disabling_an_account_takes_effect_on_the_next_request() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let toggle = |name| as_admin(&site, "PUT", "/active", &[("username", name)], None);
    assert_message(toggle("ada"), 200, "User marked as inactive");
    site.login("ada", KEY).refused(401, 2001, "User is inactive");
    site.login("ada", "wrong").unauthorized();
    site.push("ada", KEY, &position("book", "q", 0.6)).unauthorized();
    site.pull("ada", KEY, "book").unauthorized();
    assert_message(toggle("ada"), 200, "User marked as active");
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    assert_message(toggle("admin"), 400, "Cannot update admin user");
    assert_message(toggle("nobody"), 400, "User does not exist");
    assert_message(toggle("a:b"), 400, "User does not exist");
}

#[test]
fn m4_a_new_password_takes_effect_on_the_next_request() {
    let site = site();
    assert_eq!(site.login(NAME, KEY).status, 200);
    let set = |name, password: Value| {
        as_admin(&site, "PUT", "/password", &[("username", name)], Some(json!({ "password": password })))
    };
    assert_message(set(NAME, json!("pässword")), 200, "Password changed successfully");
    site.login(NAME, KEY).unauthorized();
    assert_eq!(site.login(NAME, "pässword").status, 200);
    for blank in [json!(""), json!("  "), json!(null)] {
        assert_message(set(NAME, blank), 400, "Password cannot be empty or whitespace");
    }
    assert_message(set("admin", json!("x")), 400, "Cannot update admin user");
    assert_message(set("nobody", json!("x")), 400, "User does not exist");
    assert_eq!(site.login("admin", ADMIN).status, 200);
}

#[test]
fn each_management_route_names_its_methods() {
    let site = site();
    for (path, allowed) in
        [("", "DELETE, GET, HEAD, POST"), ("/documents", "DELETE, GET, HEAD"), ("/active", "PUT"), ("/password", "PUT")]
    {
        let reply = as_admin(&site, "PATCH", path, &[], None);
        assert_eq!((reply.status, reply.header("allow")), (405, Some(allowed)), "{path}");
    }
    assert_eq!(site.send_as("admin", ADMIN, "HEAD", "/manage/users", None).status, 200);
}

/// The counts are stored, not computed. (No test measures the list with many accounts.)
#[test]
fn document_counts_follow_pushes_and_deletions() {
    let site = site();
    for round in 0..3 {
        for document in 0..20 {
            site.pushed("ada", KEY, &position(&document.to_string(), &round.to_string(), 0.5));
        }
    }
    let delete =
        |hash: &str| as_admin(&site, "DELETE", "/documents", &[("username", "ada"), ("documentHash", hash)], None);
    for document in 0..5 {
        assert_message(delete(&document.to_string()), 200, "Success");
    }
    let ada = &as_admin(&site, "GET", "", &[], None).json()[1];
    assert_eq!((ada["username"].as_str(), ada["documentCount"].as_u64()), (Some("ada"), Some(15)));
    site.pushed("ada", KEY, &position("0", "again", 0.5));
    assert_eq!(as_admin(&site, "GET", "", &[], None).json()[1]["documentCount"], 16);
}
