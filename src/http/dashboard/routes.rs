//! The table of the dashboard's own pages and forms, by which addresses from outside are checked.

use std::sync::{PoisonError, RwLock};

use salvo::Request;

/// Longest address that is taken from outside, in bytes.
const ADDRESS_MAX: usize = 2048;

/// The path of the requested page from the dashboard's root, without a slash at either end. The page layer stores it in the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PagePath(pub(super) String);

impl PagePath {
    /// Takes the last `segments` segments of a request's path.
    pub(super) fn from_request(req: &Request, segments: usize) -> Self {
        let all: Vec<&str> = req.uri().path().split('/').filter(|segment| !segment.is_empty()).collect();
        Self(all[all.len().saturating_sub(segments)..].join("/"))
    }

    /// Returns the path that the page layer has stored; empty, as that of the root, if there is none.
    pub(super) fn of(req: &Request) -> &str {
        req.extensions().get::<Self>().map_or("", |path| path.0.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    /// Path from the root, with `{name}` for a segment that varies.
    pattern: &'static str,
    is_page: bool,
    takes_forms: bool,
    /// The page that has the form, with the same names, if it is another one.
    form_page: Option<&'static str>,
}

/// All routes of a dashboard. They are added while its router is built.
#[derive(Debug, Default)]
pub(super) struct RouteTable(RwLock<Vec<Route>>);

impl RouteTable {
    /// Adds a route. `methods` is the value of `Allow`.
    pub(super) fn add(&self, pattern: &'static str, methods: &str, form_page: Option<&'static str>) {
        let route = Route {
            pattern,
            is_page: form_page.is_none() && methods.starts_with("GET"),
            takes_forms: methods.ends_with("POST"),
            form_page,
        };
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !routes.contains(&route) {
            routes.push(route);
        }
    }

    fn find(&self, path: &str) -> Option<Route> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        routes.iter().find(|route| matches(route.pattern, path)).cloned()
    }

    /// Returns an address from outside if it is one of our own pages: a path from the root, with a query or without.
    ///
    /// So it has no scheme, no host, no `//`, no dot segments, no backslashes and no control characters.
    pub(super) fn own_page<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        let is_of_query = |c: char| is_plain(c) || "=&%+,:@/?".contains(c);
        let is_sound = address.len() <= ADDRESS_MAX
            && path.split('/').all(|segment| segment.chars().all(is_plain) && segment != "." && segment != "..")
            && query.chars().all(is_of_query);
        (is_sound && self.find(path)?.is_page).then_some(address)
    }

    /// Returns the path of a form if it is one of our own.
    pub(super) fn own_form<'a>(&self, path: &'a str) -> Option<&'a str> {
        self.find(path).filter(|route| route.takes_forms).map(|_| path)
    }

    /// Returns the address of the page that has the form of this path; the path itself if that page does.
    pub(super) fn page_of_form(&self, path: &str) -> Option<String> {
        let route = self.find(path)?;
        let Some(page) = route.form_page else { return Some(path.to_owned()).filter(|_| route.is_page) };
        let names = route.pattern.split('/').zip(path.split('/')).filter(|(name, _)| name.starts_with('{'));
        Some(names.fold(page.to_owned(), |page, (name, value)| page.replace(name, value)))
    }
}

/// Whether a path matches a pattern. `{name}` stands for a segment of letters, digits, `-` and `_`, as all of ours are.
fn matches(pattern: &str, path: &str) -> bool {
    let is_encoded = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let fits = |(name, segment): (&str, &str)| match name.starts_with('{') {
        true => !segment.is_empty() && is_encoded(segment),
        false => name == segment,
    };
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable {
        let table = RouteTable::default();
        table.add("", "GET, HEAD", None);
        table.add("books", "GET, HEAD, POST", None);
        table.add("books/{book}", "GET, HEAD", None);
        table.add("books/{book}/rename", "GET, HEAD, POST", Some("books/{book}#name"));
        table.add("logout", "GET, HEAD, POST", Some(""));
        table
    }

    #[test]
    fn only_addresses_of_our_own_pages_are_taken() {
        let table = table();
        for address in ["", "books", "books?page=2&find=YQ", "books/Ym9vaw", "books/a-_9?page=1", "?a=b"] {
            assert_eq!(table.own_page(address), Some(address));
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
    fn each_form_knows_its_page() {
        let table = table();
        assert_eq!(table.page_of_form("books/abc/rename").as_deref(), Some("books/abc#name"));
        assert_eq!(table.page_of_form("books").as_deref(), Some("books"));
        assert_eq!(table.page_of_form("logout").as_deref(), Some(""));
        assert_eq!(table.page_of_form("nowhere"), None);
        assert_eq!(table.own_form("books/abc/rename"), Some("books/abc/rename"));
        for path in ["", "books/abc", "/books", "books/../rename", "books/a/b/rename", "//evil/rename"] {
            assert_eq!(table.own_form(path), None, "{path}");
        }
    }
}
