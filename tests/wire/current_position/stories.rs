//! What happens to readers with two devices, as KOReader plays it.

use super::*;

const NEWEST: PositionRule = PositionRule::Newest;

#[test]
fn a_phone_that_is_opened_and_closed_without_reading_changes_nothing() {
    let room = Room::at_60(NEWEST);
    let before = room.current();
    room.phone().reads_to(0.2);
    assert_eq!(room.current(), before, "time and all");
    // A day later, too.
    room.wait(DAY);
    room.phone().reads_to(0.2);
    room.expect("Kobo_nova", 0.6);
}

#[test]
fn a_new_phone_that_opens_the_book_at_page_1_changes_nothing() {
    let room = Room::at_60(NEWEST);
    room.reader("New phone", "F1F1").reads_to(0.001);
    room.expect("Kobo_nova", 0.6);
    // Its reader closes it there again, and then reads.
    room.wait(60);
    room.reader("New phone", "F1F1").reads_to(0.001);
    room.expect("Kobo_nova", 0.6);
    room.wait(60);
    room.reader("New phone", "F1F1").reads_to(0.01);
    room.expect("New phone", 0.01);
}

#[test]
fn a_queue_of_old_places_behind_the_kobo_changes_nothing() {
    let room = Room::at_60(NEWEST);
    let before = room.current();
    for percentage in [0.22, 0.24, 0.26] {
        room.phone().reads_to(percentage);
        room.wait(1);
    }
    assert_eq!(room.current(), before, "time and all");
    // The Kobo holds it as before: it may go back.
    room.kobo().reads_to(0.59);
    room.expect("Kobo_nova", 0.59);
}

#[test]
fn a_queue_of_old_places_beyond_the_kobo_is_taken() {
    let room = Room::new(NEWEST);
    room.kobo().reads_to(0.2);
    room.phone().reads_to(0.2001);
    room.wait(DAY);
    room.kobo().reads_to(0.3);
    room.wait(DAY);
    for percentage in [0.25, 0.35, 0.5] {
        room.phone().reads_to(percentage);
        room.wait(1);
    }
    room.expect("Phone", 0.5);
}

#[test]
fn going_back_on_purpose_stays_when_the_phone_is_opened_where_it_had_been() {
    let room = Room::at_60(NEWEST);
    room.phone().reads_to(0.55);
    room.wait(DAY);
    room.kobo().reads_to(0.61);
    room.wait(DAY);
    room.kobo().reads_to(0.45);
    room.wait(DAY);
    room.phone().reads_to(0.55);
    room.expect("Kobo_nova", 0.45);
}

#[test]
fn a_finished_book_is_begun_again_on_the_phone() {
    for (rule, after_the_first_sitting) in
        [(NEWEST, ("Phone", 0.03)), (PositionRule::Furthest, ("Kobo_nova", 1.0)), (PositionRule::Last, ("Phone", 0.03))]
    {
        let room = Room::at_60(rule);
        room.kobo().reads_to(1.0);
        room.wait(DAY);
        room.phone().reads_to(0.03);
        room.expect(after_the_first_sitting.0, after_the_first_sitting.1);
        room.wait(DAY);
        room.phone().reads_to(0.06);
        room.expect("Phone", 0.06);
    }
}

#[test]
fn a_push_by_hand_without_a_page_turn_changes_nothing() {
    let room = Room::at_60(NEWEST);
    room.phone().reads_to(0.2);
    room.expect("Kobo_nova", 0.6);
    let newest = &room.history()[0];
    assert_eq!((newest.progress.device.as_str(), newest.effect), ("Phone", kosync::PushEffect::Repeat));
}

#[test]
fn one_page_turned_counts() {
    // A book of 300 pages on a phone.
    let room = Room::at_60(NEWEST);
    room.phone().reads_to(0.2033);
    room.expect("Phone", 0.2033);
    // A book of 1,000: the first page that is turned after the Kobo has read may be the old one in another font, the next cannot.
    let room = Room::at_60(NEWEST);
    room.phone().reads_to(0.201);
    room.wait(30);
    room.phone().reads_to(0.202);
    room.expect("Phone", 0.202);
}

#[test]
fn a_late_push_of_the_place_that_was_pulled_changes_nothing() {
    let room = Room::at_60(NEWEST);
    let pulled = room.phone().pulled();
    room.wait(DAY);
    room.kobo().reads_to(0.8);
    room.wait(60);
    // Its own layout has another percentage for the place.
    room.phone().pushes(pulled["progress"].as_str().unwrap(), 0.6123);
    room.expect("Kobo_nova", 0.8);
}

#[test]
fn an_evening_with_two_devices_ends_where_the_last_was_read() {
    let room = Room::at_60(NEWEST);
    let mut percentage = 0.6;
    for _ in 0..4 {
        for reader in [room.phone(), room.kobo()] {
            reader.pulls_and_closes();
            room.wait(600);
            percentage += 0.01;
            reader.reads_to(percentage);
            room.expect(reader.device, percentage);
            room.wait(600);
        }
    }
}

#[test]
fn another_font_is_not_another_page() {
    for distance in [0.002, -0.002, 0.001] {
        let room = Room::at_60(NEWEST);
        room.phone().pushes("/body/DocFragment[5]/body/div/p[1]/text().17", 0.2 + distance);
        room.expect("Kobo_nova", 0.6);
        room.wait(60);
        room.phone().reads_to(0.25);
        room.expect("Phone", 0.25);
    }
}

