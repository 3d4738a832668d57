//! What is read from a good file: defaults, spellings, places.

use std::time::Duration;

use mtlsctl::config::Action;
use mtlsctl::config::CaContent;
use mtlsctl::config::Expectation;
use mtlsctl::config::Guards;
use mtlsctl::config::HostLimit;
use mtlsctl::config::Hostnames;
use mtlsctl::config::Member;
use mtlsctl::config::Origin;
use mtlsctl::config::Presented;
use mtlsctl::config::Scalar;
use mtlsctl::config::SideEffects;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::Name;

use crate::config::world::load_text;
use crate::config::world::sample;

const SMALL: &str = "\
version: 1
account: 9a7806061c88ada191ed06f989cc3dac
owner: platform-mtls
cas:
  - { name: fleet-2026, certificates: ca/fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [API.Example.com.] }
rules:
  - name: require-client-certificate
";

#[test]
fn what_is_left_out_has_its_default() {
    let config = load_text(SMALL).expect("a good file");
    assert_eq!(config.warnings, []);
    assert_eq!(config.zones, None);
    assert_eq!(config.quota, 5);
    assert_eq!(config.settle, Duration::from_secs(60));
    assert_eq!(config.former_owners, []);
    assert_eq!(config.guards, Guards::default());
    let rule = &config.rules[0];
    assert_eq!(rule.hostnames, Hostnames::All);
    assert_eq!(rule.action, Action::Block);
    assert!(rule.pin && rule.enabled);
    assert_eq!((&rule.unless, &rule.response), (&None, &None));
}

#[test]
fn a_host_has_one_spelling_and_keeps_its_place() {
    let config = load_text(SMALL).expect("a good file");
    let host = &config.groups[0].hosts[0];
    assert_eq!(host.value.as_str(), "api.example.com");
    assert_eq!((host.at.line, host.at.column), (7, 52));
    let text = &config.source.text()[host.at.start..host.at.end];
    assert_eq!(text, "API.Example.com.");
}

