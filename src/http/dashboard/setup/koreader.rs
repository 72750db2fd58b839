//! The settings of KOReader as files: what its plugins load, and the ZIP with them.
//!
//! KOReader runs its settings files as Lua and takes the table that they return; `frontend/luasettings.lua` falls back to nothing, so each
//! table is whole. The keys are those of KOReader 2026.08: the plugin *Progress sync* has had `settings/kosync.lua` since 2026.07.

use std::io::{Cursor, Write as _};

use jiff::civil::DateTime;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::lua::Value::{self, Flag, List, Number, Table};
use crate::library::MatchingMethod;

/// The part of the patch that is the same for all devices.
const ADD_SETTINGS: &str = include_str!("add_settings.lua");
/// Runs once KOReader has read its settings, and before it loads plugins: the number says so.
const PATCH_PATH: &str = "patches/2-kosync-setup.lua";
/// Where KOReader keeps its own settings; those of plugins are in `settings/`.
const READER_PATH: &str = "settings.reader.lua";

/// What one device's settings say.
pub(super) struct DeviceSettings {
    /// The name that the reader gave the device.
    pub(super) name: String,
    /// The server's address, without a slash at its end.
    pub(super) address: String,
    pub(super) username: String,
    /// The device password, and the key that KOReader makes of it.
    pub(super) password: String,
    pub(super) key: String,
    pub(super) method: MatchingMethod,
    /// Whether reading times and highlights go into the account's folder.
    pub(super) has_files: bool,
}

/// Whether KOReader has settings on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Installation {
    /// It has: a patch adds to them.
    InUse,
    /// It was never started: its settings are made of nothing.
    New,
}

/// A file for KOReader's folder.
#[derive(Debug)]
pub(super) struct SettingsFile {
    pub(super) path: &'static str,
    pub(super) text: String,
}

impl SettingsFile {
    fn new(path: &'static str, table: &Value) -> Self {
        Self { path, text: format!("-- {path}\nreturn {table}\n") }
    }
}

impl DeviceSettings {
    /// Returns the files with what each adds to KOReader's settings, whole.
    pub(super) fn files(&self) -> Vec<SettingsFile> {
        let cloud = self.has_files.then(|| SettingsFile::new("settings/cloudstorage.lua", &self.cloud_storage()));
        let progress = SettingsFile::new("settings/kosync.lua", &self.progress_sync());
        [progress].into_iter().chain(cloud).chain([SettingsFile::new(READER_PATH, &self.reader())]).collect()
    }

    /// Returns the address of the account's folder.
    pub(super) fn webdav_address(&self) -> String {
        format!("{}/webdav", self.address)
    }

    /// Returns a ZIP with the files that are copied into KOReader's folder; `readme` says how.
    pub(super) fn zip(&self, installation: Installation, readme: &str, now: DateTime) -> Option<Vec<u8>> {
        let mut files = self.files();
        if installation == Installation::InUse {
            files.truncate(1);
            files.push(SettingsFile { path: PATCH_PATH, text: self.patch() });
        }
        files.push(SettingsFile { path: "kosync-setup.txt", text: readme.to_owned() });
        archive(&files, now).ok()
    }

    /// Settings of the plugin *Progress sync*.
    ///
    /// All of them: it takes its defaults only where it finds no table at all. `kosync_hostname` stays unset: with it, KOReader would not
    /// recognize its own positions, and ask whether to go to them.
    fn progress_sync(&self) -> Value {
        let settings = Table(vec![
            ("auto_sync", Flag(true)),
            ("checksum_method", Number(u32::from(self.method == MatchingMethod::Filename))),
            ("custom_server", Value::text(&self.address)),
            ("send_metadata", Flag(true)),
            // To an older state never, to a newer one after a question: KOReader's defaults.
            ("sync_backward", Number(3)),
            ("sync_forward", Number(1)),
            ("userkey", Value::text(&self.key)),
            ("username", Value::text(&self.username)),
        ]);
        Table(vec![("settings", settings)])
    }

    /// Settings of the plugin *Cloud storage*.
    fn cloud_storage(&self) -> Value {
        Table(vec![("cs_servers", List(vec![self.server()]))])
    }

    /// KOReader's own settings: what the plugins *Reading statistics* and *Export highlights* choose, and that Wi-Fi is turned on.
    fn reader(&self) -> Value {
        let mut settings = Vec::new();
        if self.has_files {
            let json = Table(vec![("enabled", Flag(true)), ("upload", Flag(true)), ("upload_server", self.server())]);
            settings.push(("exporter", Table(vec![("json", json)])));
            settings.push(("statistics", self.statistics()));
        }
        settings.push(("wifi_enable_action", Value::text("turn_on")));
        Table(settings)
    }

    /// All settings of *Reading statistics*, of which only `sync_server` is not its default.
    fn statistics(&self) -> Value {
        Table(vec![
            ("calendar_browse_future_months", Flag(false)),
            ("calendar_nb_book_spans", Number(3)),
            ("calendar_show_histogram", Flag(true)),
            ("calendar_start_day_of_week", Number(2)),
            ("color", Flag(false)),
            ("freeze_finished_books", Flag(false)),
            ("is_enabled", Flag(true)),
            ("max_sec", Number(120)),
            ("min_sec", Number(5)),
            ("sync_server", self.server()),
        ])
    }

    /// Returns the account's folder as a cloud storage, and as a plugin's choice.
    fn server(&self) -> Value {
        Table(vec![
            ("address", Value::Text(self.webdav_address())),
            ("name", Value::text("kosync")),
            ("password", Value::text(&self.password)),
            ("type", Value::text("webdav")),
            // The folder itself.
            ("url", Value::text("")),
            ("username", Value::text(&self.username)),
        ])
    }

    fn patch(&self) -> String {
        let cloud = self.has_files.then(|| ("cloud", self.cloud_storage()));
        let other = [("progress", self.progress_sync()), ("reader", self.reader())];
        let wanted = Table(cloud.into_iter().chain(other).collect());
        format!("-- {PATCH_PATH}\nlocal wanted = {wanted}\n\n{ADD_SETTINGS}")
    }
}

/// Returns an archive of files, stored as they are: they are small, and no answer with a password is compressed.
fn archive(files: &[SettingsFile], now: DateTime) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let part = |part: i8| u8::try_from(part).unwrap_or(0);
    let modified = zip::DateTime::from_date_and_time(
        u16::try_from(now.year()).unwrap_or(0),
        part(now.month()),
        part(now.day()),
        part(now.hour()),
        part(now.minute()),
        part(now.second()),
    );
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o644)
        .last_modified_time(modified.unwrap_or_default());
    for file in files {
        archive.start_file(file.path, options)?;
        archive.write_all(file.text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}
