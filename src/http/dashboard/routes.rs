//! The table of the dashboard's own pages and forms, to check addresses from outside.

use std::sync::{PoisonError, RwLock};

use salvo::Request;

/// Longest address that is taken from outside, in bytes.
const ADDRESS_MAX: usize = 2048;

/// The path of the requested page from the dashboard's root, without outer slashes. The page layer stores it in the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PagePath(pub(super) String);

impl PagePath {
    /// Takes the last `segments` segments of a request's path.
    pub(super) fn from_request(req: &Request, segments: usize) -> Self {
        let all: Vec<&str> = req.uri().path().split('/').filter(|segment| !segment.is_empty()).collect();
        Self(all[all.len().saturating_sub(segments)..].join("/"))
    }

    /// Returns the path that the page layer has stored. Without one it is empty, as that of the root.
    pub(super) fn of(req: &Request) -> &str {
        req.extensions().get::<Self>().map_or("", |path| path.0.as_str())
    }
}

/// What a route answers GET with. A page is given as a path with the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RouteKind {
    Page,
    /// A file to save. The page has the link to it.
    File(&'static str),
    /// A redirect to the page that has the form.
    Form(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    /// Path from the root, with `{name}` for what varies in a segment.
    pattern: &'static str,
    kind: RouteKind,
    takes_forms: bool,
}

impl Route {
    /// Returns the path of the page that shows what a path is about.
    fn page(&self, path: &str) -> String {
        let (RouteKind::File(page) | RouteKind::Form(page)) = self.kind else { return path.to_owned() };
        let varying = self.pattern.split('/').zip(path.split('/')).filter_map(|(name, segment)| {
            let (name, ending) = varying(name)?;
            Some((name, segment.strip_suffix(ending)?))
        });
        varying.fold(page.to_owned(), |page, (name, value)| page.replace(name, value))
    }
}

/// All routes of a dashboard. They are added while its router is built.
#[derive(Debug, Default)]
pub(super) struct RouteTable(RwLock<Vec<Route>>);

impl RouteTable {
    /// Adds a route. `methods` is the value of `Allow`.
    pub(super) fn add(&self, pattern: &'static str, methods: &str, kind: RouteKind) {
        let route = Route { pattern, kind, takes_forms: methods.ends_with("POST") };
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !routes.contains(&route) {
            routes.push(route);
        }
    }

    fn find(&self, path: &str) -> Option<Route> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        routes.iter().find(|route| matches(route.pattern, path)).cloned()
    }

    /// Returns an address from outside if it is one of our own pages: a path from the root, with a query or without. That of a file is
    /// the page that links to it, with the same query.
    ///
    /// So it has no scheme, no host, no `//`, no dot segments, no backslashes and no control characters.
    pub(super) fn own_page(&self, address: &str) -> Option<String> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        let is_of_query = |c: char| is_plain(c) || "=&%+,:@/?".contains(c);
        let is_sound = address.len() <= ADDRESS_MAX
            && path.split('/').all(|segment| segment.chars().all(is_plain) && segment != "." && segment != "..")
            && query.chars().all(is_of_query);
        let route = self.find(path).filter(|_| is_sound)?;
        match route.kind {
            RouteKind::Page => Some(address.to_owned()),
            RouteKind::File(_) if query.is_empty() => Some(route.page(path)),
            RouteKind::File(_) => Some(format!("{}?{query}", route.page(path))),
            RouteKind::Form(_) => None,
        }
    }

    /// Returns the pattern of a form's path if it is one of our own.
    pub(super) fn pattern_of_form(&self, path: &str) -> Option<&'static str> {
        self.find(path).filter(|route| route.takes_forms).map(|route| route.pattern)
    }

    /// Returns the address of the page that has the form of this path. That is the path itself if its own page has the
    /// form.
    pub(super) fn page_of_form(&self, path: &str) -> Option<String> {
        self.find(path).map(|route| route.page(path))
    }
}

