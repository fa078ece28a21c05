//! What stands closed, asked about by many at once: the ended cost nothing, nobody waits for what he did not ask about, and
//! work on one question never stands in the way of the locks of another.

use crate::house::now;
use crate::on_roads::{
    Answering, BANKS, BRIDGE, Dice, TOWN, beside, beside_answering, close, closure, lift, list, on_roads, square,
};
use bihu::domain::{Audience, ClosureId, Profile, ProfileSet};
use bihu::network::Millis;
use bihu::service::closures::effects;
use bihu::service::roads::Present;
use bihu::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The closures that a world has in force, by the index and by looking at all.
fn in_force(world: &World, at: DateTime<Utc>) -> [Vec<ClosureId>; 2] {
    let all = world.closures().filter(|row| row.value.is_in_force(at));
    [
        world.closures_in_force(at).map(|row| row.value.id.clone()).collect(),
        all.map(|row| row.value.id.clone()).collect(),
    ]
}

#[tokio::test]
async fn the_ended_are_not_looked_at_and_stay_to_be_asked_about() {
    let house = on_roads().await;
    let mut dice = Dice(5);
    let mut below = |n: f64| (dice.share() * n) as i32;
    let hour = TimeDelta::hours(1);
    let mut made = Vec::new();
    for i in 0..24 {
        let mut said = json!({"cause": "works", "from": now() + hour * (1 + below(4.0))});
        if i % 4 > 0 {
            said["to"] = json!(now() + hour * (6 + below(5.0)));
        }
        made.push(close(&house, json!({"type": "Point", "coordinates": TOWN}), said).await);
    }
    for one in made.iter().step_by(5) {
        lift(&house, one).await;
    }
    let world = house.app.world();
    let loaded = beside(&house).await.app.world();
    assert!(loaded.same_content(&world));
    let mut seen = Vec::new();
    for half_hours in 0..26 {
        let at = now() + TimeDelta::minutes(30) * half_hours;
        let [indexed, looked] = in_force(&world, at);
        assert_eq!(indexed, looked, "{half_hours} half hours on");
        assert_eq!(in_force(&loaded, at), [looked.clone(), looked.clone()], "from the tables");
        let standing: Vec<_> = world.standing_closures(at).iter().map(|row| row.value.id.clone()).collect();
        let rest = world.closures().filter(|row| row.value.to.is_none_or(|to| to > at));
        assert_eq!(standing, rest.map(|row| row.value.id.clone()).collect::<Vec<_>>());
        seen.push(looked.len());
    }
    let most = seen.iter().max().copied().unwrap_or(0);
    assert!(seen[0] == 0 && most > 8 && seen[25] > 0 && seen[25] < most, "{seen:?}");
    assert_eq!(world.closures().count(), 19, "what has ended is still there");
}

#[tokio::test]
async fn nobody_waits_for_the_parts_of_a_closure_that_he_did_not_ask_about() {
    let house = on_roads().await;
    // A line back and forth along a bridge, 90 km in all: every road beside it is looked at, every five metres.
    let there_and_back: Vec<[f64; 2]> = (0..180).map(|i| BRIDGE[i % 2]).collect();
    let shape = json!({"type": "LineString", "coordinates": there_and_back});
    close(&house, shape, json!({"cause": "collapse", "from": now() + TimeDelta::hours(1)})).await;
    // A process that knows nothing of it yet.
    let other = beside(&house).await;
    let then = now() + TimeDelta::hours(2);
    let app = other.app.clone();
    let slow = thread::spawn(move || {
        let began = Instant::now();
        (app.roads_in(app.world(), then).shut.closures.len(), began.elapsed())
    });
    let mut longest = Duration::ZERO;
    while !slow.is_finished() {
        let began = Instant::now();
        assert!(other.app.present().shut.closures.is_empty());
        longest = longest.max(began.elapsed());
    }
    let (closures, whole) = slow.join().expect("worked out");
    assert_eq!(closures, 1);
    assert!(longest < whole / 2, "somebody waited {longest:?} while {whole:?} were worked at something else");
}

#[tokio::test]
async fn effects_and_fields_asked_for_at_once_never_wait_for_each_other_for_ever() {
    let house = on_roads().await;
    close(&house, square(BANKS[0], 0.004), json!({"cause": "collapse", "from": now() + TimeDelta::hours(1)})).await;
    for round in 0..3 {
        // Nothing is known yet, so all is made under its locks, by the threads of rayon.
        let app = beside_answering(&house, Answering::ByHierarchy).await.app;
        let (done, finished) = mpsc::channel();
        let present = |hours| app.roads_in(app.world(), now() + TimeDelta::hours(hours));
        let (before, after): (Present, Present) = (present(0), present(2));
        for profile in Profile::ALL.iter().copied() {
            let (done, after) = (done.clone(), after.clone());
            thread::spawn(move || {
                let roads = after.roads.clone().expect("roads");
                roads.shelter_field(&after, profile);
                done.send(0)
            });
        }
        thread::spawn(move || {
            let roads = after.roads.clone().expect("roads");
            let told = effects(&roads, (&before, &after), (ProfileSet::ALL, Audience::Staff), Millis(300_000));
            done.send(told.len())
        });
        let told: usize = (0..=Profile::ALL.len())
            .map(|_| finished.recv_timeout(Duration::from_secs(240)).unwrap_or_else(|_| panic!("round {round}: stuck")))
            .sum();
        assert_eq!(told, Profile::ALL.len(), "what it does to each profile");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_does_not_wait_while_effects_are_worked_out() {
    let house = on_roads().await;
    let body = closure(square(BANKS[0], 0.004), json!({"cause": "collapse"}));
    let shelter = json!({"kind": "shelter", "code": "TURN", "name": "测试", "lon": TOWN[0], "lat": TOWN[1],
        "level": "village", "capacity": 10, "status": "open", "synthetic": true});
    let closing = house.post_by(&house.admin, "/api/closures", &body);
    let writing = async {
        while house.app.world().closures().next().is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        house.create("turn", &shelter).await;
        Instant::now()
    };
    let (answered, written) = tokio::join!(async { (closing.await, Instant::now()) }, writing);
    assert_eq!(answered.0.status, 201, "{}", answered.0.text());
    assert!(written < answered.1, "the other write came after the effects: it waited for them");
    let told = answered.0.json();
    assert_eq!(list(&told["effects"]).len(), Profile::ALL.len());
}
