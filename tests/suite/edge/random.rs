//! The model against walking through the rules one request at a time.

use std::collections::BTreeSet;

use mtlsctl::edge::Effect;
use mtlsctl::edge::Model;
use mtlsctl::edge::Presented;
use mtlsctl::edge::Rule;
use mtlsctl::edge::Verdict;
use mtlsctl::expression::Request;
use mtlsctl::expression::Truth;
use mtlsctl::expression::parse;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Values of the path that all rules below tell apart, and one more.
const PATHS: [&str; 5] = ["/a", "/b", "/b/c", "/d", "/"];

const TESTS: [&str; 8] = [
    "http.request.uri.path eq \"/a\"",
    "starts_with(http.request.uri.path, \"/b\")",
    "http.request.uri.path in {\"/b\" \"/d\"}",
    "ssl",
    "cf.client.bot",
    "ip.src.is_in_european_union",
    "true",
    "lower(http.host) eq \"api.example.com\"",
];

const BOOLEANS: [&str; 3] = ["ssl", "cf.client.bot", "ip.src.is_in_european_union"];

fn condition() -> impl Strategy<Value = String> {
    let test = prop_oneof![
        (0..TESTS.len()).prop_map(|index| TESTS[index].to_owned()),
        (0..TESTS.len()).prop_map(|index| format!("not {}", TESTS[index])),
    ];
    (vec(test, 1..3), any::<bool>())
        .prop_map(|(tests, all)| tests.join(if all { " and " } else { " or " }))
}

fn effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        3 => Just(Effect::Block),
        1 => Just(Effect::Challenge),
        2 => Just(Effect::SkipRuleset),
        1 => Just(Effect::SkipPhase),
        1 => Just(Effect::Nothing),
    ]
}

fn rule(effect: impl Strategy<Value = Effect>) -> impl Strategy<Value = Rule> {
    (condition(), effect, prop::bool::weighted(0.9)).prop_map(|(condition, effect, enabled)| Rule {
        name: condition.clone(),
        reference: condition.clone(),
        enabled,
        condition: parse(&condition),
        text: condition.clone(),
        effect,
    })
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let executing = vec(rule(effect()), 0..4).prop_map(Effect::Execute);
    let any = prop_oneof![5 => rule(effect()).boxed(), 1 => rule(executing).boxed()];
    vec(any, 0..7)
}

/// Where a list leads a request.
enum End {
    Decided(Verdict),
    PastPhase,
    Through,
}

fn walk(rules: &[Rule], request: &Request) -> End {
    for rule in rules.iter().filter(|rule| rule.enabled) {
        let condition = rule.condition.as_ref().expect("a condition that parses");
        if condition.evaluate(request) != Truth::True {
            continue;
        }
        match &rule.effect {
            Effect::Block => return End::Decided(Verdict::Block),
            Effect::Challenge => return End::Decided(Verdict::Challenge),
            Effect::SkipRuleset => return End::Through,
            Effect::SkipPhase => return End::PastPhase,
            Effect::Execute(inner) => match walk(inner, request) {
                End::Through => {}
                end => return end,
            },
            Effect::Nothing | Effect::Unknown => {}
        }
    }
    End::Through
}

/// The verdicts that there are, with every request tried.
fn tried(rules: &[Rule]) -> BTreeSet<Verdict> {
    let mut verdicts = BTreeSet::new();
    for path in PATHS {
        for bits in 0..8_u8 {
            let request = BOOLEANS.iter().enumerate().fold(
                known().with("http.request.uri.path", path),
                |request, (index, field)| request.with(*field, bits >> index & 1 == 1),
            );
            verdicts.insert(match walk(rules, &request) {
                End::Decided(verdict) => verdict,
                End::PastPhase | End::Through => Verdict::Pass,
            });
        }
    }
    verdicts
}

fn known() -> Request {
    Request::default().with("http.host", "api.example.com")
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(20_260_801),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_model_finds_the_verdicts_that_trying_every_request_finds(rules in rules()) {
        let mut model = Model::over(&rules, [], &known());
        let request = Presented { known: known(), also: Vec::new() };
        let course = model.course(&rules, &request).expect("a small question");
        let found: BTreeSet<Verdict> = Verdict::ALL
            .into_iter()
            .filter(|verdict| model.witness(course.with(*verdict)).expect("a small question").is_some())
            .collect();
        prop_assert_eq!(found, tried(&rules));
    }
}
