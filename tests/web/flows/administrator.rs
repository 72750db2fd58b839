//! The administrator: accounts, registration, the server, export and import.

use super::person::Person;
use crate::common::{KEY, OTHER_KEY};
use crate::visitor::ADMIN_PASSWORD;

pub fn manages_accounts(person: &mut Person<'_>) {
    person.becomes("admin", ADMIN_PASSWORD);
    person.press("common-manage-accounts");
    person.press("admin-close-registration");
    person.is_told("notices-closed");
    person.press("admin-open-registration");
    person.is_told("notices-opened");
    let create = |name: &str, again: &str| {
        person.fill("login-name", name);
        person.fill("login-password", "password");
        person.fill("login-repeat-password", again);
        person.press_in("accounts", "login-create-account");
    };
    create("ada", "password");
    person.is_refused(&[("name", &person.text("errors-name-taken"))]);
    create("frank", "other");
    person.is_refused(&[("again", &person.text("errors-passwords-differ"))]);
    assert_eq!(person.value("login-name"), "frank");
    create("frank", "password");
    person.is_told("notices-created");
    person.is_headed(&person.text_with("admin-account-heading", &[("name", "frank")]));
    assert_eq!(person.site.login("frank", KEY).status, 200);
    person.press("admin-disable");
    person.is_told("notices-switched-off");
    person.press("admin-all-accounts");
    assert_eq!(person.browser.texts(".tag"), [person.text("admin-disabled")]);
    person.press_text("frank");
    person.press("admin-enable");
    person.is_told("notices-switched-on");
    let change = |again: &str| {
        person.fill("admin-new-password", "test");
        person.fill("admin-repeat-password", again);
        person.press("admin-change-password");
    };
    change("other");
    person.is_refused(&[("again", &person.text("errors-passwords-differ"))]);
    change("test");
    person.is_told("notices-password-set");
    assert_eq!(person.site.login("frank", OTHER_KEY).status, 200);
    person.press("admin-delete");
    person.press("account-cancel");
    person.press("admin-delete");
    person.press("account-delete-confirm");
    person.is_told("notices-account-deleted");
    person.site.login("frank", OTHER_KEY).unauthorized();
    person.press("common-server");
    person.sees(&person.text("admin-health-good"));
}

/// Saves an export, imports it again, drops an import, and has the data checked.
pub fn moves_data(person: &mut Person<'_>) {
    person.open("");
    person.press("common-import-export");
    person.press("admin-check-button");
    assert_eq!(person.browser.texts("#check [role=status]"), [person.text("admin-check-sound")]);
    let (name, _) = person.save(&person.text("admin-backup-download"));
    assert!(name.starts_with("kosync-"), "{name}");
    let (name, export) = person.save(&person.text("admin-export-download"));
    assert!(name.ends_with(".jsonl"), "{name}");
    person.browser.run("document.querySelector('form[action$=upload]').noValidate = true");
    person.press("admin-import-upload");
    person.is_refused(&[("file", &person.text("admin-import-no-file"))]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("export.jsonl");
    std::fs::write(&file, export).unwrap();
    let upload = || {
        person.browser.choose_file("file", file.to_str().unwrap());
        person.press("admin-import-upload");
        // The page reloads itself until the file is read.
        person.browser.wait_for_text(&person.text_with("admin-import-preview", &[("label", "export.jsonl")]));
    };
    upload();
    person.press_in("discard", "common-cancel");
    upload();
    person.press_in("import", "admin-import");
    person.browser.wait_for_text(&person.text_with("admin-import-finished", &[("label", "export.jsonl")]));
    person.press("admin-import-another");
    assert_eq!(person.browser.attributes("#file", "type"), ["file"]);
}