#[test]
fn pages_of_a_pdf_are_as_those_of_a_book() {
    let room = Room::new(NEWEST);
    room.kobo().pushes("56", 0.56);
    room.phone().pushes("56", 0.56);
    room.wait(DAY);
    room.kobo().pushes("80", 0.8);
    room.wait(DAY);
    room.phone().pushes("56", 0.56);
    room.expect("Kobo_nova", 0.8);
    // The next page, of 1,000: its number says that it is another.
    room.wait(60);
    room.phone().pushes("57", 0.561);
    room.expect("Phone", 0.561);
}

#[test]
fn a_bridge_that_knows_percentages_moves_them_and_keeps_the_nearest_place() {
    let room = Room::at_60(NEWEST);
    for percentage in [0.61, 0.62, 0.66] {
        room.reader("audiobook", "bridge").pushes("", percentage);
        room.wait(600);
    }
    room.expect("audiobook", 0.66);
    assert_eq!(room.current()["progress"], page_at(0.6));
}

#[test]
fn a_client_that_names_only_the_chapter_is_followed() {
    let chapter = "/body/DocFragment[12]/body";
    let room = Room::at_60(NEWEST);
    room.phone().pushes(chapter, 0.25);
    room.wait(DAY);
    room.kobo().reads_to(0.61);
    room.wait(DAY);
    room.phone().pushes(chapter, 0.27);
    room.expect("Phone", 0.27);
    // While it holds the position, each push counts.
    for percentage in [0.275, 0.28, 0.285] {
        room.wait(60);
        room.phone().pushes(chapter, percentage);
        room.expect("Phone", percentage);
    }
}

#[test]
fn a_push_whose_answer_was_lost_and_that_is_queued_does_not_count_twice() {
    let room = Room::at_60(NEWEST);
    room.phone().reads_to(0.25);
    room.wait(DAY);
    room.kobo().pulls_and_closes();
    room.kobo().reads_to(0.3);
    room.wait(DAY);
    room.phone().reads_to(0.25);
    room.expect("Kobo_nova", 0.3);
}

#[test]
fn a_queue_of_200_is_taken_whole() {
    for rule in PositionRule::ALL {
        let room = Room::at_60(rule);
        let (before, length) = (room.current(), room.history().len());
        for item in 0..200 {
            room.phone().reads_to(0.2 + f64::from(item) * 0.001);
        }
        match rule {
            PositionRule::Last => room.expect("Phone", 0.399),
            _ => assert_eq!(room.current(), before, "{rule}"),
        }
        let pushes: u32 = room.history().iter().map(|entry| entry.pushes).sum();
        assert!(pushes as usize >= length + 200, "{rule}: {pushes}");
    }
}

#[test]
fn a_look_at_the_endnotes_counts_under_furthest_and_is_put_back() {
    let room = Room::at_60(PositionRule::Furthest);
    room.phone().reads_to(0.97);
    room.expect("Phone", 0.97);
    room.wait(60);
    room.put_back(0.6);
    room.expect("kosync (put back)", 0.6);
    for reader in [room.phone(), room.kobo()] {
        room.wait(DAY);
        reader.reads_to(if reader.device == "Phone" { 0.97 } else { 0.6 });
        room.expect("kosync (put back)", 0.6);
    }
    // Reading on counts.
    room.wait(DAY);
    room.kobo().reads_to(0.61);
    room.expect("Kobo_nova", 0.61);
}

#[test]
fn twelve_percent_as_12_is_not_the_furthest() {
    let room = Room::at_60(PositionRule::Furthest);
    room.reader("odd", "12").pushes("p", 12.0);
    room.expect("Kobo_nova", 0.6);
}

#[test]
fn a_book_that_was_started_over_has_no_position_until_a_reader_moves() {
    for rule in [NEWEST, PositionRule::Furthest] {
        let room = Room::at_60(rule);
        room.kobo().reads_to(1.0);
        room.wait(DAY);
        room.start_over();
        for _ in 0..2 {
            assert_eq!(room.current(), json!({}), "{rule}");
            room.wait(DAY);
            room.kobo().reads_to(1.0);
        }
        room.phone().reads_to(0.2);
        assert_eq!(room.current(), json!({}), "{rule}");
        room.wait(60);
        room.phone().reads_to(0.03);
        room.expect("Phone", 0.03);
        room.wait(60);
        room.kobo().reads_to(0.05);
        room.expect("Kobo_nova", 0.05);
    }
}

#[test]
fn a_position_put_back_stays_when_each_device_is_opened_and_closed() {
    for rule in [NEWEST, PositionRule::Furthest] {
        let room = Room::at_60(rule);
        room.wait(7 * DAY);
        room.put_back(0.2);
        let before = room.current();
        assert_eq!(before["device"], "kosync (put back)");
        for (reader, percentage) in [(room.phone(), 0.2), (room.kobo(), 0.6), (room.phone(), 0.2)] {
            room.wait(DAY);
            reader.reads_to(percentage);
            assert_eq!(room.current(), before, "{rule}");
        }
        // Each may also jump there first.
        for reader in [room.phone(), room.kobo()] {
            reader.pulls_and_closes();
            assert_eq!(room.current()["progress"], before["progress"], "{rule}");
            room.wait(DAY);
        }
    }
}
