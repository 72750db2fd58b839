//! Joined documents in another store: what was exported goes on there as it would have here [I7].

use proptest::prelude::*;

use super::import::exported;
use super::joined::{FILES, Step, step};
use super::*;
use crate::model::PositionRule;

/// Seconds after which no queue can be undone: what it may undo is not exported.
const QUEUE_OVER: u64 = 10;

fn later() -> impl Strategy<Value = Step> {
    let file = 0..FILES.len();
    prop_oneof![
        2 => (file.clone(), file).prop_map(|(one, other)| Step::Part(one, other)),
        3 => step(),
    ]
}

impl Fixture {
    /// Runs a step in a second of its own: which of two positions of one second is the newer one is not exported.
    async fn run_later(&self, user: &User, step: Step) {
        self.advance_clock(1);
        self.run(user, step).await;
    }

    fn all_pulled(&self, user: &User) -> Vec<Option<Progress>> {
        FILES.iter().map(|id| self.pulled(user, id)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Under each rule: all files get the same positions, at once, when they are parted, and whatever else follows.
    #[test]
    fn i7_an_import_goes_on_where_the_export_was(
        rule in prop_oneof![Just(PositionRule::Newest), Just(PositionRule::Furthest), Just(PositionRule::Last)],
        before in prop::collection::vec(step(), 1..40),
        after in prop::collection::vec(later(), 1..12),
        batch in 1..8_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let fixture = Fixture::with(|options| options.default_rule = rule);
            let ada = fixture.user("ada").await;
            for step in before {
                fixture.run_later(&ada, step).await;
            }
            fixture.advance_clock(QUEUE_OVER);
            let records = exported(&fixture);
            let other = Fixture::with(|options| options.default_rule = rule);
            other.now.store(fixture.now.load(Ordering::Relaxed), Ordering::Relaxed);
            for _ in 0..2 {
                for records in records.chunks(batch) {
                    other.store.import_batch(records.to_vec()).await.expect("imported");
                }
                assert_eq!(exported(&other), records, "importing it again changes nothing");
            }
            let her_other = other.reload(&ada);
            assert_eq!(other.all_pulled(&her_other), fixture.all_pulled(&ada));
            for step in after {
                fixture.run_later(&ada, step.clone()).await;
                other.run_later(&her_other, step.clone()).await;
                assert_eq!(other.all_pulled(&her_other), fixture.all_pulled(&ada), "{step:?}");
            }
            assert_eq!(other.store.verify().expect("read").problems, [""; 0]);
        });
    }
}

/// A position keeps the time at which its device reached it [C1]. That holds also where no other device has pushed.
#[tokio::test]
async fn c1_an_export_carries_when_a_single_device_reached_its_position() {
    for rule in PositionRule::ALL {
        let fixture = Fixture::with(|options| options.default_rule = rule);
        let ada = fixture.user("ada").await;
        for percentage in [0.5, 0.51] {
            let progress = Progress::new("/body/p[1]".into(), percentage, "Kobo".into(), None).expect("a position");
            fixture.store.push(ada.clone(), document("a"), progress, None).await.expect("an outcome");
            fixture.advance_clock(60);
        }
        let records = exported(&fixture);
        for imported_under in PositionRule::ALL {
            let other = Fixture::with(|options| options.default_rule = imported_under);
            other.store.import_batch(records.clone()).await.expect("imported");
            assert_eq!(other.pulled(&ada, "a"), fixture.pulled(&ada, "a"), "{rule}, then {imported_under}");
        }
    }
}

/// A repeat says nothing of its reader [C1]: the device has been there since.
#[tokio::test]
async fn c1_an_export_carries_when_each_device_reached_its_place() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut reached = Vec::new();
    for (device, place, percentage) in [("Phone", 1, 0.3), ("Kobo", 2, 0.6), ("Phone", 1, 0.3), ("Phone", 1, 0.31)] {
        let progress = Progress::new(format!("/body/p[{place}]"), percentage, device.into(), None).expect("a position");
        fixture.store.push(ada.clone(), document("a"), progress, None).await.expect("an outcome");
        reached.push(fixture.now.load(Ordering::Relaxed));
        fixture.advance_clock(60);
    }
    let current = exported(&fixture).into_iter().find_map(|record| match record {
        crate::store::Transferred::Document(document) => document.current,
        _ => None,
    });
    let devices = current.expect("a state").devices;
    assert_eq!(
        devices.iter().map(|device| (device.percentage, device.reached)).collect::<Vec<_>>(),
        [(0.31, reached[0])]
    );
}
