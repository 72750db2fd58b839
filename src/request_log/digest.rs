//! Makes lines for a person of an account's entries: which device it was, what was new about an answer, and repeats in one line.

use std::net::IpAddr;

use super::entry::{ClientTrace, DeviceName, DeviceRequest, Entry, LoginFailure, Refusal, Sent};
use crate::model::{Document, PushEffect};

/// Different places of a device within these seconds count as one push [C1]: its queue of what it could not push before.
const QUEUE_TIME: u64 = 5;
/// Seconds before a vain request in which another device may have pushed the book.
const CANDIDATE_TIME: u64 = 24 * 60 * 60;

/// A line of the page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// Time of the last request.
    pub(crate) time: u64,
    /// Time of the first request.
    pub(crate) since: u64,
    /// Number of requests.
    pub(crate) times: u32,
    pub(crate) device: Option<LineDevice>,
    pub(crate) client: ClientTrace,
    pub(crate) document: Option<Document>,
    pub(crate) what: What,
}

/// The device of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineDevice {
    pub(crate) device: DeviceName,
    /// Whether the request did not name it: it alone has pushed from the request's address with the same program.
    pub(crate) is_inferred: bool,
}

/// What was asked or sent, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    Push {
        percentage: f64,
        effect: PushEffect,
        sequence: u64,
        /// Whether several came, each within 5 s of the one before it.
        is_queue: bool,
    },
    PushRefused(Refusal),
    /// The device got a position.
    Sent(Sent),
    /// The device got the position that it had got before.
    Unchanged(Sent),
    /// The device got the position that it had pushed itself.
    Own {
        sent: Sent,
        /// Another address from which a device of the same name and id pushes.
        twin: Option<IpAddr>,
    },
    /// There was no position to send.
    Unknown(Option<Candidate>),
    PullRefused(Refusal),
    Login,
    /// A login failed. `Some` is the name that the client used where the account has another.
    LoginFailed(LoginFailure, Option<Box<str>>),
}

/// A document that may be the one that was asked for, under another id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) document: Document,
    /// Name of the device that pushed it.
    pub(crate) device: String,
    /// When it was pushed.
    pub(crate) time: u64,
}

/// Makes lines of an account's entries, which come with the oldest first. The newest line comes first.
pub(crate) fn lines(entries: &[Entry]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let line = line(entry, &entries[..index], entries);
        // Another device's push ends what may be a queue.
        let may_be_queue = |earlier: &&Line| !earlier.is_push_of_another(&line);
        let reached = lines.len() - lines.iter().rev().take_while(may_be_queue).count();
        let queue = lines[reached..].iter().rposition(|earlier| earlier.is_queue_with(&line)).map(|at| reached + at);
        match queue.or_else(|| lines.len().checked_sub(1).filter(|last| lines[*last].is_like(&line))) {
            Some(found) => {
                let earlier = lines.remove(found);
                lines.push(line.following(&earlier, queue.is_some()));
            }
            None => lines.push(line),
        }
    }
    lines.reverse();
    lines
}

fn line(entry: &Entry, before: &[Entry], all: &[Entry]) -> Line {
    let device = match &entry.request {
        DeviceRequest::Push { device, .. } | DeviceRequest::PushRefused { device: Some(device), .. } => {
            Some(LineDevice { device: device.clone(), is_inferred: false })
        }
        DeviceRequest::LoginFailed(..) => None,
        _ => only_device(&entry.client, all).map(|device| LineDevice { device: device.clone(), is_inferred: true }),
    };
    let what = match &entry.request {
        DeviceRequest::Push { percentage, effect, sequence, .. } => {
            What::Push { percentage: *percentage, effect: *effect, sequence: *sequence, is_queue: false }
        }
        DeviceRequest::PushRefused { why, .. } => What::PushRefused(*why),
        DeviceRequest::Pull(Some(sent)) => pulled(sent, device.as_ref(), entry, before, all),
        DeviceRequest::Pull(None) => What::Unknown(candidate(entry, device.as_ref(), before)),
        DeviceRequest::PullRefused(why) => What::PullRefused(*why),
        DeviceRequest::Login => What::Login,
        DeviceRequest::LoginFailed(why, name) => What::LoginFailed(*why, name.clone()),
    };
    let Entry { time, since, times, client, document, .. } = entry.clone();
    Line { time, since, times, device, client, document, what }
}

