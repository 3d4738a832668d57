//! Rotations written into files of every layout: what is meant comes in, every other byte stays.

use mtlsctl::config::Config;
use mtlsctl::config::edit::NotEdited;
use mtlsctl::config::edit::Rotation;
use mtlsctl::config::edit::rotate;
use mtlsctl::resource::Name;

use crate::config::world::load_text;
use crate::config::world::sample;

const TO: &str = "ca/partner-2026.pem";

fn rotation(name: &str, to: &str, retire: Option<&str>) -> Rotation {
    Rotation {
        name: Name::parse(name).expect(name),
        to: to.to_owned(),
        retire: retire.map(|day| day.parse().expect(day)),
    }
}

fn read(text: &str) -> Config {
    load_text(text).unwrap_or_else(|problems| panic!("{text}\n{:#?}", problems.problems))
}

/// The file after the rotation, read again and found to be as meant.
#[track_caller]
fn rotated(text: &str, rotation: &Rotation) -> String {
    let before = read(text);
    let edited = rotate(&before, rotation).expect("a rotation");
    let after = read(&edited.text);
    assert!(edited.is_as_meant(&before, &after), "{}", edited.text);
    edited.text
}

/// Files of one content, each as somebody might write it. `CA` and `CAS` stand for what a rotation touches:
/// behind them what comes there with `--retire`.
fn layouts() -> Vec<(&'static str, String, String)> {
    let block = "\
# ours
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team   # us

cas:
  # the fleet
  - name: fleet-2026   # issued in-house
    certificates: ca/fleet-2026.pem # a file

  # others
  - name: other
    certificates: ca/fleet-2025.pem
hostnames:
  - name: public-api
    cas:
      - fleet-2026   # everybody
      - other
    hosts: [api.example.com]
  - name: inner
    cas: [ fleet-2026 ]   # only us
    hosts:
      - bus.example.com
rules:
  - name: require
";
    let block_after = block
        .replace(
            "# issued in-house\n",
            "# issued in-house\n    retire: 2099-01-31\n",
        )
        .replace(
            "# a file\n",
            "# a file\n  - name: fleet-2026-2\n    certificates: ca/partner-2026.pem\n",
        )
        .replace("# everybody\n", "# everybody\n      - fleet-2026-2\n")
        .replace("[ fleet-2026 ]", "[ fleet-2026, fleet-2026-2 ]");
    let flow = "\
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: \"fleet-2026\", certificates: 'ca/fleet-2026.pem' } # {ours}
  - { name: other, certificates: ca/fleet-2025.pem }
hostnames:
  - { name: public-api, cas: ['fleet-2026', other], hosts: [api.example.com] }
rules: [{ name: require }]
";
    let flow_after = flow
        .replace(
            "name: \"fleet-2026\"",
            "name: \"fleet-2026\", retire: 2099-01-31",
        )
        .replace(
            "# {ours}\n",
            "# {ours}\n  - { name: fleet-2026-2, certificates: ca/partner-2026.pem }\n",
        )
        .replace("['fleet-2026',", "['fleet-2026', fleet-2026-2,");
    let inline = "\
{ version: 1, account: \"${CLOUDFLARE_ACCOUNT_ID}\", owner: team,
  cas: [{ certificates: ca/fleet-2026.pem, name: fleet-2026 }, { name: other, certificates: ca/fleet-2025.pem }],
  hostnames: [{ name: public-api, cas: [other, fleet-2026], hosts: [api.example.com] }],
  rules: [{ name: require }] }
";
    let inline_after = inline
        .replace(
            "name: fleet-2026 }",
            "name: fleet-2026, retire: 2099-01-31 }, { name: fleet-2026-2, certificates: ca/partner-2026.pem }",
        )
        .replace("[other, fleet-2026]", "[other, fleet-2026, fleet-2026-2]");
    let dated = block.replace("[ fleet-2026 ]", "[ fleet-2026, other ]");
    let dated = dated.replace("# a file\n", "# a file\n    retire: 2098-12-31  # soon\n");
    let dated_after = dated
        .replace("retire: 2098-12-31", "retire: 2099-01-31")
        .replace(
            "# soon\n",
            "# soon\n  - name: fleet-2026-2\n    certificates: ca/partner-2026.pem\n",
        )
        .replace("# everybody\n", "# everybody\n      - fleet-2026-2\n")
        .replace("[ fleet-2026,", "[ fleet-2026, fleet-2026-2,");
    let unindented = block.replace("\n  ", "\n");
    let unindented_after = block_after.replace("\n  ", "\n");
    let crlf = |text: &str| text.replace('\n', "\r\n");
    vec![
        ("block", block.to_owned(), block_after.clone()),
        ("flow", flow.to_owned(), flow_after.clone()),
        ("inline", inline.to_owned(), inline_after),
        ("dated", dated, dated_after),
        ("unindented", unindented, unindented_after),
        ("block with CRLF", crlf(block), crlf(&block_after)),
        ("flow with CRLF", crlf(flow), crlf(&flow_after)),
    ]
}

#[test]
fn a_new_path_takes_the_place_of_the_old_one() {
    for (layout, text, _) in layouts() {
        let expected = ["'ca/fleet-2026.pem'", "ca/fleet-2026.pem"]
            .into_iter()
            .find(|path| text.contains(path))
            .map(|path| text.replacen(path, TO, 1));
        let found = rotated(&text, &rotation("fleet-2026", TO, None));
        assert_eq!(Some(found), expected, "{layout}");
    }
}

