//! The machine as a file sees it in these tests: a few variables, the sample certificates, and bad files
//! that are made on the fly.

use std::io;
use std::path::Path;

use mtlsctl::config::Config;
use mtlsctl::config::Problems;
use mtlsctl::config::Surroundings;
use mtlsctl::config::UnsetAccount;
use mtlsctl::config::load;
use mtlsctl::config::read_file;

pub(crate) const ACCOUNT: &str = "9a7806061c88ada191ed06f989cc3dac";

/// Stands in for a private key's body; no output may ever hold it.
pub(crate) const KEY_BODY: &str =
    "VGhpcyBpcyBub3QgYSByZWFsIGtleSwgYnV0IGl0IG11c3QgbmV2ZXIgYmUgc2hvd24u";

/// Stands in for a token that was put where it does not belong; no output may ever hold it.
pub(crate) const SECRET: &str = "v1.0-never-to-be-printed";

/// A machine whose `mtls.yaml` holds these bytes.
pub(crate) struct World<'a>(pub(crate) &'a [u8]);

impl Surroundings for World<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "CLOUDFLARE_ACCOUNT_ID" => Some(ACCOUNT.into()),
            "SWAPPED_SECRET" => Some(SECRET.into()),
            "CA_FOLDER" => Some("ca".into()),
            _ => None,
        }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = path.to_str().expect("a path of these tests");
        if path == "mtls.yaml" {
            Ok(self.0.to_vec())
        } else if let Some(name) = path.strip_prefix("made/") {
            made(name)
        } else if let Some(name) = path.strip_prefix("fixtures/") {
            sample("tests/fixtures", name)
        } else if let Some(name) = path.strip_prefix("ca/") {
            sample("examples/ca", name)
        } else if path == "ca" {
            Err(io::ErrorKind::IsADirectory.into())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

/// Loads `mtls.yaml` of a machine where it holds `text`.
pub(crate) fn load_text(text: &str) -> Result<Config, Problems> {
    load(
        Path::new("mtls.yaml"),
        &World(text.as_bytes()),
        UnsetAccount::Refused,
    )
}

/// A file of this project.
pub(crate) fn sample(folder: &str, name: &str) -> io::Result<Vec<u8>> {
    read_file(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join(name),
    )
}

fn made(name: &str) -> io::Result<Vec<u8>> {
    let fleet = String::from_utf8(sample("examples/ca", "fleet-2026.pem")?).expect("PEM is text");
    let key = format!("-----BEGIN PRIVATE KEY-----\n{KEY_BODY}\n-----END PRIVATE KEY-----\n");
    let text = match name {
        "locked.pem" => return Err(io::ErrorKind::PermissionDenied.into()),
        "empty.pem" => " \n".to_owned(),
        "prose.pem" => "The CA is attached.\n".to_owned(),
        "key.pem" => key,
        "certificate-and-key.pem" => fleet + &key,
        "cut.pem" => fleet[..fleet.len() / 2].to_owned(),
        "damaged.pem" => fleet.replacen("MII", "M!I", 1),
        "no-certificate.pem" => {
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned()
        }
        "large.pem" => "#".repeat(1024 * 1024 + 1),
        "fleet.der" => return Ok(vec![0x30, 0x82, 0x01, 0x9f, 0xff]),
        "binary.pem" => return Ok(vec![0x00, 0xff, 0xfe]),
        _ => return Err(io::ErrorKind::NotFound.into()),
    };
    Ok(text.into_bytes())
}
