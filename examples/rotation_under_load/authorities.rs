//! The CAs of the story and a client of each kind.

use std::sync::Arc;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::story::Who;

type Ca = CertifiedIssuer<'static, KeyPair>;

/// The CAs that the files name, and what stands below them.
pub(crate) struct Authorities {
    old: Ca,
    new: Ca,
    partner: Ca,
    below_old: Ca,
}

/// A certificate with what stands between it and its CA, and its key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Arc<PrivateKeyDer<'static>>,
}

impl Authorities {
    pub(crate) fn new() -> Result<Self, rcgen::Error> {
        let old = root("old")?;
        let below_old =
            CertifiedIssuer::signed_by(params("below old"), KeyPair::generate()?, &old)?;
        Ok(Self {
            old,
            new: root("new")?,
            partner: root("partner")?,
            below_old,
        })
    }

    /// The files that hold the CAs.
    pub(crate) fn files(&self) -> [(&'static str, String); 3] {
        [
            ("old.pem", self.old.pem()),
            ("new.pem", self.new.pem()),
            ("partner.pem", self.partner.pem()),
        ]
    }

    /// What a client of that kind presents.
    pub(crate) fn identity(&self, who: Who) -> Result<Option<Identity>, rcgen::Error> {
        Ok(Some(match who {
            Who::Nobody => return Ok(None),
            Who::Stranger => issued(&root("somebody else")?, &[])?,
            Who::Old => issued(&self.old, &[])?,
            Who::New => issued(&self.new, &[])?,
            Who::Partner => issued(&self.partner, &[])?,
            Who::Intermediate => issued(&self.below_old, &[self.below_old.der().clone()])?,
        }))
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn root(name: &str) -> Result<Ca, rcgen::Error> {
    CertifiedIssuer::self_signed(params(name), KeyPair::generate()?)
}

fn issued(ca: &Ca, above: &[CertificateDer<'static>]) -> Result<Identity, rcgen::Error> {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "a client");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, ca)?;
    let mut chain = vec![certificate.der().clone()];
    chain.extend_from_slice(above);
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Identity {
        chain,
        key: Arc::new(key),
    })
}
