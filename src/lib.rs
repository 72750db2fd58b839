//! Reading-progress sync for [KOReader](https://koreader.rocks) and other e-reader programs: the server of the kosync protocol,
//! to run alone or inside another Rust server.
//!
//! It keeps one reading position per book and account, and every other device of the account can continue from there. Positions
//! lie in one LMDB environment: a push is acknowledged only once it is on disk, and the positions before it stay in the book's
//! history.
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
//! - [`Server`] has the routes ([`Server::router`]), the complete service ([`Server::service`]), an entry for other frameworks
//!   ([`Server::handle`], and Tower's `Service`), and a serve loop of its own ([`Server::serve`]).
//! - [`Server::authenticate`] checks passwords of the accounts for pages of your own.
//! - [`Store`] reads and writes the data; [`Server::subscribe`] streams committed changes.
//! - [`Config`] holds the settings of the binary's configuration file. The library itself never reads the environment.
//!
//! # Features
//! All but `time-zones` are on by default. A program that embeds the library usually sets `default-features = false`.
//!
//! | feature | adds |
//! | --- | --- |
//! | `cli` | the binary `kosync` and the module `cli`: command line, log output, systemd; implies `import` |
//! | `import` | the module `import`: exports, and moving in from other servers |
//! | `mqtt` | `Server::publish`: reading progress over MQTT, for Home Assistant's sensors |
//! | `tls` | certificates for [`Server::serve`], HTTPS sources for `import`, TLS to a broker; by rustls |
//! | `time-zones` | the time zone database inside the program, for systems without one; `TZ` defines the days of the dashboard |

#[cfg(not(unix))]
compile_error!("kosync supports Linux, and compiles on macOS and FreeBSD. On Windows, use WSL 2 or Docker.");

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
mod log_throttle;
mod metrics;
mod model;
#[cfg(feature = "mqtt")]
mod mqtt;
mod net;
mod provision;
mod reading;
mod recent_log;
mod request_log;
mod server;
mod state;
pub mod store;
mod text;

pub use salvo;

pub use self::auth::LoginOutcome;
pub use self::builder::Builder;
pub use self::config::{
    AccountConfig, Address, Config, CorsOrigin, InvalidSetting, ListenAddr, LogLevel, LogoutAddress, MqttConfig, PORT,
    Secret, TopicPrefix, TrustedProxy, UserHeader,
};
pub use self::error::{Error, Result};
pub use self::model::{
    ADMIN, DAY_END_MAX, DEFAULT_DAY_END, DEVICE_MAX, DEVICE_NAME_MAX, DEVICE_PASSWORD_NAME_MAX, DEVICE_PASSWORDS_MAX,
    DOCUMENT_MAX, DOCUMENT_NAME_MAX, DeviceKeyHash, DeviceLabel, DeviceName, DevicePasswordName, Document,
    DocumentName, Event, FILE_NAME_MAX, FILE_PATH_MAX, FileInfo, FilePath, GOAL_MAX, IDENTIFIER_MAX, IDENTIFIERS_MAX,
    Identifier, Identifiers, Key, LABEL_MAX, Language, METADATA_MAX, Metadata, PROGRESS_MAX, PositionRule, Preferences,
    Progress, PushEffect, RESTORE_DEVICE, RESTORE_DEVICE_ID, START_OVER_DEVICE, START_OVER_DEVICE_ID, Shelf, ShelfMove,
    StoredKey, USERNAME_MAX, UnknownLanguage, UnknownPositionRule, UnknownShelf, User, UserId, Username,
    ValidationError,
};
pub use self::net::listener::Listener;
pub use self::net::run::STOP_TIMEOUT;
pub use self::server::Server;
pub use self::store::Store;

/// What the fuzz targets call. Not a part of the library's interface.
#[doc(hidden)]
#[cfg(feature = "statistics")]
pub mod fuzzing {
    use jiff::tz::TimeZone;

    use crate::model::{DayRule, Preferences};
    use crate::reading;

    const NOW: u64 = 1 << 31;

    /// Reads bytes as KOReader's statistics.
    pub fn statistics(bytes: &[u8]) {
        let days = DayRule::new(&Preferences::default(), &TimeZone::UTC);
        let _ = reading::read_statistics(bytes, bytes.len() as u64, &days, NOW, &std::sync::Arc::default());
    }

    /// Reads bytes as a file of highlights of this name.
    pub fn highlights(name: &str, bytes: &[u8]) {
        let sources = reading::read_highlights(name, bytes, &TimeZone::UTC, NOW).unwrap_or_default();
        drop(reading::merge_highlights(sources, |_| None));
    }
}
