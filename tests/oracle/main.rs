//! Every fast answer beside its slow twin. Random cases come from a seed, and a failure prints it.

mod area;
mod around;
mod city;
mod coverage;
mod crs;
mod datum;
mod datum_evidence;
mod dice;
mod edge;
mod field;
mod grid;
mod hierarchy;
mod isochrone;
mod matching;
mod nearest;
mod roads;
mod roads_town;
mod serving;
mod steps;
