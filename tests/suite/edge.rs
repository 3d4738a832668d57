//! The model of the edge: who gets in, and which rule decides.

mod access; // access tests
mod clients; // who there is, and what is fixed of them
mod explain; // which rule decides, and why
mod given; // fields as people give them
mod kin; // hosts that cannot be told apart
mod question; // asking in a few words
mod random; // the model against walking through the rules one request at a time
mod verdicts; // rule lists and what becomes of requests in them