#[test]
fn a_successor_with_a_name_of_its_own_joins_every_group() {
    for (layout, text, expected) in layouts() {
        let found = rotated(&text, &rotation("fleet-2026", TO, Some("2099-01-31")));
        assert_eq!(found, expected, "{layout}");
    }
}

#[test]
fn a_pem_in_the_file_gives_way_to_a_path() {
    let pem = sample("examples/ca", "fleet-2026.pem").expect("a sample");
    let pem = String::from_utf8(pem).expect("PEM is text");
    let indented = pem.trim_end().replace('\n', "\n      ");
    let (_, block, _) = layouts().remove(0);
    for indicator in ["|", "|-", ">-"] {
        let body = if indicator == ">-" {
            pem.trim_end().replace('\n', "\n\n      ")
        } else {
            indented.clone()
        };
        let text = block.replace(
            "ca/fleet-2026.pem # a file",
            &format!("{indicator}\n      {body}"),
        );
        let expected = block.replace("ca/fleet-2026.pem # a file", TO);
        let found = rotated(&text, &rotation("fleet-2026", TO, None));
        assert_eq!(found, expected, "{indicator}");
    }
    let quoted = format!("\"{}\"", pem.replace('\n', "\\n"));
    let text = block.replace("ca/fleet-2026.pem", &quoted);
    let found = rotated(&text, &rotation("fleet-2026", TO, None));
    assert_eq!(found, block.replace("ca/fleet-2026.pem", TO));
}

#[test]
fn every_sample_takes_a_rotation() {
    for (folder, name) in [
        ("", "mtls.yaml.example"),
        ("examples", "smallest.yaml"),
        ("examples", "unpinned.yaml"),
        ("examples", "two-cas.yaml"),
    ] {
        let text = String::from_utf8(sample(folder, name).expect(name)).expect("UTF-8");
        let text = text.replace("examples/ca/", "ca/");
        let config = read(&text);
        let first = config.cas[0].name.value.to_string();
        for retire in [None, Some("2099-06-30")] {
            let to = "fixtures/ca/somebody.pem";
            let found = rotated(&text, &rotation(&first, to, retire));
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            let comments = |text: &str| text.matches('#').count();
            assert_eq!(comments(&found), comments(&text), "{name}");
            assert!(lines(&found).len() >= lines(&text).len(), "{name}");
        }
    }
}

#[test]
fn names_count_on() {
    let (_, text, _) = layouts().remove(1);
    for (name, next) in [
        ("fleet-2026", "fleet-2026-2"),
        ("fleet-2", "fleet-3"),
        ("fleet", "fleet-2"),
        ("fleet-1", "fleet-1-2"),
    ] {
        let text = text.replace("fleet-2026\"", &format!("{name}\""));
        let text = text.replace("'fleet-2026'", &format!("'{name}'"));
        let edited = rotate(&read(&text), &rotation(name, TO, Some("2099-01-31")));
        assert_eq!(edited.expect("a rotation").name.as_str(), next);
    }
}

#[test]
fn paths_that_yaml_would_read_otherwise_are_quoted() {
    let (_, text, _) = layouts().remove(0);
    for (to, written) in [
        ("ca/a b.pem", "\"ca/a b.pem\""),
        ("2026", "\"2026\""),
        ("../ca/x.pem", "../ca/x.pem"),
        ("ca/a#1.pem", "\"ca/a#1.pem\""),
        ("ca/\"q\".pem", "\"ca/\\\"q\\\".pem\""),
    ] {
        let edited = rotate(&read(&text), &rotation("fleet-2026", to, None)).expect("a rotation");
        let line = format!("certificates: {written} # a file");
        assert!(edited.text.contains(&line), "{}", edited.text);
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let (_, text, _) = layouts().remove(0);
    let config = read(&text);
    let said = |name: &str, to: &str| {
        let error: NotEdited = rotate(&config, &rotation(name, to, None)).unwrap_err();
        error.to_string()
    };
    assert_eq!(said("fleet", TO), "the file has no CA `fleet`");
    assert_eq!(
        said("other", "${HOME}/a.pem"),
        "the path `${HOME}/a.pem` cannot stand in the file: `${…}` would be replaced"
    );
    let managed = text.replace(
        "  - name: other\n    certificates: ca/fleet-2025.pem\n",
        "  - { name: cloudflare-managed, key_ids: [A5AC] }\n",
    );
    let managed = managed.replace("- other", "- cloudflare-managed");
    let error = rotate(&read(&managed), &rotation("cloudflare-managed", TO, None)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "CA `cloudflare-managed` is run by Cloudflare: there is nothing to replace"
    );
}

#[test]
fn an_edit_that_comes_out_otherwise_is_noticed() {
    let (_, text, _) = layouts().remove(0);
    let before = read(&text);
    let edited = rotate(&before, &rotation("fleet-2026", TO, None)).expect("a rotation");
    for (from, to) in [
        ("[api.example.com]", "[api.example.net]"),
        ("owner: team", "owner: another"),
        ("- name: require", "- { name: require, pin: false }"),
        ("      - other\n", ""),
    ] {
        let other = edited.text.replace(from, to);
        assert_ne!(other, edited.text, "{from}");
        assert!(!edited.is_as_meant(&before, &read(&other)), "{from}");
    }
    assert!(!edited.is_as_meant(&before, &before));
}
