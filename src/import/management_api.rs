//! Reads a server with kosync-dotnet's management API: accounts and positions, but no passwords.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::error::{ImportError, SkippedRecord, redacted};
use super::source::{Source, SourceAccount, SourcePosition};
use crate::client::http::{self, Response};
use crate::model::{Key, START_OVER_DEVICE_ID, Username};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedAccount {
    username: String,
    #[serde(default)]
    is_administrator: bool,
    #[serde(default = "yes")]
    is_active: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedDocument {
    document_hash: Option<String>,
    progress: Option<String>,
    percentage: f64,
    device: Option<String>,
    device_id: Option<String>,
    timestamp: String,
}

/// Sends requests with an administrator's name and key.
struct ApiClient<'a> {
    root: Url,
    name: &'a Username,
    key: &'a Key,
}

/// Reads all accounts and positions.
pub(super) async fn read(
    url: &str,
    name: &Username,
    key: &Key,
    mut progress: impl FnMut(u64),
) -> Result<Source, ImportError> {
    let mut root = Url::parse(url).map_err(|error| ImportError::other(redacted(url), error))?;
    if !matches!(root.scheme(), "http" | "https") {
        return Err(ImportError::other(redacted(url), "the address must begin with http:// or https://"));
    }
    // Error messages show the address; its user name and password are not sent.
    let _ = root.set_username("").and_then(|()| root.set_password(None));
    let client = ApiClient { root, name, key };
    let (mut accounts, mut skipped, mut positions_read) = (Vec::new(), Vec::new(), 0);
    for (number, account) in (1..).zip(client.list("manage/users", &[]).await?) {
        let ListedAccount { username, is_administrator, is_active } = match serde_json::from_value(account) {
            Ok(listed) => listed,
            Err(error) => {
                let record = format!("account {number} of the list");
                skipped.push(SkippedRecord { record: record.into(), reason: error.to_string().into() });
                continue;
            }
        };
        let documents = client.list("manage/users/documents", &[("username", username.as_str())]).await?;
        let mut positions = Vec::new();
        for (number, document) in (1..).zip(documents) {
            match serde_json::from_value(document).map_err(|error| error.to_string()).and_then(position) {
                Ok(position) => positions.extend(Some(position).filter(is_position)),
                Err(reason) => {
                    let record = format!("account {username}, document {number}");
                    skipped.push(SkippedRecord { record: record.into(), reason: reason.into() });
                }
            }
            positions_read += 1;
            progress(positions_read);
        }
        let (active, administrator) = (is_active, is_administrator);
        accounts.push(SourceAccount { name: username, key: String::new(), active, administrator, positions });
    }
    Ok(Source { accounts, skipped, any_case: true })
}

impl ApiClient<'_> {
    async fn list(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>, ImportError> {
        let mut url = self.root.clone();
        url.set_path(&format!("{}/{path}", self.root.path().trim_end_matches('/')));
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let (name, key) = (self.name.as_str(), self.key.reveal());
        let headers = [("x-auth-user", name), ("x-auth-key", key), ("accept", "application/json")];
        let unreadable = |reason: String| ImportError::other(&url, reason);
        let Response { status, body } =
            http::get(&url, &headers).await.map_err(|error| unreadable(error.to_string()))?;
        match status {
            200 => serde_json::from_slice(&body)
                .map_err(|error| unreadable(format!("the response is not a list in JSON: {error}"))),
            401 | 403 => Err(ImportError::Refused { origin: url.to_string(), name: name.to_owned() }),
            404 => Err(unreadable("there is no management API; give the address that KOReader uses".into())),
            status => Err(unreadable(format!("unexpected status {status}"))),
        }
    }
}

/// Returns whether there is a position: a server of this program lists documents that were started over, too.
fn is_position(listed: &SourcePosition) -> bool {
    listed.device_id.as_deref() != Some(START_OVER_DEVICE_ID)
}

fn position(listed: ListedDocument) -> Result<SourcePosition, String> {
    let ListedDocument { document_hash, progress, percentage, device, device_id, timestamp } = listed;
    let time: Timestamp = timestamp.parse().map_err(|_| format!("`{timestamp}` is not a time"))?;
    Ok(SourcePosition {
        document: document_hash.ok_or("it has no id")?,
        progress: progress.unwrap_or_default(),
        percentage,
        device: device.unwrap_or_default(),
        device_id,
        timestamp: u64::try_from(time.as_second()).unwrap_or(0),
    })
}
