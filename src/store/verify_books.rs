//! Verifying joined books: whether they and their documents know each other.

use heed::{RoTxn, WithoutTls};

use super::books::MAX_MEMBERS;
use super::keyspace::DocumentKey;
use super::tables::{Tables, book_key};
use crate::model::{Document, UserId};

/// Passes what is wrong with joined books to `problem`. Accounts that are `ignored` are being removed.
pub(super) fn verify_books(
    txn: &RoTxn<'_, WithoutTls>,
    tables: &Tables,
    ignored: impl Fn(UserId) -> bool,
    mut problem: impl FnMut(String),
) -> heed::Result<()> {
    for row in tables.books.all(txn)? {
        let (key, book) = match row {
            Err(heed::Error::Decoding(error)) => {
                problem(format!("a row of joined books cannot be read: {error}"));
                continue;
            }
            row => row?,
        };
        #[allow(clippy::cast_possible_truncation, reason = "the halves of a key")]
        let (user, number) = (UserId((key >> 32) as u32), key as u32);
        if ignored(user) {
            continue;
        }
        let name = format!("account number {}, joined book {number}", user.0);
        if !(2..=MAX_MEMBERS).contains(&book.members.len()) {
            problem(format!("{name}: it has {} documents", book.members.len()));
        }
        if book.members.get(usize::from(book.writer)).is_none_or(|writer| writer.is_awaited) {
            problem(format!("{name}: its current position belongs to no document of it"));
        }
        for member in &book.members {
            let key = DocumentKey::new(user, &member.document);
            let record = tables.progress.get(txn, &key);
            let found = match record {
                // `documents` has reported what cannot be read.
                Err(heed::Error::Decoding(_)) => continue,
                record => record?.map(|record| record.book),
            };
            let is_right = match found {
                Some(found) => !member.is_awaited && found == Some(number),
                None => member.is_awaited && tables.awaited.get(txn, &key)? == Some(number),
            };
            if !is_right {
                problem(format!("{name}: its document {} does not belong to it", member.document));
            }
        }
    }
    let mut references = Vec::new();
    for row in tables.progress.all(txn)? {
        // `documents` has reported what cannot be read.
        if let Ok((key, record)) = row
            && let Some(book) = record.book
        {
            references.push((key.user, key.document.to_owned(), book));
        }
    }
    for row in tables.awaited.all(txn)? {
        let (key, book) = row?;
        references.push((key.user, key.document.to_owned(), book));
    }
    for (user, document, number) in references.into_iter().filter(|(user, ..)| !ignored(*user)) {
        let book = tables.books.get(txn, &book_key(user, number)).unwrap_or_default();
        let has_it = Document::new(&document).is_ok() && book.is_some_and(|book| book.index_of(&document).is_some());
        if !has_it {
            problem(format!(
                "account number {}, document {document}: its joined book {number} does not have it",
                user.0
            ));
        }
    }
    Ok(())
}
