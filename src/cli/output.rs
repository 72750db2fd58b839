//! What commands print on standard output.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

pub(super) use crate::model::{count, printable};

/// Prints a line.
///
/// A reader that has closed its pipe, such as `head`, wants no more: the command goes on without it. Unlike `println!`, returns an
/// error if the output cannot be written for another reason.
pub(super) fn print_line(text: impl Display) -> Result<()> {
    Ok(unless_closed(writeln!(io::stdout(), "{}", printable_lines(&text.to_string())))?)
}

/// Prints a text as it is, see [`print_line`].
pub(super) fn print_text(text: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    Ok(unless_closed(out.write_all(text).and_then(|()| out.flush()))?)
}

fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Returns whether the path of an output file means standard output.
pub(super) fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Prints a list as indented JSON.
pub(super) fn print_json(rows: Vec<Value>) -> Result<()> {
    print_line(format_args!("{:#}", Value::from(rows)))
}

/// Prints columns that are as wide as their widest cell.
pub(super) fn print_table(rows: &[Vec<String>]) -> Result<()> {
    let mut widths = vec![0; rows.first().map_or(0, Vec::len)];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = Vec::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(cell);
            let missing = width - cell.chars().count();
            line.extend(std::iter::repeat_n(' ', missing + 2));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    print_text(&out)
}

/// Like [`printable`], for a text of several lines.
pub(super) fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_but_the_end_of_a_line_reaches_the_terminal() {
        assert_eq!(printable_lines("Jörg\u{9b} Ω\n📖"), "Jörg\u{fffd} Ω\n📖");
    }
}
