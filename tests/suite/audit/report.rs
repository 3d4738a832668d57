//! An audit as text, as JSON and as SARIF.

use mtlsctl::audit::Coverage;
use mtlsctl::audit::Excerpt;
use mtlsctl::audit::Finding;
use mtlsctl::report::audit::findings;
use mtlsctl::report::audit::json;
use mtlsctl::report::audit::sarif;
use mtlsctl::report::audit::text;
use serde_json::Value;

use crate::audit::account::WIDTH;
use crate::audit::composed::BLOCK;
use crate::audit::composed::EXPRESSION;
use crate::audit::composed::PASS;
use crate::audit::composed::bypass;
use crate::audit::composed::clients;
use crate::audit::composed::composed;
use crate::audit::composed::empty;
use crate::audit::composed::excerpt;
use crate::audit::composed::row;
use crate::audit::composed::sure;
use crate::support::golden::golden;

fn plain(styled: &str) -> String {
    anstream::adapter::strip_str(styled).to_string()
}

#[track_caller]
fn narrow(text: &str, width: usize) {
    for line in text.lines() {
        assert!(line.chars().count() <= width, "{line}");
        assert_eq!(line.trim_end(), line, "blanks at the end");
    }
}

#[test]
fn the_text_of_an_audit() {
    let styled = text(&composed(), WIDTH);
    golden("audit/report/composed.txt", &plain(&styled));
    narrow(&plain(&styled), WIDTH);
    assert!(
        styled.contains("\u{1b}[1m\u{1b}[31mhigh\u{1b}[0m"),
        "{styled}"
    );
    assert!(!plain(&styled).contains('\u{1b}'));
}

#[test]
fn the_text_of_an_audit_that_found_nothing() {
    golden("audit/report/empty.txt", &plain(&text(&empty(), WIDTH)));
}

#[test]
fn the_json_of_an_audit() {
    let told = json(&composed());
    golden("audit/report/composed.json", &told);
    let read: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(read["format_version"], 1);
    assert_eq!(read["findings"].as_array().map(Vec::len), Some(4));
}

/// The SARIF with another version than this one.
fn unversioned(text: &str) -> String {
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(text.matches(&version).count(), 1);
    text.replace(&version, "\"version\": \"0.0.0\"")
}

#[test]
fn the_sarif_of_an_audit() {
    let told = sarif(&composed(), "infra/mtls.yaml");
    golden("audit/report/composed.sarif", &unversioned(&told));
}

/// What the schema and GitHub ask of every result.
#[test]
fn each_result_names_its_rule_a_place_and_a_fingerprint_of_its_own() {
    let mut audit = composed();
    audit.findings.push(Finding {
        sentence: "Another rule lets requests past.".to_owned(),
        ..bypass("api.example.com")
    });
    let read: Value = serde_json::from_str(&sarif(&audit, "mtls.yaml")).expect("JSON");
    let run = &read["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), audit.findings.len() + audit.accepted.len());
    let mut fingerprints = Vec::new();
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index");
        let rule = &rules[usize::try_from(index).expect("an index")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["shortDescription"]["text"].is_string(), "{rule}");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "mtls.yaml");
        assert_eq!(place["region"]["startLine"], 1);
        assert!(result["suppressions"].is_array(), "{result}");
        fingerprints.push(result["partialFingerprints"].to_string());
    }
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), results.len());
    let suppressed = results
        .iter()
        .filter(|one| one["suppressions"][0].is_object());
    assert_eq!(suppressed.count(), audit.accepted.len());
}

#[test]
fn a_path_becomes_a_uri() {
    for (path, uri) in [
        ("mtls.yaml", "mtls.yaml"),
        ("./infra/mtls.yaml", "infra/mtls.yaml"),
        ("my files/ü.yaml", "my%20files/%C3%BC.yaml"),
        ("/srv/mtls.yaml", "file:///srv/mtls.yaml"),
    ] {
        let read: Value = serde_json::from_str(&sarif(&composed(), path)).expect("JSON");
        let result = &read["runs"][0]["results"][0];
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(place["uri"], uri);
    }
}

#[test]
fn more_columns_than_fit_are_shown_below_each_other() {
    let cas = (1..=12).map(|n| format!("fleet-{n:02}-emea"));
    let cas: Vec<String> = cas.collect();
    let cas: Vec<&str> = cas.iter().map(String::as_str).collect();
    let clients = clients(&cas);
    let cells = vec![sure(BLOCK); clients.len()];
    let mut audit = empty();
    audit.coverage = Coverage {
        rows: vec![
            row(
                "example.com",
                &["api.example.com"],
                &["fleet-01-emea"],
                cells.clone(),
            ),
            row(
                "example.com",
                &["pay.example.com"],
                &["fleet-02-emea"],
                cells,
            ),
        ],
        clients,
    };
    let shown = plain(&text(&audit, WIDTH));
    golden("audit/report/wide.txt", &shown);
    narrow(&shown, WIDTH);
}

