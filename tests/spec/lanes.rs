//! Lanes: large questions take turns, nobody fills a lane alone, whoever hangs up leaves it, and the small ones are answered.

use crate::on_roads::{TOWN, list, number, on_roads};
use bihu::service::Error;
use bihu::service::lanes::{Lane, Queue, Rule};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn rule(places: usize, inside: usize, own: usize) -> Rule {
    Rule { places, inside, own, patience: Duration::from_secs(20) }
}

#[tokio::test]
async fn no_more_are_in_than_there_are_places_and_everybody_gets_one() {
    let queue = Queue::new(rule(2, 100, 100));
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let one = async |i: usize| {
        let _place = queue.enter(&format!("caller {}", i % 7)).await.expect("a place");
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(2)).await;
        now.fetch_sub(1, Ordering::SeqCst);
    };
    futures::future::join_all((0..40).map(one)).await;
    assert_eq!((now.into_inner(), most.into_inner()), (0, 2));
}

#[tokio::test]
async fn a_caller_has_his_share_and_the_lane_its_length() {
    let queue = Queue::new(rule(3, 3, 2));
    let (_a, b) = (queue.enter("a").await.expect("first"), queue.enter("a").await.expect("second"));
    let Err(Error::TooMany { after_s, .. }) = queue.enter("a").await else { panic!("a third of one caller") };
    assert!(after_s > 0);
    let _c = queue.enter("c").await.expect("another caller");
    let Err(Error::Overloaded { .. }) = queue.enter("d").await else { panic!("the lane is full") };
    drop(b);
    queue.enter("d").await.expect("there is room again");
    queue.enter("a").await.expect("for the first too");
}

#[tokio::test]
async fn whoever_hangs_up_or_loses_patience_leaves_the_lane() {
    let impatient = Queue::new(Rule { patience: Duration::from_millis(30), ..rule(1, 2, 2) });
    let first = impatient.enter("a").await.expect("a place");
    let Err(Error::Overloaded { .. }) = impatient.enter("b").await else { panic!("no place came free") };
    drop(first);
    let _next = impatient.enter("b").await.expect("nobody waits before");
    let patient = Queue::new(Rule { patience: Duration::from_secs(600), ..rule(1, 2, 2) });
    let first = patient.enter("a").await.expect("a place");
    // Were it counted still, the lane would be full for the next.
    let hung_up = tokio::time::timeout(Duration::from_millis(5), patient.enter("b")).await;
    assert!(hung_up.is_err());
    drop(first);
    let _third = patient.enter("b").await.expect("nobody waits before");
}

#[test]
fn a_long_lane_is_narrower_than_a_quick_one_on_every_machine() {
    for processors in [0, 1, 2, 3, 4, 64] {
        let [quick, long] = [Lane::Quick, Lane::Long].map(|lane| Rule::of(lane, processors));
        assert!(long.places >= 1 && long.places < quick.places, "{processors}");
        assert!(long.own < long.inside && quick.own < quick.inside && long.places <= long.inside);
    }
}

#[tokio::test]
async fn many_large_matrices_of_one_caller_are_turned_away_by_name_and_a_small_question_is_answered() {
    let house = on_roads().await;
    let side: Vec<[f64; 2]> = (0..200).map(|i| [TOWN[0] + f64::from(i) * 1e-4, TOWN[1]]).collect();
    let large = json!({"origins": side, "destinations": side, "by": "car"});
    let small = json!({"origins": [TOWN], "destinations": [TOWN], "by": "car"});
    let asking = futures::future::join_all((0..12).map(|_| house.post("/api/matrix", &large)));
    let (answers, quick) = futures::future::join(asking, house.post("/api/matrix", &small)).await;
    assert_eq!(quick.status, 200);
    let (done, sent_away): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert!(done.len() >= 4 && !sent_away.is_empty(), "{} done, {} sent away", done.len(), sent_away.len());
    let first: Value = done[0].json();
    assert!(done.iter().all(|answer| answer.json() == first));
    assert_eq!(list(&first["durations_s"]).len(), 200);
    for answer in sent_away {
        let problem = answer.problem(429);
        assert!(number(&problem["retry_after_s"]) > 0.0 && !answer.header("retry-after").is_empty());
        assert_eq!(problem["type"], "urn:bihu:problem:too-many");
    }
    assert_eq!(house.post("/api/matrix", &large).await.status, 200, "later it works");
}
