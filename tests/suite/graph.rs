//! The picture of an account: what it shows, and that each format is what it claims to be.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::edge::Authority;
use mtlsctl::edge::State;
use mtlsctl::edge::Verdict;
use mtlsctl::edge::ZoneState;
use mtlsctl::report::graph::Asks;
use mtlsctl::report::graph::Ca;
use mtlsctl::report::graph::Change;
use mtlsctl::report::graph::Graph;
use mtlsctl::report::graph::Group;
use mtlsctl::report::graph::Outcome;
use mtlsctl::report::graph::Reaches;
use mtlsctl::report::graph::Rule;
use mtlsctl::report::graph::Was;
use mtlsctl::report::graph::Zone;
use mtlsctl::report::graph::dot;
use mtlsctl::report::graph::is_too_large;
use mtlsctl::report::graph::mermaid;
use mtlsctl::report::graph::svg;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;
use regex::Regex;

use crate::support::golden::golden;
use crate::support::project::Project;

const HOSTILE: &str =
    "\"]; click \\ <script>alert(1)</script> & `x` #quot; %% \u{1b}[31m\u{202e}\u{ffff} end";

fn now(outcome: Outcome) -> Was {
    Was {
        before: None,
        now: outcome,
    }
}

fn always(verdict: Verdict) -> Outcome {
    Outcome::Always(verdict)
}

/// Every kind of thing that can be drawn, with names that mean harm.
fn everything() -> Graph {
    let host = |name: &str| Hostname::parse(name).expect(name);
    let outcomes = [
        always(Verdict::Pass),
        always(Verdict::Challenge),
        always(Verdict::Block),
        Outcome::Depends,
        Outcome::Unknown,
    ];
    let changes = [
        Change::Kept,
        Change::Added,
        Change::Removed,
        Change::Changed,
    ];
    let ca = |(nth, change): (usize, &Change)| Ca {
        name: format!("{nth} {HOSTILE}"),
        change: *change,
    };
    let cas: Vec<Ca> = changes.iter().enumerate().map(ca).collect();
    let rule = |(nth, change): (usize, &Change)| Rule {
        name: format!("{nth} {HOSTILE}"),
        action: "block",
        enabled: nth != 1,
        change: *change,
    };
    let rules: Vec<Rule> = changes.iter().enumerate().map(rule).collect();
    let group = |(nth, outcome): (usize, &Outcome)| Group {
        hosts: (0..nth * 2)
            .map(|one| host(&format!("h{one}.g{nth}.example.com")))
            .collect(),
        stranger: Was {
            before: (nth % 2 == 0).then_some(Outcome::Unknown),
            now: *outcome,
        },
        asks: vec![
            Asks {
                ca: nth % 4,
                change: changes[nth % 3],
                clients: now(*outcome),
            },
            Asks {
                ca: (nth + 1) % 4,
                change: Change::Kept,
                clients: now(always(Verdict::Pass)),
            },
        ],
        rules: vec![Reaches {
            rule: nth % 4,
            change: changes[nth % 3],
        }],
    };
    let groups: Vec<Group> = outcomes.iter().enumerate().map(group).collect();
    let zone = |name: &str| Zone {
        name: ZoneName::parse(name).expect(name),
        groups: groups.clone(),
        rules: rules.clone(),
    };
    Graph {
        is_change: true,
        cas,
        zones: vec![zone("example.com"), zone("example.net")],
    }
}

#[test]
fn the_example_is_drawn_in_each_format() {
    let project = Project::example();
    for (format, extension) in [("mermaid", "mmd"), ("dot", "dot"), ("svg", "svg")] {
        let file = format!("graph --file-only -f mtls.yaml.example --format {format}");
        let ran = project.run(&file).ends(0);
        golden(&format!("graph/file.{extension}"), &ran.stdout);
        let plan = format!("graph --plan --sandbox -f mtls.yaml.example --format {format}");
        let ran = project.run(&plan).ends(0);
        golden(&format!("graph/plan.{extension}"), &ran.stdout);
    }
    let live = "graph --sandbox --zone example.com --at 2026-06-01";
    let ran = project.run(live).ends(0);
    golden("graph/live.mmd", &ran.stdout);
    assert!(!ran.stdout.contains("example.net"), "{}", ran.stdout);
    let ran = project
        .run("graph --sandbox --zone nowhere.example")
        .ends(1);
    ran.says("has no zone nowhere.example");
}

/// Each line is one of the forms that Mermaid's documentation has.
#[test]
fn mermaid_has_only_lines_that_mermaid_knows() {
    let text = mermaid(&everything());
    let label =
        r#""[\p{Alphabetic}\p{N} .,\-+/@:~→()#;]*(<br/>[\p{Alphabetic}\p{N} .,\-+/@:~→()#;]*)*""#;
    let forms = [
        "flowchart LR".to_owned(),
        "  end".to_owned(),
        format!(r"  subgraph zone\d+\[{label}\]"),
        format!(r"  ca\d+\(\[{label}\]\)"),
        format!(r"    host\d+x\d+\[{label}\]"),
        format!(r"    rule\d+x\d+\{{\{{{label}\}}\}}"),
        format!(r"  \w+ (-->|==>|-\.->)(\|{label}\|)? \w+"),
        r"  class [\w,]+ \w+".to_owned(),
        r"  classDef \w+ [\w:#,\-]+".to_owned(),
        r"  linkStyle [\d,]+ stroke:#[0-9a-f]{6}".to_owned(),
    ];
    let forms: Vec<Regex> = forms
        .iter()
        .map(|form| Regex::new(&format!("^{form}$")).expect("a form"))
        .collect();
    for line in text.lines() {
        assert!(forms.iter().any(|form| form.is_match(line)), "{line}");
    }
    let edges = text
        .lines()
        .filter(|line| line.contains("> ") || line.contains(">|"))
        .count();
    let links = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("linkStyle "));
    let mut styled: Vec<usize> = links
        .flat_map(|line| line.split(' ').next().expect("numbers").split(','))
        .map(|number| number.parse().expect("a number"))
        .collect();
    styled.sort_unstable();
    assert_eq!(styled, (0..edges).collect::<Vec<_>>(), "{text}");
}

