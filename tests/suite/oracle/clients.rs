//! Who asks for something, told apart by who issued the certificate; and which certificates are verified.

use std::collections::BTreeSet;

use mtlsctl::desired::Content;
use mtlsctl::desired::Desired;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::Certificate;
use mtlsctl::resource::KeyId;

use crate::oracle::language::Presented;
use crate::oracle::language::kept;

/// A key id that no rule names.
const UNNAMED: &str = "00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF";

/// Some CAs, one bit for each; the first is the one that Cloudflare runs.
pub(super) type Cas = u64;

/// The bit of the CA that Cloudflare runs.
pub(super) const MANAGED: Cas = 1;

/// Some issuing keys, one bit for each.
type Keys = u64;

/// The two readings of `cert_verified`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    PerHost,
    AccountWide,
}

pub(super) const READINGS: [Reading; 2] = [Reading::PerHost, Reading::AccountWide];

/// A kind of caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    None,
    Stranger,
    /// Its certificate is of this issuer, or of an intermediate below it that nobody knows.
    Issued {
        issuer: Box<Certificate>,
        is_below: bool,
    },
    Managed {
        is_revoked: bool,
    },
}

/// A caller.
#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) kind: Kind,
    /// The key id that its certificate names.
    issuer: &'static str,
    /// The keys that it is verified with.
    trust: Keys,
}

/// All CAs of a plan, by the keys of their certificates, and all callers.
#[derive(Debug, Clone)]
pub(super) struct Callers {
    pub(super) clients: Vec<Client>,
    keys_of: Vec<Keys>,
}

/// A certificate that issues, and those above it by declaration.
struct Issuer<'a> {
    certificate: &'a Certificate,
    in_bundle: bool,
    parents: Vec<usize>,
}

impl Callers {
    /// For the CAs that are in the account at some time, the managed one excepted; `told` are key ids that rules
    /// of others name.
    pub(super) fn of(desired: &Desired, cas: &[Bundle], told: &BTreeSet<&str>) -> Self {
        let mut issuers: Vec<Issuer<'_>> = Vec::new();
        let mut keys_of = vec![0];
        for bundle in cas {
            let mut keys = 0;
            for certificate in bundle.certificates() {
                let at = noted(&mut issuers, certificate);
                issuers[at].in_bundle = true;
                keys |= 1 << at;
            }
            keys_of.push(keys);
        }
        for ca in desired.cas.values() {
            let Content::Uploaded(bundle) = &ca.content else {
                continue;
            };
            if !cas.contains(bundle) {
                continue;
            }
            for certificate in &ca.issuers {
                let at = noted(&mut issuers, certificate);
                for parent in bundle.certificates() {
                    let parent = noted(&mut issuers, parent);
                    issuers[at].parents.push(parent);
                }
            }
        }
        let caller = |kind, issuer, trust| Client {
            kind,
            issuer,
            trust,
        };
        let mut clients = vec![
            caller(Kind::None, "", 0),
            caller(Kind::Stranger, UNNAMED, 0),
        ];
        // A stranger's certificate says what it likes.
        let pinned = issuers.iter().find_map(|one| one.certificate.key_id());
        let claimed: BTreeSet<&str> = told
            .iter()
            .copied()
            .chain(pinned.map(KeyId::as_str))
            .collect();
        let strangers = claimed
            .into_iter()
            .map(|id| caller(Kind::Stranger, kept(id), 0));
        clients.extend(strangers);
        for (at, issuer) in issuers.iter().enumerate() {
            let trust = trust(&issuers, at);
            let id = issuer.certificate.key_id().expect("a key id");
            let kind = |is_below| Kind::Issued {
                issuer: Box::new(issuer.certificate.clone()),
                is_below,
            };
            clients.push(caller(kind(false), kept(id.as_str()), trust));
            if issuer.in_bundle {
                clients.push(caller(kind(true), UNNAMED, trust));
            }
        }
        let mut managed = desired.cas.values();
        let managed = managed.find(|ca| ca.content == Content::CloudflareManaged);
        let id = managed.and_then(|ca| ca.pins.first());
        let id = id.map_or(UNNAMED, |id| kept(id.as_str()));
        for is_revoked in [false, true] {
            clients.push(caller(Kind::Managed { is_revoked }, id, 0));
        }
        Self { clients, keys_of }
    }

    /// What a client shows to a host with some CAs, in an account with others.
    pub(super) fn presented(
        &self,
        client: &Client,
        reading: Reading,
        account: Cas,
        here: Cas,
    ) -> Presented {
        if here == 0 || client.kind == Kind::None {
            return Presented::default();
        }
        let trusted = match reading {
            Reading::PerHost => here,
            Reading::AccountWide => account | MANAGED,
        };
        let verified = match client.kind {
            Kind::None | Kind::Stranger => false,
            Kind::Managed { .. } => trusted & MANAGED != 0,
            Kind::Issued { .. } => {
                let mut all = self.keys_of.iter().enumerate();
                all.any(|(at, keys)| trusted >> at & 1 == 1 && keys & client.trust != 0)
            }
        };
        Presented {
            is_there: true,
            verified,
            revoked: client.kind == Kind::Managed { is_revoked: true },
            issuer: client.issuer,
        }
    }
}

impl Client {
    pub(super) fn is_stranger(&self) -> bool {
        self.kind == Kind::Stranger
    }

    /// As in *clients of Fleet 2026*.
    pub(super) fn name(&self) -> String {
        match &self.kind {
            Kind::None => "without a certificate".to_owned(),
            Kind::Stranger => format!("of an unknown issuer ({})", self.issuer),
            Kind::Issued { issuer, is_below } => {
                let below = if *is_below {
                    "an intermediate below "
                } else {
                    ""
                };
                format!("of {below}{}", issuer.subject())
            }
            Kind::Managed { is_revoked } => format!("of the managed CA (revoked: {is_revoked})"),
        }
    }
}

/// The place of an issuing key; a renewal with the same key is the same issuer.
fn noted<'a>(issuers: &mut Vec<Issuer<'a>>, certificate: &'a Certificate) -> usize {
    let same = |one: &Issuer<'_>| one.certificate.issuing_key() == certificate.issuing_key();
    issuers.iter().position(same).unwrap_or_else(|| {
        issuers.push(Issuer {
            certificate,
            in_bundle: false,
            parents: Vec::new(),
        });
        issuers.len() - 1
    })
}

/// The key of an issuer and all keys above it.
fn trust(issuers: &[Issuer<'_>], at: usize) -> Keys {
    let mut trust: Keys = 1 << at;
    loop {
        let below = |nth: usize| trust >> nth & 1 == 1;
        let more = (0..issuers.len()).filter(|above| {
            let mut trusted = issuers.iter().enumerate().filter(|(nth, _)| below(*nth));
            trusted.any(|(_, one)| {
                one.parents.contains(above)
                    || one.certificate.is_issued_by(issuers[*above].certificate)
            })
        });
        let all = more.fold(trust, |all, above| all | 1 << above);
        if all == trust {
            return trust;
        }
        trust = all;
    }
}
