//! `kosync import`: imports an export, or the data of another server.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use nix::sys::signal::{SigSet, Signal};
use serde_json::json;
use url::Url;

use super::data_dir::{has_data, open_or_create};
use super::output::{print_line, printable};
use super::password::read_password;
use super::progress_bar;
use super::settings::Settings;
use super::{CommandError, EXIT_INCOMPLETE};
use crate::import::{self, ImportReport, Origin, STOPPED, SkippedRecord, redacted};
use crate::store::Unfinished;
use crate::{ADMIN, Config, Server, Username};

#[derive(Args)]
#[command(after_help = "Examples:
  kosync import kosync.jsonl                         # what `kosync export` wrote
  kosync import /var/lib/kosync-dotnet/Kosync.db     # kosync-dotnet
  kosync import redis://127.0.0.1:6379/1             # the official server
  kosync import https://books.example --admin        # any server with the management API
  kosync import --dry-run kosync.jsonl               # what would be done")]
pub(super) struct ImportArgs {
    /// File that `kosync export` wrote, kosync-dotnet's Kosync.db, the official server's Redis (redis://HOST:PORT/1), or, with
    /// --admin, the address of a server with kosync-dotnet's management API (https://HOST)
    source: String,
    /// Import this account even if the account of that name here has another password, which stays; may be repeated
    #[arg(long, value_name = "NAME")]
    merge: Vec<String>,
    /// Log in to the server as this administrator; asks for the password
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = ADMIN)]
    admin: Option<String>,
    /// Read the administrator's password from the first line of standard input
    #[arg(long, requires = "admin")]
    password_stdin: bool,
    /// Print what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(settings: Settings, args: &ImportArgs) -> Result<(), CommandError> {
    // If Ctrl-Z stopped the process within a write, the server could not write until it continues.
    let _ = SigSet::from(Signal::SIGTSTP).thread_block();
    let config = settings.load().map_err(CommandError::Setup)?;
    let is_new = !has_data(&config).map_err(CommandError::Setup)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::Run(error.into()))?;
    runtime.block_on(async {
        // Before a person types a password in vain. A new directory is made only for a source that can be read.
        let existing = if is_new { None } else { Some(Target::open(&config, args).map_err(CommandError::Setup)?) };
        let origin = open_origin(args).await.map_err(CommandError::Run)?;
        let target = match existing {
            Some(target) => target,
            None => {
                origin.verify().map_err(|error| CommandError::Run(error.into()))?;
                Target::open(&config, args).map_err(CommandError::Setup)?
            }
        };
        import(&target, &origin, args).await
    })
}

/// The server that is imported into.
struct Target {
    server: Server,
    /// The data directory, also of a dry run.
    path: PathBuf,
    is_new: bool,
    /// The data directory of a dry run. Declared last, so it is deleted once the server is closed.
    _temporary: Option<Unfinished>,
}

impl Target {
    /// Opens the data directory, which may be new: an import is often the first command. A dry run creates none; without data it
    /// takes place in a temporary directory.
    fn open(config: &Config, args: &ImportArgs) -> Result<Self> {
        let is_new = !has_data(config)?;
        let path = std::path::absolute(config.data_dir.as_deref().unwrap_or(Path::new(".")))?;
        if !args.dry_run || !is_new {
            let server = open_or_create(config.clone())?;
            let path = server.store().path().to_owned();
            return Ok(Self { server, path, is_new, _temporary: None });
        }
        let temporary = Unfinished::directory(&env::temp_dir(), "kosync-dry-run")?;
        let server = open_or_create(Config { data_dir: Some(temporary.path().to_owned()), ..config.clone() })?;
        Ok(Self { server, path, is_new, _temporary: Some(temporary) })
    }
}

