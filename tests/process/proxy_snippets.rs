//! The configurations of reverse proxies in the documentation: nginx and Caddy themselves take each of them.
//!
//! `scripts/try-proxies.py` also sends requests through those of docs/reverse-proxy.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::kosync::run_with_input;
use crate::common::are_installed;

/// A block of code on a page.
struct Snippet {
    /// The page and the line on which the block begins.
    place: String,
    text: String,
}

/// Returns all pages that people copy from.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.chain(["README.md", "addon/DOCS.md", "nixos/kosync.md"].map(|page| root.join(page))).collect()
}

/// Returns the blocks of a language.
fn blocks(language: &str) -> Vec<Snippet> {
    let mut found: Vec<Snippet> = Vec::new();
    for page in pages() {
        let mut inside = false;
        for (index, line) in fs::read_to_string(&page).unwrap().lines().enumerate() {
            match line.trim_start().strip_prefix("```") {
                Some(info) if !inside && info.trim() == language => {
                    let name = page.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display();
                    found.push(Snippet { place: format!("{name}:{}", index + 1), text: String::new() });
                    inside = true;
                }
                Some(_) => inside = false,
                None if inside => found.last_mut().unwrap().text += &format!("{line}\n"),
                None => {}
            }
        }
    }
    found
}

/// Returns what the NixOS configurations of the documentation give to a proxy as `extraConfig`.
fn extra_configs(proxy: &str) -> Vec<Snippet> {
    let mut found = Vec::new();
    for Snippet { place, text } in blocks("nix") {
        for (start, _) in text.match_indices(&format!("services.{proxy}.")) {
            let Some((_, value)) = text[start..].split_once("extraConfig = ") else { continue };
            let quote = if value.starts_with("''") { "''" } else { "\"" };
            let value = value.strip_prefix(quote).and_then(|value| value.split_once(quote)).unwrap().0;
            found.push(Snippet { place: place.clone(), text: value.to_owned() });
        }
    }
    found
}

#[track_caller]
fn accepted(place: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{place}: {said}");
}

#[test]
fn nginx_takes_every_nginx_configuration_of_the_documentation() {
    if !are_installed(&["nginx"], "KOSYNC_TEST_PROXIES") {
        return;
    }
    let snippets = blocks("nginx");
    assert!(snippets.len() >= 4, "too few were found: {}", snippets.len());
    for Snippet { place, text } in snippets {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["books.example".to_owned()]).unwrap();
        fs::write(dir.path().join("cert.pem"), cert.pem()).unwrap();
        fs::write(dir.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
        let server = match (text.contains("server {"), text.contains("location ")) {
            (true, _) => text,
            (false, true) => format!("server {{ listen 80; {text} }}"),
            (false, false) => {
                format!("server {{ listen 80; location / {{ proxy_pass http://127.0.0.1:7200; {text} }} }}")
            }
        };
        // A test of the configuration opens the sockets and reads the certificate.
        let lines = server.lines().map(|line| match line.trim().split(' ').next() {
            Some("ssl_certificate") => format!("ssl_certificate {at}/cert.pem;"),
            Some("ssl_certificate_key") => format!("ssl_certificate_key {at}/key.pem;"),
            _ => line
                .replace("listen 443", &format!("listen unix:{at}/s"))
                .replace("listen 80", &format!("listen unix:{at}/s")),
        });
        let server = lines.collect::<Vec<_>>().join("\n");
        let temporary =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {at}/{kind};"));
        let config = format!(
            "pid {at}/pid; error_log stderr; events {{}} http {{ access_log off; {}\n{server}\n}}",
            temporary.concat()
        );
        fs::write(dir.path().join("nginx.conf"), &config).unwrap();
        let mut nginx = Command::new("nginx");
        nginx.arg("-t").arg("-p").arg(dir.path()).arg("-c").arg(dir.path().join("nginx.conf"));
        accepted(&format!("{place}\n{config}"), &run_with_input(nginx, ""));
    }
}

#[test]
fn caddy_takes_every_caddy_configuration_of_the_documentation() {
    if !are_installed(&["caddy"], "KOSYNC_TEST_PROXIES") {
        return;
    }
    let (blocks, in_nix) = (blocks("caddyfile"), extra_configs("caddy"));
    assert!(blocks.len() >= 2 && in_nix.len() >= 2, "too few were found: {} and {}", blocks.len(), in_nix.len());
    let in_nix = in_nix
        .into_iter()
        .map(|Snippet { place, text }| Snippet { place, text: format!("books.example {{\n{text}\n}}\n") });
    for Snippet { place, text } in blocks.into_iter().chain(in_nix) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Caddyfile"), &text).unwrap();
        let mut caddy = Command::new("caddy");
        caddy.args(["validate", "--adapter", "caddyfile", "--config"]).arg(dir.path().join("Caddyfile"));
        caddy.env("HOME", dir.path()).env("XDG_DATA_HOME", dir.path()).env("XDG_CONFIG_HOME", dir.path());
        accepted(&format!("{place}\n{text}"), &run_with_input(caddy, ""));
    }
}
