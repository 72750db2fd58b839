//! Records where settings came from, so that errors name the flag, variable or key.

use std::collections::HashMap;

use super::environment;
use super::setting::OtherVariable;
use super::table::{ADMIN_PASSWORD, SETTINGS};
use crate::Config;

/// Where each setting's value came from: a flag, a variable or the configuration file.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Origins {
    given: HashMap<&'static str, String>,
    file: Option<String>,
}

impl Origins {
    pub(super) fn set_file(&mut self, file: String) {
        self.file = Some(file);
    }

    pub(super) fn set(&mut self, key: &'static str, origin: String) {
        self.given.insert(key, origin);
    }

    /// Returns where a setting that is set came from. `None` if it is from neither a flag, nor a variable, nor a configuration file.
    pub(in crate::cli) fn of(&self, key: &str) -> Option<String> {
        let in_file = || self.file.as_ref().map(|file| format!("{file}: key `{key}`"));
        self.given.get(key).cloned().or_else(in_file)
    }

    /// Returns the flag of a setting, if that is where it came from.
    pub(in crate::cli) fn flag_of(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str).filter(|origin| origin.starts_with("--"))
    }

    /// Logs the variables of other servers that were taken, and those that are no settings.
    pub(in crate::cli) fn log_remarks(&self) {
        for setting in SETTINGS {
            // `ADMIN_PASSWORD` has no other name here.
            let Some(key) = setting.key.filter(|key| *key != ADMIN_PASSWORD) else { continue };
            let origin = self.given.get(key).map_or("", String::as_str);
            if let Some(OtherVariable { name, server, .. }) =
                setting.others.iter().find(|variable| variable.name == origin)
            {
                tracing::info!(variable = name, setting = key, "setting taken from {server} variable");
            }
        }
        for (variable, meant) in environment::unknown_variables() {
            tracing::warn!(variable, meant, "environment variable ignored: there is no such setting");
        }
    }

    /// Says which of two settings that belong together is missing.
    pub(in crate::cli) fn missing_tls_file(&self, config: &Config) -> Option<String> {
        let (set, missing) = match (&config.tls_certificate, &config.tls_key) {
            (Some(_), None) => ("tls_certificate", "tls_key"),
            (None, Some(_)) => ("tls_key", "tls_certificate"),
            _ => return None,
        };
        let origin = self.of(set)?;
        let setting = SETTINGS.iter().find(|setting| setting.key == Some(missing))?;
        let counterpart = match (setting.flag, setting.variable) {
            (Some(flag), _) if origin.starts_with("--") && self.given.contains_key(set) => format!("--{flag}"),
            (_, Some(variable)) if self.given.contains_key(set) => variable.to_owned(),
            _ => format!("`{missing}`"),
        };
        Some(format!("{origin} is set, but not {counterpart}: TLS needs both files"))
    }
}
