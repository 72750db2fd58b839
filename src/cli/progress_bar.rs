//! Progress on a terminal. Nothing is shown where standard error is not a terminal.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// Shows how many of `total` are done.
pub(super) fn bar(total: u64, noun: &'static str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(total);
    bar.set_style(ProgressStyle::with_template(&format!("{{bar:30}} {{pos}} of {{len}} {noun}, {{elapsed}}"))?);
    Ok(bar)
}

/// Shows how many are done, where the total is unknown.
pub(super) fn counter(noun: &'static str) -> Result<ProgressBar> {
    let counter = ProgressBar::no_length();
    counter.set_style(ProgressStyle::with_template(&format!("{{spinner}} {{pos}} {noun}, {{elapsed}}"))?);
    Ok(counter)
}
