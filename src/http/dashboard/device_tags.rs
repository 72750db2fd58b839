//! How devices look on all pages: a mark, a colour and a name, which stay the same.

use super::lines;
use super::marker::Marker;
use super::session::CurrentUser;
use crate::error::Result;
use crate::library::{Device, DeviceMark, DeviceMarks};
use crate::model::Progress;
use crate::state::AppState;

/// Bytes of a device's name on a page: more than its row shows.
const NAME_MAX: usize = 96;

/// A device beside a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeviceTag {
    /// `None` for positions that no device pushed, such as restored ones.
    pub(super) marker: Option<Marker>,
    pub(super) name: String,
}

/// The devices of an account.
#[derive(Default)]
pub(super) struct DeviceTags(DeviceMarks);

impl DeviceTags {
    pub(super) fn new(marks: DeviceMarks) -> Self {
        Self(marks)
    }

    /// Loads how the devices of the account that is logged in look.
    pub(super) async fn load(state: &AppState, current_user: &CurrentUser) -> Result<Self> {
        let activity = state.activity.load(&state.store, &state.scan_limiter, &current_user.user).await?;
        Ok(Self(activity.device_marks))
    }

    /// Returns how the device of a position looks.
    pub(super) fn of(&self, position: &Progress) -> DeviceTag {
        match self.0.get(&position.device, position.device_id.as_deref()) {
            Some(DeviceMark { number, name }) => DeviceTag { marker: Some(marker(*number)), name: shown(name) },
            None => DeviceTag { marker: None, name: shown(&position.device) },
        }
    }
}

impl DeviceTag {
    /// Shows a device of the list of devices.
    pub(super) fn of_device(device: &Device) -> Self {
        Self { marker: Some(marker(device.number)), name: shown(device.name()) }
    }
}

/// Returns a device's name as pages show it.
pub(super) fn shown(name: &str) -> String {
    lines::shortened(name, NAME_MAX)
}

/// Returns the marker of a device by its number, from 1 on.
fn marker(number: usize) -> Marker {
    Marker::of(number.saturating_sub(1))
}
