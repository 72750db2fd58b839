//! What an account has chosen for its pages.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::language::Language;

/// Hour at which a reader's day ends, unless another one was chosen: who reads past midnight still reads on the evening's day.
pub const DEFAULT_DAY_END: u8 = 4;
/// The latest hour at which a day can end.
pub const DAY_END_MAX: u8 = 12;
/// The most books of a yearly goal.
pub const GOAL_MAX: u16 = 1000;

/// What an account has chosen for its pages. What is `None` follows the server or the browser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Preferences {
    /// The language. By default the browser's, else the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The name of the time zone, as in the tz database. By default the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The hour at which the reader's day ends, from 0 to [`DAY_END_MAX`]. By default [`DEFAULT_DAY_END`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_end: Option<u8>,
    /// Books to finish in a year, from 1 to [`GOAL_MAX`]. By default there is no goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<u16>,
}

impl Preferences {
    /// Returns the time zone that was chosen, if this system knows it.
    pub(crate) fn zone(&self) -> Option<TimeZone> {
        TimeZone::get(self.time_zone.as_ref()?).ok()
    }

    /// Returns whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns these without values that are out of their limits: an export may have been written by hand.
    pub(crate) fn within_limits(self) -> Self {
        let Self { language, time_zone, day_end, goal } = self;
        Self {
            language,
            time_zone: time_zone.filter(|name| name.len() <= 64),
            day_end: day_end.filter(|hour| *hour <= DAY_END_MAX),
            goal: goal.filter(|books| (1..=GOAL_MAX).contains(books)),
        }
    }
}
