//! What the overview and the page of a year share: numbers, months, bars, the goal, devices and covers, as texts.

use jiff::Span;
use jiff::civil::Date;

use super::calendar::{Calendar, DayAmount, Month};
use super::cover::Cover;
use super::lines;
use super::marker::Marker;
use crate::library::Title;
use crate::model::FINISHED;
use crate::text::Texts;

/// Bytes of a title and of authors in the name of a book.
const NAME_TITLE: usize = 80;
const NAME_AUTHORS: usize = 40;
/// The years that have pages.
pub(super) const YEARS: std::ops::RangeInclusive<i16> = 1970..=9000;
/// Height of the bars, in the units of their SVG.
const BAR_HEIGHT: usize = 60;

/// A number with its label and what it is counted from.
pub(super) struct NumberView {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) note: Option<String>,
}

/// A month of the calendar.
pub(super) struct MonthView {
    pub(super) layout: Month,
    /// `2026-11`.
    pub(super) path: String,
    pub(super) name: String,
    /// `18 days`, `2.3 books` and `9 h`.
    pub(super) parts: Vec<String>,
}

/// A bar.
pub(super) struct Bar {
    pub(super) count: usize,
    pub(super) path: String,
    pub(super) month: String,
}

/// A device and its part of the progress.
pub(super) struct DeviceShareView {
    /// `None` for all others together.
    pub(super) marker: Option<Marker>,
    pub(super) name: String,
    pub(super) percent: String,
    /// In units of which the bar has 100.
    pub(super) width: String,
}

/// Covers of finished books.
#[derive(Default)]
pub(super) struct Wall {
    pub(super) year: i16,
    pub(super) heading: String,
    pub(super) books: Vec<WallBook>,
    /// `and 12 more`.
    pub(super) more: Option<String>,
    /// How many books count that are on no wall: hidden and deleted ones.
    pub(super) others: Option<String>,
}

/// A book on the wall.
pub(super) struct WallBook {
    /// The path of its page.
    pub(super) path: String,
    pub(super) cover: Cover,
    /// Title and authors.
    pub(super) name: String,
    pub(super) date: String,
    pub(super) note: Option<String>,
}

/// Returns every day of the last twelve calendar months, up to today.
pub(super) fn last_twelve_months(today: Date) -> impl Iterator<Item = Date> {
    let first = today.first_of_month().saturating_sub(Span::new().months(11));
    dates(first, today)
}

/// Returns every day from `first` to `last`.
pub(super) fn dates(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(move |date| *date <= last)
}

/// Rounds to a tenth, for a number in a sentence.
pub(super) fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Returns `12 % of a book`, or `1.9 books` where it was more than one.
pub(super) fn books_worth(texts: Texts, fraction: f64) -> String {
    if tenth(fraction) > 1.0 {
        return texts.msg("overview-books").arg("count", tenth(fraction)).to_string();
    }
    texts.msg("overview-of-a-book").arg("percent", texts.percent(rounded(fraction))).to_string()
}

/// Returns `12 % of a book, 35 min`.
pub(super) fn amount(texts: Texts, day: &DayAmount) -> String {
    let fraction = (day.fraction > 0.0 || day.seconds == 0).then(|| books_worth(texts, day.fraction));
    let time = (day.seconds > 0).then(|| texts.duration(day.seconds.into()));
    fraction.into_iter().chain(time).collect::<Vec<_>>().join(", ")
}

/// Returns `12 %, 35 min`, as short as the label of a square must be.
pub(super) fn short_amount(texts: Texts, day: &DayAmount) -> String {
    let fraction = (day.fraction > 0.0 || day.seconds == 0).then(|| texts.percent(rounded(day.fraction)));
    let time = (day.seconds > 0).then(|| texts.duration(day.seconds.into()));
    fraction.into_iter().chain(time).collect::<Vec<_>>().join(", ")
}

/// Rounds a fraction to a percent, to a tenth below one percent.
pub(super) fn rounded(fraction: f64) -> f64 {
    let digits = if fraction < 0.01 { 1000.0 } else { 100.0 };
    (fraction * digits).round() / digits
}

/// Describes the months of a calendar. The name has the year where `with_year` says so.
pub(super) fn months(texts: Texts, calendar: &Calendar, today: Date) -> Vec<MonthView> {
    let describe = |month: &Month| {
        let mut parts = Vec::new();
        if month.days_read > 0 {
            parts.push(texts.msg("overview-days").arg("count", month.days_read).to_string());
            parts.push(texts.msg("overview-books").arg("count", tenth(month.fraction)).to_string());
        }
        if month.seconds > 0 {
            parts.push(texts.duration(month.seconds));
        }
        let short = texts.short_month(month.first);
        let name = if month.first.year() == today.year() { short } else { format!("{short} {}", month.first.year()) };
        MonthView { path: month_path(month.first), name, parts, layout: month.clone() }
    };
    calendar.months.iter().map(describe).collect()
}

