//! Import, export, backup and check on the dashboard.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use kosync::Username;

use crate::browser::{Browser, Scripts};
use crate::common::{Client, KEY, OTHER_KEY, Reply, Site, connect, position, read_reply, request, wait_until};
use crate::visitor::{ADMIN_PASSWORD, Visitor, site};

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

/// Returns the body of a form with files: name, file name and content of each.
fn form(files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file_name, content) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

fn upload_head(visitor: &Visitor, length: usize) -> String {
    format!(
        "POST /transfer/upload HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nCookie: {}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
        visitor.cookie
    )
}

fn upload(visitor: &Visitor, files: &[(&str, &str, &[u8])]) -> Reply {
    let body = form(files);
    let mut stream = connect(visitor.client.address);
    stream.write_all(upload_head(visitor, body.len()).as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    read_reply(&mut stream, false).unwrap()
}

#[track_caller]
fn uploaded(visitor: &Visitor, name: &str, content: &[u8]) {
    let reply = upload(visitor, &[("file", name, content), ("log", "", b"")]);
    assert_eq!((reply.status, reply.header("location")), (303, Some("../transfer#import")), "{reply:?}");
}

/// Waits until nothing runs any more, and returns the page.
#[track_caller]
fn settled(visitor: &Visitor) -> String {
    wait_until("the import", || {
        let page = visitor.get("/transfer");
        assert_eq!(page.status, 200, "{page:?}");
        (!page.body.contains("http-equiv=\"refresh\"")).then_some(page.body)
    })
}

fn number(page: &str) -> String {
    page.split("name=\"number\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[track_caller]
fn confirm(visitor: &Visitor, page: &str, more: &[(&str, &str)]) -> String {
    let number = number(page);
    let fields = [&[("number", number.as_str())], more].concat();
    let reply = visitor.post("/transfer/import", &fields);
    assert_eq!((reply.status, reply.header("location")), (303, Some("../transfer#import")), "{reply:?}");
    settled(visitor)
}

/// Reads an answer to its end, whether it is chunked or not.
fn read_all(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    let head = head.to_ascii_lowercase();
    let mut body = Vec::new();
    if !head.contains("transfer-encoding: chunked") {
        reader.read_to_end(&mut body).unwrap();
        return (head, body);
    }
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).unwrap();
        if size == 0 {
            return (head, body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

/// Downloads a file.
pub fn download(visitor: &Visitor, path: &str) -> (String, Vec<u8>) {
    let mut stream = connect(visitor.client.address);
    stream.write_all(&request("GET", path, &[("cookie", visitor.cookie.as_bytes())], None)).unwrap();
    read_all(&mut stream)
}

/// Uploads a file, and waits until the page says what importing it would do.
#[track_caller]
pub fn previewed(visitor: &Visitor, content: &[u8]) -> String {
    uploaded(visitor, "export.jsonl", content);
    settled(visitor)
}

fn admin(client: Client) -> Visitor {
    Visitor::log_in(client, "admin", ADMIN_PASSWORD)
}

fn empty_site() -> Site {
    Site::with(|builder| builder.admin_password(ADMIN_PASSWORD))
}

/// Returns an export of a server where `ada` has read `book`.
fn export_of_ada() -> Vec<u8> {
    let site = site();
    site.pushed("ada", KEY, &position("book", "/p[7]", 0.25));
    download(&admin(site.client), "/transfer/export").1
}

fn files_of(site: &Site) -> Vec<String> {
    let names = std::fs::read_dir(site.server.store().path()).unwrap();
    let mut names: Vec<_> = names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !["data.mdb", "lock.mdb", "build.lock", "server.lock"].contains(&name.as_str()));
    names
}

#[test]
fn an_export_is_what_the_command_writes_and_can_be_imported_elsewhere() {
    let source = site();
    source.pushed("ada", KEY, &position("book", "/p[7]", 0.25));
    let (head, export) = download(&admin(source.client), "/transfer/export");
    assert!(head.contains("content-disposition: attachment; filename=\"kosync-2"), "{head}");
    let mut expected = Vec::new();
    kosync::import::export(source.server.store(), &std::env::temp_dir(), &mut expected, |_| ()).unwrap();
    assert!(export == expected, "{}", String::from_utf8_lossy(&export));

    let target = empty_site();
    let visitor = admin(target.client);
    uploaded(&visitor, "C:\\books\\kosync.jsonl", &export);
    let page = settled(&visitor);
    for text in [
        "Preview of <b><bdi>kosync.jsonl</bdi></b>. Nothing was changed yet.",
        "Would create 2 accounts and 1 document.",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(target.login("ada", KEY).status == 401, "a preview changes nothing");
    let page = confirm(&visitor, &page, &[]);
    assert!(page.contains("Created 2 accounts and 1 document."), "{page}");
    assert_eq!(target.pulled("ada", KEY, "book")["progress"], "/p[7]");
    assert_eq!(files_of(&target), Vec::<String>::new(), "nothing is left of the upload");
    assert_eq!(files_of(&source).iter().filter(|name| *name != ".scratch").count(), 0);

    // Another file, or the same one again.
    let number = number(&page);
    assert_eq!(visitor.post("/transfer/discard", &[("number", &number)]).status, 303);
    assert!(visitor.get("/transfer").body.contains("Upload and preview"));
}

#[test]
fn a_backup_is_one_that_can_be_restored() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.25));
    let (head, backup) = download(&admin(site.client), "/transfer/backup");
    assert!(head.contains(&format!("content-length: {}\r\n", backup.len())), "{head}");
    assert!(head.contains(".mdb\"\r\n"), "{head}");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("books.mdb"), &backup).unwrap();
    let restored = kosync::store::restore_backup(&dir.path().join("books.mdb"), &dir.path().join("data")).unwrap();
    assert_eq!((restored.accounts, restored.positions), (3, 1));
    assert_eq!(files_of(&site), Vec::<String>::new());
    // HEAD makes nothing.
    let head = site.send("HEAD", "/transfer/backup", &[("cookie", admin(site.client).cookie.as_bytes())], None);
    assert_eq!((head.status, head.header("content-length")), (200, None));
}

#[test]
fn the_database_of_kosync_dotnet_is_imported_with_its_log() {
    let fixture = |file: &str| {
        let path = format!("{}/tests/fixtures/kosync-dotnet/kosync-unclean-shared/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    };
    let site = empty_site();
    let visitor = admin(site.client);
    let (data, log) = (fixture("Kosync.db"), fixture("Kosync-log.db"));
    let reply = upload(&visitor, &[("file", "Kosync.db", &data), ("log", "Kosync-log.db", &log)]);
    assert_eq!(reply.status, 303, "{reply:?}");
    let page = settled(&visitor);
    assert!(!page.contains("has no log"), "{page}");
    let page = confirm(&visitor, &page, &[]);
    assert!(page.contains("Created "), "{page}");
    let expected = kosync::import::Origin::from_litedb(&data, Some(&log)).unwrap();
    let preview = kosync::import::preview(&site.server, &expected, |_| ()).unwrap();
    assert_eq!((preview.accounts_created, preview.documents_created), (0, 0), "everything is here");
    // Without it the page says what may be missing.
    let number = number(&page);
    visitor.post("/transfer/discard", &[("number", &number)]);
    let small =
        std::fs::read(format!("{}/tests/fixtures/kosync-dotnet/kosync-small/Kosync.db", env!("CARGO_MANIFEST_DIR")));
    uploaded(&visitor, "Kosync.db", &small.unwrap());
    assert!(settled(&visitor).contains("upload it together with the database"));
}

#[test]
fn an_account_with_another_password_is_imported_only_if_it_is_selected() {
    let export = export_of_ada();
    let site = empty_site();
    site.registered("ada", OTHER_KEY);
    let visitor = admin(site.client);
    uploaded(&visitor, "kosync.jsonl", &export);
    let page = settled(&visitor);
    for text in [
        "Would create 1 account and 0 documents.",
        "Would skip 1 record, listed below.",
        "account ada",
        "select it below",
        "name=\"merge\" value=\"ada\">",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    // A preview of what the selection would do.
    let page = confirm(&visitor, &page, &[("merge", "ada"), ("preview", "yes")]);
    for text in ["Nothing was changed yet", "Would create 1 account and 1 document.", "value=\"ada\" checked"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(site.pull("ada", OTHER_KEY, "book").body, "{}");
    let page = confirm(&visitor, &page, &[("merge", "ada")]);
    assert!(page.contains("Created 1 account and 1 document."), "{page}");
    assert_eq!(site.pulled("ada", OTHER_KEY, "book")["progress"], "/p[7]");
}

/// The page for administrators speaks their language, also of what is wrong with a file.
#[test]
fn reasons_of_a_refused_file_and_of_skipped_records_are_in_the_language_of_the_page() {
    let export = String::from_utf8(export_of_ada()).unwrap();
    let (start, end) = (export.lines().next().unwrap(), r#"{"end":{"accounts":0,"documents":1}}"#);
    let lost = export.lines().find(|line| line.starts_with("{\"document\"")).unwrap().replace("ada", "eve");
    let skipping = format!("{start}\n{lost}\n{end}\n");
    let broken = format!("{start}\n{{}}\n{end}\n");
    let site = empty_site();
    let visitor = admin(site.client);
    let expected = [
        (
            "en",
            "the file is cut off",
            "account eve, document",
            "its account does not exist",
            "line 2",
            "it is not a record",
        ),
        (
            "de",
            "die Datei ist abgeschnitten",
            "Konto eve, Dokument",
            "das Konto dazu gibt es nicht",
            "Zeile 2",
            "kein Eintrag eines Exports",
        ),
        (
            "es",
            "el archivo está cortado",
            "cuenta eve, documento",
            "su cuenta no existe",
            "línea 2",
            "no es un registro",
        ),
        (
            "fr",
            "le fichier est coupé",
            "compte eve, document",
            "son compte n’existe pas",
            "ligne 2",
            "pas un enregistrement",
        ),
        (
            "nl",
            "het bestand is afgekapt",
            "account eve, document",
            "het account ervan bestaat niet",
            "regel 2",
            "geen record",
        ),
    ];
    for (language, cut, lost, no_account, line, no_record) in expected {
        assert_eq!(visitor.post("/preferences", &[("language", language)]).status, 303);
        for (content, texts) in [
            (&export.as_bytes()[..export.len() - 10], [cut, cut]),
            (skipping.as_bytes(), [lost, no_account]),
            (broken.as_bytes(), [line, no_record]),
        ] {
            uploaded(&visitor, "x.jsonl", content);
            let page = settled(&visitor);
            for text in texts {
                assert!(page.contains(text), "{language}: {text}: {page}");
            }
        }
    }
}

#[test]
fn what_cannot_be_imported_is_named_and_changes_nothing() {
    let export = export_of_ada();
    let site = empty_site();
    let visitor = admin(site.client);
    for (name, content, text) in [
        ("x.jsonl", &b""[..], "x.jsonl: the file is empty"),
        ("<b>.db", b"nonsense", "&#60;b&#62;.db: this is neither an export of kosync nor a database of kosync-dotnet"),
        ("x.rdb", b"REDIS0011", "x.rdb: this is a dump of Redis"),
        ("x.gz", b"\x1f\x8b\x08", "x.gz: the file is compressed"),
        ("cut.jsonl", &export[..export.len() - 10], "cut.jsonl: the file is cut off"),
    ] {
        uploaded(&visitor, name, content);
        let page = settled(&visitor).replace("<bdi>", "").replace("</bdi>", "");
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(site.server.store().users().unwrap().len(), 1);

    // Forms without a file, or that are none.
    for (content_type, body, text) in [
        (format!("multipart/form-data; boundary={BOUNDARY}"), form(&[("file", "", b"")]), "No file was chosen."),
        ("application/x-www-form-urlencoded".to_owned(), b"file=x".to_vec(), "The upload is not a form with a file"),
        (format!("multipart/form-data; boundary={BOUNDARY}"), b"--x".to_vec(), "The upload is not a form with a file"),
    ] {
        let headers: [(&str, &[u8]); 3] = [
            ("cookie", visitor.cookie.as_bytes()),
            ("origin", b"http://localhost"),
            ("content-type", content_type.as_bytes()),
        ];
        let body = String::from_utf8(body).unwrap();
        let reply = site.send("POST", "/transfer/upload", &headers, Some(&body));
        assert_eq!(reply.status, 400, "{reply:?}");
        assert!(reply.body.contains(text), "{text}: {reply:?}");
    }
    // A decision about an import that is no more.
    let reply = visitor.post("/transfer/import", &[("number", "1")]);
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("is no longer waiting for a decision"), "{reply:?}");
}

#[test]
fn uploads_are_bounded_in_size_and_by_the_free_space_of_the_disk() {
    let site = Site::with(|builder| builder.admin_password(ADMIN_PASSWORD).max_import_bytes(100_000));
    let visitor = admin(site.client);
    let too_large = vec![b'x'; 300_000];
    let reply = upload(&visitor, &[("file", "x", &too_large)]);
    assert_eq!(reply.status, 413, "{reply:?}");
    assert!(reply.body.contains("larger than 100,000 bytes"), "{reply:?}");
    // Also where its size is not announced, as through Home Assistant.
    let mut stream = connect(site.address);
    let head = upload_head(&visitor, 0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    stream.write_all(head.as_bytes()).unwrap();
    for chunk in form(&[("file", "x", &too_large)]).chunks(50_000) {
        write!(stream, "{:x}\r\n", chunk.len()).unwrap();
        stream.write_all(chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(read_reply(&mut stream, false).unwrap().status, 413);
    assert!(visitor.get("/transfer").body.contains("at most 97\u{a0}KiB"));

    let site = Site::with(|builder| builder.admin_password(ADMIN_PASSWORD).min_free_disk(u64::MAX));
    let visitor = admin(site.client);
    assert_eq!(upload(&visitor, &[("file", "x", b"x")]).status, 507);
    for path in ["/transfer/export", "/transfer/backup"] {
        assert_eq!(visitor.get(path).status, 507, "{path}");
    }
    let site = Site::with(|builder| builder.admin_password(ADMIN_PASSWORD).max_import_bytes(0));
    let visitor = admin(site.client);
    assert!(visitor.get("/transfer").body.contains("Uploads are switched off"));
    assert_eq!(upload(&visitor, &[("file", "x", b"x")]).status, 400);
}

#[test]
fn uploads_of_other_sites_and_of_readers_are_refused() {
    let site = site();
    let body = form(&[("file", "x.jsonl", b"x")]);
    let send = |visitor: &Visitor, origin: &str| {
        let mut stream = connect(site.address);
        let head = upload_head(visitor, body.len()).replace("http://localhost", origin);
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        read_reply(&mut stream, false).unwrap()
    };
    let (ada, admin) = (Visitor::log_in(site.client, "ada", "password"), admin(site.client));
    assert_eq!(send(&ada, "http://localhost").status, 403);
    assert_eq!(send(&admin, "http://evil.example").status, 403);
    assert_eq!(send(&Visitor::anonymous(site.client), "http://localhost").status, 403);
    for path in ["/transfer", "/transfer/export", "/transfer/backup"] {
        assert_eq!(ada.get(path).status, 403, "{path}");
        assert_eq!(Visitor::anonymous(site.client).get(path).status, 303, "{path}");
    }
    for path in ["/transfer/import", "/transfer/discard", "/transfer/check"] {
        assert_eq!(ada.post(path, &[("number", "1")]).status, 403, "{path}");
        assert_eq!(admin.post_from(path, &[("number", "1")], &[("origin", b"http://evil")]).status, 403, "{path}");
    }
    assert!(admin.get("/transfer").body.contains("Upload and preview"));
}

/// Returns an export of `accounts` accounts, each with `documents` documents of 40 positions.
fn large_export(accounts: usize, documents: usize) -> Vec<u8> {
    let mut export = String::from("{\"kosync_export\":{\"format\":1}}\n");
    let key = format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "BBA".repeat(14) + "A");
    for account in 0..accounts {
        export
            .push_str(&format!("{{\"account\":{{\"name\":\"reader{account}\",\"key\":\"{key}\",\"active\":true}}}}\n"));
        let text = "x".repeat(100);
        let entry = |time: usize| {
            format!(
                "{{\"progress\":\"{text}\",\"percentage\":0.5,\"device\":\"Kobo\",\"timestamp\":{}}}",
                1_700_000_000 + time
            )
        };
        let history = (0..40).map(entry).collect::<Vec<_>>().join(",");
        for document in 0..documents {
            export.push_str(&format!(
                "{{\"document\":{{\"account\":\"reader{account}\",\"document\":\"{document}\",\"history\":[{history}]}}}}\n"
            ));
        }
    }
    export.push_str(&format!("{{\"end\":{{\"accounts\":{accounts},\"documents\":{}}}}}\n", accounts * documents));
    export.into_bytes()
}

/// Other users push and pull while an import writes. They also do so while an upload does not go on.
#[test]
fn an_import_serves_everybody_else_as_before_and_can_be_stopped() {
    let site = site();
    let visitor = admin(site.client);
    let export = large_export(2, 1000);
    uploaded(&visitor, "large.jsonl", &export);
    let page = settled(&visitor);
    assert!(page.contains("Would create 2 accounts and 2,000 documents."), "{page}");
    let import = number(&page);
    assert_eq!(visitor.post("/transfer/import", &[("number", &import)]).status, 303);
    let page = visitor.get("/transfer").body;
    assert!(page.contains("http-equiv=\"refresh\"") && page.contains("Importing"), "{page}");
    // Nobody begins another one meanwhile, or this one twice.
    let reply = upload(&visitor, &[("file", "x.jsonl", b"x")]);
    assert!(reply.status == 400 && reply.body.contains("Another import is running"), "{reply:?}");
    assert_eq!(visitor.post("/transfer/import", &[("number", &import)]).status, 400);
    let mut pushes = 0;
    while visitor.get("/transfer").body.contains("http-equiv=\"refresh\"") {
        pushes += 1;
        site.pushed("ada", KEY, &position("book", &format!("p{pushes}"), 0.5));
        assert_eq!(site.pulled("ada", KEY, "book")["progress"], format!("p{pushes}"));
        if pushes == 3 {
            visitor.post("/transfer/discard", &[("number", &import)]);
        }
    }
    assert!(pushes >= 3, "the import was over after {pushes} pushes");
    let page = settled(&visitor);
    assert!(page.contains("The import was stopped, and what was imported so far stays."), "{page}");
    let store = site.server.store();
    let readers = |name: &str| store.user(&Username::new(name).unwrap()).unwrap().map_or(0, |user| user.documents);
    assert!(readers("reader0") > 0, "a part was imported");
    assert!(readers("reader0") + readers("reader1") < 2000, "the import was stopped");
    assert_eq!(store.verify().unwrap().problems, Vec::<String>::new());
    // Repeated, it brings the rest.
    uploaded(&visitor, "large.jsonl", &export);
    confirm(&visitor, &settled(&visitor), &[]);
    assert_eq!(readers("reader0") + readers("reader1"), 2000);
}

/// An embedding program may reopen the directory as soon as it has dropped its server.
#[test]
fn an_import_that_waits_does_not_keep_the_store_open() {
    let site = site();
    let visitor = admin(site.client);
    uploaded(&visitor, "kosync.jsonl", &export_of_ada());
    assert!(settled(&visitor).contains("Nothing was changed yet."));
    let site = site.restarted(|builder| builder);
    assert!(admin(site.client).get("/transfer").body.contains("Upload and preview"), "it is gone");
}

/// A download is made as its reader takes it: one that stalls holds a few parts, not the whole.
#[test]
fn one_download_or_check_runs_at_a_time_and_ends_with_its_reader() {
    let site = site();
    let visitor = admin(site.client);
    uploaded(&visitor, "large.jsonl", &large_export(1, 2000));
    confirm(&visitor, &settled(&visitor), &[]);
    let mut stalled = connect(site.address);
    let head = request("GET", "/transfer/export", &[("cookie", visitor.cookie.as_bytes())], None);
    stalled.write_all(&head).unwrap();
    let mut first = [0];
    stalled.read_exact(&mut first).unwrap();
    for path in ["/transfer/export", "/transfer/backup"] {
        let reply = visitor.get(path);
        assert_eq!(reply.status, 503, "{path}");
        assert!(reply.body.contains("Another export, backup or check is running."), "{reply:?}");
    }
    assert_eq!(visitor.post("/transfer/check", &[]).status, 503);
    drop(stalled);
    let reply = wait_until("the end of the download", || {
        Some(visitor.post("/transfer/check", &[])).filter(|reply| reply.status == 200)
    });
    assert!(reply.body.contains("No problems found."), "{reply:?}");
}

#[test]
fn the_check_says_what_the_store_holds() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.25));
    let reply = admin(site.client).post("/transfer/check", &[]);
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("3 accounts, 1 document, 1 position including history, "), "{reply:?}");
    assert!(reply.body.contains("No problems found."), "{reply:?}");
}

#[test]
fn an_administrator_moves_in_by_the_buttons_of_the_pages_without_a_script() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("Bücher.jsonl");
    std::fs::write(&file, export_of_ada()).unwrap();
    let site = empty_site();
    site.registered("ada", OTHER_KEY);
    let root = format!("http://{}/", site.address);
    browser.open(&root);
    browser.fill("name", "admin");
    browser.fill("password", ADMIN_PASSWORD);
    browser.press("Log in");
    browser.press("Import and export");
    browser.fits("the form");
    browser.choose_file("file", file.to_str().unwrap());
    browser.press("Upload and preview");
    browser.wait_for_text("Nothing was changed yet.");
    assert!(browser.text("main").contains("Preview of Bücher.jsonl"));
    browser.fits("the preview");
    browser.press_at_without_page("input[name=merge]");
    browser.press("Preview again");
    browser.wait_for_text("1 account and 1 document");
    browser.press("Import");
    browser.wait_for_text("Created 1 account and 1 document.");
    browser.fits("the report");
    assert_eq!(site.pulled("ada", OTHER_KEY, "book")["progress"], "/p[7]");
    browser.press("Import another file");
    browser.press("Check the data");
    assert!(browser.text("main").contains("No problems found."));
    browser.fits("the check");
    assert_eq!(browser.console(), Vec::<String>::new());
}
