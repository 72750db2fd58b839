//! `kosync import`: imports an export, or the data of another server.

use std::io::{self, Write};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use nix::sys::signal::{SigSet, Signal};
use serde_json::json;
use tempfile::TempDir;
use url::Url;

use super::CommandError;
use super::data_dir::{has_data, open_or_create};
use super::output::{count, print_line};
use super::password::read_password;
use super::progress_bar;
use super::settings::Settings;
use crate::import::{self, ImportReport, Origin, redacted};
use crate::{ADMIN, Config, Server, Username};

#[derive(Args)]
pub(super) struct ImportArgs {
    /// File that `kosync export` wrote, kosync-dotnet's Kosync.db, the official server's Redis (redis://HOST:PORT/1), or, with
    /// --admin, the address of a server with kosync-dotnet's management API (https://HOST)
    source: String,
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
    let target = settings.load().and_then(|config| Target::open(config, args.dry_run)).map_err(CommandError::Setup)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::Run(error.into()))?;
    runtime.block_on(import(&target.server, args)).map_err(CommandError::Run)
}

/// The server that is imported into.
struct Target {
    server: Server,
    /// The data directory of a dry run. Declared last, so it is deleted once the server is closed.
    _temporary: Option<TempDir>,
}

impl Target {
    /// Opens the data directory, which may be new: an import is often the first command. A dry run creates none; without data it
    /// takes place in a temporary directory.
    fn open(config: Config, dry_run: bool) -> Result<Self> {
        if !dry_run || has_data(&config) {
            return Ok(Self { server: open_or_create(config)?, _temporary: None });
        }
        let temporary = tempfile::Builder::new().prefix("kosync-dry-run.").tempdir()?;
        let server = open_or_create(Config { data_dir: Some(temporary.path().to_owned()), ..config })?;
        Ok(Self { server, _temporary: Some(temporary) })
    }
}

async fn import(server: &Server, args: &ImportArgs) -> Result<()> {
    let origin = open_origin(args).await?;
    let reading = progress_bar::counter("documents compared")?;
    let preview = import::preview(server, &origin, |report| reading.set_position(report.documents()));
    reading.finish_and_clear();
    let preview = preview?;
    for skipped in &preview.skipped {
        let _ = writeln!(io::stderr(), "skipped: {}: {}", skipped.record, skipped.reason);
    }
    if args.dry_run {
        return print_report(&preview, args);
    }
    let writing = progress_bar::bar(preview.documents(), "documents")?;
    let report = import::import(server, &origin, preview, |report| writing.set_position(report.documents())).await;
    writing.finish_and_clear();
    let report = report.with_context(|| {
        let source = redacted(&args.source);
        format!("{source}: the import stopped, and what was imported so far stays; fix this and repeat it")
    })?;
    print_report(&report, args)
}

/// Opens what is to be imported. Reads another server's data at once.
async fn open_origin(ImportArgs { source, admin, password_stdin, .. }: &ImportArgs) -> Result<Origin> {
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

fn print_report(report: &ImportReport, args: &ImportArgs) -> Result<()> {
    let dry = args.dry_run;
    let names: Vec<String> = report.without_password.iter().map(ToString::to_string).collect();
    if args.json {
        let skipped = report.skipped.iter();
        let skipped: Vec<_> = skipped.map(|skipped| json!({ "what": skipped.record, "why": skipped.reason })).collect();
        return print_line(json!({
            "dry_run": dry,
            "accounts": {
                "made": report.accounts_created, "there": report.accounts_unchanged, "without_password": names,
            },
            "reader_named_admin": report.reader_named_admin,
            "documents": {
                "made": report.documents_created, "gone_on": report.documents_advanced,
                "there": report.documents_unchanged,
            },
            "left_out": { "count": report.skipped_count, "records": skipped },
        }));
    }
    let (accounts, documents) =
        (count(report.accounts_created, "account"), count(report.documents_created, "document"));
    print_line(format_args!("{} {accounts} and {documents}.", if dry { "Would create" } else { "Created" }))?;
    if report.documents_advanced > 0 {
        print_line(format_args!(
            "{} {} to a newer position; the earlier one is in the history.",
            if dry { "Would advance" } else { "Advanced" },
            count(report.documents_advanced, "document")
        ))?;
    }
    if report.accounts_unchanged + report.documents_unchanged > 0 {
        print_line(format_args!(
            "Unchanged: {}, with the password they have here, and {}, whose position here is as new or newer.",
            count(report.accounts_unchanged, "account"),
            count(report.documents_unchanged, "document")
        ))?;
    }
    if report.skipped_count > 0 {
        let skipped = count(report.skipped_count, "record");
        print_line(format_args!("{} {skipped}, listed above.", if dry { "Would skip" } else { "Skipped" }))?;
    }
    if !names.is_empty() {
        let names = names.join(", ");
        print_line(format_args!("Without a password: {names}. Set one for each with `kosync user passwd NAME`."))?;
    }
    if report.reader_named_admin {
        print_line(
            "The source has an ordinary account `admin`. That name is the administrator's here: once an administrator's password is \
             set, `admin` logs in with that password.",
        )?;
    }
    Ok(())
}
