//! The rules language: what parses, what it means as a tree, how it is printed, and what is refused.

mod bounds; // size, depth, time, and anything that anybody could type
mod corpus; // expressions as people write them
mod faults; // every refusal, its place and its words
mod grammar; // operators, literals, precedence, layout, spans
mod roundtrip; // generated trees survive printing
