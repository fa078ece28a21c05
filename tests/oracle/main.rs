//! Every fast answer beside its slow twin. Random cases come from a seed, and a failure prints it.

mod area;
mod around;
mod coverage;
mod datum;
mod dice;
mod edge;
mod nearest;
mod serving;
