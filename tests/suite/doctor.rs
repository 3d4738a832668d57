//! What is judged of a token, an account and a file, by the words.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use jiff::SignedDuration;
use jiff::Timestamp;
use mtlsctl::cloudflare::AccountCheckup;
use mtlsctl::cloudflare::Checkup;
use mtlsctl::cloudflare::Error;
use mtlsctl::cloudflare::Heard;
use mtlsctl::cloudflare::Ratelimit;
use mtlsctl::cloudflare::TokenKind;
use mtlsctl::cloudflare::TokenState;
use mtlsctl::cloudflare::TokenStatus;
use mtlsctl::cloudflare::TransportError;
use mtlsctl::cloudflare::ZoneCheckup;
use mtlsctl::cloudflare::answer::Answer;
use mtlsctl::cloudflare::answer::Damage;
use mtlsctl::cloudflare::answer::Fault;
use mtlsctl::doctor::File;
use mtlsctl::doctor::Line;
use mtlsctl::doctor::Patient;
use mtlsctl::doctor::Scope;
use mtlsctl::doctor::State;
use mtlsctl::doctor::diagnose;
use mtlsctl::live::HostList;
use mtlsctl::live::Rules;
use mtlsctl::report;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::Name;
use mtlsctl::resource::Zone;
use mtlsctl::resource::ZoneId;
use mtlsctl::resource::ZoneName;
use mtlsctl::resource::ZoneStatus;

use crate::support::golden::golden;

fn account() -> AccountId {
    AccountId::parse(&"5a".repeat(16)).expect("an id")
}

fn name(text: &str) -> ZoneName {
    ZoneName::parse(text).expect(text)
}

fn zone(text: &str, status: ZoneStatus, paused: bool) -> Zone {
    let id = format!("{:032x}", text.bytes().map(u32::from).sum::<u32>());
    Zone {
        id: ZoneId::parse(&id).expect("an id"),
        name: name(text),
        status,
        paused,
        rule_quota: Some(5),
    }
}

fn answer(call: &str, status: u16) -> Answer {
    Answer {
        call: call.to_owned(),
        status: StatusCode::from_u16(status).expect("a status"),
        ray: None,
        retry_after: None,
    }
}

fn refused(call: &str, needs: &'static str) -> Error {
    Error::Refused {
        answer: Box::new(answer(call, 403)),
        faults: vec![Fault {
            code: Some(10000),
            message: "Authentication error".to_owned(),
            pointer: None,
        }],
        needs: Some(needs),
    }
}

fn token(status: TokenStatus, end: Option<&str>) -> TokenState {
    TokenState {
        kind: TokenKind::User,
        status,
        expires_on: end.map(|end| end.parse().expect("a moment")),
    }
}

fn fine() -> ZoneCheckup {
    ZoneCheckup {
        rules: Ok(Rules::NoEntryPoint),
        hosts: Ok(HostList::default()),
    }
}

fn seen(zones: Vec<Zone>) -> AccountCheckup {
    let tried = zones.iter().filter(|zone| zone.is_serving());
    AccountCheckup {
        tried: tried.map(|zone| (zone.name.clone(), fine())).collect(),
        zones: Ok(zones),
        cas: Ok(Vec::new()),
    }
}

fn scope(zones: &[&str], hosts: &[&str]) -> File {
    let hosts = hosts.iter().map(|host| Hostname::parse(host).expect(host));
    File::Read {
        path: PathBuf::from("mtls.yaml"),
        scope: Scope {
            owner: Name::parse("platform").expect("a name"),
            zones: Some(zones.iter().map(|zone| name(zone)).collect()),
            hosts: hosts.collect(),
        },
    }
}

fn heard() -> Heard {
    Heard {
        took: [20, 40, 90].map(Duration::from_millis).to_vec(),
        ahead: Some(SignedDuration::from_secs(1)),
        budget: Some(Ratelimit {
            left: 1100,
            resets_in: Duration::from_secs(300),
        }),
    }
}

