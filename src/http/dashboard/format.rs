//! Formats the value of a progress bar.

/// Formats a percentage as the value of a progress bar, from 0 to 100.
pub(super) fn bar_value(percentage: f64) -> String {
    format!("{:.1}", (percentage * 100.0).clamp(0.0, 100.0))
}

#[cfg(test)]
mod tests {
    use super::bar_value;

    #[test]
    fn a_bar_is_neither_below_its_beginning_nor_beyond_its_end() {
        assert_eq!([-1.0, 0.333, 7.0].map(bar_value), ["0.0", "33.3", "100.0"]);
    }
}
