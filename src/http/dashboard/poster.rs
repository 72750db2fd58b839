//! Lays a year of reading out as one SVG, to print or to share: light, without fonts, scripts or styles of its own.

use askama::Template;
use jiff::civil::Date;

use super::calendar::{Calendar, SQUARE_PITCH};
use super::cover::{CLOTHS, Cover};
use super::lines;

const WIDTH: u32 = 1000;
const MARGIN: u32 = 60;
const INNER: u32 = WIDTH - 2 * MARGIN;
/// Where the numbers, the calendar and the covers begin.
const NUMBERS_TOP: u32 = 230;
const CALENDAR_TOP: u32 = 360;
/// The calendar has six months in a row, and each takes so much.
const MONTHS_IN_A_ROW: u32 = 6;
const MONTH_PITCH_X: u32 = 150;
const MONTH_PITCH_Y: u32 = 160;
/// How large a month is drawn: 130 of [`MONTH_PITCH_X`].
const MONTH_SCALE: f64 = 1.35;
const COVERS_TOP: u32 = CALENDAR_TOP + 2 * MONTH_PITCH_Y + 30;
/// What the covers may take: the whole is as high as a page of A4 or Letter then.
const COVERS_HEIGHT: f64 = 520.0;
const FOOTER: u32 = 100;
/// Type size of what it is counted from, and the distance of its lines.
const SOURCE_SIZE: f64 = 15.0;
/// The width of that in em: less than the margins leave, since wide fonts, such as DejaVu Serif, need more than is estimated.
const SOURCE_WIDTH: f64 = INNER as f64 / SOURCE_SIZE * 0.93;
const SOURCE_PITCH: u32 = 22;
/// The size of a cover before it is scaled.
const COVER_WIDTH: f64 = 84.0;
const COVER_HEIGHT: f64 = 124.0;
/// Fewest and most covers in a row.
const MIN_IN_A_ROW: usize = 6;
const MAX_IN_A_ROW: usize = 12;
/// Covers that are drawn.
pub(super) const MAX_COVERS: usize = 54;
/// Type sizes of a cover's title and authors, and the width that they have.
const TITLE_SIZE: f64 = 9.0;
const AUTHORS_SIZE: f64 = 7.0;
const TEXT_WIDTH: f64 = 58.0;
/// Width of the name in em.
const NAME_WIDTH: f64 = 24.0;

/// What a year adds up to, as texts.
pub(super) struct YearTexts {
    /// The language tag of the texts.
    pub(super) language: &'static str,
    /// `2026`.
    pub(super) year: String,
    /// `A year of reading`.
    pub(super) heading: String,
    /// The name of the reader.
    pub(super) name: String,
    /// Numbers, each with its label; four at most.
    pub(super) numbers: Vec<(String, String)>,
    /// `and 12 more`, if not all covers are there.
    pub(super) more: Option<String>,
    /// What it is counted from.
    pub(super) source: String,
    /// A sentence that says what is drawn.
    pub(super) description: String,
}

#[derive(Template)]
#[template(path = "year.svg")]
pub(super) struct Poster {
    texts: YearTexts,
    height: u32,
    /// In millimetres: what fits between the margins of A4 and of Letter.
    height_mm: u32,
    numbers: Vec<PlacedNumber>,
    months: Vec<PlacedMonth>,
    covers: Vec<PlacedCover>,
    /// The lines that say what it is counted from.
    source: Vec<(u32, String)>,
}

struct PlacedNumber {
    x: u32,
    value: String,
    label: Vec<(u32, String)>,
}

