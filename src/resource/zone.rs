//! Zones, and which of them a host belongs to.

use std::fmt;

use crate::resource::Hostname;
use crate::resource::InvalidHostname;
use crate::resource::ZoneId;

/// The name of a zone, in the spelling of a [`Hostname`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneName(Hostname);

impl ZoneName {
    /// Brings a zone's name into its one spelling.
    ///
    /// # Errors
    /// [`InvalidHostname`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidHostname> {
        Hostname::parse(text).map(Self)
    }

    /// The name in its one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether `host` is the zone itself or lies below it at a label border.
    #[must_use]
    pub fn contains(&self, host: &Hostname) -> bool {
        host.is_within(self.as_str())
    }
}

impl From<Hostname> for ZoneName {
    fn from(name: Hostname) -> Self {
        Self(name)
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The zone of a host: the longest name among `zones` that the host equals or lies below.
///
/// Not the last two labels, which are wrong below `co.uk` and in a zone of a subdomain (API reference,
/// section 5.1).
#[must_use]
pub fn zone_of<'a>(
    host: &Hostname,
    zones: impl IntoIterator<Item = &'a ZoneName>,
) -> Option<&'a ZoneName> {
    zones
        .into_iter()
        .filter(|zone| zone.contains(host))
        .max_by_key(|zone| zone.as_str().len())
}

/// A zone of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Cloudflare's name for it.
    pub id: ZoneId,
    /// Its domain.
    pub name: ZoneName,
    /// Where it stands in its life.
    pub status: ZoneStatus,
    /// Whether traffic goes past the edge, which makes mTLS void.
    pub paused: bool,
    /// How many custom rules its plan allows, where the plan is known (API reference, section 3.7).
    pub rule_quota: Option<usize>,
}

impl Zone {
    /// Whether the edge serves this zone, so that mTLS has an effect there.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.status == ZoneStatus::Active && !self.paused
    }
}

/// The life of a zone (API reference, section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneStatus {
    /// Served by the edge.
    Active,
    /// Waiting for its name servers to point to Cloudflare.
    Pending,
    /// Being set up.
    Initializing,
    /// Its name servers point elsewhere.
    Moved,
    /// A word that the reference does not know.
    Other(String),
}

impl ZoneStatus {
    /// Reads the API's word.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "pending" => Self::Pending,
            "initializing" => Self::Initializing,
            "moved" => Self::Moved,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for ZoneStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Initializing => "initializing",
            Self::Moved => "moved",
            Self::Other(word) => word,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ZoneName;
    use super::zone_of;
    use crate::resource::Hostname;

    #[test]
    fn the_longest_suffix_at_a_label_border_wins() {
        let zones =
            ["example.com", "eu.example.com", "example.co.uk"].map(|z| ZoneName::parse(z).unwrap());
        for (host, zone) in [
            ("api.example.com", Some("example.com")),
            ("api.eu.example.com", Some("eu.example.com")),
            ("eu.example.com", Some("eu.example.com")),
            ("neu.example.com", Some("example.com")),
            ("api.example.co.uk", Some("example.co.uk")),
            ("api.co.uk", None),
            ("notexample.com", None),
        ] {
            let host = Hostname::parse(host).unwrap();
            assert_eq!(zone_of(&host, &zones).map(ZoneName::as_str), zone, "{host}");
        }
    }
}
