//! One test binary; a line for each subject.

mod expression; // the rules language
mod sandbox; // the offline account, by its answers
mod support; // what several subjects share
