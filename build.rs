//! Compresses the texts that the binary includes, which would be a thirtieth of it: the messages of the dashboard's languages to
//! `OUT_DIR/LANGUAGE.ftl.z`, and the description of `/api/v1` to `OUT_DIR/openapi.json.z`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, ffi::OsStr};

use flate2::Compression;
use flate2::write::ZlibEncoder;

const TEXTS: &str = "src/text";
const OPENAPI: &str = "src/http/api/openapi.json";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={TEXTS}\ncargo::rerun-if-changed={OPENAPI}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    compress(&out.join("openapi.json.z"), &[OPENAPI.into()])?;
    for dir in paths(Path::new(TEXTS))?.iter().filter(|path| path.is_dir()) {
        let mut files = paths(dir)?;
        files.retain(|file| file.extension() == Some(OsStr::new("ftl")));
        // The same source gives the same bytes.
        files.sort();
        if let Some(language) = dir.file_name().filter(|_| !files.is_empty()) {
            compress(&out.join(language).with_extension("ftl.z"), &files)?;
        }
    }
    Ok(())
}

/// Writes files, each with a line break at its end, to a compressed one.
fn compress(compressed: &Path, files: &[PathBuf]) -> io::Result<()> {
    let mut encoder = ZlibEncoder::new(File::create(compressed)?, Compression::best());
    for file in files {
        encoder.write_all(&fs::read(file)?)?;
        encoder.write_all(b"\n")?;
    }
    encoder.finish().map(drop)
}

fn paths(dir: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect()
}
