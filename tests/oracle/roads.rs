//! Roads beside their slow twin ([`super::roads_town`]), on random towns.

use super::dice::Dice;
use super::roads_town::{Costs as Slow, Shut, Spot, Town, Twin, real_city, town};
use bihu::domain::{Profile, ProfileSet};
use bihu::network::{
    Band, Cause, Centimetres, Cost, Costs, EdgeId, Field, Graph, Metric, NetworkFile, NodeId, Overlay, Parts, Reach,
    RoadClass, Search, Sections, Snap, Span, Stops, Toward, build, isochrone, matrix, nearest, route,
    why_unreachable_each,
};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Towns that are compared.
const TOWNS: u64 = 2000;

const MOST: u32 = u32::MAX - 1;

/// A town with its graph, who moves in it and what is closed.
struct Case {
    town: Town,
    graph: Graph,
    /// The edge of each street; none of those on islands.
    edges: Vec<Option<EdgeId>>,
    there: Vec<bool>,
    ends_there: Vec<bool>,
    shut: Vec<Shut>,
    profile: Profile,
    metric: Metric,
    dice: Dice,
}

impl Case {
    fn new(mut dice: Dice) -> Self {
        let town = town(&mut dice, 4);
        let graph = build(&town.source).graph;
        let names: HashMap<&str, EdgeId> = graph.edge_ids().map(|edge| (graph.name(edge), edge)).collect();
        let edges: Vec<Option<EdgeId>> =
            town.streets.ways.iter().map(|w| names.get(w.name.as_str()).copied()).collect();
        let there: Vec<bool> = edges.iter().map(Option::is_some).collect();
        let shut = (0..dice.below(6)).map(|_| shut(&mut dice, &town)).collect();
        let profile = Profile::ALL[dice.below(Profile::ALL.len())];
        let metric = Metric::ALL[dice.below(2)];
        let mut case = Self { town, graph, edges, there, ends_there: Vec::new(), shut, profile, metric, dice };
        case.ends_there = case.twin().ends_there();
        case
    }

    fn twin(&self) -> Twin<'_> {
        let Self { there, shut, ends_there, profile, metric, .. } = self;
        Twin { streets: &self.town.streets, there, shut, ends_there, profile: *profile, metric: *metric }
    }

    fn overlay(&self, shut: &[Shut]) -> Overlay {
        let part = |s: &Shut| {
            let span = Span::between(Centimetres(s.from), Centimetres(s.to));
            Some((self.edges[s.street]?, span, s.to_whom))
        };
        Overlay::new(&self.graph, shut.iter().filter_map(part))
    }

    fn costs<'a>(&'a self, overlay: &'a Overlay) -> Costs<'a> {
        Costs { graph: &self.graph, overlay, profile: self.profile, metric: self.metric }
    }

    fn spot(&mut self) -> Spot {
        loop {
            let street = self.dice.below(self.edges.len());
            let length = Twin::length(&self.town.streets, street);
            if self.there[street] {
                let anywhere = self.dice.below(length as usize + 1) as u32;
                return (street, [0, length, anywhere, anywhere, anywhere][self.dice.below(5)]);
            }
        }
    }

    fn spots(&mut self, count: usize) -> Vec<Spot> {
        (0..count).map(|_| self.spot()).collect()
    }

    fn snap(&self, (street, offset): Spot) -> Option<Snap> {
        let edge = self.edges[street]?;
        let position = self.graph.points(edge)[0].position();
        Some(Snap { edge, offset: Centimetres(offset), position, aside_m: 0.0 })
    }

    fn limits(&mut self) -> [u32; 2] {
        let scale = if self.metric == Metric::Time { 60_000 } else { 50_000 };
        [(scale + self.dice.below(scale)) as u32, self.dice.below(4 * scale) as u32]
    }

    fn by(&self, cost: Cost) -> u32 {
        cost.by(self.metric)
    }
}

