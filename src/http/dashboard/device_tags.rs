//! How devices look on all pages: a mark, a colour and a name, which stay the same.

use std::collections::HashMap;

use super::chart::Marker;
use super::session::CurrentUser;
use crate::error::Result;
use crate::model::Progress;
use crate::state::AppState;

/// A device beside a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeviceTag {
    /// `None` for positions that no device pushed, such as restored ones.
    pub(super) marker: Option<Marker>,
    pub(super) name: String,
}

/// The devices of an account.
#[derive(Default)]
pub(super) struct DeviceTags(HashMap<(String, Option<String>), usize>);

impl DeviceTags {
    /// Loads how the devices of the account that is logged in look.
    pub(super) async fn load(state: &AppState, current_user: &CurrentUser) -> Result<Self> {
        let devices = state.activity.load(&state.store, &state.scan_limiter, &current_user.user).await?.devices;
        Ok(Self(devices.into_iter().enumerate().map(|(index, device)| ((device.name, device.id), index)).collect()))
    }

    /// Returns how the device of a position looks.
    pub(super) fn of(&self, position: &Progress) -> DeviceTag {
        let known = self.0.get(&(position.device.clone(), position.device_id.clone()));
        DeviceTag { marker: known.map(|index| Marker::of(*index)), name: position.device.clone() }
    }
}
