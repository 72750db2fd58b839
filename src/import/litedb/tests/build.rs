//! Makes databases that are as small as possible.

use super::*;

/// The page of the collection, that of its index, and the first one with records.
pub(super) const COLLECTION: u32 = 1;
pub(super) const INDEX: u32 = 2;
pub(super) const RECORDS: u32 = 3;

pub(super) fn put(page: &mut [u8], at: usize, bytes: &[u8]) {
    page[at..at + bytes.len()].copy_from_slice(bytes);
}

pub(super) fn address(page: u32, slot: u8) -> [u8; 5] {
    let [a, b, c, d] = page.to_le_bytes();
    [a, b, c, d, slot]
}

/// Makes a page with segments.
fn page(id: u32, kind: u8, owner: u32, segments: &[Vec<u8>]) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    put(&mut page, 0, &id.to_le_bytes());
    page[4] = kind;
    put(&mut page, 14, &u32::MAX.to_le_bytes());
    put(&mut page, 19, &owner.to_le_bytes());
    page[30] = u8::try_from(segments.len()).expect("few").wrapping_sub(1);
    let mut start = 32;
    for (slot, segment) in segments.iter().enumerate() {
        let entry = [segment.len(), start].map(|number| u16::try_from(number).expect("on the page").to_le_bytes());
        put(&mut page, PAGE - 4 * (slot + 1), &entry.concat());
        put(&mut page, start, segment);
        start += segment.len();
    }
    page
}

/// Makes an element of a document.
pub(super) fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value].concat()
}

pub(super) fn text(name: &str, text: &str) -> Vec<u8> {
    let length = i32::try_from(text.len() + 1).expect("short");
    element(2, name, &[&length.to_le_bytes()[..], text.as_bytes(), &[0]].concat())
}

pub(super) fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let elements = elements.concat();
    let length = i32::try_from(elements.len() + 5).expect("short");
    [&length.to_le_bytes()[..], &elements, &[0]].concat()
}

/// Makes the field `Documents`.
pub(super) fn documents(documents: &[Vec<u8>]) -> Vec<u8> {
    let numbered = documents.iter().enumerate().map(|(number, document)| element(3, &number.to_string(), document));
    element(4, "Documents", &document(&numbered.collect::<Vec<_>>()))
}

/// Makes a user with further elements after the first three.
pub(super) fn user(name: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let first = [element(0x10, "_id", &[7, 0, 0, 0]), text("Username", name), text("PasswordHash", KEY)];
    document(&[&first, more].concat())
}

pub(super) const KEY: &str = "5f4dcc3b5aa765d61d8327deb882cf99";

/// Makes a database of users. Each record is alone on its page and in one block, so it must be short.
pub(super) fn database(records: &[Vec<u8>]) -> Vec<u8> {
    let count = u8::try_from(records.len()).expect("few");
    let last = u32::from(count) + RECORDS - 1;
    let mut header = page(0, 1, u32::MAX, &[]);
    put(&mut header, 32, TITLE);
    header[59] = VERSION;
    put(&mut header, 64, &last.to_le_bytes());
    put(&mut header, 192, &document(&[element(0x10, USERS, &COLLECTION.to_le_bytes())]));

    let mut collection = page(COLLECTION, 2, COLLECTION, &[]);
    let (head, tail) = (address(INDEX, 0), address(INDEX, count + 1));
    let index = [&[1, 0, 0][..], b"_id\0$._id\0", &[1], &head, &tail, &[1], &u32::MAX.to_le_bytes()].concat();
    put(&mut collection, 96, &index);

    let null = address(u32::MAX, u8::MAX);
    let nodes = (0..=count + 1).map(|number| {
        let is_end = number == 0 || number > count;
        let document = if is_end { null } else { address(RECORDS - 1 + u32::from(number), 0) };
        let next = if number > count { null } else { address(INDEX, number + 1) };
        [&[0, 1][..], &document, &null, &null, &next].concat()
    });
    let index = page(INDEX, 3, COLLECTION, &nodes.collect::<Vec<_>>());

    let records = (RECORDS..).zip(records).map(|(id, record)| {
        let block = [&[0][..], &null, record].concat();
        page(id, 4, COLLECTION, &[block])
    });
    [header, collection, index].into_iter().chain(records).collect::<Vec<_>>().concat()
}
