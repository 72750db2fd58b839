//! How certain the server's address is that a device gets.

use std::str::FromStr;

use super::super::location::PageLocation;
use crate::config::Address;

/// How a page knows the server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KnownAddress {
    /// The configuration has it.
    Certain(String),
    /// It is the one that the browser asked for.
    Suggested(String),
    /// No device can reach the one that the browser asked for, or there is none.
    Unknown,
}

impl KnownAddress {
    pub(super) fn new(location: &PageLocation, is_configured: bool) -> Self {
        let address = location.server_address.clone();
        // Behind Home Assistant's ingress, the location is called certain though the host is what the browser sees.
        let is_loopback = PageLocation { is_address_certain: false, ..location.clone() }.is_loopback();
        match Address::from_str(&address) {
            Ok(_) if is_configured => Self::Certain(address),
            Ok(_) if !is_loopback => Self::Suggested(address),
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(address: &str, is_certain: bool, is_configured: bool) -> KnownAddress {
        let location = PageLocation {
            base: "./".into(),
            server_address: address.to_owned(),
            is_address_certain: is_certain,
            unknown_address: None,
            is_https: false,
        };
        KnownAddress::new(&location, is_configured)
    }

    #[test]
    fn no_address_is_suggested_that_no_device_reaches() {
        let suggested = |address: &str| KnownAddress::Suggested(address.into());
        assert_eq!(known("http://192.168.1.20:7200", false, false), suggested("http://192.168.1.20:7200"));
        for unreachable in
            ["http://localhost:7200", "http://127.0.0.1", "http://[::1]:7200", "http://0.0.0.0:1", "http://", ""]
        {
            assert_eq!(known(unreachable, false, false), KnownAddress::Unknown, "{unreachable}");
            // Behind Home Assistant's ingress.
            assert_eq!(known(unreachable, true, false), KnownAddress::Unknown, "{unreachable}");
        }
        assert_eq!(known("http://homeassistant.local:7200", true, false), suggested("http://homeassistant.local:7200"));
        // A configured address is taken as it is.
        assert_eq!(known("http://localhost:7200", true, true), KnownAddress::Certain("http://localhost:7200".into()));
        assert_eq!(known("http://a b", false, false), KnownAddress::Unknown);
    }
}
