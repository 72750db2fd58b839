//! The texts of the pages in the dashboard's languages, as messages of Project Fluent.
//!
//! `src/text/LANGUAGE/AREA.ftl` has the messages of a group of pages; an id starts with its area. A translator changes these files and
//! nothing else. Tests check that each language has each message, with the same variables.

mod clock;
mod format;
mod message;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::Read as _;
use std::sync::LazyLock;

use flate2::bufread::ZlibDecoder;
use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;

pub(crate) use self::clock::Clock;
pub(crate) use self::format::Time;
pub(crate) use self::message::{Argument, Html, Message};
use crate::model::Language;

/// Names the files of a language, and includes them.
#[cfg(test)]
macro_rules! files {
    ($language:literal) => {
        files!(
            $language, "account", "activity", "admin", "books", "common", "devices", "errors", "files", "highlights",
            "login", "mqtt", "notices", "overview", "proxy", "setup"
        )
    };
    ($language:literal, $($area:literal),*) => {
        &[$(($area, include_str!(concat!($language, "/", $area, ".ftl")))),*]
    };
}

/// Returns area and content of each of a language's files.
#[cfg(test)]
const fn files(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::German => files!("de"),
        Language::English => files!("en"),
        Language::Spanish => files!("es"),
        Language::French => files!("fr"),
        Language::Dutch => files!("nl"),
    }
}

/// Returns all messages of a language, as build.rs has compressed them.
const fn compressed(language: Language) -> &'static [u8] {
    macro_rules! included {
        ($language:literal) => {
            include_bytes!(concat!(env!("OUT_DIR"), "/", $language, ".ftl.z"))
        };
    }
    match language {
        Language::German => included!("de"),
        Language::English => included!("en"),
        Language::Spanish => included!("es"),
        Language::French => included!("fr"),
        Language::Dutch => included!("nl"),
    }
}

type Bundle = FluentBundle<FluentResource>;

/// The texts of one language.
#[derive(Clone, Copy)]
pub(crate) struct Texts {
    language: Language,
    bundle: &'static LazyLock<Bundle>,
}

impl Texts {
    /// Returns the texts of a language.
    pub(crate) fn of(language: Language) -> Self {
        static GERMAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::German));
        static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
        static SPANISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Spanish));
        static FRENCH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::French));
        static DUTCH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Dutch));
        let bundle = match language {
            Language::German => &GERMAN,
            Language::English => &ENGLISH,
            Language::Spanish => &SPANISH,
            Language::French => &FRENCH,
            Language::Dutch => &DUTCH,
        };
        Self { language, bundle }
    }

    /// Returns their language.
    pub(crate) fn language(self) -> Language {
        self.language
    }

    /// Returns a message as text.
    pub(crate) fn msg(self, id: &'static str) -> Message {
        Message::new(self, id)
    }

    /// Returns a message that has simple tags. Its arguments are escaped.
    pub(crate) fn html(self, id: &'static str) -> Html {
        Html::new(self, id)
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Texts").field(&self.language).finish()
    }
}

/// Parses the files of a language. The tests have read them.
#[allow(clippy::expect_used, reason = "the files are a part of the program, and tests read them all")]
fn bundle(language: Language) -> Bundle {
    let tag = language.as_str().parse().expect("a language tag");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Browsers isolate the direction of names by `<bdi>`.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(format::formatter(language)));
    let mut messages = String::new();
    ZlibDecoder::new(compressed(language)).read_to_string(&mut messages).expect("compressed text");
    let resource = FluentResource::try_new(messages).map_err(|(_, errors)| errors).expect("messages");
    bundle.add_resource(resource).expect("each message once");
    bundle
}
