//! The sensors over days and years, with a test clock and a recording broker.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::account::{Account, Push};
use super::*;
use crate::library::days_of;
use crate::model::{Document, Event, Progress, StoredKey, User, Username};
use crate::store::{Authority, Change, CreateOutcome, Store, StoreOptions};

const DAY: u64 = 24 * 60 * 60;

struct Site {
    app: AppState,
    clock: Arc<AtomicU64>,
    _dir: tempfile::TempDir,
}

impl Site {
    fn new(now: u64) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let clock = Arc::new(AtomicU64::new(now));
        let mut options = StoreOptions::new(dir.path().to_owned());
        let time = clock.clone();
        options.clock = Arc::new(move || time.load(Ordering::Relaxed));
        options.zone = jiff::tz::TimeZone::UTC;
        let app = AppState::of_test(Store::open(options).expect("a store"));
        Self { app, clock, _dir: dir }
    }

    async fn user(&self, name: &str) -> User {
        let name = Username::new(name).expect("a name");
        match self.app.store.create_user(name, StoredKey("key".into()), None).await.expect("created") {
            CreateOutcome::Created(user) => user,
            _ => panic!("the name is taken"),
        }
    }

    async fn push(&self, user: &User, document: &str, percentage: f64) {
        let position = format!("{percentage} at {}", self.app.store.now());
        self.push_from(user, document, &position, percentage, "Kobo").await;
    }

    async fn push_from(&self, user: &User, document: &str, progress: &str, percentage: f64, device: &str) {
        let document = Document::new(document).expect("an id");
        let position = Progress::new(progress.into(), percentage, device.into(), None).expect("a position");
        self.app.store.push(user.clone(), document, position, None).await.expect("stored");
    }

    fn current(&self, user: &User, document: &str) -> Progress {
        let document = Document::new(document).expect("an id");
        self.app.store.document(user.id, &document).expect("read").expect("a document").progress
    }

    fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// What is kept in memory is what a load reads, over a year's end. Books are finished, begun again and restored, and some pushes move
/// nothing.
#[tokio::test]
async fn an_account_that_is_followed_is_like_one_that_is_loaded() {
    // `date -u -d 2026-12-20 +%s`
    let site = Site::new(1_797_724_800);
    let user = site.user("ada").await;
    let mut events = site.app.store.subscribe();
    let mut account = Account::load(&site.app, &user).await.expect("loaded");
    let (mut seen, mut effects) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for step in 0..90_u64 {
        // Some days have several pushes, some have none, and every now and then there is a gap of days.
        site.pass([DAY / 3, DAY / 2, DAY, 3_600][usize::try_from(step % 4).expect("small")]);
        if step % 29 == 28 {
            site.pass(3 * DAY);
        }
        let document = format!("book {}", step % 5);
        if step % 11 == 10 {
            let document = Document::new(&document).expect("an id");
            let history = site.app.store.history(user.id, &document, 9).expect("read");
            let change = Change::RestorePosition(document, history.last().expect("a history").sequence);
            let authority = Authority::User(user.clone());
            site.app.store.manage(authority, user.name.clone(), change).await.expect("restored");
        } else if step % 9 == 5 {
            // The phone is where it was, and the Kobo went on, or will.
            site.push_from(&user, &document, "the phone's place", 0.25, "Phone").await;
        } else if step % 9 == 7 {
            let Progress { progress, percentage, device, .. } = site.current(&user, &document);
            site.push_from(&user, &document, &progress, percentage, &device).await;
        } else {
            site.push(
                &user,
                &document,
                [0.3, 0.995, 0.5, 1.0, 0.98, 0.99, 0.2][usize::try_from(step % 7).expect("small")],
            )
            .await;
        }
        let event = events.next().await.expect("an event").expect("no gap");
        let Event::Pushed { sequence, user_id, document, progress, before, effect, current, .. } = &*event else {
            panic!("{event:?}")
        };
        let (before, after) = (before.as_ref(), current.as_deref().unwrap_or(progress));
        let push = Push { sequence: *sequence, user: *user_id, document, progress, before, after, effect: *effect };
        account.follow(&site.app, &user.name, &push).await.expect("read");
        let now = site.app.store.now();
        let today = days_of(&site.app.store, &user).date(now);
        let followed = account.numbers(now);
        let loaded = Account::load(&site.app, &user).await.expect("loaded").numbers(now);
        assert_eq!(followed, loaded, "step {step}, {today}");
        effects.insert(format!("{effect:?}"));
        seen.insert((today.year(), followed.finished_this_year));
    }
    assert!(["HeldRepeat", "Moved", "Repeat"].into_iter().all(|effect| effects.contains(effect)), "{effects:?}");
    let most = |year: i16| seen.iter().filter(|(of, _)| *of == year).map(|(_, count)| *count).max();
    assert_eq!((most(2026), most(2027)), (Some(5), Some(5)), "all books were finished in both years");
    assert!(seen.contains(&(2027, 0)) || seen.contains(&(2027, 1)), "the new year began with none: {seen:?}");
}

