//! The table of all settings. Flags, `--help`, environment variables and the table of docs/configuration.md are made from it, and
//! tests hold the keys of the configuration file to it.

use super::first::{CONFIG, DATA_DIR, HOME_ASSISTANT};
use super::headings::{ACCOUNTS, HOME, LIMITS, LOG, NETWORK, TLS, WEB};
use super::setting::{DefaultValue, Kind, Meaning, NONE, OtherVariable, Setting};
use super::values::{boolean, list, number, parse, set};
use crate::Secret;
use crate::config::bounds::{ACCOUNT_BYTES, STORE_BYTES, at_least_one, within};

const DOTNET: &str = "kosync-dotnet's";

pub(super) const ADMIN_PASSWORD_FILE: &str = "admin_password_file";
pub(super) const ADMIN_PASSWORD: &str = "admin_password";

/// All settings, in the order of `--help` and of the documentation.
pub(super) const SETTINGS: &[Setting] = &[
    CONFIG,
    HOME_ASSISTANT,
    DATA_DIR,
    Setting {
        key: Some("listen"),
        heading: NETWORK,
        flag: Some("listen"),
        variable: Some("KOSYNC_LISTEN"),
        value_name: "ADDRESS",
        default: DefaultValue::Value("[::]:7200"),
        help: "Addresses to listen on: `ADDRESS:PORT`, `unix:/PATH` or `unix:/PATH?mode=660`, comma-separated or repeated; `[::]` \
               accepts IPv4 and IPv6",
        kind: Kind::List(|config, text| {
            config.listen = list(text)?;
            if config.listen.is_empty() { Err(format!("`{text}` has no address")) } else { Ok(()) }
        }),
        ..NONE
    },
    Setting {
        key: Some("registration"),
        heading: ACCOUNTS,
        flag: Some("registration"),
        variable: Some("KOSYNC_REGISTRATION"),
        others: &[
            OtherVariable::new("ENABLE_USER_REGISTRATION", "the official image's", Meaning::OnlyTrueOr1),
            OtherVariable::new("REGISTRATION_DISABLED", DOTNET, Meaning::Opposite),
            OtherVariable::new("DISABLE_USER_REGISTRATION", "nperez0111/koreader-sync's", Meaning::Opposite),
            OtherVariable::new("OPEN_REGISTRATIONS", "b1n4ryj4n/koreader-sync's", Meaning::Same),
        ],
        value_name: "BOOL",
        default: DefaultValue::Value("true"),
        help: "Whether devices may create accounts: `true` or `false`. Where every start finds it, in the configuration file or the \
               environment, it lasts; as a flag, only until a start without it. The switch on the dashboard lasts until this value \
               changes",
        kind: Kind::Single(|config, text| set(&mut config.registration, boolean(text))),
    },
    Setting {
        key: Some(ADMIN_PASSWORD_FILE),
        heading: ACCOUNTS,
        flag: Some("admin-password-file"),
        variable: Some("KOSYNC_ADMIN_PASSWORD_FILE"),
        value_name: "FILE",
        default: DefaultValue::Described("a random password, logged once at the first start"),
        help: "File whose first line is the password of the account `admin`; `ADMIN_PASSWORD` can contain the password itself",
        kind: Kind::Single(|config, text| {
            config.admin_password_file = Some(text.into());
            config.admin_password = None;
            Ok(())
        }),
        ..NONE
    },
    Setting {
        key: Some(ADMIN_PASSWORD),
        heading: ACCOUNTS,
        others: &[OtherVariable::new("ADMIN_PASSWORD", DOTNET, Meaning::Same)],
        default: DefaultValue::Described("see `admin_password_file`"),
        help: "Password of the account `admin`; `admin_password_file` keeps it out of the settings",
        kind: Kind::Single(|config, text| {
            config.admin_password_file = None;
            config.admin_password = Some(Secret::from(text.to_owned()));
            Ok(())
        }),
        ..NONE
    },
    Setting {
        key: Some("accounts"),
        heading: ACCOUNTS,
        help: "List of `{\"name\", \"password_file\"}`: accounts to create at startup; the password is set to the first line of the \
               file",
        ..NONE
    },
    Setting {
        key: Some("tls_certificate"),
        heading: TLS,
        flag: Some("tls-certificate"),
        variable: Some("KOSYNC_TLS_CERTIFICATE"),
        value_name: "FILE",
        default: DefaultValue::Described("none, which is plain HTTP"),
        help: "PEM file with a certificate chain: the TCP addresses of `listen` then speak TLS",
        kind: Kind::Single(|config, text| {
            config.tls_certificate = Some(text.into());
            Ok(())
        }),
        ..NONE
    },
    Setting {
        key: Some("tls_key"),
        heading: TLS,
        flag: Some("tls-key"),
        variable: Some("KOSYNC_TLS_KEY"),
        value_name: "FILE",
        help: "PEM file with the private key of `tls_certificate`",
        kind: Kind::Single(|config, text| {
            config.tls_key = Some(text.into());
            Ok(())
        }),
        ..NONE
    },
    Setting {
        key: Some("trusted_proxies"),
        heading: NETWORK,
        flag: Some("trusted-proxies"),
        variable: Some("KOSYNC_TRUSTED_PROXIES"),
        others: &[OtherVariable::new("TRUSTED_PROXIES", DOTNET, Meaning::Same)],
        value_name: "PROXY",
        help: "Proxies whose `Forwarded` and `X-Forwarded-*` headers are trusted: addresses, blocks such as `10.0.0.0/8`, or `unix` for \
               peers of a unix socket, comma-separated or repeated",
        kind: Kind::List(|config, text| set(&mut config.trusted_proxies, list(text))),
        ..NONE
    },
    Setting {
        key: Some("proxy_user_header"),
        heading: NETWORK,
        flag: Some("proxy-user-header"),
        variable: Some("KOSYNC_PROXY_USER_HEADER"),
        value_name: "HEADER",
        help: "Header in which a proxy of `trusted_proxies` names the user that it has logged in, such as `Remote-User`; that user then \
               needs no password on the dashboard. Devices log in as ever",
        kind: Kind::Single(|config, text| set(&mut config.proxy_user_header, parse(text).map(Some))),
        ..NONE
    },
    Setting {
        key: Some("proxy_administrators"),
        heading: NETWORK,
        flag: Some("proxy-administrators"),
        variable: Some("KOSYNC_PROXY_ADMINISTRATORS"),
        value_name: "USER",
        help: "Users of the proxy who manage all accounts: names exactly as in `proxy_user_header`, comma-separated or repeated",
        kind: Kind::List(|config, text| set(&mut config.proxy_administrators, list(text))),
        ..NONE
    },
    Setting {
        key: Some("proxy_logout_address"),
        heading: NETWORK,
        flag: Some("proxy-logout-address"),
        variable: Some("KOSYNC_PROXY_LOGOUT_ADDRESS"),
        value_name: "URL",
        help: "Where *Log out* leads users of the proxy: an address such as `https://auth.example/logout`, or a path of the same host \
               such as `/oauth2/sign_out`",
        kind: Kind::Single(|config, text| set(&mut config.proxy_logout_address, parse(text).map(Some))),
        ..NONE
    },
    Setting {
        key: Some("cors_origins"),
        heading: NETWORK,
        flag: Some("cors-origins"),
        variable: Some("KOSYNC_CORS_ORIGINS"),
        value_name: "ORIGIN",
        help: "Web pages whose scripts may use the server: origins such as `https://web.readest.com`, or `*` for all, comma-separated or \
               repeated",
        kind: Kind::List(|config, text| set(&mut config.cors_origins, list(text))),
        ..NONE
    },
    Setting {
        key: Some("dashboard"),
        heading: WEB,
        flag: Some("dashboard"),
        variable: Some("KOSYNC_DASHBOARD"),
        value_name: "BOOL",
        default: DefaultValue::Value("true"),
        help: "Whether browsers get the dashboard: `true` or `false`",
        kind: Kind::Single(|config, text| set(&mut config.dashboard, boolean(text))),
        ..NONE
    },
    Setting {
        key: Some("webdav"),
        heading: WEB,
        flag: Some("webdav"),
        variable: Some("KOSYNC_WEBDAV"),
        value_name: "BOOL",
        default: DefaultValue::Value("true"),
        help: "Whether each account has a WebDAV folder, where KOReader merges its reading statistics: `true` or `false`",
        kind: Kind::Single(|config, text| set(&mut config.webdav, boolean(text))),
        ..NONE
    },
    Setting {
        key: Some("metrics"),
        heading: WEB,
        flag: Some("metrics"),
        variable: Some("KOSYNC_METRICS"),
        value_name: "BOOL",
        default: DefaultValue::Value("false"),
        help: "Whether `listen` also serves `GET /metrics` for Prometheus, without a login: `true` or `false`",
        kind: Kind::Single(|config, text| set(&mut config.metrics, boolean(text))),
        ..NONE
    },
    Setting {
        key: Some("metrics_listen"),
        heading: WEB,
        flag: Some("metrics-listen"),
        variable: Some("KOSYNC_METRICS_LISTEN"),
        value_name: "ADDRESS",
        help: "Addresses that serve `GET /metrics` and nothing else, in the format of `listen`",
        kind: Kind::List(|config, text| set(&mut config.metrics_listen, list(text))),
        ..NONE
    },
    Setting {
        key: Some("address"),
        heading: NETWORK,
        flag: Some("address"),
        variable: Some("KOSYNC_ADDRESS"),
        value_name: "URL",
        default: DefaultValue::Described(
            "at startup the machine's addresses if devices can use them, on the dashboard the browser's address",
        ),
        help: "Address to type into KOReader, shown at startup and on the dashboard, such as `http://192.0.2.1:7200`",
        kind: Kind::Single(|config, text| set(&mut config.address, parse(text).map(Some))),
        ..NONE
    },
    Setting {
        key: Some("ingress_listen"),
        heading: HOME,
        flag: Some("ingress-listen"),
        variable: Some("KOSYNC_INGRESS_LISTEN"),
        value_name: "ADDRESS",
        help: "Addresses that serve the dashboard to Home Assistant's ingress, in the format of `listen`",
        kind: Kind::List(|config, text| set(&mut config.ingress_listen, list(text))),
        ..NONE
    },
    Setting {
        key: Some("ingress_peer"),
        heading: HOME,
        flag: Some("ingress-peer"),
        variable: Some("KOSYNC_INGRESS_PEER"),
        value_name: "PROXY",
        default: DefaultValue::Value("172.30.32.2"),
        help: "The only client that `ingress_listen` serves, in the format of `trusted_proxies`; the default is Home Assistant's \
               Supervisor",
        kind: Kind::Single(|config, text| set(&mut config.ingress_peer, parse(text))),
        ..NONE
    },
    Setting {
        key: Some("ingress_administrators"),
        heading: HOME,
        flag: Some("ingress-administrators"),
        variable: Some("KOSYNC_INGRESS_ADMINISTRATORS"),
        value_name: "USER",
        help: "Home Assistant's users who manage all accounts through `ingress_listen`: user names or ids, comma-separated or repeated",
        kind: Kind::List(|config, text| set(&mut config.ingress_administrators, list(text))),
        ..NONE
    },
    Setting {
        key: Some("mqtt"),
        heading: HOME,
        help: "MQTT broker to publish reading progress to: `host`, `port` (1883, with TLS 8883), `username`, `password` or \
               `password_file`, `tls` (`false`), `ca_certificate` (`/etc/ssl/certs/ca-certificates.crt`), `discovery_prefix` \
               (`homeassistant`), `topic_prefix` (`kosync`)",
        ..NONE
    },
    Setting {
        key: Some("max_connections"),
        heading: LIMITS,
        flag: Some("max-connections"),
        variable: Some("KOSYNC_MAX_CONNECTIONS"),
        value_name: "NUMBER",
        default: DefaultValue::Value("4096"),
        help: "Connections at once, fewer where the process may not open as many files; one more closes the one that has waited longest \
               for its client",
        kind: Kind::Single(|config, text| set(&mut config.max_connections, number(text).and_then(at_least_one))),
        ..NONE
    },
    Setting {
        key: Some("max_connections_per_address"),
        heading: LIMITS,
        flag: Some("max-connections-per-address"),
        variable: Some("KOSYNC_MAX_CONNECTIONS_PER_ADDRESS"),
        value_name: "NUMBER",
        default: DefaultValue::Value("64"),
        help: "Connections at once of a public IPv4 address or IPv6 /64; private addresses may hold half of all, trusted proxies and unix \
               sockets all",
        kind: Kind::Single(|config, text| {
            set(&mut config.max_connections_per_address, number(text).and_then(at_least_one))
        }),
        ..NONE
    },
    Setting {
        key: Some("registrations_per_address"),
        heading: LIMITS,
        flag: Some("registrations-per-address"),
        variable: Some("KOSYNC_REGISTRATIONS_PER_ADDRESS"),
        value_name: "NUMBER",
        default: DefaultValue::Value("30"),
        help: "Accounts that clients of one IPv4 address or IPv6 /64 may create in a row, then one a minute; `0` means no limit",
        kind: Kind::Single(|config, text| set(&mut config.registrations_per_address, number(text))),
        ..NONE
    },
    Setting {
        key: Some("registrations_overall"),
        heading: LIMITS,
        flag: Some("registrations-overall"),
        variable: Some("KOSYNC_REGISTRATIONS_OVERALL"),
        value_name: "NUMBER",
        default: DefaultValue::Value("300"),
        help: "Accounts that all clients together may create in a row, then a tenth of it a minute; `0` means no limit",
        kind: Kind::Single(|config, text| set(&mut config.registrations_overall, number(text))),
        ..NONE
    },
    Setting {
        key: Some("current_position"),
        heading: ACCOUNTS,
        flag: Some("current-position"),
        variable: Some("KOSYNC_CURRENT_POSITION"),
        value_name: "RULE",
        default: DefaultValue::Value("newest"),
        help: "Position that devices get, where an account chose no rule: the one that was reached last (`newest`), the one furthest into \
               the book (`furthest`), or the last push (`last`)",
        kind: Kind::Single(|config, text| set(&mut config.current_position, parse(text))),
        ..NONE
    },
    Setting {
        key: Some("language"),
        heading: ACCOUNTS,
        flag: Some("language"),
        variable: Some("KOSYNC_LANGUAGE"),
        value_name: "LANGUAGE",
        default: DefaultValue::Value("en"),
        help: "Language of the dashboard where neither the account nor the browser asks for one, and of the names of MQTT's entities: \
               `de`, `en`, `es`, `fr` or `nl`",
        kind: Kind::Single(|config, text| set(&mut config.language, parse(text))),
        ..NONE
    },
    Setting {
        key: Some("max_documents"),
        heading: LIMITS,
        flag: Some("max-documents"),
        variable: Some("KOSYNC_MAX_DOCUMENTS"),
        value_name: "NUMBER",
        default: DefaultValue::Value("10000"),
        help: "Documents of an account; one more is refused",
        kind: Kind::Single(|config, text| set(&mut config.max_documents, number(text).and_then(at_least_one))),
        ..NONE
    },
    Setting {
        key: Some("max_account_bytes"),
        heading: LIMITS,
        flag: Some("max-account-bytes"),
        variable: Some("KOSYNC_MAX_ACCOUNT_BYTES"),
        value_name: "BYTES",
        default: DefaultValue::Value("67108864"),
        help: "Bytes of the data file that an account may take, at least 1 MiB; beyond it histories are thinned, oldest first, and a \
               push is refused once the current positions alone are too much",
        kind: Kind::Single(|config, text| {
            set(&mut config.max_account_bytes, number(text).and_then(|bytes| within(bytes, &ACCOUNT_BYTES)))
        }),
        ..NONE
    },
    Setting {
        key: Some("max_files_bytes"),
        heading: LIMITS,
        flag: Some("max-files-bytes"),
        variable: Some("KOSYNC_MAX_FILES_BYTES"),
        value_name: "BYTES",
        default: DefaultValue::Value("268435456"),
        help: "Bytes of the files in an account's WebDAV folder; an upload beyond it is refused",
        kind: Kind::Single(|config, text| set(&mut config.max_files_bytes, number(text))),
        ..NONE
    },
    Setting {
        key: Some("max_store_bytes"),
        heading: LIMITS,
        flag: Some("max-store-bytes"),
        variable: Some("KOSYNC_MAX_STORE_BYTES"),
        value_name: "BYTES",
        default: DefaultValue::Described(
            "the size of the disk, at least 1 GiB and at most 128 GiB; 512 MiB on 32-bit systems",
        ),
        help: "Largest size of the data file, and the address space that is reserved for it, from 1 MiB to 64 TiB; when it is full, \
               pushes are refused. It also holds for commands",
        kind: Kind::Single(|config, text| {
            set(&mut config.max_store_bytes, number(text).and_then(|bytes| within(bytes, &STORE_BYTES)).map(Some))
        }),
        ..NONE
    },
    Setting {
        key: Some("min_free_disk"),
        heading: LIMITS,
        flag: Some("min-free-disk"),
        variable: Some("KOSYNC_MIN_FREE_DISK"),
        value_name: "BYTES",
        default: DefaultValue::Described("256 MiB or 1 % of the disk, whichever is less"),
        help: "Free bytes of the disk below which new documents are refused; updates are accepted until the disk is full; `0` switches it \
               off",
        kind: Kind::Single(|config, text| set(&mut config.min_free_disk, number(text).map(Some))),
        ..NONE
    },
    Setting {
        key: Some("max_import_bytes"),
        heading: LIMITS,
        flag: Some("max-import-bytes"),
        variable: Some("KOSYNC_MAX_IMPORT_BYTES"),
        value_name: "BYTES",
        default: DefaultValue::Value("268435456"),
        help: "Largest file that an administrator may upload on the dashboard to import it; `0` switches uploads off",
        kind: Kind::Single(|config, text| set(&mut config.max_import_bytes, number(text))),
        ..NONE
    },
    Setting {
        key: Some("log_level"),
        heading: LOG,
        flag: Some("log-level"),
        variable: Some("KOSYNC_LOG_LEVEL"),
        value_name: "LEVEL",
        default: DefaultValue::Value("info"),
        help: "Least severe level that is logged: `error`, `warn`, `info`, `debug` or `trace`; `RUST_LOG` adds others (`TARGET=LEVEL`, separated by commas)",
        kind: Kind::Single(|config, text| set(&mut config.log_level, parse(text))),
        ..NONE
    },
];
