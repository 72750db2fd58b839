//! Serves the stylesheet, the script and the icons from the binary, with no login.

use std::sync::{Arc, LazyLock, OnceLock};

use blake2::digest::{Digest as _, consts::U8};
use flate2::Compression;
use salvo::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, VARY, X_CONTENT_TYPE_OPTIONS,
};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, async_trait};

use super::gzip::{accepts_gzip, compressed};
use crate::http::middleware::MethodNotAllowed;
use crate::http::routing::{READ, at, on};

/// Concatenates the parts of the stylesheet.
macro_rules! stylesheet {
    ($($part:literal),* $(,)?) => {
        concat!($(include_str!(concat!("assets/css/", $part, ".css")), "\n"),*)
    };
}

/// The stylesheet. Later parts override earlier ones: those for current browsers follow at the end.
const STYLESHEET: &str = stylesheet![
    "base",
    "colors",
    "header",
    "forms",
    "books",
    "activity",
    "tables",
    "charts",
    "book",
    "setup",
    "admin",
    "modern",
    "overview",
    "monochrome",
    "print",
    "contrast",
];

/// A file in the binary.
struct File {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
    /// The compressed content, made at the first request for it. `None` for a PNG, or if it gets no smaller.
    gzip: OnceLock<Option<Vec<u8>>>,
}

impl File {
    const fn new(name: &'static str, content_type: &'static str, content: &'static [u8]) -> Self {
        Self { name, content_type, content, gzip: OnceLock::new() }
    }

    fn compressed(&self) -> Option<&[u8]> {
        let compress = || {
            let gzip = compressed(self.content, Compression::best());
            Some(gzip).filter(|gzip| self.content_type != PNG && gzip.len() < self.content.len())
        };
        self.gzip.get_or_init(compress).as_deref()
    }
}

const PNG: &str = "image/png";
const ICO: &str = "image/vnd.microsoft.icon";

/// The files at `assets/{name}`.
static ASSETS: [File; 8] = [
    File::new("kosync.css", "text/css; charset=utf-8", STYLESHEET.as_bytes()),
    File::new("kosync.js", "text/javascript; charset=utf-8", include_bytes!("assets/kosync.js")),
    File::new("kosync.webmanifest", "application/manifest+json", include_bytes!("assets/kosync.webmanifest")),
    File::new("icon.svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
    File::new("icon-192.png", PNG, include_bytes!("assets/icon-192.png")),
    File::new("icon-512.png", PNG, include_bytes!("assets/icon-512.png")),
    File::new("icon-maskable.png", PNG, include_bytes!("assets/icon-maskable.png")),
    File::new("apple-touch-icon.png", PNG, include_bytes!("assets/apple-touch-icon.png")),
];

/// The files at the root of a server of our own. In a program that embeds the pages, these paths are the program's.
static AT_ROOT: [File; 3] = [
    File::new("favicon.ico", ICO, include_bytes!("assets/favicon.ico")),
    // Where iPhones look if they have read no page.
    File::new("apple-touch-icon.png", PNG, include_bytes!("assets/apple-touch-icon.png")),
    File::new("robots.txt", "text/plain; charset=utf-8", b"User-agent: *\nDisallow: /\n"),
];

/// Returns a hash of all assets. It is part of their addresses, so that browsers may cache them for good.
pub(super) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut hash = blake2::Blake2b::<U8>::new();
        for file in &ASSETS {
            hash.update(file.content);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    });
    &VERSION
}

/// Returns the routes `assets/{name}`.
pub(super) fn router() -> Router {
    ASSETS.iter().fold(at("assets"), |router, file| router.push(route(file)))
}

/// Returns the routes of `robots.txt` and the icons that clients request at the root.
pub(crate) fn root_routers() -> impl Iterator<Item = Router> {
    AT_ROOT.iter().map(route)
}

fn route(file: &'static File) -> Router {
    let allow = HeaderValue::from_static("GET, HEAD");
    at(file.name).push(on(&READ, Arc::new(Asset(file)))).push(Router::new().goal(MethodNotAllowed { allow }))
}

struct Asset(&'static File);

#[async_trait]
impl Handler for Asset {
    async fn handle(&self, req: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        // Only an address that names this version may be kept for good.
        let caching = match req.uri().query().and_then(|query| query.strip_prefix("v=")) == Some(version()) {
            true => "public, max-age=31536000, immutable",
            false => "public, max-age=3600",
        };
        let Self(file) = self;
        let mut insert = |name, value| res.headers_mut().insert(name, HeaderValue::from_static(value));
        insert(CONTENT_TYPE, file.content_type);
        insert(CACHE_CONTROL, caching);
        insert(X_CONTENT_TYPE_OPTIONS, "nosniff");
        insert(VARY, "accept-encoding");
        let mut content = file.content;
        if let Some(compressed) = file.compressed().filter(|_| accepts_gzip(req.headers())) {
            insert(CONTENT_ENCODING, "gzip");
            content = compressed;
        }
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
        res.body(content);
    }
}
