//! The sentences.

use std::collections::HashMap;
use std::net::IpAddr;

use jiff::tz::TimeZone;

use super::Known;
use super::sentence::Sentence;
use crate::http::body::BODY_MAX;
use crate::model::{Document, PushEffect, RESTORE_DEVICE_ID, calendar_day, percent, timestamp};
use crate::request_log::digest::{Candidate, Line, LineDevice, What};
use crate::request_log::entry::{ClientTrace, LoginFailure, Refusal, Sent};
use crate::store::QuotaExceeded;

const STARTED_OVER: &str = "The book was started over: there is no current position until a device reads on.";

/// What the sentences need beside a line.
pub(super) struct Words<'a> {
    /// Name of the account.
    pub(super) account: &'a str,
    pub(super) documents: &'a HashMap<Document, Known>,
    /// In whole seconds since the Unix epoch.
    pub(super) now: u64,
    pub(super) zone: &'a TimeZone,
}

impl Words<'_> {
    /// Returns what a line says.
    pub(super) fn sentence(&self, line: &Line) -> Sentence {
        let sentence = match &line.what {
            What::Push { percentage, effect, is_queue, .. } => {
                return self.pushed(line, *percentage, *effect, *is_queue);
            }
            What::PushRefused(why) => self.push_refused(line, *why),
            What::Sent(sent) => {
                let sentence = self.asked(line).text(" and got ");
                sent_position(sentence, sent).text(format!(", reached {}.", self.clock(sent.timestamp)))
            }
            What::Unchanged(sent) => {
                let sentence = self.asked(line).text(" and got the same one as before: ");
                sent_position(sentence, sent)
                    .text(format!(", reached {}. No device has sent a newer one since.", self.clock(sent.timestamp)))
            }
            What::Own { sent, twin } => self.own(line, sent, *twin),
            What::Unknown(candidate) => self.unknown(line, candidate.as_ref()),
            What::PullRefused(why) => {
                self.asked(line).text(" and got no answer: ").text(reason(*why)).text(". The device asks again.")
            }
            What::Login => subject(line).text(" logged in."),
            What::LoginFailed(why, name) => self.login_failed(line, *why, name.as_deref()),
        };
        match line.times {
            1 => sentence,
            times => sentence.text(format!(" ({times} times since {}.)", self.clock(line.since))),
        }
    }

    fn pushed(&self, line: &Line, percentage: f64, effect: PushEffect, is_queue: bool) -> Sentence {
        let place = percent(percentage);
        let sentence = match line.times {
            1 => self.book(subject(line).text(format!(" sent {place} of ")), line),
            times if is_queue => {
                self.book(subject(line).text(format!(" sent {times} positions of ")), line).text(format!(
                    " within seconds, as a device does that could not reach the server before; the last is {place}"
                ))
            }
            times => self
                .book(subject(line).text(format!(" sent {times} positions of ")), line)
                .text(format!(" since {}; the last is {place}", self.clock(line.since))),
        };
        match effect {
            PushEffect::Moved => sentence.text(". It became the current position."),
            PushEffect::HeldRepeat => {
                sentence.text(". That is the current position already, which this device had sent before.")
            }
            PushEffect::Repeat => {
                let sentence = sentence
                    .text(", where it had been before. A device whose reader did not move takes nobody’s place. ");
                self.still(sentence, line)
            }
            PushEffect::Opened => {
                let sentence =
                    sentence.text(", the beginning, as a device does on which a book is opened for the first time. ");
                self.still(sentence, line)
            }
            PushEffect::Echo => {
                let sentence =
                    sentence.text(", a place that it had got from another device, and where its reader did not move. ");
                self.still(sentence, line)
            }
            PushEffect::Queue => self.still(sentence.text(", which is behind what another device had reached. "), line),
            PushEffect::NotFurther => {
                let sentence = sentence
                    .text(", which is not further. By this account’s rule the furthest position is the current one. ");
                self.still(sentence, line)
            }
            PushEffect::LandedElsewhere => {
                let sentence =
                    sentence.text(". The place is another file’s of this book, and led elsewhere in this file. ");
                self.still(sentence, line)
            }
        }
    }

    /// Adds which position stayed the current one, if it is that still.
    fn still(&self, sentence: Sentence, line: &Line) -> Sentence {
        let known = line.document.as_ref().and_then(|document| self.documents.get(document));
        match known.filter(|known| known.current.timestamp <= line.time) {
            None => sentence.text("It went into the book’s history."),
            Some(Known { sequence: None, .. }) => sentence.text(STARTED_OVER),
            Some(Known { current, .. }) => {
                let sentence = sentence.text("The current position is still ");
                position_of(sentence, &current.device, current.device_id.as_deref(), current.percentage).text(".")
            }
        }
    }

    fn push_refused(&self, line: &Line, why: Refusal) -> Sentence {
        let sentence = match line.document {
            Some(_) => self.book(subject(line).text(" sent a position of "), line),
            None => subject(line).text(" sent a position"),
        };
        sentence.text(", which was refused: ").text(reason(why)).text(match why {
            Refusal::Field(_) | Refusal::LongField(_) | Refusal::Invalid | Refusal::NotJson | Refusal::TooLarge => {
                ". It will be refused again: tell the makers of the reading program."
            }
            Refusal::Quota(QuotaExceeded::Documents) => {
                ". Delete some books, or ask the administrator for a greater limit."
            }
            Refusal::Quota(_) | Refusal::NoSpace => {
                ". KOReader keeps the position and sends it again; until then it is not stored."
            }
            Refusal::TooSlow | Refusal::Busy | Refusal::DiskWrite | Refusal::DataDirReplaced | Refusal::Failed => {
                ". KOReader keeps the position and sends it again."
            }
        })
    }

    fn own(&self, line: &Line, sent: &Sent, twin: Option<IpAddr>) -> Sentence {
        let sentence = self
            .asked(line)
            .text(format!(
                " and got the one that it had sent itself, {}, reached {}. ",
                percent(sent.percentage),
                self.clock(sent.timestamp)
            ))
            .text("KOReader then says “Latest progress is coming from this device”. ");
        match twin {
            Some(address) => sentence
                .text(format!("A device of the same name and id also sends from {address}. If that is another device, "))
                .text("its settings were copied: give one of them a new id, as the documentation’s page “Troubleshooting” says."),
            None => sentence.text(
                "No other device has sent a newer one under this id. If one should have: is its push on this page, and under the same id?",
            ),
        }
    }

    fn unknown(&self, line: &Line, candidate: Option<&Candidate>) -> Sentence {
        let sentence = match &line.document {
            Some(document) => subject(line).text(" asked for a position of ").id(document),
            None => subject(line).text(" asked for a position of a book whose id is too long or has a colon"),
        };
        let known = line.document.as_ref().and_then(|document| self.documents.get(document));
        match (known, candidate) {
            (Some(known), _) if known.sequence.is_some() => {
                sentence.text("; none was known under this id then. Now there is ").title(&known.title.text).text(".")
            }
            (Some(known), _) => {
                let sentence = sentence.text(", which is ").title(&known.title.text);
                sentence.text(". ").text(STARTED_OVER)
            }
            (None, Some(candidate)) => {
                let sentence =
                    sentence.text("; none is known under this id. Your ").name(&candidate.device).text(" sent ");
                let sentence = match self.documents.get(&candidate.document) {
                    Some(known) if !known.title.is_id => {
                        sentence.title(&known.title.text).text(" as ").id(&candidate.document)
                    }
                    _ => sentence.id(&candidate.document),
                };
                sentence.text(format!(" {}. If they are one book, the files differ.", self.day(candidate.time)))
            }
            (None, None) => sentence.text(
                "; none is known under this id. No other device has sent a position of another book in the day before.",
            ),
        }
    }

    fn login_failed(&self, line: &Line, why: LoginFailure, name: Option<&str>) -> Sentence {
        let from = |what: &str| match line.client.address {
            Some(address) => format!("{what} from {address}"),
            None => what.to_owned(),
        };
        let sentence = Sentence::default();
        match why {
            LoginFailure::WrongKey => sentence
                .text(from("A login"))
                .text(" failed: the password was wrong (401). KOReader drops a position that is refused so. Log in again on that device."),
            LoginFailure::Disabled => sentence.text(from("A login")).text(" failed: the account was disabled (401)."),
            LoginFailure::TooManyFailures => sentence
                .text(from("A login"))
                .text(" was refused without a look at its password, because too many had failed before (429). Find the device that has an old password."),
            LoginFailure::Busy => {
                sentence.text(from("A login")).text(" was refused: the server was too busy (503). Devices try again.")
            }
            LoginFailure::OtherName => sentence
                .text(from("A client"))
                .text(" tried to log in as ")
                .name(name.unwrap_or_default())
                .text(", and there is no such account (401): yours is ")
                .name(self.account)
                .text(". Names are case-sensitive. Type yours on that device as it is here."),
        }
    }

    fn asked(&self, line: &Line) -> Sentence {
        self.book(subject(line).text(" asked for a position of "), line)
    }

    /// Adds the title of a line's book, or its id.
    fn book(&self, sentence: Sentence, line: &Line) -> Sentence {
        let Some(document) = &line.document else { return sentence.text("a book") };
        match self.documents.get(document) {
            Some(known) if !known.title.is_id => sentence.title(&known.title.text),
            _ => sentence.id(document),
        }
    }

    /// Formats a time of day, with its date if that is not today.
    fn clock(&self, seconds: u64) -> String {
        let is_today = calendar_day(seconds, self.zone) == calendar_day(self.now, self.zone);
        let format = if is_today { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        self.zone.to_datetime(timestamp(seconds)).strftime(format).to_string()
    }

    fn day(&self, seconds: u64) -> String {
        let (day, today) = (calendar_day(seconds, self.zone), calendar_day(self.now, self.zone));
        match day {
            day if day == today => "today".into(),
            day if day.tomorrow().ok() == Some(today) => "yesterday".into(),
            day => format!("on {day}"),
        }
    }
}

