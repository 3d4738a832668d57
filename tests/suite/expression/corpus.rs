//! Expressions as people write them, one in each paragraph of `corpus.txt`.

use mtlsctl::expression::normalised_length;
use mtlsctl::expression::parse;

#[test]
fn every_expression_parses_prints_and_parses_to_the_same_tree() {
    let mut count = 0;
    for text in include_str!("corpus.txt").split("\n\n") {
        let tree = parse(text).unwrap_or_else(|error| panic!("{text}\n{error} at {:?}", error.at));
        let printed = tree.to_string();
        let again = parse(&printed).unwrap_or_else(|error| panic!("{printed}\n{error}"));
        assert_eq!(again, tree, "{text}");
        assert_eq!(again.to_string(), printed, "{text}");
        assert_eq!(
            normalised_length(&printed),
            printed.chars().count(),
            "{printed}"
        );
        count += 1;
    }
    assert!(count >= 150, "{count} expressions");
}