struct PlacedMonth {
    x: u32,
    y: u32,
    name: String,
    /// The number of books finished in it; empty for none.
    finished: String,
    blank: String,
    shades: Vec<(&'static str, String)>,
}

struct PlacedCover {
    x: String,
    y: String,
    scale: String,
    fill: &'static str,
    ornament: usize,
    title: Vec<(String, String)>,
    authors: Vec<(String, String)>,
}

impl Poster {
    /// Lays out a year. `month` gives the name of a month and the number of books finished in it, as text.
    pub(super) fn new(
        texts: YearTexts,
        calendar: &Calendar,
        covers: &[Cover],
        month: impl Fn(Date) -> (String, String),
    ) -> Self {
        let texts = without_controls(texts);
        let (covers, covers_height) = place(covers);
        let height = COVERS_TOP + covers_height + FOOTER;
        let count = u32::try_from(texts.numbers.len().max(1)).unwrap_or(1);
        let numbers = (0..).zip(&texts.numbers).map(|(index, (value, label))| {
            let label = lines::wrapped(label, f64::from(INNER / count) / 20.0, 2);
            PlacedNumber {
                x: MARGIN + INNER / count * index,
                value: value.clone(),
                label: (0..).map(|line| NUMBERS_TOP + 32 + 24 * line).zip(label).collect(),
            }
        });
        let numbers = numbers.collect();
        let months = (0..).zip(&calendar.months).map(|(index, shown)| {
            let (name, finished) = month(shown.first);
            PlacedMonth {
                x: MARGIN + index % MONTHS_IN_A_ROW * MONTH_PITCH_X,
                y: CALENDAR_TOP + index / MONTHS_IN_A_ROW * MONTH_PITCH_Y,
                name,
                finished,
                blank: shown.blank.clone(),
                shades: shown.shades.iter().map(|shade| (SHADES[shade.level - 1], shade.path())).collect(),
            }
        });
        let months = months.collect();
        let source = lines::wrapped(&texts.source, SOURCE_WIDTH, 3);
        let lines = u32::try_from(source.len()).unwrap_or(1);
        let source = (0..).map(|line| height + 2 - SOURCE_PITCH * (lines - line)).zip(source).collect();
        Self { numbers, months, covers, source, height, height_mm: height * 19 / 100, texts }
    }

    /// Writes the picture.
    #[allow(clippy::expect_used, reason = "the template calls nothing that fails")]
    pub(super) fn to_svg(&self) -> String {
        self.render().expect("our templates call nothing that fails")
    }

    fn name(&self) -> String {
        lines::wrapped(&self.texts.name, NAME_WIDTH, 1).concat()
    }

    fn month_scale(&self) -> f64 {
        MONTH_SCALE
    }

    /// Where the number of a month's finished books ends.
    fn month_right(&self) -> f64 {
        f64::from(SQUARE_PITCH * 7 - 2) * MONTH_SCALE
    }
}

/// The shades of the style sheet's light colours.
const SHADES: [&str; 4] = ["#b5d6cf", "#76b0a6", "#36877c", "#0f4d46"];

/// Places covers in rows that have the width of the page, as large as fits. Returns the height that they take.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
fn place(covers: &[Cover]) -> (Vec<PlacedCover>, u32) {
    let covers = &covers[..covers.len().min(MAX_COVERS)];
    let pitch = |columns: usize| {
        let across = f64::from(INNER) / (columns as f64 - 0.15);
        (across, across * 0.85 / COVER_WIDTH * COVER_HEIGHT + across * 0.15)
    };
    let fits = |columns: &usize| covers.len().div_ceil(*columns) as f64 * pitch(*columns).1 <= COVERS_HEIGHT;
    let columns = (MIN_IN_A_ROW..MAX_IN_A_ROW).find(fits).unwrap_or(MAX_IN_A_ROW);
    let (across, down) = pitch(columns);
    let placed = covers.iter().enumerate().map(|(index, cover)| PlacedCover {
        x: format!("{:.1}", f64::from(MARGIN) + (index % columns) as f64 * across),
        y: format!("{:.1}", f64::from(COVERS_TOP) + (index / columns) as f64 * down),
        scale: format!("{:.3}", across * 0.85 / COVER_WIDTH),
        fill: CLOTHS[cover.cloth],
        ornament: cover.ornament,
        title: lines_at(&printable(&cover.title), TITLE_SIZE, 4, |_| 32.0),
        authors: lines_at(&printable(cover.authors.as_deref().unwrap_or_default()), AUTHORS_SIZE, 2, |count| {
            103.0 - 8.5 * (count - 1.0)
        }),
    });
    (placed.collect(), (covers.len().div_ceil(columns) as f64 * down).ceil() as u32)
}

/// Breaks a text into lines, each with where it stands. `first` says where the first stands, by the number of lines.
#[allow(clippy::cast_precision_loss, reason = "a few lines")]
fn lines_at(text: &str, size: f64, max: usize, first: impl Fn(f64) -> f64) -> Vec<(String, String)> {
    let lines = lines::wrapped(text, TEXT_WIDTH / size, max);
    let first = first(lines.len() as f64);
    let y = |index: usize| format!("{:.1}", first + index as f64 * size * 1.22);
    lines.into_iter().enumerate().map(|(index, line)| (y(index), line)).collect()
}

/// Leaves out the characters that XML does not allow. Clients may send any in a title.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

fn without_controls(texts: YearTexts) -> YearTexts {
    YearTexts { name: printable(&texts.name), ..texts }
}
