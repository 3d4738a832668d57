//! The clients that requests are sent as, and what the model takes them for.

use std::sync::Arc;

use jiff::Timestamp;

use crate::edge::AccessTest;
use crate::edge::Authority;
use crate::edge::Ca;
use crate::edge::Client;
use crate::edge::Credential as Meant;
use crate::edge::Key;
use crate::edge::Path;
use crate::edge::State;
use crate::edge::clients;
use crate::handshake::Credential;
use crate::handshake::InvalidCredential;
use crate::resource::Certificate;
use crate::verify::Scope;

/// A client.
#[derive(Debug, Clone)]
pub struct Presenter {
    name: String,
    credential: Option<Credential>,
    client: Client,
    counts_as: String,
    remark: Option<String>,
}

/// A certificate that is named after a CA that did not issue it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the certificate `{subject}` was not issued by a certificate of `{ca}`")]
pub struct NotIssued {
    /// Whose certificate it is.
    pub subject: String,
    /// The CA.
    pub ca: String,
}

/// The names of clients of the CA that Cloudflare runs: as in the file, and as `explain` calls them.
const MANAGED: [&str; 2] = ["cloudflare-managed", "managed"];

/// The name of clients of it whose certificate was revoked, as `explain` calls them.
const REVOKED: &str = "revoked";

