//! Opens the data directory for a command, also while a server runs on it.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Result, bail};

use super::explain;
use crate::{Config, Server};

/// Returns whether the data directory contains a store.
///
/// # Errors
/// The directory cannot be looked into, or is a file.
pub(super) fn has_data(config: &Config) -> Result<bool> {
    let directory = config.data_dir.as_deref().unwrap_or(Path::new(""));
    let explanation = match directory.join("data.mdb").try_exists() {
        Ok(true) => return Ok(true),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            explain::inaccessible(directory).unwrap_or_else(|| error.to_string())
        }
        Err(error) if error.kind() != ErrorKind::NotADirectory => error.to_string(),
        _ => match explain::file_in_the_way(directory) {
            Some(explanation) => explanation,
            None => return Ok(false),
        },
    };
    bail!("data directory {}: {explanation}", directory.display())
}

/// Opens a data directory that contains data. A mistyped one must not become a new, empty one.
pub(super) fn open_existing(config: Config) -> Result<Server> {
    if !has_data(&config)? {
        let directory = config.data_dir.unwrap_or_default();
        bail!("data directory {}: there is no data in it; set `--data-dir`", directory.display());
    }
    open_or_create(config)
}

/// Opens a data directory, and creates it if it does not exist.
pub(super) fn open_or_create(config: Config) -> Result<Server> {
    // Only the running server needs the certificate, and a command must work without it.
    let config = Config { tls_certificate: None, tls_key: None, ..config };
    Server::builder().config(config).open().map_err(explain::in_words)
}
