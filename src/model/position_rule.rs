//! Which of a document's positions is the current one: an account's rule, and what a push did under it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The rule by which pushes become a document's current position.
///
/// Every position goes into the history, whatever the rule.
///
/// ```
/// use kosync::PositionRule;
///
/// assert_eq!("furthest".parse(), Ok(PositionRule::Furthest));
/// assert_eq!(PositionRule::default().to_string(), "newest");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PositionRule {
    /// The position that a device reached last \[C1\]. A push that shows no reading does not count.
    #[default]
    Newest,
    /// The position furthest into the book \[C2\].
    Furthest,
    /// The last push, as on KOReader's official server \[C3\].
    Last,
}

impl PositionRule {
    /// All rules.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Furthest, Self::Last];

    /// Returns the rule's name: `newest`, `furthest` or `last`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Furthest => "furthest",
            Self::Last => "last",
        }
    }
}

impl fmt::Display for PositionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no [`PositionRule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be `newest`, `furthest` or `last`")]
pub struct UnknownPositionRule;

impl FromStr for PositionRule {
    type Err = UnknownPositionRule;

    fn from_str(text: &str) -> Result<Self, UnknownPositionRule> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text).ok_or(UnknownPositionRule)
    }
}

/// What a push did to the document's current position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PushEffect {
    /// It is the current position now.
    #[default]
    Moved,
    /// The device that holds the current position pushed it again.
    HeldRepeat,
    /// The device pushed where it last pushed: its reader did not move.
    Repeat,
    /// The device pushed the document for the first time, at its beginning.
    Opened,
    /// The device pushed the place that it had pulled.
    Echo,
    /// The device sent several old places at once, the last behind the current position.
    Queue,
    /// Under [`PositionRule::Furthest`]: the position is not further than the current one.
    NotFurther,
    /// In joined documents: the place is another file's, and led elsewhere in this one.
    LandedElsewhere,
}

impl PushEffect {
    /// Returns whether the current position is the push's.
    pub fn is_current(self) -> bool {
        matches!(self, Self::Moved | Self::HeldRepeat)
    }
}
