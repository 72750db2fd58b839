//! `kosync export`, `kosync import` and `kosync check`.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::import::{self, Origin, Report};
use crate::{Config, Server};
use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tempfile::TempDir;
use url::Url;

use super::sources::{manage, redis};
use super::user::{open_any, open_existing, say, the_password};

#[derive(Args)]
pub(super) struct Export {
    /// The file to write, or - for the standard output
    file: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(super) struct Import {
    /// A file that `kosync export` wrote, kosync-dotnet's Kosync.db, the official server's Redis (redis://HOST:PORT/1), or, with
    /// --admin, the address of a server with kosync-dotnet's management API (https://HOST)
    source: String,
    /// Ask the server as this administrator, whose password is asked for
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = crate::ADMIN)]
    admin: Option<String>,
    /// Read that password from standard input, one line
    #[arg(long, requires = "admin")]
    password_stdin: bool,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Say it as JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Check {
    /// As JSON, for scripts
    #[arg(long)]
    json: bool,
}

pub(super) fn open(config: Config) -> Result<Server> {
    open_existing(config)
}

/// What is imported into: the data folder, which may be a new one, since moving in is the first thing that is done. Where it is
/// not there and nothing is to be done, a folder that is gone afterwards.
pub(super) struct Target {
    server: Server,
    /// Dropped last, when nobody uses it any more.
    _trial: Option<TempDir>,
}

impl Target {
    pub(super) fn open(Import { dry_run, .. }: &Import, config: Config) -> Result<Self> {
        let folder = config.data_dir.as_deref().unwrap_or(Path::new(""));
        if !dry_run || folder.join("data.mdb").exists() {
            return Ok(Self { server: open_any(config)?, _trial: None });
        }
        let trial = tempfile::Builder::new().prefix("kosync-dry-run.").tempdir()?;
        let server = open_any(Config { data_dir: Some(trial.path().to_owned()), ..config })?;
        Ok(Self { server, _trial: Some(trial) })
    }
}

/// A line at the bottom of a terminal that moves; nothing elsewhere.
fn bar(total: u64, what: &'static str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(total);
    bar.set_style(ProgressStyle::with_template(&format!("{{bar:30}} {{pos}} of {{len}} {what}, {{elapsed}}"))?);
    Ok(bar)
}

fn spinner(what: &'static str) -> Result<ProgressBar> {
    let bar = ProgressBar::no_length();
    bar.set_style(ProgressStyle::with_template(&format!("{{spinner}} {{pos}} {what}, {{elapsed}}"))?);
    Ok(bar)
}

/// Writes everything as JSON lines, also while the server runs.
pub(super) fn export(server: &Server, Export { file, force }: &Export) -> Result<()> {
    let documents = server.store().users()?.iter().map(|user| u64::from(user.documents)).sum();
    let bar = bar(documents, "documents")?;
    let progress = |counts: import::Counts| bar.set_position(counts.documents);
    let counts = match file.as_deref() {
        Some(path) if path != Path::new("-") => {
            let counts = import::export_to_file(server.store(), path, *force, progress)?;
            bar.finish_and_clear();
            return say(format_args!("Wrote {} to {}.", written(counts), path.display()));
        }
        None if io::stdout().is_terminal() => {
            bail!("give a file to write to, or - for the standard output: an export has everybody's password hashes")
        }
        _ => {
            let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
            // A container may have nothing but the data folder to write to.
            let temporary = std::env::temp_dir();
            let scratch = if temporary.is_dir() { &temporary } else { server.store().path() };
            let counts = import::export(server.store(), scratch, &mut out, progress)?;
            out.flush()?;
            counts
        }
    };
    bar.finish_and_clear();
    let _ = writeln!(io::stderr(), "Wrote {}.", written(counts));
    Ok(())
}

/// Takes in what a source has, also while the server runs.
pub(super) fn import(target: &Target, command: &Import) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(perform(&target.server, command))
}

async fn perform(server: &Server, command: &Import) -> Result<()> {
    let Import { source, dry_run, json, .. } = command;
    let origin = origin(command).await?;
    let reading = spinner("documents looked at")?;
    let preview = import::preview(server, &origin, |report| reading.set_position(report.documents()));
    reading.finish_and_clear();
    let preview = preview.with_context(|| redacted(source))?;
    for skipped in &preview.skipped {
        let _ = writeln!(io::stderr(), "left out: {}: {}", skipped.what, skipped.why);
    }
    if *dry_run {
        return tell(&preview, true, *json);
    }
    let writing = bar(preview.documents(), "documents")?;
    let report = import::import(server, &origin, preview, |report| writing.set_position(report.documents())).await;
    writing.finish_and_clear();
    let report = report.with_context(|| {
        format!("{}: what was taken in until now stays; import it again when this is mended", redacted(source))
    })?;
    tell(&report, false, *json)
}

