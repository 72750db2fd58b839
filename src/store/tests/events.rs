//! Subscriptions.

use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;

use super::*;

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_slow_subscriber_learns_how_much_it_missed() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut events = fixture.store.subscribe();
    for page in 0..5000 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    let lagged = events.next().await.expect("an item").expect_err("a gap");
    assert_eq!(lagged.missed, 5000 - 4096);
    assert_eq!(lagged.to_string(), "subscriber too slow: 904 changes missed");
    let event = events.next().await.expect("an event").expect("no gap");
    assert!(matches!(&*event, Event::Pushed { progress, .. } if progress.progress == lagged.missed.to_string()));
    drop(fixture);
    for _ in 1..4096 {
        assert!(matches!(events.next().await, Some(Ok(_))));
    }
    assert_eq!(events.next().await, None);
    assert_eq!(events.next().await, None, "the end is for good");
}

#[tokio::test]
async fn a_subscription_is_a_stream() {
    let fixture = Fixture::new();
    let events = fixture.store.subscribe();
    let pushed = events.filter_map(async |event| match &*event.expect("no gap") {
        Event::Pushed { progress, .. } => Some(progress.progress.clone()),
        _ => None,
    });
    let ada = fixture.user("ada").await;
    for page in 0..3 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    drop(fixture);
    assert_eq!(timeout(LIMIT, pushed.collect::<Vec<_>>()).await.expect("an end"), ["0", "1", "2"]);
}

/// As in `select!`, where another branch was ready.
#[tokio::test]
async fn dropping_a_waiting_next_loses_neither_event_nor_wake_up() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut events = fixture.store.subscribe();
    for page in ["1", "2", "3"] {
        assert!(events.next().now_or_never().is_none(), "no event yet");
        let waiting = tokio::spawn(async move {
            let event = events.next().await;
            (event, events)
        });
        // The task runs until it waits.
        tokio::task::yield_now().await;
        fixture.push(&ada, "book", page).await.expect("push");
        let event;
        (event, events) = timeout(LIMIT, waiting).await.expect("woken").expect("task");
        let event = event.expect("an event").expect("no gap");
        assert!(matches!(&*event, Event::Pushed { progress, .. } if progress.progress == page));

        assert!(events.next().now_or_never().is_none(), "no event yet");
        fixture.push(&ada, "book", page).await.expect("push");
        assert!(matches!(events.next().now_or_never(), Some(Some(Ok(_)))), "the event is there at once");
    }
}
