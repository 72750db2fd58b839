//! The sentences. Each is a message of its own, so that a translator can put its words in any order.

use std::collections::HashMap;
use std::net::IpAddr;

use super::Known;
use super::sentence::{Part, Phrase, Sentence};
use crate::http::body::BODY_MAX;
use crate::model::{Document, OTHER_COPY_ID_MARK, PushEffect, RESTORE_DEVICE_ID};
use crate::request_log::digest::{Candidate, Line, LineDevice, What};
use crate::request_log::entry::{LoginFailure, Refusal, Sent};
use crate::store::QuotaExceeded;
use crate::text::{Clock, Message};

/// What the sentences need beside a line.
pub(super) struct Words<'a> {
    /// Name of the account.
    pub(super) account: &'a str,
    pub(super) documents: &'a HashMap<Document, Known>,
    /// The language, the time zone and the time.
    pub(super) clock: &'a Clock,
}

impl Words<'_> {
    /// Returns what a line says.
    pub(super) fn sentence(&self, line: &Line) -> Sentence {
        let sentence = match &line.what {
            What::Push { percentage, effect, is_queue, .. } => {
                return self.pushed(line, *percentage, *effect, *is_queue);
            }
            What::PushRefused(why) => self.push_refused(line, *why),
            What::Sent(sent) => self.position("activity-got", "activity-got-restored", line, sent),
            What::Unchanged(sent) => self.position("activity-same", "activity-same-restored", line, sent),
            What::Own { sent, twin } => self.own(line, sent, *twin),
            What::Unknown(candidate) => self.unknown(line, candidate.as_ref()),
            What::PullRefused(why) => {
                let asked = self.of_device("activity-pull-refused", line).name("book", self.book(line));
                Sentence::from(asked).then(self.reason(*why)).then(self.msg("activity-next-asks"))
            }
            What::Login => self.of_device("activity-login", line).into(),
            What::LoginFailed(why, name) => self.login_failed(line, *why, name.as_deref()),
        };
        match line.times {
            1 => sentence,
            times => {
                let repeats = self.msg("activity-times").arg("count", times);
                sentence.then(repeats.arg("since", self.clock.since(line.since)))
            }
        }
    }

    fn msg(&self, id: &'static str) -> Message {
        self.clock.texts.msg(id)
    }

    fn percent(&self, percentage: f64) -> String {
        self.clock.texts.percent(percentage)
    }

    fn pushed(&self, line: &Line, percentage: f64, effect: PushEffect, is_queue: bool) -> Sentence {
        let pushed = match line.times {
            1 => self.of_device("activity-pushed", line),
            times if is_queue => self.of_device("activity-pushed-queue", line).arg("count", times),
            times => {
                let pushed = self.of_device("activity-pushed-several", line).arg("count", times);
                pushed.arg("since", self.clock.since(line.since))
            }
        };
        let sentence = Sentence::from(pushed.name("book", self.book(line)).arg("percent", self.percent(percentage)));
        let sentence = sentence.then(self.msg(match effect {
            PushEffect::Moved => "activity-effect-moved",
            PushEffect::HeldRepeat => "activity-effect-held-repeat",
            PushEffect::Repeat => "activity-effect-repeat",
            PushEffect::Opened => "activity-effect-opened",
            PushEffect::Echo => "activity-effect-echo",
            PushEffect::Queue => "activity-effect-queue",
            PushEffect::NotFurther => "activity-effect-not-further",
            PushEffect::LandedElsewhere => "activity-effect-landed-elsewhere",
        }));
        if effect.is_current() { sentence } else { sentence.then(self.still(line)) }
    }

    /// Says which position stayed the current one, if it is that still.
    fn still(&self, line: &Line) -> Sentence {
        let known = line.document.as_ref().and_then(|document| self.documents.get(document));
        match known.filter(|known| known.current.timestamp <= line.time) {
            None => self.msg("activity-into-history").into(),
            Some(Known { sequence: None, .. }) => self.msg("activity-started-over").into(),
            Some(Known { current, .. }) if current.device_id.as_deref().is_some_and(is_restored) => {
                self.msg("activity-still-restored").arg("percent", self.percent(current.percentage)).into()
            }
            Some(Known { current, .. }) => {
                let still = self.msg("activity-still").arg("percent", self.percent(current.percentage));
                Phrase::from(still).name("device", self.device_name(&current.device)).into()
            }
        }
    }

    fn push_refused(&self, line: &Line, why: Refusal) -> Sentence {
        let sentence = match line.document {
            Some(_) => self.of_device("activity-push-refused", line).name("book", self.book(line)),
            None => self.of_device("activity-push-refused-unnamed", line),
        };
        Sentence::from(sentence).then(self.reason(why)).then(self.msg(match why {
            Refusal::Field(_) | Refusal::LongField(_) | Refusal::Invalid | Refusal::NotJson | Refusal::TooLarge => {
                "activity-next-makers"
            }
            Refusal::Quota(QuotaExceeded::Documents) => "activity-next-delete",
            Refusal::Quota(_) | Refusal::NoSpace => "activity-next-until",
            Refusal::TooSlow | Refusal::Busy | Refusal::DiskWrite | Refusal::DataDirReplaced | Refusal::Failed => {
                "activity-next-again"
            }
        }))
    }

    /// Says why a request was refused.
    fn reason(&self, why: Refusal) -> Sentence {
        let field = |id, field: &str| self.msg(id).arg("field", field);
        let message = match why {
            Refusal::Field(name @ "percentage") => field("activity-reason-number", name),
            Refusal::Field(name @ Document::FIELD) => field("activity-reason-id", name),
            Refusal::Field(name @ ("identifiers" | "ids")) => field("activity-reason-list", name),
            Refusal::Field(name) => field("activity-reason-field", name),
            Refusal::LongField(name) => field("activity-reason-long-field", name),
            Refusal::Invalid => self.msg("activity-reason-invalid"),
            Refusal::NotJson => self.msg("activity-reason-not-json"),
            Refusal::TooLarge => self.msg("activity-reason-too-large").arg("count", BODY_MAX),
            Refusal::TooSlow => self.msg("activity-reason-too-slow"),
            Refusal::Busy => self.msg("activity-reason-busy"),
            Refusal::NoSpace => self.msg("activity-reason-no-space"),
            Refusal::DiskWrite => self.msg("activity-reason-disk-write"),
            Refusal::DataDirReplaced => self.msg("activity-reason-data-directory"),
            Refusal::Quota(QuotaExceeded::Documents) => self.msg("activity-reason-documents"),
            Refusal::Quota(QuotaExceeded::Bytes) => self.msg("activity-reason-bytes"),
            Refusal::Quota(QuotaExceeded::FreeDisk) => self.msg("activity-reason-free-disk"),
            Refusal::Failed => self.msg("activity-reason-failed"),
        };
        message.into()
    }

    /// Says which position a device got: a device's, or one that was put back.
    fn position(&self, of_device: &'static str, restored: &'static str, line: &Line, sent: &Sent) -> Sentence {
        let phrase = if sent.device.id.as_deref().is_some_and(is_restored) {
            self.of_device(restored, line)
        } else {
            self.of_device(of_device, line).name("other", self.device_name(&sent.device.name))
        };
        let phrase = phrase.name("book", self.book(line)).arg("percent", self.percent(sent.percentage));
        phrase.arg("when", self.clock.when(sent.timestamp)).into()
    }

    fn own(&self, line: &Line, sent: &Sent, twin: Option<IpAddr>) -> Sentence {
        let own = self.of_device("activity-own", line).name("book", self.book(line));
        let own = own.arg("percent", self.percent(sent.percentage)).arg("when", self.clock.when(sent.timestamp));
        Sentence::from(own).then(match twin {
            Some(address) => self.msg("activity-own-twin").arg("address", address.to_string()),
            None => self.msg("activity-own-only"),
        })
    }

    fn unknown(&self, line: &Line, candidate: Option<&Candidate>) -> Sentence {
        let Some(document) = &line.document else {
            let asked = Sentence::from(self.of_device("activity-unknown-invalid", line));
            return asked.then(self.candidate(candidate));
        };
        let asked = |id| self.of_device(id, line).name("book", Part::id(document));
        let titled = |id, title: &str| Sentence::from(asked(id).name("title", Part::title(title)));
        match self.documents.get(document) {
            None => Sentence::from(asked("activity-unknown")).then(self.candidate(candidate)),
            Some(Known { sequence: None, .. }) => {
                let asked = self.of_device("activity-unknown-started-over", line).name("book", self.book(line));
                Sentence::from(asked).then(self.msg("activity-started-over"))
            }
            Some(known) if known.is_awaited => titled("activity-unknown-joined", &known.title.text),
            Some(known) => titled("activity-unknown-then", &known.title.text),
        }
    }

    /// Names the document that may be the one that was asked for.
    fn candidate(&self, candidate: Option<&Candidate>) -> Sentence {
        let Some(candidate) = candidate else { return self.msg("activity-no-candidate").into() };
        let id = Part::id(&candidate.document);
        let sent = match self.documents.get(&candidate.document).filter(|known| !known.title.is_id) {
            Some(known) => {
                let titled = Phrase::from(self.msg("activity-candidate-titled"));
                titled.name("title", Part::title(&known.title.text)).name("id", id)
            }
            None => Phrase::from(self.msg("activity-candidate")).name("id", id),
        };
        let sent = sent.name("device", self.device_name(&candidate.device));
        sent.arg("when", self.clock.when(candidate.time)).into()
    }

    fn login_failed(&self, line: &Line, why: LoginFailure, name: Option<&str>) -> Sentence {
        let message = self.msg(match why {
            LoginFailure::WrongKey => "activity-login-wrong-password",
            LoginFailure::Disabled => "activity-login-disabled",
            LoginFailure::TooManyFailures => "activity-login-too-many",
            LoginFailure::Busy => "activity-login-busy",
            LoginFailure::OtherName => "activity-login-other-name",
        });
        let address = line.client.address.map_or_else(|| "none".to_owned(), |address| address.to_string());
        let phrase = Phrase::from(message.arg("address", address));
        match why {
            LoginFailure::OtherName => {
                let phrase = phrase.name("name", Part::name(name.unwrap_or_default()));
                phrase.name("account", Part::name(self.account)).into()
            }
            _ => phrase.into(),
        }
    }

    /// Begins a message about a line's device.
    fn of_device(&self, id: &'static str, line: &Line) -> Phrase {
        Phrase::from(self.msg(id)).name("device", self.device(line))
    }

    /// Returns the name of a device, or says that it has none.
    fn device_name(&self, name: &str) -> Sentence {
        if name.trim().is_empty() { self.msg("activity-device-unnamed").into() } else { Part::name(name).into() }
    }

    /// Names a line's device, and says so where the request did not name it.
    fn device(&self, line: &Line) -> Sentence {
        match &line.device {
            Some(LineDevice { device, is_inferred: false }) => self.device_name(&device.name),
            Some(LineDevice { device, is_inferred: true }) => {
                Phrase::from(self.msg("activity-device-inferred")).name("device", self.device_name(&device.name)).into()
            }
            None => {
                let (address, agent) = (line.client.address, &line.client.agent);
                let at = |message: Message| match address {
                    Some(address) => message.arg("address", address.to_string()),
                    None => message.arg("address", "none"),
                };
                match agent.is_empty() {
                    true => at(self.msg("activity-device")).into(),
                    false => {
                        Phrase::from(at(self.msg("activity-device-agent"))).name("agent", Part::name(agent)).into()
                    }
                }
            }
        }
    }

    /// Returns the title of a line's book, or its id.
    fn book(&self, line: &Line) -> Sentence {
        let Some(document) = &line.document else { return self.msg("activity-a-book").into() };
        match self.documents.get(document).filter(|known| !known.title.is_id) {
            Some(known) => Part::title(&known.title.text).into(),
            None => Part::id(document).into(),
        }
    }
}

/// Returns whether a device's id is that of a position that was put back.
///
/// Another file of the book gets it with a mark.
fn is_restored(device_id: &str) -> bool {
    device_id.strip_suffix(OTHER_COPY_ID_MARK).unwrap_or(device_id) == RESTORE_DEVICE_ID
}
