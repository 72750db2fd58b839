//! Opens the data directory for a command, also while a server runs on it.

use std::path::Path;

use anyhow::{Result, bail};

use crate::{Config, Server};

/// Returns whether the data directory contains a store.
pub(super) fn has_data(config: &Config) -> bool {
    config.data_dir.as_deref().unwrap_or(Path::new("")).join("data.mdb").exists()
}

/// Opens a data directory that contains data. A mistyped one must not become a new, empty one.
pub(super) fn open_existing(config: Config) -> Result<Server> {
    if !has_data(&config) {
        let directory = config.data_dir.unwrap_or_default();
        bail!("data directory {}: there is no data in it; set `--data-dir`", directory.display());
    }
    open_or_create(config)
}

/// Opens a data directory, and creates it if it does not exist.
pub(super) fn open_or_create(config: Config) -> Result<Server> {
    // Only the running server needs the certificate, and a command must work without it.
    let config = Config { tls_certificate: None, tls_key: None, ..config };
    Ok(Server::builder().config(config).open()?)
}
