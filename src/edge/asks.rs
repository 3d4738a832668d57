//! What a host asks for, and which certificates are then verified.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::edge::Authority;
use crate::edge::Ca;
use crate::edge::Client;
use crate::edge::Key;
use crate::expression::Truth;

/// Which certificates `cf.tls_client_auth.cert_verified` is true for, on a host that asks. Which of the
/// two holds, nobody outside Cloudflare can settle (API reference, section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// Those of CAs that are associated with this very host.
    PerHost,
    /// Those of any CA in the account, and of the managed one.
    AccountWide,
}

impl Reading {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::PerHost, Self::AccountWide];
}

/// What one host asks for. Hosts of which it is equal are alike for every client.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asks {
    /// Whether at least one CA, anyone's or the managed one, is associated with it: otherwise the edge
    /// asks nobody for a certificate.
    any: bool,
    managed: bool,
    /// Whether rules may be counted on to know the managed CA by a key id that nobody has told us.
    names_managed: bool,
    /// The host's CAs.
    here: Trusted,
    /// All CAs of the account.
    account: Trusted,
}

/// The keys of some CAs together.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Trusted {
    /// Whether it is certain that they verify; what is certain of one CA is certain.
    keys: BTreeMap<Key, bool>,
    /// Whether there are more that cannot be read.
    unreadable: bool,
}

impl Trusted {
    fn of<'a>(cas: impl IntoIterator<Item = &'a Ca>) -> Self {
        let mut trusted = Self::default();
        for ca in cas {
            trusted.unreadable |= ca.certificates.is_empty();
            for (key, is_certain) in &ca.keys {
                *trusted.keys.entry(*key).or_default() |= is_certain;
            }
        }
        trusted
    }

    /// Whether a certificate verifies with one of these keys; unknown where the documentation does not
    /// say.
    fn verifies(&self, trust: &BTreeSet<Key>) -> Truth {
        let standing = trust.iter().filter_map(|key| self.keys.get(key));
        match standing.max() {
            Some(true) => Truth::True,
            Some(false) => Truth::Unknown,
            None if self.unreadable => Truth::Unknown,
            None => Truth::False,
        }
    }
}

impl Asks {
    /// What a host with these CAs asks for, in an account with those.
    pub fn of<'a>(
        authorities: &BTreeSet<Authority>,
        account: impl Iterator<Item = (&'a Authority, &'a Ca)> + Clone,
    ) -> Self {
        let here = account
            .clone()
            .filter(|(authority, _)| authorities.contains(authority));
        Self {
            any: !authorities.is_empty(),
            managed: authorities.contains(&Authority::Managed),
            names_managed: authorities.contains(&Authority::Managed),
            here: Trusted::of(here.map(|(_, ca)| ca)),
            account: Trusted::of(account.map(|(_, ca)| ca)),
        }
    }

    /// Whether the edge asks for a certificate at all.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.any
    }

    /// Whether a CA that a client's certificate verifies with is associated with the host.
    #[must_use]
    pub fn names(&self, client: &Client) -> bool {
        match client {
            Client::None | Client::Stranger => false,
            Client::Managed { .. } => self.names_managed,
            Client::Issued(issued) => {
                let mut trust = issued.trust.iter();
                trust.any(|key| self.here.keys.contains_key(key))
            }
        }
    }

    /// The same for one of several states of a host, some of which may list the managed CA: what rules know of
    /// it is the same in all of them.
    #[must_use]
    pub fn naming_managed(mut self, names_managed: bool) -> Self {
        self.names_managed = names_managed;
        self
    }

    /// The same, were every CA within its validity.
    #[must_use]
    pub fn as_if_valid(mut self) -> Self {
        for trusted in [&mut self.here, &mut self.account] {
            trusted
                .keys
                .values_mut()
                .for_each(|is_certain| *is_certain = true);
        }
        self
    }

    /// Whether `cert_verified` is true for a client's certificate; unknown where the documentation does not
    /// say.
    #[must_use]
    pub fn verifies(&self, client: &Client, reading: Reading) -> Truth {
        let trusted = match reading {
            Reading::PerHost => &self.here,
            Reading::AccountWide => &self.account,
        };
        match client {
            Client::None | Client::Stranger => Truth::False,
            _ if !self.any => Truth::False,
            Client::Managed { .. } => (self.managed || reading == Reading::AccountWide).into(),
            Client::Issued(issued) => trusted.verifies(&issued.trust),
        }
    }
}
