//! Limits of what readers may say about devices, and of notes in an import.

use super::super::{Transferred, TransferredAccountNotes, TransferredDeviceNote};
use super::*;
use crate::model::{DeviceLabel, DeviceName};

fn notes(account: &Username, devices: usize) -> Vec<Transferred> {
    let device = |number: usize| TransferredDeviceNote {
        device: format!("device {number}"),
        device_id: None,
        name: None,
        forgotten: None,
        first: Some(1),
    };
    let devices = (0..devices).map(device).collect();
    vec![Transferred::Notes(TransferredAccountNotes {
        account: account.clone(),
        days: Vec::new(),
        finishes: Vec::new(),
        devices,
    })]
}

/// Notes of devices have a limit, so that they do not fill the store. A client with another name per push, or an import, would fill it
/// beside the quota.
#[tokio::test]
async fn an_account_has_notes_of_a_thousand_devices_at_most() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    assert!(fixture.store.import_batch(notes(&ada.name, 1001)).await.is_err());
    fixture.store.import_batch(notes(&ada.name, 1000)).await.expect("import");
    let name = |device: &str| {
        let label = DeviceLabel { device: device.into(), device_id: None };
        Change::NameDevice(label, Some(DeviceName::new("Mine").expect("a name")))
    };
    assert_eq!(fixture.change_own(&ada, name("device 7")).await, AccountOutcome::Done);
    assert!(matches!(fixture.change_own(&ada, name("new")).await, AccountOutcome::OverQuota(_)));
    fixture.push(&ada, "emma", "p").await.expect("pushed");
    assert_eq!(fixture.change_own(&ada, Change::DeleteDocument(document("emma"))).await, AccountOutcome::Done);
    assert_eq!(fixture.store.device_rows(ada.id).expect("read").len(), 1000, "no row of the device that pushed");
}
