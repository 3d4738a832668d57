//! An audit with one of everything in it, put together by hand.

use jiff::civil::Date;
use mtlsctl::audit::Acceptance;
use mtlsctl::audit::Accepted;
use mtlsctl::audit::Audit;
use mtlsctl::audit::Cell;
use mtlsctl::audit::Coverage;
use mtlsctl::audit::Excerpt;
use mtlsctl::audit::Finding;
use mtlsctl::audit::Kind;
use mtlsctl::audit::Outcome;
use mtlsctl::audit::Row;
use mtlsctl::audit::Severity;
use mtlsctl::edge::Verdict;
use mtlsctl::live::Looked;
use mtlsctl::live::Unread;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

use crate::audit::account::moment;

pub(crate) const PASS: Outcome = Outcome::Always(Verdict::Pass);
pub(crate) const BLOCK: Outcome = Outcome::Always(Verdict::Block);
pub(crate) const CHALLENGE: Outcome = Outcome::Always(Verdict::Challenge);

/// The clients of an account with these CAs.
pub(crate) fn clients(cas: &[&str]) -> Vec<String> {
    let of_cas = cas
        .iter()
        .flat_map(|ca| [format!("of {ca}"), format!("of an intermediate below {ca}")]);
    let first = [
        "without a certificate",
        "with a certificate of an unknown issuer",
    ];
    let last = [
        "of the Cloudflare-managed CA",
        "of the Cloudflare-managed CA, revoked",
    ];
    let first = first.into_iter().map(str::to_owned);
    let last = last.into_iter().map(str::to_owned);
    first.chain(of_cas).chain(last).collect()
}

/// The same under both readings.
pub(crate) fn sure(outcome: Outcome) -> Cell {
    Cell {
        per_host: outcome,
        account_wide: outcome,
    }
}

pub(crate) fn zone(name: &str) -> ZoneName {
    ZoneName::parse(name).expect(name)
}

pub(crate) fn row(zone_name: &str, hosts: &[&str], cas: &[&str], cells: Vec<Cell>) -> Row {
    let hosts = hosts.iter().map(|host| Hostname::parse(host).expect(host));
    Row {
        zone: zone(zone_name),
        hosts: hosts.collect(),
        cas: cas.iter().map(ToString::to_string).collect(),
        cells,
    }
}

pub(crate) fn unread(what: Looked, zone_name: Option<&str>, permission: Option<&str>) -> Unread {
    Unread {
        what,
        zone: zone_name.map(zone),
        permission: permission.map(str::to_owned),
    }
}

pub(crate) fn acceptance(finding: &str, object: &str, until: &str) -> Acceptance {
    Acceptance {
        finding: finding.to_owned(),
        object: object.to_owned(),
        reason: "moved in Q3".to_owned(),
        until: until.parse::<Date>().expect(until),
    }
}

/// An audit that found nothing, with nothing to look at.
pub(crate) fn empty() -> Audit {
    Audit {
        account: AccountId::parse(&"9a780606".repeat(4)).expect("an id"),
        at: moment("2026-06-01T12:00:00Z"),
        zones: vec![zone("example.com")],
        coverage: Coverage::default(),
        findings: Vec::new(),
        accepted: Vec::new(),
        idle: Vec::new(),
        unread: Vec::new(),
    }
}

pub(crate) const EXPRESSION: &str = "(http.host in {\"api.example.com\" \"pay.example.com\"} and not cf.tls_client_auth.cert_verified and not (http.request.uri.path eq \"/a  b\"))";

/// An excerpt whose mark are these words of [`EXPRESSION`].
pub(crate) fn excerpt(marked: &str, label: &str) -> Excerpt {
    let start = EXPRESSION.find(marked).expect(marked);
    Excerpt {
        origin: "rule `Partners only` in example.com".to_owned(),
        expression: EXPRESSION.to_owned(),
        mark: start..start + marked.len(),
        label: label.to_owned(),
    }
}

pub(crate) fn bypass(host: &str) -> Finding {
    Finding::new(
        Severity::High,
        Kind::Bypass,
        host,
        "The rule `Office\u{1b}[31m` lets requests past the rule below it that would turn them away.",
    )
    .detail("A request that gets in: one where ip.src is 192.0.2.1, without a certificate.")
    .remedy("move the rule that wants a certificate above it.")
}

