//! Every link leads to a page that is there, and to a place on it that is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::page_checks::full_site;
use crate::visitor::{ADMIN_PASSWORD, PAGES, Reader, Visitor};

/// Returns the path and the fragment of a link on a page.
///
/// `None` for one that leads to another site.
fn resolved(page: &str, link: &str) -> Option<(String, Option<String>)> {
    let link = link.replace("&#38;", "&").replace("&amp;", "&");
    if link.contains("://") {
        return None;
    }
    let (link, fragment) = match link.split_once('#') {
        Some((link, fragment)) => (link, Some(fragment.to_owned())),
        None => (link.as_str(), None),
    };
    if link.is_empty() {
        return Some((page.to_owned(), fragment));
    }
    let mut parts: Vec<&str> = page.split('?').next().unwrap().split('/').collect();
    parts.pop();
    for part in link.split_inclusive('/') {
        match part {
            "./" => {}
            "../" => drop(parts.pop().filter(|part| !part.is_empty()).expect("a link stays below the root")),
            part => parts.push(part.trim_end_matches('/')),
        }
    }
    let path = parts.join("/");
    Some((if link.ends_with('/') { format!("{path}/") } else { path }, fragment))
}

/// Follows the links of all pages from `paths` on. Returns those that lead nowhere.
fn dead_links(visitor: &Visitor, paths: impl Iterator<Item = String>) -> Vec<String> {
    let mut todo: Vec<(String, String)> = paths.map(|path| (path, "the list of pages".to_owned())).collect();
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    let (mut places, mut dead) = (BTreeSet::new(), Vec::new());
    while let Some((path, from)) = todo.pop() {
        if pages.contains_key(&path) {
            continue;
        }
        // A file may be no text.
        let head = visitor.client.send("HEAD", &path, &[("cookie", visitor.cookie.as_bytes())], None);
        if head.status != 200 {
            dead.push(format!("{path} from {from}: {}", head.status));
        }
        let is_page = head.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let page = if is_page { visitor.get(&path).body } else { String::new() };
        let links = page.split("<a ").skip(1);
        for link in links.filter_map(|link| link.split("href=\"").nth(1)?.split('"').next()) {
            let Some((to, fragment)) = resolved(&path, link) else { continue };
            places.extend(fragment.map(|fragment| (to.clone(), fragment, path.clone())));
            todo.push((to, path.clone()));
        }
        pages.insert(path, page);
    }
    let is_missing = |(page, id, _): &&(String, String, String)| !pages[page].contains(&format!("id=\"{id}\""));
    dead.extend(places.iter().filter(is_missing).map(|(page, id, from)| format!("{page}#{id} from {from}")));
    dead
}

#[test]
fn every_link_leads_to_a_page_and_to_a_place_on_it() {
    let site = full_site();
    for (reader, visitor) in [
        (Reader::Nobody, Visitor::anonymous(site.client)),
        (Reader::Ada, Visitor::log_in(site.client, "ada", "password")),
        (Reader::Admin, Visitor::log_in(site.client, "admin", ADMIN_PASSWORD)),
    ] {
        let pages = PAGES.iter().filter(|page| page.reader == reader && page.status == 200 && page.is_html);
        let mut dead = dead_links(&visitor, pages.map(|page| page.path()));
        // Who is not logged in gets from the name of the program to the login.
        dead.retain(|dead| reader != Reader::Nobody || !dead.starts_with("/ from "));
        assert!(dead.is_empty(), "{reader:?}: {dead:#?}");
    }
}
