//! All forms of all pages, as the pages themselves have them: each field filled in badly, each address asked for with GET, each form sent
//! by another site.

use std::collections::BTreeSet;

use crate::common::reading::{EMMA, export, uploaded};
use crate::common::{KEY, Reply, Site, percent_encoded, position};
use crate::visitor::{ADMIN_PASSWORD, PAGES, Reader, Visitor, book_path, forms, site};

/// A tag and its attributes.
struct Tag<'a>(&'a str);

impl<'a> Tag<'a> {
    /// Returns the tags of a page.
    fn all(html: &'a str) -> impl Iterator<Item = Self> {
        html.split('<').skip(1).map(|rest| Self(rest.split('>').next().unwrap()))
    }

    fn is(&self, name: &str) -> bool {
        self.0.split([' ', '\n']).next() == Some(name)
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        self.0.split_once(&format!(" {name}=\""))?.1.split('"').next()
    }
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Field {
    name: String,
    /// The type of an `input`. It is `select` for a list, and `button` for a button with a value.
    kind: String,
    value: String,
}

/// A form of a page that is sent with POST, as a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SentForm {
    path: String,
    fields: Vec<Field>,
}

/// Returns the forms of a page that are sent with POST.
fn forms_of(path: &str, html: &str) -> Vec<SentForm> {
    let mut forms = Vec::new();
    for form in html.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
        let head = format!("form {}", form.split('>').next().unwrap());
        let (tag, mut fields, mut addresses) = (Tag(&head), Vec::<Field>::new(), Vec::new());
        if tag.attribute("method") != Some("post") {
            continue;
        }
        addresses.push(tag.attribute("action").unwrap());
        for tag in Tag::all(form) {
            addresses.extend(tag.attribute("formaction"));
            let name = tag.attribute("name").unwrap_or_default().to_owned();
            let value = tag.attribute("value").unwrap_or_default().to_owned();
            let kind = match tag {
                _ if name.is_empty() => continue,
                _ if tag.is("select") => "select",
                _ if tag.is("button") => "button",
                _ if tag.is("input") => tag.attribute("type").unwrap_or("text"),
                _ => continue,
            };
            if !fields.iter().any(|field| field.name == name) {
                fields.push(Field { name, kind: kind.to_owned(), value });
            }
        }
        forms
            .extend(addresses.iter().map(|address| SentForm { path: resolved(path, address), fields: fields.clone() }));
    }
    forms
}

