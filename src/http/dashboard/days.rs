//! A day and a month of reading: which books, from where to where, and for how long.

use askama::Template;
use jiff::civil::Date;
use salvo::Request;
use salvo::craft::craft;

use super::context::Dashboard;
use super::day_books::{DayBookView, DayBooks, bar};
use super::error::PageError;
use super::layout::Layout;
use super::page::PageResponse;
use super::reading_record::ReadingRecord;
use super::sources::Sources;
use super::year_view::{YEARS, amount, books_worth, dates, month_path};

#[derive(Template)]
#[template(path = "day.html")]
struct DayPage {
    layout: Layout,
    summary: String,
    books: Vec<DayBookView>,
    /// `and 12 more`.
    more: Option<String>,
    /// Whether there were others, which are hidden or deleted.
    has_others: bool,
    before: Option<(String, String)>,
    month: (String, String),
    after: Option<(String, String)>,
    sources: Sources,
}

/// A day of a month.
struct DayOfMonth {
    path: String,
    name: String,
    text: String,
    bar: String,
}

#[derive(Template)]
#[template(path = "month_page.html")]
struct MonthPage {
    layout: Layout,
    /// The year, if it has a page: one that is still to come has none.
    year: Option<i16>,
    summary: String,
    days: Vec<DayOfMonth>,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    sources: Sources,
}

/// The handlers of `day/{day}` and `month/{month}`.
#[derive(Clone)]
pub struct Days {
    pub(super) dashboard: Dashboard,
}

/// Reads a date as the calendar's links have it, and in no other way.
fn parse(text: &str) -> Option<Date> {
    text.parse().ok().filter(|date: &Date| YEARS.contains(&date.year()) && date.to_string() == text)
}

#[craft]
impl Days {
    /// `GET day/{day}`: the books that were read on a day.
    #[craft(handler)]
    pub(super) async fn show_day(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let date = req.params().get("day").and_then(|day| parse(day)).ok_or(PageError::NoSuchPage)?;
        let slot = self.dashboard.state.scan_limiter.answer(current_user.user.id)?;
        let record = ReadingRecord::load(&self.dashboard, &current_user).await?;
        let texts = current_user.texts;
        let DayBooks { books, more, has_others } =
            DayBooks::load(&self.dashboard, &current_user, &record, date).await?;
        let day = record.amount(date);
        let link = |date: Date| (date.to_string(), texts.day(date, record.today));
        let summary = if day.is_read {
            amount(texts, &day)
        } else if date > record.today {
            texts.msg("overview-day-to-come").to_string()
        } else {
            texts.msg("overview-day-nothing").to_string()
        };
        Ok(PageResponse::new(&DayPage {
            layout: current_user.layout_titled(&texts.date(date), "overview"),
            summary,
            books,
            more: (more > 0).then(|| texts.msg("overview-wall-more").arg("count", more).to_string()),
            has_others,
            before: record.day_before(date).map(link),
            month: (month_path(date), texts.month_title(date)),
            after: record.day_after(date).map(link),
            sources: Sources::new(&current_user, &record),
        })
        .with_slot(slot))
    }

    /// `GET month/{month}`: the days of a month on which something was read.
    #[craft(handler)]
    pub(super) async fn show_month(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let first = req.params().get("month").and_then(|month| parse(&format!("{month}-01")));
        let first = first.ok_or(PageError::NoSuchPage)?;
        let slot = self.dashboard.state.scan_limiter.answer(current_user.user.id)?;
        let record = ReadingRecord::load(&self.dashboard, &current_user).await?;
        let texts = current_user.texts;
        let read: Vec<_> =
            dates(first, first.last_of_month()).map(|date| record.amount(date)).filter(|day| day.is_read).collect();
        let most = read.iter().map(|day| day.fraction).fold(0.01, f64::max);
        let days: Vec<DayOfMonth> = read
            .iter()
            .map(|day| DayOfMonth {
                path: day.date.to_string(),
                name: texts.day(day.date, first),
                text: amount(texts, day),
                bar: bar(0.0, day.fraction / most),
            })
            .collect();
        let total: f64 = read.iter().map(|day| day.fraction).sum();
        let summary = if days.is_empty() {
            texts.msg("overview-month-nothing").to_string()
        } else {
            let count = texts.msg("overview-days").arg("count", days.len()).to_string();
            format!("{count} · {}", books_worth(texts, total))
        };
        let link = |date: Date| (month_path(date), texts.month_title(date));
        Ok(PageResponse::new(&MonthPage {
            layout: current_user.layout_titled(&texts.month_title(first), "overview"),
            year: Some(first.year()).filter(|year| *year <= record.today.year()),
            summary,
            days,
            before: record.day_before(first).map(link),
            after: record.day_after(first.last_of_month()).map(link),
            sources: Sources::new(&current_user, &record),
        })
        .with_slot(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_address() {
        assert!(parse("2026-11-24").is_some());
        for other in [
            "2026-11-31",
            "2026-1-1",
            "20261124",
            "2026-11-24T10:00",
            "+002026-11-24",
            "",
            "2026-11",
            "1969-12-31",
            "-000001-01-01",
            "9999-01-01",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