/// Accepts one client, acknowledges everything, sends its statuses back, and passes on what it publishes: topic and message.
async fn record(mut stream: TcpStream, published: UnboundedSender<(String, Vec<u8>)>) {
    loop {
        let Ok(kind) = stream.read_u8().await else { return };
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = stream.read_u8().await.expect("a length");
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a packet");
        match kind >> 4 {
            1 => stream.write_all(&[0x20, 2, 0, 0]).await.expect("CONNACK"),
            8 => stream.write_all(&[0x90, 3, body[0], body[1], 1]).await.expect("SUBACK"),
            3 => {
                let topic_len = usize::from(u16::from_be_bytes([body[0], body[1]]));
                let (topic, rest) = body[2..].split_at(topic_len);
                let (id, message) = rest.split_at(2);
                stream.write_all(&[0x40, 2, id[0], id[1]]).await.expect("PUBACK");
                if topic.ends_with(b"/status") {
                    let length = u8::try_from(2 + topic.len() + message.len()).expect("a short message");
                    let echo = [&[0x30, length], &body[..2], topic, message].concat();
                    stream.write_all(&echo).await.expect("PUBLISH");
                }
                let topic = String::from_utf8(topic.to_vec()).expect("a topic");
                let _ = published.send((topic, message.to_vec()));
            }
            12 => stream.write_all(&[0xd0, 0]).await.expect("PINGRESP"),
            _ => {}
        }
    }
}

