//! Files that are cut off, damaged or malicious: none of them may panic or take long.

use super::build::{self, COLLECTION, INDEX, RECORDS, address, put, user};
use super::*;

/// Marsaglia's xorshift generator: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below the limit")
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

fn unclean() -> (Vec<u8>, Vec<u8>) {
    (fixture("kosync-unclean-shared/Kosync.db"), fixture("kosync-unclean-shared/Kosync-log.db"))
}

fn page(data: &mut [u8], id: u32) -> &mut [u8] {
    &mut data.as_chunks_mut::<PAGE>().0[usize::try_from(id).expect("an id")]
}

/// Returns the offset of a slot's segment in its page.
fn start(data: &mut [u8], id: u32, slot: usize) -> usize {
    let page = page(data, id);
    let at = PAGE - 4 * (slot + 1) + 2;
    usize::from(u16::from_le_bytes([page[at], page[at + 1]]))
}

#[test]
fn a_file_that_is_cut_off_is_read_completely_or_refused() {
    let small = fixture("kosync-small/Kosync.db");
    let whole = read(&small, None).expect("readable");
    let boundaries = (0..small.len()).step_by(PAGE).flat_map(|end| [end.saturating_sub(1), end, end + 1]);
    for length in (0..200).chain((200..small.len()).step_by(97)).chain(boundaries) {
        if let Ok(source) = read(&small[..length], None) {
            assert_eq!(source, whole, "{length}");
        }
    }
    assert_eq!(read(&small[..3 * PAGE], None), Err(DatabaseFault::MissingPage { page: 3 }));

    let large = fixture("kosync-large/Kosync.db");
    let whole = read(&large, None).expect("readable");
    for length in (0..large.len()).step_by(5 * PAGE + 1234) {
        if let Ok(source) = read(&large[..length], None) {
            assert_eq!(source, whole, "{length}");
        }
    }
}

#[test]
fn a_log_that_is_cut_off_yields_what_was_confirmed() {
    let (data, log) = unclean();
    let stale = read(&data, None).expect("readable");
    for length in (0..log.len()).step_by(97) {
        assert_eq!(read(&data, Some(&log[..length])), Ok(stale.clone()), "{length}");
    }
}

/// Reads with one byte changed, then restores it.
fn with_change(files: &mut [Vec<u8>; 2], file: usize, at: usize, change: u8) -> Result<Source, DatabaseFault> {
    files[file][at] ^= change;
    let result = read(&files[0], Some(&files[1]));
    files[file][at] ^= change;
    result
}

#[test]
fn a_wrong_byte_does_no_harm() {
    let (data, log) = unclean();
    let mut files = [data, log];
    let mut random = Random(0x6b6f_7379_6e63);
    let accounts = read(&files[0], Some(&files[1])).expect("readable").accounts.len();
    let check = |files: &mut [Vec<u8>; 2], file, at, change| {
        if let Ok(source) = with_change(files, file, at, change) {
            assert!(source.accounts.len() <= accounts, "{file} {at} {change}");
        }
    };
    for _ in 0..3000 {
        let file = random.below(2);
        let (at, change) = (random.below(files[file].len()), random.byte().max(1));
        check(&mut files, file, at, change);
    }
    // Bytes that hold the structure: the headers, the first entries of each page, and the slots at its end.
    for file in [0, 1] {
        for start in (0..files[file].len()).step_by(PAGE) {
            for at in (0..100).chain(PAGE - 32..PAGE) {
                check(&mut files, file, start + at, random.byte().max(1));
                check(&mut files, file, start + at, 0xff);
            }
        }
    }
}

#[test]
fn several_wrong_bytes_do_no_harm() {
    let mut random = Random(2);
    for name in ["kosync-small/Kosync.db", "kosync-large/Kosync.db"] {
        let whole = fixture(name);
        for _ in 0..if whole.len() > 100_000 { 10 } else { 500 } {
            let mut data = whole.clone();
            for _ in 0..=random.below(40) {
                // Not in page 0, since the file would be refused at once.
                let at = PAGE + random.below(data.len() - PAGE);
                data[at] = random.byte();
            }
            drop(read(&data, None));
        }
    }
}

