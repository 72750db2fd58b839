//! What an account has read, put together from the store: for the pages and for the JSON API.
//!
//! Nothing here is kept beside the positions and their history. A push writes what it always wrote, and whoever looks pays for
//! looking, in slices between which others are served.

mod activity;
mod book;
mod calendar;
mod list;
pub(crate) mod scan;

pub(crate) use self::activity::{Activity, Device};
#[cfg(feature = "mqtt")]
pub(crate) use self::book::FINISHED;
pub(crate) use self::book::{Book, Title};
pub(crate) use self::calendar::Day;
pub(crate) use self::list::{BookList, look_up};
