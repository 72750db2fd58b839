//! A server with kosync-dotnet's management API, ours among them: accounts and positions, but nobody's password.

use crate::Key;
use crate::import::source::{Skipped, Source, SourceAccount, SourcePosition};
use anyhow::{Context, Result, anyhow, bail};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::cli::http;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
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

/// Whoever may ask.
struct Administrator<'a> {
    root: &'a Url,
    name: &'a str,
    key: &'a Key,
}

/// Reads all accounts and positions, as an administrator of that server.
pub(in crate::cli) async fn read(root: &Url, name: &str, key: &Key, progress: &ProgressBar) -> Result<Source> {
    let administrator = Administrator { root, name, key };
    let accounts: Vec<Value> = administrator.list("manage/users", &[]).await?;
    let mut source = Source { any_case: true, ..Source::default() };
    for (number, account) in accounts.into_iter().enumerate() {
        let Listed { username, is_administrator, is_active } = match serde_json::from_value(account) {
            Ok(listed) => listed,
            Err(error) => {
                let (what, why) = (format!("account {} of the list", number + 1), error.to_string());
                source.skipped.push(Skipped { what, why });
                continue;
            }
        };
        let query = [("username", username.as_str())];
        let documents: Vec<Value> = administrator.list("manage/users/documents", &query).await?;
        let mut positions = Vec::new();
        for (number, document) in documents.into_iter().enumerate() {
            progress.inc(1);
            match serde_json::from_value(document).map_err(|error| error.to_string()).and_then(position) {
                Ok(position) => positions.push(position),
                Err(why) => {
                    source.skipped.push(Skipped { what: format!("account {username}, document {}", number + 1), why });
                }
            }
        }
        let (active, administrator) = (is_active, is_administrator);
        source.accounts.push(SourceAccount { name: username, key: String::new(), active, administrator, positions });
    }
    Ok(source)
}

impl Administrator<'_> {
    async fn list(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>> {
        let mut url = self.root.clone();
        // What is told of it has no password in it.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.set_path(&format!("{}/{path}", self.root.path().trim_end_matches('/')));
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let headers = [("x-auth-user", self.name), ("x-auth-key", self.key.reveal()), ("accept", "application/json")];
        let (status, body) = http::get(&url, &headers).await.with_context(|| url.to_string())?;
        match status {
            200 => serde_json::from_slice(&body).with_context(|| format!("{url}: its answer is no list")),
            401 | 403 => bail!("{url}: it lets `{}` in neither with that password nor as an administrator", self.name),
            404 => bail!("{url}: there is no management API; is this the address that KOReader has?"),
            status => Err(anyhow!("{url}: it answered {status}")),
        }
    }
}

fn position(listed: ListedDocument) -> Result<SourcePosition, String> {
    let ListedDocument { document_hash, progress, percentage, device, device_id, timestamp } = listed;
    let time: Timestamp = timestamp.parse().map_err(|_| format!("`{timestamp}` is no time"))?;
    Ok(SourcePosition {
        document: document_hash.ok_or("it has no id")?,
        progress: progress.unwrap_or_default(),
        percentage,
        device: device.unwrap_or_default(),
        device_id,
        timestamp: u64::try_from(time.as_second()).unwrap_or(0),
    })
}
