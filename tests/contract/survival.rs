//! The promise that all others rest on: what was acknowledged is there, whatever happens to the process.

use crate::acts::*;
use crate::dice::Dice;
use crate::ground::Ground;
use crate::samples::shelter;
use bihu::domain::Resource;
use std::io::{BufRead, BufReader};

/// Word before the revision of each acknowledged write.
const WORD: &str = "acknowledged ";

/// A process that writes without pause is killed (SIGKILL) at a random moment; the journal holds every write it was told
/// of, at most one more, without gaps, and the tables agree with it.
pub async fn a_killed_writer_loses_nothing_that_was_acknowledged(ground: &Ground) {
    if ground.is_parents() {
        write_until_killed(ground).await;
    }
    let mut dice = Dice::thrown("a_killed_writer_loses_nothing_that_was_acknowledged");
    let store = ground.open().await;
    for round in 0..3 {
        let known = store.revisions().await.expect("the counter reads").all.0;
        let told = kill_a_child(ground, 20 + dice.below(200));
        // Waits its turn: whatever the dead process had under way has ended before.
        commit_all(&*store, vec![create(shelter(&format!("end of round {round}")))]).await;
        let entries = journal(&*store).await;
        let numbers: Vec<u64> = entries.iter().map(|e| e.revision.0).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "no gap");
        let last = *told.last().expect("something was acknowledged");
        // Each write is a batch of two; one may have become durable without the word getting out.
        let most = last + 2;
        assert!(told.iter().copied().eq((known + 2..=last).step_by(2)), "each write was acknowledged once: {told:?}");
        assert!(
            (last..=most).contains(&(numbers.len() as u64 - 1)),
            "{last} acknowledged, {} there",
            numbers.len() - 1
        );
        assert_eq!(fold(&entries), picture(&*ground.open().await).await);
    }
}

/// Starts a writing child, kills it after it has acknowledged `writes` writes, and returns all that it acknowledged.
fn kill_a_child(ground: &Ground, writes: usize) -> Vec<u64> {
    let mut child = ground.start_child("a_killed_writer_loses_nothing_that_was_acknowledged");
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
        told.extend(line.expect("text").strip_prefix(WORD).and_then(|n| n.parse::<u64>().ok()));
        if told.len() == writes {
            child.kill().expect("it is killed");
        }
    }
    child.wait().expect("it has ended");
    told
}

/// Creates a shelter and changes the one before, as fast as it goes.
async fn write_until_killed(ground: &Ground) -> ! {
    let store = ground.open().await;
    let mut done = commit_all(&*store, vec![create(own(0)), create(own(1))]).await;
    for i in 2.. {
        println!("{WORD}{}", done.revisions.all);
        let before = the_row(&*store, &own(i - 1).id).await;
        let after = Resource { address: Some(format!("第 {i} 次")), ..own(i - 1) };
        done = commit_all(&*store, vec![create(own(i)), change(&before, after)]).await;
    }
    unreachable!("it writes until it is killed")
}

/// Returns a shelter of this process and no other.
fn own(i: u64) -> Resource {
    shelter(&format!("{}-{i}", std::process::id()))
}
