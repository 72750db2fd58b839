//! Serves the stylesheet, the script and the icon from the binary, with no login.

use std::sync::LazyLock;

use blake2::digest::{Digest as _, consts::U8};
use salvo::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, async_trait};

/// Concatenates the parts of the stylesheet.
macro_rules! stylesheet {
    ($($part:literal),* $(,)?) => {
        concat!($(include_str!(concat!("assets/css/", $part, ".css")), "\n"),*)
    };
}

/// The stylesheet. Later parts override earlier ones: those for current browsers follow at the end.
const STYLESHEET: &str =
    stylesheet!["base", "header", "forms", "books", "activity", "tables", "charts", "modern", "monochrome",];

/// Name, content type and content of each asset.
const ASSETS: [(&str, &str, &str); 3] = [
    ("kosync.css", "text/css; charset=utf-8", STYLESHEET),
    ("kosync.js", "text/javascript; charset=utf-8", include_str!("assets/kosync.js")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// Returns a hash of all assets. It is part of their addresses, so that browsers may cache them for good.
pub(super) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut hash = blake2::Blake2b::<U8>::new();
        for (_, _, content) in ASSETS {
            hash.update(content);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    });
    &VERSION
}

/// Returns the routes `assets/{name}`.
pub(super) fn router() -> Router {
    ASSETS.into_iter().fold(Router::with_path("assets"), |router, (name, content_type, content)| {
        let asset = || Asset { content_type, content };
        router.push(Router::with_path(name).get(asset()).head(asset()))
    })
}

struct Asset {
    content_type: &'static str,
    content: &'static str,
}

#[async_trait]
impl Handler for Asset {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        for (name, value) in [
            (CONTENT_TYPE, self.content_type),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            res.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(self.content.len()));
        res.body(self.content);
    }
}
