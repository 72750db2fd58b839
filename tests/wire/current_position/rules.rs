//! The rules by their numbers.

use super::*;
