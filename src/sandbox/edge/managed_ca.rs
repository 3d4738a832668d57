//! The CA that Cloudflare runs, at the edge: one for the account, with a client, and one that was revoked.
//!
//! They are made once for the folder of an account and stay, so that the key id can stand in a file. The CA's own
//! key is gone as soon as it has issued the two.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use rcgen::BasicConstraints;
use rcgen::CertifiedIssuer;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use tempfile::NamedTempFile;
use tempfile::TempDir;

use crate::sandbox::edge::authority::Authority;
use crate::sandbox::edge::credential::Credential;
use crate::sandbox::edge::throw_away_ca::named;
use crate::sandbox::edge::watch::EdgeError;
use crate::sandbox::token::sha256_hex;

/// The folder of its files, within that of the account.
const FOLDER: &str = "edge-managed";
const CA: &str = "ca.pem";
const CLIENT: &str = "client";
const REVOKED: &str = "revoked";

/// The managed CA of an account.
#[derive(Debug)]
pub struct ManagedCa {
    folder: PathBuf,
    authority: Authority,
    key_id: String,
    /// The SHA-256 fingerprint of the certificate that was revoked, as rules see it.
    revoked: String,
}

impl ManagedCa {
    /// The one that is kept in the folder of an account; made, if there is none yet. Beside its certificate lie
    /// `client.pem` and `revoked.pem`, each with its key.
    ///
    /// # Errors
    /// Its files cannot be written, or not be read.
    pub fn kept_in(folder: &Path) -> Result<Self, EdgeError> {
        let kept = folder.join(FOLDER);
        if !kept.exists() {
            make(folder, &kept)?;
        }
        Self::read(kept)
    }

    fn read(folder: PathBuf) -> Result<Self, EdgeError> {
        let unreadable = |source| EdgeError::Managed {
            folder: folder.clone(),
            source,
        };
        let certificate = |name: &str| fs::read_to_string(folder.join(name)).map_err(unreadable);
        let authority = Authority::from_pem(&certificate(CA)?);
        let key_id = authority.issuers().find_map(|issuer| issuer.key_id.clone());
        let revoked = pem::parse(certificate(&format!("{REVOKED}.pem"))?).ok();
        let (Some(key_id), Some(revoked)) = (key_id, revoked) else {
            return Err(unreadable(io::Error::other("its certificates are damaged")));
        };
        Ok(Self {
            revoked: sha256_hex(revoked.contents()),
            folder,
            authority,
            key_id,
        })
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its key id, as rules see it and as it stands in a file.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether it revoked this certificate.
    pub(crate) fn has_revoked(&self, credential: &Credential) -> bool {
        credential.fingerprint() == self.revoked
    }
}

/// Makes its files, all of them or none. Where somebody else was faster, theirs stay.
fn make(folder: &Path, kept: &Path) -> Result<(), EdgeError> {
    let write = |source| EdgeError::Write {
        path: kept.to_owned(),
        source,
    };
    let made = TempDir::new_in(folder).map_err(write)?;
    let ca = authority()?;
    fs::write(made.path().join(CA), ca.pem()).map_err(write)?;
    for name in [CLIENT, REVOKED] {
        let (certificate, key) = client(name, &ca)?;
        fs::write(made.path().join(format!("{name}.pem")), certificate).map_err(write)?;
        close(&made.path().join(format!("{name}.key")), &key).map_err(write)?;
    }
    match fs::rename(made.path(), kept) {
        Err(error) if !kept.exists() => Err(write(error)),
        _ => Ok(()),
    }
}

/// Writes a file that nobody else may read.
fn close(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, EdgeError> {
    let mut params = named("mtlsctl sandbox, as the CA that Cloudflare runs");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

/// A client's certificate and its key, in PEM.
fn client(
    name: &str,
    ca: &CertifiedIssuer<'static, KeyPair>,
) -> Result<(String, String), EdgeError> {
    let mut params = named(&format!("mtlsctl sandbox, a {name} of the managed CA"));
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, ca)?;
    Ok((certificate.pem(), key.serialize_pem()))
}
