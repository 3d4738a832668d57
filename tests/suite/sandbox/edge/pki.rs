//! CAs and clients, made up on the spot.

use std::fs;
use std::sync::Arc;
use std::sync::OnceLock;

use mtlsctl::sandbox::edge::Credential;
use mtlsctl::sandbox::edge::ManagedCa;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyIdMethod;
use rcgen::KeyPair;
use rcgen::PKCS_ECDSA_P256_SHA256;
use rcgen::PKCS_ED25519;
use rcgen::SerialNumber;
use rcgen::SignatureAlgorithm;
use rcgen::date_time_ymd;

/// A CA that signs clients.
pub(super) struct TestCa {
    params: CertificateParams,
    key: KeyPair,
    /// Its certificate, and those between it and the root.
    chain: Vec<rcgen::Certificate>,
}

/// A certificate with its key, and those that are sent along.
pub(super) struct TestClient {
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) pem: String,
    pub(super) key: KeyPair,
}

/// The CAs that all tests share: making keys takes time.
pub(super) struct Pki {
    /// Root, uploaded by most tests.
    pub(super) fleet: TestCa,
    /// Another root.
    pub(super) partner: TestCa,
    /// A third one.
    pub(super) spare: TestCa,
    /// Below `fleet`.
    pub(super) issuing: TestCa,
    /// Of an algorithm that never verifies.
    pub(super) modern: TestCa,
    /// A root whose time is over.
    pub(super) bygone: TestCa,
}

/// The managed CA that all tests share.
pub(super) struct Managed {
    pub(super) ca: Arc<ManagedCa>,
    pub(super) client: Vec<u8>,
    pub(super) revoked: Vec<u8>,
}

impl Managed {
    pub(super) fn shared() -> &'static Self {
        static MANAGED: OnceLock<Managed> = OnceLock::new();
        MANAGED.get_or_init(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let ca = ManagedCa::kept_in(folder.path()).expect("a CA");
            let der = |name: &str| {
                let text = fs::read_to_string(ca.folder().join(name)).expect("a certificate");
                let pem = pem::parse(text).expect("PEM");
                pem.contents().to_vec()
            };
            let (client, revoked) = (der("client.pem"), der("revoked.pem"));
            let ca = Arc::new(ca);
            Self {
                ca,
                client,
                revoked,
            }
        })
    }

    pub(super) fn credential(certificate: &[u8]) -> Credential {
        Credential::from_der([certificate.to_vec()]).expect("a certificate")
    }
}

impl Pki {
    pub(super) fn shared() -> &'static Self {
        static PKI: OnceLock<Pki> = OnceLock::new();
        PKI.get_or_init(|| {
            let fleet = TestCa::root("Fleet", &PKCS_ECDSA_P256_SHA256);
            Self {
                partner: TestCa::root("Partner", &PKCS_ECDSA_P256_SHA256),
                spare: TestCa::root("Spare", &PKCS_ECDSA_P256_SHA256),
                issuing: fleet.below("Fleet Issuing"),
                modern: TestCa::root("Modern", &PKCS_ED25519),
                bygone: TestCa::root_with("Bygone", &PKCS_ECDSA_P256_SHA256, |params| {
                    params.not_after = date_time_ymd(2001, 1, 1);
                }),
                fleet,
            }
        })
    }
}

impl TestCa {
    fn root(name: &str, algorithm: &'static SignatureAlgorithm) -> Self {
        Self::root_with(name, algorithm, |_| {})
    }

    fn root_with(
        name: &str,
        algorithm: &'static SignatureAlgorithm,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Self {
        let key = KeyPair::generate_for(algorithm).expect("a key");
        let mut params = ca_params(name);
        change(&mut params);
        let chain = vec![params.self_signed(&key).expect("a certificate")];
        Self { params, key, chain }
    }

    /// An intermediate below this CA.
    pub(super) fn below(&self, name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = ca_params(name);
        let certificate = params
            .signed_by(&key, &self.issuer())
            .expect("a certificate");
        Self {
            params,
            key,
            chain: vec![certificate],
        }
    }

    /// Its certificate in PEM.
    pub(super) fn pem(&self) -> String {
        self.chain[0].pem()
    }

    /// Its certificate in DER.
    pub(super) fn der(&self) -> Vec<u8> {
        self.chain[0].der().to_vec()
    }

    /// Its key id as rules see it.
    pub(super) fn key_id(&self) -> String {
        let id = self.params.key_identifier(&self.key);
        let digits = id.iter().map(|byte| format!("{byte:02X}"));
        digits.collect()
    }

    /// A client of this CA, which sends nothing along.
    pub(super) fn client(&self) -> TestClient {
        self.client_with(|_| {})
    }

    /// A client that is not quite as usual.
    pub(super) fn client_with(&self, change: impl FnOnce(&mut CertificateParams)) -> TestClient {
        let mut params = client_params();
        change(&mut params);
        TestClient::signed(params, &self.issuer())
    }

    /// A client that sends this CA's certificate along.
    pub(super) fn client_with_chain(&self) -> TestClient {
        let mut client = self.client();
        client.chain.push(self.der());
        client.pem += &self.pem();
        client
    }

    /// A certificate that says that this CA issued it, by somebody who has not got its key.
    pub(super) fn forged(&self) -> TestClient {
        let mut params = self.params.clone();
        params.key_identifier_method =
            KeyIdMethod::PreSpecified(self.params.key_identifier(&self.key));
        let key = KeyPair::generate().expect("a key");
        TestClient::signed(client_params(), &Issuer::new(params, key))
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }
}

impl TestClient {
    /// A client of a CA that nobody knows.
    pub(super) fn stranger() -> Self {
        TestCa::root("Nobody", &PKCS_ECDSA_P256_SHA256).client()
    }

    fn signed(params: CertificateParams, issuer: &Issuer<'_, impl rcgen::SigningKey>) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, issuer).expect("a certificate");
        Self {
            chain: vec![certificate.der().to_vec()],
            pem: certificate.pem(),
            key,
        }
    }

    /// What the edge sees of it.
    pub(super) fn credential(&self) -> Credential {
        Credential::from_der(self.chain.clone()).expect("a certificate")
    }
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.use_authority_key_identifier_extension = true;
    params
}

fn client_params() -> CertificateParams {
    let mut params = named("device 7");
    params.use_authority_key_identifier_extension = true;
    params.is_ca = IsCa::ExplicitNoCa;
    params.serial_number = Some(SerialNumber::from_slice(&[0x8F, 0x00, 0x1B]));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = date_time_ymd(2022, 3, 1);
    params
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let names = &mut params.distinguished_name;
    names.push(DnType::CountryName, "US");
    names.push(DnType::OrganizationName, "Example, Corp");
    names.push(DnType::CommonName, name);
    params
}