#[test]
fn dot_has_every_text_in_quotes_that_nothing_ends_early() {
    let text = dot(&everything());
    let quoted = Regex::new(r#""(\\[\\"n]|[^\\"])*""#).expect("a form");
    let bare = quoted.replace_all(&text, "Q");
    let forms = Regex::new(r"^[\sa-zA-Z0-9_=,;{}\[\]>.\-]*$").expect("a form");
    for line in bare.lines() {
        assert!(forms.is_match(line), "{line}");
    }
    assert_eq!(bare.matches('{').count(), bare.matches('}').count());
}

/// Tags that are closed in order, and nothing that is no XML.
#[test]
fn svg_is_well_formed_and_holds_nothing_that_acts() {
    golden("graph/everything.svg", &svg(&everything()));
    for graph in [everything(), Graph::of(&State::default())] {
        let text = svg(&graph);
        let mut open: Vec<&str> = Vec::new();
        for (nth, part) in text.split('<').enumerate() {
            let (tag, words) = part.split_once('>').unwrap_or(("", part));
            assert_eq!(nth == 0, tag.is_empty(), "{part}");
            let entities = words.matches('&').count();
            let known = ["&amp;", "&lt;", "&gt;", "&quot;"].map(|one| words.matches(one).count());
            assert_eq!(entities, known.iter().sum::<usize>(), "{words}");
            let name = tag.split(' ').next().unwrap_or_default();
            if let Some(name) = name.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') && nth > 0 {
                open.push(name);
            }
            let known = ["", "svg", "title", "style", "rect", "text", "path"];
            assert!(known.contains(&name.trim_start_matches('/')), "{name}");
        }
        assert_eq!(open, Vec::<&str>::new());
        let is_bad = |c: char| (c.is_control() && c != '\n') || c == '\u{ffff}' || c == '\u{202e}';
        assert!(!text.contains(is_bad));
        assert!(!text.contains("href") && !text.contains("url("));
    }
}

/// The boxes of an SVG: x, y, width, height.
fn boxes(text: &str) -> Vec<[usize; 4]> {
    let form = r#"<rect class="box [^"]*" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)""#;
    let form = Regex::new(form).expect("a form");
    let found = form.captures_iter(text);
    found
        .map(|found| [1, 2, 3, 4].map(|at| found[at].parse().expect("a number")))
        .collect()
}

#[test]
fn no_box_covers_another_and_all_stand_in_the_picture() {
    let text = svg(&everything());
    let size = Regex::new(r#"viewBox="0 0 (\d+) (\d+)""#).expect("a form");
    let size = size.captures(&text).expect("a size");
    let [wide, high] = [1, 2].map(|at| size[at].parse::<usize>().expect("a number"));
    let boxes = boxes(&text);
    assert!(boxes.len() > 20, "{}", boxes.len());
    for (nth, [x, y, width, height]) in boxes.iter().enumerate() {
        assert!(x + width <= wide && y + height <= high, "{nth}");
        for (other, [left, top, across, down]) in boxes.iter().enumerate().skip(nth + 1) {
            let apart =
                x + width <= *left || left + across <= *x || y + height <= *top || top + down <= *y;
            assert!(apart, "{nth} and {other}");
        }
    }
}

#[test]
fn ten_thousand_hosts_that_nothing_tells_apart_are_one_box() {
    let zone = ZoneName::parse("example.com").expect("a zone");
    let managed = BTreeSet::from([Authority::Managed]);
    let hosts = (0..10_000).map(|nth| {
        let host = Hostname::parse(&format!("h{nth:05}.example.com")).expect("a host");
        (host, managed.clone())
    });
    let state = State {
        zones: BTreeMap::from([(
            zone,
            ZoneState {
                rules: Vec::new(),
                hosts: hosts.collect(),
            },
        )]),
        ..State::default()
    };
    let graph = Graph::of(&state);
    assert_eq!(graph.zones[0].groups.len(), 1);
    assert_eq!(
        graph.zones[0].groups[0].stranger,
        now(always(Verdict::Pass))
    );
    let text = mermaid(&graph);
    assert!(
        text.contains("h00000.example.com<br/>h00001.example.com<br/>and 9998 more: 10000 hosts"),
        "{text}"
    );
    assert!(!is_too_large(&text));
    assert!(svg(&graph).len() < 8_000);
    assert_eq!(text, mermaid(&Graph::of(&state)));
}

#[test]
fn a_plan_of_nothing_shows_nothing_that_changes() {
    let project = Project::example();
    let _ = project
        .run("apply --sandbox --yes -f mtls.yaml.example")
        .ends(0);
    let ran = project
        .run("graph --plan --sandbox -f mtls.yaml.example")
        .ends(0);
    for mark in ["==>", "-.->", "#43;", "#45;", "→"] {
        assert!(!ran.stdout.contains(mark), "{mark}: {}", ran.stdout);
    }
}
