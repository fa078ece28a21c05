//! Shapes as PostGIS reads them: EWKB with SRID 4326, longitude first.
//!
//! They travel as plain bytes and become `geometry` in the statement (`ST_GeomFromEWKB`), so that no type has to be looked
//! up by name on each connection. Invariant: a resource without a footprint is its point; a division without an area has
//! no shape.

use super::StoreError;
use crate::domain::{Change, Footprint, LonLat};
use geo_types::{Geometry, Point};
use geozero::{CoordDimensions, ToWkb};

/// WGS84, longitude and latitude in degrees.
const SRID: i32 = 4326;

/// Returns the shape of what a change leaves behind, as EWKB.
pub(super) fn ewkb(change: &Change) -> Result<Option<Vec<u8>>, StoreError> {
    let shape = match change {
        Change::Resource(e) => e.after.as_ref().map(|r| match &r.place.footprint {
            Some(area) => multi_polygon(area),
            None => point(r.place.position),
        }),
        Change::Division(e) => e.after.as_ref().and_then(|d| d.area.as_ref()).map(multi_polygon),
        Change::Demand(e) => e.after.as_ref().map(|d| point(d.position)),
        Change::Correction(_) | Change::Closure(_) => None,
    };
    shape
        .map(|s| s.to_ewkb(CoordDimensions::xy(), Some(SRID)))
        .transpose()
        .map_err(|e| StoreError::Refused { what: "geometry".to_owned(), why: e.to_string() })
}

fn point(position: LonLat) -> Geometry {
    Geometry::Point(Point::new(position.lon(), position.lat()))
}

fn multi_polygon(area: &Footprint) -> Geometry {
    Geometry::MultiPolygon(area.clone())
}
