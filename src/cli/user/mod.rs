//! `kosync user`: manages accounts in the data directory, also while the server runs.

mod device;
mod listing;

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;

use self::device::DeviceCommand;
use super::CommandError;
use super::data_dir::{open_existing, open_or_create};
use super::output::{print_json, print_line, print_table, printable};
use super::password::NewPassword;
use super::settings::Settings;
use crate::store::{AccountOutcome, Authority, Change, CreateOutcome};
use crate::{Server, User, Username};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Create an account, even if registration is closed
    #[command(after_help = "Examples:
  kosync user add ada
  kosync user add ada --password-stdin < password.txt")]
    Add {
        /// Name to log in with
        name: String,
        #[command(flatten)]
        password: NewPassword,
    },
    /// List all accounts
    #[command(after_help = "Examples:
  kosync user list
  kosync user list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change the password of an account
    #[command(after_help = "Examples:
  kosync user passwd ada
  kosync user passwd admin")]
    Passwd {
        /// Account
        name: String,
        #[command(flatten)]
        password: NewPassword,
    },
    /// Enable a disabled account
    #[command(after_help = "Examples:
  kosync user enable ada")]
    Enable {
        /// Account
        name: String,
    },
    /// Disable an account: its devices cannot log in, push or pull
    #[command(after_help = "Examples:
  kosync user disable ada")]
    Disable {
        /// Account
        name: String,
    },
    /// Delete an account with all its positions and history
    #[command(after_help = "Examples:
  kosync user delete ada")]
    Delete {
        /// Account
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Passwords of single devices
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  kosync user device add ada Kobo
  kosync user device list ada"
    )]
    Device(DeviceCommand),
    /// List the documents of an account with their positions
    #[command(after_help = "Examples:
  kosync user documents ada
  kosync user documents ada --json")]
    Documents {
        /// Account
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(settings: Settings, command: UserCommand) -> Result<(), CommandError> {
    // Accounts may be created before the server's first start.
    let open = if matches!(command, UserCommand::Add { .. }) { open_or_create } else { open_existing };
    let server = settings.load().and_then(open).map_err(CommandError::Setup)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| CommandError::Run(error.into()))?;
    runtime.block_on(execute(&server, command)).map_err(CommandError::Run)
}

async fn execute(server: &Server, command: UserCommand) -> Result<()> {
    match command {
        UserCommand::Add { name, password } => {
            let name = parse_name(&name)?;
            let exists = || anyhow!("the account `{name}` already exists, or one whose name differs in case only");
            // Before a person types a password in vain.
            if server.store().is_taken(&name)? {
                return Err(exists());
            }
            match server.create_user(name.clone(), password.read()?).await? {
                CreateOutcome::Created(_) => print_line(format_args!("Created the account `{name}`.")),
                CreateOutcome::Taken => Err(exists()),
            }
        }
        UserCommand::Passwd { name, password } => {
            let user = find_user(server, &name)?;
            require_applied(&user.name, server.set_key(user.name.clone(), password.read()?).await?)?;
            print_line(format_args!("Changed the password of `{}`.", user.name))
        }
        UserCommand::Enable { name } => set_active(server, &name, true).await,
        UserCommand::Disable { name } => set_active(server, &name, false).await,
        UserCommand::Delete { name, yes } => {
            let user = find_user(server, &name)?;
            if !yes && !confirm_deletion(&user)? {
                bail!("nothing was deleted");
            }
            let outcome = server.store().manage(Authority::Local, user.name.clone(), Change::Delete).await?;
            require_applied(&user.name, outcome)?;
            print_line(format_args!("Deleted the account `{}`.", user.name))
        }
        UserCommand::Device(command) => device::execute(server, command).await,
        UserCommand::List { json } => {
            let users = server.store().users()?;
            if json {
                print_json(users.iter().map(listing::user_json).collect())
            } else {
                print_table(&listing::user_rows(&users))
            }
        }
        UserCommand::Documents { name, json } => {
            let user = find_user(server, &name)?;
            let mut documents = server.store().documents(user.id, None, usize::MAX)?;
            for entry in &mut documents {
                entry.progress = server.store().listed_position(user.id, entry)?;
            }
            if json {
                print_json(documents.iter().map(listing::document_json).collect())
            } else {
                print_table(&listing::document_rows(&documents))
            }
        }
    }
}

async fn set_active(server: &Server, name: &str, active: bool) -> Result<()> {
    let user = find_user(server, name)?;
    let change = Change::SetActive(Some(active));
    require_applied(&user.name, server.store().manage(Authority::Local, user.name.clone(), change).await?)?;
    print_line(format_args!("{} the account `{}`.", if active { "Enabled" } else { "Disabled" }, user.name))
}

fn parse_name(name: &str) -> Result<Username> {
    Username::new(name).map_err(|invalid| anyhow!("`{name}`: {invalid}"))
}

fn find_user(server: &Server, name: &str) -> Result<User> {
    let name = parse_name(name)?;
    if let Some(user) = server.store().find_user(&name)? {
        return Ok(user);
    }
    match server.store().users()?.into_iter().find(|user| user.name.is_variant_of(&name)) {
        Some(user) => bail!("there is no account `{name}`; did you mean `{}`?", user.name),
        None => bail!("there is no account `{name}`"),
    }
}

fn require_applied(name: &Username, outcome: AccountOutcome) -> Result<()> {
    match outcome {
        AccountOutcome::NoAccount => bail!("there is no account `{name}`"),
        AccountOutcome::Protected => bail!("the account `{name}` cannot be deleted or disabled"),
        _ => Ok(()),
    }
}

/// Asks on the terminal whether to delete an account.
fn confirm_deletion(user: &User) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to confirm the deletion of `{}`; use --yes to delete without asking", user.name);
    }
    let question =
        format_args!("Delete the account `{}` with {} documents and their history? [y/N] ", user.name, user.documents);
    write!(io::stderr(), "{}", printable(&question.to_string()))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
