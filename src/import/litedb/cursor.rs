//! Reads little-endian values from a slice, one after the other.

/// A page and one of its slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BlockAddress {
    pub(super) page: u32,
    pub(super) slot: u8,
}

impl BlockAddress {
    pub(super) fn is_null(self) -> bool {
        self.page == u32::MAX
    }
}

/// The bytes that are left to read. Each method reads from the front, or returns `None` if too little is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// Starts at an offset; empty if that is beyond the end.
    pub(super) fn at(bytes: &'a [u8], offset: usize) -> Self {
        Self(bytes.get(offset..).unwrap_or_default())
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// Reads a text and the zero byte that ends it.
    pub(super) fn zero_terminated(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.bytes(end)?;
        self.bytes(1)?;
        Some(text)
    }

    pub(super) fn address(&mut self) -> Option<BlockAddress> {
        Some(BlockAddress { page: self.u32()?, slot: self.u8()? })
    }
}
