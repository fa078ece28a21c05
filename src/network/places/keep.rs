//! Index ↔ sections of a network file, and the check of every number that is used as an index.

use super::names::NameIndex;
use super::texts::Texts;
use super::{Kept, PlaceIndex};
use crate::network::file::{FileError, NetworkFile, Sections, Tag, damaged, shown};
use crate::network::graph::Graph;
use crate::network::keep::offsets;
use crate::network::source::{PlaceKind, PlaceSource, Point};

const TEXTS: (Tag, Tag) = (*b"pltextno", *b"pltexts ");
const CLASSES: (Tag, Tag) = (*b"plclasno", *b"plclass ");
const LABELS: (Tag, Tag) = (*b"pllabeno", *b"pllabels");
const FIRST_PLACE: Tag = *b"plfirstp";
const FIRST_HOUSE: Tag = *b"plfirsth";
const PLACES: Tag = *b"plplaces";
const HOUSES: Tag = *b"plhouses";
const CROSSINGS: Tag = *b"plcross ";

impl PlaceIndex {
    /// Puts places, and the crossings of the graph's named streets, into sections of a file; tells what is kept.
    pub fn write(places: &[PlaceSource], graph: &Graph, out: &mut Sections) -> Kept {
        let (index, kept) = Self::of(places, graph);
        index.names.write(out);
        index.texts.write(TEXTS, out);
        index.classes.write(CLASSES, out);
        index.labels.write(LABELS, out);
        out.put_column(FIRST_PLACE, &index.first_place);
        out.put_column(PLACES, &index.places);
        out.put_column(FIRST_HOUSE, &index.first_house);
        out.put_column(HOUSES, &index.houses);
        out.put_column(CROSSINGS, &index.crossings);
        kept
    }

    /// Returns the places of a file; `None` when it was made without them.
    pub fn read(file: &NetworkFile) -> Result<Option<Self>, FileError> {
        if file.section(PLACES).is_err() {
            return Ok(None);
        }
        let texts = Texts::read(TEXTS, file)?;
        let names = u32::try_from(texts.len() / 2).unwrap_or(u32::MAX);
        let index = Self {
            names: NameIndex::read(file, names)?,
            texts,
            classes: Texts::read(CLASSES, file)?,
            first_place: file.column(FIRST_PLACE)?,
            places: file.column(PLACES)?,
            first_house: file.column(FIRST_HOUSE)?,
            houses: file.column(HOUSES)?,
            labels: Texts::read(LABELS, file)?,
            crossings: file.column(CROSSINGS)?,
        };
        index.check(names)?;
        Ok(Some(index))
    }

    fn check(&self, names: u32) -> Result<(), FileError> {
        let position = |p: Point| p.lon_e7.unsigned_abs() <= 1_800_000_000 && p.lat_e7.unsigned_abs() <= 900_000_000;
        let holds = [
            (FIRST_PLACE, offsets(&self.first_place, names as usize, self.places.len())),
            (FIRST_HOUSE, offsets(&self.first_house, names as usize, self.houses.len())),
            (
                PLACES,
                self.places.iter().all(|row| {
                    row.text < names
                        && usize::from(row.class) < self.classes.len()
                        && usize::from(row.kind) < PlaceKind::ALL.len()
                        && position(row.at)
                }),
            ),
            (
                HOUSES,
                self.labels.len() == self.houses.len()
                    && self.houses.iter().all(|row| row.text < names && row.last >= row.number && position(row.at)),
            ),
            (
                CROSSINGS,
                self.crossings.is_sorted()
                    && self.crossings.iter().all(|row| row.of < names && row.with < names && position(row.at)),
            ),
        ];
        match holds.iter().find(|(_, holds)| !holds) {
            None => Ok(()),
            Some((tag, _)) => Err(damaged(&shown(*tag), "a number is out of reach")),
        }
    }
}
