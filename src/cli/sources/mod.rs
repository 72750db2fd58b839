//! Servers that are asked for what they have, over the network.

pub(super) mod manage;
pub(super) mod redis;
