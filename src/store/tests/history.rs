//! Histories: what thinning keeps, and what it counts.

use super::*;
use crate::model::Preferences;

/// The days of these tests are those of the calendar.
async fn days_end_at_midnight(fixture: &Fixture, user: &User) {
    let preferences = Preferences { day_end: Some(0), ..Preferences::default() };
    assert_eq!(fixture.change_own(user, Change::SetPreferences(preferences)).await, AccountOutcome::Done);
}

#[tokio::test]
async fn a_history_thins_out_with_age() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    days_end_at_midnight(&fixture, &ada).await;
    // Five weeks of reading, 20 pushes a day.
    for day in 0..35 {
        for page in 0..20 {
            fixture.push(&ada, "book", &format!("{day} {page}")).await.expect("push");
            fixture.advance_clock(DAY / 20);
        }
    }
    let texts = fixture.texts(&ada, "book");
    // The last two days are complete.
    let recent: Vec<String> = (33..35).flat_map(|day| (0..20).map(move |page| format!("{day} {page}"))).rev().collect();
    assert_eq!(texts[..40], recent);
    // Each day before them has kept its last push.
    for day in 0..33 {
        assert!(texts.contains(&format!("{day} 19")), "day {day} in {texts:?}");
    }
    // The history is at most half as long again as what must be kept.
    assert!(texts.len() <= (33 + 40) * 3 / 2 + 20, "{}", texts.len());
    let (_, log, _) = fixture.rows();
    assert_eq!(log, texts.len(), "thinned entries leave the log");
}

#[tokio::test]
async fn a_history_never_has_more_than_600_positions() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for page in 0..1500 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    let texts = fixture.texts(&ada, "book");
    assert!((400..600).contains(&texts.len()), "{}", texts.len());
    let newest: Vec<String> = (0..1500).rev().take(texts.len()).map(|page| page.to_string()).collect();
    assert_eq!(texts, newest);
}

/// However often the history is thinned in between.
#[tokio::test]
async fn thinning_keeps_each_device_s_last_position_of_a_day_and_the_count_of_all_pushes() {
    const DAYS: u64 = 20;
    let devices = [("Kobo", Some("1")), ("Kobo", Some("2")), ("Kindle", None)];
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    days_end_at_midnight(&fixture, &ada).await;
    let mut pushes = 0;
    for day in 0..DAYS {
        for hour in 0..24 {
            let device = devices[hour % devices.len()];
            fixture.push_from(&ada, "book", &format!("{day} {hour}"), device).await;
            fixture.advance_clock(3600);
            pushes += 1;
            let counted: u32 = fixture.history(&ada, "book").iter().map(|entry| entry.pushes).sum();
            assert_eq!(counted, pushes, "day {day}, hour {hour}");
        }
    }
    let history = fixture.history(&ada, "book");
    assert!(history.len() < 200, "nothing was thinned: {}", history.len());
    for day in 0..DAYS {
        for (index, (name, id)) in devices.into_iter().enumerate() {
            let is_of_day_and_device = |entry: &&HistoryEntry| {
                let position = &entry.progress;
                let at = position.timestamp / DAY - 20_000;
                at == day && position.device == name && position.device_id.as_deref() == id
            };
            let entries: Vec<_> = history.iter().filter(is_of_day_and_device).collect();
            assert_eq!(entries[0].progress.progress, format!("{day} {}", 21 + index));
            assert_eq!(entries.iter().map(|entry| entry.pushes).sum::<u32>(), 8, "day {day}, {name} {id:?}");
        }
    }
}

/// The limit on the length drops positions, but keeps every remaining day's count.
#[tokio::test]
async fn a_day_with_more_pushes_than_are_kept_counts_all_of_them() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for page in 0..1500 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    let history = fixture.history(&ada, "book");
    assert!(history.len() < 600);
    assert_eq!(history.iter().map(|entry| entry.pushes).sum::<u32>(), 1500);
}
