//! `kosync completions` and `kosync man`, for those who package or install the program.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use clap_complete::Shell;
use clap_mangen::Man;

use super::output::{count, print_line, print_text};
use super::{CommandError, command};

#[derive(Args)]
#[command(after_help = "Examples:
  kosync completions bash > /usr/share/bash-completion/completions/kosync
  kosync completions zsh > /usr/share/zsh/site-functions/_kosync
  kosync completions fish > ~/.config/fish/completions/kosync.fish")]
pub(super) struct CompletionsArgs {
    /// Shell to complete commands and options in
    shell: Shell,
}

#[derive(Args)]
#[command(after_help = "Examples:
  kosync man /usr/local/share/man/man1")]
pub(super) struct ManArgs {
    /// Directory to write to; created if it does not exist
    directory: PathBuf,
}

pub(super) fn print_completions(CompletionsArgs { shell }: &CompletionsArgs) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut command(), "kosync", &mut script);
    print_text(&script).map_err(CommandError::Run)
}

pub(super) fn write_man_pages(ManArgs { directory }: &ManArgs) -> Result<(), CommandError> {
    let write = || -> Result<u64> {
        fs::create_dir_all(directory)?;
        let mut root = command().disable_help_subcommand(true);
        root.build();
        write_man_page(root, directory)
    };
    let pages = write().with_context(|| directory.display().to_string()).map_err(CommandError::Run)?;
    let pages = count(pages, "man page");
    print_line(format_args!("Wrote {pages} to {}.", directory.display())).map_err(CommandError::Run)
}

/// Writes the pages of a command and of those below it, and returns their number.
fn write_man_page(command: clap::Command, directory: &Path) -> Result<u64> {
    let mut pages = 1;
    for subcommand in command.get_subcommands() {
        pages += write_man_page(subcommand.clone(), directory)?;
    }
    let page = Man::new(command);
    let mut text = Vec::new();
    page.render(&mut text)?;
    // What clap calls the text after the options.
    let text = String::from_utf8(text)?.replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n");
    fs::write(directory.join(page.get_filename()), text)?;
    Ok(pages)
}
