//! The texts of the pages, from the files that translators edit.

use std::collections::HashMap;
use std::path::Path;

/// The messages of one language, by their ids. Of one with a count, the text for one thing, and that for several.
pub struct Messages(HashMap<String, [String; 2]>);

impl Messages {
    pub fn of(language: &str) -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text").join(language);
        let mut messages = HashMap::new();
        for file in std::fs::read_dir(directory).unwrap() {
            let mut id = String::new();
            for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
                let trimmed = line.trim();
                if let Some((name, text)) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '#'])) {
                    id = name.to_owned();
                    messages.insert(id.clone(), [text.to_owned(), text.to_owned()]);
                } else if let Some(name) = line.strip_suffix(" =") {
                    id = name.to_owned();
                } else if let Some((variant, text)) = trimmed.split_once("] ").filter(|_| !id.is_empty()) {
                    let texts = messages.entry(id.clone()).or_default();
                    texts[usize::from(variant.starts_with('*'))] = text.to_owned();
                }
            }
        }
        Self(messages)
    }

    /// Returns a text as it is on a page. `values` are its variables; a `count` other than 1 chooses the text for several.
    #[track_caller]
    pub fn text(&self, id: &str, values: &[(&str, &str)]) -> String {
        let texts = self.0.get(id).unwrap_or_else(|| panic!("there is no message {id}"));
        let is_several = values.iter().any(|(name, value)| *name == "count" && *value != "1");
        // Without the message's tags; a value may have some.
        let parts = texts[usize::from(is_several)].split('<');
        let text: String = parts.map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        values.iter().fold(text, |text, (name, value)| text.replace(&format!("{{ ${name} }}"), value))
    }

    /// Returns the text of the link in a message.
    #[track_caller]
    pub fn link(&self, id: &str) -> String {
        let text = &self.0[id][0];
        let link = text.split("<a href").nth(1).unwrap_or_else(|| panic!("{id} has no link: {text}"));
        link.split_once('>').unwrap().1.split("</a>").next().unwrap().to_owned()
    }
}
