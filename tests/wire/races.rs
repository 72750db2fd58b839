//! What happens at the same moment: rules P7, R5 and U1.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Site, position};

/// Runs the closure in many threads that start together, and collects what they return.
fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
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
fn r5_of_registrations_at_once_one_wins() {
    let site = Site::start();
    for round in 0..5 {
        let user = format!("user{round}");
        let replies = at_once(8, |index| site.register(&user, &format!("key {index}")).shaped());
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
fn u1_of_changes_from_one_key_at_once_one_wins() {
    let site = Site::start();
    for round in 0..5 {
        let user = format!("user{round}");
        site.registered(&user, KEY);
        let replies = at_once(6, |index| {
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

/// While several threads push for `ada`, does something to the account; gives the site once all have ended.
fn amid_pushes(round: usize, work: impl FnOnce(&Site)) -> Site {
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
                        // The limit on failures comes in once the key is wrong for long enough.
                        401 | 429 => break,
                        other => panic!("{other}"),
                    };
                }
            })
        });
        // At another moment in each round, once each of them is at it.
        while acknowledged.iter().any(|count| count.load(Ordering::SeqCst) < 3 + round) {
            assert!(writers.iter().all(|writer| !writer.is_finished()), "a writer gave up");
            thread::yield_now();
        }
        work(&site);
        stop.store(true, Ordering::SeqCst);
    });
    site
}

/// Rule P7: nothing that races with the deletion of its account brings the account or its data back.
#[test]
fn p7_pushes_against_a_deletion() {
    for round in 0..10 {
        let site = amid_pushes(round, |site| {
            let reply = site.send_as("ada", KEY, "DELETE", "/users/me", None).shaped();
            assert_eq!(reply.status, 200, "{reply:?}");
            // CreateOutcome again at once, with another key, while pushes of the old account are still under way.
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

/// Rule P7: once a new key is answered, no push with the old one is taken.
#[test]
fn p7_pushes_against_a_new_password() {
    for round in 0..10 {
        let site = amid_pushes(round, |site| {
            let body = json!({ "password": OTHER_KEY }).to_string();
            assert_eq!(site.send_as("ada", KEY, "PUT", "/users/password", Some(&body)).status, 200);
            let status = site.push("ada", KEY, &position("late", "p", 0.5)).status;
            assert!(matches!(status, 401 | 429), "{status}");
        });
        assert_eq!(site.pull("ada", OTHER_KEY, "late").body, "{}");
        assert_eq!(site.pulled("ada", OTHER_KEY, "book 0 0")["progress"], "p", "progress stays");
    }
}

/// Of many pushes of one document at once all are acknowledged, and the last in the log is the current one.
#[test]
fn p5_pushes_of_one_document_at_once() {
    let site = Site::with_ada();
    let sent = at_once(16, |writer| {
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
