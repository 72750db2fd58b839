//! The official server's Redis: `user:NAME:key`, and a hash `user:NAME:document:ID` for each position. It is only read.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::import::source::{Skipped, Source, SourceAccount, SourcePosition};
use anyhow::{Result, anyhow, bail};
use indicatif::ProgressBar;
use redis::{Connection, ErrorKind, FromRedisValue, RedisError, RedisResult, cmd};

/// How long each answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Keys that Redis is asked to look at in one go: it answers others in between.
const SCAN: u32 = 1000;

/// Reads all accounts and positions.
pub(in crate::cli) fn read(url: &str, progress: &ProgressBar) -> Result<Source> {
    read_all(url, progress).map_err(|error| match error.downcast::<RedisError>() {
        Ok(error) if error.kind() == ErrorKind::Parse => anyhow!("Redis: what answers there is none"),
        // Its own words go over several lines.
        Ok(error) => anyhow!("Redis: {}", error.to_string().lines().next().unwrap_or_default()),
        Err(error) => error.context("Redis"),
    })
}

fn read_all(url: &str, progress: &ProgressBar) -> Result<Source> {
    let client = redis::Client::open(url)
        .map_err(|_| anyhow!("the address is not one of Redis, such as redis://127.0.0.1:6379/1"))?;
    let database = client.get_connection_info().redis_settings().db();
    let mut connection = client.get_connection_with_timeout(TIMEOUT)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.set_write_timeout(Some(TIMEOUT))?;
    let (keys, documents, skipped) = names(&mut connection)?;
    let mut source = Source { accounts: Vec::new(), skipped, any_case: false };
    if keys.is_empty() {
        bail!(
            "there is no account in database {database} (keys called user:NAME:key); the official server keeps them in database 1: \
             redis://HOST:PORT/1"
        );
    }
    let mut accounts = BTreeMap::new();
    for name in keys {
        let key: Option<String> = match ask(&mut connection, cmd("GET").arg(format!("user:{name}:key")))? {
            Ok(key) => key,
            Err(why) => {
                source.skipped.push(Skipped { what: format!("account {name}"), why });
                continue;
            }
        };
        let (key, positions) = (key.unwrap_or_default(), Vec::new());
        accounts.insert(name.clone(), SourceAccount { name, key, active: true, administrator: false, positions });
    }
    for (name, document) in documents {
        progress.inc(1);
        let what = format!("account {name}, document {document}");
        let Some(account) = accounts.get_mut(&name) else {
            source.skipped.push(Skipped { what, why: "there is no such account".into() });
            continue;
        };
        let key = format!("user:{name}:document:{document}");
        let fields = ask::<BTreeMap<String, String>>(&mut connection, cmd("HGETALL").arg(key))?;
        match fields.and_then(|fields| position(document, &fields)) {
            Ok(position) => account.positions.push(position),
            Err(why) => source.skipped.push(Skipped { what, why }),
        }
    }
    source.accounts = accounts.into_values().collect();
    Ok(source)
}

type Names = (Vec<String>, Vec<(String, String)>, Vec<Skipped>);

/// The accounts, and the documents with whose they are, each once and in order. Looking again may give a key twice.
fn names(connection: &mut Connection) -> Result<Names> {
    let (mut accounts, mut documents, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut cursor = "0".to_owned();
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(&cursor).arg("MATCH").arg("user:*").arg("COUNT").arg(SCAN);
        let (next, keys): (String, Vec<Vec<u8>>) = scan.query(connection)?;
        for key in keys {
            let Ok(key) = String::from_utf8(key) else {
                skipped.push(Skipped { what: "a key".into(), why: "its name is not UTF-8".into() });
                continue;
            };
            // Neither a name nor an id has a colon.
            match key.splitn(4, ':').collect::<Vec<_>>()[..] {
                ["user", name, "key"] => accounts.push(name.to_owned()),
                ["user", name, "document", id] => documents.push((name.to_owned(), id.to_owned())),
                _ => {
                    skipped.push(Skipped { what: format!("key {key}"), why: "it is not the official server's".into() })
                }
            }
        }
        if next == "0" {
            break;
        }
        cursor = next;
    }
    accounts.sort_unstable();
    accounts.dedup();
    documents.sort_unstable();
    documents.dedup();
    skipped.dedup();
    Ok((accounts, documents, skipped))
}

/// Asks one thing. What is wrong with that one is told; what is wrong with the connection ends it all.
fn ask<T: FromRedisValue>(connection: &mut Connection, command: &redis::Cmd) -> Result<Result<T, String>> {
    let answer: RedisResult<T> = command.query(connection);
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(error) if error.is_io_error() || error.is_connection_dropped() || error.is_timeout() => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

fn position(document: String, fields: &BTreeMap<String, String>) -> Result<SourcePosition, String> {
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let number = |name: &str| text(name).parse::<f64>().map_err(|_| format!("`{}` is no {name}", text(name)));
    let timestamp = if fields.contains_key("timestamp") { number("timestamp")? } else { 0.0 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time before 1970 is 1970")]
    let timestamp = timestamp as u64;
    Ok(SourcePosition {
        document,
        progress: text("progress"),
        percentage: number("percentage")?,
        device: text("device"),
        device_id: fields.get("device_id").cloned(),
        timestamp,
    })
}
