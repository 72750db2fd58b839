//! The accounts of kosync-dotnet: what is in a document of its collection `users`.

use crate::import::source::{Skips, SourceAccount, SourcePosition};
use crate::model::{Key, Username};

use super::bson::{Document, Value, Wrong};
use super::cursor::Address;

const NAME: &str = "Username";
/// How much of a text that came out of a file is shown to a person.
const SHOWN_MAX: usize = 64;

/// Reads an account. A position that is no good is left out; an account without a name or a key of its own is `Err`,
/// which says why in words.
pub(super) fn account(record: &[u8], skips: &mut Skips) -> Result<SourceAccount, String> {
    let fields = [NAME, "PasswordHash", "IsActive", "IsAdministrator", "Documents"];
    let record = Document::whole(record).map_err(|malformed| format!("the record is damaged: {malformed}"))?;
    let [name, key, active, administrator, documents] =
        record.fields(fields).map_err(|malformed| format!("the record is damaged: {malformed}"))?;
    let name = name.text().map_err(field("name"))?.ok_or("it has no name")?;
    let name = Username::new(name).map_err(|invalid| invalid.to_string())?.as_str().to_owned();
    // The key as the device sent it. Where that was the plain password, its MD5 lets the same device in.
    let key = key.text().map_err(field("key"))?.unwrap_or_default();
    let key = Key::from_wire(key.as_bytes()).map_err(|_| "it has no key, so nobody could log in")?;
    let key = String::from_utf8_lossy(key.as_bytes()).into_owned();
    let active = active.bool().map_err(field("IsActive"))?.unwrap_or(true);
    let administrator = administrator.bool().map_err(field("IsAdministrator"))?.unwrap_or(false);
    let positions = positions(&name, documents, skips);
    Ok(SourceAccount { name, key, active, administrator, positions })
}

fn positions(account: &str, documents: Value<'_>, skips: &mut Skips) -> Vec<SourcePosition> {
    let label = |number: usize| format!("account {}, document {number}", shown(account));
    let documents = match documents.array() {
        Ok(documents) => documents,
        Err(wrong) => {
            skips.add(|| format!("account {}, all documents", shown(account)), format!("the field is {wrong}"));
            return Vec::new();
        }
    };
    let mut positions = Vec::new();
    for (number, document) in (1..).zip(documents) {
        match document {
            Ok((_, Value::Document(document))) => match position(document) {
                Ok(position) => positions.push(position),
                Err(why) => skips.add(|| label(number), why),
            },
            Ok(_) => skips.add(|| label(number), "it is no document"),
            Err(malformed) => {
                skips.add(|| label(number) + " and all behind it", format_args!("the record is damaged: {malformed}"));
            }
        }
    }
    positions
}

/// Reads a position. What is not there is what kosync-dotnet takes it for: an empty text, or zero.
fn position(document: Document<'_>) -> Result<SourcePosition, String> {
    let fields = ["DocumentHash", "Progress", "Percentage", "Device", "DeviceId", "Timestamp"];
    let [document, progress, percentage, device, device_id, timestamp] =
        document.fields(fields).map_err(|malformed| format!("the record is damaged: {malformed}"))?;
    let text = |value: Value<'_>, name| value.text().map_err(field(name)).map(|text| text.map(str::to_owned));
    let position = SourcePosition {
        document: text(document, "id")?.ok_or("it has no id")?,
        progress: text(progress, "progress")?.unwrap_or_default(),
        percentage: percentage.number().map_err(field("percentage"))?.unwrap_or_default(),
        device: text(device, "device")?.unwrap_or_default(),
        device_id: text(device_id, "device id")?,
        timestamp: timestamp.milliseconds().map_err(field("time"))?.map_or(0, seconds),
    };
    position.checked().map_err(|invalid| invalid.to_string())
}

/// Whole seconds, rounded down. A time that was never set is one before the epoch.
fn seconds(milliseconds: i64) -> u64 {
    u64::try_from(milliseconds).map_or(0, |milliseconds| milliseconds / 1000)
}

fn field(name: &'static str) -> impl Fn(Wrong) -> String {
    move |wrong| format!("its {name} is {wrong}")
}

/// What an account that cannot be read is called, by what there is of its record.
pub(super) fn label(record: &[u8], at: Address) -> String {
    let find = |wanted: &str| {
        let mut elements = Document::beginning(record).elements().map_while(Result::ok);
        elements.find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes())).map(|(_, value)| value)
    };
    if let Some(name) = find(NAME).and_then(|name| name.text().ok().flatten()) {
        return format!("account {}", shown(name));
    }
    match find("_id") {
        Some(Value::Int32(id)) => format!("the account with _id {id}"),
        _ => format!("the account in page {}, slot {}", at.page, at.slot),
    }
}

/// A text as it can stand in a line.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_MAX).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if shown.len() < text.len() && text.chars().nth(SHOWN_MAX).is_some() {
        shown.push('…');
    }
    shown
}
