//! One request of a device, as the log keeps it: all texts in one allocation, so that recording costs little.

use std::net::IpAddr;

use super::entry::{ClientTrace, DeviceName, DeviceRequest, Entry, LoginFailure, Refusal, Sent};
use crate::model::{Document, LOGGED_NAME_MAX, Progress, PushEffect, shortened};

/// What the memory's allocator takes beside the bytes of the texts.
const ALLOCATION: usize = 16;

/// A request to be recorded, with the texts of its parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRequest<'a> {
    /// In whole seconds since the Unix epoch.
    pub(crate) time: u64,
    /// The client's address; `None` behind a unix socket.
    pub(crate) address: Option<IpAddr>,
    /// The client's `User-Agent`.
    pub(crate) agent: &'a str,
    pub(crate) document: Option<&'a Document>,
    /// Name and id of the device that pushes or whose position is sent.
    ///
    /// Of a failed login, the name that the account does not have.
    pub(crate) device: Option<(&'a str, Option<&'a str>)>,
    pub(crate) kind: Kind,
}

/// What was asked or sent, and what came of it, without texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Push { percentage: f64, effect: PushEffect, sequence: u64 },
    PushRefused(Refusal),
    Sent { percentage: f64, timestamp: u64 },
    NothingSent,
    PullRefused(Refusal),
    Login,
    LoginFailed(LoginFailure),
}

impl<'a> NewRequest<'a> {
    /// Describes a push that is about to be stored; see [`PackedEntry::set_stored`].
    pub(crate) fn push(
        address: Option<IpAddr>,
        agent: &'a str,
        document: &'a Document,
        progress: &'a Progress,
    ) -> Self {
        let Progress { device, device_id, percentage, .. } = progress;
        let kind = Kind::Push { percentage: *percentage, effect: PushEffect::Moved, sequence: 0 };
        Self { time: 0, address, agent, document: Some(document), device: Some((device, device_id.as_deref())), kind }
    }

    /// Describes a pull, and the position that is sent.
    pub(crate) fn pull(
        time: u64,
        address: Option<IpAddr>,
        agent: &'a str,
        document: Option<&'a Document>,
        sent: Option<&'a Progress>,
    ) -> Self {
        let kind = sent.map_or(Kind::NothingSent, |Progress { percentage, timestamp, .. }| Kind::Sent {
            percentage: *percentage,
            timestamp: *timestamp,
        });
        let device = sent.map(|position| (position.device.as_str(), position.device_id.as_deref()));
        Self { time, address, agent, document, device, kind }
    }

    /// Describes a login that failed, with the name used if it is another.
    pub(crate) fn failed_login(time: u64, address: Option<IpAddr>, why: LoginFailure, name: Option<&'a str>) -> Self {
        let device = name.map(|name| (name, None));
        Self { time, address, agent: "", document: None, device, kind: Kind::LoginFailed(why) }
    }
}

/// A request, and the equal ones that it stands for.
#[derive(Debug)]
pub(crate) struct PackedEntry {
    pub(super) time: u64,
    pub(super) since: u64,
    pub(super) times: u32,
    address: Option<IpAddr>,
    pub(super) kind: Kind,
    /// Document, agent, name and id of the device, one after the other.
    texts: Box<str>,
    /// Where each of them ends, except the last.
    ends: [u16; 3],
    has_document: bool,
    has_device: bool,
    has_device_id: bool,
}

impl PackedEntry {
    pub(crate) fn new(request: NewRequest<'_>) -> Self {
        let NewRequest { time, address, agent, document, device, kind } = request;
        let (name, id) = device.unwrap_or_default();
        let parts = [document.map_or("", Document::as_str), product(agent), cut(name), cut(id.unwrap_or_default())];
        let mut texts = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let mut ends = [0; 4];
        for (part, end) in parts.into_iter().zip(&mut ends) {
            texts.push_str(part);
            // A document has 255 bytes, and the others 256 at most.
            *end = u16::try_from(texts.len()).unwrap_or(u16::MAX);
        }
        let [document_end, agent_end, name_end, _] = ends;
        Self {
            time,
            since: time,
            times: 1,
            address,
            kind,
            texts: texts.into_boxed_str(),
            ends: [document_end, agent_end, name_end],
            has_document: document.is_some(),
            has_device: device.is_some(),
            has_device_id: id.is_some(),
        }
    }

