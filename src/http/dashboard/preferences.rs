//! The choices of language, time zone and day's end on the account's page.

use jiff::tz::TimeZone;

use super::form::Form;
use crate::model::{DAY_END_MAX, DEFAULT_DAY_END, Language, Preferences};

/// Regions of the tz database. Other names in it are abbreviations and old names.
const REGIONS: [&str; 10] =
    ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "UTC"];

/// The choices, and which of them are made.
pub(super) struct PreferencesView {
    chosen: Preferences,
    /// Names of the time zones that this system knows.
    pub(super) zones: Vec<String>,
    /// Name of the server's time zone.
    pub(super) server_zone: String,
}

impl PreferencesView {
    pub(super) fn new(chosen: Preferences, server_zone: &TimeZone) -> Self {
        let mut zones = zones();
        // A zone that a later system no longer has stays chosen.
        if let Some(zone) = &chosen.time_zone
            && !zones.contains(zone)
        {
            zones.insert(0, zone.clone());
        }
        Self { chosen, zones, server_zone: server_zone.iana_name().unwrap_or("UTC").to_owned() }
    }

    #[allow(clippy::unused_self, reason = "templates have the view only")]
    pub(super) fn languages(&self) -> &'static [Language] {
        &Language::ALL
    }

    pub(super) fn is_language(&self, language: &Language) -> bool {
        self.chosen.language == Some(*language)
    }

    pub(super) fn is_zone(&self, zone: &str) -> bool {
        self.chosen.time_zone.as_deref() == Some(zone)
    }

    #[allow(clippy::unused_self, reason = "templates have the view only")]
    pub(super) fn hours(&self) -> impl Iterator<Item = u8> {
        0..=DAY_END_MAX
    }

    pub(super) fn is_day_end(&self, hour: &u8) -> bool {
        self.chosen.day_end.unwrap_or(DEFAULT_DAY_END) == *hour
    }
}

/// Returns the names of the time zones to choose from.
fn zones() -> Vec<String> {
    let zones = jiff::tz::db().available().map(|name| name.to_string());
    let mut zones: Vec<String> =
        zones.filter(|name| REGIONS.contains(&name.split('/').next().unwrap_or_default())).collect();
    zones.sort_unstable();
    zones
}

/// Makes the choices of a form. A field that was not sent changes nothing.
///
/// Returns the ids of the fields that chose what is not there; these change nothing either.
pub(super) fn choose(form: &Form, preferences: &mut Preferences) -> Vec<&'static str> {
    let chosen = |name| Some(form.get(name)).filter(|value| !value.is_empty());
    let mut wrong = Vec::new();
    if form.has("language") {
        match chosen("language").map(str::parse).transpose() {
            Ok(language) => preferences.language = language,
            Err(_) => wrong.push("language"),
        }
    }
    if form.has("time_zone") {
        let zone = chosen("time_zone").map(str::to_owned);
        // The one that is chosen already may be one that this system no longer knows.
        if preferences.time_zone == zone || zone.as_ref().is_none_or(|name| TimeZone::get(name).is_ok()) {
            preferences.time_zone = zone;
        } else {
            wrong.push("time-zone");
        }
    }
    match chosen("day_end").map(str::parse) {
        None => {}
        Some(Ok(hour)) if hour <= DAY_END_MAX => {
            preferences.day_end = Some(hour).filter(|hour| *hour != DEFAULT_DAY_END);
        }
        Some(_) => wrong.push("day-end"),
    }
    wrong
}
