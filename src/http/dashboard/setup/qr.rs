//! QR codes as the path of an SVG: one unit for each module.

use std::fmt::Write as _;

use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};

/// Modules of the quiet zone around a code, which scanners need.
const QUIET: usize = 4;

/// A QR code.
pub(super) struct Qr {
    /// Width and height, with the quiet zone.
    pub(super) size: usize,
    /// The dark modules, as the `d` of a path.
    pub(super) path: String,
}

impl Qr {
    /// Encodes a text; `None` if it is too long for a code.
    pub(super) fn new(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let (width, modules) = (code.width(), code.to_colors());
        let mut path = String::new();
        for (y, row) in modules.chunks(width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, next| one == next) {
                if run[0] == Color::Dark {
                    let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
                }
                x += run.len();
            }
        }
        Some(Self { size: width + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_covers_the_dark_modules_and_no_others() {
        let text = "http://192.168.1.20:7200";
        let qr = Qr::new(text).expect("a code");
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("a code");
        assert_eq!(qr.size, code.width() + 8);
        let mut dark = 0;
        for run in qr.path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').expect("y");
            let (y, rest) = rest.split_once('h').expect("h");
            let length: usize = rest.split('v').next().expect("v").parse().expect("a length");
            let (x, y): (usize, usize) = (x.parse().expect("x"), y.parse().expect("y"));
            assert!((0..length).all(|step| code[(x - QUIET + step, y - QUIET)] == Color::Dark));
            dark += length;
        }
        assert_eq!(dark, code.to_colors().iter().filter(|color| **color == Color::Dark).count());
        assert!(Qr::new(&"x".repeat(5000)).is_none());
    }
}