/// Returns a relative address of a page as a path.
fn resolved(page: &str, address: &str) -> String {
    let page = page.split('?').next().unwrap();
    let mut path: Vec<&str> = page.split('/').collect();
    path.pop();
    for part in address.split(['?', '#']).next().unwrap().split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// Starts a server with something of everything that has a form.
fn full_site() -> Site {
    let site = site();
    let book = |document: &str, title: &str, percentage: f64| {
        let mut body = position(document, &format!("p{percentage}"), percentage);
        body["metadata"] = serde_json::json!({ "title": title });
        site.pushed("ada", KEY, &body);
    };
    for (document, title, percentage) in [
        (EMMA, "Emma", 0.1),
        (EMMA, "Emma", 0.99),
        (EMMA, "Emma", 0.3),
        ("other", "Other", 0.2),
        ("third", "Emma", 0.2),
    ] {
        book(document, title, percentage);
    }
    site.pushed("ada", KEY, &position("8b4ba8d2a5a44a0a8e1d4c0c5d3f6a71", "p", 0.5));
    let has_one = |list: &serde_json::Value| list["highlights"].as_array().unwrap().len() == 1;
    uploaded(&site, "Austen - Emma.json", export(&["a text"]).to_string().as_bytes(), "/api/v1/highlights", has_one);
    let ada = Visitor::log_in(site.client, "ada", "password");
    assert_eq!(ada.post("/device-passwords", &[("name", "Kobo")]).status, 200);
    let other = &book_path("other")["/books/".len()..];
    assert_eq!(ada.post(&format!("{}/join", book_path(EMMA)), &[("other", other)]).status, 303);
    site
}

fn visitor(site: &Site, reader: Reader) -> Visitor {
    match reader {
        Reader::Nobody => Visitor::anonymous(site.client),
        Reader::Ada => Visitor::log_in(site.client, "ada", "password"),
        Reader::Admin => Visitor::log_in(site.client, "admin", ADMIN_PASSWORD),
    }
}

/// Returns the forms of all pages that a reader sees, each once.
fn all_forms(visitor: &Visitor, reader: Reader) -> BTreeSet<SentForm> {
    let pages = PAGES.iter().filter(|page| page.reader == reader && page.is_html).map(crate::visitor::Page::path);
    pages.flat_map(|path| forms_of(&path, &visitor.get(&path).body)).collect()
}

/// Returns the patterns of all routes that take forms, as the source has them.
fn form_routes() -> Vec<&'static str> {
    let dashboard = include_str!("../../src/http/dashboard/mod.rs");
    let texts = |call: &'static str| {
        dashboard.split(call).skip(1).map(|rest| {
            let mut texts = rest.split('"').skip(1).step_by(2);
            (texts.next().unwrap(), texts.next().unwrap())
        })
    };
    let pages = texts("self.page(").filter(|(_, methods)| methods.ends_with("POST"));
    let mut routes: Vec<&str> = pages.chain(texts("self.action(")).map(|(route, _)| route).collect();
    if cfg!(feature = "import") {
        routes.extend(["transfer/upload", "transfer/import", "transfer/discard", "transfer/check"]);
    }
    assert!(routes.len() > 35, "{routes:?}");
    routes
}

fn concrete(route: &str) -> String {
    let path = route.replace("{book}", &book_path(EMMA)["/books/".len()..]).replace("{program}", "crosspoint");
    let path = path.replace("{number}", if route.starts_with("device-") { "1" } else { "2" });
    format!("/{}", path.replace("{device}", "0"))
}

fn matches(route: &str, path: &str) -> bool {
    let path = path.trim_start_matches('/');
    let mut pairs = route.split('/').zip(path.split('/'));
    route.split('/').count() == path.split('/').count()
        && pairs.all(|(name, part)| name == part || name.starts_with('{'))
}

#[test]
fn the_forms_of_the_pages_and_the_list_of_forms_have_every_route() {
    let site = full_site();
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for reader in [Reader::Nobody, Reader::Ada, Reader::Admin] {
        paths.extend(all_forms(&visitor(&site, reader), reader).into_iter().map(|form| form.path));
    }
    let listed: Vec<String> = forms().into_iter().map(|(path, _)| path).collect();
    for route in form_routes() {
        // A proxy's user switches accounts, and an import has its forms once there is a file.
        let needs_more = ["switch-account", "transfer/import", "transfer/discard"].contains(&route);
        assert!(needs_more || paths.iter().any(|path| matches(route, path)), "no page has the form of {route}");
        let is_elsewhere = ["login", "register"].contains(&route) || route.starts_with("transfer/");
        assert!(
            is_elsewhere || listed.iter().any(|path| matches(route, path)),
            "not in `forms` of visitor.rs: {route}"
        );
    }
}

#[test]
fn get_of_every_form_s_address_leads_to_a_page_that_has_the_form() {
    let site = full_site();
    for reader in [Reader::Ada, Reader::Admin] {
        let visitor = visitor(&site, reader);
        for route in form_routes() {
            let is_admin_s = ["accounts", "registration", "transfer"].contains(&route.split('/').next().unwrap());
            if is_admin_s != (reader == Reader::Admin) {
                continue;
            }
            let path = concrete(route);
            let mut page = (path.clone(), visitor.get(&path));
            if page.1.status == 303 {
                let location = page.1.header("location").unwrap();
                let address = resolved(&page.0, location);
                page = (address.clone(), visitor.get(&address));
            }
            let (address, reply) = page;
            if ["login", "register"].contains(&route) {
                continue;
            }
            assert_eq!(reply.status, 200, "{path} leads to {address}: {reply:?}");
            let has_form = forms_of(&address, &reply.body).iter().any(|form| matches(route, &form.path));
            // The list of files has links to the page with this form.
            let needs_more = ["switch-account", "transfer/import", "transfer/discard", "files/delete"].contains(&route);
            assert!(has_form || needs_more, "{address} has no form of {route}: {}", reply.body);
        }
    }
}

