//! Makes the README's two screenshots from invented reading of books in the public domain.
//!
//! By hand only, where the fonts are good (Debian's `fonts-noto-core`):
//!
//! ```sh
//! KOSYNC_SCREENSHOTS=docs/images cargo test --test web screenshots
//! pngquant --ext .png --force --speed 1 64 docs/images/*.png && optipng -o5 docs/images/*.png
//! ```

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
use crate::common::{KEY, Site};

const DAY: u64 = 24 * 60 * 60;

/// A book that `ada` has read or is reading.
struct SampleBook {
    title: &'static str,
    authors: &'static str,
    /// Days before now of its first and its last position.
    days: (u64, u64),
    /// The last percentage.
    percentage: f64,
}

const BOOKS: [SampleBook; 13] = [
    SampleBook { title: "Middlemarch", authors: "George Eliot", days: (26, 0), percentage: 0.642 },
    SampleBook { title: "The War of the Worlds", authors: "H. G. Wells", days: (6, 1), percentage: 0.385 },
    SampleBook { title: "Meditations", authors: "Marcus Aurelius", days: (60, 4), percentage: 0.718 },
    SampleBook { title: "Don Quixote", authors: "Miguel de Cervantes", days: (121, 33), percentage: 0.274 },
    SampleBook { title: "Frankenstein", authors: "Mary Shelley", days: (47, 28), percentage: 1.0 },
    SampleBook { title: "The Moonstone", authors: "Wilkie Collins", days: (85, 62), percentage: 1.0 },
    SampleBook { title: "Persuasion", authors: "Jane Austen", days: (118, 101), percentage: 1.0 },
    SampleBook { title: "The Time Machine", authors: "H. G. Wells", days: (133, 127), percentage: 1.0 },
    SampleBook { title: "Jane Eyre", authors: "Charlotte Brontë", days: (178, 146), percentage: 1.0 },
    SampleBook { title: "Walden", authors: "Henry David Thoreau", days: (214, 189), percentage: 1.0 },
    SampleBook { title: "Moby-Dick", authors: "Herman Melville", days: (268, 221), percentage: 1.0 },
    SampleBook { title: "Dracula", authors: "Bram Stoker", days: (301, 279), percentage: 1.0 },
    SampleBook { title: "Emma", authors: "Jane Austen", days: (338, 310), percentage: 1.0 },
];

const DEVICES: [(&str, &str); 3] = [
    ("Kobo Libra 2", "A1F0C2D4E5B64798"),
    ("Kindle Paperwhite", "0F0E0D0C0B0A0908"),
    ("KOReader on Pixel 8", "7C2E19AA"),
];

/// The same sequence of numbers at each run, which look random (MMIX's linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Returns a history, oldest first, with about four positions in five days.
fn history(book: &SampleBook, now: u64, numbers: &mut Numbers) -> Vec<Value> {
    let (first, last) = book.days;
    let days: Vec<u64> = (last..=first)
        .rev()
        .filter(|day| *day == first || *day == last || *day < 9 && first > 20 || numbers.below(5) > 0)
        .collect();
    let mut weights: Vec<f64> = days.iter().map(|_| f64::from(u32::try_from(numbers.below(9) + 2).unwrap())).collect();
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight *= book.percentage / total);
    let mut percentage = 0.0;
    days.iter()
        .zip(weights)
        .map(|(day, weight)| {
            percentage += weight;
            let (device, device_id) = DEVICES[[0, 0, 0, 1, 1, 2][usize::try_from(numbers.below(6)).unwrap()]];
            let chapter = (percentage * 40.0).floor() + 1.0;
            json!({
                "progress": format!("/body/DocFragment[{chapter}]/body/p[{}]/text().0", numbers.below(60) + 1),
                "percentage": (percentage * 10_000.0).round() / 10_000.0,
                "device": device,
                "device_id": device_id,
                "timestamp": now - day * DAY - numbers.below(3 * 60 * 60),
                "pushes": numbers.below(12) + 1,
            })
        })
        .collect()
}

/// Writes the sample data as a file of `kosync export`.
fn write_sample(path: &Path) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut numbers = Numbers(7);
    let mut lines = vec![json!({ "kosync_export": { "format": 1 } })];
    for book in &BOOKS {
        let id: String = (0..4).map(|_| format!("{:08x}", numbers.below(1 << 31))).collect();
        let metadata = json!({ "title": book.title, "authors": book.authors });
        let history = history(book, now, &mut numbers);
        let document = json!({ "account": "ada", "document": id, "history": history, "metadata": metadata });
        lines.push(json!({ "document": document }));
    }
    lines.push(json!({ "end": { "accounts": 0, "documents": BOOKS.len() } }));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(path, text).unwrap();
}

#[test]
fn screenshots_for_the_readme() {
    let Some(images) = std::env::var_os("KOSYNC_SCREENSHOTS").map(PathBuf::from) else { return };
    let browser = Browser::start(Scripts::On).expect("chromium and chromedriver are installed");
    let dir = tempfile::tempdir().unwrap();
    let site = Site::with(|builder| builder.data_dir(dir.path()));
    site.registered("ada", KEY);
    let sample = dir.path().join("sample.jsonl");
    write_sample(&sample);
    let mut import = Command::new(env!("CARGO_BIN_EXE_kosync"));
    import.arg("--data-dir").arg(dir.path()).args(["import", "--merge", "ada"]).arg(&sample).stdout(Stdio::null());
    assert!(import.status().unwrap().success());

    let root = format!("http://{}/", site.address);
    browser.open(&root);
    browser.fill("name", "ada");
    browser.fill("password", "password");
    browser.press_at("main button");
    std::fs::create_dir_all(&images).unwrap();
    browser.emulate_screen(1000, 1250, 2);
    std::fs::write(images.join("dashboard.png"), browser.screenshot()).unwrap();
    browser.press("My books");
    browser.press_at(".books li:first-child a");
    browser.emulate_screen(390, 1030, 2);
    std::fs::write(images.join("phone.png"), browser.screenshot()).unwrap();
}
