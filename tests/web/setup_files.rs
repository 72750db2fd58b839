//! The files that set up KOReader, as its own loader takes them: on a new device, in one that is in use, and after an update.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::common::{KEY, Site, are_installed, connect, percent_encoded, position, request};
use crate::setup::{ADDRESS, basic, md5};
use crate::visitor::{Visitor, site};

/// Starts a site where `ada` is logged in, and makes an empty directory. `None` where Lua is missing and not required.
fn site_for_koreader() -> Option<(Site, Visitor, tempfile::TempDir)> {
    has_lua().then(|| {
        let site = site();
        let ada = Visitor::log_in(site.client, "ada", "password");
        (site, ada, tempfile::tempdir().unwrap())
    })
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

/// Unpacks an archive over what is in a folder. Another program does that, and checks the archive.
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

/// A reader beside the device has the text in the ZIP, but not the page.
#[test]
fn the_zip_is_called_after_the_device_and_its_text_says_where_the_files_go() {
    let Some((_site, ada, dir)) = site_for_koreader() else { return };
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

/// Copying settings over those of a KOReader in use would lose them.
#[test]
fn what_koreader_has_already_stays() {
    let Some((_site, ada, dir)) = site_for_koreader() else { return };
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

/// KOReader's first start after an update moves older settings over the copied file. An older KOReader does not read
/// that file.
#[test]
fn the_patch_sets_progress_sync_after_an_update_and_in_an_older_koreader() {
    let Some((site, ada, dir)) = site_for_koreader() else { return };
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

/// The Wi-Fi setting stays unchanged where KOReader asks before it turns on Wi-Fi. It also stays where there is no
/// Wi-Fi to turn on.
#[test]
fn wifi_is_left_alone_where_koreader_cannot_turn_it_on_by_itself() {
    let Some((_site, ada, dir)) = site_for_koreader() else { return };
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
    // Ids of neither kind, and ids without a file name, show nothing.
    push("no digest", "emma.epub");
    push(&md5("of a nameless file"), "");
    assert!(ada.get("/setup/koreader").body.contains("as KOReader does by itself"));
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