/// Begins a sentence with its device, and says so where the request did not name it.
fn subject(line: &Line) -> Sentence {
    match &line.device {
        Some(LineDevice { device, is_inferred: false }) => Sentence::default().name(&device.name),
        Some(LineDevice { device, is_inferred: true }) => {
            Sentence::default().name(&device.name).text(" (by its address)")
        }
        None => a_device(&line.client),
    }
}

fn a_device(client: &ClientTrace) -> Sentence {
    let sentence = Sentence::default().text("A device");
    let sentence = match client.address {
        Some(address) => sentence.text(format!(" at {address}")),
        None => sentence,
    };
    if client.agent.is_empty() { sentence } else { sentence.text(" (").name(&client.agent).text(")") }
}

fn sent_position(sentence: Sentence, Sent { device, percentage, .. }: &Sent) -> Sentence {
    position_of(sentence, &device.name, device.id.as_deref(), *percentage)
}

fn position_of(sentence: Sentence, device: &str, id: Option<&str>, percentage: f64) -> Sentence {
    if id == Some(RESTORE_DEVICE_ID) {
        return sentence.text(format!("the one that was put back, {}", percent(percentage)));
    }
    sentence.text("the one of ").name(device).text(format!(", {}", percent(percentage)))
}

fn reason(why: Refusal) -> String {
    match why {
        Refusal::Field(field @ "percentage") => format!("its field “{field}” is missing, or no number (403)"),
        Refusal::Field(field @ Document::FIELD) => {
            format!("its field “{field}” is missing, empty, or has a colon (403)")
        }
        Refusal::Field(field) => format!("its field “{field}” is missing, or no text (403)"),
        Refusal::LongField(field) => format!("its field “{field}” is too long (403)"),
        Refusal::Invalid => "it breaks a rule of the protocol (403)".into(),
        Refusal::NotJson => "its body is no JSON object (400)".into(),
        Refusal::TooLarge => format!("its body is larger than {BODY_MAX} bytes (413)"),
        Refusal::TooSlow => "its body did not arrive in time (408)".into(),
        Refusal::Busy => "the server was too busy (503)".into(),
        Refusal::NoSpace => "the server’s disk is full (507)".into(),
        Refusal::DiskWrite => "the server could not write to its disk (503)".into(),
        Refusal::DataDirReplaced => "the server’s data directory was deleted or replaced (503)".into(),
        Refusal::Quota(QuotaExceeded::Documents) => "the account has as many books as it may have (507)".into(),
        Refusal::Quota(QuotaExceeded::Bytes) => "the account’s positions take as much space as they may (507)".into(),
        Refusal::Quota(QuotaExceeded::FreeDisk) => "the server’s disk has little space left (507)".into(),
        Refusal::Failed => "the server failed (502); its log has the reason".into(),
    }
}
