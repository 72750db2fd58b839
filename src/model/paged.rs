//! Files that have pages, by their names.

/// Name endings of files that have pages, and so are read by page numbers.
const PAGED: [&str; 14] = [
    ".pdf", ".cbz", ".cbt", ".cbr", ".cb7", ".djvu", ".djv", ".xps", ".oxps", ".tif", ".tiff", ".jpg", ".jpeg", ".png",
];

/// Returns whether a file's name says that the file has pages.
pub(crate) fn has_pages(filename: &str) -> bool {
    let name = filename.trim().to_ascii_lowercase();
    PAGED.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_tells_whether_the_file_has_pages() {
        for paged in ["Emma.PDF", "a.b.cbz", "x.djvu", "scan.djv"] {
            assert!(has_pages(paged), "{paged}");
        }
        for flowing in ["emma.epub", "pdf", "emma.pdf.epub", "", "emma.fb2.zip"] {
            assert!(!has_pages(flowing), "{flowing}");
        }
    }
}
