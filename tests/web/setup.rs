//! Setting up a device: the pages, the files for KOReader as its own loader takes them, and that no password is anywhere else.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use kosync::Key;
use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Reply, Site, are_installed, connect, percent_encoded, position, request};
use crate::visitor::{Visitor, pages, site};

const ADDRESS: &str = "http://192.168.1.20:7200";

fn md5(text: &str) -> String {
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

/// Sends the form of KOReader's files, and returns head and body of the answer.
fn download(visitor: &Visitor, fields: &[(&str, &str)]) -> (String, Vec<u8>) {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    let headers: [(&str, &[u8]); 3] = [
        ("cookie", visitor.cookie.as_bytes()),
        ("origin", b"http://localhost"),
        ("accept-encoding", b"gzip, deflate, br"),
    ];
    let mut stream = connect(visitor.client.address);
    stream.write_all(&request("POST", "/setup/koreader/files", &headers, Some(&fields.join("&")))).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_owned()).unwrap().to_ascii_lowercase(), answer[end + 4..].to_owned())
}

/// Unpacks an archive over what is in a folder, by another program's hand, which checks it.
fn unpack(archive: &[u8], folder: &Path) {
    let path = folder.with_extension("zip");
    fs::write(&path, archive).unwrap();
    // Some programs that unpack take time and mode as they are.
    let script =
        "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])
for file in z.infolist(): assert file.date_time[0] >= 2024 and file.external_attr >> 16 & 0o777 == 0o644, file";
    let status = Command::new("python3").args(["-c", script]).args([&path, folder]).status().unwrap();
    assert!(status.success());
}

/// Starts KOReader's part that loads settings, and returns what its plugins would find.
fn start_koreader(folder: &Path) -> BTreeMap<String, String> {
    start_koreader_as(folder, &["seamless", "2026.08"])
}

/// Starts it on a device whose Wi-Fi is `seamless` or not, and in a version: 2026.03 is one that knows no `settings/kosync.lua`.
fn start_koreader_as(folder: &Path, device: &[&str]) -> BTreeMap<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/koreader.lua");
    let output = Command::new("lua5.1").arg(script).arg(folder).args(device).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let decoded = |digits: &str| {
        let bytes: Vec<u8> =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
        String::from_utf8(bytes).unwrap()
    };
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .filter(|(name, _)| *name != "reader.last_migration_date")
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn has_lua() -> bool {
    are_installed(&["lua5.1", "python3"], "KOSYNC_TEST_LUA")
}

#[test]
fn koreader_finds_address_name_and_key_in_the_files_and_syncs() {
    if !has_lua() {
        return;
    }
    let site = Site::with(|builder| builder.admin_password("x"));
    // What could break out of a string of Lua.
    let name = "Müller \"q\" \\ ]] %s 本";
    site.registered(name, KEY);
    let visitor = Visitor::log_in(site.client, name, "password");
    let dir = tempfile::tempdir().unwrap();
    for (number, installation) in ["used", "new"].into_iter().enumerate() {
        let folder = dir.path().join(installation);
        fs::create_dir_all(folder.join("settings")).unwrap();
        let fields = [("name", "Kobo \"\\"), ("address", ADDRESS), ("files", "yes"), ("koreader", installation)];
        let (head, archive) = download(&visitor, &fields);
        for line in [
            "http/1.1 200",
            "content-type: application/zip",
            "cache-control: no-store",
            "content-disposition: attachment",
        ] {
            assert!(head.contains(line), "{line}: {head}");
        }
        assert!(!head.contains("content-encoding"), "{head}");
        unpack(&archive, &folder);
        let found = start_koreader(&folder);
        let is =
            |key: &str, value: &str| assert_eq!(found.get(key).map(String::as_str), Some(value), "{key}: {found:?}");
        is("progress.settings.custom_server", ADDRESS);
        is("progress.settings.username", name);
        is("progress.settings.auto_sync", "true");
        is("progress.settings.send_metadata", "true");
        is("progress.settings.checksum_method", "0");
        is("progress.settings.sync_forward", "1");
        is("progress.settings.sync_backward", "3");
        is("reader.wifi_enable_action", "turn_on");
        is("reader.statistics.is_enabled", "true");
        is("reader.statistics.max_sec", "120");
        is("reader.exporter.json.enabled", "true");
        is("reader.exporter.json.upload", "true");
        for server in ["cloud.cs_servers.1", "reader.statistics.sync_server", "reader.exporter.json.upload_server"] {
            is(&format!("{server}.address"), &format!("{ADDRESS}/webdav"));
            is(&format!("{server}.type"), "webdav");
            is(&format!("{server}.url"), "");
            is(&format!("{server}.username"), name);
        }
        // The patch has removed itself, and another start finds the same.
        assert!(!folder.join("patches/2-kosync-setup.lua").exists());
        assert_eq!(start_koreader(&folder), found);

        let key = &found["progress.settings.userkey"];
        let password = &found["reader.statistics.sync_server.password"];
        assert_eq!(*key, md5(password));
        let document = format!("book {number}");
        site.pushed(name, key, &position(&document, "p", 0.5));
        assert_eq!(site.pulled(name, key, &document)["progress"], "p");
        let basic = basic(name, password);
        let headers: [(&str, &[u8]); 1] = [("authorization", basic.as_bytes())];
        assert_eq!(site.send("PUT", &format!("/webdav/{number}"), &headers, Some("read")).status, 201);
        assert_eq!(site.send("GET", &format!("/webdav/{number}"), &headers, None).body, "read");
        // Nothing that was answered before or comes later has it.
        for path in ["/setup", "/setup/koreader", "/device-passwords", "/devices", "/account", "/activity"] {
            let page = visitor.get(path).body;
            assert!(!page.contains(key) && !page.contains(password), "{path}");
        }
    }
    assert!(visitor.get("/device-passwords").body.contains("Kobo &#34;\\"));
}

