//! Settings of a builder's setters, which take precedence over its configuration.

use std::path::PathBuf;

use crate::config::{Address, Config, CorsOrigin, LogoutAddress, Secret, TrustedProxy, UserHeader};
use crate::model::{Language, PositionRule};

/// Holds what setters have set.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) registration: Option<bool>,
    pub(super) admin_password: Option<Secret>,
    pub(super) tls_files: Option<(PathBuf, PathBuf)>,
    pub(super) trusted_proxies: Option<Vec<TrustedProxy>>,
    pub(super) proxy_user_header: Option<UserHeader>,
    pub(super) proxy_administrators: Option<Vec<String>>,
    pub(super) proxy_logout_address: Option<LogoutAddress>,
    pub(super) cors_origins: Option<Vec<CorsOrigin>>,
    pub(super) metrics: Option<bool>,
    pub(super) dashboard: Option<bool>,
    pub(super) webdav: Option<bool>,
    pub(super) address: Option<Address>,
    pub(super) ingress_peer: Option<TrustedProxy>,
    pub(super) ingress_administrators: Option<Vec<String>>,
    pub(super) max_import_bytes: Option<u64>,
    pub(super) current_position: Option<PositionRule>,
    pub(super) language: Option<Language>,
    pub(super) max_connections: Option<usize>,
    pub(super) max_connections_per_address: Option<usize>,
    pub(super) max_documents: Option<u32>,
    pub(super) max_account_bytes: Option<u64>,
    pub(super) max_files_bytes: Option<u64>,
    pub(super) max_store_bytes: Option<u64>,
    pub(super) min_free_disk: Option<u64>,
}

impl Overrides {
    pub(super) fn apply(self, config: &mut Config) {
        fn set<T>(setting: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *setting = value;
            }
        }
        let (certificate, key) = self.tls_files.unzip();
        config.data_dir = self.data_dir.or(config.data_dir.take());
        config.address = self.address.or(config.address.take());
        config.proxy_user_header = self.proxy_user_header.or(config.proxy_user_header.take());
        config.proxy_logout_address = self.proxy_logout_address.or(config.proxy_logout_address.take());
        config.tls_certificate = certificate.or(config.tls_certificate.take());
        config.tls_key = key.or(config.tls_key.take());
        if self.admin_password.is_some() {
            (config.admin_password, config.admin_password_file) = (self.admin_password, None);
        }
        set(&mut config.registration, self.registration);
        set(&mut config.trusted_proxies, self.trusted_proxies);
        set(&mut config.proxy_administrators, self.proxy_administrators);
        set(&mut config.cors_origins, self.cors_origins);
        set(&mut config.metrics, self.metrics);
        set(&mut config.dashboard, self.dashboard);
        set(&mut config.webdav, self.webdav);
        set(&mut config.ingress_peer, self.ingress_peer);
        set(&mut config.ingress_administrators, self.ingress_administrators);
        set(&mut config.max_import_bytes, self.max_import_bytes);
        set(&mut config.current_position, self.current_position);
        set(&mut config.language, self.language);
        set(&mut config.max_connections, self.max_connections);
        set(&mut config.max_connections_per_address, self.max_connections_per_address);
        set(&mut config.max_documents, self.max_documents);
        set(&mut config.max_account_bytes, self.max_account_bytes);
        set(&mut config.max_files_bytes, self.max_files_bytes);
        config.max_store_bytes = self.max_store_bytes.or(config.max_store_bytes);
        config.min_free_disk = self.min_free_disk.or(config.min_free_disk);
    }
}