/// A matrix with every word in it.
pub(crate) fn coverage() -> Coverage {
    Coverage {
        clients: clients(&["fleet-2026", "partners-of-the-north-2026"]),
        rows: vec![
            row(
                "example.com",
                &["api.example.com", "pay.example.com"],
                &["fleet-2026"],
                [BLOCK, BLOCK, PASS, BLOCK, BLOCK, BLOCK, BLOCK, BLOCK]
                    .map(sure)
                    .to_vec(),
            ),
            row(
                "example.net",
                &["shop.example.net"],
                &["fleet-2026"],
                vec![
                    sure(CHALLENGE),
                    sure(CHALLENGE),
                    sure(PASS),
                    sure(PASS),
                    Cell {
                        per_host: CHALLENGE,
                        account_wide: PASS,
                    },
                    Cell {
                        per_host: CHALLENGE,
                        account_wide: PASS,
                    },
                    Cell {
                        per_host: CHALLENGE,
                        account_wide: PASS,
                    },
                    Cell {
                        per_host: CHALLENGE,
                        account_wide: PASS,
                    },
                ],
            ),
            row(
                "example.net",
                &[
                    "a.example.net",
                    "b.example.net",
                    "c.example.net",
                    "d.example.net",
                ],
                &["fleet-2026"],
                vec![
                    sure(Outcome::Depends),
                    sure(BLOCK),
                    Cell {
                        per_host: PASS,
                        account_wide: Outcome::Unknown,
                    },
                    sure(BLOCK),
                    sure(Outcome::Unknown),
                    sure(BLOCK),
                    sure(BLOCK),
                    sure(BLOCK),
                ],
            ),
            row("example.net", &[], &[], vec![sure(PASS); 8]),
        ],
    }
}

/// One of everything.
pub(crate) fn composed() -> Audit {
    let weak = Finding::new(
        Severity::Medium,
        Kind::Unpinned,
        "shop.example.net",
        "Clients of partners-2026 get in too, if the edge verifies certificates against all CAs of the account.",
    )
    .remedy("ask for the issuer as well.")
    .excerpt(Some(excerpt("cf.tls_client_auth.cert_verified", "whoever issued it")));
    let expired = acceptance("bypass", "pay.example.com", "2026-06-01");
    let taken = acceptance("letter-case", "legacy.example.com", "2099-03-01");
    Audit {
        zones: ["example.com", "example.net"].map(zone).to_vec(),
        coverage: coverage(),
        findings: vec![
            bypass("api.example.com"),
            bypass("pay.example.com"),
            weak,
            Finding::new(
                Severity::Low,
                Kind::CaUnused,
                "CA old",
                "No host list names it.",
            )
            .remedy("delete it."),
        ],
        accepted: vec![Accepted {
            finding: Finding::new(
                Severity::High,
                Kind::LetterCase,
                "legacy.example.com",
                "The rule compares the host as the client spells it.",
            ),
            acceptance: taken.clone(),
        }],
        idle: vec![
            expired,
            acceptance("opne", "api.example.com", "2099-03-01"),
            acceptance("open", "api.example.com", "2099-03-01"),
            acceptance("open", "api.example.com", "2026-01-01"),
            Acceptance {
                reason: "again".to_owned(),
                ..taken
            },
        ],
        unread: vec![
            unread(
                Looked::HostLists,
                Some("example.org"),
                Some("Zone · SSL and Certificates: Read"),
            ),
            unread(
                Looked::AccountRules,
                None,
                Some("Account · Account WAF: Read"),
            ),
            unread(
                Looked::Records,
                Some("example.com"),
                Some("Zone · DNS: Read"),
            ),
            unread(
                Looked::Records,
                Some("example.net"),
                Some("Zone · DNS: Read"),
            ),
            unread(
                Looked::Records,
                Some("example.org"),
                Some("Zone · DNS: Read"),
            ),
            unread(Looked::AccessRules, Some("example.org"), None),
        ],
        ..empty()
    }
}