#[test]
fn swapped_pages_are_noticed() {
    let small = fixture("kosync-small/Kosync.db");
    let whole = read(&small, None).expect("readable");
    let count = small.len() / PAGE;
    for (a, b) in (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))) {
        let mut data = small.clone();
        data.as_chunks_mut::<PAGE>().0.swap(a, b);
        assert_ne!(read(&data, None), Ok(whole.clone()), "{a} {b}");
        // Now each with the number of its new place.
        for id in [a, b] {
            let id = u32::try_from(id).expect("small");
            put(page(&mut data, id), 0, &id.to_le_bytes());
        }
        assert_ne!(read(&data, None), Ok(whole.clone()), "{a} {b}");
    }
}

#[test]
fn a_circular_index_is_refused() {
    let mut data = build::database(&[user("ann", &[]), user("bob", &[])]);
    assert_eq!(read(&data, None).map(|source| source.accounts.len()), Ok(2));
    for target in [1, 2] {
        let next = start(&mut data, INDEX, 2) + 17;
        put(page(&mut data, INDEX), next, &address(INDEX, target));
        let what = "the `_id` index is circular";
        assert_eq!(read(&data, None), Err(DatabaseFault::Damaged { page: INDEX, what }));
    }
}

#[test]
fn an_index_that_breaks_off_or_doubles_a_record_is_refused() {
    let whole = build::database(&[user("ann", &[]), user("bob", &[])]);
    let with = |slot: usize, field: usize, to: [u8; 5]| {
        let mut data = whole.clone();
        let at = start(&mut data, INDEX, slot) + field;
        put(page(&mut data, INDEX), at, &to);
        read(&data, None).expect_err("damaged").to_string()
    };
    let null = address(u32::MAX, u8::MAX);
    assert!(with(1, 17, null).contains("breaks off"));
    assert!(with(1, 17, address(RECORDS, 0)).contains("another kind"));
    assert!(with(1, 17, address(INDEX, 200)).contains("a slot that it does not have"));
    assert!(with(1, 17, address(9, 0)).contains("the database ends before it"));
    assert!(with(1, 2, null).contains("points to no record"));
    assert!(with(1, 2, address(RECORDS + 1, 0)).contains("the same record"));
}

#[test]
fn a_record_outside_of_the_index_is_reported() {
    let mut data = build::database(&[user("ann", &[]), user("bob", &[])]);
    let next = start(&mut data, INDEX, 0) + 17;
    put(page(&mut data, INDEX), next, &address(INDEX, 2));
    let source = read(&data, None).expect("readable");
    assert_eq!(source.accounts.len(), 1);
    assert_eq!(source.skipped[0].record.to_string(), "the account in page 3, slot 0");
    assert!(source.skipped[0].reason.to_string().contains("does not contain it"));
}

/// Changes the next block of the first of two records. Returns why it was skipped; the second one must be read.
fn with_chain(next: [u8; 5]) -> String {
    let mut data = build::database(&[user("ann", &[]), user("bob", &[])]);
    let at = start(&mut data, RECORDS, 0) + 1;
    put(page(&mut data, RECORDS), at, &next);
    let source = read(&data, None).expect("readable");
    assert_eq!((source.accounts.len(), source.skipped.len()), (1, 1));
    assert_eq!(
        (source.accounts[0].name.as_str(), source.skipped[0].record.to_string()),
        ("bob", "account ann".to_owned())
    );
    source.skipped[0].reason.to_string()
}

#[test]
fn a_record_with_a_damaged_chain_is_skipped() {
    assert!(with_chain(address(RECORDS, 0)).contains("is circular"));
    assert!(with_chain(address(RECORDS + 1, 0)).contains("in another record"));
    assert!(with_chain(address(INDEX, 0)).contains("another kind"));
    assert!(with_chain(address(RECORDS, 7)).contains("a slot that it does not have"));
    assert!(with_chain(address(u32::MAX - 1, 0)).contains("the database ends before it"));
}

