//! Fields of the bodies of `/api/v1`: what a request wants to change, and numbers as they are answered.

use jiff::civil::Date;
use serde_json::json;

use super::error::ApiError;
use super::json::Fields;
use crate::library::{Activity, Shelf, ShelfMove};
use crate::model::{DayRule, Document, DocumentName};
use crate::store::Change;

/// Returns the months in which books were finished, each with how many. The last one comes first.
pub(super) fn finished_by_month(activity: &Activity) -> Vec<serde_json::Value> {
    let mut months: Vec<(i16, i8)> =
        activity.finishes.iter().map(|finish| (finish.date.year(), finish.date.month())).collect();
    months.dedup();
    let count = |(year, month): (i16, i8)| json!({ "month": format!("{year:04}-{month:02}"), "books": activity.finished_in_month(year, month) });
    months.into_iter().map(count).collect()
}

/// Returns a share of books with four decimals.
pub(super) fn rounded(read: f64) -> f64 {
    (read * 10_000.0).round() / 10_000.0
}

/// Returns the changes that a body asks for.
pub(super) fn document_changes(
    document: &Document,
    fields: &Fields<'_>,
    days: &DayRule,
    today: Date,
) -> Result<Vec<Change>, ApiError> {
    let mut changes = Vec::new();
    match fields.string("name") {
        None if fields.has("name") && !fields.is_null("name") => {
            return Err(ApiError::BadParameter("'name' must be a string, or null."));
        }
        None if !fields.has("name") => {}
        name => {
            let name = name.filter(|name| !name.trim().is_empty()).map(|name| DocumentName::new(&name)).transpose();
            let name = name.map_err(|invalid| ApiError::Invalid(Some(invalid)))?;
            changes.push(Change::RenameDocument(document.clone(), name));
        }
    }
    if fields.has("shelf") {
        let to = if fields.is_null("shelf") { None } else { Some(shelf_move(fields, days, today)?) };
        changes.push(Change::MoveToShelf(document.clone(), to));
    }
    if fields.has("finished") {
        if !fields.is_null("finished") || fields.has("shelf") {
            return Err(ApiError::BadParameter(
                "'finished' may only be null, which takes the last finish back, and not come with 'shelf'.",
            ));
        }
        changes.push(Change::TakeBackFinish(document.clone()));
    }
    if fields.has("hidden") {
        let hidden = fields.boolean("hidden").ok_or(ApiError::BadParameter("'hidden' must be true or false."))?;
        changes.push(Change::SetHidden(document.clone(), hidden));
    }
    if changes.is_empty() {
        return Err(ApiError::BadParameter("The body must have 'name', 'shelf', 'finished' or 'hidden'."));
    }
    Ok(changes)
}

/// Returns where a body moves a book. Without `finished_on`, it is finished today.
fn shelf_move(fields: &Fields<'_>, days: &DayRule, today: Date) -> Result<ShelfMove, ApiError> {
    const NO_SHELF: ApiError = ApiError::BadParameter("'shelf' must be 'reading', 'aside' or 'finished', or null.");
    const NO_DATE: ApiError =
        ApiError::BadParameter("'finished_on' must be a date like 2026-11-26, and not in the future.");
    Ok(match fields.string("shelf").and_then(|shelf| shelf.parse().ok()).ok_or(NO_SHELF)? {
        Shelf::Reading => ShelfMove::Reading,
        Shelf::Aside => ShelfMove::Aside,
        Shelf::Finished if !fields.has("finished_on") => ShelfMove::Finished { at: u64::MAX },
        Shelf::Finished => {
            let date = fields.string("finished_on").and_then(|date| date.parse().ok());
            let date = date.filter(|date| *date <= today).ok_or(NO_DATE)?;
            ShelfMove::Finished { at: days.last_second(date).ok_or(NO_DATE)? }
        }
    })
}
