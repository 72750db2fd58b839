//! The bytes of the state on disk. What the rules do is tested with the store and over the wire.

use minicbor::to_vec;

use super::*;

struct NoPast;

impl Past for NoPast {
    type Error = std::convert::Infallible;

    fn visit(&self, _: &mut dyn FnMut(DeviceKey, &Progress) -> ControlFlow<()>) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn push(device: &str, percentage: f64, timestamp: u64) -> Progress {
    let progress = Progress::new("/body/p[1]".into(), percentage, device.into(), None).expect("a position");
    Progress { timestamp, ..progress }
}

fn bytes(current: &Current, newest: u64) -> usize {
    let (position, identifiers, state) = StateRecord::split(current.clone(), newest);
    let bytes = to_vec(&state).expect("encoded");
    let decoded: StateRecord = minicbor::decode(&bytes).expect("decoded");
    assert_eq!(decoded, state);
    assert_eq!(decoded.into_current(position, newest, identifiers), *current);
    bytes.len()
}

#[test]
fn the_state_is_one_byte_for_one_device_and_about_forty_for_each_other() {
    let mut current = Current::new(&Push {
        position: &push("0", 0.1, 1 << 30),
        device: DeviceKey::of(&push("0", 0.1, 0)),
        sequence: 0,
        identifiers: None,
    });
    assert_eq!(bytes(&current, 0), 1);
    for number in 1..40_u32 {
        let position = push(&number.to_string(), 0.1 + f64::from(number) / 100.0, (1 << 30) + 60 * u64::from(number));
        let pushed =
            Push { position: &position, device: DeviceKey::of(&position), sequence: number.into(), identifiers: None };
        let Ok(effect) = current.apply(PositionRule::Newest, &pushed, &NoPast);
        assert_eq!(effect, PushEffect::Moved);
        current.end_queues(PositionRule::Newest, position.timestamp + 6);
        let others = usize::try_from(number).expect("small").min(MAX_DEVICES - 1);
        assert_eq!(bytes(&current, number.into()), 4 + 35 * others, "{number}");
    }
}

/// It takes the bytes of a position.
#[test]
fn what_a_queue_may_undo_goes_with_the_holder() {
    let pushed = |position, sequence| Push { position, device: DeviceKey::of(position), sequence, identifiers: None };
    let (one, other) = (push("Kobo", 0.6, 100), push("Phone", 0.3, 200));
    let mut current = Current::new(&pushed(&one, 1));
    let Ok(_) = current.apply(PositionRule::Newest, &pushed(&other, 2), &NoPast);
    assert!(current.undo.is_some());
    let mut started_over = current.clone();
    started_over.start_over(201);
    let Ok(()) = current.put_back(&one, 3, &NoPast);
    assert_eq!((current.undo, started_over.undo), (None, None));
}
