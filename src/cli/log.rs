//! Sets up the log: to the systemd journal with its fields if standard error is the journal, else to standard error as lines.

use std::env;
use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal};

use anyhow::{Result, anyhow};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use nix::sys::stat::fstat;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::LogLevel;
use crate::model::printable;
use crate::recent_log::{self, RecentLine};

pub(super) fn init(level: LogLevel) -> Result<()> {
    let registry = tracing_subscriber::registry().with(filter(level, &env::var("RUST_LOG").unwrap_or_default())?);
    let journal = is_journal().then(tracing_journald::layer).and_then(Result::ok);
    let journal = journal.map(|journal| journal.with_field_prefix(Some("KOSYNC".to_owned())));
    match journal {
        Some(journal) => registry.with(RecentLines).with(journal).try_init()?,
        None => {
            let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
            let lines = lines.with_timer(LocalTime(TimeZone::system()));
            // Where standard error is a closed pipe, the report of that failure would panic.
            let lines = lines.log_internal_errors(false);
            registry.with(RecentLines).with(lines).try_init()?;
        }
    }
    recent_log::start();
    Ok(())
}

/// Keeps the last errors and warnings for the dashboard.
struct RecentLines;

impl<S: Subscriber> Layer<S> for RecentLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > Level::WARN || event.metadata().target() == recent_log::SECRET_TARGET {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let time = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
        let text = printable(&format!("{}{}", fields.message, fields.others));
        recent_log::record(RecentLine { time, is_error: level == Level::ERROR, text });
    }
}

/// The fields of an event as text: the message, then ` name=value` for each other.
#[derive(Default)]
struct Fields {
    message: String,
    others: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.others, " {name}={value:?}"),
        };
    }
}

/// Writes times of the zone that the dashboard's days are of, with their offset: `2026-11-25T21:04:05.123456+01:00`.
struct LocalTime(TimeZone);

impl FormatTime for LocalTime {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        let now = ZonedDateTime::new(Timestamp::now(), self.0.clone());
        write!(w, "{}", now.strftime("%Y-%m-%dT%H:%M:%S%.6f%:z"))
    }
}

/// Makes the filter for a level.
///
/// It applies to our own events. Those of libraries are logged one level lower at info and debug. `RUST_LOG` adds to that:
/// `LEVEL`, `TARGET` or `TARGET=LEVEL`, separated by commas.
fn filter(level: LogLevel, added: &str) -> Result<Targets> {
    let libraries = match level {
        LogLevel::Error | LogLevel::Warn => level,
        LogLevel::Info => LogLevel::Warn,
        LogLevel::Debug => LogLevel::Info,
        LogLevel::Trace => LogLevel::Trace,
    };
    let mut directives = format!("{},kosync={}", libraries.as_str(), level.as_str());
    for directive in added.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
        let _ = write!(directives, ",{directive}");
    }
    directives
        .parse()
        .map_err(|error| anyhow!("RUST_LOG: `{added}`: {error}; use `LEVEL` or `TARGET=LEVEL`, separated by commas"))
}

/// Compares standard error with the journal's stream, which systemd names by device and inode: a unit may redirect standard error.
fn is_journal() -> bool {
    let Ok(stream) = env::var("JOURNAL_STREAM") else { return false };
    fstat(io::stderr()).is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
}
