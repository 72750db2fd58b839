//! The marks of devices, the same on all pages.

/// Devices of an account with a marker of their own; later ones share one.
pub(super) const MAX_MARKERS: usize = CLASSES.len() * SHAPES.len();
/// How the points of a device look. On screens without colours, the shapes tell devices apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker {
    /// The CSS class with its colour.
    pub(super) class: &'static str,
    /// Its outline around 0,0, as the path of an SVG. Behind a point, it is drawn there.
    pub(super) shape: &'static str,
}

const CLASSES: [&str; 5] = ["c0", "c1", "c2", "c3", "c4"];
const SHAPES: [&str; 6] = [
    "m-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
    "m-3.5,-3.5h7v7h-7z",
    "m0,-5l4.5,8.5h-9z",
    "m0,-5l4.5,5l-4.5,5l-4.5,-5z",
    "m-1.5,-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
    "m0,5l4.5,-8.5h-9z",
];
/// The marker of all devices beyond [`MAX_MARKERS`], and of positions that no device pushed.
pub(super) const SHARED_MARKER: Marker = Marker { class: "c9", shape: "m-2,-2h4v4h-4z" };

impl Marker {
    /// Returns the marker of the device with that number, from 0 on. No two of the first 30 are the same.
    pub(super) fn of(index: usize) -> Self {
        if index < MAX_MARKERS {
            Self { class: CLASSES[index % CLASSES.len()], shape: SHAPES[index % SHAPES.len()] }
        } else {
            SHARED_MARKER
        }
    }
}
