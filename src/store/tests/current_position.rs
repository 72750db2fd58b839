//! Compares the current position with that of a model of each rule. Devices push anything, and the store restarts.

use proptest::prelude::*;

use super::*;
use crate::model::PositionRule;
use crate::store::keyspace::DocumentKey;

const DEVICES: [&str; 4] = ["Kobo", "Phone", "Tablet", "Bridge"];
const PLACES: [&str; 6] = ["", "/body/p[1]", "/body/p[2]", "/body/p[3]", "56", "57"];
const PERCENTAGES: [f64; 12] = [0.0, 0.01, 0.2, 0.201, 0.21, 0.3, 0.301, 0.5, 0.6, 0.99, 1.0, 12.0];

#[derive(Debug, Clone, Copy)]
enum Step {
    Push { device: usize, place: usize, percentage: usize, after: u64 },
    Restart,
    StartOver,
    PutBack { entry: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let push = (0..4_usize, 0..6_usize, 0..12_usize, prop::sample::select(vec![0, 1, 5, 6, 61]))
        .prop_map(|(device, place, percentage, after)| Step::Push { device, place, percentage, after });
    let put_back = (0..30_usize).prop_map(|entry| Step::PutBack { entry });
    let step = prop_oneof![20 => push, 1 => Just(Step::Restart), 1 => Just(Step::StartOver), 1 => put_back];
    prop::collection::vec(step, 1..28)
}

/// A push, or what a pull answers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct At {
    device: usize,
    place: &'static str,
    percentage: f64,
    time: u64,
}

/// The rules, written without the store's.
#[derive(Debug, Default)]
struct Model {
    pushes: Vec<At>,
    /// Number of pushes at each move of the current position, and who moved it.
    moves: Vec<(usize, Option<usize>)>,
    current: Option<At>,
    holder: Option<usize>,
    /// What a device's queue may undo: what was current, who held it, and the number of moves.
    undo: Option<(At, Option<usize>, usize)>,
    /// Percentage of the locator that a position without one has.
    borrowed: Option<Option<f64>>,
    borrowed_before: Option<Option<f64>>,
    is_over: bool,
    /// Whether each device's last push found another device's position.
    may_queue: [bool; 4],
    /// First pushes since the document was finished.
    firsts: [Option<(f64, u64)>; 4],
}

fn kind(place: &str) -> usize {
    [place.is_empty(), place.starts_with('/'), true].iter().position(|is| *is).expect("a kind")
}

fn cut(percentage: f64) -> f64 {
    (percentage * 10_000.0).floor()
}

impl Model {
    fn last_of(&self, device: usize) -> Option<(usize, At)> {
        self.pushes.iter().enumerate().rev().find(|(_, push)| push.device == device).map(|(index, push)| (index, *push))
    }

    /// Whether a device has pushed since another moved the current position.
    fn has_pushed(&self, device: usize) -> bool {
        let moved = self.moves.iter().rev().find(|(_, by)| *by != Some(device)).map_or(0, |(index, _)| *index);
        self.last_of(device).is_some_and(|(index, _)| index >= moved)
    }

    fn is_repeat(&self, push: &At) -> bool {
        let Some((_, last)) = self.last_of(push.device) else { return false };
        let apart = (last.percentage - push.percentage).abs();
        cut(last.percentage) == cut(push.percentage)
            || !push.place.is_empty() && push.place == last.place && apart <= 0.02
            || push.place.starts_with('/') && apart <= 0.002_000_1 && !self.has_pushed(push.device)
    }

    fn is_echo(&self, push: &At) -> bool {
        let is_same = |other: &At| other.device != push.device && other.place == push.place;
        !push.place.is_empty() && !self.has_pushed(push.device) && self.pushes.iter().any(is_same)
    }

    fn newest(&mut self, push: &At, now: &At) -> bool {
        let last = self.last_of(push.device).map(|(_, last)| last);
        let is_queue = self.may_queue[push.device] && last.is_some_and(|last| push.time - last.time <= 5);
        let is_behind = push.percentage < now.percentage;
        !(last.is_none() && push.percentage <= 0.02 && is_behind || is_queue && is_behind || self.is_echo(push))
    }

    fn furthest(&mut self, push: &At, now: &At) -> bool {
        let is_part = |percentage: f64| (0.0..=1.0).contains(&percentage);
        if is_part(push.percentage) && (push.percentage > now.percentage || !is_part(now.percentage)) {
            return !self.is_echo(push);
        }
        let first = self.firsts[push.device];
        now.percentage >= 0.99
            && push.percentage <= 0.5
            && first.is_some_and(|(percentage, time)| push.percentage > percentage && push.time >= time + 60)
    }