/// Returns the only device that has pushed from a client's address with its program.
fn only_device<'a>(client: &ClientTrace, all: &'a [Entry]) -> Option<&'a DeviceName> {
    client.address?;
    let mut found = all.iter().filter(|entry| entry.client == *client).filter_map(pushed_by);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Returns the device of a push that was stored.
fn pushed_by(entry: &Entry) -> Option<&DeviceName> {
    match &entry.request {
        DeviceRequest::Push { device, .. } => Some(device),
        _ => None,
    }
}

fn pulled(sent: &Sent, device: Option<&LineDevice>, entry: &Entry, before: &[Entry], all: &[Entry]) -> What {
    let sent = sent.clone();
    if device.is_some_and(|line| line.device == sent.device) {
        let is_twin = |other: &&Entry| {
            sent.device.id.is_some()
                && pushed_by(other) == Some(&sent.device)
                && other.client.address != entry.client.address
        };
        let twin = all.iter().rev().find(is_twin).and_then(|twin| twin.client.address);
        return What::Own { sent, twin };
    }
    let is_known = |earlier: &Entry| {
        earlier.client == entry.client && earlier.document == entry.document && earlier.request == entry.request
    };
    if entry.times > 1 || before.iter().any(is_known) { What::Unchanged(sent) } else { What::Sent(sent) }
}

/// Returns the document that another device pushed last before a question that found nothing.
fn candidate(entry: &Entry, device: Option<&LineDevice>, before: &[Entry]) -> Option<Candidate> {
    // Of several devices behind one address, any may have sent it.
    let is_other = |push: &DeviceName| device.is_none_or(|line| line.device != *push);
    before.iter().rev().take_while(|push| entry.time.saturating_sub(push.time) <= CANDIDATE_TIME).find_map(|push| {
        let (by, document) = (pushed_by(push)?, push.document.as_ref()?);
        let is_it = is_other(by) && Some(document) != entry.document.as_ref();
        is_it.then(|| Candidate { document: document.clone(), device: by.name.to_string(), time: push.time })
    })
}

impl Line {
    /// Returns whether both are pushes of one device and document, within 5 s.
    fn is_queue_with(&self, later: &Self) -> bool {
        // A queue of 200 positions takes longer than 5 s in all.
        let may_go_on = self.times == 1 || matches!(self.what, What::Push { is_queue: true, .. });
        may_go_on && self.is_push_with(later) && later.time.saturating_sub(self.time) <= QUEUE_TIME
    }

    /// Returns whether both are pushes of one document by different devices.
    fn is_push_of_another(&self, later: &Self) -> bool {
        let are_pushes = matches!((&self.what, &later.what), (What::Push { .. }, What::Push { .. }));
        are_pushes && self.device != later.device && self.document == later.document
    }

    fn is_push_with(&self, later: &Self) -> bool {
        let are_pushes = matches!((&self.what, &later.what), (What::Push { .. }, What::Push { .. }));
        are_pushes && self.device == later.device && self.document == later.document
    }

    /// Returns whether a line that follows this one says the same.
    fn is_like(&self, later: &Self) -> bool {
        match (&self.what, &later.what) {
            (What::Push { effect, .. }, What::Push { effect: other, .. }) => {
                self.is_push_with(later) && effect == other
            }
            (What::Sent(one) | What::Unchanged(one), What::Unchanged(other)) => {
                one == other && self.is_of_same_client(later)
            }
            // What may be the same book can differ.
            (What::Unknown(_), What::Unknown(_)) => self.is_of_same_client(later),
            (one, other) => one == other && self.is_of_same_client(later),
        }
    }

    fn is_of_same_client(&self, later: &Self) -> bool {
        self.client == later.client && self.device == later.device && self.document == later.document
    }

    /// Returns this line with the requests of an earlier one.
    fn following(self, earlier: &Self, in_queue: bool) -> Self {
        let what = match self.what {
            What::Push { percentage, effect, sequence, .. } => {
                What::Push { percentage, effect, sequence, is_queue: in_queue }
            }
            what => what,
        };
        Self { since: earlier.since, times: earlier.times.saturating_add(self.times), what, ..self }
    }
}
