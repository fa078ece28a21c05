//! A field that is kept up to date beside the one made anew: the same to the last bit, whatever changes.

use super::city::{Corners, city};
use super::dice::Dice;
use super::hierarchy::{Closed, closures, somewhere};
use bihu::domain::Profile;
use bihu::network::{Costs, Field, Graph, Metric, Overlay, Snap, Stops, build};

/// Cities that are changed, and changes of each.
const CITIES: u64 = 1000;
const CHANGES: usize = 6;

/// Sites that stand somewhere, by a number that stays theirs, and what is closed.
#[derive(Clone)]
struct Scene {
    sites: Vec<(u32, Option<Snap>)>,
    closed: Closed,
}

impl Scene {
    fn stops(&self) -> Stops {
        Stops::new(self.sites.iter().map(|(_, place)| *place).collect())
    }

    /// Returns the places of the sites of another scene in this one.
    fn numbers_of(&self, before: &Self) -> Vec<Option<u32>> {
        let number = |site: &u32| self.sites.iter().position(|(other, _)| other == site).map(|place| place as u32);
        before.sites.iter().map(|(site, _)| number(site)).collect()
    }

    /// Closes and lifts, opens sites and shuts them, moves one, or several of these at once.
    fn change(&mut self, dice: &mut Dice, graph: &Graph) {
        for _ in 0..1 + dice.below(3) {
            match dice.below(6) {
                0 | 1 => {
                    let more = 1 + dice.below(3);
                    self.closed.extend(closures(dice, graph, more));
                }
                2 => drop((!self.closed.is_empty()).then(|| self.closed.swap_remove(dice.below(self.closed.len())))),
                3 => {
                    let new = dice.below(1000) as u32;
                    if let Err(place) = self.sites.binary_search_by_key(&new, |(site, _)| *site) {
                        self.sites.insert(place, (new, Some(somewhere(dice, graph))));
                    }
                }
                4 => drop((!self.sites.is_empty()).then(|| self.sites.remove(dice.below(self.sites.len())))),
                _ => {
                    let place = dice.below(self.sites.len().max(1));
                    let moved = (dice.below(3) > 0).then(|| somewhere(dice, graph));
                    self.sites.get_mut(place).into_iter().for_each(|site| site.1 = moved);
                }
            }
        }
    }
}

/// Changes a city again and again; returns how often its field was mended, and how often it was to be made anew.
fn compare(dice: &mut Dice, graph: &Graph, (profile, metric): (Profile, Metric)) -> [usize; 2] {
    let k = dice.below(5);
    let mut sites: Vec<(u32, Option<Snap>)> = (0..dice.below(30) as u32).map(|site| (site * 30, None)).collect();
    sites.iter_mut().for_each(|site| site.1 = Some(somewhere(dice, graph)));
    let mut before = Scene { sites, closed: Closed::new() };
    let mut field: Option<Field> = None;
    let mut done = [0, 0];
    for change in 0..CHANGES {
        let mut after = before.clone();
        after.change(dice, graph);
        let overlays = [&before, &after].map(|scene| Overlay::new(graph, scene.closed.iter().copied()));
        let [old, new] = [&overlays[0], &overlays[1]].map(|overlay| Costs { graph, overlay, profile, metric });
        let stops = [before.stops(), after.stops()];
        let known = field.take().unwrap_or_else(|| Field::new(&old, &stops[0], k));
        let want = Field::new(&new, &stops[1], k);
        let same = after.numbers_of(&before);
        // What was mended is mended again, so that a fault can not hide behind one made anew.
        let mended = known.mended((&old, &stops[0]), (&new, &stops[1]), &same);
        done[usize::from(mended.is_none())] += 1;
        let mended = mended.unwrap_or_else(|| want.clone());
        assert!(mended == want, "change {change} of {} sites, {k} each, for {profile} by {metric}", same.len());
        field = Some(mended);
        before = after;
    }
    done
}

#[test]
fn a_field_that_is_mended_after_closures_and_sites_have_changed_is_that_made_anew() {
    use rayon::prelude::*;
    let seed = 0xF1E1D;
    let _ = Dice::new(seed);
    let each = (0..CITIES).into_par_iter().map(|number| {
        let mut dice = Dice::quiet(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let corners = if number % 3 == 0 { Corners::Even } else { Corners::Uneven };
        let size = (3 + dice.below(12), 3 + dice.below(12));
        let graph = build(&city(&mut dice, size, corners)).graph;
        if graph.edge_count() == 0 {
            return [0, 0];
        }
        let who = (Profile::ALL[dice.below(Profile::ALL.len())], Metric::ALL[dice.below(2)]);
        compare(&mut dice, &graph, who)
    });
    let [mended, anew] = each.reduce(|| [0, 0], |a, b| [a[0] + b[0], a[1] + b[1]]);
    assert!(mended > 2500 && anew > 0, "{mended} mended, {anew} made anew");
}

#[test]
fn a_field_of_another_question_is_not_mended() {
    let mut dice = Dice::new(0xF1E2);
    let graph = build(&city(&mut dice, (8, 8), Corners::Uneven)).graph;
    let overlay = Overlay::default();
    let costs = |profile, metric| Costs { graph: &graph, overlay: &overlay, profile, metric };
    let foot = costs(Profile::Foot, Metric::Time);
    let stops = Stops::new((0..4).map(|_| Some(somewhere(&mut dice, &graph))).collect());
    let field = Field::new(&foot, &stops, 2);
    let same = [Some(0), Some(1), Some(2), Some(3)];
    let mended = |after: &Costs<'_>, same: &[Option<u32>]| field.mended((&foot, &stops), (after, &stops), same);
    assert_eq!(mended(&foot, &same).as_ref(), Some(&field), "nothing has changed");
    assert!(mended(&costs(Profile::Car, Metric::Time), &same).is_none(), "somebody else moves");
    assert!(mended(&costs(Profile::Foot, Metric::Length), &same).is_none(), "something else is kept small");
    assert!(mended(&foot, &same[..3]).is_none(), "a stop too few");
    assert!(mended(&foot, &[Some(1), Some(0), Some(2), Some(3)]).is_none(), "numbers that do not ascend");
}
