//! A collection: where its documents are, and the bytes of each.
//!
//! The `_id` index contains all documents in the order of their ids. It is a skip list, of which the lowest level is walked from
//! its head to its tail. A document is a chain of blocks, split at arbitrary bytes.

use std::collections::HashSet;

use super::DatabaseFault;
use super::bson::{BsonDocument, BsonValue};
use super::cursor::{BlockAddress, Cursor};
use super::pages::{Page, PageKind, Pages};

/// Offset of the names of the collections in page 0.
const NAMES: usize = 192;
/// Offset of the indexes in a collection's page: their number, then each of them.
const INDEXES: usize = 96;
/// The index that contains all documents.
const ID_INDEX: &[u8] = b"_id";
/// Longest document that LiteDB writes, in bytes.
const DOCUMENT_MAX: usize = 2047 * 8150;

/// A collection's page and its `_id` index.
#[derive(Debug)]
pub(super) struct Collection<'a> {
    pages: &'a Pages<'a>,
    id: u32,
    index: u8,
    head: BlockAddress,
    tail: BlockAddress,
    /// Bytes of blocks that may still be read. No byte belongs to two documents, so a file that needs more is an attack.
    budget: usize,
}

/// A document that cannot be read to its end.
#[derive(Debug)]
pub(super) struct DamagedRecord {
    pub(super) error: DatabaseFault,
    /// The bytes before the damage.
    pub(super) beginning: Vec<u8>,
}

/// An entry of the `_id` index.
struct Node {
    document: BlockAddress,
    next: BlockAddress,
}

impl<'a> Collection<'a> {
    /// Finds a collection by its name.
    pub(super) fn open(pages: &'a Pages<'a>, name: &str) -> Result<Self, DatabaseFault> {
        let Some(id) = page_of(pages, name)? else { return Err(DatabaseFault::NoUsers) };
        let page = pages.page(id, PageKind::Collection, id)?;
        let mut cursor = Cursor::at(page.bytes, INDEXES);
        let damaged = || page.damaged("it has no `_id` index");
        for _ in 0..cursor.u8().ok_or_else(damaged)? {
            let (index, name, head, tail) = index(&mut cursor).ok_or_else(damaged)?;
            if name == ID_INDEX {
                return Ok(Self { pages, id, index, head, tail, budget: pages.size().saturating_mul(2) });
            }
        }
        Err(damaged())
    }

    /// Returns where each document begins, in the order of the ids.
    ///
    /// # Errors
    /// [`DatabaseFault::Damaged`] or [`DatabaseFault::MissingPage`] for any damage in the index: the number of documents is unknown
    /// then.
    pub(super) fn documents(&self) -> Result<Vec<BlockAddress>, DatabaseFault> {
        let mut documents = Vec::new();
        let (mut nodes, mut targets) = (HashSet::new(), HashSet::new());
        let mut page = self.head.page;
        let mut at = self.node(self.head)?.next;
        while at != self.tail {
            let damaged = |what| DatabaseFault::Damaged { page, what };
            if at.is_null() {
                return Err(damaged("the `_id` index breaks off"));
            }
            if !nodes.insert(at) {
                return Err(damaged("the `_id` index is circular"));
            }
            let node = self.node(at)?;
            if node.document.is_null() {
                return Err(damaged("an index entry points to no record"));
            }
            if !targets.insert(node.document) {
                return Err(damaged("two index entries point to the same record"));
            }
            documents.push(node.document);
            (page, at) = (at.page, node.next);
        }
        Ok(documents)
    }

    fn node(&self, at: BlockAddress) -> Result<Node, DatabaseFault> {
        let page = self.pages.page(at.page, PageKind::Index, self.id)?;
        let (index, node) = node(page.slot(at.slot)?).ok_or_else(|| page.damaged("an index entry is cut off"))?;
        if index != self.index {
            return Err(page.damaged("the `_id` index points to an entry of another index"));
        }
        Ok(node)
    }