fn shut(dice: &mut Dice, town: &Town) -> Shut {
    let street = dice.below(town.streets.ways.len());
    let length = Twin::length(&town.streets, street);
    let [a, b] = [0, 1].map(|_| dice.below(length as usize + 1) as u32);
    let (from, to) = if dice.below(3) == 0 { (0, length) } else { (a.min(b), a.max(b)) };
    let to_whom = [ProfileSet::ALL, ProfileSet::MOTOR, ProfileSet::one(Profile::Foot)][dice.below(3)];
    Shut { street, from, to, to_whom }
}

/// Runs a check on every town, on all cores; a failure tells the town.
fn on_every_town(seed: u64, towns: u64, check: impl Fn(&mut Case) + Sync) {
    use rayon::prelude::*;
    let _ = Dice::new(seed);
    (0..towns).into_par_iter().for_each(|number| {
        let mut case = Case::new(Dice::quiet(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&mut case)));
        if let Err(fault) = checked {
            eprintln!("town {number} of seed {seed:#x}: {} by {}, closed {:?}", case.profile, case.metric, case.shut);
            std::panic::resume_unwind(fault);
        }
    });
}

#[test]
fn routes_nearest_matrices_fields_and_isochrones_are_those_of_the_slow_twin() {
    on_every_town(0x40AD, TOWNS, |case| {
        let (starts, goals) = (case.spots(2), case.spots(12));
        let k = 1 + case.dice.below(4);
        let question = Question { limits: case.limits(), around: case.spots(60), toward: case.spots(2) };
        let overlay = case.overlay(&case.shut);
        let costs = case.costs(&overlay);
        let twin = case.twin();
        let mut places: Vec<Option<Snap>> = goals.iter().map(|spot| case.snap(*spot)).collect();
        places.push(None);
        let stops = Stops::new(places);
        let field = Field::new(&costs, &stops, k);
        let mut search = Search::default();
        let slow: Vec<Slow<'_>> = starts.iter().map(|start| twin.from(*start)).collect();
        for (start, slow) in starts.iter().zip(&slow) {
            let from = case.snap(*start).expect("a street that is there");
            let want: Vec<Option<u32>> = goals.iter().map(|goal| slow.to(*goal)).collect();
            routes(case, &costs, (&from, &stops), &want);
            let row = &matrix(&mut search, &costs, (&[Some(from), None], &stops), MOST);
            assert_eq!(row[0][..12].iter().map(|c| c.map(|c| case.by(c))).collect::<Vec<_>>(), want, "matrix");
            assert!(row[0][12].is_none() && row[1].iter().all(Option::is_none), "what is off the roads");
            let mut order: Vec<(u32, u32)> = (0u32..).zip(&want).filter_map(|(i, c)| Some(((*c)?, i))).collect();
            order.sort_unstable();
            let mut found: Vec<(u32, u32)> = Vec::new();
            nearest(&mut search, &costs, (&from, &stops), (MOST, usize::MAX), |f| {
                found.push((case.by(f.cost), f.stop));
                if found.len() == k { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            order.truncate(k);
            assert_eq!(found, order, "nearest, ties by number");
            let of: Vec<(u32, u32)> =
                field.of(&costs, &from, &stops).iter().map(|f| (case.by(f.cost), f.stop)).collect();
            assert_eq!(of, order, "field");
        }
        bands(case, &costs, (&starts, &slow), &question);
    });
}

/// Every route costs what the twin says, and is made of legs that hang together and add up.
fn routes(case: &Case, costs: &Costs<'_>, (from, stops): (&Snap, &Stops), want: &[Option<u32>]) {
    let mut search = Search::default();
    for (goal, want) in (0u32..).zip(want) {
        let to = stops.place(goal).expect("a place on a street");
        let trip = route(&mut search, costs, (from, to), MOST);
        assert_eq!(trip.as_ref().map(|t| case.by(t.cost)), *want, "route to {goal}");
        let Some(trip) = trip else { continue };
        let sum = |of: fn(Cost) -> u32| trip.legs.iter().map(|leg| of(leg.cost)).sum::<u32>();
        assert_eq!((sum(|c| c.time.0), sum(|c| c.length.0)), (trip.cost.time.0, trip.cost.length.0), "legs add up");
        assert!(trip.legs.iter().all(|leg| leg.cost.length.0 == leg.from.0.abs_diff(leg.to.0)), "lengths of legs");
        for pair in trip.legs.windows(2) {
            let node = |leg: usize, at: Centimetres| {
                let points = case.graph.points(pair[leg].edge);
                if at.0 == 0 { points[0] } else { points[points.len() - 1] }
            };
            assert_eq!(node(0, pair[0].to), node(1, pair[1].from), "legs hang together");
        }
    }
}

/// What is asked of isochrones: limits, and places to look at.
struct Question {
    limits: [u32; 2],
    around: Vec<Spot>,
    toward: Vec<Spot>,
}

/// What is reached is what the twin reaches, to the centimetre.
fn bands(case: &Case, costs: &Costs<'_>, (starts, slow): (&[Spot], &[Slow<'_>]), question: &Question) {
    let origins: Vec<Snap> = starts.iter().filter_map(|start| case.snap(*start)).collect();
    let ask = |toward| {
        let reach = Reach { origins: &origins, toward, bands: &question.limits, tolerance_m: 200.0 };
        isochrone(&mut Search::default(), costs, &reach)
    };
    let (away, toward) = (ask(Toward::Away), ask(Toward::Seeds));
    assert!(away.is_sorted_by(|a, b| a.limit > b.limit) && away.len() == toward.len(), "largest first");
    let ashore = |spot: &&Spot| case.town.streets.ways[spot.0].way.class != RoadClass::Ferry as u8;
    let told = |band: &Band, spot: &Spot| case.snap(*spot).is_some_and(|snap| band.reaches(&snap));
    for spot in question.around.iter().filter(ashore) {
        let cost = slow.iter().filter_map(|slow| slow.to(*spot)).min();
        for band in &away {
            assert_eq!(told(band, spot), cost.is_some_and(|c| c <= band.limit), "away: {spot:?} at {cost:?}");
        }
    }
    let twin = case.twin();
    for spot in question.toward.iter().filter(ashore) {
        let slow = twin.from(*spot);
        let cost = starts.iter().filter_map(|start| slow.to(*start)).min();
        for band in &toward {
            assert_eq!(told(band, spot), cost.is_some_and(|c| c <= band.limit), "toward: {spot:?} at {cost:?}");
        }
    }
}

#[test]
fn a_closure_that_is_lifted_leaves_every_answer_as_it_was_and_causes_are_true() {
    on_every_town(0xC105, TOWNS / 4, |case| {
        let (start, goals) = (case.spot(), case.spots(12));
        let from = case.snap(start).expect("a street that is there");
        let stops: Vec<Option<Snap>> = goals.iter().map(|spot| case.snap(*spot)).collect();
        let answers = |overlay: &Overlay| {
            let costs = case.costs(overlay);
            let search = &mut Search::default();
            let reach = Reach { origins: &[from], toward: Toward::Away, bands: &[100_000], tolerance_m: 30.0 };
            let places = Stops::new(stops.clone());
            let trips: Vec<_> = stops.iter().flatten().map(|to| route(search, &costs, (&from, to), MOST)).collect();
            let bands = isochrone(search, &costs, &reach);
            (
                trips,
                Field::new(&costs, &places, 3),
                bands,
                matrix(search, &costs, (&stops, &places), MOST),
                Parts::new(&costs),
            )
        };
        let before = answers(&case.overlay(&[]));
        let during = answers(&case.overlay(&case.shut));
        assert_eq!(answers(&case.overlay(&[])), before);
        assert_eq!(answers(&case.overlay(&case.shut)), during, "the same question has the same answer");
        let (overlay, open) = (case.overlay(&case.shut), Overlay::default());
        let causes = why_unreachable_each(&mut Search::default(), &case.costs(&overlay), (Some(&from), &stops));
        for (i, cause) in causes.into_iter().enumerate() {
            let reached = [&before, &during].map(|answer| answer.0[i].is_some());
            match cause {
                None => assert!(reached[1]),
                Some(Cause::OffNetwork) => panic!("every place is on a street"),
                Some(Cause::Island) => assert_eq!(reached, [false, false]),
                Some(Cause::Closure { parts }) => {
                    assert_eq!(reached, [true, false]);
                    assert!(!parts.is_empty());
                    let left = overlay.parts().filter(|(edge, span, _)| !parts.contains(&(*edge, *span)));
                    let lifted = Overlay::new(&case.graph, left);
                    let to = stops[i].as_ref().expect("a place on a street");
                    let trip = route(&mut Search::default(), &case.costs(&lifted), (&from, to), MOST);
                    assert!(trip.is_some(), "lifting what is told makes a way");
                }
            }
        }
        main_part(case, &open);
    });
}

/// From the main part one comes to exactly those places that can be come to from all of it.
fn main_part(case: &Case, overlay: &Overlay) {
    let costs = case.costs(overlay);
    let parts = Parts::new(&costs);
    let within = |edge: &EdgeId| {
        let arcs = case.graph.arcs_along(*edge).filter(|arc| costs.of(*arc).is_some());
        arcs.into_iter().any(|arc| parts.holds(case.graph.tail(arc)) && parts.holds(case.graph.head(arc)))
    };
    let inside: Vec<EdgeId> = case.graph.edge_ids().filter(within).collect();
    assert_eq!(inside.iter().map(|edge| u64::from(case.graph.length(*edge).0)).sum::<u64>(), parts.length_cm());
    // Whoever can come from one of its nodes and go back there belongs to it, and nobody else.
    let nodes = || (0..case.graph.node_count() as u32).map(NodeId);
    let Some(one) = nodes().find(|node| parts.holds(*node)) else { return };
    let mut search = Search::default();
    let mut met = |toward| {
        let seeds = [(one, Cost::default())];
        search.run(&costs, toward, &seeds, (MOST, usize::MAX), |_| ControlFlow::Continue(()));
        nodes().map(|node| search.settled(node).is_some()).collect::<Vec<bool>>()
    };
    let (after, before) = (met(Toward::Away), met(Toward::Seeds));
    for (i, node) in nodes().enumerate() {
        assert_eq!(parts.holds(node), after[i] && before[i]);
    }
    let middle = |edge: &EdgeId| {
        let offset = Centimetres(case.graph.length(*edge).0 / 2);
        Snap { edge: *edge, offset, position: case.graph.points(*edge)[0].position(), aside_m: 0.0 }
    };
    let Some(core) = inside.iter().map(middle).find(|core| parts.reached_by(&costs, core)) else { return };
    for place in case.graph.edge_ids().map(|edge| middle(&edge)) {
        let mut goes = |from: &Snap, to: &Snap| route(&mut search, &costs, (from, to), MOST).is_some();
        assert!(!parts.reaches(&costs, &place) || goes(&core, &place), "from the main part");
        assert!(!parts.reached_by(&costs, &place) || goes(&place, &core), "to the main part");
    }
}

#[test]
fn a_network_file_comes_back_as_it_went_and_a_damaged_one_is_refused() {
    let mut dice = Dice::new(0xF11E);
    let graph = build(&town(&mut dice, 8).source).graph;
    let mut sections = Sections::default();
    graph.write(&mut sections);
    let bytes = sections.to_file();
    let read = |bytes: Vec<u8>| NetworkFile::read(Arc::new(bytes)).and_then(|file| Graph::read(&file));
    assert_eq!(read(bytes.clone()).expect("a whole file"), graph);
    for _ in 0..3000 {
        let mut damaged = bytes.clone();
        match dice.below(3) {
            0 => damaged.truncate(dice.below(bytes.len())),
            1 => {
                let at = dice.below(bytes.len());
                damaged[at] ^= 1 << dice.below(8);
            }
            _ => {
                let at = dice.below(bytes.len());
                let from = dice.below(bytes.len() - at.min(bytes.len() - 1));
                damaged.drain(at.min(from)..at.max(from));
            }
        }
        // A bit of the padding between sections belongs to nothing.
        if let Ok(same) = read(damaged) {
            assert_eq!(same, graph);
        }
    }
}

/// Textbook Dijkstra over nodes and arcs, from the middle of an edge to the middle of each of some others.
fn textbook(costs: &Costs<'_>, from: &Snap, goals: &[Snap]) -> Vec<Option<u32>> {
    use bihu::network::Direction::{Backward, Forward};
    let graph = costs.graph;
    let half = |snap: &Snap, to: Centimetres| graph.cost_of_part(snap.edge, (snap.offset, to), costs.profile);
    let mut best: Vec<Option<u32>> = vec![None; graph.node_count()];
    let mut open = std::collections::BTreeSet::new();
    for direction in [Forward, Backward] {
        let Some(arc) = graph.arcs_of(from.edge, direction).next() else { continue };
        if let Some(cost) = half(from, graph.end_of(arc)).filter(|_| !graph.banned(arc).has(costs.profile)) {
            open.insert((cost.by(costs.metric), graph.head(arc)));
        }
    }
    while let Some((cost, node)) = open.pop_first() {
        if best[node.0 as usize].is_some() {
            continue;
        }
        best[node.0 as usize] = Some(cost);
        let on = graph.arcs_from(node).filter_map(|arc| Some((costs.of(arc)?, graph.head(arc))));
        open.extend(on.map(|(more, head)| (cost + more.by(costs.metric), head)));
    }
    let to = |goal: &Snap| {
        let through = graph.arcs_along(goal.edge).filter_map(|arc| {
            let part = graph.cost_of_part(goal.edge, (graph.start_of(arc), goal.offset), costs.profile)?;
            let enters = !graph.banned_turn(arc).has(costs.profile);
            Some(best[graph.tail(arc).0 as usize].filter(|_| enters)? + part.by(costs.metric))
        });
        let here = (goal.edge == from.edge).then_some(0);
        through.chain(here).min()
    };
    goals.iter().map(to).collect()
}

#[test]
fn a_whole_extract_agrees_with_textbook_dijkstra() {
    // A town of our own, and a real extract where there is one.
    let mut dice = Dice::new(0x5EA1);
    for source in [Some(town(&mut dice, 16).source), real_city()].into_iter().flatten() {
        let graph = build(&source).graph;
        let overlay = Overlay::default();
        for (profile, metric) in [(Profile::Car, Metric::Time), (Profile::Foot, Metric::Length)] {
            let costs = Costs { graph: &graph, overlay: &overlay, profile, metric };
            let mut anywhere = |count: usize| -> Vec<Snap> {
                let usable = |edge: &EdgeId| graph.arcs_along(*edge).any(|arc| costs.of(arc).is_some());
                let edges: Vec<EdgeId> = graph.edge_ids().filter(usable).collect();
                let middle = |edge: EdgeId| {
                    let offset = Centimetres(graph.length(edge).0 / 2);
                    Snap { edge, offset, position: graph.points(edge)[0].position(), aside_m: 0.0 }
                };
                (0..count).map(|_| middle(edges[dice.below(edges.len())])).collect()
            };
            let (starts, goals) = (anywhere(10), anywhere(20));
            let stops = Stops::new(goals.iter().copied().map(Some).collect());
            let origins: Vec<Option<Snap>> = starts.iter().copied().map(Some).collect();
            let mut search = Search::default();
            let rows = matrix(&mut search, &costs, (&origins, &stops), MOST);
            let field = Field::new(&costs, &stops, 5);
            for (start, row) in starts.iter().zip(rows) {
                let want = textbook(&costs, start, &goals);
                assert_eq!(row.iter().map(|c| c.map(|c| c.by(metric))).collect::<Vec<_>>(), want, "matrix");
                for (goal, want) in goals.iter().zip(&want) {
                    let trip = route(&mut search, &costs, (start, goal), MOST);
                    assert_eq!(trip.map(|trip| trip.cost.by(metric)), *want, "route");
                }
                let mut order: Vec<u32> = want.into_iter().flatten().collect();
                order.sort_unstable();
                order.truncate(5);
                let of = field.of(&costs, start, &stops);
                assert_eq!(of.iter().map(|f| f.cost.by(metric)).collect::<Vec<_>>(), order, "field");
            }
        }
    }
}
