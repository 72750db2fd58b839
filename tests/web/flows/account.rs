//! Coming in and going: registering, logging in and out, sessions that end in a form, and what an account chooses for itself.

use super::person::Person;
use crate::visitor::book_path;

const REFUSED: (&str, &str) = ("password", "errors-wrong-credentials");

/// Makes an account, and is led to where the way began.
pub fn registers(person: &mut Person<'_>) {
    person.open("books?sort=title");
    person.is_headed(&person.text("login-title"));
    person.press_link_of("login-no-account");
    person.is_headed(&person.text("login-register-title"));
    let fill = |name: &str, again: &str| {
        person.fill("login-name", name);
        person.fill("login-password", "password");
        person.fill("login-repeat-password", again);
        person.press("login-create-account");
    };
    fill("a:b", "other");
    let colon = person.text_with("errors-invalid-colon", &[("field", &person.text("errors-field-username"))]);
    let name = person.text_with("login-not-created", &[("reason", &colon)]);
    person.is_refused(&[("name", &name), ("again", &person.text("errors-passwords-differ"))]);
    assert_eq!(person.value("login-name"), "a:b", "what was typed is kept");
    assert_eq!(person.value("login-password"), "", "a password is not");
    fill("ada", "password");
    person.is_refused(&[("name", &person.text("login-taken"))]);
    fill("eve", "password");
    person.is_at("books?sort=title");
    person.is_told("notices-welcome");
    person.sees(&person.text("setup-empty-heading"));
    person.press("common-log-out");
    person.is_at("login");
}

/// Logs in with a wrong password, then with the right one. The login then leads to the page that was opened first.
pub fn logs_in(person: &mut Person<'_>) {
    person.open("devices");
    person.log_in("ada", "wrong");
    person.is_refused(&[(REFUSED.0, &person.text(REFUSED.1))]);
    assert_eq!(person.value("login-name"), "ada");
    person.log_in("ada", "password");
    person.is_at("devices");
    // With a session, the login leads on at once.
    person.open("login");
    person.is_at("");
}

/// Chooses the appearance on a page, and stays there.
pub fn chooses_an_appearance(person: &mut Person<'_>) {
    let (chosen, pressed) = match person.look.scheme {
        "light" => ("common-theme-light", "light"),
        _ => ("common-theme-dark", "dark"),
    };
    person.open("books?sort=title");
    let other = if person.look.scheme == "light" { "dark" } else { "light" };
    person.press(chosen);
    person.is_at("books?sort=title");
    // Whatever the system prefers.
    person.browser.emulate_media("", &[("prefers-color-scheme", other)]);
    person.open("account");
    assert_eq!(person.browser.attributes("[aria-pressed=true]", "value"), [pressed]);
    person.browser.emulate_media("", &[("prefers-color-scheme", person.look.scheme)]);
    person.press("common-theme-auto");
    person.is_at("account");
}

/// Loses the session in a form with a text, and in one without.
pub fn loses_the_session(person: &mut Person<'_>) {
    let book = &book_path("middlemarch")[1..];
    person.open(book);
    person.fill("books-name-label", "Kept & <b>");
    person.browser.delete_cookies();
    person.press("books-save-name");
    person.is_refused(&[("", &person.text("login-session-ended"))]);
    person.log_in("ada", "wrong");
    person.is_refused(&[(REFUSED.0, &person.text(REFUSED.1))]);
    person.log_in("ada", "password");
    person.is_headed(&person.text("login-again-title"));
    person.sees("Middlemarch");
    assert_eq!(person.value("books-name-label"), "Kept & <b>");
    person.press("books-save-name");
    person.is_told("notices-renamed");
    person.is_headed("Kept & <b>");
    // Choices are shown in words.
    person.open("account");
    person.choose("account-day-end", "2:00");
    person.browser.delete_cookies();
    person.press_in("preferences", "common-save");
    person.is_refused(&[("", &person.text("login-session-ended"))]);
    person.log_in("ada", "password");
    let facts = person.browser.texts("main dt, main dd");
    let expected = ["account-language", "account-language-default", "account-day-end"].map(|id| person.text(id));
    assert_eq!(facts, [expected[0].as_str(), &expected[1], &expected[2], "2:00"]);
    person.press_text(&person.text("login-do-not-send"));
    person.is_at("account#preferences");
    // Where nothing was typed, the login leads to the form.
    person.open(book);
    person.browser.delete_cookies();
    person.press("books-start-over");
    person.is_refused(&[("", &person.text("login-session-ended-repeat"))]);
    person.log_in("ada", "password");
    person.is_at(book);
    person.fill("books-name-label", "");
    person.press("books-save-name");
    person.is_headed("Middlemarch");
}

/// Chooses a rule, a language, a time zone and an end of the day.
pub fn chooses_preferences(person: &mut Person<'_>) {
    let other = if person.look.language == "en" { ("de", "Deutsch") } else { ("en", "English") };
    let own = if person.look.language == "en" { "English" } else { "Deutsch" };
    person.press("common-account");
    person.tick("account-rule-furthest");
    person.press_in("current-position", "common-save");
    person.is_told("notices-rule");
    person.choose("account-time-zone", "Asia/Tokyo");
    person.choose("account-day-end", "2:00");
    person.choose("account-language", other.1);
    let own_language = person.look.language;
    person.reads(other.0);
    person.press_first("//form[@action=\"./preferences\"]//button");
    person.is_told("notices-preferences");
    person.choose("account-language", own);
    person.reads(own_language);
    person.press_first("//form[@action=\"./preferences\"]//button");
    person.is_told("notices-preferences");
    person.choose("account-language", &person.text("account-language-default"));
    person.choose("account-time-zone", "UTC");
    person.press_in("preferences", "common-save");
    person.is_told("notices-preferences");
}

/// Changes the own password.
pub fn changes_the_password(person: &mut Person<'_>) {
    person.press("common-account");
    let fill = |current: &str, again: &str| {
        person.fill("login-current-password", current);
        person.fill("login-new-password", "new password");
        person.fill("login-repeat-new-password", again);
        person.press("account-change-password");
    };
    fill("wrong", "new password");
    person.is_refused(&[("current", &person.text("errors-wrong-password"))]);
    fill("password", "other");
    person.is_refused(&[("again", &person.text("errors-passwords-differ"))]);
    assert_eq!(person.value("login-current-password"), "");
    fill("password", "new password");
    person.is_told("notices-password");
}

/// Deletes the own account.
pub fn deletes_the_account(person: &mut Person<'_>) {
    person.becomes("grace", "password");
    person.press("common-account");
    person.fill("login-password", "wrong");
    person.press("account-delete");
    person.is_refused(&[("password", &person.text("errors-wrong-password"))]);
    person.fill("login-password", "password");
    person.press("account-delete");
    person.is_at("login");
    person.is_told("notices-account-deleted");
    person.log_in("grace", "password");
    person.is_refused(&[(REFUSED.0, &person.text(REFUSED.1))]);
}

/// Gets to pages that are not there, or not for everybody, and back.
pub fn takes_a_wrong_turn(person: &mut Person<'_>) {
    person.open("nowhere");
    person.is_headed(&person.text("errors-no-page"));
    person.press("errors-to-overview");
    person.is_at("");
    person.open("books/bm9uZQ");
    person.press("errors-to-books");
    person.is_at("books");
    person.open("accounts");
    person.is_headed(&person.text("errors-not-administrator"));
    // The addresses of forms lead to the forms.
    for (path, page) in [("password", "account#current"), ("goal", ""), ("files/delete", "files")] {
        person.open(path);
        person.is_at(page);
    }
}
