//! Books: finding them, a book's page and its forms, joining, names for many, highlights, deleting.

use serde_json::json;

use super::person::Person;
use crate::common::reading::EMMA;
use crate::common::{KEY, position};
use crate::visitor::book_path;

const PUT_BACK: &str = "//form[contains(@action, \"put-back\")]//button";

/// Finds books by words, sorts and filters them, and turns the pages of the list.
pub fn finds_books(person: &mut Person<'_>) {
    person.press("common-my-books");
    for (words, title) in [("godel escher", "Gödel, Escher, Bach"), ("война воина", "Война и мир")]
    {
        person.fill("books-search-label", words);
        person.press("books-search");
        assert_eq!(person.browser.texts(".books .title"), [title]);
        assert_eq!(person.value("books-search-label"), words);
    }
    person.fill("books-search-label", "<b> nothing %");
    person.press("books-search");
    person.sees(&person.text_with("books-found", &[("count", "0")]));
    person.press("books-show-all");
    let next = person.text("books-next");
    person.press_text(&next);
    person.sees(&person.text_with("books-page-of", &[("page", "2"), ("count", "2")]));
    person.unfold(&person.text("books-refine"));
    person.choose("books-sort", &person.text("books-sort-title"));
    person.choose("books-shelf", &person.text("books-shelf-reading"));
    person.press("books-show");
    assert!(person.browser.url().contains("sort=title&shelf=reading"), "{}", person.browser.url());
    // A search keeps order and filters.
    person.fill("books-search-label", "middle");
    person.press("books-search");
    assert!(person.browser.url().contains("sort=title&shelf=reading"), "{}", person.browser.url());
    person.press_text("Middlemarch George Eliot");
    person.is_headed("Middlemarch");
}

/// Puts back a position, and starts over, moves, hides and names a book.
pub fn keeps_a_book(person: &mut Person<'_>) {
    let page = &book_path("middlemarch")[1..];
    person.open(page);
    person.press_first(PUT_BACK);
    person.is_told("notices-put-back");
    person.press("books-start-over");
    person.is_told("notices-start-over");
    person.sees(&person.text("books-started-over"));
    person.press_first(PUT_BACK);
    assert_eq!(person.site.pulled("ada", KEY, "middlemarch")["device"], "kosync (put back)");

    person.press("books-move-aside");
    person.is_told("notices-moved");
    person.fill_unchecked("books-finished-on", "2999-01-01");
    person.press("books-move-finished");
    person.is_refused(&[("finished-on", &person.text("books-no-date"))]);
    let finish = |person: &mut Person<'_>| {
        person.fill_unchecked("books-finished-on", "2023-11-14");
        person.press("books-move-finished");
        person.is_told("notices-moved");
    };
    finish(person);
    person.press_first("//form[contains(@action, \"/not-finished\")]//button");
    person.is_told("notices-taken-back");
    finish(person);
    person.press("books-move-auto");
    person.is_told("notices-moved");
    person.press("books-hide");
    person.is_told("notices-hidden");
    person.open("books?shelf=hidden");
    person.press_text("Middlemarch George Eliot");
    person.press("books-unhide");
    person.is_told("notices-shown");

    person.unfold(&person.text("books-rename"));
    person.fill_unchecked("books-name-label", "A\u{1}name");
    person.press("books-save-name");
    person.is_refused(&[("name", &person.text("books-name-control"))]);
    assert_eq!(
        person.value("books-name-label"),
        "A\u{fffd}name",
        "what was typed is kept, but for the control character"
    );
    person.fill_unchecked("books-name-label", &"x".repeat(1025));
    person.press("books-save-name");
    let limit = if person.look.language == "en" { "1,024" } else { "1.024" };
    person.is_refused(&[("name", &person.text_with("books-name-too-long", &[("limit", limit)]))]);
    person.fill("books-name-label", "Mittelmarsch");
    person.press("books-save-name");
    person.is_told("notices-renamed");
    person.is_headed("Mittelmarsch");
    person.open(&format!("{page}/history"));
    person.press_text("Mittelmarsch");
    person.is_at(page);
}