async fn import(target: &Target, origin: &Origin, args: &ImportArgs) -> Result<(), CommandError> {
    let server = &target.server;
    let run = async || {
        let reading = progress_bar::counter("documents compared")?;
        let preview = import::preview(server, origin, |report| reading.set_position(report.documents()));
        reading.finish_and_clear();
        let preview = preview?;
        print_skipped(&preview.skipped);
        if args.dry_run {
            return Ok(preview);
        }
        let listed = preview.skipped.len();
        let writing = progress_bar::bar(preview.documents(), "documents")?;
        let report = import::import(server, origin, preview, |report| writing.set_position(report.documents())).await;
        writing.finish_and_clear();
        let report = report.with_context(|| {
            let source = redacted(&args.source);
            format!("{source}: {STOPPED}")
        })?;
        print_skipped(report.skipped.get(listed..).unwrap_or_default());
        anyhow::Ok(report)
    };
    let report = run().await.map_err(CommandError::Run)?;
    print_report(&report, target, args).map_err(CommandError::Run)?;
    match report.skipped_count {
        0 => Ok(()),
        _ => Err(CommandError::Exit(EXIT_INCOMPLETE)),
    }
}

fn print_skipped(skipped: &[SkippedRecord]) {
    for SkippedRecord { record, reason } in skipped {
        let _ =
            writeln!(io::stderr(), "skipped: {}: {}", printable(&record.to_string()), printable(&reason.to_string()));
    }
}

/// Opens what is to be imported, and names the accounts to merge.
async fn open_origin(args: &ImportArgs) -> Result<Origin> {
    let username = |name: &String| Username::new(name).map_err(|invalid| anyhow!("--merge: `{name}`: {invalid}"));
    let merge = args.merge.iter().map(username).collect::<Result<Vec<_>>>()?;
    Ok(merge.into_iter().fold(read_origin(args).await?, Origin::merge))
}

/// Opens a file, or reads another server's data.
async fn read_origin(ImportArgs { source, admin, password_stdin, .. }: &ImportArgs) -> Result<Origin> {
    let Some((scheme, _)) = source.split_once("://") else {
        if admin.is_some() {
            bail!("--admin requires the address of a server, such as https://books.example, but `{source}` is a file");
        }
        return Ok(Origin::from_file(source)?);
    };
    let shown = redacted(source);
    let reading = progress_bar::counter("positions read")?;
    let progress = |positions| reading.set_position(positions);
    let origin = match (scheme, admin) {
        ("redis" | "rediss" | "unix" | "redis+unix", None) => Origin::from_redis(source, progress),
        ("http" | "https", Some(name)) => {
            let name = Username::new(name).map_err(|invalid| anyhow!("--admin: `{name}`: {invalid}"))?;
            // Before a person types a password in vain.
            Url::parse(source).with_context(|| shown.clone())?;
            let key = read_password(*password_stdin, &format!("Password of {name} there: "))?;
            Origin::from_server(source, &name, &key, progress).await
        }
        ("http" | "https", None) => bail!("{shown}: use --admin to log in to that server as its administrator"),
        (_, Some(_)) => bail!("--admin requires an address that begins with http:// or https://"),
        (other, None) => bail!("{shown}: unknown scheme `{other}://`; see `kosync import --help`"),
    };
    reading.finish_and_clear();
    Ok(origin?)
}

fn print_report(report: &ImportReport, target: &Target, args: &ImportArgs) -> Result<()> {
    if args.json {
        return print_json_report(report, target, args);
    }
    report.sentences(args.dry_run, &target.path, target.is_new).iter().try_for_each(print_line)
}

fn print_json_report(report: &ImportReport, target: &Target, args: &ImportArgs) -> Result<()> {
    let names = |accounts: &[Username]| accounts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let skipped = report.skipped.iter();
    let skipped: Vec<_> = skipped
        .map(|skipped| json!({ "what": skipped.record.to_string(), "why": skipped.reason.to_string() }))
        .collect();
    print_line(json!({
        "dry_run": args.dry_run,
        "data_dir": target.path,
        "accounts": {
            "made": report.accounts_created, "there": report.accounts_unchanged,
            "without_password": names(&report.without_password), "other_password": names(&report.other_password),
        },
        "reader_named_admin": report.reader_named_admin,
        "lacks_log": report.lacks_log,
        "documents": {
            "made": report.documents_created, "gone_on": report.documents_advanced,
            "there": report.documents_unchanged, "of_other_password": report.other_password_documents,
        },
        "aliases": { "made": report.aliases_created, "there": report.aliases_unchanged },
        "left_out": { "count": report.skipped_count, "records": skipped },
    }))
}
