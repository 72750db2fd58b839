//! An answer that is a page, or an SVG.

use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::{Response, Scribe};

use super::gzip;
use super::page::PageResponse;
use crate::http::answer;
use crate::library::scan::AnswerSlot;

/// A page or a picture.
pub(super) enum Picture {
    Page(PageResponse),
    Svg(String, AnswerSlot),
}

impl Scribe for Picture {
    fn render(self, res: &mut Response) {
        match self {
            Self::Page(page) => page.render(res),
            Self::Svg(svg, slot) => {
                res.status_code(StatusCode::OK);
                res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml; charset=utf-8"));
                let body = gzip::page(svg, res);
                res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
                res.body(answer::whole(body, Some(slot)));
            }
        }
    }
}
