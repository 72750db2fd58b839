//! Setting up a device: the pages, the address, and that no password is anywhere but in the answer that shows it.

use std::io::Write as _;

use kosync::Key;

use crate::common::{KEY, OTHER_KEY, Reply, Site, connect, percent_encoded, position};
use crate::visitor::{Visitor, pages, site};

pub const ADDRESS: &str = "http://192.168.1.20:7200";

pub fn md5(text: &str) -> String {
    Key::from_password(text.as_bytes()).unwrap().reveal().to_owned()
}

/// Returns the device passwords that a page shows: it has four groups of seven letters.
fn passwords(text: &str) -> Vec<String> {
    let is_password = |word: &&str| {
        let groups: Vec<&str> = word.split('-').collect();
        groups.len() == 4
            && groups.iter().all(|group| group.len() == 7 && group.bytes().all(|b| b.is_ascii_lowercase()))
    };
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).filter(is_password);
    words.map(str::to_owned).collect()
}

/// Nothing that was chosen is lost with an error, which stands at its field.
#[test]
fn the_form_begins_with_what_most_need_and_keeps_what_was_chosen() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let checked = |page: &str| {
        let inputs = page.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap());
        let mut checked: Vec<_> = inputs.filter(|input| input.ends_with(" checked")).map(str::to_owned).collect();
        checked.retain(|input| input.contains("files") || input.contains("koreader"));
        checked
            .iter()
            .map(|input| input.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let is_invalid = |page: &str, field: &str| {
        let input = page.split(&format!("<input id=\"{field}\"")).nth(1).unwrap();
        input.split('>').next().unwrap().contains("aria-invalid")
    };
    let page = ada.get("/setup/koreader").body;
    assert_eq!(checked(&page), ["yes", "used"], "{page}");
    assert!(page.contains("href=\"../files#setup\""), "{page}");
    assert!(!is_invalid(&page, "name") && !is_invalid(&page, "address"));
    assert_eq!(checked(&ada.get("/setup/readest").body), [] as [&str; 0]);
    for (name, address, faulty) in [("Kobo", "nas", "address"), ("", ADDRESS, "name")] {
        for path in ["/setup/koreader", "/setup/koreader/files"] {
            let page = ada.post(path, &[("name", name), ("address", address), ("koreader", "new")]).body;
            assert_eq!(checked(&page), ["new"], "{page}");
            assert_eq!(
                ["name", "address"].map(|field| is_invalid(&page, field)),
                [faulty == "name", faulty == "address"]
            );
            // The script does not write the browser's address over what was typed.
            assert!(field(&page).as_deref() == Some(address) && !page.contains("data-base"), "{page}");
        }
    }
    // With as many passwords as an account may have, nothing is made, and the form says why.
    for _ in 0..100 {
        let made = site.send_as("ada", KEY, "POST", "/api/v1/device-passwords", Some(r#"{"name":"Kobo"}"#));
        assert_eq!(made.status, 201, "{made:?}");
    }
    for path in ["/setup/koreader", "/setup/koreader/files", "/setup/other"] {
        let reply = ada.post(path, &[("name", "one more"), ("address", ADDRESS)]);
        assert!(reply.status == 400 && reply.body.contains("you have 100, as many as"), "{reply:?}");
        assert!(passwords(&reply.body).is_empty() && reply.body.contains("../device-passwords\""), "{reply:?}");
    }
}

#[test]
fn what_to_type_is_shown_once_with_codes_and_lines_to_merge() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let mut seen = Vec::new();
    let mut addresses_code = None;
    for program in ["koreader", "crosspoint", "readest", "other"] {
        let fields = [("name", "My <b> reader"), ("address", "https://books.example/kosync/"), ("files", "yes")];
        let reply = ada.post(&format!("/setup/{program}"), &fields);
        assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
        assert_eq!((reply.header("location"), reply.header("set-cookie")), (None, None));
        let page = &reply.body;
        assert!(page.contains("<code class=\"address\">https://books.example/kosync</code>"), "{page}");
        assert!(page.contains("My &#60;b&#62; reader") && page.matches("<svg class=\"qr\"").count() == 2, "{page}");
        let codes: Vec<&str> =
            page.split("<path fill=\"#000\" d=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(codes[0] != codes[1] && addresses_code.get_or_insert(codes[0].to_owned()) == codes[0], "{page}");
        let mut shown = passwords(page);
        shown.dedup();
        assert_eq!(shown.len(), 1, "{page}");
        site.pushed("ada", &shown[0], &position("book", "p", 0.5));
        // Only KOReader has files, and a folder that holds them.
        let has_lines =
            page.contains("&#34;checksum_method&#34;") && page.contains("https://books.example/kosync/webdav");
        assert_eq!(has_lines, program == "koreader", "{page}");
        // What the files would set is there to do by hand, and what they cannot set is said.
        for step in ["<b>Cloud storage</b>", "<b>Cloud sync</b>", "<b>Export to Json</b>", "href=\"../files#setup\""] {
            assert_eq!(page.contains(step), program == "koreader", "{step}: {page}");
        }
        seen.append(&mut shown);
    }
    for path in pages() {
        let page = ada.get(&path).body;
        assert!(!seen.iter().any(|password| page.contains(password) || page.contains(&md5(password))), "{path}");
    }
    assert_eq!(ada.post("/setup/kindle", &[("name", "x"), ("address", ADDRESS)]).status, 404);
    assert_eq!(ada.get("/setup/kindle").status, 404);
}

/// With the folders off, nothing is offered that needs them.
#[test]
fn without_webdav_there_is_progress_sync_alone() {
    let site = Site::with(|builder| builder.admin_password("x").webdav(false));
    site.registered("ada", KEY);
    let ada = Visitor::log_in(site.client, "ada", "password");
    let page = ada.get("/setup/koreader").body;
    assert!(!page.contains("name=\"files\"") && !page.contains("files#setup"), "{page}");
    let page = ada.post("/setup/koreader", &[("name", "Kobo"), ("address", ADDRESS), ("files", "yes")]).body;
    assert!(page.contains("checksum_method") && !page.contains("webdav"), "{page}");
}

/// Revokes all device passwords.
fn revoke_all(visitor: &Visitor) {
    let page = visitor.get("/device-passwords").body;
    for path in page.split("action=\"./").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        if path.ends_with("/revoke") {
            assert_eq!(visitor.post(&format!("/{path}"), &[]).status, 303);
        }
    }
}

/// The value of the address field, if the form has one.
fn field(page: &str) -> Option<String> {
    let input = page.split("name=\"address\"").nth(1)?;
    Some(input.split("value=\"").nth(1)?.split('"').next()?.to_owned())
}

#[test]
fn the_address_is_never_a_guess_that_cannot_be_right() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let get = |visitor: &Visitor, host: &str| -> Reply {
        let mut stream = connect(visitor.client.address);
        let head = format!("GET /setup/koreader HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\n\r\n", visitor.cookie);
        stream.write_all(head.as_bytes()).unwrap();
        crate::common::read_reply(&mut stream, false).unwrap()
    };
    assert_eq!(field(&get(&ada, "192.168.1.20:7200").body).as_deref(), Some(ADDRESS));
    for host in ["localhost:7200", "kosync.localhost:7200", "127.0.0.1:7200", "[::1]:7200", "0.0.0.0:7200"] {
        let page = get(&ada, host).body;
        assert_eq!(field(&page).as_deref(), Some(""), "{host}");
        assert!(page.contains("only works on the server itself") && page.contains("<code>address</code>"), "{page}");
    }
    // Many e-readers do not find such a name, which browsers do.
    let page = get(&ada, "umbrel.local:7200").body;
    assert_eq!(field(&page).as_deref(), Some("http://umbrel.local:7200"));
    assert!(page.contains("cannot find names that end in .local"), "{page}");
    assert!(!get(&ada, "192.168.1.20:7200").body.contains("names that end in .local"));
    for (address, is_told) in [("http://nas.local", true), (ADDRESS, false)] {
        let page = ada.post("/setup/readest", &[("name", "Phone"), ("address", address)]).body;
        assert_eq!(page.contains("names that end in .local"), is_told, "{page}");
        revoke_all(&ada);
    }
    // The field is required, and checked.
    for address in [
        "",
        "192.168.1.20:7200",
        "ftp://books.example",
        "http://",
        "http://a b",
        "http://\"x",
        "http://nas:72000",
        "http://[fd00::1",
        "http://a]]\nos.exit()",
    ] {
        for path in ["/setup/koreader", "/setup/koreader/files", "/setup/readest"] {
            let reply = ada.post(path, &[("name", "Kobo"), ("address", address)]);
            assert!(reply.status == 400 && reply.body.contains("No password was made"), "{address}: {reply:?}");
            assert!(passwords(&reply.body).is_empty() && reply.body.contains("value=\"Kobo\""), "{reply:?}");
        }
    }
    assert_eq!(ada.post("/setup/koreader", &[("name", " "), ("address", ADDRESS)]).status, 400);
    assert!(ada.get("/device-passwords").body.contains("You have 0 of at most 100"));

    // What the configuration says is not asked.
    let site = Site::with(|builder| builder.admin_password("x").address("https://books.example/sync".parse().unwrap()));
    site.registered("ada", OTHER_KEY);
    let ada = Visitor::log_in(site.client, "ada", "test");
    let page = ada.get("/setup/koreader").body;
    assert!(field(&page).is_none() && page.contains("<code>https://books.example/sync</code>"), "{page}");
    let reply = ada.post("/setup/koreader", &[("name", "Kobo"), ("address", "http://evil.example")]);
    assert!(reply.status == 200 && passwords(&reply.body).len() == 1, "{reply:?}");
    assert!(reply.body.contains("https://books.example/sync") && !reply.body.contains("evil.example"), "{reply:?}");
}

