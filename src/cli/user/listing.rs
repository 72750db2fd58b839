//! Accounts and documents as rows of a table and as JSON.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::User;
use crate::cli::output::printable;
use crate::store::{DevicePasswordEntry, DocumentEntry};

pub(super) fn user_json(user: &User) -> Value {
    json!({
        "name": user.name, "active": user.active, "administrator": user.administrator, "documents": user.documents,
        "created": user.created,
    })
}

/// Makes the rows of a table, the first with the names of the columns.
pub(super) fn user_rows(users: &[User]) -> Vec<Vec<String>> {
    let mut rows = vec![["NAME", "STATE", "DOCUMENTS", "CREATED"].map(str::to_owned).to_vec()];
    rows.extend(users.iter().map(|user| {
        let state = match (user.active, user.administrator) {
            (false, _) => "disabled",
            (true, true) => "administrator",
            (true, false) => "enabled",
        };
        vec![printable(user.name.as_str()), state.to_owned(), user.documents.to_string(), date(user.created)]
    }));
    rows
}

pub(super) fn document_json(entry: &DocumentEntry) -> Value {
    let mut row = json!({ "document": entry.document, "name": entry.name });
    for part in [serde_json::to_value(&entry.progress), serde_json::to_value(&entry.metadata)] {
        if let (Value::Object(row), Ok(Value::Object(part))) = (&mut row, part) {
            row.extend(part);
        }
    }
    row
}

/// Makes the rows of a table, the first with the names of the columns.
pub(super) fn document_rows(documents: &[DocumentEntry]) -> Vec<Vec<String>> {
    let mut rows = vec![["DOCUMENT", "PROGRESS", "DEVICE", "LAST READ", "TITLE"].map(str::to_owned).to_vec()];
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

pub(super) fn device_password_json(entry: &DevicePasswordEntry) -> Value {
    json!({
        "id": entry.id, "name": entry.name, "created": entry.created,
        "last_used": entry.last_used.map(|day| day.to_string()), "network": entry.network.map(|network| network.to_string()),
    })
}

/// Makes the rows of a table, the first with the names of the columns.
pub(super) fn device_password_rows(entries: &[DevicePasswordEntry]) -> Vec<Vec<String>> {
    let mut rows = vec![["NUMBER", "LAST USED", "NETWORK", "CREATED", "NAME"].map(str::to_owned).to_vec()];
    rows.extend(entries.iter().map(|entry| {
        vec![
            entry.id.to_string(),
            entry.last_used.map_or("never".into(), |day| day.to_string()),
            entry.network.map_or("-".into(), |network| network.to_string()),
            date(entry.created),
            printable(&entry.name),
        ]
    }));
    rows
}

fn date(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or("?".into(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