    fn push(&mut self, rule: PositionRule, push: At) {
        let (is_repeat, is_holder) = (self.is_repeat(&push), self.holder == Some(push.device));
        let is_queue = self.last_of(push.device).is_some_and(|(_, last)| push.time - last.time <= 5);
        let had_current = self.current.is_some() && !self.is_over;
        if !is_queue && is_holder {
            self.undo = None;
        }
        match self.current {
            None => self.moves_to(push),
            Some(_) if rule == PositionRule::Last => self.moves_to(push),
            Some(_) if self.is_over => {
                if !is_repeat {
                    self.moves_to(push)
                }
            }
            Some(now) if is_holder && is_repeat => self.hold(push, now),
            Some(_) if is_holder => match self.undo {
                Some((before, holder, moves)) if push.percentage < before.percentage => {
                    (self.current, self.holder, self.undo) = (Some(before), holder, None);
                    self.borrowed = self.borrowed_before;
                    if self.borrowed.is_some() {
                        self.borrow(before, before.place);
                    }
                    self.moves.truncate(moves);
                }
                _ => self.moves_to(push),
            },
            Some(now) => {
                let moves = match rule {
                    PositionRule::Newest => !is_repeat && self.newest(&push, &now),
                    _ => !is_repeat && self.furthest(&push, &now),
                };
                if moves {
                    self.undo = (rule == PositionRule::Newest).then_some((now, self.holder, self.moves.len()));
                    self.borrowed_before = self.borrowed;
                    self.moves_to(push);
                } else if let Some((_, holder, _)) =
                    self.undo.as_mut().filter(|(_, holder, _)| *holder == Some(push.device))
                {
                    // Where it is now is not where it would be put back to.
                    *holder = None;
                } else if rule == PositionRule::Furthest && now.percentage >= 0.99 && push.percentage <= 0.5 {
                    self.firsts[push.device].get_or_insert((push.percentage, push.time));
                }
            }
        }
        let has_before = had_current || self.holder != Some(push.device);
        self.may_queue[push.device] = !is_holder && has_before || is_queue && self.may_queue[push.device];
        self.improve(&push);
        self.pushes.push(push);
        if self.current.is_some_and(|now| now.percentage < 0.99) {
            self.firsts = [None; 4];
        }
    }

    fn moves_to(&mut self, push: At) {
        self.moves.push((self.pushes.len(), Some(push.device)));
        (self.is_over, self.holder) = (false, Some(push.device));
        self.set(push);
    }

    fn set(&mut self, push: At) {
        let was = self.current.map_or("", |now| now.place);
        self.current = Some(push);
        self.borrowed = None;
        if push.place.is_empty() {
            self.borrow(push, was);
        }
    }

    /// Makes a position current with the nearest place of the history. A place of a kind like `was` comes first.
    fn borrow(&mut self, push: At, was: &'static str) {
        let with_place = self.pushes.iter().rev().filter(|push| !push.place.is_empty());
        let rank = |other: &&At| {
            let is_other = !was.is_empty() && kind(other.place) != kind(was);
            (is_other, (other.percentage - push.percentage).abs())
        };
        let nearest = with_place.min_by(|one, other| rank(one).partial_cmp(&rank(other)).expect("numbers"));
        let place = nearest.map_or(was, |nearest| nearest.place);
        self.current = Some(At { place, ..push });
        self.borrowed = Some(nearest.map(|nearest| nearest.percentage));
    }

    fn hold(&mut self, push: At, now: At) {
        let place = if push.place.is_empty() { now.place } else { push.place };
        self.current = Some(At { place, time: now.time, ..push });
        self.borrowed = match (push.place.is_empty(), self.borrowed) {
            (true, None) => Some(Some(now.percentage)),
            (true, known) => known,
            (false, _) => None,
        };
    }

    fn improve(&mut self, push: &At) {
        let (Some(known), Some(now)) = (self.borrowed, &mut self.current) else { return };
        let distance = |percentage: f64| (percentage - now.percentage).abs();
        let is_near = known.is_none_or(|known| distance(push.percentage) <= distance(known));
        if !self.is_over
            && !push.place.is_empty()
            && (now.place.is_empty() || kind(now.place) == kind(push.place) && is_near)
        {
            now.place = push.place;
            self.borrowed = Some(Some(push.percentage));
        }
    }

    fn release(&mut self) {
        self.moves.push((self.pushes.len(), None));
        (self.holder, self.undo, self.may_queue) = (None, None, [false; 4]);
    }
}

