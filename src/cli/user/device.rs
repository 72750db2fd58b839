//! `kosync user device`: the passwords of single devices.

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;
use serde_json::json;

use super::{find_user, listing};
use crate::Server;
use crate::cli::output::{print_json, print_line, print_table};
use crate::model::{DEVICE_PASSWORDS_MAX, DevicePasswordName};
use crate::state::NewDevicePassword;
use crate::store::{Authority, RevokeOutcome};

#[derive(Subcommand)]
pub(in crate::cli) enum DeviceCommand {
    /// Make a password for one device, and print it once
    #[command(after_help = "Examples:
  kosync user device add ada Kobo
  kosync user device add ada Kindle --json")]
    Add {
        /// Account
        name: String,
        /// Name of the device: 1 to 64 characters
        device: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the device passwords of an account, without the passwords
    #[command(after_help = "Examples:
  kosync user device list ada
  kosync user device list ada --json")]
    List {
        /// Account
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a device password: the next request with it is refused
    #[command(after_help = "Examples:
  kosync user device revoke ada Kobo
  kosync user device revoke ada 481516234")]
    Revoke {
        /// Account
        name: String,
        /// Name of the device, or the number of its password as `kosync user device list` shows it
        device: String,
    },
}

pub(super) async fn execute(server: &Server, command: DeviceCommand) -> Result<()> {
    match command {
        DeviceCommand::Add { name, device, json } => add(server, &name, &device, json).await,
        DeviceCommand::List { name, json } => {
            let user = find_user(server, &name)?;
            let passwords = server.store().device_passwords(user.id)?;
            if json {
                print_json(passwords.iter().map(listing::device_password_json).collect())
            } else {
                print_table(&listing::device_password_rows(&passwords))
            }
        }
        DeviceCommand::Revoke { name, device } => revoke(server, &name, &device).await,
    }
}

async fn revoke(server: &Server, name: &str, device: &str) -> Result<()> {
    let user = find_user(server, name)?;
    let account = user.name.clone();
    let none = || anyhow!("`{account}` has no device password `{device}`; see `kosync user device list {account}`");
    let passwords = server.store().device_passwords(user.id)?;
    let named: Vec<_> =
        passwords.iter().filter(|password| password.name == device).map(|password| password.id).collect();
    let id = match (device.parse(), named.as_slice()) {
        (Ok(number), _) if passwords.iter().any(|password| password.id == number) => number,
        (_, [id]) => *id,
        (_, []) => return Err(none()),
        (_, several) => {
            let numbers: Vec<_> = several.iter().map(u32::to_string).collect();
            bail!("`{account}` has several device passwords `{device}`; give the number of one: {}", numbers.join(", "))
        }
    };
    match server.store().revoke_device_password(Authority::Local, user, id).await? {
        RevokeOutcome::Revoked => print_line(format_args!("Revoked the device password {id} of `{account}`.")),
        RevokeOutcome::NotFound => Err(none()),
        RevokeOutcome::Stale => Err(changed(account.as_str())),
    }
}

async fn add(server: &Server, name: &str, device: &str, json: bool) -> Result<()> {
    let device = DevicePasswordName::new(device).map_err(|invalid| anyhow!("device `{device}`: {invalid}"))?;
    let user = find_user(server, name)?;
    let (account, is_active) = (user.name.clone(), user.active);
    if !is_active {
        bail!("the account `{account}` is disabled; enable it first with `kosync user enable {account}`");
    }
    match server.state.create_device_password(user, device.clone()).await? {
        NewDevicePassword::Created { id, password } if json => {
            let created = json!({ "id": id, "name": device, "password": password.reveal() });
            print_line(format_args!("{created:#}"))
        }
        NewDevicePassword::Created { password, .. } => print_line(format_args!(
            "Password of `{device}` for the account `{account}`, shown this once; type it with the hyphens: {}",
            password.reveal()
        )),
        NewDevicePassword::TooMany => {
            bail!("`{account}` has {DEVICE_PASSWORDS_MAX} device passwords, as many as an account may have; revoke one")
        }
        NewDevicePassword::Stale => Err(changed(account.as_str())),
    }
}

fn changed(account: &str) -> anyhow::Error {
    anyhow!("the account `{account}` was deleted, disabled or given another password meanwhile; try again")
}
