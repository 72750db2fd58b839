//! Attack 3: nobody locks the owner of an account out, neither strangers nor the owner's own devices.

use kosync::Builder;
use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Reply, Site, position};

const HOME: &str = "198.51.100.7";

fn behind_a_proxy(builder: Builder) -> Builder {
    builder.trusted_proxies(["127.0.0.0/8".parse().unwrap()]).admin_password("password")
}

fn send_from(
    site: &Site,
    from: &str,
    (user, key): (&str, &str),
    method: &str,
    path: &str,
    body: Option<&str>,
) -> Reply {
    let headers =
        [("x-auth-user", user.as_bytes()), ("x-auth-key", key.as_bytes()), ("X-Forwarded-For", from.as_bytes())];
    site.send(method, path, &headers, body)
}

fn login_from(site: &Site, from: &str, user: &str, key: &str) -> u16 {
    send_from(site, from, (user, key), "GET", "/users/auth", None).status
}

fn register_from(site: &Site, from: &str, user: &str, key: &str) {
    let body = json!({ "username": user, "password": key }).to_string();
    let reply = site.send("POST", "/users/create", &[("X-Forwarded-For", from.as_bytes())], Some(&body));
    assert_eq!(reply.status, 201, "{reply:?}");
}

/// Guesses from changing addresses until the account's bucket is empty.
fn attack(site: &Site, user: &str) {
    let statuses: Vec<u16> =
        (0..80).map(|guess| login_from(site, &format!("203.0.{guess}.1"), user, &format!("guess {guess}"))).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

/// Report: after a restart nobody's key is in the cache, and a few guesses a second kept the owner and `admin` out for good.
#[test]
fn the_owner_gets_in_from_a_known_network_during_an_attack_and_after_a_restart() {
    let site = Site::with(behind_a_proxy);
    register_from(&site, HOME, "ada", KEY);
    assert_eq!(login_from(&site, HOME, "admin", KEY), 200);
    for round in 0..2 {
        for user in ["ada", "admin"] {
            attack(&site, user);
            // Any address of the owner's network, here the same /24.
            for from in [HOME, "198.51.100.200"] {
                assert_eq!(login_from(&site, from, user, KEY), 200, "round {round}, {user} from {from}");
            }
        }
    }
    let site = site.restarted(behind_a_proxy);
    for user in ["ada", "admin"] {
        attack(&site, user);
        let elsewhere = login_from(&site, "192.0.2.1", user, KEY);
        assert_eq!(elsewhere, 429, "an unknown network of {user} shares the account's limit");
        assert_eq!(login_from(&site, "198.51.100.200", user, KEY), 200, "{user}");
    }
    let push = position("book", "p", 0.5).to_string();
    let pushed = send_from(&site, HOME, ("ada", KEY), "PUT", "/syncs/progress", Some(&push));
    assert_eq!(pushed.status, 200, "{pushed:?}");
    // A known network has a limit of its own.
    let guesses = (0..40).map(|guess| login_from(&site, HOME, "ada", &format!("from home {guess}")));
    assert_eq!(guesses.filter(|status| *status == 401).count(), 20);
}

/// A deleted account's networks do not become those of the next account with its name.
#[test]
fn a_known_network_belongs_to_one_account() {
    let site = Site::with(behind_a_proxy);
    register_from(&site, HOME, "ada", KEY);
    assert_eq!(send_from(&site, HOME, ("ada", KEY), "DELETE", "/users/me", None).status, 200);
    register_from(&site, "192.0.2.1", "ada", KEY);
    let site = site.restarted(behind_a_proxy);
    attack(&site, "ada");
    assert_eq!(login_from(&site, HOME, "ada", KEY), 429);
    assert_eq!(login_from(&site, "192.0.2.1", "ada", KEY), 200);
}

/// Report: a password changed during the attack was answered with 200 and locked out at its first use.
#[test]
fn a_new_key_works_at_once_while_its_account_is_attacked() {
    let site = Site::with(behind_a_proxy);
    attack(&site, "grace");
    register_from(&site, HOME, "grace", KEY);
    assert_eq!(login_from(&site, "192.0.2.1", "grace", KEY), 200, "from any network");

    attack(&site, "grace");
    let body = json!({ "password": OTHER_KEY }).to_string();
    let changed = send_from(&site, "192.0.2.2", ("grace", KEY), "PUT", "/users/password", Some(&body));
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(login_from(&site, "192.0.2.3", "grace", OTHER_KEY), 200);

    // The same by the administrator: the management API and the program that embeds the server.
    let body = json!({ "password": "password" }).to_string();
    let path = "/manage/users/password?username=grace";
    let set = send_from(&site, "192.0.2.2", ("admin", KEY), "PUT", path, Some(&body));
    assert_eq!(set.status, 200, "{set:?}");
    assert_eq!(login_from(&site, "192.0.2.4", "grace", KEY), 200);
    let name = kosync::Username::new("grace").unwrap();
    let set = tokio::runtime::Runtime::new().unwrap().block_on(site.server.set_key(name, OTHER_KEY.parse().unwrap()));
    assert_eq!(set.unwrap(), kosync::store::AccountOutcome::Done);
    assert_eq!(login_from(&site, "192.0.2.5", "grace", OTHER_KEY), 200);

    attack(&site, "linus");
    let body = json!({ "username": "linus", "password": "password" }).to_string();
    assert_eq!(send_from(&site, "192.0.2.2", ("admin", KEY), "POST", "/manage/users", Some(&body)).status, 200);
    assert_eq!(login_from(&site, "192.0.2.6", "linus", KEY), 200);
}

/// Report: one device with an old password locked out the others behind the same address after a restart.
#[test]
fn a_device_with_an_old_password_locks_out_no_other_behind_its_address() {
    let site = Site::start();
    for user in ["ada", "grace"] {
        site.registered(user, KEY);
    }
    let name = kosync::Username::new("linus").unwrap();
    let created = tokio::runtime::Runtime::new().unwrap().block_on(site.server.create_user(name, KEY.parse().unwrap()));
    created.unwrap();
    let site = site.restarted(|builder| builder);
    let statuses: Vec<u16> = (0..100).map(|_| site.login("ada", OTHER_KEY).status).collect();
    assert!(statuses.iter().all(|status| matches!(status, 401 | 429)), "{statuses:?}");
    // Another device of the same account, another account, and one that has never logged in from here.
    assert_eq!(site.login("ada", KEY).status, 200);
    assert_eq!(site.login("grace", KEY).status, 200);
    assert_eq!(site.login("linus", KEY).status, 200);

    // Also if the device sends ever other keys.
    let site = site.restarted(|builder| builder);
    let statuses: Vec<u16> = (0..60).map(|guess| site.login("ada", &format!("guess {guess}")).status).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(site.login("grace", KEY).status, 200);
}

/// No account uses up the limit of its address alone. Accounts that have never logged in from there share that limit
/// with names that do not exist.
#[test]
fn an_account_leaves_some_of_its_address_to_another() {
    let site = Site::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for user in ["ada", "grace"] {
        let name = kosync::Username::new(user).unwrap();
        runtime.block_on(site.server.create_user(name, KEY.parse().unwrap())).unwrap();
    }
    let site = site.restarted(|builder| builder);
    let statuses: Vec<u16> = (0..60).map(|guess| site.login("ada", &format!("guess {guess}")).status).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(site.login("grace", KEY).status, 200);
}

/// Names that do not exist share their address's limit. Therefore, an address cannot cause any number of Argon2 runs.
#[test]
fn unknown_names_share_the_limit_of_their_address() {
    let site = Site::start();
    site.registered("ada", KEY);
    let site = site.restarted(|builder| builder);
    let statuses: Vec<u16> = (0..50).map(|number| site.login(&format!("nobody {number}"), KEY).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 20, "{statuses:?}");
    assert_eq!(site.login("ada", KEY).status, 200, "but not with an account that has logged in from there");
}
