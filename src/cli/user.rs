//! `kosync user`: accounts, on the data folder itself, also while the server runs.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use crate::store::{AccountOutcome, Authority, Change, CreateOutcome, DocumentEntry};
use crate::{Config, Key, Server, User, Username};
use anyhow::{Result, anyhow, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an account, also where registration is closed
    Add {
        /// The name to log in with
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// List all accounts
    List {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
    /// Set an account's password
    Passwd {
        /// The account
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// Switch an account on again
    Enable {
        /// The account
        name: String,
    },
    /// Switch an account off: nobody can log in, push or pull with it
    Disable {
        /// The account
        name: String,
    },
    /// Delete an account with all its positions and history
    Delete {
        /// The account
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// List an account's positions
    Documents {
        /// The account
        name: String,
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

/// Never on the command line, where every user of the machine could read it.
#[derive(Args)]
pub(super) struct Password {
    /// Read the password from standard input, one line, instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

/// Does what was asked for, and says so on standard output.
pub(super) fn run(server: &Server, command: Command) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(perform(server, command))
}

/// Opens the folder. A mistyped one must not become a new, empty one; but accounts may be made before the first start.
pub(super) fn open(command: &Command, config: Config) -> Result<Server> {
    if matches!(command, Command::Add { .. }) { open_any(config) } else { open_existing(config) }
}

/// Opens a folder that has data in it.
pub(super) fn open_existing(config: Config) -> Result<Server> {
    let folder = config.data_dir.as_deref().unwrap_or(Path::new(""));
    if !folder.join("data.mdb").exists() {
        bail!("data folder {}: there is no data in it; see `--data-dir`", folder.display());
    }
    open_any(config)
}

pub(super) fn open_any(config: Config) -> Result<Server> {
    // Certificates are the running server's affair.
    let config = Config { tls_certificate: None, tls_key: None, ..config };
    Ok(Server::builder().config(config).open()?)
}

async fn perform(server: &Server, command: Command) -> Result<()> {
    match command {
        Command::Add { name, password } => {
            let name = username(&name)?;
            // Looked up first, so that nobody types a password in vain.
            if server.store().user(&name)?.is_some() {
                bail!("there already is an account `{name}`");
            }
            match server.create_user(name.clone(), password.read()?).await? {
                CreateOutcome::Created(_) => say(format_args!("Made the account `{name}`.")),
                CreateOutcome::Taken => bail!("there already is an account `{name}`"),
            }
        }
        Command::Passwd { name, password } => {
            let user = known(server, &name)?;
            done(&user.name, server.set_key(user.name.clone(), password.read()?).await?)?;
            say(format_args!("Set the password of `{}`.", user.name))
        }
        Command::Enable { name } => switch(server, &name, true).await,
        Command::Disable { name } => switch(server, &name, false).await,
        Command::Delete { name, yes } => {
            let user = known(server, &name)?;
            if !yes && !confirmed(&user)? {
                bail!("nothing was deleted");
            }
            done(&user.name, server.store().manage(Authority::Local, user.name.clone(), Change::Delete).await?)?;
            say(format_args!("Deleted the account `{}`.", user.name))
        }
        Command::List { json } => {
            let users = server.store().users()?;
            if json { print_json(users.iter().map(user_json).collect()) } else { print_table(&user_rows(&users)) }
        }
        Command::Documents { name, json } => {
            let user = known(server, &name)?;
            let documents = server.store().documents(user.id, None, usize::MAX)?;
            if json {
                print_json(documents.iter().map(document_json).collect())
            } else {
                print_table(&document_rows(&documents))
            }
        }
    }
}

async fn switch(server: &Server, name: &str, active: bool) -> Result<()> {
    let user = known(server, name)?;
    let change = Change::SetActive(Some(active));
    done(&user.name, server.store().manage(Authority::Local, user.name.clone(), change).await?)?;
    say(format_args!("Switched the account `{}` {}.", user.name, if active { "on" } else { "off" }))
}

fn username(name: &str) -> Result<Username> {
    Username::new(name).map_err(|invalid| anyhow!("`{name}`: {invalid}"))
}

fn known(server: &Server, name: &str) -> Result<User> {
    let name = username(name)?;
    server.store().user(&name)?.ok_or_else(|| anyhow!("there is no account `{name}`"))
}

fn done(name: &Username, outcome: AccountOutcome) -> Result<()> {
    match outcome {
        AccountOutcome::NoAccount => bail!("there is no account `{name}`"),
        AccountOutcome::Protected => bail!("the account `{name}` can neither be deleted nor switched off"),
        _ => Ok(()),
    }
}

/// Asks, where there is somebody to ask.
fn confirmed(user: &User) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("there is nobody to ask whether `{}` is to be deleted; give --yes if so", user.name);
    }
    let question =
        format_args!("Delete the account `{}` with {} documents and their history? [y/N] ", user.name, user.documents);
    write!(io::stderr(), "{question}")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

impl Password {
    fn read(&self) -> Result<Key> {
        let password = if self.password_stdin { line_of_stdin()? } else { ask("Password: ")? };
        if !self.password_stdin && ask("Again: ")? != password {
            bail!("the two passwords differ; nothing was changed");
        }
        key_of(&password)
    }
}

/// A password that is known already, and so is typed once.
pub(super) fn the_password(from_stdin: bool, question: &str) -> Result<Key> {
    key_of(&if from_stdin { line_of_stdin()? } else { ask(question)? })
}

fn line_of_stdin() -> Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn ask(question: &str) -> Result<String> {
    rpassword::prompt_password(question)
        .map_err(|_| anyhow!("there is nobody to ask for the password; give --password-stdin"))
}

fn key_of(password: &str) -> Result<Key> {
    Key::from_password(password.as_bytes()).map_err(|_| anyhow!("the password is empty; nothing was changed"))
}

pub(super) fn say(text: impl Display) -> Result<()> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

fn print_json(rows: Vec<Value>) -> Result<()> {
    say(format_args!("{:#}", Value::from(rows)))
}

fn user_json(user: &User) -> Value {
    json!({
        "name": user.name, "active": user.active, "administrator": user.administrator, "documents": user.documents,
        "created": user.created,
    })
}

fn user_rows(users: &[User]) -> Vec<Vec<String>> {
    let mut rows = vec![["NAME", "STATE", "DOCUMENTS", "CREATED"].map(str::to_owned).to_vec()];
    rows.extend(users.iter().map(|user| {
        let state = match (user.active, user.administrator) {
            (false, _) => "off",
            (true, true) => "administrator",
            (true, false) => "on",
        };
        vec![printable(user.name.as_str()), state.to_owned(), user.documents.to_string(), date(user.created)]
    }));
    rows
}

fn document_json(entry: &DocumentEntry) -> Value {
    let mut row = json!({ "document": entry.document, "name": entry.name });
    for part in [serde_json::to_value(&entry.progress), serde_json::to_value(&entry.metadata)] {
        if let (Value::Object(row), Ok(Value::Object(part))) = (&mut row, part) {
            row.extend(part);
        }
    }
    row
}

fn document_rows(documents: &[DocumentEntry]) -> Vec<Vec<String>> {
    let mut rows = vec![["DOCUMENT", "AT", "DEVICE", "LAST READ", "TITLE"].map(str::to_owned).to_vec()];
    rows.extend(documents.iter().map(|entry| {
        let title = entry.name.as_ref().or(entry.metadata.title.as_ref()).or(entry.metadata.filename.as_ref());
        vec![
            printable(entry.document.as_str()),
            format!("{:.1} %", entry.progress.percentage * 100.0),
            printable(&entry.progress.device),
            date(entry.progress.timestamp),
            printable(title.map_or("", String::as_str)),
        ]
    }));
    rows
}

/// What clients sent may hold what a terminal takes for orders.
fn printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

fn date(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or("?".into(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Columns as wide as their widest cell; the last one as long as it is.
fn print_table(rows: &[Vec<String>]) -> Result<()> {
    let mut widths = vec![0; rows.first().map_or(0, Vec::len)];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(cell);
            let missing = width - cell.chars().count();
            line.extend(std::iter::repeat_n(' ', missing + 2));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(out.flush()?)
}
