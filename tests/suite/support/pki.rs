//! CAs and certificates made for a test.

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// A CA.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key.
pub(crate) struct Leaf {
    /// The certificate, PEM.
    pub(crate) pem: String,
    /// Its key, PEM.
    pub(crate) key: String,
    der: CertificateDer<'static>,
    key_der: Vec<u8>,
}

/// When a certificate is valid, in whole years.
pub(crate) const ALWAYS: (i32, i32) = (2000, 2099);
/// A time that is over.
pub(crate) const OVER: (i32, i32) = (2000, 2020);

fn params(name: &str, (from, to): (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(to, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params
}

impl Authority {
    /// A root of that name.
    pub(crate) fn new(name: &str) -> Self {
        let mut params = params(name, ALWAYS);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a CA");
        Self { issuer }
    }

    /// An intermediate below it.
    pub(crate) fn below(&self, name: &str) -> Self {
        let mut params = params(name, ALWAYS);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::signed_by(params, key, &self.issuer).expect("a CA");
        Self { issuer }
    }

    /// Its certificate, PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Its certificate, DER.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A certificate for a client.
    pub(crate) fn client(&self, name: &str, valid: (i32, i32)) -> Leaf {
        let mut params = params(name, valid);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params)
    }

    /// A certificate for a client that does not say by which key it was signed.
    pub(crate) fn client_without_key_id(&self, name: &str) -> Leaf {
        let mut params = params(name, ALWAYS);
        params.use_authority_key_identifier_extension = false;
        self.issue(params)
    }

    /// A certificate for a server with that name.
    pub(crate) fn server(&self, host: &str, valid: (i32, i32)) -> Leaf {
        let mut params = params(host, valid);
        let host = host.try_into().expect("a host name");
        params.subject_alt_names = vec![rcgen::SanType::DnsName(host)];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(params)
    }

    fn issue(&self, params: CertificateParams) -> Leaf {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Leaf {
            pem: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().clone(),
            key_der: key.serialize_der(),
        }
    }
}

impl Leaf {
    /// The certificate, DER.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.der.clone()
    }

    /// Its key, DER.
    pub(crate) fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key_der.clone()).into()
    }
}
