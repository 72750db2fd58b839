//! Reads passwords from the terminal or from standard input.
//!
//! They are never on the command line, which all users of the machine can read.

use std::io::{self, BufRead};

use anyhow::{Result, anyhow, bail};
use clap::Args;

use crate::Key;

/// How a new password is given.
#[derive(Args)]
pub(super) struct NewPassword {
    /// Read the password from the first line of standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

impl NewPassword {
    /// Reads the password, twice if a person types it.
    pub(super) fn read(&self) -> Result<Key> {
        if self.password_stdin {
            return key(&read_stdin()?);
        }
        let password = prompt("Password: ")?;
        if prompt("Again: ")? != password {
            bail!("the two passwords differ; nothing was changed");
        }
        key(&password)
    }
}

/// Reads an existing password, once.
pub(super) fn read_password(from_stdin: bool, question: &str) -> Result<Key> {
    key(&if from_stdin { read_stdin()? } else { prompt(question)? })
}

fn read_stdin() -> Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    // Editors on Windows write a byte-order mark.
    let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks on the terminal, which does not show the answer.
fn prompt(question: &str) -> Result<String> {
    rpassword::prompt_password(question)
        .map_err(|_| anyhow!("there is no terminal to ask for the password; use --password-stdin"))
}

fn key(password: &str) -> Result<Key> {
    Key::from_password(password.as_bytes()).map_err(|_| anyhow!("the password is empty; nothing was changed"))
}
