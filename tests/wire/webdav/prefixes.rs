//! Links hold behind a proxy or framework that removes a prefix, and `Destination` carries it.

use kosync::salvo::Router;

use super::{ADA, Dav, dav_request, entries, send};
use crate::common::{KEY, Site, request, serve};

const LIST: (&str, &str) = ("Depth", "1");

fn hrefs(site: &Site, path: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![LIST];
    all.extend(headers);
    entries(&site.dav("PROPFIND", path, &all, None)).into_iter().map(|(href, _)| href).collect()
}

fn site(settings: impl FnOnce(kosync::Builder) -> kosync::Builder) -> Site {
    let site = Site::with(settings);
    site.registered("ada", KEY);
    assert_eq!(site.put("/webdav/a%20b", b"x").status, 201);
    site
}

#[test]
fn w2_a_trusted_proxys_prefix_is_in_the_links_and_another_peers_is_not() {
    let trusting = site(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    let prefix = [("X-Forwarded-Prefix", "/books/")];
    assert_eq!(hrefs(&trusting, "/webdav/", &prefix), ["/books/webdav/", "/books/webdav/a%20b"]);
    assert_eq!(hrefs(&trusting, "/webdav/", &[]), ["/webdav/", "/webdav/a%20b"]);
    for odd in ["books", "//evil.example/x"] {
        assert_eq!(hrefs(&trusting, "/webdav/", &[("X-Forwarded-Prefix", odd)])[0], "/webdav/", "{odd}");
    }
    let other = site(|builder| builder);
    assert_eq!(hrefs(&other, "/webdav/", &prefix), ["/webdav/", "/webdav/a%20b"]);
    for destination in ["http://localhost/books/webdav/b", "/books/webdav/c", "/webdav/d"] {
        for site in [&trusting, &other] {
            let headers = [("X-Forwarded-Prefix", "/books"), ("Destination", destination)];
            assert_eq!(site.dav("COPY", "/webdav/a%20b", &headers, None).status, 201, "{destination}");
        }
    }
    assert_eq!(hrefs(&trusting, "/webdav/", &[]).len(), 5);
}

#[test]
fn w2_the_path_of_the_configured_address_is_in_the_links_for_those_who_come_through_it() {
    let site = site(|builder| builder.address("https://Localhost:8443/kosync".parse().unwrap()));
    // The test's requests have `Host: localhost`.
    assert_eq!(hrefs(&site, "/webdav/", &[]), ["/kosync/webdav/", "/kosync/webdav/a%20b"]);
    let mut direct = dav_request("PROPFIND", "/webdav/", &[LIST], None);
    let text = String::from_utf8(direct.clone()).unwrap().replace("Host: localhost", "Host: 192.168.1.5:7200");
    direct = text.into_bytes();
    assert_eq!(entries(&send(site.address, &direct))[0].0, "/webdav/");
    let through = [("Destination", "https://localhost:8443/kosync/webdav/b")];
    assert_eq!(site.dav("MOVE", "/webdav/a%20b", &through, None).status, 201);
    assert_eq!(site.get("/webdav/b").body, b"x");
}

#[test]
fn w2_links_hold_where_an_app_mounts_the_folders() {
    let dir = tempfile::tempdir().unwrap();
    let server = kosync::Server::builder().data_dir(dir.path()).build().unwrap();
    let routes = Router::new().push(server.router()).push(server.webdav());
    let app = serve(Router::with_path("x/y").push(routes));
    let client = crate::common::Client { address: app.address };
    let register = serde_json::json!({ "username": "ada", "password": KEY }).to_string();
    assert_eq!(client.send("POST", "/x/y/users/create", &[], Some(&register)).status, 201);
    let dav = |method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>| {
        send(app.address, &dav_request(method, path, headers, body))
    };
    assert_eq!(dav("PUT", "/x/y/webdav/a", &[], Some(b"a")).status, 201);
    let names: Vec<_> = entries(&dav("PROPFIND", "/x/y/webdav/", &[LIST], None));
    assert_eq!(names.iter().map(|(href, _)| href.as_str()).collect::<Vec<_>>(), ["/x/y/webdav/", "/x/y/webdav/a"]);
    assert_eq!(dav("MOVE", "/x/y/webdav/a", &[("Destination", "/x/y/webdav/b")], None).status, 201);
    assert_eq!(dav("GET", "/x/y/webdav/b", &[], None).body, b"a");
    let missing = dav("GET", "/x/y/webdav/a", &[], None);
    assert_eq!((missing.status, missing.body.len()), (404, 0));
}

#[test]
fn w2_links_hold_where_a_framework_removes_the_mount_path() {
    let site = site(|builder| builder.path("/mounted"));
    assert_eq!(hrefs(&site, "/webdav/", &[]), ["/mounted/webdav/", "/mounted/webdav/a%20b"]);
}

/// Not all clients encode the letters of another script.
#[test]
fn a_destination_may_have_its_letters_as_they_are() {
    let site = Site::with_ada();
    assert_eq!(site.put("/webdav/a", b"x").status, 201);
    assert_eq!(site.dav("MOVE", "/webdav/a", &[("Destination", "/webdav/Bücher 本")], None).status, 201);
    assert_eq!(site.get("/webdav/B%C3%BCcher%20%E6%9C%AC").body, b"x");
    let latin_1: &[u8] = b"/webdav/B\xfccher";
    let bytes = request("MOVE", "/webdav/B%C3%BCcher%20%E6%9C%AC", &[ADA, ("Destination", latin_1)], None);
    assert_eq!(send(site.address, &bytes).status, 400);
}

/// A letter means the same with percent-encoding (RFC 3986, 6.2.2.2), in `Destination`, too.
#[test]
fn a_letter_of_the_folder_s_own_name_may_be_percent_encoded() {
    let site = site(|builder| builder);
    assert_eq!(hrefs(&site, "/%77ebd%61v/", &[]), ["/webdav/", "/webdav/a%20b"]);
    for (from, to, path) in [
        ("/%77ebdav/%61%20b", "/webd%61v/c", "/webdav/c"),
        ("/webdav/c", "http://localhost/%77ebdav/%2541%2e", "/webdav/%2541."),
    ] {
        assert_eq!(site.dav("MOVE", from, &[("Destination", to)], None).status, 201, "{from}");
        assert_eq!(site.get(path).body, b"x", "{path}");
    }
    for path in ["/%77ebdav/%2e%2e/a", "/%77ebdav/a%2fb", "/%2577ebdav/a", "/%77ebdav/%%341"] {
        assert!(matches!(site.get(path).status, 400 | 404), "{path}");
    }
}