#[test]
fn every_value_can_be_set() {
    let text = format!(
        "{SMALL}    hostnames: [public-api, api.example.com]
    action: log
    pin: false
    unless: http.request.uri.path eq \"/healthz\"
    enabled: false
    adopt: [{{ zone: example.com, ref: 3fa8c1 }}]
former_owners: [old-mtls]
zones: [example.com]
quota: 7
settle: 1h30m
tests:
  - {{ host: api.example.com, certificate: fleet-2026, expect: pass }}
  - {{ host: api.example.com, certificate: none, path: /v1, given: {{ a.b: 1, c.d: \"1\", e.f: true }}, expect: block }}
  - {{ host: api.example.com, certificate: unknown, expect: challenge }}
guards:
  max_deletes: 0
  max_changed_hosts: 12
  min_validity: 0d
  min_overlap: 1d
  may_open: [gone.example.com]
  side_effects: refuse
accept:
  - {{ finding: unpinned, object: legacy.example.com, reason: \"moved in Q1\", until: 2099-03-01 }}
"
    );
    let config = load_text(&text).expect("a good file");
    let name = |text: &str| Name::parse(text).expect("a name");
    let host = |text: &str| Hostname::parse(text).expect("a host");
    let rule = &config.rules[0];
    let Hostnames::Listed(members) = &rule.hostnames else {
        panic!("listed hosts");
    };
    let members: Vec<&Member> = members.iter().map(|member| &member.value).collect();
    assert_eq!(
        members,
        [
            &Member::Group(name("public-api")),
            &Member::Host(host("api.example.com"))
        ]
    );
    assert_eq!(rule.action, Action::Log);
    assert!(!rule.pin && !rule.enabled);
    let unless = rule.unless.as_ref().expect("unless");
    assert_eq!(unless.value, "http.request.uri.path eq \"/healthz\"");
    assert_eq!(rule.adopt[0].reference.value, "3fa8c1");
    assert_eq!(config.former_owners, [name("old-mtls")]);
    assert_eq!(config.quota, 7);
    assert_eq!(config.settle, Duration::from_secs(5400));

    let presented: Vec<&Presented> = config.tests.iter().map(|test| &test.certificate).collect();
    assert_eq!(
        presented,
        [
            &Presented::IssuedBy(name("fleet-2026")),
            &Presented::None,
            &Presented::Stranger
        ]
    );
    assert_eq!(config.tests[0].path, "/");
    assert_eq!(config.tests[1].path, "/v1");
    let given: Vec<&Scalar> = config.tests[1]
        .given
        .iter()
        .map(|(_, value)| value)
        .collect();
    assert_eq!(
        given,
        [
            &Scalar::Integer(1),
            &Scalar::Text("1".into()),
            &Scalar::Bool(true)
        ]
    );
    assert_eq!(config.tests[2].expect, Expectation::Challenge);

    assert_eq!(config.guards.max_deletes, 0);
    assert_eq!(config.guards.max_changed_hosts, HostLimit::Count(12));
    assert_eq!(config.guards.min_validity, Duration::ZERO);
    assert_eq!(config.guards.min_overlap, Duration::from_secs(86_400));
    assert_eq!(config.guards.may_open[0].value, host("gone.example.com"));
    assert_eq!(config.guards.side_effects, SideEffects::Refuse);
    assert_eq!(config.accept[0].reason, "moved in Q1");
}

#[test]
fn lengths_of_time_are_read_as_people_write_them() {
    for (written, seconds) in [("0s", 0), ("60s", 60), ("5m", 300), ("1h30m", 5400)] {
        let text = format!("{SMALL}settle: {written}\n");
        let config = load_text(&text).expect("a good file");
        assert_eq!(config.settle, Duration::from_secs(seconds), "{written}");
    }
}

#[test]
fn certificates_come_from_files_or_from_the_text_itself() {
    let pem = String::from_utf8(sample("examples/ca", "fleet-2026.pem").expect("a sample"));
    let indented = pem.expect("PEM is text").replace('\n', "\n      ");
    let inline = SMALL.replace(
        "  - { name: fleet-2026, certificates: ca/fleet-2026.pem }\n",
        &format!(
            "  - name: fleet-2026\n    certificates: |\n      {}\n",
            indented.trim_end()
        ),
    );
    let variable = SMALL.replace("ca/fleet-2026.pem", "\"${CA_FOLDER}/fleet-2026.pem\"");
    let bundle = SMALL.replace("ca/fleet-2026.pem", "fixtures/bundle.pem");
    let content = |text: &str| match load_text(text).expect("a good file").cas.remove(0).content {
        CaContent::Uploaded { bundle, origin, .. } => (bundle.value, origin),
        CaContent::CloudflareManaged { .. } => panic!("an uploaded CA"),
    };
    let (from_file, origin) = content(SMALL);
    assert_eq!(origin, Origin::File("ca/fleet-2026.pem".into()));
    assert_eq!(content(&inline), (from_file.clone(), Origin::Inline));
    let written = Origin::File("${CA_FOLDER}/fleet-2026.pem".into());
    assert_eq!(content(&variable), (from_file, written));
    // Two certificates with text around them, CRLF, and no newline at the end.
    assert_eq!(content(&bundle).0.certificates().len(), 2);
}

#[test]
fn an_alias_is_its_value_at_the_place_of_its_use() {
    let text = SMALL
        .replace("cas: [fleet-2026], hosts", "cas: &all [fleet-2026], hosts")
        .replace(
            "rules:",
            "  - { name: partners, cas: *all, hosts: [partners.example.com] }\nrules:",
        );
    let config = load_text(&text).expect("a good file");
    assert_eq!(config.groups[1].cas.len(), 1);
    assert_eq!(config.groups[1].cas[0].at.line, 8);
}

#[test]
fn line_endings_and_a_byte_order_mark_change_nothing() {
    let plain = load_text(SMALL).expect("a good file");
    let text = format!("\u{feff}{}", SMALL.replace('\n', "\r\n"));
    let other = load_text(&text).expect("a good file");
    assert_eq!(
        other.groups[0].hosts[0].value,
        plain.groups[0].hosts[0].value
    );
    assert_eq!(other.groups[0].hosts[0].at.line, 7);
}