#[test]
fn a_circular_record_of_a_real_file_is_skipped() {
    let mut data = fixture("kosync-large/Kosync.db");
    let whole = read(&data, None).expect("readable");
    let last = u32::try_from(data.len() / PAGE).expect("small");
    let null = address(u32::MAX, u8::MAX);
    // A block in the middle of a record, which then points to itself.
    let middle = (1..last).find(|id| {
        let at = start(&mut data, *id, 0);
        let page = page(&mut data, *id);
        page[4] == 4 && page[30] == 0 && at >= 32 && page[at] == 1 && page[at + 1..at + 6] != null
    });
    let middle = middle.expect("a long record");
    let at = start(&mut data, middle, 0) + 1;
    put(page(&mut data, middle), at, &address(middle, 0));
    let source = read(&data, None).expect("readable");
    assert_eq!(source.accounts.len(), whole.accounts.len() - 1);
    assert_eq!(source.skipped.len(), 1);
    assert!(source.skipped[0].record.to_string().starts_with("account "), "{:?}", source.skipped);
    assert!(source.skipped[0].reason.to_string().contains("is circular"), "{:?}", source.skipped);
}

/// Two hundred records share their bytes: reading all of them would take two hundred times the time of the file.
#[test]
fn overlapping_records_are_read_only_as_often_as_the_file_is_large() {
    let long = user("ann", &[build::text("Unknown", &"x".repeat(7000))]);
    let mut data = build::database(&vec![user("ann", &[]); 200]);
    data.truncate(4 * PAGE);
    put(&mut data, 64, &RECORDS.to_le_bytes());
    let null = address(u32::MAX, u8::MAX);
    let records = page(&mut data, RECORDS);
    records[30] = 199;
    put(records, 32, &[&[0][..], &null, &long].concat());
    let length = u16::try_from(long.len() + 6).expect("on the page");
    for slot in 0..200 {
        put(records, PAGE - 4 * (slot + 1), &[length.to_le_bytes(), [32, 0]].concat());
    }
    for slot in 1..=200 {
        let node = start(&mut data, INDEX, slot) + 2;
        put(page(&mut data, INDEX), node, &address(RECORDS, u8::try_from(slot - 1).expect("few")));
    }
    let source = read(&data, None).expect("readable");
    assert_eq!((source.accounts.len(), source.skipped.len()), (9, 191));
    assert!(source.skipped[0].reason.to_string().contains("records overlap"));
}

/// Nested documents and long lists take no time: a value that is not needed is not parsed.
#[test]
fn documents_may_be_nested_to_any_depth() {
    let mut deep = build::document(&[]);
    while deep.len() < 7900 {
        deep = build::document(&[build::element(3, "", &deep)]);
    }
    let source = read(&build::database(&[user("ann", &[build::element(3, "x", &deep)])]), None).expect("readable");
    assert_eq!(source.accounts.len(), 1);

    let nulls = vec![build::element(0x0a, "", &[]); 3500];
    let list = build::element(4, "Documents", &build::document(&nulls));
    let source = read(&build::database(&[user("ann", &[list])]), None).expect("readable");
    assert_eq!(source.skipped.len(), 1001);
    assert_eq!(source.skipped[1000].record.to_string(), "2500 more");
}

#[test]
fn a_log_of_random_bytes_does_no_harm() {
    let (data, _) = unclean();
    let mut random = Random(3);
    for length in [1, 100, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 10 * PAGE] {
        for _ in 0..5 {
            let log = random.bytes(length);
            drop(read(&data, Some(&log)));
            drop(read(&log, Some(&data)));
        }
    }
}

/// Pages with valid headers and random content.
#[test]
fn a_log_of_random_pages_does_no_harm() {
    let (data, _) = unclean();
    let whole = read(&data, None).expect("readable");
    let mut random = Random(4);
    for _ in 0..150 {
        let id = u32::try_from(1 + random.below(5)).expect("small");
        let mut log = random.bytes(PAGE);
        put(&mut log, 0, &id.to_le_bytes());
        log[4] = if id < 5 { data[usize::try_from(id).expect("small") * PAGE + 4] } else { 4 };
        log[18] = 1;
        put(&mut log, 19, &COLLECTION.to_le_bytes());
        // Half of them have as many slots as a page can have.
        log[30] = if random.byte() < 128 { 254 } else { random.byte() };
        if let Ok(source) = read(&data, Some(&log)) {
            assert!(source.accounts.len() <= whole.accounts.len());
        }
    }
}

#[test]
fn random_bytes_do_no_harm() {
    let mut random = Random(5);
    for length in [0, 1, 31, 59, 60, 64, 191, 192, PAGE, 5 * PAGE] {
        let mut data = random.bytes(length);
        drop(read(&data, None));
        if length >= 60 {
            put(&mut data, 32, TITLE);
            data[59] = VERSION;
            drop(read(&data, None));
        }
    }
}
