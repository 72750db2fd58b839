//! Compresses the messages of the dashboard's languages, which would be a fortieth of the binary: `OUT_DIR/LANGUAGE.ftl.z`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, ffi::OsStr};

use flate2::Compression;
use flate2::write::ZlibEncoder;

const TEXTS: &str = "src/text";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={TEXTS}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    for dir in paths(Path::new(TEXTS))?.iter().filter(|path| path.is_dir()) {
        let mut files = paths(dir)?;
        files.retain(|file| file.extension() == Some(OsStr::new("ftl")));
        // The same source gives the same bytes.
        files.sort();
        if let Some(language) = dir.file_name().filter(|_| !files.is_empty()) {
            let compressed = File::create(out.join(language).with_extension("ftl.z"))?;
            let mut encoder = ZlibEncoder::new(compressed, Compression::best());
            for file in files {
                encoder.write_all(&fs::read(file)?)?;
                encoder.write_all(b"\n")?;
            }
            encoder.finish()?;
        }
    }
    Ok(())
}

fn paths(dir: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect()
}
