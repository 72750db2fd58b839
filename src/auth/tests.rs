use std::sync::atomic::{AtomicU64, Ordering};

use super::password::runs;
use super::*;

fn key(password: &str) -> Key {
    Key::from_wire(password.as_bytes()).expect("a key")
}

fn user(password: &str) -> User {
    User {
        id: UserId(7),
        name: name("ada"),
        active: true,
        administrator: false,
        documents: 0,
        created: 0,
        last_used: None,
        position_rule: None,
        preferences: crate::model::Preferences::default(),
        rewrites: 0,
        renames: 0,
        key: password::hash(&key(password)).expect("hash"),
        device_password: None,
    }
}

fn name(name: &str) -> Username {
    Username::new(name).expect("a name")
}

fn address(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

/// An authenticator with two Argon2 runs at a time, and its clock. The clock is in milliseconds, and only the test
/// moves it.
fn auth() -> (Arc<Authenticator>, Arc<AtomicU64>) {
    let clock = Arc::new(AtomicU64::new(0));
    let reader = clock.clone();
    let auth = Authenticator::with(Arc::new(move || reader.load(Ordering::Relaxed)), 2).expect("auth");
    (Arc::new(auth), clock)
}

/// A login that the cache is asked for first, as `AppState` does.
async fn login_from(
    auth: &Arc<Authenticator>,
    (who, user): (&str, Option<&User>),
    password: &str,
    client: Option<IpAddr>,
    known_network: Option<Network>,
) -> Result<LoginOutcome> {
    let key = key(password);
    if let Some(user) = user.filter(|user| auth.is_verified(user, &key)) {
        return Ok(LoginOutcome::of_right_key(user.clone()));
    }
    let (name, user) = (name(who), user.cloned());
    auth.login(Attempt { name, user, key, client, known_network, deadline: LOGIN_DEADLINE }).await
}

async fn login(auth: &Arc<Authenticator>, who: (&str, Option<&User>), password: &str, from: u8) -> LoginOutcome {
    login_from(auth, who, password, address(from), None).await.expect("login")
}

/// Waits until that many runs are in the queue.
async fn queued(auth: &Authenticator, count: usize) {
    while auth.scheduler.waiting() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_changed_record_voids_a_verified_key() {
    let (auth, _) = auth();
    let before = user("old");
    assert!(matches!(login(&auth, ("ada", Some(&before)), "old", 1).await, LoginOutcome::Accepted(_)));
    assert!(auth.is_verified(&before, &key("old")));
    assert!(!auth.is_verified(&before, &key("new")));

    // The same key with another salt is another record, too.
    let after = user("old");
    assert!(!auth.is_verified(&after, &key("old")));
    let after = user("new");
    assert!(matches!(login(&auth, ("ada", Some(&after)), "old", 1).await, LoginOutcome::Refused));
    assert!(matches!(login(&auth, ("ada", Some(&after)), "new", 1).await, LoginOutcome::Accepted(_)));
    let disabled = User { active: false, ..after };
    assert!(matches!(login(&auth, ("ada", Some(&disabled)), "new", 1).await, LoginOutcome::Inactive));
    assert!(matches!(login(&auth, ("ada", Some(&disabled)), "old", 1).await, LoginOutcome::Refused));
}

#[tokio::test]
async fn guessing_is_stopped_while_the_owner_still_logs_in() {
    let (auth, clock) = auth();
    let owner = user("right");
    let ada = ("ada", Some(&owner));
    let mut refused = 0;
    let retry_after = loop {
        match login(&auth, ada, &format!("wrong {refused}"), 1).await {
            LoginOutcome::Refused if refused < 1000 => refused += 1,
            LoginOutcome::TooManyFailures { retry_after } => break retry_after,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused, rate_limit::PER_NAME_AT_ADDRESS.burst);
    assert!(retry_after > Duration::ZERO);

    // The right key is accepted from another address, and once it is verified, also from the limited one.
    assert!(matches!(login(&auth, ada, "right", 2).await, LoginOutcome::Accepted(_)));
    assert!(matches!(login(&auth, ada, "right", 1).await, LoginOutcome::Accepted(_)));

    clock.fetch_add(u64::try_from(retry_after.as_millis()).expect("short"), Ordering::Relaxed);
    assert!(matches!(login(&auth, ada, "another guess", 1).await, LoginOutcome::Refused));
    assert!(matches!(login(&auth, ada, "one more", 1).await, LoginOutcome::TooManyFailures { .. }));
}

#[tokio::test]
async fn guesses_from_many_addresses_are_limited_per_account() {
    let (auth, _) = auth();
    for number in 0..rate_limit::PER_ACCOUNT.burst {
        let from = u8::try_from(number % 250).expect("small");
        let outcome = login(&auth, ("unknown", None), &number.to_string(), from).await;
        assert!(matches!(outcome, LoginOutcome::Refused), "guess {number}");
    }
    assert!(matches!(login(&auth, ("unknown", None), "one more", 251).await, LoginOutcome::TooManyFailures { .. }));
    let other = login(&auth, ("other", None), "x", 251).await;
    assert!(matches!(other, LoginOutcome::Refused), "another name is another account");
}

/// Attack 3: guesses from changing addresses kept the owner out after a restart, when no key is in the cache.
#[tokio::test]
async fn an_emptied_account_still_lets_its_owner_in_from_a_known_network() {
    let (auth, _) = auth();
    let owner = user("right");
    for number in 0..rate_limit::PER_ACCOUNT.burst {
        let from = u8::try_from(number).expect("small");
        login(&auth, ("ada", Some(&owner)), &number.to_string(), from).await;
    }
    let strange = login(&auth, ("ada", Some(&owner)), "right", 200).await;
    assert!(matches!(strange, LoginOutcome::TooManyFailures { .. }), "{strange:?}");
    let network = address(200).map(Network::of);
    let known = login_from(&auth, ("ada", Some(&owner)), "right", address(200), network).await.expect("login");
    assert!(matches!(known, LoginOutcome::Accepted(_)), "{known:?}");
}

/// Attack 3: one device with an old password locked the others out that are behind its address.
#[tokio::test]
async fn an_old_key_sent_again_and_again_costs_one_run_and_locks_nobody_out() {
    let (auth, clock) = auth();
    let owner = user("the new password");
    let old = "the old password of one device";
    let mut outcomes = Vec::new();
    for _ in 0..200 {
        outcomes.push(login(&auth, ("ada", Some(&owner)), old, 1).await);
        clock.fetch_add(1000, Ordering::Relaxed);
    }
    assert_eq!(runs::of(&key(old)).count, 1);
    assert!(outcomes.iter().any(|outcome| matches!(outcome, LoginOutcome::Refused)));
    assert!(outcomes.iter().any(|outcome| matches!(outcome, LoginOutcome::TooManyFailures { .. })), "it has a limit");
    assert!(matches!(login(&auth, ("ada", Some(&owner)), "the new password", 1).await, LoginOutcome::Accepted(_)));
    // The key becomes right when it is set again: another record.
    let again = user(old);
    assert!(matches!(login(&auth, ("ada", Some(&again)), old, 1).await, LoginOutcome::Accepted(_)));
}

/// [A4]: neither the answer nor its timing tells whether a name exists.
#[tokio::test]
async fn an_unknown_name_costs_the_same_argon2_run_as_a_wrong_key() {
    let (auth, _) = auth();
    let owner = user("right");
    for (user, guess) in [(Some(&owner), "a wrong key"), (None, "a key for an unknown name")] {
        for _ in 0..3 {
            let outcome = login(&auth, ("ada", user), guess, 1).await;
            assert!(matches!(outcome, LoginOutcome::Refused), "{guess}");
        }
        assert_eq!(runs::of(&key(guess)).count, 1, "{guess}");
    }
}

/// [A4]: the limits treat a name that exists and one that does not alike.
#[tokio::test]
async fn the_limits_do_not_tell_whether_a_name_exists() {
    let outcomes = async |user: Option<&User>| {
        let (auth, _) = auth();
        let mut outcomes = Vec::new();
        for number in 0..40 {
            let guess = login(&auth, ("ada", user), &format!("guess {number}"), 1).await;
            let other = login(&auth, (&format!("stranger {number}"), None), "x", 1).await;
            outcomes.push((guess.failure_reason(), other.failure_reason()));
        }
        outcomes
    };
    assert_eq!(outcomes(Some(&user("right"))).await, outcomes(None).await);
}

#[tokio::test(start_paused = true)]
async fn every_argon2_run_needs_a_permit() {
    let (auth, _) = auth();
    let owner = user("the verified key");
    let verified = async |auth| login(auth, ("ada", Some(&owner)), "the verified key", 1).await;
    assert!(matches!(verified(&auth).await, LoginOutcome::Accepted(_)));
    let held = auth.hold_runs().await;
    assert!(matches!(verified(&auth).await, LoginOutcome::Accepted(_)), "needs no run");
    let other = user("the right key, not verified yet");
    let runs_to_store_it = runs::of(&key("the right key, not verified yet")).count;
    for (user, password, expected) in [
        (Some(&other), "the right key, not verified yet", runs_to_store_it),
        (Some(&owner), "a wrong key without a permit", 0),
        (None, "an unknown name without a permit", 0),
    ] {
        let outcome = login_from(&auth, ("ada", user), password, address(1), None).await;
        assert!(matches!(outcome, Err(Error::Busy)), "{password}");
        assert_eq!(runs::of(&key(password)).count, expected, "{password}");
    }
    assert!(matches!(auth.hash_for(Purpose::Login, key("to store"), None).await, Err(Error::Busy)));
    assert_eq!(auth.scheduler.waiting(), 0);
    drop(held);
    assert!(matches!(
        login(&auth, ("ada", Some(&other)), "the right key, not verified yet", 1).await,
        LoginOutcome::Accepted(_)
    ));
}

#[tokio::test]
async fn no_more_argon2_runs_at_a_time_than_permits() {
    let (auth, _) = auth();
    let hashed = "one of many keys at once";
    let attempts: Vec<_> = (0..10)
        .map(|_| {
            let auth = auth.clone();
            tokio::spawn(async move { auth.hash_for(Purpose::Login, key(hashed), None).await })
        })
        .collect();
    for attempt in attempts {
        attempt.await.expect("task").expect("hash");
    }
    let runs = runs::of(&key(hashed));
    assert_eq!(runs.count, 10);
    assert!(runs.most_at_once <= 2, "{runs:?}");
}

/// Only the check after the wait for a permit can spare the other runs. All of them wait before the first run ends.
#[tokio::test]
async fn the_same_key_sent_at_once_is_verified_once() {
    let (auth, _) = auth();
    let password = "a key sent many times at once";
    let owner = user(password);
    let runs_to_store_it = runs::of(&key(password)).count;
    // One permit stays held, so that the second login gets the other when the first one is done.
    let mut held = auth.scheduler.hold().await;
    let logins: Vec<_> = (0..50)
        .map(|_| {
            let (auth, owner) = (auth.clone(), owner.clone());
            tokio::spawn(async move { login(&auth, ("ada", Some(&owner)), password, 1).await })
        })
        .collect();
    queued(&auth, 50).await;
    drop(held.pop());
    for login in logins {
        assert!(matches!(login.await.expect("task"), LoginOutcome::Accepted(_)));
    }
    assert_eq!(runs::of(&key(password)).count - runs_to_store_it, 1);
}

/// [R5]: all but one wait for the first, and none of them takes a permit.
#[tokio::test]
async fn registrations_of_one_name_wait_for_each_other() {
    let (auth, _) = auth();
    let first = auth.claim_name(&name("ada")).await.expect("a claim");
    let ada = name("ada");
    let mut second = Box::pin(auth.claim_name(&ada));
    let is_waiting = std::future::poll_fn(|cx| std::task::Poll::Ready(second.as_mut().poll(cx).is_pending())).await;
    assert!(is_waiting);
    let other = auth.claim_name(&name("grace")).await.expect("another name does not wait");
    drop(first);
    drop((second.await.expect("a claim"), other));
    assert_eq!(auth.names.len(), 0, "nothing is left");
}

#[tokio::test]
async fn accounts_made_are_limited_per_address_and_overall() {
    let (auth, clock) = auth();
    let made = |address: Option<IpAddr>| match auth.registration_slot(address) {
        Ok(slot) => {
            slot.use_up();
            true
        }
        Err(_) => false,
    };
    for _ in 0..1000 {
        drop(auth.registration_slot(address(1)).map_err(|_| ()).expect("registrations that fail do not count"));
    }
    assert_eq!((0..100).filter(|_| made(address(1))).count(), 30);
    assert!(made(address(2)));
    clock.fetch_add(59_999, Ordering::Relaxed);
    assert!(!made(address(1)));
    clock.fetch_add(1, Ordering::Relaxed);
    assert!(made(address(1)) && !made(address(1)), "one a minute");
    let v6 = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]));
    assert_eq!((0..100).filter(|number| made(v6(*number))).count(), 30, "a /64 is one address");
    let total = (0..1000_u16).filter(|number| {
        made(Some(IpAddr::from([
            10,
            0,
            1 + u8::try_from(number / 250).expect("small"),
            u8::try_from(number % 250).expect("small"),
        ])))
    });
    let total = total.count();
    assert!((230..=300).contains(&total), "{total}");
    clock.fetch_add(60_000, Ordering::Relaxed);
    let later = (0..250_u8).filter(|number| made(Some(IpAddr::from([10, 1, 0, *number])))).count();
    assert_eq!(later, 30, "thirty a minute");
}

#[tokio::test]
async fn a_deletion_evicts_the_verified_key() {
    let (auth, _) = auth();
    let owner = user("right");
    auth.cache(&owner, &key("right"));
    assert!(auth.is_verified(&owner, &key("right")));
    auth.evict(owner.id);
    assert!(!auth.is_verified(&owner, &key("right")));
    assert_eq!(auth.verified.len(), 0);
}

/// A server that runs for months: a network is known for 90 days after a login that was no hit of the cache.
#[tokio::test]
async fn each_account_is_verified_anew_within_30_days() {
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    let (auth, clock) = auth();
    let owner = user("right");
    auth.cache(&owner, &key("right"));
    auth.age();
    assert!(auth.is_verified(&owner, &key("right")));
    let mut days = 0;
    while auth.is_verified(&owner, &key("right")) && days < 100 {
        clock.fetch_add(DAY_MS, Ordering::Relaxed);
        days += 1;
        auth.age();
        auth.age();
    }
    assert!((1..=30).contains(&days), "{days}");
}
