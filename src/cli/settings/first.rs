//! The settings that are needed before the others: where those are, and where the data is.

use super::headings::DATA;
use super::setting::{DefaultValue, Kind, NONE, Setting};

pub(super) const CONFIG: Setting = Setting {
    heading: DATA,
    flag: Some("config"),
    variable: Some("KOSYNC_CONFIG"),
    value_name: "FILE",
    help: "JSON file with settings",
    kind: Kind::Source,
    ..NONE
};

pub(super) const HOME_ASSISTANT: Setting = Setting {
    heading: DATA,
    flag: Some("home-assistant"),
    variable: Some("KOSYNC_HOME_ASSISTANT"),
    value_name: "FILE",
    default: DefaultValue::Described("none; the flag without a value means `/data/options.json`"),
    help: "File with the options of the Home Assistant app, used instead of a configuration file; its directory becomes the data \
           directory",
    kind: Kind::Source,
    ..NONE
};

pub(super) const DATA_DIR: Setting = Setting {
    key: Some("data_dir"),
    heading: DATA,
    flag: Some("data-dir"),
    variable: Some("KOSYNC_DATA_DIR"),
    value_name: "DIRECTORY",
    default: DefaultValue::Described("systemd's `$STATE_DIRECTORY`, else `./data`"),
    help: "Data directory; created if it does not exist",
    kind: Kind::Single(|config, text| {
        config.data_dir = Some(text.into());
        Ok(())
    }),
    ..NONE
};
