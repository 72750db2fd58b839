//! Reading-progress sync for [KOReader](https://koreader.rocks) and other e-reader programs: the server of the kosync protocol,
//! to run alone or inside another Rust server.
//!
//! Each reader keeps one position per book here, and every other device of the same account offers to go there. Positions
//! lie in one LMDB environment: a push is answered when it is on disk, and what it overwrote stays in the book's history.
//!
//! ```no_run
//! use kosync::salvo::{self, prelude::*};
//!
//! #[handler]
//! async fn hello() -> &'static str {
//!     "my own page"
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let kosync = kosync::Server::builder().data_dir("/var/lib/books").registration(false).build()?;
//!
//!     // KOReader's address of the sync server is then http://this-machine:8080/kosync
//!     let app = Router::new().get(hello).push(Router::with_path("kosync").push(kosync.router()));
//!     let acceptor = TcpListener::new("[::]:8080").try_bind().await?;
//!     salvo::Server::new(acceptor).try_serve(app).await?;
//!     Ok(())
//! }
//! ```
//!
//! - [`Server`] has the routes ([`Server::router`]), the whole service ([`Server::service`]), an entry for other frameworks
//!   ([`Server::handle`]) and a server of its own ([`Server::serve`]).
//! - [`Store`] reads what is stored, and writes it; [`Server::subscribe`] tells what was committed.
//! - [`Config`] is what the binary reads from its file; nothing in the library reads the environment.
//!
//! # Features
//! - `cli` (on by default): the binary `kosync`, with its command line, log output and systemd support. A program that embeds
//!   the library turns it off with `default-features = false`.
//! - `tls` (on by default): certificates for [`Server::serve`], by rustls.
//! - `time-zones`: the time zones of the world, in the program, for systems that have none. The dashboard's days are those of `TZ`.

mod auth;
mod builder;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(any(feature = "import", all(feature = "mqtt", feature = "tls")))]
mod client;
mod config;
mod error;
mod http;
#[cfg(feature = "import")]
pub mod import;
mod library;
mod metrics;
mod model;
#[cfg(feature = "mqtt")]
mod mqtt;
mod net;
mod server;
mod state;
pub mod store;

pub use salvo;

pub use self::builder::Builder;
pub use self::config::{
    AccountConfig, Address, Config, CorsOrigin, ListenAddr, LogLevel, MqttConfig, PORT, Secret, TopicPrefix,
};
pub use self::error::{Error, Result};
pub use self::http::client_ip::TrustedProxy;
pub use self::model::{
    ADMIN, DEVICE_MAX, DOCUMENT_MAX, Document, DocumentName, Event, Invalid, Key, METADATA_MAX, Metadata, NAME_MAX,
    PROGRESS_MAX, PUT_BACK_DEVICE, PUT_BACK_DEVICE_ID, Progress, StoredKey, USERNAME_MAX, User, UserId, Username,
};
pub use self::net::listener::Listener;
pub use self::server::{STOP_TIMEOUT, Server};
pub use self::store::Store;