/// All routes, for each reader: nothing changes, and no session begins or ends.
#[test]
fn no_form_of_another_site_does_anything_whatever_route_it_is_for() {
    let site = full_site();
    let origins: [&[(&str, &[u8])]; 8] = [
        &[],
        &[("origin", b"null")],
        &[("origin", b"null"), ("sec-fetch-site", b"cross-site")],
        &[("origin", b"https://evil.example")],
        &[("origin", b"http://localhost"), ("sec-fetch-site", b"cross-site")],
        &[("origin", b"http://localhost"), ("sec-fetch-site", b"same-site")],
        &[("origin", b"http://localhost"), ("sec-fetch-site", b"none")],
        &[("referer", b"http://evil.example/localhost")],
    ];
    for reader in [Reader::Nobody, Reader::Ada, Reader::Admin] {
        let visitor = visitor(&site, reader);
        for route in form_routes() {
            for origin in origins {
                let fields =
                    [("name", "ada"), ("password", "password"), ("new", "x"), ("again", "x"), ("current", "password")];
                let reply = visitor.post_from(&concrete(route), &fields, origin);
                assert_eq!((reply.status, reply.header("set-cookie")), (403, None), "{route}, {origin:?}: {reply:?}");
                assert!(reply.body.contains("Nothing was changed"), "{route}: {reply:?}");
            }
        }
        assert!(reader == Reader::Nobody || visitor.is_logged_in());
    }
    assert_eq!(site.login("ada", KEY).status, 200);
    assert_eq!(site.server.store().users().unwrap().len(), 3);
    assert_eq!(site.pulled("ada", KEY, EMMA)["percentage"], 0.3);
}

/// What is wrong with a value, and the value, encoded for a form.
const BAD: [(&str, &str); 6] = [
    ("empty", ""),
    ("blank", "+%09"),
    ("control characters", "a%01%00b"),
    ("invalid UTF-8", "a%FF%C3"),
    ("another type", "-1e99%22%3E%3Cb%3E"),
    ("too long", "LONG"),
];

/// Returns a value that a field can have.
fn good(field: &Field) -> &str {
    match (field.name.as_str(), field.kind.as_str()) {
        ("current" | "password", _) => "password",
        ("new" | "again", _) => "another",
        ("name", "text") => "A name",
        ("address", _) => "http://192.168.1.20:7200",
        ("goal", _) => "12",
        _ => &field.value,
    }
}

