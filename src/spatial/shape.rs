//! Whether an area is a proper one: rings that neither cross nor touch themselves, holes inside, parts apart.
//!
//! The rules are those of OGC Simple Features (06-103r4, 6.1.11): what passes here is taken by PostGIS as valid and can
//! be unioned without repair. Edges are swept by their west end, so that a boundary of 200 000 vertices takes well under
//! a second; geo's own validation compares every edge with every other.

use crate::domain::{Footprint, LIMITS, LonLat, Violation};
use geo::coordinate_position::CoordPos;
use geo::dimensions::Dimensions;
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{BoundingRect, CoordinatePosition, InteriorPoint, Intersects, Relate};
use geo_types::{Coord, Line, LineString, Polygon, Rect};
use std::collections::BTreeSet;

/// Most pairs of edges that one check compares; only a shape made to be slow comes near.
const PAIRS_MAX: usize = 300_000_000;

/// Returns a point inside the area, the same one for the same area; `None` for an empty one. Of an area that is no proper
/// one, or of more vertices than any may have, it is the first corner: the search for a point inside grows with the square
/// of edges that lie on one another, and such an area is refused anyway.
pub fn representative_point(area: &Footprint) -> Option<LonLat> {
    let vertices: usize = area.iter().map(|part| part.exterior().0.len()).sum();
    if vertices > LIMITS.division_vertices || !shape_violations(area).is_empty() {
        let corner = area.iter().find_map(|part| part.exterior().0.first())?;
        return LonLat::new(corner.x, corner.y).ok();
    }
    let point = area.interior_point()?;
    LonLat::new(point.x(), point.y()).ok()
}

/// Returns what is wrong with the shape of an area: at most one violation of each reason, with the place of the fault.
///
/// Numbers out of range and empty rings are `domain::validate_resource`'s part.
pub fn shape_violations(area: &Footprint) -> Vec<Violation> {
    let rings = rings_of(area);
    let mut out = Vec::new();
    let swept = match sweep(&rings) {
        Ok(swept) => swept,
        Err(violation) => return vec![violation],
    };
    out.extend(swept.fault);
    if out.is_empty() {
        out.extend(first_misplaced(area, &swept.touching));
    }
    out
}

/// One ring, by its part and its number within the part (0 is the exterior).
struct Ring {
    part: usize,
    edges: Vec<Line<f64>>,
}

/// One edge in the sweep.
struct Edge {
    line: Line<f64>,
    ring: usize,
    place: usize,
}

#[derive(Default)]
struct Swept {
    fault: Option<Violation>,
    /// Pairs of parts of which rings meet in a point; whether they also cross there is asked of geo.
    touching: BTreeSet<(usize, usize)>,
}

fn rings_of(area: &Footprint) -> Vec<Ring> {
    let mut out = Vec::new();
    for (part, polygon) in area.0.iter().enumerate() {
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            // A position given twice in a row is no fault, only an edge without length.
            let edges = ring.lines().filter(|line| line.start != line.end).collect();
            out.push(Ring { part, edges });
        }
    }
    out
}

/// Compares every pair of edges whose boxes meet.
fn sweep(rings: &[Ring]) -> Result<Swept, Violation> {
    let mut edges: Vec<Edge> = Vec::new();
    for (ring, r) in rings.iter().enumerate() {
        if r.edges.len() < 3 {
            return Err(flat());
        }
        edges.extend(r.edges.iter().enumerate().map(|(place, line)| Edge { line: *line, ring, place }));
    }
    edges.sort_by(|a, b| west(&a.line).total_cmp(&west(&b.line)));
    let mut swept = Swept::default();
    let mut pairs = 0_usize;
    for (i, a) in edges.iter().enumerate() {
        let east = a.line.start.x.max(a.line.end.x);
        for b in edges[i + 1..].iter().take_while(|b| west(&b.line) <= east) {
            pairs += 1;
            if !meet_in_y(&a.line, &b.line) {
                continue;
            }
            if let Some(violation) = compare(a, b, rings, &mut swept.touching) {
                swept.fault = Some(violation);
                return Ok(swept);
            }
        }
        if pairs > PAIRS_MAX {
            return Err(too_tangled());
        }
    }
    Ok(swept)
}

fn compare(a: &Edge, b: &Edge, rings: &[Ring], touching: &mut BTreeSet<(usize, usize)>) -> Option<Violation> {
    let meeting = line_intersection(a.line, b.line)?;
    let same_ring = a.ring == b.ring;
    match meeting {
        LineIntersection::Collinear { intersection } if intersection.start != intersection.end => {
            Some(if same_ring { crosses_itself(intersection.start) } else { rings_cross(intersection.start) })
        }
        _ if same_ring && neighbours(a.place, b.place, rings[a.ring].edges.len()) => None,
        LineIntersection::SinglePoint { intersection, .. } if same_ring => Some(crosses_itself(intersection)),
        LineIntersection::Collinear { intersection } if same_ring => Some(crosses_itself(intersection.start)),
        LineIntersection::SinglePoint { intersection, is_proper: true } => Some(rings_cross(intersection)),
        _ => {
            let (p, q) = (rings[a.ring].part, rings[b.ring].part);
            touching.insert((p.min(q), p.max(q)));
            None
        }
    }
}