fn patient(token: Result<TokenState, Error>, seen: Option<AccountCheckup>) -> Patient {
    Patient {
        at: "2026-07-01T00:00:00Z"
            .parse::<Timestamp>()
            .expect("a moment"),
        file: File::None,
        line: Line::Network { account: account() },
        quota: 5,
        checkup: Some(Checkup {
            token,
            account: seen,
        }),
        heard: heard(),
        plan: None,
    }
}

fn told(patient: &Patient) -> String {
    report::doctor::text(&diagnose(patient), 100)
}

#[test]
fn a_token_that_is_over_is_the_only_problem() {
    let mut all = String::new();
    for state in [
        Ok(token(TokenStatus::Expired, Some("2026-01-01T00:00:00Z"))),
        Ok(token(TokenStatus::Disabled, None)),
        Err(Error::TokenRefused {
            user: Box::new(refused("GET /user/tokens/verify", "nothing")),
            account: Box::new(refused("GET /accounts/…/tokens/verify", "nothing")),
        }),
    ] {
        let patient = patient(state, None);
        let diagnosis = diagnose(&patient);
        assert_eq!(diagnosis.count(State::Problem), 1);
        assert_eq!(
            diagnosis.first_problem().map(|check| check.id),
            Some("token")
        );
        all += &told(&patient);
    }
    golden("doctor/tokens_that_are_over.txt", &all);
}

#[test]
fn a_token_that_ends_soon_is_a_warning() {
    for (end, state) in [
        ("2026-07-30T00:00:00Z", State::Warning),
        ("2026-08-01T00:00:00Z", State::Ok),
    ] {
        let patient = patient(
            Ok(token(TokenStatus::Active, Some(end))),
            Some(seen(Vec::new())),
        );
        let diagnosis = diagnose(&patient);
        let check = diagnosis.checks.iter().find(|check| check.id == "token");
        assert_eq!(check.map(|check| check.state), Some(state), "{end}");
    }
}

#[test]
fn what_does_not_answer_is_told_once() {
    let mut all = String::new();
    for error in [
        Error::NoAnswer {
            call: "GET /user/tokens/verify".to_owned(),
            cause: TransportError::Connect {
                host: "api.cloudflare.com".to_owned(),
                reason: "dns error".to_owned(),
            },
        },
        Error::Unreadable {
            answer: Box::new(answer("GET /user/tokens/verify", 200)),
            damage: Damage::Html,
            excerpt: "<html>Log in".to_owned(),
        },
        Error::LockedOut {
            call: "GET /user/tokens/verify".to_owned(),
            wait: Duration::from_secs(280),
        },
    ] {
        let mut patient = patient(Err(error), None);
        patient.heard = Heard::default();
        let diagnosis = diagnose(&patient);
        assert_eq!(diagnosis.count(State::Problem), 1);
        assert_eq!(
            diagnosis.first_problem().map(|check| check.id),
            Some("connection")
        );
        all += &told(&patient);
    }
    golden("doctor/no_answer.txt", &all);
}

#[test]
fn every_permission_that_is_missing_is_named_in_one_run() {
    let mut of_account = seen(vec![
        zone("example.com", ZoneStatus::Active, false),
        zone("example.net", ZoneStatus::Active, false),
    ]);
    of_account.cas = Err(refused(
        "GET /accounts/…/mtls_certificates",
        "Account · SSL and Certificates: Read",
    ));
    of_account.tried = BTreeMap::from([
        (name("example.com"), fine()),
        (
            name("example.net"),
            ZoneCheckup {
                rules: Err(refused("GET /zones/…", "Zone · Zone WAF: Read")),
                hosts: Err(refused("GET /zones/…", "Zone · SSL and Certificates: Read")),
            },
        ),
    ]);
    let mut patient = patient(Ok(token(TokenStatus::Active, None)), Some(of_account));
    patient.file = scope(&["example.com", "example.net"], &["api.example.com"]);
    golden("doctor/permissions_missing.txt", &told(&patient));
}

