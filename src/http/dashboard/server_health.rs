//! For administrators: how the server is, on one page. Each number says where it is from.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::context::Dashboard;
use super::error::PageError;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::session::CurrentUser;
use crate::recent_log;
#[cfg(feature = "mqtt")]
use crate::state::MqttStatus;
use crate::store::{CopyTimes, Space};
use crate::text::{Message, Texts, Time};

/// A fact, and where it is from.
struct Fact {
    label: Message,
    value: String,
    /// The value's exact time, if it is one.
    time: Option<Time>,
    source: Message,
    /// Whether the administrator should do something.
    is_bad: bool,
}

struct Group {
    heading: Message,
    facts: Vec<Fact>,
}

/// Bytes of a line of the log.
const LINE_MAX: usize = 500;

struct Line {
    time: Time,
    is_error: bool,
    text: String,
}

#[derive(Template)]
#[template(path = "server.html")]
struct ServerPage {
    layout: Layout,
    groups: Vec<Group>,
    /// The last lines of the log; `None` if this process keeps none.
    lines: Option<Vec<Line>>,
}

/// Makes facts in the texts of the administrator.
struct Facts<'a> {
    current_user: &'a CurrentUser,
    now: u64,
}

impl Facts<'_> {
    fn texts(&self) -> Texts {
        self.current_user.texts
    }

    fn fact(&self, label: &'static str, value: String, source: &'static str) -> Fact {
        let (label, source) = (self.texts().msg(label), self.texts().msg(source));
        Fact { label, value, time: None, source, is_bad: false }
    }

    fn time(&self, seconds: u64) -> Time {
        self.texts().ago(seconds, self.now, self.current_user.days.zone())
    }

    /// Returns a fact of when something was last done. `never` is its value if that is not known.
    fn last(&self, label: &'static str, done: Option<u64>, never: &'static str, source: &'static str) -> Fact {
        match done {
            Some(seconds) => Fact { time: Some(self.time(seconds)), ..self.fact(label, String::new(), source) },
            None => Fact { is_bad: true, ..self.fact(label, self.texts().msg(never).to_string(), source) },
        }
    }

    fn of(&self, part: String, whole: String) -> String {
        self.texts().msg("admin-of").arg("part", part).arg("whole", whole).to_string()
    }
}

/// The handler of `server`.
#[derive(Clone)]
pub struct ServerHealth {
    pub(super) dashboard: Dashboard,
}

impl ServerHealth {
    fn program(&self, facts: &Facts<'_>) -> Group {
        let state = &self.dashboard.state;
        let health = state.store.health();
        let (is_bad, health) = match health {
            Ok(()) => (false, facts.texts().msg("admin-health-good").to_string()),
            Err(error) => (true, error.to_string()),
        };
        let started = Some(state.started);
        Group {
            heading: facts.texts().msg("admin-program"),
            facts: vec![
                facts.fact("admin-version", env!("CARGO_PKG_VERSION").into(), "admin-version-from"),
                facts.last("admin-started", started, "admin-not-known", "admin-started-from"),
                Fact { is_bad, ..facts.fact("admin-health", health, "admin-health-from") },
            ],
        }
    }

    fn space(&self, facts: &Facts<'_>) -> Result<Group, PageError> {
        let store = &self.dashboard.state.store;
        let Space { disk_free, disk_total, min_free, file, used, max_file } = store.space()?;
        let bytes = |bytes| facts.texts().bytes(bytes);
        let fact = |label, value, source| facts.fact(label, value, source);
        let disk = facts.of(bytes(disk_free), bytes(disk_total));
        Ok(Group {
            heading: facts.texts().msg("admin-disk"),
            facts: vec![
                fact("admin-directory", store.path().display().to_string(), "admin-directory-from"),
                Fact { is_bad: disk_free < min_free, ..fact("admin-disk-free", disk, "admin-disk-free-from") },
                fact("admin-disk-reserve", bytes(min_free), "admin-disk-reserve-from"),
                fact("admin-file", bytes(file), "admin-file-from"),
                fact("admin-file-used", bytes(used), "admin-file-used-from"),
                Fact {
                    is_bad: used >= max_file / 10 * 9,
                    ..fact("admin-file-max", bytes(max_file), "admin-file-max-from")
                },
            ],
        })
    }

    fn copies(&self, facts: &Facts<'_>) -> Result<Group, PageError> {
        let CopyTimes { backup, export } = self.dashboard.state.store.copy_times()?;
        let export = facts.last("admin-last-export", export, "admin-none-known", "admin-export-from");
        Ok(Group {
            heading: facts.texts().msg("admin-copies"),
            facts: vec![
                facts.last("admin-backup", backup, "admin-none-known", "admin-backup-from"),
                // A backup has all that an export has.
                Fact { is_bad: export.is_bad && backup.is_none(), ..export },
            ],
        })
    }

    fn load(&self, facts: &Facts<'_>) -> Group {
        let state = &self.dashboard.state;
        let count = |(part, whole): (usize, usize)| {
            let number = |number: usize| facts.texts().number(number as u64);
            facts.of(number(part), number(whole))
        };
        let facts_of_load = [
            facts.fact("admin-queue", count(state.store.waiting_writes()), "admin-queue-from"),
            facts.fact("admin-connections", count((state.connections)()), "admin-connections-from"),
        ];
        let mqtt = self.mqtt(facts);
        Group { heading: facts.texts().msg("admin-load"), facts: facts_of_load.into_iter().chain(mqtt).collect() }
    }

    #[cfg(feature = "mqtt")]
    fn mqtt(&self, facts: &Facts<'_>) -> Option<Fact> {
        let status = self.dashboard.state.mqtt_status();
        let is_bad = matches!(status, MqttStatus::Disconnected { .. });
        let text = match status {
            MqttStatus::Off => facts.texts().msg("admin-mqtt-off"),
            MqttStatus::Connected { broker, since } => {
                facts.texts().msg("admin-mqtt-connected").arg("broker", broker).arg("since", facts.time(since).exact)
            }
            MqttStatus::Disconnected { reason, since } => {
                facts.texts().msg("admin-mqtt-disconnected").arg("reason", reason).arg("since", facts.time(since).exact)
            }
        };
        Some(Fact { is_bad, ..facts.fact("admin-mqtt", text.to_string(), "admin-mqtt-from") })
    }

    #[cfg(not(feature = "mqtt"))]
    #[allow(clippy::unused_self, reason = "as with the feature")]
    fn mqtt(&self, _: &Facts<'_>) -> Option<Fact> {
        None
    }
}

#[craft]
impl ServerHealth {
    /// `GET server`: version, disk, backups, load, and the last errors.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        let facts = Facts { current_user: &current_user, now: self.dashboard.state.store.now() };
        let groups = vec![self.program(&facts), self.space(&facts)?, self.copies(&facts)?, self.load(&facts)];
        let lines = recent_log::lines().map(|lines| {
            let line = |line: recent_log::RecentLine| Line {
                time: facts.time(line.time),
                is_error: line.is_error,
                text: lines::shortened(&line.text, LINE_MAX),
            };
            lines.into_iter().map(line).collect()
        });
        let layout = current_user.layout("admin-server-title", "server");
        Ok(PageResponse::new(&ServerPage { layout, groups, lines }))
    }
}
