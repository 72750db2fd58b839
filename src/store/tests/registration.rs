//! The registration switch.

use super::*;

#[tokio::test]
async fn registration_is_as_configured_until_it_is_set_at_run_time() {
    for configured in [true, false] {
        let fixture = Fixture::new();
        let store = &fixture.store;
        let open = || store.registration(configured).expect("read");
        assert_eq!(open(), configured);
        store.configure_registration(configured).expect("configured");
        assert_eq!(open(), configured);

        let expected = if configured { AccountOutcome::Disabled } else { AccountOutcome::Enabled };
        let set = store.set_registration(Authority::Local, !configured, configured).await;
        assert_eq!((set.expect("set"), open()), (expected, !configured));
        // Another start with the same configuration changes nothing.
        store.configure_registration(configured).expect("configured");
        assert_eq!(open(), !configured);
        let back = store.set_registration(Authority::Local, configured, configured).await;
        assert!(matches!(back, Ok(AccountOutcome::Enabled | AccountOutcome::Disabled)));
        assert_eq!(open(), configured);
    }
}

/// A value set at run time does not come back with the old configuration.
#[tokio::test]
async fn a_changed_configuration_overrides_the_switch_for_good() {
    for (configured, open) in [(true, true), (true, false), (false, true), (false, false)] {
        let fixture = Fixture::new();
        let store = &fixture.store;
        store.set_registration(Authority::Local, open, configured).await.expect("set");
        // Also before the start is complete.
        assert_eq!(store.registration(!configured).expect("read"), !configured);
        store.configure_registration(!configured).expect("configured");
        assert_eq!(store.registration(!configured).expect("read"), !configured);
        store.configure_registration(configured).expect("configured");
        assert_eq!(store.registration(configured).expect("read"), configured);
    }
}

#[tokio::test]
async fn only_administrators_can_switch_registration() {
    let fixture = Fixture::new();
    let (ada, root) = (fixture.user("ada").await, fixture.administrator());
    let mut events = fixture.store.subscribe();
    let set = |user: &User| fixture.store.set_registration(Authority::User(user.clone()), false, true);
    assert_eq!(set(&ada).await.expect("an outcome"), AccountOutcome::Refused);
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Local, &root, off).await, AccountOutcome::Disabled);
    for stale in [root.clone(), fixture.reload(&root)] {
        assert_eq!(set(&stale).await.expect("an outcome"), AccountOutcome::Refused);
    }
    assert!(fixture.store.registration(true).expect("read"));
    let on = Change::SetActive(Some(true));
    assert_eq!(fixture.change(Authority::Local, &root, on).await, AccountOutcome::Enabled);
    assert_eq!(set(&root).await.expect("an outcome"), AccountOutcome::Disabled);
    assert!(!fixture.store.registration(true).expect("read"));
    // Events end once the store is closed.
    drop(fixture);
    let user = root.name.clone();
    let expected = [
        Event::ActiveChanged { user: user.clone(), active: false },
        Event::ActiveChanged { user, active: true },
        Event::RegistrationChanged { open: false },
    ];
    for event in expected {
        assert_eq!(*events.next().await.expect("an event").expect("no gap"), event);
    }
    assert_eq!(events.next().await, None, "a refused change sends no event");
}