/// Recognises what is to be imported. What another server has is read at once.
async fn origin(Import { source, admin, password_stdin, .. }: &Import) -> Result<Origin> {
    let Some((scheme, _)) = source.split_once("://") else {
        if admin.is_some() {
            bail!("--admin is for the address of a server, such as https://books.example; `{source}` is none");
        }
        return Origin::of_file(Path::new(source)).with_context(|| redacted(source));
    };
    let reading = spinner("positions read")?;
    let read = match (scheme, admin) {
        ("redis" | "unix" | "redis+unix", None) => redis::read(source, &reading),
        ("http" | "https", Some(name)) => {
            let root = Url::parse(source).with_context(|| redacted(source))?;
            let key = the_password(*password_stdin, &format!("Password of {name} there: "))?;
            manage::read(&root, name, &key, &reading).await
        }
        ("http" | "https", None) => {
            bail!("{}: give --admin, to ask that server as its administrator", redacted(source))
        }
        ("rediss", _) => bail!("{}: this program speaks to Redis without TLS only; make a tunnel", redacted(source)),
        (_, Some(_)) => bail!("--admin is for addresses that begin with http:// or https://"),
        (other, None) => bail!("{}: nothing is known of `{other}://`; see `kosync import --help`", redacted(source)),
    };
    reading.finish_and_clear();
    Ok(Origin::Server(read?))
}

/// A source as it may be redacted: an address may have a password in it.
fn redacted(source: &str) -> String {
    let Some(mut url) = Url::parse(source).ok().filter(|url| url.has_authority()) else { return source.to_owned() };
    if url.username().is_empty() && url.password().is_none() {
        return source.to_owned();
    }
    // Neither fails where there is a host.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

/// So many of them, in the singular or the plural.
pub(super) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn written(counts: import::Counts) -> String {
    format!("{} with {}", count(counts.accounts, "account"), count(counts.documents, "document"))
}

fn tell(report: &Report, dry: bool, as_json: bool) -> Result<()> {
    if as_json {
        let names: Vec<String> = report.without_password.iter().map(ToString::to_string).collect();
        let skipped: Vec<_> =
            report.skipped.iter().map(|skipped| json!({ "what": skipped.what, "why": skipped.why })).collect();
        return say(format_args!(
            "{}",
            json!({
                "dry_run": dry,
                "accounts": { "made": report.accounts_made, "there": report.accounts_there, "without_password": names },
                "reader_named_admin": report.reader_named_admin,
                "documents": {
                    "made": report.documents_made, "gone_on": report.documents_gone_on, "there": report.documents_there,
                },
                "left_out": { "count": report.skipped_count, "records": skipped },
            })
        ));
    }
    let would = if dry { "Would make" } else { "Made" };
    let (accounts, documents) = (count(report.accounts_made, "account"), count(report.documents_made, "document"));
    say(format_args!("{would} {accounts} and {documents}."))?;
    if report.documents_gone_on > 0 {
        let go = if dry { "would go" } else { "went" };
        say(format_args!(
            "On to a newer position {go} {}; what was here is in the history.",
            count(report.documents_gone_on, "document")
        ))?;
    }
    if report.accounts_there + report.documents_there > 0 {
        say(format_args!(
            "As before: {} with the password that is here, {} whose position here is as new or newer.",
            count(report.accounts_there, "account"),
            count(report.documents_there, "document")
        ))?;
    }
    if report.skipped_count > 0 {
        say(format_args!("Left out: {}, named above.", count(report.skipped_count, "record")))?;
    }
    if !report.without_password.is_empty() {
        let names: Vec<String> = report.without_password.iter().map(ToString::to_string).collect();
        say(format_args!(
            "No password could be taken over for these: {}. Set one for each with `kosync user passwd NAME`.",
            names.join(", ")
        ))?;
    }
    if report.reader_named_admin {
        say(format_args!(
            "`admin` is a reader there, and the administrator's name here: where the administrator has a password, `admin` logs in with that one."
        ))?;
    }
    Ok(())
}

/// Reads the whole store and says what it found; fails where something is wrong.
pub(super) fn check(server: &Server, Check { json }: &Check) -> Result<()> {
    let found = server.store().verify()?;
    if *json {
        say(format_args!(
            "{}",
            json!({
                "accounts": found.accounts, "documents": found.documents, "positions": found.positions,
                "sessions": found.sessions, "being_removed": found.pending_purge, "bytes": found.bytes,
                "problems": { "count": found.problem_count, "first": found.problems },
            })
        ))?;
    } else {
        say(format_args!(
            "{}, {}, {} in all histories, {}, {}.",
            count(found.accounts, "account"),
            count(found.documents, "document"),
            count(found.positions, "position"),
            count(found.sessions, "session"),
            count(found.bytes, "byte")
        ))?;
        for problem in &found.problems {
            let _ = writeln!(io::stderr(), "wrong: {problem}");
        }
    }
    match found.problem_count {
        0 if *json => Ok(()),
        0 => say(format_args!("Everything fits together.")),
        problems => {
            bail!("{} in the store; restore a backup, or ask whoever made this program", count(problems, "mistake"))
        }
    }
}
