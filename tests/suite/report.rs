//! Plans and runs as programs and pull requests get them. The texts stand beside the tests;
//! `SNAPSHOTS=overwrite` writes them anew.

mod bounds; // texts that would be too long
mod documents; // plans and runs with every kind of part
mod hostile; // names that would be something else
mod shown; // a world's plan, with what stands against it
