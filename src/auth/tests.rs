use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

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
        key: password::hash(&key(password)).expect("hash"),
    }
}

fn name(name: &str) -> Username {
    Username::new(name).expect("a name")
}

fn address(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

/// An authenticator with two Argon2 runs at a time, and a clock in milliseconds that only the test moves.
fn auth() -> (Arc<Authenticator>, Arc<AtomicU64>) {
    let clock = Arc::new(AtomicU64::new(0));
    let reader = clock.clone();
    let auth = Authenticator::with(Box::new(move || reader.load(Ordering::Relaxed)), 2).expect("auth");
    (Arc::new(auth), clock)
}

#[tokio::test]
async fn a_changed_record_voids_a_verified_key() {
    let (auth, _) = auth();
    let before = user("old");
    let login = |user: &User, password| {
        let (auth, user, key) = (auth.clone(), user.clone(), key(password));
        async move { auth.login(&user.name.clone(), Some(user), key, None).await.expect("login") }
    };
    assert!(matches!(login(&before, "old").await, LoginOutcome::Accepted(_)));
    assert!(auth.is_verified(&before, &key("old")));
    assert!(!auth.is_verified(&before, &key("new")));

    // The same key with another salt is another record, too.
    let after = user("old");
    assert!(!auth.is_verified(&after, &key("old")));
    let after = user("new");
    assert!(matches!(login(&after, "old").await, LoginOutcome::Refused));
    assert!(matches!(login(&after, "new").await, LoginOutcome::Accepted(_)));
    let disabled = User { active: false, ..after };
    assert!(matches!(login(&disabled, "new").await, LoginOutcome::Inactive));
    assert!(matches!(login(&disabled, "old").await, LoginOutcome::Refused));
}

#[tokio::test]
async fn guessing_is_stopped_while_the_owner_still_logs_in() {
    let (auth, clock) = auth();
    let owner = user("right");
    let name = owner.name.clone();
    let guess = |from| auth.login(&name, Some(owner.clone()), key("wrong"), from);
    let mut refused = 0;
    let retry_after = loop {
        match guess(address(1)).await.expect("login") {
            LoginOutcome::Refused if refused < 1000 => refused += 1,
            LoginOutcome::TooManyFailures { retry_after } => break retry_after,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused, rate_limit::PER_ADDRESS.burst);
    assert!(retry_after > Duration::ZERO);

    // The right key is accepted from another address, and once it is verified, also from the limited one.
    let right = |from| auth.login(&name, Some(owner.clone()), key("right"), from);
    assert!(matches!(right(address(2)).await.expect("login"), LoginOutcome::Accepted(_)));
    assert!(matches!(right(address(1)).await.expect("login"), LoginOutcome::Accepted(_)));

    clock.fetch_add(u64::try_from(retry_after.as_millis()).expect("short"), Ordering::Relaxed);
    assert!(matches!(guess(address(1)).await.expect("login"), LoginOutcome::Refused));
    assert!(matches!(guess(address(1)).await.expect("login"), LoginOutcome::TooManyFailures { .. }));
}

#[tokio::test]
async fn guesses_from_many_addresses_are_limited_per_account() {
    let (auth, _) = auth();
    let unknown = name("unknown");
    for number in 0..rate_limit::PER_ACCOUNT.burst {
        let from = address(u8::try_from(number % 250).expect("small"));
        let login = auth.login(&unknown, None, key(&number.to_string()), from).await.expect("login");
        assert!(matches!(login, LoginOutcome::Refused), "guess {number}");
    }
    let login = auth.login(&unknown, None, key("one more"), address(251)).await.expect("login");
    assert!(matches!(login, LoginOutcome::TooManyFailures { .. }));
    let other = auth.login(&name("other"), None, key("x"), address(251)).await.expect("login");
    assert!(matches!(other, LoginOutcome::Refused), "another name is another account");
}

/// [A4]: neither the answer nor its timing tells whether a name exists.
#[tokio::test]
async fn an_unknown_name_costs_the_same_argon2_run_as_a_wrong_key() {
    let (auth, _) = auth();
    let owner = user("right");
    for (user, guess) in [(Some(owner.clone()), "a wrong key"), (None, "a key for an unknown name")] {
        let login = auth.login(&owner.name, user, key(guess), None).await.expect("login");
        assert!(matches!(login, LoginOutcome::Refused), "{guess}");
        assert_eq!(runs::of(&key(guess)).count, 1, "{guess}");
    }
}

/// A closed semaphore gives no permits, so a login that needs one fails at once.
#[tokio::test]
async fn every_argon2_run_needs_a_permit() {
    let (auth, _) = auth();
    let owner = user("the verified key");
    let login = |user: Option<&User>, password| auth.login(&owner.name, user.cloned(), key(password), None);
    assert!(matches!(login(Some(&owner), "the verified key").await, Ok(LoginOutcome::Accepted(_))));
    auth.hash_permits.close();
    assert!(matches!(login(Some(&owner), "the verified key").await, Ok(LoginOutcome::Accepted(_))), "needs no run");
    let other = user("the right key, not verified yet");
    let runs_to_store_it = runs::of(&key("the right key, not verified yet")).count;
    for (user, password, expected) in [
        (Some(&other), "the right key, not verified yet", runs_to_store_it),
        (Some(&owner), "a wrong key without a permit", 0),
        (None, "an unknown name without a permit", 0),
    ] {
        assert!(matches!(login(user, password).await, Err(Error::StoreClosed)), "{password}");
        assert_eq!(runs::of(&key(password)).count, expected, "{password}");
    }
    assert!(matches!(auth.hash(key("to store")).await, Err(Error::StoreClosed)));
}

#[tokio::test]
async fn no_more_argon2_runs_at_a_time_than_permits() {
    let (auth, _) = auth();
    let guess = "one of many guesses at once";
    let attempts: Vec<_> = (0..10)
        .map(|_| {
            let auth = auth.clone();
            tokio::spawn(async move { auth.login(&name("ada"), None, key(guess), None).await })
        })
        .collect();
    for attempt in attempts {
        assert!(matches!(attempt.await.expect("task"), Ok(LoginOutcome::Refused)));
    }
    let runs = runs::of(&key(guess));
    assert_eq!(runs.count, 10);
    assert!(runs.most_at_once <= 2, "{runs:?}");
}

/// All of them wait for a permit before the first run ends, so only the check after the wait can spare the other runs.
#[tokio::test]
async fn the_same_key_sent_at_once_is_verified_once() {
    let (auth, _) = auth();
    let password = "a key sent many times at once";
    let owner = user(password);
    let runs_to_store_it = runs::of(&key(password)).count;
    let mut permits = auth.hash_permits.clone().acquire_many_owned(2).await.expect("permits");
    let mut logins: Vec<_> =
        (0..50).map(|_| Box::pin(auth.login(&owner.name, Some(owner.clone()), key(password), address(1)))).collect();
    for login in &mut logins {
        let is_waiting = poll_fn(|cx| Poll::Ready(login.as_mut().poll(cx).is_pending())).await;
        assert!(is_waiting);
    }
    // One permit, so that the second login gets it when the first one is done.
    drop(permits.split(1));
    for login in logins {
        assert!(matches!(login.await.expect("login"), LoginOutcome::Accepted(_)));
    }
    assert_eq!(runs::of(&key(password)).count - runs_to_store_it, 1);
}

#[test]
fn two_authenticators_make_different_macs() {
    let (one, other) = (auth().0, auth().0);
    assert_ne!(one.mac_key, [0; 32]);
    let (user, key) = (user("right"), key("right"));
    let mac = |auth: &Authenticator| <[u8; 32]>::from(auth.mac(&user, &key).finalize().into_bytes());
    assert_eq!(mac(&one), mac(&one));
    assert_ne!(mac(&one), mac(&other));
}