/// The text in the ZIP is what a reader has beside the device, without the page.
#[test]
fn the_zip_is_called_after_the_device_and_its_text_says_where_the_files_go() {
    if !has_lua() {
        return;
    }
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let dir = tempfile::tempdir().unwrap();
    for (installation, files, told, not_told) in [
        ("used", vec!["kosync-setup.txt", "patches", "settings"], "add to all other settings", "never started"),
        (
            "new",
            vec!["kosync-setup.txt", "settings", "settings.reader.lua"],
            "never started",
            "add to all other settings",
        ),
    ] {
        let folder = dir.path().join(installation);
        let fields = [("name", "../Jörg's"), ("address", ADDRESS), ("koreader", installation)];
        let (head, archive) = download(&ada, &fields);
        assert!(head.contains("filename=\"kosync-.._j_rg_s.zip\""), "{head}");
        unpack(&archive, &folder);
        let mut names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, files);
        let text = fs::read_to_string(folder.join("kosync-setup.txt")).unwrap();
        for part in [
            "../Jörg's",
            ADDRESS,
            told,
            "Kobo: .adds/koreader\r\n",
            "Kindle: koreader\r\n",
            "Android: /sdcard/koreader\r\n",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains(not_told), "{text}");
    }
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

/// Copying settings over those of a KOReader in use would lose them.
#[test]
fn what_koreader_has_already_stays() {
    if !has_lua() {
        return;
    }
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("koreader");
    let write = |path: &str, text: &str| {
        fs::create_dir_all(folder.join("settings")).unwrap();
        fs::write(folder.join(path), text).unwrap();
    };
    write(
        "settings.reader.lua",
        "return { device_id = 'D', exporter = { json = { bookChecksum = true }, text = { enabled = true } }, \
         statistics = { min_sec = 7, is_enabled = true, sync_server = { type = 'dropbox', url = '/stats', name = 'D' } } }",
    );
    write(
        "settings/cloudstorage.lua",
        "return { cs_servers = { { name = 'D', type = 'dropbox', url = '/' } }, download_dir = 'x' }",
    );
    write("settings/kosync.lua", "return { settings = { username = 'other' } }");
    write("settings/statistics.sqlite3.sync", "what was uploaded to Dropbox");
    let fields = [("name", "Kobo"), ("address", ADDRESS), ("files", "yes"), ("koreader", "used")];
    let mut before = None;
    for password in 1..=2 {
        unpack(&download(&ada, &fields).1, &folder);
        let found = start_koreader(&folder);
        for (key, value) in [
            ("reader.device_id", "D"),
            ("reader.statistics.min_sec", "7"),
            ("reader.statistics.sync_server.type", "webdav"),
            ("reader.exporter.json.bookChecksum", "true"),
            ("reader.exporter.text.enabled", "true"),
            ("cloud.cs_servers.1.type", "dropbox"),
            ("cloud.cs_servers.2.type", "webdav"),
            ("cloud.download_dir", "x"),
            ("progress.settings.username", "ada"),
        ] {
            assert_eq!(found.get(key).map(String::as_str), Some(value), "{key}: {found:?}");
        }
        // Set up again, the entry has the new password, and is there once.
        assert!(!found.contains_key("cloud.cs_servers.3.type"), "{found:?}");
        assert_ne!(before.replace(found["cloud.cs_servers.2.password"].clone()), before);
        // With the copy of another folder's file, KOReader would delete what is missing there. With ours it stays.
        assert_eq!(folder.join("settings/statistics.sqlite3.sync").exists(), password == 2);
        write("settings/statistics.sqlite3.sync", "what was uploaded here");
    }
    // Another account, another server, another folder and another kind are others: they stay, and their copy of the statistics goes.
    for (number, other) in [
        "type = 'dropbox', url = '/', password = 'x'".to_owned(),
        format!("type = 'webdav', address = '{ADDRESS}/webdav', url = '', username = 'grace', password = 'x'"),
        "type = 'webdav', address = 'http://192.168.1.21:7200/webdav', url = '', username = 'ada', password = 'x'"
            .to_owned(),
        format!("type = 'webdav', address = '{ADDRESS}/webdav', url = '/stats', username = 'ada', password = 'x'"),
        format!("type = 'ftp', address = '{ADDRESS}/webdav', url = '', username = 'ada', password = 'x'"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = dir.path().join(format!("other {number}"));
        let write = |path: &str, text: String| {
            fs::create_dir_all(folder.join("settings")).unwrap();
            fs::write(folder.join(path), text).unwrap();
        };
        // In the first one, no settings say whose the copy is.
        let statistics =
            if number == 0 { String::new() } else { format!("statistics = {{ sync_server = {{ {other} }} }}") };
        write("settings.reader.lua", format!("return {{ {statistics} }}"));
        write("settings/cloudstorage.lua", format!("return {{ cs_servers = {{ {{ {other} }} }} }}"));
        write("settings/statistics.sqlite3.sync", "what was uploaded there".into());
        unpack(&download(&ada, &fields).1, &folder);
        let found = start_koreader(&folder);
        assert_eq!(found["cloud.cs_servers.1.password"], "x", "{found:?}");
        assert_eq!(found["cloud.cs_servers.2.password"], found["reader.statistics.sync_server.password"], "{found:?}");
        assert!(!folder.join("settings/statistics.sqlite3.sync").exists(), "{other}");
    }
    // Not ticked: nothing but progress sync, and Wi-Fi.
    let plain = dir.path().join("plain");
    fs::create_dir_all(plain.join("settings")).unwrap();
    unpack(&download(&ada, &[("name", "Kobo"), ("address", ADDRESS)]).1, &plain);
    let found = start_koreader(&plain);
    assert!(found.keys().all(|key| key.starts_with("progress.") || key == "reader.wifi_enable_action"), "{found:?}");
}

/// KOReader's first start after an update moves older settings over the file that was copied; an older KOReader does not read that file.
#[test]
fn the_patch_sets_progress_sync_after_an_update_and_in_an_older_koreader() {
    if !has_lua() {
        return;
    }
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let dir = tempfile::tempdir().unwrap();
    for (version, settings) in [("2026.08", "progress.settings"), ("2026.03", "reader.kosync")] {
        let folder = dir.path().join(version);
        fs::create_dir_all(folder.join("settings")).unwrap();
        let before = "return { last_migration_date = 20260101, kosync = { username = 'other', userkey = 'k', auto_sync = false } }";
        fs::write(folder.join("settings.reader.lua"), before).unwrap();
        unpack(&download(&ada, &[("name", "Kobo"), ("address", ADDRESS), ("koreader", "used")]).1, &folder);
        for start in ["first", "second"] {
            let found = start_koreader_as(&folder, &["seamless", version]);
            for (key, value) in [("username", "ada"), ("custom_server", ADDRESS), ("auto_sync", "true")] {
                let key = format!("{settings}.{key}");
                assert_eq!(found.get(&key).map(String::as_str), Some(value), "{version}, {start}, {key}: {found:?}");
            }
            assert_eq!(site.login("ada", &found[&format!("{settings}.userkey")]).status, 200);
            assert_eq!(found.contains_key("reader.kosync.username"), version == "2026.03", "{found:?}");
        }
    }
}

/// Where KOReader asks before it turns on Wi-Fi, or has none to turn on, that stays as it is.
#[test]
fn wifi_is_left_alone_where_koreader_cannot_turn_it_on_by_itself() {
    if !has_lua() {
        return;
    }
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("koreader");
    fs::create_dir_all(folder.join("settings")).unwrap();
    unpack(&download(&ada, &[("name", "Phone"), ("address", ADDRESS)]).1, &folder);
    let found = start_koreader_as(&folder, &["wired", "2026.08"]);
    assert!(!found.contains_key("reader.wifi_enable_action"), "{found:?}");
    assert_eq!(found["progress.settings.username"], "ada");
}

/// [I6] The other devices' ids tell.
#[test]
fn the_matching_method_is_that_of_the_account_s_other_devices() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let shown = |site: &Site| {
        let reply = ada.post("/setup/crosspoint", &[("name", "X4"), ("address", ADDRESS)]);
        assert_eq!(reply.status, 200, "{reply:?}");
        let page = ada.get("/setup/koreader").body;
        let _ = site;
        (
            reply.body.contains("<b>Filename</b>, as on your other devices"),
            page.contains("by their file name, as on your"),
        )
    };
    assert_eq!(shown(&site), (false, false));
    let push = |document: &str, filename: &str| {
        let mut body = position(document, "p", 0.5);
        body["metadata"] = json!({ "filename": filename });
        site.pushed("ada", KEY, &body);
    };
    push(&md5("anything"), "emma.epub");
    assert_eq!(shown(&site), (false, false));
    assert!(ada.get("/setup/koreader").body.contains("by their content, as on your other devices"));
    for name in ["emma.epub", "persuasion.epub"] {
        push(&md5(name), name);
    }
    assert_eq!(shown(&site), (true, true));
    if !has_lua() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    unpack(&download(&ada, &[("name", "Kobo"), ("address", ADDRESS)]).1, &dir.path().join("koreader"));
    assert_eq!(start_koreader(&dir.path().join("koreader"))["progress.settings.checksum_method"], "1");
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
    assert!(reply.status == 200 && passwords(&reply.body).len() > 1, "{reply:?}");
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

fn basic(user: &str, password: &str) -> String {
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
