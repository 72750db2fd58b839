//! Verifying the table of aliases: its two kinds of rows agree, and the documents exist.

use heed::types::Bytes;
use heed::{BytesDecode as _, RoTxn, WithoutTls};

use super::alias_key::{AliasKey, AliasRow};
use super::keyspace::DocumentKey;
use super::packed::Packed;
use super::records::{AliasListRecord, AliasRecord};
use super::tables::Tables;
use crate::model::{Document, UserId};

/// Reads all rows, calls `problem` with what is inconsistent, and returns the number of aliases.
///
/// A document is deleted with its aliases, so that each leads to one that exists and lists it.
pub(super) fn verify_aliases(
    txn: &RoTxn<'_, WithoutTls>,
    tables: &Tables,
    mut problem: impl FnMut(String),
) -> heed::Result<u64> {
    let mut count = 0;
    for row in tables.aliases.with_values::<Bytes>().all(txn)? {
        let (AliasKey { user, row }, value) = match row {
            Err(heed::Error::Decoding(error)) => {
                problem(format!("a row of aliases cannot be read: {error}"));
                continue;
            }
            row => row?,
        };
        let found = match row {
            AliasRow::Alias(alias) => {
                count += 1;
                check_alias(txn, tables, user, alias, value).map_err(|problem| format!("alias {alias}: {problem}"))
            }
            AliasRow::ListOf(document) => check_list(txn, tables, user, document, value)
                .map_err(|problem| format!("document {document}: {problem}")),
        };
        if let Err(found) = found {
            problem(format!("account number {}, {found}", user.0));
        }
    }
    Ok(count)
}

fn check_alias(
    txn: &RoTxn<'_, WithoutTls>,
    tables: &Tables,
    user: UserId,
    alias: &str,
    row: &[u8],
) -> Result<(), String> {
    let record =
        Packed::<AliasRecord>::bytes_decode(row).map_err(|error| format!("its row cannot be read: {error}"))?;
    let listed = tables.aliases_of(txn, &DocumentKey::new(user, &record.document)).unwrap_or_default();
    if listed.iter().any(|listed| listed.as_str() == alias) {
        Ok(())
    } else {
        Err(format!("its document {} does not list it", record.document))
    }
}

fn check_list(
    txn: &RoTxn<'_, WithoutTls>,
    tables: &Tables,
    user: UserId,
    document: &str,
    row: &[u8],
) -> Result<(), String> {
    let AliasListRecord { values } =
        Packed::bytes_decode(row).map_err(|error| format!("the list of its aliases cannot be read: {error}"))?;
    let leads_here = |value: &Document| {
        let record = tables.aliases.get(txn, &AliasKey::alias(user, value));
        record.is_ok_and(|record| record.is_some_and(|record| record.document.as_str() == document))
    };
    if !tables.has_document(txn, user, &Document::new(document).map_err(|invalid| invalid.to_string())?).unwrap_or(true)
    {
        return Err("it has aliases but no position".to_owned());
    }
    match values.iter().find(|value| !leads_here(value)) {
        Some(value) => Err(format!("its alias {value} does not lead to it")),
        None => Ok(()),
    }
}