    /// Adds what storing a push has shown.
    pub(crate) fn set_stored(&mut self, time: u64, stored: u64, did: PushEffect) {
        (self.time, self.since) = (time, time);
        if let Kind::Push { effect, sequence, .. } = &mut self.kind {
            (*effect, *sequence) = (did, stored);
        }
    }

    /// Replaces the document by the one that the client's identifiers mean.
    pub(crate) fn set_document(&mut self, document: &Document) {
        let [before, ..] = self.ends;
        let rest = self.texts.get(usize::from(before)..).unwrap_or_default();
        self.texts = [document.as_str(), rest].concat().into_boxed_str();
        let length = u16::try_from(document.as_str().len()).unwrap_or(u16::MAX);
        self.ends = self.ends.map(|end| length.saturating_add(end - before));
        self.has_document = true;
    }

    pub(super) fn document(&self) -> Option<Document> {
        self.has_document.then(|| Document::new(self.text(0)).ok()).flatten()
    }

    pub(super) fn is_failed_login(&self) -> bool {
        matches!(self.kind, Kind::LoginFailed(_))
    }

    /// Returns whether another request of the client asked for the same, with the same result.
    pub(super) fn is_repeat_of(&self, other: &Self) -> bool {
        let are_pushes = matches!(self.kind, Kind::Push { .. });
        let Self { time: _, since: _, times: _, address, kind, texts, ends, has_document, has_device, has_device_id } =
            self;
        !are_pushes
            && (*kind, *address, *ends) == (other.kind, other.address, other.ends)
            && (*has_document, *has_device, *has_device_id)
                == (other.has_document, other.has_device, other.has_device_id)
            && *texts == other.texts
    }

    /// Returns the bytes of memory that the entry takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.texts.len() + ALLOCATION
    }

    /// Returns the entry with its texts apart.
    pub(super) fn unpack(&self) -> Entry {
        let client = ClientTrace { address: self.address, agent: self.text(1).into() };
        let name = || Box::<str>::from(self.text(2));
        let id = || self.has_device_id.then(|| self.text(3).into());
        let device = || DeviceName { name: name(), id: id() };
        let request = match self.kind {
            Kind::Push { percentage, effect, sequence } => {
                DeviceRequest::Push { device: device(), percentage, effect, sequence }
            }
            Kind::PushRefused(why) => DeviceRequest::PushRefused { device: self.has_device.then(device), why },
            Kind::Sent { percentage, timestamp } => {
                DeviceRequest::Pull(Some(Sent { device: device(), percentage, timestamp }))
            }
            Kind::NothingSent => DeviceRequest::Pull(None),
            Kind::PullRefused(why) => DeviceRequest::PullRefused(why),
            Kind::Login => DeviceRequest::Login,
            Kind::LoginFailed(why) => DeviceRequest::LoginFailed(why, self.has_device.then(name)),
        };
        let Self { time, since, times, .. } = *self;
        Entry { time, since, times, client, document: self.document(), request }
    }

    fn text(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| usize::from(self.ends[before]));
        let end = self.ends.get(index).map_or(self.texts.len(), |end| usize::from(*end));
        self.texts.get(start..end).unwrap_or_default()
    }
}

/// Returns the program and its version, `KOReader/2026.08`, or of a browser more of its name.
fn product(agent: &str) -> &str {
    let product = agent.split(' ').next().filter(|product| !product.starts_with("Mozilla/"));
    cut(product.unwrap_or(agent))
}

/// Cuts a text to 64 characters.
fn cut(text: &str) -> &str {
    if text.len() <= LOGGED_NAME_MAX { text } else { shortened(text, LOGGED_NAME_MAX) }
}