/// Joins files of one book, and parts them. Joins them by the list, by a suggestion and by the page of requests.
pub fn joins_books(person: &mut Person<'_>) {
    let same = person.text_with("books-same-book-label", &[("title", "Persuasion")]);
    let page = &book_path("bought")[1..];
    person.open(page);
    person.press_text(&person.text("books-same-as"));
    person.fill("books-search-label", "persua");
    person.press("books-search");
    person.press_named(&person.text_with("books-this-one-label", &[("title", "Persuasion")]));
    person.is_told("notices-joined");
    person.press_named(&person.text_with("books-part-label", &[("title", "converted.epub")]));
    person.is_told("notices-parted");
    person.press_named(&same);
    person.is_told("notices-joined");
    // A device asks for a file that nobody has pushed.
    let send = |agent: &str, method: &str, path: &str, body: Option<String>| {
        let headers: [(&str, &[u8]); 3] =
            [("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes()), ("user-agent", agent.as_bytes())];
        assert_eq!(person.site.send(method, path, &headers, body.as_deref()).status, 200);
    };
    let mut body = position("walking", "/body/p[3]", 0.6);
    body["metadata"] = json!({ "title": "Walking" });
    send("KOReader/1", "PUT", "/syncs/progress", Some(body.to_string()));
    let mut other = position("rights", "/body/p[1]", 0.1);
    (other["device"], other["device_id"]) = (json!("Phone"), json!("Phone"));
    send("Readest/1", "PUT", "/syncs/progress", Some(other.to_string()));
    send("Readest/1", "GET", "/syncs/progress/asked", None);
    // A device was opened where it had been; what it sends of other books keeps that from being one queue.
    for (document, percentage, device) in [
        ("held", 0.2, "Kobo"),
        ("held", 0.25, "Phone"),
        ("held", 0.6, "Kobo"),
        ("rights", 0.2, "Phone"),
        ("held", 0.25, "Phone"),
    ] {
        let mut body = position(document, &format!("/p[{percentage}]"), percentage);
        (body["device"], body["device_id"]) = (json!(device), json!(device));
        body["metadata"] = json!({ "title": document });
        person.site.pushed("ada", KEY, &body);
    }
    person.press("common-account");
    person.press_link_of("account-why");
    person.is_headed(&person.text("activity-title"));
    person.press_first(&format!("//button[normalize-space()=\"{}\"]", person.text("activity-join")));
    person.is_told("notices-joined");
    person.is_headed("Walking");
    // A position of the page of requests is put back, too.
    person.press_text(&person.text("books-why-no-sync"));
    person.press_first(PUT_BACK);
    person.is_told("notices-put-back");
    person.is_headed("held");
}

/// Names several books at once, of which one name is refused.
pub fn names_books(person: &mut Person<'_>) {
    person.press("common-my-books");
    person.press_text(&person.text_with("books-unnamed-link", &[("count", "3")]));
    let fields = person.browser.attributes("ol.unnamed input", "id");
    assert_eq!(fields.len(), 3);
    person.fill_unchecked_at(&fields[0], "First & <b>");
    person.fill_unchecked_at(&fields[1], "Se\u{1}cond");
    person.press("books-unnamed-save");
    person.is_refused(&[(&fields[1], &person.text("books-name-control"))]);
    assert_eq!(person.browser.texts("[role=status]"), [person.text_with("books-unnamed-saved", &[("count", "1")])]);
    person.fill_unchecked_at(&fields[1], "Second");
    person.press("books-unnamed-save");
    person.is_told("notices-named");
    assert_eq!(person.browser.attributes("ol.unnamed input", "id").len(), 1);
}

/// Searches the highlights and saves them.
pub fn reads_highlights(person: &mut Person<'_>) {
    person.press("common-highlights");
    person.fill("highlights-search", "HANDSOME");
    person.press("common-search");
    person.sees(&person.text_with("highlights-found", &[("count", "1")]));
    for (id, ending) in [("highlights-markdown", ".md"), ("highlights-json", ".json")] {
        let (name, content) = person.save(&person.text(id));
        assert!(name.ends_with(ending) && String::from_utf8(content).unwrap().contains("handsome"), "{name}");
    }
    // Without a session, a login leads to the page that has the link, with the same words.
    person.browser.delete_cookies();
    person.press("highlights-markdown");
    person.log_in("ada", "password");
    person.sees(&person.text_with("highlights-found", &[("count", "1")]));
    person.press("common-show-all");
    person.press_text("Emma");
    person.is_headed("Emma");
    person.open(&format!("statistics/{}", &book_path("fedcba9876543210fedcba9876543210")[7..]));
    person.is_headed("Walden & <b>");
}

/// Deletes a book, after a page that says what goes.
pub fn deletes_a_book(person: &mut Person<'_>) {
    person.open(&book_path(EMMA)[1..]);
    person.press("books-delete-link");
    person.press("books-cancel");
    person.press("books-delete-link");
    person.is_headed(&person.text("books-delete-heading"));
    person.press("books-delete");
    person.is_told("notices-deleted");
    assert_eq!(person.site.pull("ada", KEY, EMMA).body, "{}");
}