impl Presenter {
    /// Presents nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            name: "none".to_owned(),
            credential: None,
            client: Client::None,
            counts_as: "none".to_owned(),
            remark: None,
        }
    }

    /// Presents a certificate made for this run, which nobody knows.
    ///
    /// # Errors
    /// It could not be made.
    pub fn stranger() -> Result<Self, InvalidCredential> {
        Ok(Self {
            name: "stranger".to_owned(),
            credential: Some(Credential::stranger()?),
            client: Client::Stranger,
            counts_as: "stranger".to_owned(),
            remark: None,
        })
    }

    /// Presents what the user gave. Which CA issued it is read from the certificate, whatever it is called; a
    /// name that is a CA's has to be the right one.
    ///
    /// # Errors
    /// A certificate that is named after another CA.
    pub fn of(
        name: &str,
        credential: Credential,
        scope: &Scope,
        at: Timestamp,
    ) -> Result<Self, NotIssued> {
        let chain = credential.chain();
        let leaf = chain.first();
        let subject = leaf.map_or_else(String::new, |leaf| leaf.subject().to_owned());
        let issued = leaf.and_then(|leaf| Issued::find(leaf, chain, &scope.cas));
        let is_ca = scope.cas.iter().any(|ca| ca.name == name);
        if is_ca && issued.as_ref().is_none_or(|issued| issued.ca.name != name) {
            let ca = name.to_owned();
            return Err(NotIssued { subject, ca });
        }
        let stranger = |remark: &str| {
            let counts_as = "stranger".to_owned();
            (Client::Stranger, counts_as, Some(remark.to_owned()))
        };
        let (client, counts_as, remark) = match issued {
            _ if leaf.is_some_and(|leaf| at < leaf.not_before() || leaf.not_after() < at) => {
                stranger(
                    "its time is over or has not come, so that it should get in no further than a stranger's",
                )
            }
            _ if leaf.is_some_and(|leaf| !leaf.is_for_clients()) => stranger(
                "it is not meant for clients (extended key usage), so that it should get in no further than a \
                 stranger's",
            ),
            _ if leaf.is_some_and(Certificate::is_ca) => stranger(
                "it is the certificate of a CA and not of a client, so that it should get in no further than a \
                 stranger's",
            ),
            Some(issued) if issued.lacks_chain(chain) => stranger(
                "the intermediate that issued it is not in its file, and without that nothing leads to a CA of the \
                 account, so that it should get in no further than a stranger's",
            ),
            Some(issued) => issued.client(scope),
            None if MANAGED.contains(&name) || name == REVOKED => (
                managed(&scope.state, name == REVOKED),
                name.to_owned(),
                None,
            ),
            None => stranger(
                "no CA of the file issued it, so that it should get in no further than a stranger's",
            ),
        };
        Ok(Self {
            name: name.to_owned(),
            credential: Some(credential),
            client,
            counts_as,
            remark,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is to be known of it: why it counts as another than its name says.
    #[must_use]
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// What `explain --certificate` calls it.
    pub(super) fn counts_as(&self) -> &str {
        &self.counts_as
    }

    pub(super) fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether it is one of the clients that an access test means.
    pub(super) fn is_meant_by(&self, test: &AccessTest) -> bool {
        match (&test.credential, &self.client) {
            (Meant::None, Client::None)
            | (Meant::Managed, Client::Managed { revoked: false, .. }) => true,
            // One that counts as a stranger for want of a known issuer is another test.
            (Meant::Stranger, Client::Stranger) => self.remark.is_none(),
            (Meant::IssuedBy(ca), Client::Issued(issued)) => {
                issued.path == Path::Direct && issued.is_of_or_below(ca)
            }
            _ => false,
        }
    }
}

/// Who issued a certificate.
struct Issued<'c> {
    ca: &'c Ca,
    /// The certificate of the CA, or below it, that everything above leads to.
    issuer: &'c Certificate,
    path: Path,
    /// Whether the client's certificate names the key of its issuer.
    names_key: bool,
}

impl<'c> Issued<'c> {
    /// The CA that signed a certificate, or one above the intermediates that come with it. CAs may have a name in
    /// common: the signature tells.
    fn find(leaf: &Certificate, chain: &[Certificate], cas: &'c [Ca]) -> Option<Self> {
        let mut below = leaf;
        let mut path = Path::Direct;
        let issued = |below: &Certificate, one: &Certificate| {
            below.is_issued_by(one) && below.is_signed_by(one) != Some(false)
        };
        for _ in chain {
            for ca in cas {
                let mut known = ca.certificates.iter().chain(&ca.issuers);
                if let Some(issuer) = known.find(|one| issued(below, one)) {
                    return Some(Self {
                        ca,
                        issuer,
                        path,
                        names_key: leaf.names_issuer_key(),
                    });
                }
            }
            below = chain.iter().find(|one| issued(below, one))?;
            path = Path::Subordinate;
        }
        None
    }

    /// Whether its issuer is an intermediate that nobody uploaded, and that does not come with it.
    fn lacks_chain(&self, chain: &[Certificate]) -> bool {
        let is_it = |one: &Certificate| one.issuing_key() == self.issuer.issuing_key();
        !self.ca.certificates.iter().chain(chain).any(is_it)
    }

    /// The client that the model knows it as, what it is called there, and what is to be known of that.
    fn client(&self, scope: &Scope) -> (Client, String, Option<String>) {
        let mut own = State::default();
        for ca in &scope.cas {
            let content = ca.certificates.iter().map(Certificate::fingerprint);
            let authority = Authority::Uploaded(Arc::new(content.collect()));
            own.cas.insert(authority, ca.clone());
        }
        let all = clients([&scope.state, &own]);
        let ca = &self.ca.name;
        let key = Key::of(self.issuer);
        // A pin is a key id: without one, it gets in as far as one below an intermediate that nobody knows.
        let path = if self.names_key {
            self.path
        } else {
            Path::Subordinate
        };
        let is_meant = |client: &&Client| match client {
            Client::Issued(issued) => issued.key == key && issued.path == path,
            _ => false,
        };
        let client = all.iter().find(is_meant).cloned();
        let client = client.unwrap_or(Client::Stranger);
        let remark = match (self.path, self.names_key) {
            (Path::Direct, true) => return (client, ca.clone(), None),
            (Path::Subordinate, _) => format!(
                "an intermediate below {ca} issued it, one that the file does not name"
            ),
            (Path::Direct, false) => {
                "it does not name the key of its issuer (authority key identifier), so that no pin lets it in"
                    .to_owned()
            }
        };
        (client, format!("below:{ca}"), Some(remark))
    }
}

fn managed(state: &State, is_revoked: bool) -> Client {
    let all = clients([state]);
    let mut managed = all.into_iter().filter(
        |client| matches!(client, Client::Managed { revoked, .. } if *revoked == is_revoked),
    );
    managed.next().unwrap_or(Client::Stranger)
}