fn neighbours(i: usize, j: usize, count: usize) -> bool {
    (i + 1) % count == j || (j + 1) % count == i
}

fn west(line: &Line<f64>) -> f64 {
    line.start.x.min(line.end.x)
}

fn meet_in_y(a: &Line<f64>, b: &Line<f64>) -> bool {
    a.start.y.min(a.end.y) <= b.start.y.max(b.end.y) && b.start.y.min(b.end.y) <= a.start.y.max(a.end.y)
}

/// Finds a hole outside its part, holes in each other or parts that overlap. Rings do not cross, so one vertex tells
/// where the whole ring lies, except where rings touch: there geo's relate decides.
fn first_misplaced(area: &Footprint, touching: &BTreeSet<(usize, usize)>) -> Option<Violation> {
    let boxes: Vec<_> = area.0.iter().map(BoundingRect::bounding_rect).collect();
    for (i, part) in area.0.iter().enumerate() {
        if let Some(violation) = misplaced_hole(part, touching.contains(&(i, i))) {
            return Some(violation);
        }
        for (j, other) in area.0.iter().enumerate().skip(i + 1) {
            if !boxes_meet(boxes[i], boxes[j]) {
                continue;
            }
            if overlap(part, other, touching.contains(&(i, j))) {
                return Some(parts_overlap(i, j));
            }
        }
    }
    None
}

fn misplaced_hole(part: &Polygon<f64>, touches_itself: bool) -> Option<Violation> {
    let outer = Polygon::new(part.exterior().clone(), vec![]);
    let holes: Vec<Polygon<f64>> = part.interiors().iter().map(|r| Polygon::new(r.clone(), vec![])).collect();
    let boxes: Vec<_> = holes.iter().map(|hole| hole.bounding_rect()).collect();
    for (i, hole) in holes.iter().enumerate() {
        let inside = if touches_itself {
            outer.relate(hole).is_contains()
        } else {
            lies(hole.exterior(), &outer) == CoordPos::Inside
        };
        let near = (i + 1..holes.len()).filter(|j| boxes_meet(boxes[i], boxes[*j])).map(|j| &holes[j]);
        if !inside || near.into_iter().any(|other| overlap(hole, other, touches_itself)) {
            return Some(hole_outside(i));
        }
    }
    None
}

/// `may_touch`: their rings meet in points, so that one vertex does not tell; then geo's relate does.
fn overlap(a: &Polygon<f64>, b: &Polygon<f64>, may_touch: bool) -> bool {
    if may_touch {
        return a.relate(b).get(CoordPos::Inside, CoordPos::Inside) == Dimensions::TwoDimensional;
    }
    lies(b.exterior(), a) == CoordPos::Inside || lies(a.exterior(), b) == CoordPos::Inside
}

fn boxes_meet(a: Option<Rect<f64>>, b: Option<Rect<f64>>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a.intersects(&b))
}

fn lies(ring: &LineString<f64>, polygon: &Polygon<f64>) -> CoordPos {
    ring.0.first().map_or(CoordPos::Outside, |c| polygon.coordinate_position(c))
}

fn crosses_itself(at: Coord<f64>) -> Violation {
    let place = format!("({:.6}, {:.6})", at.x, at.y);
    Violation::new(
        "geometry",
        "self_crossing",
        format!("面的边界在 {place} 处与自身相交或相接，请修正"),
        format!("the boundary crosses or touches itself at {place}: mend it there"),
    )
}

fn rings_cross(at: Coord<f64>) -> Violation {
    let place = format!("({:.6}, {:.6})", at.x, at.y);
    Violation::new(
        "geometry",
        "rings_cross",
        format!("面的两个环在 {place} 处相交或共边，请修正"),
        format!("two rings cross or share an edge at {place}: mend them there"),
    )
}

fn hole_outside(hole: usize) -> Violation {
    let n = hole + 1;
    Violation::new(
        "geometry",
        "bad_hole",
        format!("第 {n} 个内环不在外环之内，或与另一内环重叠"),
        format!("hole {n} does not lie inside the exterior ring, or overlaps another hole"),
    )
}

fn parts_overlap(i: usize, j: usize) -> Violation {
    let (i, j) = (i + 1, j + 1);
    Violation::new(
        "geometry",
        "parts_overlap",
        format!("多面的第 {i} 与第 {j} 部分重叠，请先合并"),
        format!("parts {i} and {j} of the MultiPolygon overlap: union them first"),
    )
}

fn flat() -> Violation {
    Violation::new(
        "geometry",
        "empty_ring",
        "面的环至少需要 3 个不同的坐标",
        "a ring has at least 3 different positions",
    )
}

fn too_tangled() -> Violation {
    Violation::new(
        "geometry",
        "too_tangled",
        "面的边过长且过多，无法在限额内检查，请简化",
        "too many long edges to check within the limit: simplify the shape",
    )
}