/// Returns `2026-11`.
pub(super) fn month_path(date: Date) -> String {
    date.strftime("%Y-%m").to_string()
}

/// Explains the calendar and its shades.
pub(super) fn calendar_about(texts: Texts, calendar: &Calendar) -> String {
    let mut parts = vec![texts.msg("overview-calendar-about").to_string()];
    if let Some([first, second, third]) = calendar.bounds.map(|bounds| bounds.map(|at| texts.percent(rounded(at)))) {
        let shades = texts.msg("overview-calendar-shades");
        parts.push(shades.arg("first", first).arg("second", second).arg("third", third).to_string());
    }
    parts.push(texts.msg("overview-calendar-links").to_string());
    parts.join(" ")
}

/// Draws the numbers of finished books by month.
pub(super) fn bars(texts: Texts, months: &[(Date, usize)]) -> Vec<Bar> {
    let most = months.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let bar = |(first, count): &(Date, usize)| Bar {
        count: *count,
        path: format!("M0 {BAR_HEIGHT}h10v-{}h-10z", count * BAR_HEIGHT / most),
        month: texts.short_month(*first),
    };
    months.iter().map(bar).collect()
}

/// Returns title and authors as one text.
pub(super) fn name(texts: Texts, title: &Title) -> String {
    let text = lines::shortened(&title.text, NAME_TITLE);
    match &title.authors {
        Some(authors) => {
            let authors = lines::shortened(authors, NAME_AUTHORS);
            texts.msg("overview-book-by").arg("title", text).arg("authors", authors).to_string()
        }
        None => text,
    }
}

/// Says when a book counts as finished.
pub(super) fn finished_source(texts: Texts) -> String {
    texts.msg("overview-finished-source").arg("percent", texts.percent(FINISHED)).to_string()
}

/// The goal of a year.
pub(super) struct GoalView {
    /// Whether the page has the form to change it.
    pub(super) is_editable: bool,
    pub(super) state: Option<GoalState>,
    /// What was chosen, for the field; empty for none.
    pub(super) chosen: String,
    pub(super) summary: String,
    pub(super) limit: u16,
}

/// How far a goal is reached.
pub(super) struct GoalState {
    pub(super) text: String,
    pub(super) max: usize,
    pub(super) value: usize,
}

impl GoalState {
    /// Compares the books finished in the year of `today` with an even pace. A year that is over has none.
    pub(super) fn new(texts: Texts, goal: u16, finished: usize, today: Date, is_over: bool) -> Self {
        let goal = usize::from(goal);
        let state = texts.msg("overview-goal-state").arg("finished", texts.number(finished as u64)).arg("goal", goal);
        let day = usize::from(today.day_of_year().unsigned_abs());
        let even = goal * day / usize::from(today.days_in_year().unsigned_abs());
        let pace = if finished >= goal {
            Some(texts.msg("overview-goal-reached"))
        } else if is_over {
            None
        } else if finished > even {
            Some(texts.msg("overview-goal-ahead").arg("count", finished - even))
        } else if finished < even {
            Some(texts.msg("overview-goal-behind").arg("count", even - finished))
        } else {
            Some(texts.msg("overview-goal-on-pace"))
        };
        let text = pace.map_or_else(|| state.to_string(), |pace| format!("{state} · {pace}"));
        Self { text, max: goal, value: finished.min(goal) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::Language;

    #[test]
    fn a_goal_is_compared_with_an_even_pace() {
        let texts = Texts::of(Language::English);
        let text = |goal, finished, today, is_over| GoalState::new(texts, goal, finished, today, is_over).text;
        let july = date(2026, 7, 2);
        assert_eq!(text(24, 12, july, false), "12 of 24 books · right on pace");
        assert_eq!(text(24, 13, july, false), "13 of 24 books · 1 book ahead of an even pace");
        assert_eq!(text(24, 10, july, false), "10 of 24 books · 2 books behind an even pace");
        assert_eq!(text(24, 25, july, false), "25 of 24 books · your goal is reached");
        assert_eq!(text(24, 10, date(2025, 12, 31), true), "10 of 24 books");
    }

    #[test]
    fn more_than_a_book_is_counted_in_books() {
        let texts = Texts::of(Language::English);
        let read = [0.0, 0.35, 1.0, 1.04, 1.87, 12.0].map(|fraction| books_worth(texts, fraction));
        let expected = ["0% of a book", "35% of a book", "100% of a book", "104% of a book", "1.9 books", "12 books"];
        assert_eq!(read, expected);
    }

    #[test]
    fn amounts_are_rounded() {
        assert_eq!([0.0, 0.0004, 0.0042, 0.0149, 0.295].map(rounded), [0.0, 0.0, 0.004, 0.01, 0.3]);
        assert_eq!(tenth(25.84), 25.8);
        assert_eq!(last_twelve_months(date(2026, 3, 1)).count(), 335);
        assert_eq!(last_twelve_months(date(2024, 2, 29)).next(), Some(date(2023, 3, 1)));
    }
}
