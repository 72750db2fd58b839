//! Concurrent requests: rules P5, P7, R5 and U1 of docs/protocol.md.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Site, position};

/// Runs the closure in threads that start together, and returns their results.
fn concurrently<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(count);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|index| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    work(index)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn r5_of_concurrent_registrations_one_wins() {
    let site = Site::start();
    for round in 0..5 {
        let user = format!("user{round}");
        let replies = concurrently(8, |index| site.register(&user, &format!("key {index}")).shaped());
        let winners: Vec<usize> = (0..8).filter(|index| replies[*index].status == 201).collect();
        assert_eq!(winners.len(), 1, "{replies:?}");
        for (index, reply) in replies.into_iter().enumerate() {
            if index != winners[0] {
                reply.refused(402, 2002, "Username is already registered.");
            }
        }
        assert_eq!(site.login(&user, &format!("key {}", winners[0])).status, 200);
    }
}

#[test]
fn u1_of_concurrent_changes_from_one_key_one_wins() {
    let site = Site::start();
    for round in 0..5 {
        let user = format!("user{round}");
        site.registered(&user, KEY);
        let replies = concurrently(6, |index| {
            let body = json!({ "password": format!("new {index}") }).to_string();
            site.send_as(&user, KEY, "PUT", "/users/password", Some(&body)).shaped()
        });
        let winners: Vec<usize> = (0..6).filter(|index| replies[*index].status == 200).collect();
        assert_eq!(winners.len(), 1, "{replies:?}");
        assert!(replies.iter().enumerate().all(|(index, reply)| index == winners[0] || reply.status == 401));
        assert_eq!(site.login(&user, &format!("new {}", winners[0])).status, 200);
        site.login(&user, KEY).unauthorized();
    }
}

/// Calls `work` while four threads push for `ada`. Returns the site when all have ended.
fn during_pushes(round: usize, work: impl FnOnce(&Site)) -> Site {
    let site = Site::with_ada();
    assert_eq!(site.login("ada", KEY).status, 200);
    let (acknowledged, stop) = ([const { AtomicUsize::new(0) }; 4], AtomicBool::new(false));
    thread::scope(|scope| {
        let writers = [0, 1, 2, 3].map(|writer| {
            let (client, acknowledged, stop) = (site.client, &acknowledged[writer], &stop);
            scope.spawn(move || {
                for count in 0..10_000 {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let document = format!("book {writer} {}", count % 3);
                    match client.push("ada", KEY, &position(&document, "p", 0.5)).status {
                        200 => acknowledged.fetch_add(1, Ordering::SeqCst),
                        // Pushes with the old key reach the limit on failed logins.
                        401 | 429 => break,
                        other => panic!("{other}"),
                    };
                }
            })
        });
        // In each round after a different number of pushes of each thread.
        while acknowledged.iter().any(|count| count.load(Ordering::SeqCst) < 3 + round) {
            assert!(writers.iter().all(|writer| !writer.is_finished()), "a writer stopped early");
            thread::yield_now();
        }
        work(&site);
        stop.store(true, Ordering::SeqCst);
    });
    site
}

/// Neither the account nor its data comes back.
#[test]
fn p7_a_push_during_the_deletion_of_its_account_leaves_nothing() {
    for round in 0..10 {
        let site = during_pushes(round, |site| {
            let reply = site.send_as("ada", KEY, "DELETE", "/users/me", None).shaped();
            assert_eq!(reply.status, 200, "{reply:?}");
            // Registered again with another key, while pushes of the old account are still in flight.
            site.registered("ada", OTHER_KEY);
        });
        for writer in 0..4 {
            for book in 0..3 {
                assert_eq!(site.pull("ada", OTHER_KEY, &format!("book {writer} {book}")).body, "{}");
            }
        }
        let users = site.server.store().users().unwrap();
        let ada = users.iter().find(|user| user.name.as_str() == "ada").unwrap();
        assert_eq!(ada.documents, 0);
        assert_eq!(site.server.store().documents(ada.id, None, 10).unwrap(), []);
    }
}

/// From the response to the change on, no push with the old key is stored.
#[test]
fn p7_a_push_with_the_old_key_fails_once_the_key_is_changed() {
    for round in 0..10 {
        let site = during_pushes(round, |site| {
            let body = json!({ "password": OTHER_KEY }).to_string();
            assert_eq!(site.send_as("ada", KEY, "PUT", "/users/password", Some(&body)).status, 200);
            let status = site.push("ada", KEY, &position("late", "p", 0.5)).status;
            assert!(matches!(status, 401 | 429), "{status}");
        });
        assert_eq!(site.pull("ada", OTHER_KEY, "late").body, "{}");
        assert_eq!(site.pulled("ada", OTHER_KEY, "book 0 0")["progress"], "p", "progress stays");
    }
}

/// All are acknowledged, and the last in the history is the current one.
#[test]
fn p5_concurrent_pushes_of_one_document_are_all_stored() {
    let site = Site::with_ada();
    let sent = concurrently(16, |writer| {
        for count in 0..20 {
            site.pushed("ada", KEY, &position("book", &format!("{writer} {count}"), 0.5));
        }
    });
    let store = site.server.store();
    let ada = store.user(&kosync::Username::new("ada").unwrap()).unwrap().unwrap();
    let history = store.history(ada.id, &kosync::Document::new("book").unwrap(), 1000).unwrap();
    assert_eq!(history.len(), sent.len() * 20);
    assert!(history.is_sorted_by(|newer, older| newer.sequence > older.sequence));
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], history[0].progress.progress);
}