async fn wait_for_state(messages: &mut UnboundedReceiver<(String, Vec<u8>)>, is_it: impl Fn(&Value) -> bool) {
    let wait = async {
        loop {
            let (topic, message) = messages.recv().await.expect("a message");
            if topic.ends_with("/state") && is_it(&serde_json::from_slice(&message).expect("JSON")) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the state is published");
}

/// Nobody pushes, and the sensors change: the account stops reading, its days in a row end, and a year begins.
#[tokio::test]
async fn time_alone_changes_the_sensors() {
    // `date -u -d 2026-12-29 +%s`
    let site = Site::new(1_798_502_400);
    let user = site.user("ada").await;
    site.push(&user, "book", 1.0).await;
    site.push(&user, "begun", 0.3).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let mut config = MqttConfig::new("127.0.0.1");
    config.port = Some(listener.local_addr().expect("address").port());
    let (sender, mut messages) = unbounded_channel();
    let broker = async { record(listener.accept().await.expect("a client").0, sender).await };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let publishing = publish(&site.app, || async { Ok::<_, NoBroker>(config.clone()) }, stopped);
    let test = async {
        let is = |reading: bool, days: u32, finished: u32| {
            move |state: &Value| {
                state["reading"] == reading && state["days_in_a_row"] == days && state["finished_this_year"] == finished
            }
        };
        wait_for_state(&mut messages, is(true, 1, 1)).await;
        // A new account has the store looked at, which otherwise happens each 5 s.
        site.pass(10 * 60);
        site.user("one").await;
        wait_for_state(&mut messages, is(false, 1, 1)).await;
        site.pass(2 * DAY);
        site.user("two").await;
        wait_for_state(&mut messages, is(false, 0, 1)).await;
        site.pass(2 * DAY);
        site.user("three").await;
        wait_for_state(&mut messages, |state| is(false, 0, 0)(state) && state["in_progress"] == 1).await;
        site.pass(41 * DAY);
        site.user("four").await;
        wait_for_state(&mut messages, |state| state["in_progress"] == 0).await;
        drop(stop);
    };
    let (published, (), ()) = tokio::join!(publishing, broker, test);
    published.expect("published");
}

/// An upload shows in the sensors of its account until its reader's day is over.
#[cfg(feature = "statistics")]
#[tokio::test]
async fn minutes_and_pages_of_today_are_those_of_the_statistics() {
    use crate::model::{FilePath, Preferences};
    use crate::store::FileCondition;

    // `date -u -d '2026-12-29 12:00' +%s`
    let noon = 1_798_545_600;
    let site = Site::new(noon);
    let user = site.user("ada").await;
    site.push(&user, "book", 0.5).await;
    let upload = async |pages: u64| {
        let rows = (1..=pages).map(|page| format!("(1, {page}, {} + 60 * {page}, 60, 100)", noon - 3_600));
        let bytes = crate::reading::test_files::file(&format!(
            "{} INSERT INTO book (id, title, md5) VALUES (1, 'Emma', '0123456789abcdef0123456789abcdef');
             INSERT INTO page_stat_data VALUES {};",
            crate::reading::test_files::SCHEMA,
            rows.collect::<Vec<_>>().join(", "),
        ));
        let path: FilePath = "statistics.sqlite3".parse().expect("a path");
        let mut upload = site.app.store.begin_upload(user.clone(), &path, None).await.expect("begun").expect("room");
        upload.write(&bytes).await.expect("written");
        upload.finish(path, FileCondition::default(), None).await.expect("finished");
        site.app.reading.request(&site.app.store, &user);
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let mut config = MqttConfig::new("127.0.0.1");
    config.port = Some(listener.local_addr().expect("address").port());
    let (sender, mut messages) = unbounded_channel();
    let broker = async { record(listener.accept().await.expect("a client").0, sender).await };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let publishing = publish(&site.app, || async { Ok::<_, NoBroker>(config.clone()) }, stopped);
    let test = async {
        wait_for_state(&mut messages, |state| state.get("minutes_today").is_none() && state["in_progress"] == 1).await;
        upload(3).await;
        wait_for_state(&mut messages, |state| state["minutes_today"] == 3 && state["pages_today"] == 3).await;
        let (topic, device) = messages.recv().await.expect("a message");
        let device: Value = serde_json::from_slice(&device).expect("JSON");
        assert!(topic.ends_with("/config") && device["components"]["pages_today"].is_object(), "{topic}: {device}");
        upload(4).await;
        wait_for_state(&mut messages, |state| state["minutes_today"] == 4).await;
        // At three in the morning it still is the day on which the reader went to bed, unless their days end at two.
        site.pass(15 * 60 * 60);
        upload(5).await;
        wait_for_state(&mut messages, |state| state["minutes_today"] == 5 && state["pages_today"] == 5).await;
        let preferences = Preferences { day_end: Some(2), ..Preferences::default() };
        let change = Change::SetPreferences(preferences);
        site.app.store.manage(Authority::User(user.clone()), user.name.clone(), change).await.expect("chosen");
        wait_for_state(&mut messages, |state| state["minutes_today"] == 0 && state["pages_today"] == 0).await;
        drop(stop);
    };
    let (published, (), ()) = tokio::join!(publishing, broker, test);
    published.expect("published");
}
