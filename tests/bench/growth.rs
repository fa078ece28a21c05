//! What a real extract costs as it grows: the centre of Shanghai, 1, 4 and 16 times ([`crate::stitched`]), built by the program
//! itself, then opened and asked. Each figure stands beside that of the smallest, so that what grows faster than the roads shows.

use crate::dice::Dice;
use crate::road_peers::{EXTRACT, at_hand};
use crate::roads::{K, MOST, questions, timed};
use crate::stitched::stitched;
use bihu::domain::{Closure, ClosureCause, ClosureId, ClosureShape, LonLat, Profile, ProfileSet};
use bihu::exchange::mvt::base_tile;
use bihu::network::hierarchy::{Customized, Hierarchy, Walk};
use bihu::network::places::Asked;
use bihu::network::shut::parts_of;
use bihu::network::{
    Costs, FeatureIndex, Graph, Metric, NetworkFile, NodeId, Overlay, PlaceIndex, Reach, Search, SnapIndex, Stops,
    Toward, isochrone, nearest, route,
};
use bihu::spatial::tile::{TileId, World};
use geo_types::{LineString, MultiPolygon, Polygon};
use std::fs;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Copies along a side.
const SIDES: [usize; 3] = [1, 2, 4];

/// What is typed: a name, part of one, pinyin, its initials, a crossing, with a mistake, and what is nowhere.
const TYPED: [&str; 7] = ["南京西路", "复兴", "nanjing", "njxl", "南京西路 石门一路", "huaihia road", "没有这条路"];

