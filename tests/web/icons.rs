//! Icons, the manifest, and what crawlers find.

use std::io::{Read as _, Write as _};

use crate::common::{Client, connect, request, serve};
use crate::visitor::site;

/// Returns the head and the bytes of a file.
fn get(client: Client, path: &str) -> (String, Vec<u8>) {
    let mut stream = connect(client.address);
    stream.write_all(&request("GET", path, &[], None)).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let body = bytes.split_off(end + 4);
    (String::from_utf8(bytes).unwrap().to_ascii_lowercase(), body)
}

/// Returns width and height of a PNG.
#[track_caller]
fn size_of(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "not a PNG");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn the_manifest_leads_to_the_dashboard_under_any_path_and_its_icons_are_there() {
    let site = site();
    let (head, body) = get(site.client, "/assets/kosync.webmanifest");
    assert!(head.contains("content-type: application/manifest+json"), "{head}");
    let manifest: serde_json::Value = serde_json::from_slice(&body).unwrap();
    // Relative to the manifest's own address, `PREFIX/assets/kosync.webmanifest`.
    assert_eq!((&manifest["start_url"], &manifest["scope"]), (&"../".into(), &"../".into()));
    let mut purposes = Vec::new();
    for icon in manifest["icons"].as_array().unwrap() {
        let (source, sizes) = (icon["src"].as_str().unwrap(), icon["sizes"].as_str().unwrap());
        let (head, body) = get(site.client, &format!("/assets/{source}"));
        assert!(head.starts_with("http/1.1 200"), "{source}: {head}");
        assert!(head.contains(&format!("content-type: {}", icon["type"].as_str().unwrap())), "{source}: {head}");
        if icon["type"] == "image/png" {
            let (width, height) = size_of(&body);
            assert_eq!(format!("{width}x{height}"), sizes, "{source}");
            purposes.push((width, icon["purpose"].as_str().unwrap_or("any").to_owned()));
        }
        assert!(body.len() < 8 << 10, "{source}: {} bytes", body.len());
    }
    assert_eq!(purposes, [(192, "any".to_owned()), (512, "any".to_owned()), (512, "maskable".to_owned())]);
    for path in ["/assets/apple-touch-icon.png", "/apple-touch-icon.png"] {
        assert_eq!(size_of(&get(site.client, path).1), (180, 180));
    }
}

#[test]
fn a_server_of_its_own_has_a_favicon_and_asks_crawlers_to_stay_away() {
    let site = site();
    let (head, icon) = get(site.client, "/favicon.ico");
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: image/vnd.microsoft.icon"), "{head}");
    assert!(icon.starts_with(&[0, 0, 1, 0, 3, 0]) && icon.len() < 4096, "{:?}", &icon[..6]);
    let (head, robots) = get(site.client, "/robots.txt");
    assert!(head.contains("content-type: text/plain"), "{head}");
    assert_eq!(robots, b"User-agent: *\nDisallow: /\n");
    // Where a proxy adds a prefix, crawlers do not find that file.
    assert!(get(site.client, "/login").0.contains("x-robots-tag: noindex, nofollow"));
}

#[test]
fn files_are_only_read() {
    let site = site();
    for path in ["/assets/kosync.css", "/assets/icon.svg", "/favicon.ico", "/robots.txt"] {
        let reply = site.client.send("POST", path, &[], Some("x"));
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{path}");
        assert_eq!(site.client.send("HEAD", path, &[], None).status, 200, "{path}");
    }
    assert_eq!(site.client.send("GET", "/assets", &[], None).status, 404);
}

#[test]
fn a_program_that_embeds_the_pages_keeps_its_own_robots_txt() {
    let site = site();
    let app = serve(kosync::salvo::Router::new().push(site.server.dashboard()));
    let client = Client { address: app.address };
    assert!(get(client, "/login").0.starts_with("http/1.1 200"));
    for path in ["/robots.txt", "/favicon.ico"] {
        assert!(get(client, path).0.starts_with("http/1.1 404"), "{path}");
    }
}
