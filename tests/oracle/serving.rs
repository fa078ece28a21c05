//! Who serves, beside a slow twin that knows every reason by itself, and which sites coverage counts beside a list made
//! from the sentences of the question.
//!
//! The twin shares no code with the rules: a rule that stops at its first reason, or forgives one and with it what comes
//! after, does not hide behind its own answer.

use crate::dice::Dice;
use crate::nearest::{Ground, maybe, pick, resource};
use bihu::analysis::serving::{Asked, Need, Openness, Verdict, judge};
use bihu::domain::*;
use bihu::service::query::coverage::{CapacityRule, Limit, Request, Standard, UnknownCapacity, find};
use bihu::service::roads::Present;
use bihu::world::{Row, Tables, World};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Everything that speaks against a site, and everything that nobody has said of it, in the order of being told.
#[derive(Debug, Default)]
pub struct Slow {
    pub against: Vec<&'static str>,
    pub unknown: Vec<&'static str>,
}

/// Judges without stopping.
pub fn slow_judge(resource: &Resource, asked: &Asked) -> Slow {
    let mut found = Slow::default();
    if resource.lifecycle != Lifecycle::InService {
        found.against.push("not_in_service");
    }
    let today = asked.openness != Openness::AnyDay;
    if let Detail::Team(team) = &resource.detail
        && today
        && matches!(team.readiness, Some(state) if state != Readiness::Standby)
    {
        found.against.push("team_out");
    }
    let Detail::Shelter(shelter) = &resource.detail else { return found };
    let only_open = asked.openness == Openness::OpenNow;
    match shelter.status {
        Some(Status::Full) if today => found.against.push("full"),
        Some(Status::Closing) if today => found.against.push("closing"),
        Some(Status::Closed | Status::Preparing) if only_open => found.against.push("not_open"),
        None if only_open => found.unknown.push("status_unknown"),
        _ => {}
    }
    match (asked.hazard, &shelter.hazards) {
        (Some(_), None) => found.unknown.push("hazard_unknown"),
        (Some(hazard), Some(suits)) if suits.iter().all(|s| *s != hazard) => found.against.push("hazard_unsuited"),
        _ => {}
    }
    let taken = [shelter.occupancy.occupied, shelter.occupancy.reserved, shelter.occupancy.blocked];
    let taken: i64 = taken.into_iter().flatten().map(i64::from).sum();
    match (shelter.capacity.persons(), asked.party) {
        (None, Some(_)) => found.unknown.push("capacity_unknown"),
        (Some(places), _) if today && i64::from(places) <= taken => found.against.push("full"),
        (Some(places), Some(party)) if i64::from(places) - taken < i64::from(party) => {
            found.against.push("not_enough_places");
        }
        _ => {}
    }
    for need in &asked.needs {
        let met = match need {
            Need::Accessible => shelter.accessible,
            Need::Pets => shelter.pets,
            Need::Indoor => shelter.space.map(|space| space != Space::Outdoor),
            Need::Facility(wanted) => shelter.facilities.as_ref().map(|have| have.contains(wanted)),
        };
        match met {
            Some(true) => {}
            Some(false) => found.against.push("need_unmet"),
            None => found.unknown.push("need_unknown"),
        }
    }
    found
}

fn asked(dice: &mut Dice) -> Asked {
    Asked {
        party: maybe(dice, |d| 1 + d.below(80) as u32),
        hazard: (dice.below(3) > 0).then_some(Hazard::Flood),
        needs: if dice.below(3) == 0 { vec![Need::Accessible, Need::Pets] } else { Vec::new() },
        openness: pick(dice, &[Openness::OpenOrCouldOpen, Openness::OpenNow, Openness::AnyDay]),
    }
}

#[test]
fn every_verdict_is_that_of_knowing_all_reasons() {
    let seed = 0x7EA5_0415;
    let mut dice = Dice::new(seed);
    for case in 0..20_000 {
        let (site, asked) = (resource(&mut dice, Ground::District, case), asked(&mut dice));
        let slow = slow_judge(&site, &asked);
        let context = format!("seed {seed:#x} case {case}\n{asked:?}\n{site:?}");
        match judge(&site, &asked) {
            Verdict::Serves => assert!(slow.against.is_empty() && slow.unknown.is_empty(), "{slow:?} {context}"),
            Verdict::Doubtful(why) => {
                assert!(slow.against.is_empty(), "{slow:?} {context}");
                assert_eq!(why.iter().map(|r| r.word()).collect::<Vec<_>>(), slow.unknown, "{context}");
            }
            Verdict::Refused(why) => assert_eq!(Some(&why.word()), slow.against.first(), "{context}"),
        }
    }
}

