//! The rules language: what parses, what it means as a tree, how it is printed, and what is refused.

mod answers; // the words in which questions are answered
mod bounds; // size, depth, time, and anything that anybody could type
mod brute; // answers over what is not known, against all assignments
mod corpus; // expressions as people write them
mod faults; // every refusal, its place and its words
mod fuzz; // anything that parses, evaluated and decided
mod grammar; // operators, literals, precedence, layout, spans
mod lists; // questions about whole rule lists, and their bounds
mod oracle; // the published engine, where both know the language
mod roundtrip; // generated trees survive printing
mod rows; // documented answers for known requests

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// Cases that are the same in every run; `PROPTEST_CASES` in the environment makes more of them.
fn seeded() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_815),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
