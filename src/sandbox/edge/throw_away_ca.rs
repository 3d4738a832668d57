//! A CA that lives as long as the process: it signs the certificates of the hosts. Its key is never written
//! anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use crate::sandbox::edge::watch::EdgeError;

/// The CA, and the certificates that it has signed. All hosts share one key.
pub(crate) struct ThrowAwayCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
    host_key: KeyPair,
    signed: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

/// No more certificates than this are remembered: any name below a zone can be asked for.
const REMEMBERED: usize = 1024;

impl ThrowAwayCa {
    /// A new one.
    pub(crate) fn new() -> Result<Self, EdgeError> {
        let mut params = named("mtlsctl sandbox edge, a throw-away CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)?,
            host_key: KeyPair::generate()?,
            signed: Mutex::default(),
        })
    }

    /// Its certificate, for clients to trust.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The certificate of a host, with its key.
    pub(crate) fn certified(
        &self,
        host: &str,
        provider: &CryptoProvider,
    ) -> Result<Arc<CertifiedKey>, EdgeError> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = signed.get(host) {
            return Ok(Arc::clone(known));
        }
        let certified = Arc::new(self.sign(host, provider)?);
        if signed.len() >= REMEMBERED {
            signed.clear();
        }
        signed.insert(host.to_owned(), Arc::clone(&certified));
        Ok(certified)
    }

    fn sign(&self, host: &str, provider: &CryptoProvider) -> Result<CertifiedKey, EdgeError> {
        let mut params = named("a host of the mtlsctl sandbox");
        params.subject_alt_names = CertificateParams::new([host.to_owned()])?.subject_alt_names;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&self.host_key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(self.host_key.serialize_der().into());
        let chain = vec![certificate.der().clone(), self.issuer.der().clone()];
        Ok(CertifiedKey::from_der(chain, key, provider)?)
    }
}

/// A certificate of this common name, valid as long as a certificate can be: nobody trusts it for longer
/// than the process lives.
pub(crate) fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