/// A coverage question drawn at random.
fn question(dice: &mut Dice) -> Request {
    let all = [(Level::District, 4000.0), (Level::Town, 2000.0), (Level::Village, 800.0)];
    let standards = all.into_iter().filter(|_| dice.below(4) > 0);
    let rule = |d: &mut Dice| CapacityRule {
        min_free_places: 1 + d.below(60) as u32,
        unknown: pick(d, &[UnknownCapacity::Skip, UnknownCapacity::Count]),
    };
    Request {
        travel: None,
        standards: standards.map(|(level, distance_m)| Standard { level, limit: Limit::Metres(distance_m) }).collect(),
        kinds: if dice.below(3) == 0 { Kind::ALL.to_vec() } else { vec![Kind::Shelter] },
        division: None,
        hazard: (dice.below(3) > 0).then_some(Hazard::Flood),
        openness: pick(dice, &[Openness::AnyDay, Openness::OpenNow]),
        capacity_rule: (dice.below(3) == 0).then(|| rule(dice)),
        audience: pick(dice, Audience::ALL),
    }
}

/// Whether a site counts, said as the question says it.
fn slow_counts(site: &Resource, asked: &Request) -> bool {
    let known_to_them = asked.audience == Audience::Staff || site.visibility == Visibility::Public;
    let suits = Asked { party: None, hazard: asked.hazard, needs: Vec::new(), openness: asked.openness };
    let Slow { against, unknown } = slow_judge(site, &suits);
    let enough = match (&site.detail, asked.capacity_rule) {
        (Detail::Shelter(shelter), Some(rule)) => match shelter.free_places() {
            Some(free) => free >= rule.min_free_places,
            None => rule.unknown == UnknownCapacity::Count,
        },
        _ => true,
    };
    let has_standard = site.level.is_some_and(|level| asked.standards.iter().any(|s| s.level == level));
    known_to_them
        && asked.kinds.contains(&site.kind())
        && against.is_empty()
        && unknown.is_empty()
        && enough
        && has_standard
}

#[test]
fn coverage_counts_the_sites_that_the_question_names_and_leaves_out_all_others() {
    let seed = 0xC0_5EED;
    let mut dice = Dice::new(seed);
    let (mut momentary, levels) = (0, [Level::District, Level::Town, Level::Village]);
    for round in 0..20 {
        let sites: Vec<Resource> = (0..120)
            .map(|number| {
                let level = maybe(&mut dice, |d| pick(d, &levels));
                let id = ResourceId::parse(&format!("s{number:05}")).expect("an id");
                Resource { id, level, ..resource(&mut dice, Ground::District, number) }
            })
            .collect();
        let present = Present::of(Arc::new(World::from_tables(Tables {
            resources: sites.iter().map(|site| kept(site.clone())).collect(),
            ..Tables::default()
        })));
        for query in 0..40 {
            let request = question(&mut dice);
            let found = find(&present, request.clone(), &|_, _| ControlFlow::Continue(())).expect("an answer");
            let counted: BTreeSet<_> = found.facilities.iter().map(|row| row.value.id.clone()).collect();
            let slow: BTreeSet<_> = sites.iter().filter(|s| slow_counts(s, &request)).map(|s| s.id.clone()).collect();
            assert_eq!(counted, slow, "seed {seed:#x} round {round} query {query}\n{request:?}");
            let asked_of = sites.iter().filter(|s| request.kinds.contains(&s.kind()));
            let known = asked_of.filter(|s| request.audience == Audience::Staff || s.is_public()).count();
            assert_eq!(counted.len() + found.left_out.values().sum::<usize>(), known, "seed {seed:#x} query {query}");
            let shut =
                |s: &&Resource| matches!(s.shelter().and_then(|s| s.status), Some(Status::Full | Status::Closing));
            momentary += sites.iter().filter(shut).filter(|s| counted.contains(&s.id)).count();
        }
    }
    assert!(momentary > 1000, "{momentary}: full and closing ones are among those that count");
}

fn kept<T>(value: T) -> Row<T> {
    Row { revision: Revision(1), public_revision: Revision(1), value: Arc::new(value) }
}
