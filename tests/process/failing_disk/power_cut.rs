//! A power cut at any moment.
//!
//! The process's writes and syncs are recorded. From the record come the files that a power cut may leave: everything that was synced,
//! and of the other writes any part, in any order, torn midway.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::library;
use crate::common::{KEY, position};
use crate::kosync::{OLD_DOCUMENT, Process, command, old_data_dir, output};

const CUTS: usize = 60;
/// Smallest unit that a disk writes at once.
const SECTOR: usize = 512;

pub enum Entry {
    Write { at: usize, data: Vec<u8>, is_durable: bool },
    Sync,
}

/// Parses the record: each entry, with the length of the record up to its end.
pub fn entries(record: &[u8]) -> Vec<(usize, Entry)> {
    let (mut entries, mut offset) = (Vec::new(), 0);
    while offset < record.len() {
        let at = u64::from_le_bytes(record[offset + 1..offset + 9].try_into().unwrap());
        let length = u32::from_le_bytes(record[offset + 9..offset + 13].try_into().unwrap()) as usize;
        let data = record[offset + 13..offset + 13 + length].to_vec();
        let entry = match record[offset] {
            3 => Entry::Sync,
            kind => Entry::Write { at: usize::try_from(at).unwrap(), data, is_durable: kind == 2 },
        };
        offset += 13 + length;
        entries.push((offset, entry));
    }
    entries
}

fn apply(image: &mut Vec<u8>, at: usize, data: &[u8]) {
    if image.len() < at + data.len() {
        image.resize(at + data.len(), 0);
    }
    image[at..at + data.len()].copy_from_slice(data);
}

/// Returns a pseudorandom number below a limit. The sequence is the same in each run.
pub fn random(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % below as u64).unwrap()
}

/// Returns what a file may contain after a power cut behind the first `cut` entries. At first, it held `before`.
pub fn after_cut(before: &[u8], entries: &[(usize, Entry)], cut: usize, state: &mut u64) -> Vec<u8> {
    let (mut durable, mut pending) = (before.to_vec(), Vec::new());
    for (_, entry) in &entries[..cut] {
        match entry {
            Entry::Write { at, data, is_durable: true } => apply(&mut durable, *at, data),
            Entry::Write { at, data, is_durable: false } => pending.push((*at, data)),
            Entry::Sync => pending.drain(..).for_each(|(at, data)| apply(&mut durable, at, data)),
        }
    }
    while !pending.is_empty() {
        let (at, data) = pending.swap_remove(random(state, pending.len()));
        let sectors = data.len().div_ceil(SECTOR);
        // Nothing of it, all of it, or a part.
        let end = match random(state, 3) {
            0 => 0,
            1 => data.len(),
            _ => data.len().min(random(state, sectors + 1) * SECTOR),
        };
        apply(&mut durable, at, &data[..end]);
    }
    durable
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    assert_that_a_power_cut_loses_nothing(tempfile::tempdir().unwrap(), "book 0");
}

#[test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "the data files are of 64-bit programs")]
fn a_power_cut_loses_nothing_of_data_of_format_1() {
    let dir = tempfile::tempdir().unwrap();
    old_data_dir(&dir.path().join("data"));
    assert_that_a_power_cut_loses_nothing(dir, OLD_DOCUMENT);
}

/// Pushes to several documents, of which one may be in the data directory already.
fn assert_that_a_power_cut_loses_nothing(dir: tempfile::TempDir, first_document: &str) {
    let document = |number: u32| match number {
        0 => first_document.to_owned(),
        number => format!("book {number}"),
    };
    let before = fs::read(dir.path().join("data/data.mdb")).unwrap_or_default();
    let record = dir.path().join("record");
    let mut serve = command();
    serve.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path().join("data"));
    serve.env("LD_PRELOAD", library(dir.path(), "recorder")).env("RECORD", &record);
    let process = Process::spawn(serve);
    let client = process.client;
    let length = || usize::try_from(fs::metadata(&record).unwrap().len()).unwrap();
    if before.is_empty() {
        client.registered("ada", KEY);
    }
    let start = length();
    // Each acknowledged push, with the length of the record at that moment.
    let mut acknowledged: Vec<(usize, u32, u32)> = Vec::new();
    for number in 0..200_u32 {
        let book = number * 7 % 23;
        client.pushed("ada", KEY, &position(&document(book), &number.to_string(), 0.5));
        acknowledged.push((length(), book, number));
        if number % 50 == 49 {
            client.registered(&format!("passing {number}"), KEY);
            client.push(&format!("passing {number}"), KEY, &position("book", "p", 0.5));
            assert_eq!(client.send_as(&format!("passing {number}"), KEY, "DELETE", "/users/me", None).status, 200);
        }
    }
    process.kill();

    let record = fs::read(&record).unwrap();
    let entries = entries(&record);
    assert!(entries.iter().filter(|(_, entry)| matches!(entry, Entry::Sync)).count() > 200, "every push is synced");
    let first = entries.iter().position(|(length, _)| *length >= start).unwrap();
    let mut state = 88_172_645_463_325_252;
    for _ in 0..CUTS {
        let cut = first + 1 + random(&mut state, entries.len() - first);
        let written = entries[cut - 1].0;
        let mut expected: BTreeMap<String, u32> = BTreeMap::new();
        for (length, book, number) in &acknowledged {
            if *length <= written {
                expected.insert(document(*book), *number);
            }
        }
        let left = dir.path().join("left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("data.mdb"), after_cut(&before, &entries, cut, &mut state)).unwrap();
        let data = left.to_str().unwrap();
        let checked = output(&["check", "--data-dir", data], &[]);
        assert!(checked.status.success(), "cut {cut}: {checked:?}");
        let exported = output(&["export", "-", "--data-dir", data], &[]);
        assert!(exported.status.success(), "cut {cut}: {exported:?}");
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        for line in String::from_utf8(exported.stdout).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if line["document"]["account"] == "ada" {
                let newest = line["document"]["history"].as_array().unwrap().last().unwrap();
                // What the data file of format 1 has is no number.
                let number = newest["progress"].as_str().unwrap().parse().unwrap_or(0);
                found.insert(line["document"]["document"].as_str().unwrap().to_owned(), number);
            }
        }
        for (document, number) in &expected {
            // A later push, written but not acknowledged yet, may be there.
            assert!(
                found.get(document).is_some_and(|found| found >= number),
                "cut {cut}: {document} is at {:?}, acknowledged was {number}",
                found.get(document)
            );
        }
        fs::remove_dir_all(&left).unwrap();
    }
}
