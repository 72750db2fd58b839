//! Opens the overview and, from it, months, days and books. Also opens the year and its picture, and sets the goal.

use super::person::Person;

pub fn sets_a_goal(person: &mut Person<'_>) {
    person.press("common-overview");
    person.unfold(&person.text("overview-goal-set"));
    person.fill_unchecked("overview-goal-label", "5000");
    person.press("overview-goal-save");
    let limit = if person.look.language == "en" { "1,000" } else { "1.000" };
    person.is_refused(&[("goal", &person.text_with("overview-goal-invalid", &[("max", limit)]))]);
    person.fill_unchecked("overview-goal-label", "12");
    person.press("overview-goal-save");
    person.is_told("notices-preferences");
    person.unfold(&person.text("overview-goal-change"));
    assert_eq!(person.value("overview-goal-label"), "12");
}

pub fn looks_back(person: &mut Person<'_>) {
    person.open("");
    person.press_first("//ul[@class=\"calendar\"]/li[last()]/a");
    person.press_first("//ul[@class=\"daylist\"]//a");
    assert_ne!(person.browser.texts(".reading .title").len(), 0);
    person.press_first("//nav[@class=\"days\"]/a[not(@rel)]");
    person.press_first("//nav[@class=\"days\"]/a[not(@rel)]");
    let year = person.browser.url().rsplit('/').next().unwrap().to_owned();
    person.is_headed(&person.text_with("overview-year-title", &[("year", &year)]));
    // The picture is no page.
    let picture = format!("//a[normalize-space()=\"{}\"]", person.text("overview-year-picture"));
    person.browser.follow(&picture);
    assert_eq!(person.browser.evaluate("document.documentElement.tagName"), "svg");
    person.open(&format!("year/{year}"));
    person.press_first("//ul[@class=\"calendar\"]/li/a");
    person.press("common-overview");
    person.press_first("//ul[@class=\"reading\"]//a");
}
