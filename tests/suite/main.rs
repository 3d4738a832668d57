//! One test binary; a line for each subject.

mod expression; // the rules language
mod support; // what several subjects share
