//! A folder in memory with one desired-state file; its CA files lie in `tests/fixtures/ca`.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use mtlsctl::config::Surroundings;
use mtlsctl::resource::Bundle;

/// The certificates of a file in `tests/fixtures/ca`.
pub(crate) fn bundle(pem: &str) -> Bundle {
    let read = Repository("").read(Path::new(pem)).expect(pem);
    Bundle::from_pem(&String::from_utf8(read).expect(pem)).expect(pem)
}

/// A file in memory, with CA files beside it, by their paths.
pub(super) struct Imported<'a> {
    pub(super) text: &'a str,
    pub(super) certificates: &'a BTreeMap<String, String>,
}

impl Surroundings for Imported<'_> {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let below = path.strip_prefix("/repo").unwrap_or(path);
        let pem = self.certificates.get(below.to_str().unwrap_or_default());
        match pem {
            Some(pem) => Ok(pem.as_bytes().to_vec()),
            None => Repository(self.text).read(path),
        }
    }
}

/// A file in memory; its CA files lie in `tests/fixtures/ca`.
pub(super) struct Repository<'a>(pub(super) &'a str);

impl Surroundings for Repository<'_> {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
        if name == "mtls.yaml" {
            return Ok(self.0.as_bytes().to_vec());
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ca");
        std::fs::read(folder.join(name))
    }
}
