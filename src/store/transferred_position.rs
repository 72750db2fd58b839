//! Current positions, also of joined documents [I7], as exported and imported.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::books::MAX_MEMBERS;
use super::current::MAX_DEVICES;
use crate::model::{Document, PROGRESS_MAX, Progress, Username};

/// The state of a document's current position, as exported and imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredCurrent {
    /// Index of the current position in the history.
    pub entry: usize,
    /// Whether no device holds it: it was put back, or the document was started over.
    #[serde(default, skip_serializing_if = "is_default")]
    pub released: bool,
    /// When its device reached it, in Unix seconds, if before its last push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<u64>,
    /// Where to go, if its device named no place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<TransferredLocator>,
    /// When it was started over, in Unix seconds, if no reader has moved since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_over: Option<u64>,
    /// Where the other devices last pushed, the last to push first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<TransferredDevice>,
}

/// A locator of another position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredLocator {
    /// Its text; empty if the document has none.
    pub progress: String,
    /// The percentage at which it was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentage: Option<f64>,
}

/// Where a device last pushed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredDevice {
    /// Hash of its `device_id`, or of its `device`, as 16 hexadecimal digits.
    pub device: String,
    /// Hash of the `progress` that it pushed, as 16 hexadecimal digits.
    pub place: String,
    /// The percentage that it pushed.
    pub percentage: f64,
    /// When it reached that place, in whole seconds since the Unix epoch.
    pub reached: u64,
    /// Whether it has pushed since another device moved the current position.
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_pushed: bool,
    /// Its first push since the document was finished: percentage, and time in whole seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<(f64, u64)>,
}

impl TransferredCurrent {
    pub(super) fn validate(&self, entries: usize) -> Result<(), String> {
        let Self { entry, locator, devices, .. } = self;
        let locator = locator.as_ref().map_or("", |locator| &locator.progress);
        if *entry >= entries {
            Err("its history does not have its current position".into())
        } else if locator.len() > PROGRESS_MAX {
            Err(format!("its locator is longer than {PROGRESS_MAX} bytes"))
        } else {
            TransferredDevice::validate_all(devices)
        }
    }
}

impl TransferredDevice {
    /// Checks the devices of a current position. The error says what is wrong with them.
    pub(super) fn validate_all(devices: &[Self]) -> Result<(), String> {
        let mut known: Vec<&str> = devices.iter().map(|device| device.device.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        if devices.iter().any(|device| parse_hash(&device.device).is_none() || parse_hash(&device.place).is_none()) {
            Err("a device or a place is not a hash".into())
        } else if known.len() != devices.len() || devices.len() >= MAX_DEVICES {
            Err(format!("it has a device twice, or more than {MAX_DEVICES}"))
        } else {
            Ok(())
        }
    }
}

/// Returns the hash that 16 hexadecimal digits are.
pub(super) fn parse_hash(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok().filter(|_| text.len() == 16)
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A document that another one is joined with, as exported and imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredJoin {
    /// The document's id.
    pub document: Document,
    /// Whether XPointers of one do not lead to the same place in the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
    /// Whether nobody has pushed it yet: no record of its own follows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaited: bool,
}

/// Documents that are one book, as exported and imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredBook {
    /// Name of the account that they belong to.
    pub account: Username,
    /// The documents: 2 to 16, in the order in which they were joined.
    pub documents: Vec<TransferredMember>,
    /// Pairs of them: XPointers of one do not lead to the same place in the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<(Document, Document)>,
    /// The current position that they share.
    pub current: TransferredShared,
}

/// A document of a book, as exported and imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredMember {
    /// The document's id.
    pub document: Document,
    /// Number of positions in its history. 0: nobody has pushed it yet, and it has no record of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub positions: u32,
    /// Time of the last of them, in whole seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "is_default")]
    pub newest: u64,
}

/// The current position that joined documents share, as exported and imported.
///
/// A device is another one for each document: its hash is made of the document's id, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredShared {
    /// The document that it was pushed for.
    pub document: Document,
    /// The position, with the time at which its device reached it. `None` after a start-over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Progress>,
    /// Index of its entry in the document's history. `None` if that was thinned away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<usize>,
    /// Hash of the device that holds it, as 16 hexadecimal digits. `None` if it was put back or started over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// When the book was started over, in Unix seconds, if no reader has moved since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_over: Option<u64>,
    /// Where the other devices last pushed, the last to push first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<TransferredDevice>,
}

impl TransferredBook {
    /// Checks that a store can have this book. The error says why not.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let Self { documents, apart, current, .. } = self;
        let is_member = |id: &Document| documents.iter().any(|member| member.document == *id);
        let distinct: HashSet<&Document> = documents.iter().map(|member| &member.document).collect();
        if !(2..=MAX_MEMBERS).contains(&documents.len()) || distinct.len() < documents.len() {
            return Err(format!("it has a document twice, or not 2 to {MAX_MEMBERS} documents"));
        }
        if !documents.iter().any(|member| member.positions > 0 && member.document == current.document) {
            return Err("its current position belongs to no document of it".into());
        }
        let is_pair = |(one, other): &&(Document, Document)| one != other && is_member(one) && is_member(other);
        if let Some((one, other)) = apart.iter().find(|pair| !is_pair(pair)) {
            return Err(format!("its pair {one}, {other} is not two documents of it"));
        }
        match (&current.position, current.started_over) {
            (Some(position), None) => position.validate().map_err(|error| error.to_string())?,
            (None, Some(_)) => {}
            _ => return Err("it has no current position, or has one though it was started over".into()),
        }
        if current.holder.as_deref().is_some_and(|holder| parse_hash(holder).is_none()) {
            return Err("its holder is not a hash".into());
        }
        TransferredDevice::validate_all(&current.devices)
    }

    /// Returns the joins of one of its documents.
    pub(super) fn joins_of(&self, document: &Document) -> Vec<TransferredJoin> {
        let is_apart = |other: &Document| {
            self.apart.iter().any(|(one, two)| one == document && two == other || one == other && two == document)
        };
        let others = self.documents.iter().filter(|member| member.document != *document);
        let join = |member: &TransferredMember| TransferredJoin {
            document: member.document.clone(),
            apart: is_apart(&member.document),
            awaited: member.positions == 0,
        };
        others.map(join).collect()
    }
}
