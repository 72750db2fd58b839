//! Attack 5: registrations in great numbers keep nobody from logging in, and one address makes a limited number of accounts.

use std::sync::Barrier;
use std::thread;

use kosync::{Builder, Config};

use crate::common::{Client, KEY, Reply, Site, position};

/// Sends a request as a device does, which keeps and repeats it after 503.
#[track_caller]
fn until_taken(request: impl Fn() -> Reply) -> Reply {
    for _ in 0..100 {
        let reply = request();
        if reply.status != 503 {
            return reply;
        }
        assert!(reply.header("retry-after").is_some(), "{reply:?}");
    }
    panic!("too busy, one hundred times");
}

fn register_at_once(client: Client, count: usize, name: impl Fn(usize) -> String + Sync) -> Vec<Reply> {
    let barrier = Barrier::new(count);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|index| {
                let (barrier, name) = (&barrier, &name);
                scope.spawn(move || {
                    barrier.wait();
                    until_taken(|| client.register(&name(index), KEY))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// [R6], and the report: of 300 registrations at once, an unknown device's login waited for 10 to 13 s, and no push of a known one got
/// through after a restart.
#[test]
fn r6_registrations_in_great_numbers_keep_nobody_from_logging_in() {
    let site = Site::start();
    for user in ["ada", "grace"] {
        site.registered(user, KEY);
    }
    let site = site.restarted(|builder| builder);
    let client = site.client;
    let replies = thread::scope(|scope| {
        let flood = scope.spawn(move || register_at_once(client, 300, |index| format!("flood {index}")));
        let login = until_taken(|| client.login("ada", KEY));
        assert_eq!(login.status, 200, "{login:?}");
        let push = until_taken(|| client.push("grace", KEY, &position("book", "p", 0.5)));
        assert_eq!(push.status, 200, "{push:?}");
        flood.join().unwrap()
    });
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 30);
    for reply in replies.into_iter().filter(|reply| reply.status != 201) {
        let reply = reply.shaped();
        assert_eq!((reply.status, &reply.json()["code"]), (402, &3402.into()), "{reply:?}");
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{reply:?}");
        // KOReader shows the message, and some clients take this word for a taken name.
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("Too many new accounts.") && !message.contains("already"), "{message}");
    }
    // A taken name has its own answer as before, and logins are not limited.
    site.register("ada", KEY).refused(402, 2002, "Username is already registered.");
    assert_eq!(site.login("flood 0", "x").status, 401);
}

fn with_limits(per_address: u32, overall: u32) -> impl Fn(Builder) -> Builder {
    move |builder| {
        let mut config = Config::default();
        config.registrations_per_address = per_address;
        config.registrations_overall = overall;
        builder.config(config).trusted_proxies(["127.0.0.1".parse().unwrap()])
    }
}

fn register_from(site: &Site, from: &str, user: &str) -> u16 {
    let body = serde_json::json!({ "username": user, "password": KEY }).to_string();
    site.send("POST", "/users/create", &[("X-Forwarded-For", from.as_bytes())], Some(&body)).status
}

#[test]
fn r6_accounts_are_counted_per_address_and_in_all() {
    let site = Site::with(with_limits(2, 5));
    let from = |address: &str, user: &str| register_from(&site, address, user);
    assert_eq!((from("192.0.2.1", "a"), from("192.0.2.1", "b"), from("192.0.2.1", "c")), (201, 201, 402));
    // A name that is taken does not count, an IPv6 network of 64 bits is one address.
    assert_eq!((from("2001:db8::1", "a"), from("2001:db8::1", "d"), from("2001:db8::2", "e")), (402, 201, 201));
    assert_eq!(from("2001:db8::3", "f"), 402);
    assert_eq!((from("192.0.2.2", "g"), from("192.0.2.3", "h")), (201, 402), "five in all");
    // The program that embeds the server and administrators are not limited.
    let name = kosync::Username::new("i").unwrap();
    let created = tokio::runtime::Runtime::new().unwrap().block_on(site.server.create_user(name, KEY.parse().unwrap()));
    assert!(matches!(created.unwrap(), kosync::store::CreateOutcome::Created(_)));

    let unlimited = Site::with(with_limits(0, 0));
    assert!((0..40).all(|number| register_from(&unlimited, "192.0.2.1", &number.to_string()) == 201));
}

/// [R5]
#[test]
fn r5_of_sixteen_registrations_at_once_one_is_201_and_fifteen_are_402() {
    let site = Site::start();
    let replies = register_at_once(site.client, 16, |_| "ada".to_owned());
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "{replies:?}");
    for reply in replies.into_iter().filter(|reply| reply.status != 201) {
        reply.refused(402, 2002, "Username is already registered.");
    }
}
