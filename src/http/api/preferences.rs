//! What an account chose for its pages, as fields of `/api/v1/account`.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::json::Fields;
use crate::model::{DAY_END_MAX, GOAL_MAX, Preferences};

const LANGUAGE: &str = "language";
const TIME_ZONE: &str = "time_zone";
const DAY_END: &str = "day_end";
const GOAL: &str = "goal";

/// Returns the preferences with what a request chooses. Returns `None` if it has none of the fields. A field that is
/// `null` chooses the default.
///
/// # Errors
/// 400 (3400) if a field is none of its choices.
pub(super) fn chosen(fields: &Fields<'_>, mut preferences: Preferences) -> Result<Option<Preferences>, ApiError> {
    let is_there = |name| fields.raw(name).is_some() || fields.is_null(name);
    if ![LANGUAGE, TIME_ZONE, DAY_END, GOAL].into_iter().any(is_there) {
        return Ok(None);
    }
    if is_there(LANGUAGE) {
        const NO_LANGUAGE: ApiError =
            ApiError::BadParameter("'language' must be 'de', 'en', 'es', 'fr' or 'nl', or null.");
        preferences.language = one(fields, LANGUAGE, NO_LANGUAGE, |fields, name| fields.string(name)?.parse().ok())?;
    }
    if is_there(TIME_ZONE) {
        const NO_ZONE: ApiError =
            ApiError::BadParameter("'time_zone' must be a name of the tz database, such as 'Europe/Berlin', or null.");
        // The one that is chosen already may be one that this system no longer knows.
        let current = preferences.time_zone.take();
        let is_known = |zone: &String| current.as_ref() == Some(zone) || TimeZone::get(zone).is_ok();
        preferences.time_zone = one(fields, TIME_ZONE, NO_ZONE, |fields, name| fields.string(name).filter(is_known))?;
    }
    if is_there(DAY_END) {
        const NO_HOUR: ApiError = ApiError::BadParameter("'day_end' must be an hour from 0 to 12, or null.");
        let hour = |hour: &u8| *hour <= DAY_END_MAX;
        preferences.day_end = one(fields, DAY_END, NO_HOUR, |fields, name| number(fields, name).filter(hour))?;
    }
    if is_there(GOAL) {
        const NO_GOAL: ApiError = ApiError::BadParameter("'goal' must be a number of books from 1 to 1000, or null.");
        let goal = |goal: &u16| (1..=GOAL_MAX).contains(goal);
        preferences.goal = one(fields, GOAL, NO_GOAL, |fields, name| number(fields, name).filter(goal))?;
    }
    Ok(Some(preferences))
}

/// Returns a field's choice; `None` if it is `null`.
fn one<T>(
    fields: &Fields<'_>,
    name: &str,
    error: ApiError,
    parse: impl FnOnce(&Fields<'_>, &str) -> Option<T>,
) -> Result<Option<T>, ApiError> {
    if fields.is_null(name) { Ok(None) } else { parse(fields, name).map(Some).ok_or(error) }
}

/// Returns a field that is a whole number.
fn number<T: serde::de::DeserializeOwned>(fields: &Fields<'_>, name: &str) -> Option<T> {
    serde_json::from_str(fields.raw(name)?).ok()
}

/// Adds what an account chose. What it did not choose is left out.
pub(super) fn add_to(account: &mut Map<String, Value>, preferences: &Preferences) {
    let Preferences { language, time_zone, day_end, goal } = preferences;
    let chosen = [
        (LANGUAGE, language.map(|language| json!(language))),
        (TIME_ZONE, time_zone.as_ref().map(|zone| json!(zone))),
        (DAY_END, day_end.map(|hour| json!(hour))),
        (GOAL, goal.map(|books| json!(books))),
    ];
    account.extend(chosen.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
}
