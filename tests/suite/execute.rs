//! Running plans against a model of the account: in what order, and what happens when something happens.

mod ambiguous; // one fault at each write, and what becomes of it
mod calls; // how many calls reading and applying take
mod convergence; // generated worlds: nothing is left to do, and nobody else notices
mod crash; // the end of a run, or a fault, at each of its calls
mod lag; // reads that lag behind writes
mod meanwhile; // somebody changes rules of their own between two waves
mod moved; // somebody else writes before the run, or during it
mod order; // waves, lanes, checks before each write
mod races; // somebody else writes in the same moment
mod scenario; // the files and accounts that the others start from
mod stopped; // failures and Ctrl-C
mod window; // somebody else writes to the same zone: before, after, and between our read and our write
mod worlds; // zones, files and deeds of others, generated
