//! Writes Lua tables as text, as KOReader writes its settings files.

use std::fmt::{self, Write as _};

/// A value of a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Flag(bool),
    Number(u32),
    Text(String),
    /// A table with names as keys, in this order.
    Table(Vec<(&'static str, Value)>),
    /// A table with the keys 1, 2 and so on.
    List(Vec<Value>),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Table(entries) => {
                let entries = entries.iter().map(|(key, value)| (quoted(key), value));
                write_entries(f, depth, entries)
            }
            Self::List(items) => {
                let items = items.iter().zip(1_usize..).map(|(value, index)| (index.to_string(), value));
                write_entries(f, depth, items)
            }
        }
    }
}

fn write_entries<'a>(
    f: &mut fmt::Formatter<'_>,
    depth: usize,
    entries: impl Iterator<Item = (String, &'a Value)>,
) -> fmt::Result {
    f.write_str("{\n")?;
    for (key, value) in entries {
        write!(f, "{:indent$}[{key}] = ", "", indent = 4 * (depth + 1))?;
        value.write(f, depth + 1)?;
        f.write_str(",\n")?;
    }
    write!(f, "{:indent$}}}", "", indent = 4 * depth)
}

/// Writes an expression of Lua.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

/// Returns a text as a string literal of Lua 5.1. Only these bytes need an escape.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            // Three digits, so that a digit that follows is no part of it.
            c if c.is_ascii_control() => {
                let _ = write!(literal, "\\{:03}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a string literal as the manual of Lua 5.1 describes it (2.1).
    fn parsed(literal: &str) -> Option<String> {
        let mut chars = literal.strip_prefix('"')?.chars().peekable();
        let mut text = String::new();
        loop {
            match chars.next()? {
                '"' => return chars.next().is_none().then_some(text),
                '\n' | '\r' | '\0' => return None,
                '\\' => match chars.next()? {
                    'n' => text.push('\n'),
                    c @ ('"' | '\\') => text.push(c),
                    first => {
                        let mut code = first.to_digit(10)?;
                        for _ in 0..2 {
                            if let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                                code = 10 * code + digit;
                                chars.next();
                            }
                        }
                        text.push(char::from(u8::try_from(code).ok().filter(u8::is_ascii)?));
                    }
                },
                c => text.push(c),
            }
        }
    }

    proptest! {
        #[test]
        fn every_text_is_one_literal_that_reads_as_the_text(text in "(\\PC|[\"\\\\\\n\\r\\x00-\\x1f\\x7f0-9])*") {
            prop_assert_eq!(parsed(&quoted(&text)), Some(text));
        }
    }

    #[test]
    fn tables_are_written_as_koreader_writes_them() {
        let list = Value::List(vec![Value::Table(vec![("url", Value::text(""))])]);
        let table = Value::Table(vec![("a", Value::Flag(true)), ("b", Value::Number(2)), ("c", list)]);
        let expected = "{\n    [\"a\"] = true,\n    [\"b\"] = 2,\n    [\"c\"] = {\n        [1] = {\n            [\"url\"] = \"\",\n        \
                        },\n    },\n}";
        assert_eq!(table.to_string(), expected);
        assert_eq!(quoted("a\"\\\n\r\u{0}9é"), "\"a\\\"\\\\\\n\\013\\0009é\"");
    }
}
