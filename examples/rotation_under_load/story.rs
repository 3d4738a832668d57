//! The changes, and who gets in before and after each: a table made by hand, which asks nothing of the project.

/// Who knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Somebody without a certificate.
    Nobody,
    /// Somebody with a certificate that they made themselves.
    Stranger,
    /// A client of the CA that is rotated out.
    Old,
    /// A client of its successor.
    New,
    /// A client of the CA of other hosts.
    Partner,
    /// A client of an intermediate below the old CA, which nobody declared.
    Intermediate,
}

impl Who {
    pub(crate) const ALL: [Self; 6] = [
        Self::Nobody,
        Self::Stranger,
        Self::Old,
        Self::New,
        Self::Partner,
        Self::Intermediate,
    ];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Nobody => "no certificate",
            Self::Stranger => "a stranger's",
            Self::Old => "of the old CA",
            Self::New => "of the new CA",
            Self::Partner => "of another host's CA",
            Self::Intermediate => "below the old CA",
        }
    }
}

pub(crate) const HOSTS: [&str; 5] = [
    "api.example.com",
    "pay.example.com",
    "bus.example.com",
    "shop.example.com",
    "docs.example.com",
];

/// A state of the file.
pub(crate) struct Stage {
    /// What changes to get there.
    pub(crate) title: &'static str,
    /// CAs, hostnames and rules.
    pub(crate) file: &'static str,
    /// Hosts that are given up knowingly.
    pub(crate) opened: &'static [&'static str],
    /// Who gets in, by host as in [`HOSTS`].
    lets_in: [&'static [Who]; 5],
}

impl Stage {
    /// Whether the request gets in, once everything has arrived.
    pub(crate) fn lets_in(&self, host: usize, who: Who) -> bool {
        self.lets_in[host].contains(&who)
    }
}

const EVERYBODY: &[Who] = &Who::ALL;
const OLD: &[Who] = &[Who::Old];
const BOTH: &[Who] = &[Who::Old, Who::New];
const NEW: &[Who] = &[Who::New];
const PARTNER: &[Who] = &[Who::Partner];

pub(crate) const STAGES: [Stage; 6] = [
    Stage {
        title: "and everything back to how it began",
        file: "
cas:
  - { name: old, certificates: old.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - { name: public, cas: [old], hosts: [api.example.com, pay.example.com] }
  - { name: partners, cas: [partner], hosts: [bus.example.com] }
",
        opened: &["shop.example.com"],
        lets_in: [OLD, OLD, PARTNER, EVERYBODY, EVERYBODY],
    },
    Stage {
        title: "a rotation begins: the new CA beside the old one",
        file: "
cas:
  - { name: old, certificates: old.pem }
  - { name: new, certificates: new.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - { name: public, cas: [old, new], hosts: [api.example.com, pay.example.com] }
  - { name: partners, cas: [partner], hosts: [bus.example.com] }
",
        opened: &[],
        lets_in: [BOTH, BOTH, PARTNER, EVERYBODY, EVERYBODY],
    },
    Stage {
        title: "it ends: the old CA goes",
        file: "
cas:
  - { name: new, certificates: new.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - { name: public, cas: [new], hosts: [api.example.com, pay.example.com] }
  - { name: partners, cas: [partner], hosts: [bus.example.com] }
",
        opened: &[],
        lets_in: [NEW, NEW, PARTNER, EVERYBODY, EVERYBODY],
    },
    Stage {
        title: "new hosts are taken in",
        file: "
cas:
  - { name: new, certificates: new.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - name: public
    cas: [new]
    hosts: [api.example.com, pay.example.com, shop.example.com, docs.example.com]
  - { name: partners, cas: [partner], hosts: [bus.example.com] }
",
        opened: &[],
        lets_in: [NEW, NEW, PARTNER, NEW, NEW],
    },
    Stage {
        title: "a host moves to another group, with another CA and another rule",
        file: "
cas:
  - { name: new, certificates: new.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - name: public
    cas: [new]
    hosts: [api.example.com, shop.example.com, docs.example.com]
  - { name: partners, cas: [partner], hosts: [bus.example.com, pay.example.com] }
",
        opened: &[],
        lets_in: [NEW, PARTNER, PARTNER, NEW, NEW],
    },
    Stage {
        title: "a host is given up",
        file: "
cas:
  - { name: new, certificates: new.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - { name: public, cas: [new], hosts: [api.example.com, shop.example.com] }
  - { name: partners, cas: [partner], hosts: [bus.example.com, pay.example.com] }
",
        opened: &["docs.example.com"],
        lets_in: [NEW, PARTNER, PARTNER, NEW, EVERYBODY],
    },
];

/// What all of the files begin with.
pub(crate) fn header(account: &str) -> String {
    format!(
        "version: 1\naccount: {account}\nowner: platform\nzones: [example.com]\n\
         guards: {{ min_overlap: 0d, max_deletes: 9, max_changed_hosts: 100% }}\n\
         rules:\n  - {{ name: public, hostnames: [public] }}\n  - {{ name: partners, hostnames: [partners] }}\n"
    )
}