    /// Reads the document that begins at an address.
    pub(super) fn document(&mut self, at: BlockAddress) -> Result<Vec<u8>, DamagedRecord> {
        let mut bytes = Vec::new();
        match self.read_chain(at, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(DamagedRecord { error, beginning: bytes }),
        }
    }

    fn read_chain(&mut self, start: BlockAddress, document: &mut Vec<u8>) -> Result<(), DatabaseFault> {
        let mut blocks = HashSet::new();
        let mut at = start;
        while !at.is_null() {
            let page = self.pages.page(at.page, PageKind::Data, self.id)?;
            if !blocks.insert(at) {
                return Err(page.damaged("a record's chain of blocks is circular"));
            }
            let segment = page.slot(at.slot)?;
            self.budget = self.budget.checked_sub(segment.len()).ok_or(page.damaged("records overlap"))?;
            let (is_first, next, bytes) = block(segment).ok_or(page.damaged("a block is cut off"))?;
            if is_first != (at == start) {
                return Err(page.damaged("a record continues in another record"));
            }
            if document.len() + bytes.len() > DOCUMENT_MAX {
                return Err(page.damaged("a record is longer than LiteDB allows"));
            }
            document.extend_from_slice(bytes);
            at = next;
        }
        Ok(())
    }

    /// Returns where documents begin according to the data pages: the same as in the index, unless it is damaged.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = BlockAddress> {
        self.pages.all(PageKind::Data, self.id).flat_map(|page| {
            page.slots()
                .filter(move |slot| begins_document(page, *slot))
                .map(move |slot| BlockAddress { page: page.id, slot })
        })
    }
}

fn begins_document(page: Page<'_>, slot: u8) -> bool {
    page.slot(slot).ok().and_then(block).is_some_and(|(is_first, ..)| is_first)
}

/// Finds the page of a collection. Like LiteDB, ignores the case of its name.
fn page_of(pages: &Pages<'_>, name: &str) -> Result<Option<u32>, DatabaseFault> {
    let damaged = |what| DatabaseFault::Damaged { page: 0, what };
    let mut names = Cursor::at(pages.header(), NAMES);
    // No collection was ever created: LiteDB has not even written an empty document.
    if Cursor::at(pages.header(), NAMES).u32() == Some(0) {
        return Ok(None);
    }
    let [page] = BsonDocument::take(&mut names).and_then(|names| names.fields([name])).map_err(damaged)?;
    match page {
        BsonValue::Null => Ok(None),
        BsonValue::Int32(page) => {
            u32::try_from(page).map(Some).map_err(|_| damaged("a collection has an invalid page"))
        }
        _ => Err(damaged("a collection has no page")),
    }
}

/// Reads an index in a collection's page: its number, its name, its head and its tail.
fn index<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, &'a [u8], BlockAddress, BlockAddress)> {
    let (number, _kind) = (cursor.u8()?, cursor.u8()?);
    let (name, _expression) = (cursor.zero_terminated()?, cursor.zero_terminated()?);
    let _unique = cursor.u8()?;
    let (head, tail) = (cursor.address()?, cursor.address()?);
    let (_highest_level, _free_pages) = (cursor.u8()?, cursor.u32()?);
    Some((number, name, head, tail))
}

/// Reads an entry of an index, and the number of that index.
fn node(segment: &[u8]) -> Option<(u8, Node)> {
    let mut cursor = Cursor(segment);
    let (index, _levels) = (cursor.u8()?, cursor.u8()?);
    let (document, _in_next_index) = (cursor.address()?, cursor.address()?);
    // Those of the lowest level, which comes first.
    let (_previous, next) = (cursor.address()?, cursor.address()?);
    Some((index, Node { document, next }))
}

/// Reads a block of a document: whether it is the first one, where the next one is, and its bytes.
fn block(segment: &[u8]) -> Option<(bool, BlockAddress, &[u8])> {
    let mut cursor = Cursor(segment);
    let is_first = cursor.u8()? == 0;
    let next = cursor.address()?;
    Some((is_first, next, cursor.0))
}
