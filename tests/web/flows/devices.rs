//! Devices, setting one up, device passwords, and files.

use super::person::Person;
use crate::common::{KEY, percent_encoded};

/// Names a device, and forgets one.
pub fn names_devices(person: &mut Person<'_>) {
    person.press("common-devices");
    let labels = |name: &str| person.text_with("devices-change-label", &[("name", name)]);
    person.browser.touch(&format!("//summary[@aria-label=\"{}\"]", labels("Kobo")));
    let field = |name: &str| {
        let details = format!("//details[summary[@aria-label=\"{}\"]]//input[@name=\"name\"]", labels(name));
        person.browser.property_at(&details, "id")
    };
    let id = field("Kobo");
    let save = |id: &str| format!("//form[.//*[@id=\"{id}\"]]//button");
    person.fill_unchecked_at(&id, "In the\u{1} kitchen");
    person.press_first(&save(&id));
    person.is_refused(&[(&id, &person.text("devices-name-control"))]);
    person.fill_unchecked_at(&id, "Kobo in the kitchen <b>");
    person.press_first(&save(&id));
    person.is_told("notices-renamed");
    assert!(person.browser.texts("h2.device").iter().any(|name| name.contains("Kobo in the kitchen <b>")));
    person.browser.touch(&format!("//summary[@aria-label=\"{}\"]", labels("Kindle")));
    person.press_named(&person.text_with("devices-forget-label", &[("name", "Kindle")]));
    person.is_told("notices-forgotten");
    assert!(!person.browser.texts("h2.device").iter().any(|name| name.contains("Kindle")));
}

/// Sets a device up: with what to type, and with files.
pub fn sets_a_device_up(person: &mut Person<'_>) {
    person.open("devices");
    person.press("setup-title");
    person.press_text("KOReader");
    person.fill_unchecked("setup-passwords-name", "");
    person.fill_unchecked("setup-address", "books.example");
    person.press("setup-show");
    person.is_refused(&[
        ("name", &person.text("setup-passwords-name-empty")),
        ("address", &person.text("setup-address-invalid")),
    ]);
    assert_eq!(person.value("setup-address"), "books.example");
    person.fill("setup-passwords-name", "Kobo & <b>");
    person.fill("setup-address", "http://192.168.1.20:7200");
    person.press("setup-show");
    person.is_headed(&person.text_with("setup-ready", &[("name", "Kobo & <b>")]));
    let typed = person.browser.texts("dl.typed code");
    assert_eq!(typed[..2], ["http://192.168.1.20:7200", "ada"]);
    assert_eq!(person.browser.attributes("dl.typed svg", "role").len(), 2, "codes to scan");
    assert_eq!(person.site.login("ada", &typed[2]).status, 200);
    person.press("setup-another");
    person.press_text("KOReader");
    person.fill("setup-passwords-name", "Kindle");
    person.fill("setup-address", "http://192.168.1.20:7200");
    let (name, zip) = person.save(&person.text("setup-download"));
    assert_eq!(name, "kosync-Kindle.zip");
    assert!(zip.starts_with(b"PK"));
}

/// Makes a device password, and revokes it.
pub fn makes_device_passwords(person: &mut Person<'_>) {
    person.open("account");
    person.press_link_of("account-password-about");
    person.fill_unchecked("setup-passwords-name", "a\u{1}b");
    person.press("setup-passwords-make");
    person.is_refused(&[("name", &person.text("setup-passwords-name-control"))]);
    person.fill("setup-passwords-name", "Phone");
    person.press("setup-passwords-make");
    person.sees(&person.text_with("setup-passwords-shown", &[("name", "Phone")]));
    let password = person.browser.text("code.address");
    let key = password.as_str();
    assert_eq!(person.site.login("ada", key).status, 200);
    person.press_named(&person.text_with("setup-passwords-revoke-name", &[("name", "Phone")]));
    person.is_told("notices-revoked");
    person.site.login("ada", key).unauthorized();
    assert_eq!(person.site.login("ada", KEY).status, 200);
}

/// Looks at files, saves one, and deletes it.
pub fn keeps_files(person: &mut Person<'_>) {
    person.press("common-files");
    let (name, content) = person.save("notes & <b>.txt");
    assert!(content == b"a note", "{name}");
    // Without a session, a login leads to the page that has the file.
    person.browser.delete_cookies();
    person.press_text("notes & <b>.txt");
    person.is_headed(&person.text("login-title"));
    person.log_in("ada", "password");
    person.is_headed(&person.text("files-title"));
    let delete = "//li[.//*[normalize-space()=\"notes & <b>.txt\"]]//a[@class=\"danger\"]";
    person.press_first(delete);
    person.is_headed(&person.text("files-delete-file"));
    person.press("common-cancel");
    person.press_first(delete);
    person.press("common-delete");
    person.is_told("notices-file-deleted");
    let gone = format!("/webdav/{}", percent_encoded("notes & <b>.txt"));
    let reply = person.site.send("GET", &gone, &[("authorization", b"Basic YWRhOnBhc3N3b3Jk")], None);
    assert_eq!(reply.status, 404);
}