#[test]
fn the_first_page_leads_to_setting_up_a_device() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    for path in ["/", "/books", "/devices", "/account", "/device-passwords"] {
        assert!(ada.get(path).body.contains("href=\"./setup\""), "{path}");
    }
    let page = ada.get("/setup").body;
    for program in ["koreader", "crosspoint", "readest", "other"] {
        assert!(page.contains(&format!("href=\"./setup/{program}\"")), "{page}");
        assert!(ada.get(&format!("/setup/{program}")).body.contains("<form class=\"fields\""));
    }
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    assert!(ada.get("/devices").body.contains("href=\"./setup\""));
}

/// Neither a device password nor nobody makes another one.
#[test]
fn setup_refuses_a_device_password() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let page = ada.post("/setup/other", &[("name", "Kobo"), ("address", ADDRESS)]).body;
    let password = passwords(&page).remove(0);
    let basic = basic("ada", &password);
    let key = md5(&password);
    let credentials: [Vec<(&str, &[u8])>; 2] =
        [vec![("x-auth-user", b"ada"), ("x-auth-key", key.as_bytes())], vec![("authorization", basic.as_bytes())]];
    for headers in credentials {
        for path in ["/setup/koreader", "/setup/koreader/files"] {
            let headers = [headers.as_slice(), &[("origin", b"http://localhost".as_slice())]].concat();
            let body = format!("name=Kobo&address={}", percent_encoded(ADDRESS));
            let reply = site.send("POST", path, &headers, Some(&body));
            // The login page, which carries the form.
            assert_eq!((reply.status, passwords(&reply.body)), (403, vec![]), "{path}: {reply:?}");
            assert!(reply.body.contains("action=\"") && reply.body.contains("name=\"password\""), "{path}: {reply:?}");
        }
    }
    assert!(ada.get("/device-passwords").body.contains("You have 1 of at most 100"));
}

pub fn basic(user: &str, password: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("Basic ");
    for chunk in format!("{user}:{password}").as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let is_padding = digit > chunk.len();
            text.push(if is_padding { '=' } else { char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]) });
        }
    }
    text
}