#[test]
fn zones_that_are_not_served_and_hosts_without_a_zone() {
    let zones = vec![
        zone("example.com", ZoneStatus::Active, false),
        zone("paused.example", ZoneStatus::Active, true),
        zone("pending.example", ZoneStatus::Pending, false),
        zone("moved.example", ZoneStatus::Moved, false),
    ];
    let mut patient = patient(Ok(token(TokenStatus::Active, None)), Some(seen(zones)));
    golden("doctor/zones_without_a_file.txt", &told(&patient));
    patient.file = scope(
        &[
            "example.com",
            "paused.example",
            "moved.example",
            "absent.example",
        ],
        &[
            "api.example.com",
            "a.paused.example",
            "b.paused.example",
            "a.pending.example",
            "lost.nowhere.example",
        ],
    );
    golden("doctor/zones_of_a_file.txt", &told(&patient));
}

#[test]
fn an_account_that_shows_nothing_is_the_first_cause() {
    let mut of_account = seen(Vec::new());
    of_account.cas = Err(refused(
        "GET /accounts/…",
        "Account · SSL and Certificates: Read",
    ));
    let mut patient = patient(Ok(token(TokenStatus::Active, None)), Some(of_account));
    let diagnosis = diagnose(&patient);
    assert_eq!(diagnosis.count(State::Problem), 1);
    assert_eq!(
        diagnosis.first_problem().map(|check| check.id),
        Some("account")
    );
    // A token of the account itself proves that the id is right: then it is the permissions.
    if let Some(Checkup {
        token: Ok(token), ..
    }) = &mut patient.checkup
    {
        token.kind = TokenKind::Account;
    }
    let diagnosis = diagnose(&patient);
    assert_eq!(
        diagnosis.first_problem().map(|check| check.id),
        Some("permission")
    );
}

#[test]
fn clocks_budgets_and_slow_lines() {
    let zones = || vec![zone("example.com", ZoneStatus::Active, false)];
    for (ahead, state) in [
        (5, State::Ok),
        (-29, State::Ok),
        (90, State::Warning),
        (-90, State::Warning),
        (7200, State::Problem),
    ] {
        let mut patient = patient(Ok(token(TokenStatus::Active, None)), Some(seen(zones())));
        patient.heard.ahead = Some(SignedDuration::from_secs(ahead));
        let diagnosis = diagnose(&patient);
        let clock = diagnosis.checks.iter().find(|check| check.id == "clock");
        assert_eq!(clock.map(|check| check.state), Some(state), "{ahead}");
    }
    let mut patient = patient(Ok(token(TokenStatus::Active, None)), Some(seen(zones())));
    patient.heard = Heard {
        took: vec![Duration::from_secs(3)],
        ahead: Some(SignedDuration::from_secs(-120)),
        budget: Some(Ratelimit {
            left: 12,
            resets_in: Duration::from_secs(40),
        }),
    };
    golden("doctor/line.txt", &told(&patient));
}

#[test]
fn without_a_way_to_the_account_everything_else_is_listed_as_not_looked_at() {
    let mut patient = patient(Ok(token(TokenStatus::Active, None)), None);
    patient.checkup = None;
    patient.line = Line::Missing {
        reason: "there is no API token".to_owned(),
        remedy: "set CLOUDFLARE_API_TOKEN".to_owned(),
    };
    patient.file = File::Broken {
        path: PathBuf::from("mtls.yaml"),
        reason: "line 3: `ownr` is no key of this place".to_owned(),
    };
    let json = report::doctor::json(&diagnose(&patient));
    golden("doctor/no_token.json", &json);
    let schema = schemars::schema_for!(report::doctor::Document<'_>);
    let schema = jsonschema::draft202012::new(schema.as_value()).expect("a schema");
    let value = serde_json::from_str(&json).expect("JSON");
    assert!(schema.is_valid(&value), "{json}");
}