async fn run(rule: PositionRule, steps: Vec<Step>) {
    let fixture = Fixture::with(|options| options.default_rule = rule);
    let ada = fixture.user("ada").await;
    let Fixture { mut store, now, dir } = fixture;
    let (mut model, book) = (Model::default(), document("book"));
    for step in steps {
        match step {
            Step::Push { device, place, percentage, after } => {
                let time = now.fetch_add(after, Ordering::Relaxed) + after;
                let (place, percentage) = (PLACES[place], PERCENTAGES[percentage]);
                let progress = Progress::new(place.into(), percentage, DEVICES[device].into(), None).expect("progress");
                store.push(ada.clone(), book.clone(), progress, None).await.expect("pushed");
                model.push(rule, At { device, place, percentage, time });
            }
            Step::Restart => {
                drop(store);
                let clock = now.clone();
                let mut options = StoreOptions::new(dir.path().to_owned());
                options.clock = Arc::new(move || clock.load(Ordering::Relaxed));
                options.default_rule = rule;
                store = Store::open(options).expect("store");
            }
            Step::StartOver => {
                let change = Change::StartOver(book.clone());
                let outcome = store.manage(Authority::Local, ada.name.clone(), change).await.expect("an outcome");
                if outcome == AccountOutcome::Done && !model.is_over {
                    model.release();
                    let at_0 = At { device: 0, place: "", percentage: 0.0, time: 0 };
                    (model.is_over, model.current, model.borrowed) = (true, Some(at_0), None);
                    model.firsts = [None; 4];
                }
            }
            Step::PutBack { entry } => {
                let history = store.history(ada.id, &book, 100).expect("history");
                let Some(entry) = history.get(entry).filter(|entry| !entry.progress.is_restored()) else { continue };
                let is_current = store.progress(ada.id, &book).expect("read").is_some_and(|current| {
                    let known = store.document(ada.id, &book).expect("read").expect("a document").current;
                    known == Some(entry.sequence)
                        || current.progress == entry.progress.progress
                            && current.percentage == entry.progress.percentage
                });
                let change = Change::RestorePosition(book.clone(), entry.sequence);
                store.manage(Authority::Local, ada.name.clone(), change).await.expect("an outcome");
                if !is_current {
                    let place = PLACES.into_iter().find(|place| *place == entry.progress.progress).expect("a place");
                    let (percentage, time) = (entry.progress.percentage, now.load(Ordering::Relaxed));
                    model.release();
                    model.is_over = false;
                    // It is in the history as another device's.
                    let at = At { device: DEVICES.len(), place, percentage, time };
                    model.set(at);
                    model.pushes.push(at);
                    if percentage < 0.99 {
                        model.firsts = [None; 4];
                    }
                }
            }
        }
        let pulled = store.progress(ada.id, &book).expect("read");
        let pulled = pulled
            .as_ref()
            .map(|pulled| (pulled.device.as_str(), pulled.progress.as_str(), pulled.percentage, pulled.timestamp));
        let expected = model.current.filter(|_| !model.is_over).map(|at| {
            (DEVICES.get(at.device).copied().unwrap_or("kosync (put back)"), at.place, at.percentage, at.time)
        });
        assert_eq!(pulled, expected, "{rule} {step:?}\n{model:#?}");
    }
    let report = store.verify().expect("a report");
    assert_eq!(report.problems, [""; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_pull_gets_what_the_rules_say(rule in prop::sample::select(PositionRule::ALL.to_vec()), steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(run(rule, steps));
    }
}

/// A version without these rules let a position without a place replace any other.
#[tokio::test]
async fn c5_older_data_gets_the_nearest_place_of_its_history() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let push = async |text: &str, percentage: f64| {
        fixture.advance_clock(60);
        let progress = Progress::new(text.into(), percentage, "Kobo".into(), None).expect("a position");
        fixture.store.push(ada.clone(), document("book"), progress, None).await.expect("an outcome");
    };
    push("/body/p[1]", 0.3).await;
    push("/body/p[2]", 0.5).await;
    push("", 0.48).await;
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    let id = document("book");
    let key = DocumentKey::new(ada.id, &id);
    let mut record = tables.progress.get(&txn, &key).expect("read").expect("exists");
    (record.state, record.position.progress) = (None, String::new());
    tables.progress.put(&mut txn, &key, &record).expect("put");
    txn.commit().expect("commit");
    let pulled = || fixture.store.progress(ada.id, &id).expect("read").expect("exists");
    assert_eq!((pulled().progress.as_str(), pulled().percentage), ("/body/p[2]", 0.48));
    let identified = fixture.pull_identified(&ada, "x:book").expect("found");
    assert_eq!(identified.1, "/body/p[2]", "{identified:?}");
    push("", 0.35).await;
    assert_eq!((pulled().progress.as_str(), pulled().percentage), ("/body/p[1]", 0.35));
}
