//! Reads kosync-dotnet's accounts, the documents of its collection `users`.

use crate::import::label::{LabelPart, RecordLabel};
use crate::import::reason::SkipReason;
use crate::import::source::{SkipCollector, SourceAccount, SourcePosition};
use crate::model::{Key, Username};

use super::bson::{BsonDocument, BsonValue, TypeMismatch};
use super::cursor::BlockAddress;

const NAME: &str = "Username";
/// Longest text from a file that a message shows, in characters.
const MESSAGE_TEXT_MAX: usize = 64;

/// Reads an account, and skips its invalid positions.
///
/// # Errors
/// Why the account is skipped: its record is damaged, or it has no valid name or no key.
pub(super) fn account(record: &[u8], skipped: &mut SkipCollector) -> Result<SourceAccount, SkipReason> {
    let fields = [NAME, "PasswordHash", "IsActive", "IsAdministrator", "Documents"];
    let record = BsonDocument::whole(record).map_err(damaged)?;
    let [name, key, active, administrator, documents] = record.fields(fields).map_err(damaged)?;
    let name = name.text().map_err(field("name"))?.ok_or_else(|| wrong("it has no name"))?;
    let name = Username::new(name)?.as_str().to_owned();
    // kosync-dotnet stores what the device sent. If that was the password itself, its MD5 is the key.
    let key = key.text().map_err(field("key"))?.unwrap_or_default();
    let key = Key::from_wire(key.as_bytes()).map_err(|_| wrong("it has no key"))?;
    let key = String::from_utf8_lossy(key.as_bytes()).into_owned();
    let active = active.bool().map_err(field("IsActive"))?.unwrap_or(true);
    let administrator = administrator.bool().map_err(field("IsAdministrator"))?.unwrap_or(false);
    let positions = positions(&name, documents, skipped);
    Ok(SourceAccount { name, key, active, administrator, positions })
}

fn positions(account: &str, documents: BsonValue<'_>, skipped: &mut SkipCollector) -> Vec<SourcePosition> {
    let account = RecordLabel::from(LabelPart::Account(printable(account)));
    let label = |number: usize| account.clone().and(LabelPart::DocumentNumber(number));
    let documents = match documents.array() {
        Ok(documents) => documents,
        Err(mismatch) => {
            let reason = wrong(&format!("the field is {mismatch}"));
            skipped.add(|| account.clone().and(LabelPart::AllDocuments), reason);
            return Vec::new();
        }
    };
    let mut positions = Vec::new();
    for (number, document) in (1..).zip(documents) {
        match document {
            Ok((_, BsonValue::Document(document))) => match position(document) {
                Ok(position) => positions.push(position),
                Err(reason) => skipped.add(|| label(number), reason),
            },
            Ok(_) => skipped.add(|| label(number), wrong("it is not a document")),
            Err(malformed) => {
                skipped.add(|| account.clone().and(LabelPart::DocumentsFrom(number)), damaged(malformed));
            }
        }
    }
    positions
}

/// Reads a position. A missing field is an empty text or zero, as in kosync-dotnet.
fn position(document: BsonDocument<'_>) -> Result<SourcePosition, SkipReason> {
    let fields = ["DocumentHash", "Progress", "Percentage", "Device", "DeviceId", "Timestamp"];
    let [document, progress, percentage, device, device_id, timestamp] = document.fields(fields).map_err(damaged)?;
    let text = |value: BsonValue<'_>, name| value.text().map_err(field(name)).map(|text| text.map(str::to_owned));
    let position = SourcePosition {
        document: text(document, "id")?.ok_or_else(|| wrong("it has no id"))?,
        progress: text(progress, "progress")?.unwrap_or_default(),
        percentage: percentage.number().map_err(field("percentage"))?.unwrap_or_default(),
        device: text(device, "device")?.unwrap_or_default(),
        device_id: text(device_id, "device id")?,
        timestamp: timestamp.milliseconds().map_err(field("time"))?.map_or(0, seconds),
    };
    Ok(position.checked()?)
}

/// Rounds down to whole seconds. A time that was never set is before the epoch, and becomes 0.
fn seconds(milliseconds: i64) -> u64 {
    u64::try_from(milliseconds).map_or(0, |milliseconds| milliseconds / 1000)
}

fn field(name: &'static str) -> impl Fn(TypeMismatch) -> SkipReason {
    move |mismatch| wrong(&format!("its {name} is {mismatch}"))
}

/// Says in English what is wrong with a record.
fn wrong(what: &str) -> SkipReason {
    SkipReason::Damaged(what.to_owned())
}

fn damaged(what: impl std::fmt::Display) -> SkipReason {
    wrong(&format!("the record is damaged: {what}"))
}

/// Names an account that cannot be read, by the intact beginning of its record.
pub(super) fn label(record: &[u8], at: BlockAddress) -> RecordLabel {
    let find = |wanted: &str| {
        let mut elements = BsonDocument::beginning(record).elements().map_while(Result::ok);
        elements.find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes())).map(|(_, value)| value)
    };
    if let Some(name) = find(NAME).and_then(|name| name.text().ok().flatten()) {
        return LabelPart::Account(printable(name)).into();
    }
    match find("_id") {
        Some(BsonValue::Int32(id)) => LabelPart::AccountId(id),
        _ => LabelPart::AccountAt { page: at.page, slot: at.slot },
    }
    .into()
}

/// Makes a text fit into one line of a message.
fn printable(text: &str) -> String {
    let mut shown: String =
        text.chars().take(MESSAGE_TEXT_MAX).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if shown.len() < text.len() && text.chars().nth(MESSAGE_TEXT_MAX).is_some() {
        shown.push('…');
    }
    shown
}
