//! Reads the official server's Redis: `user:NAME:key`, and a hash `user:NAME:document:ID` for each position.

use std::collections::BTreeMap;
use std::time::Duration;

use redis::{Connection, ErrorKind, FromRedisValue, RedisError, RedisResult, cmd};

use super::error::SkippedRecord;
use super::reason::SkipReason;
use super::source::{Source, SourceAccount, SourcePosition};

/// Time limit for each answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Keys that Redis looks at in one `SCAN`. It answers other clients between two of them.
const SCAN_COUNT: u32 = 1000;

/// Why Redis cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("this is not a Redis address, such as redis://127.0.0.1:6379/1")]
    Address,
    #[error("this program connects to Redis without TLS only; use a tunnel and redis://")]
    Tls,
    #[error(
        "database {0} has no accounts (keys `user:NAME:key`); the official server keeps them in database 1: redis://HOST:PORT/1"
    )]
    NoAccounts(i64),
    #[error("{}", describe(.0))]
    Redis(#[from] RedisError),
}

fn describe(error: &RedisError) -> String {
    match error.kind() {
        ErrorKind::Parse => "the server there is not Redis".to_owned(),
        // Its text may have several lines.
        _ => error.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

/// Reads all accounts and positions.
pub(super) fn read(url: &str, mut progress: impl FnMut(u64)) -> Result<Source, ReadError> {
    if url.starts_with("rediss://") {
        return Err(ReadError::Tls);
    }
    let client = redis::Client::open(url).map_err(|_| ReadError::Address)?;
    let database = client.get_connection_info().redis_settings().db();
    let mut connection = client.get_connection_with_timeout(TIMEOUT)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.set_write_timeout(Some(TIMEOUT))?;
    let Keys { accounts: names, documents, mut skipped } = scan_keys(&mut connection)?;
    if names.is_empty() {
        return Err(ReadError::NoAccounts(database));
    }
    let mut accounts = BTreeMap::new();
    for name in names {
        match query::<Option<String>>(&mut connection, cmd("GET").arg(format!("user:{name}:key")))? {
            Ok(key) => {
                let key = key.unwrap_or_default();
                accounts.insert(name.clone(), SourceAccount { name, key, ..SourceAccount::default() });
            }
            Err(reason) => {
                skipped.push(SkippedRecord { record: format!("account {name}").into(), reason: reason.into() })
            }
        }
    }
    for ((name, document), number) in documents.into_iter().zip(1..) {
        let record = format!("account {name}, document {document}");
        if let Some(account) = accounts.get_mut(&name) {
            let command = cmd("HGETALL").arg(format!("user:{name}:document:{document}")).clone();
            let fields = query::<BTreeMap<String, Vec<u8>>>(&mut connection, &command)?;
            match fields.and_then(|fields| position(&document, &fields)) {
                Ok(position) => account.positions.push(position),
                Err(reason) => skipped.push(SkippedRecord { record: record.into(), reason: reason.into() }),
            }
        } else {
            skipped.push(SkippedRecord { record: record.into(), reason: SkipReason::NoAccount });
        }
        progress(number);
    }
    Ok(Source { accounts: accounts.into_values().collect(), skipped, any_case: false })
}

/// What the official server's keys name, each once and in order.
struct Keys {
    accounts: Vec<String>,
    /// The account's name and the document's id.
    documents: Vec<(String, String)>,
    /// Keys below `user:` that the official server does not write.
    skipped: Vec<SkippedRecord>,
}

fn scan_keys(connection: &mut Connection) -> Result<Keys, ReadError> {
    let (mut accounts, mut documents, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut cursor = "0".to_owned();
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(&cursor).arg("MATCH").arg("user:*").arg("COUNT").arg(SCAN_COUNT);
        let (next, keys): (String, Vec<Vec<u8>>) = scan.query(connection)?;
        for key in keys {
            let Ok(key) = String::from_utf8(key) else {
                skipped.push(SkippedRecord { record: "a key".into(), reason: "its name is not UTF-8".into() });
                continue;
            };
            // Neither a name nor an id contains a colon.
            match key.splitn(4, ':').collect::<Vec<_>>()[..] {
                ["user", name, "key"] => accounts.push(name.to_owned()),
                ["user", name, "document", id] => documents.push((name.to_owned(), id.to_owned())),
                _ => {
                    let reason = "the official server has no such key".into();
                    skipped.push(SkippedRecord { record: format!("key {key}").into(), reason });
                }
            }
        }
        if next == "0" {
            break;
        }
        cursor = next;
    }
    // A scan may return a key twice.
    accounts.sort_unstable();
    accounts.dedup();
    documents.sort_unstable();
    documents.dedup();
    skipped.dedup();
    Ok(Keys { accounts, documents, skipped })
}

/// Sends one command. The outer error is one of the connection and ends the import, the inner one is about this value alone.
fn query<T: FromRedisValue>(connection: &mut Connection, command: &redis::Cmd) -> Result<Result<T, String>, ReadError> {
    let answer: RedisResult<T> = command.query(connection);
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(error) if error.is_io_error() || error.is_connection_dropped() || error.is_timeout() => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

fn position(document: &str, fields: &BTreeMap<String, Vec<u8>>) -> Result<SourcePosition, String> {
    // That server stores bytes as they were sent. Those that are not UTF-8 become U+FFFD, as in a push [T9].
    let optional_text = |name: &str| fields.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let text = |name: &str| optional_text(name).unwrap_or_default();
    let number =
        |name: &str| text(name).parse::<f64>().map_err(|_| format!("its {name} is not a number: `{}`", text(name)));
    let timestamp = if fields.contains_key("timestamp") { number("timestamp")? } else { 0.0 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time before 1970 becomes 1970")]
    let timestamp = timestamp as u64;
    Ok(SourcePosition {
        document: document.to_owned(),
        progress: text("progress"),
        percentage: number("percentage")?,
        device: text("device"),
        device_id: optional_text("device_id"),
        timestamp,
    })
}