/// Figures by name, with their unit.
type Figures = Vec<(String, f64, &'static str)>;

/// Prints the table.
pub fn of_extract() {
    let Some(file) = at_hand(EXTRACT) else { return };
    let Ok(xml) = fs::read_to_string(&file) else { return println!("growth: {} can not be read", file.display()) };
    println!("growth: the centre of Shanghai, stitched to {SIDES:?} copies a side");
    let sizes: Vec<Figures> = SIDES.iter().filter_map(|side| measured(&xml, *side)).collect();
    let Some(first) = sizes.first() else { return };
    for (row, (what, least, unit)) in first.iter().enumerate() {
        let shown = |figures: &Figures| format!("{:>11.3} {unit:<3} × {:>6.2}", figures[row].1, figures[row].1 / least);
        println!("  {what:<44} {}", sizes.iter().map(shown).collect::<Vec<_>>().join("  "));
    }
}

fn measured(xml: &str, side: usize) -> Option<Figures> {
    let folder = tempfile::tempdir().ok()?;
    let [map, out] = ["copies.osm", "copies.bihunet"].map(|name| folder.path().join(name));
    fs::write(&map, stitched(xml, side)).ok()?;
    let mut figures = built(&map, &out)?;
    let bytes = fs::read(&out).ok()?;
    figures.push(("network file".to_owned(), bytes.len() as f64 / 1e6, "MB"));
    let (opened, took) = timed(|| Opened::read(bytes));
    let opened = opened?;
    figures.insert(0, ("nodes of the roads".to_owned(), opened.graph.node_count() as f64, ""));
    figures.push(("opening and checking it".to_owned(), took * 1e3, "ms"));
    opened.by_road(&mut figures);
    opened.drawn(&mut figures);
    opened.named(&mut figures);
    Some(figures)
}

/// Builds a network file by the program, and tells how long that took and how much memory.
fn built(map: &Path, out: &Path) -> Option<Figures> {
    let words = [Path::new("network"), Path::new("build"), map, Path::new("--out"), out];
    let (made, took) = timed(|| Command::new(env!("CARGO_BIN_EXE_bihu")).args(words).output());
    let made = made.ok().filter(|made| made.status.success());
    let said = String::from_utf8(made?.stdout).ok()?;
    let peak = said.split("at most ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    let size = fs::metadata(map).ok()?.len() as f64 / 1e6;
    Some(vec![
        ("extract".to_owned(), size, "MB"),
        ("build, order of the hierarchy included".to_owned(), took, "s"),
        ("most memory of the build".to_owned(), peak.unwrap_or(f64::NAN), "MiB"),
    ])
}

struct Opened {
    graph: Graph,
    snaps: SnapIndex,
    hierarchy: Arc<Hierarchy>,
    features: FeatureIndex,
    places: PlaceIndex,
}

impl Opened {
    fn read(bytes: Vec<u8>) -> Option<Self> {
        let file = NetworkFile::read(Arc::new(bytes)).ok()?;
        let graph = Graph::read(&file).ok()?;
        let hierarchy = Arc::new(Hierarchy::read(&file, &graph).ok()??);
        let (features, places) = (FeatureIndex::read(&file).ok()??, PlaceIndex::read(&file).ok()??);
        Some(Self { snaps: SnapIndex::build(&graph), graph, hierarchy, features, places })
    }

    fn by_road(&self, figures: &mut Figures) {
        let graph = &self.graph;
        let none = Overlay::default();
        let costs = Costs { graph, overlay: &none, profile: Profile::Car, metric: Metric::Time };
        let (mut fast, took) = timed(|| Customized::new(&self.hierarchy, &costs));
        figures.push(("customizing a profile and metric".to_owned(), took * 1e3, "ms"));
        let closure = flood(graph.position(NodeId(graph.node_count() as u32 / 2)));
        let ((), took) = timed(|| {
            let parts = parts_of(graph, &self.snaps, &closure);
            let overlay = Overlay::new(graph, parts.iter().map(|part| (part.edge, part.span, ProfileSet::ALL)));
            let closed = Costs { overlay: &overlay, ..costs };
            fast.update(&closed, parts.iter().map(|part| part.edge));
        });
        figures.push(("a flood of 2 km × 2 km, from shape to answers".to_owned(), took * 1e3, "ms"));
        let fast = Customized::new(&self.hierarchy, &costs);
        let asked = questions(&mut Dice::new(0x6_0317), graph);
        let pairs: Vec<_> = asked.origins.iter().zip(&asked.destinations).take(40).collect();
        let (mut search, mut walk) = (Search::default(), Walk::default());
        each(figures, "route, random pairs: plain", (&pairs, "ms"), |pair| {
            drop(black_box(route(&mut search, &costs, **pair, MOST)));
        });
        each(figures, "route, random pairs: hierarchy", (&pairs, "ms"), |pair| {
            drop(black_box(fast.route(&mut walk, &costs, **pair, MOST)));
        });
        let stops = Stops::new(asked.stops.iter().copied().map(Some).collect());
        each(figures, "5 nearest stops, one for 400 nodes", (&pairs, "ms"), |(from, _)| {
            let mut left = K;
            nearest(&mut search, &costs, (from, &stops), (MOST, usize::MAX), |_| {
                left -= 1;
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        });
        each(figures, "isochrone of 5 and 10 minutes, drawn", (&pairs[..5], "ms"), |(from, _)| {
            let origins = [**from];
            let reach =
                Reach { origins: &origins, toward: Toward::Away, bands: &[300_000, 600_000], tolerance_m: 30.0 };
            drop(black_box(isochrone(&mut search, &costs, &reach)));
        });
        let origins: Vec<_> = asked.origins.iter().copied().map(Some).collect();
        let targets = Stops::new(asked.destinations.iter().copied().map(Some).collect());
        let (_, took) = timed(|| black_box(fast.matrix(&costs, (&origins, &targets), MOST)));
        figures.push(("matrix 1000 × 1000".to_owned(), took * 1e3, "ms"));
        let (_, took) = timed(|| black_box(fast.field(&costs, &stops, 3)));
        figures.push(("field of the 3 nearest of all nodes".to_owned(), took * 1e3, "ms"));
    }

    fn drawn(&self, figures: &mut Figures) {
        let mut dice = Dice::new(0x7113);
        for zoom in [5, 8, 11, 13, 15] {
            let somewhere = |_| World::of(self.graph.position(NodeId(dice.below(self.graph.node_count()) as u32)));
            let tiles: Vec<TileId> = (0..24).map(somewhere).filter_map(|at| TileId::at(at, zoom)).collect();
            each(figures, &format!("base map tile at zoom {zoom}"), (&tiles, "ms"), |id| {
                drop(black_box(base_tile(&self.features, **id)));
            });
        }
    }

    fn named(&self, figures: &mut Figures) {
        for typed in TYPED {
            let asked = Asked { typed, near: None, limit: 10 };
            let rounds = [(); 9];
            each(figures, &format!("places called {typed}"), (&rounds, "ms"), |_| {
                drop(black_box(self.places.search(&asked)));
            });
        }
    }
}

/// Adds the median time of one of many.
fn each<T>(figures: &mut Figures, what: &str, (all, unit): (&[T], &'static str), mut work: impl FnMut(&&T)) {
    let mut times: Vec<f64> = all.iter().map(|one| timed(|| work(&one)).1 * 1e3).collect();
    times.sort_by(f64::total_cmp);
    figures.push((what.to_owned(), times.get(times.len() / 2).copied().unwrap_or(f64::NAN), unit));
}

/// A flood of 2 km × 2 km around a place.
pub fn flood(middle: LonLat) -> Closure {
    let ring = flood_ring(middle).map(|[lon, lat]| (lon, lat)).to_vec();
    Closure {
        id: ClosureId::from_bits(1),
        shape: ClosureShape::Area(MultiPolygon::new(vec![Polygon::new(LineString::from(ring), Vec::new())])),
        profiles: ProfileSet::ALL,
        cause: ClosureCause::Flood,
        reason: "演练".to_owned(),
        depth_cm: None,
        from: None,
        to: None,
        source: None,
        division: None,
        created_at: chrono::DateTime::UNIX_EPOCH,
        synthetic: true,
    }
}

/// Its corners, the first once more at the end.
pub fn flood_ring(middle: LonLat) -> [[f64; 2]; 5] {
    let corner = |east: f64, north: f64| [middle.lon() + east * 0.0105, middle.lat() + north * 0.009];
    [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0), corner(-1.0, -1.0)]
}