#[test]
fn many_rows_are_counted() {
    let mut audit = empty();
    let rows = (1..=43).map(|n| {
        let host = format!("h{n:02}.example.com");
        row("example.com", &[&host], &["fleet"], vec![sure(BLOCK); 6])
    });
    audit.coverage = Coverage {
        clients: clients(&["fleet"]),
        rows: rows.collect(),
    };
    let shown = plain(&text(&audit, WIDTH));
    assert!(shown.contains("\nh40.example.com"), "{shown}");
    assert!(!shown.contains("h41.example.com"), "{shown}");
    assert!(
        shown.contains("… and 3 more (all of them in --format json)\n"),
        "{shown}"
    );
    let read: Value = serde_json::from_str(&json(&audit)).expect("JSON");
    assert_eq!(read["coverage"]["rows"].as_array().map(Vec::len), Some(43));
}

#[test]
fn a_name_that_cannot_be_cut_is_the_only_thing_wider_than_the_window() {
    let host = format!("{}.example.com", "a".repeat(60));
    let mut audit = empty();
    audit.coverage = Coverage {
        clients: clients(&["fleet"]),
        rows: vec![row(
            "example.com",
            &[&host],
            &["fleet"],
            vec![sure(BLOCK); 6],
        )],
    };
    audit.findings.push(bypass(&host));
    let shown = plain(&text(&audit, 40));
    for line in shown.lines().filter(|line| line.chars().count() > 40) {
        assert!(
            line.contains(&host) || line.trim_start() == line.trim(),
            "{line}"
        );
    }
    assert_eq!(shown.matches(&host).count(), 5, "{shown}");
}

/// An intermediate that gets in where its CA does not is no side remark.
#[test]
fn who_gets_in_further_than_expected_has_a_column() {
    let mut audit = empty();
    audit.coverage = Coverage {
        clients: clients(&["fleet"]),
        rows: vec![row(
            "example.com",
            &["api.example.com"],
            &["fleet"],
            [BLOCK, BLOCK, BLOCK, PASS, BLOCK, PASS].map(sure).to_vec(),
        )],
    };
    golden("audit/report/further.txt", &plain(&text(&audit, WIDTH)));
}

#[test]
fn cas_with_the_names_of_columns_are_numbered() {
    let mut audit = empty();
    let cells = vec![sure(BLOCK); 10];
    audit.coverage = Coverage {
        clients: clients(&["none", "fleet\u{7}", "CA 1"]),
        rows: vec![row("example.com", &["api.example.com"], &["none"], cells)],
    };
    let shown = plain(&text(&audit, WIDTH));
    let heading = "                 none   stranger  fleet\\u{7}  CA 1   CA 2   managed\n";
    assert!(shown.contains(heading), "{shown}");
    assert!(shown.contains("  CA 1      clients of none\n"), "{shown}");
    assert!(shown.contains("  CA 2      clients of CA 1\n"), "{shown}");
}

fn underlined(excerpt: Excerpt) -> String {
    let finding = bypass("api.example.com").excerpt(Some(excerpt));
    plain(&findings(&[finding], WIDTH))
}

#[test]
fn marks_are_carried_over_to_the_laid_out_expression() {
    let path = excerpt("http.request.uri.path eq \"/a  b\"", "leaves these out");
    let spread = excerpt(
        "\"api.example.com\" \"pay.example.com\"} and not cf.tls_client_auth.cert_verified",
        "speaks of these hosts, and this is a label that is too long to stand behind the mark",
    );
    let whole = excerpt(EXPRESSION, "all of it");
    let nowhere = Excerpt {
        mark: 5..5,
        ..excerpt("http.host", "nothing is marked")
    };
    let outside = Excerpt {
        mark: 4000..5000,
        ..excerpt("http.host", "beyond its end")
    };
    let texts = [path, spread, whole, nowhere, outside].map(underlined);
    golden("audit/report/excerpts.txt", &texts.join("\n"));
}

#[test]
fn a_long_expression_shows_the_beginning_and_the_end_of_its_mark() {
    let hosts: Vec<String> = (1..=60).map(|n| format!("\"h{n}.example.com\"")).collect();
    let hosts = hosts.join(" ");
    let expression = format!("not ssl and http.host in {{{hosts}}} and ip.src eq 192.0.2.1");
    let end = expression.find('}').expect("a set");
    let shown = underlined(Excerpt {
        origin: "rule `\u{202e}gnihton` in example.com".to_owned(),
        mark: 12..end,
        expression,
        label: "these hosts".to_owned(),
    });
    golden("audit/report/long_excerpt.txt", &shown);
    narrow(&shown, WIDTH);
}
