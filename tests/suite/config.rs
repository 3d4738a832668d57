//! Tests of the desired-state file.

mod edit; // rotations, every other byte kept
mod examples; // the files that newcomers copy
mod hostile; // whatever a file may hold, the answer is an answer
mod problems; // every problem's exact words
mod schema; // the file for editors
mod values; // what is read from a good file
mod world; // the machine as a file sees it in these tests
