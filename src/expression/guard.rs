//! Answers over what is not known of a request.
//!
//! Tests of one field are not independent. For each field, or call that cannot be taken apart, the
//! literals of its tests cut its values into regions, and one representative stands for each: the
//! tests cannot tell values of one region apart. Only what cannot be cut exactly is a free unknown,
//! true or false, and the same wherever it is written. One region or truth for each of these
//! variables is a [`Guard`]; [`Guards`] calculates with sets of them.

mod alphabet;
mod automaton;
mod case;
mod choice;
mod cuts;
mod decide;
mod diagram;
mod guards;
mod number;
mod partition;
mod regular;
mod sample;
mod subject;
mod text;
mod witness;

pub use choice::Choice;
pub use choice::Guard;
pub use decide::Answer;
pub use decide::decide;
pub use diagram::Bound;
pub use diagram::GuardSet;
pub use guards::Guards;
