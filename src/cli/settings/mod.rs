//! Makes the configuration: a flag wins over its environment variable, that over the configuration file, that over the default.

#[cfg(test)]
mod documentation;
mod environment;
mod first;
mod flags;
mod headings;
mod origins;
mod setting;
mod table;
mod values;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use self::first::{CONFIG, HOME_ASSISTANT};
pub(super) use self::flags::{Settings, add_to};
pub(super) use self::origins::Origins;
use self::setting::{Kind, Setting};
use self::table::{ADMIN_PASSWORD, ADMIN_PASSWORD_FILE, SETTINGS};
use super::home_assistant::{self, SupervisorNeeds};
use crate::Config;

/// A value, and the flag or variable that it came from.
struct Given {
    text: String,
    origin: String,
    by_flag: bool,
}

/// The configuration of all sources.
pub(super) struct Loaded {
    pub(super) config: Config,
    /// What the Supervisor must be asked for, as a Home Assistant app.
    pub(super) needs: Option<SupervisorNeeds>,
    /// Where each setting came from.
    pub(super) origins: Origins,
}

impl Settings {
    /// Makes the configuration of all sources.
    pub(super) fn load(self) -> Result<Config> {
        self.load_with_origins().map(|loaded| loaded.config)
    }

    /// Makes the configuration of all sources, and tells where each setting came from.
    pub(super) fn load_with_origins(self) -> Result<Loaded> {
        let mut origins = Origins::default();
        let (mut config, needs) = match (self.given(&CONFIG)?, self.given(&HOME_ASSISTANT)?) {
            (Some(file), None) => {
                origins.set_file(format!("{}: {}", file.origin, file.text));
                (read_file(Path::new(&file.text)).with_context(|| file.origin)?, None)
            }
            (None, Some(options)) => {
                let (config, needs) = home_assistant::read_options(Path::new(&options.text))?;
                (config, Some(needs))
            }
            (Some(file), Some(options)) => bail!("{} and {}: set only one of the two", file.origin, options.origin),
            (None, None) => (Config::default(), None),
        };
        for (setting, given) in self.all_given()? {
            if let Kind::Single(apply) | Kind::List(apply) = setting.kind {
                apply(&mut config, &given.text).map_err(|invalid| anyhow!("{}: {invalid}", given.origin))?;
            }
            if let Some(key) = setting.key {
                origins.set(key, given.origin);
            }
        }
        config.data_dir.get_or_insert_with(default_data_dir);
        Ok(Loaded { config, needs, origins })
    }

    /// Returns all settings that a flag or a variable gives.
    ///
    /// The administrator's password has two settings. A flag for its file wins over both variables, which exclude each other.
    fn all_given(&self) -> Result<Vec<(&'static Setting, Given)>> {
        let given = SETTINGS.iter().map(|setting| Ok(self.given(setting)?.map(|given| (setting, given))));
        let mut given = given.filter_map(Result::transpose).collect::<Result<Vec<_>>>()?;
        let find = |key| given.iter().find(|(setting, _)| setting.key == Some(key)).map(|(_, given)| given);
        if let (Some(file), Some(password)) = (find(ADMIN_PASSWORD_FILE), find(ADMIN_PASSWORD)) {
            if !file.by_flag {
                bail!("{} and {}: set only one of the two", file.origin, password.origin);
            }
            given.retain(|(setting, _)| setting.key != Some(ADMIN_PASSWORD));
        }
        Ok(given)
    }

    /// Returns the value of the flag, else of the variable, else of another server's variable. An empty value counts as unset.
    fn given(&self, setting: &Setting) -> Result<Option<Given>> {
        if let (Some(flag), Some(text)) = (setting.flag, self.flag(setting).filter(|text| !text.is_empty())) {
            return Ok(Some(Given { text: text.to_owned(), origin: format!("--{flag}"), by_flag: true }));
        }
        if let Some(name) = setting.variable
            && let Some(text) = variable(name)?
        {
            return Ok(Some(Given { text, origin: name.to_owned(), by_flag: false }));
        }
        environment::of_another_server(setting)
    }
}

fn variable(name: &str) -> Result<Option<String>> {
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    value.into_string().map(Some).map_err(|_| anyhow!("{name}: the value is not UTF-8"))
}

/// Reads a configuration file. An error names the file, the key, and the line and column.
fn read_file(path: &Path) -> Result<Config> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    // Editors on Windows write a byte-order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Serde would accept a list for a struct.
    if !text.trim_start().starts_with('{') {
        bail!("{}: it must be a JSON object, such as {{\"registration\": false}}", path.display());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let config = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let key = error.path().to_string();
        match key.as_str() {
            // The text as a whole is wrong.
            "." | "?" => anyhow!("{}: {}", path.display(), error.inner()),
            key => anyhow!("{}: key `{key}`: {}", path.display(), error.inner()),
        }
    })?;
    json.end().with_context(|| path.display().to_string())?;
    Ok(config)
}

fn default_data_dir() -> PathBuf {
    // A unit may have several state directories, which systemd separates with colons.
    let directories = env::var("STATE_DIRECTORY").unwrap_or_default();
    directories.split(':').next().filter(|path| !path.is_empty()).unwrap_or("data").into()
}