/// Splits a segment of a pattern into `{name}` and what follows it. Returns `None` if nothing varies in it.
fn varying(segment: &'static str) -> Option<(&'static str, &'static str)> {
    segment.starts_with('{').then(|| segment.split_at(segment.find('}').map_or(segment.len(), |end| end + 1)))
}

/// Whether a path matches a pattern. `{name}` stands for letters, digits, `-` and `_`, of which all of ours are made.
fn matches(pattern: &'static str, path: &str) -> bool {
    let is_encoded = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let fits = |(name, segment): (&'static str, &str)| match varying(name) {
        Some((_, ending)) => segment.strip_suffix(ending).is_some_and(|value| !value.is_empty() && is_encoded(value)),
        None => name == segment,
    };
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable {
        let table = RouteTable::default();
        table.add("", "GET, HEAD", RouteKind::Page);
        table.add("books", "GET, HEAD, POST", RouteKind::Page);
        table.add("books/{book}", "GET, HEAD", RouteKind::Page);
        table.add("books/{book}/rename", "GET, HEAD, POST", RouteKind::Form("books/{book}#name"));
        table.add("logout", "GET, HEAD, POST", RouteKind::Form(""));
        table.add("books/{book}/markdown", "GET, HEAD", RouteKind::File("books/{book}"));
        table.add("year/{year}.svg", "GET, HEAD", RouteKind::File("year/{year}"));
        table
    }

    #[test]
    fn only_addresses_of_our_own_pages_are_taken() {
        let table = table();
        for address in ["", "books", "books?page=2&find=YQ", "books/Ym9vaw", "books/a-_9?page=1", "?a=b"] {
            assert_eq!(table.own_page(address).as_deref(), Some(address));
        }
        let long = format!("books?{}", "a".repeat(2048));
        for address in [
            "/",
            "//evil.example",
            "//evil.example/books",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "books/../../admin",
            "books/..",
            "./books",
            "../books",
            "books/",
            "books//",
            "/books",
            "books/a b",
            "books/a%2f..",
            "books/%5c",
            "books/a\\b",
            "books/a\n",
            "books\r\nset-cookie: a=b",
            "books?a=\r\nx",
            "books?a=\\",
            "books?a=\"><script>",
            "books#//evil",
            "books/a@evil.example",
            "books/ä",
            "books/a/rename",
            "logout",
            "metrics",
            "syncs/progress/a",
            "nowhere",
            &long,
        ] {
            assert_eq!(table.own_page(address), None, "{address}");
        }
    }

    #[test]
    fn the_page_of_a_file_is_the_one_that_links_to_it() {
        let table = table();
        for (file, page) in [
            ("books/Ym9vaw/markdown", "books/Ym9vaw"),
            ("books/Ym9vaw/markdown?find=YQ", "books/Ym9vaw?find=YQ"),
            ("year/2026.svg", "year/2026"),
        ] {
            assert_eq!(table.own_page(file).as_deref(), Some(page));
        }
        for address in ["year/.svg", "year/2026.svg.svg", "year/20.26.svg", "year/2026.png", "year/2026"] {
            assert_eq!(table.own_page(address), None, "{address}");
        }
    }

    #[test]
    fn each_form_knows_its_page() {
        let table = table();
        assert_eq!(table.page_of_form("books/abc/rename").as_deref(), Some("books/abc#name"));
        assert_eq!(table.page_of_form("books").as_deref(), Some("books"));
        assert_eq!(table.page_of_form("logout").as_deref(), Some(""));
        assert_eq!(table.page_of_form("nowhere"), None);
        assert_eq!(table.pattern_of_form("books/abc/rename"), Some("books/{book}/rename"));
        for path in ["", "books/abc", "/books", "books/../rename", "books/a/b/rename", "//evil/rename"] {
            assert_eq!(table.pattern_of_form(path), None, "{path}");
        }
    }
}