/// Checks the answer to a form of which one field was bad.
#[track_caller]
fn check_answer(form: &SentForm, field: &Field, what: &str, value: &str, reply: &Reply) {
    let case = format!("{}, {} {what}: {reply:?}", form.path, field.name);
    let (page, body) = (&reply.body, &reply.body);
    for secret in form.fields.iter().filter(|field| field.kind == "password") {
        assert!(
            !Tag::all(page).any(|tag| tag.attribute("name") == Some(&secret.name) && tag.attribute("value").is_some()),
            "{case}"
        );
    }
    match reply.status {
        // It can be so, as an empty name can.
        200 | 303 => return,
        400 | 403 | 404 | 429 => {}
        _ => panic!("{case}"),
    }
    assert!(body.contains("</html>") && !body.contains("-1e99\"><b>"), "{case}");
    if !body.contains("id=\"errors\"") {
        // A page of its own, with a way back, for what nobody types.
        assert!(["hidden", "button", "radio", "select"].contains(&field.kind.as_str()), "no summary: {case}");
        assert!(body.contains("<ul class=\"ways\">\n<li><a href=\""), "{case}");
        return;
    }
    assert!(body.contains("<title>Error: "), "{case}");
    assert!(body.contains("id=\"errors\" role=\"alert\" tabindex=\"-1\" autofocus"), "{case}");
    let summary = body.split("id=\"errors\"").nth(1).unwrap().split("</div>").next().unwrap();
    let links: Vec<&str> = Tag::all(summary).filter_map(|tag| tag.attribute("href")?.strip_prefix('#')).collect();
    // Too many failed logins are nobody's field.
    assert!(!links.is_empty() || reply.status == 429, "no link: {case}");
    for id in links {
        let tags: Vec<Tag<'_>> = Tag::all(body).filter(|tag| tag.attribute("id") == Some(id)).collect();
        assert_eq!(tags.len(), 1, "{id}: {case}");
        assert_eq!(body.matches(&format!("id=\"{id}-error\"")).count(), 1, "{id}: {case}");
        if tags[0].is("input") || tags[0].is("select") {
            assert_eq!(tags[0].attribute("aria-invalid"), Some("true"), "{case}");
            let described = tags[0].attribute("aria-describedby").unwrap_or_default();
            assert!(described.split(' ').any(|other| other == format!("{id}-error")), "{case}");
        }
    }
    // What was typed is still there.
    for other in form.fields.iter().filter(|field| ["text", "url", "number", "date"].contains(&field.kind.as_str())) {
        let sent = if other.name == field.name { value } else { good(other) };
        if sent.contains('%') || sent.contains('+') {
            continue;
        }
        let is_kept = Tag::all(body).any(|tag| {
            tag.attribute("name") == Some(&other.name) && tag.attribute("value").unwrap_or_default() == sent
        });
        assert!(is_kept, "{} is lost: {case}", other.name);
    }
}

#[test]
fn whatever_a_field_has_the_answer_is_the_form_with_the_reason_and_what_was_typed() {
    let site = full_site();
    let long = "x".repeat(5000);
    let mut checked = 0;
    for reader in [Reader::Ada, Reader::Admin, Reader::Nobody] {
        let visitor = visitor(&site, reader);
        for form in all_forms(&visitor, reader) {
            // Its form is that of `/setup/koreader`, and its answer a ZIP.
            let ends_it = ["/logout", "/transfer/upload", "/transfer/check", "/setup/koreader/files"]
                .contains(&form.path.as_str());
            if ends_it || form.path.ends_with("/forget") || form.path.ends_with("/revoke") {
                continue;
            }
            // With all passwords right, the password changes, whatever else is sent.
            let changes_it = |field: &&Field| form.path == "/password" && field.kind == "hidden";
            for field in form.fields.iter().filter(|field| !changes_it(field)) {
                // Few attempts at passwords: there is a limit.
                let is_secret = ["current", "password"].contains(&field.name.as_str());
                for (what, value) in BAD.into_iter().take(if is_secret { 1 } else { BAD.len() }) {
                    let value = if value == "LONG" { long.as_str() } else { value };
                    let pair = |other: &Field| match other.name == field.name {
                        true => format!("{}={value}", other.name),
                        false => format!("{}={}", other.name, percent_encoded(good(other))),
                    };
                    let body: Vec<String> = form.fields.iter().map(pair).collect();
                    let headers: [(&str, &[u8]); 2] =
                        [("cookie", visitor.cookie.as_bytes()), ("origin", b"http://localhost")];
                    let reply = site.send("POST", &form.path, &headers, Some(&body.join("&")));
                    check_answer(&form, field, what, value, &reply);
                    checked += 1;
                }
            }
        }
        assert!(reader == Reader::Nobody || visitor.is_logged_in());
    }
    assert!(checked > 150, "{checked}");
}

/// Nothing is hidden, disabled or closed by a value that no page has.
#[test]
fn a_choice_that_no_page_offers_changes_nothing() {
    let site = full_site();
    let (ada, admin) = (visitor(&site, Reader::Ada), visitor(&site, Reader::Admin));
    let hidden = format!("{}/hidden", book_path(EMMA));
    for value in ["", "maybe", "YES", "0"] {
        for (visitor, path, field) in [
            (&admin, "/accounts/2/active", "active"),
            (&admin, "/registration", "open"),
            (&ada, hidden.as_str(), "hidden"),
        ] {
            let refused = visitor.post(path, &[(field, value)]);
            assert_eq!(refused.status, 400, "{path} {value}: {refused:?}");
            assert!(refused.body.contains("There is no such choice."), "{path} {value}: {refused:?}");
        }
    }
    assert_eq!(site.login("ada", KEY).status, 200);
    assert!(site.server.registration().unwrap());
    // A disabled account is not enabled either.
    assert_eq!(admin.post("/accounts/3/active", &[("active", "no")]).status, 303);
    assert_eq!(admin.post("/accounts/3/active", &[("active", "maybe")]).status, 400);
    assert_eq!(site.login("grace", KEY).status, 401);
}

#[test]
fn a_device_s_refused_name_is_shown_on_the_page_that_has_the_device() {
    let site = site();
    for number in 0..60 {
        let mut body = position("book", "p", 0.5);
        body["device"] = serde_json::json!(format!("Device {number}"));
        body["device_id"] = serde_json::json!(format!("{number}"));
        site.pushed("ada", KEY, &body);
    }
    let ada = visitor(&site, Reader::Ada);
    let page = ada.get("/devices?page=2").body;
    let form = forms_of("/devices", &page).into_iter().find(|form| form.path.ends_with("/name")).unwrap();
    let typed = "x".repeat(500);
    let refused = ada.post(&form.path, &[("name", &typed)]);
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("Page 2 of 4") && refused.body.contains(&typed), "{refused:?}");
}

/// When the session has ended, a form waits with all its fields for the login. This holds for forms in which readers
/// type or choose.
#[test]
fn every_field_of_a_form_that_is_typed_in_is_kept_through_a_login() {
    let site = full_site();
    // What begins or ends a session, what has only passwords, a file, and what one press on its own page repeats.
    let is_not_kept = |path: &str| {
        ["/login", "/logout", "/register", "/password", "/delete-account", "/transfer/upload"].contains(&path)
            || path.ends_with("/password")
    };
    let is_typed =
        |field: &Field| ["text", "search", "url", "number", "date", "radio", "select"].contains(&field.kind.as_str());
    let mut kept = 0;
    for reader in [Reader::Ada, Reader::Admin] {
        let in_session = visitor(&site, reader);
        for form in all_forms(&in_session, reader) {
            if is_not_kept(&form.path) || !form.fields.iter().any(is_typed) {
                continue;
            }
            let sent: Vec<(&str, &str)> = form
                .fields
                .iter()
                .map(|field| {
                    (
                        field.name.as_str(),
                        match good(field) {
                            "" if field.kind == "date" => "2026-01-02",
                            "" if is_typed(field) => "typed",
                            value => value,
                        },
                    )
                })
                .collect();
            let ended = Visitor::anonymous(site.client).post(&form.path, &sent);
            let encoded = |name: &str| {
                let field = Tag::all(&ended.body).find(|tag| tag.attribute("name") == Some(name));
                field
                    .and_then(|tag| tag.attribute("value"))
                    .unwrap_or_else(|| panic!("{} is lost: {ended:?}", form.path))
            };
            assert_eq!(encoded("form"), form.path.trim_start_matches('/'));
            let names = String::from_utf8(decoded(encoded("fields"))).unwrap();
            let names: Vec<&str> = names.split('&').map(|field| field.split('=').next().unwrap()).collect();
            for field in &form.fields {
                assert!(names.contains(&field.name.as_str()), "{} of {} is lost: {names:?}", field.name, form.path);
            }
            kept += 1;
        }
    }
    assert!(kept >= 14, "{kept} forms");
}

/// Decodes text that an address has: base64 of RFC 4648 for addresses, without padding.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => panic!("{text}"),
    };
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes() {
        (bits, count) = (bits << 6 | u32::from(digit(byte)), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
