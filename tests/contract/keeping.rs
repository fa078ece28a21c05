//! Promises about keeping: what is read is what was written, to the last bit, in this process and in the next.

use crate::acts::*;
use crate::ground::Ground;
use crate::samples::{self, shelter, with_detail};
use bihu::domain::*;
use bihu::store::{Batch, EntryQuery, Store};
use chrono::TimeDelta;
use std::time::{Duration as Span, Instant};

/// Every kind, with every field filled, comes back as it was; numbers bit for bit.
pub async fn every_kind_comes_back_as_it_was(ground: &Ground) {
    let store = ground.open().await;
    let written = samples::every_kind();
    let committed = commit_all(&*store, written.iter().cloned().map(create).collect()).await;
    let other = ground.open().await;
    for resource in &written {
        let row = the_row(&*other, &resource.id).await;
        assert_eq!(*row.value, *resource);
        assert_eq!(numbers(&row.value), numbers(resource), "bit for bit");
    }
    assert_eq!(journal(&*other).await, committed.entries);
}

/// Returns the bits of the numbers that have no other test.
fn numbers(resource: &Resource) -> Vec<u64> {
    let place = &resource.place;
    let area = place.footprint.iter().flat_map(|f| f.iter());
    let rings = area.flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    let mut out: Vec<f64> = rings.flat_map(|r| r.0.iter().flat_map(|c| [c.x, c.y])).collect();
    out.extend([place.position.lon(), place.position.lat()]);
    out.extend(place.declared.iter().flat_map(|d| [d.first, d.second]));
    out.extend(resource.shelter().and_then(|s| s.area_m2));
    out.extend(resource.storage().and_then(|s| s.volume_m3));
    out.extend(resource.storage().and_then(|s| s.area_m2));
    out.into_iter().map(f64::to_bits).collect()
}

/// Chinese, emoji, quotes and broken-looking text survive in every place that takes text.
pub async fn any_text_survives(ground: &Ground) {
    let store = ground.open().await;
    for (i, text) in samples::TEXTS.iter().enumerate() {
        let mut resource = shelter(&format!("{i}"));
        resource.code = format!("{text}{i}");
        resource.name = Name { zh: (*text).to_owned(), en: Some((*text).to_owned()) };
        let mut batch = batch(vec![create(resource.clone())]);
        (batch.actor, batch.reason) = ((*text).to_owned(), Some((*text).to_owned()));
        store.commit(&batch, &|_| {}).await.expect("the batch is accepted");
        assert_eq!(*the_row(&*store, &resource.id).await.value, resource);
        let entry = journal(&*store).await.pop().expect("an entry");
        assert_eq!((entry.actor.as_str(), entry.reason.as_deref()), (*text, Some(*text)));
    }
}

/// Every word of the closed lists passes the checks in SQL, and what is unknown stays unknown.
pub async fn every_word_can_be_kept(ground: &Ground) {
    let store = ground.open().await;
    let mut written = vec![shelter("bare")];
    let mut add = |edit: &dyn Fn(&mut Resource)| {
        let mut resource = shelter(&written.len().to_string());
        edit(&mut resource);
        let detail = resource.detail.clone();
        written.push(with_detail(resource, detail));
    };
    Level::ALL.iter().for_each(|w| add(&|r| r.level = Some(*w)));
    Lifecycle::ALL.iter().for_each(|w| add(&|r| r.lifecycle = *w));
    Visibility::ALL.iter().for_each(|w| add(&|r| r.visibility = *w));
    Status::ALL
        .iter()
        .for_each(|w| add(&|r| r.detail = Detail::Shelter(Shelter { status: Some(*w), ..Shelter::default() })));
    for capacity in [Capacity::Unknown, Capacity::Stated(0), Capacity::Derived(u32::MAX)] {
        add(&|r| r.detail = Detail::Shelter(Shelter { capacity, ..Shelter::default() }));
    }
    add(&|r| r.detail = Detail::Warehouse(Storage::default()));
    add(&|r| r.detail = Detail::StoragePoint(Storage::default()));
    add(&|r| r.detail = Detail::Team(Team::default()));
    add(&|r| r.detail = Detail::Site(Site::default()));
    commit_all(&*store, written.iter().cloned().map(create).collect()).await;
    for resource in &written {
        assert_eq!(*the_row(&*store, &resource.id).await.value, *resource);
    }
    for (i, level) in Level::ALL.iter().enumerate() {
        let division = Division { level: *level, ..samples::division(&format!("31011700{i}"), None) };
        commit_all(&*store, vec![create_division(division)]).await;
    }
}

/// The time of a commit is the same in the answer and in the journal, though clocks tick finer than databases.
pub async fn times_agree_to_the_microsecond(ground: &Ground) {
    let store = ground.open().await;
    let at = noon() + TimeDelta::nanoseconds(123_456_789);
    let batch = Batch { at, reason: None, ..batch(vec![create(shelter("a"))]) };
    let committed = store.commit(&batch, &|_| {}).await.expect("the batch is accepted");
    assert_eq!(committed.entries, journal(&*store).await);
    assert_eq!(committed.entries[0].at, noon() + TimeDelta::microseconds(123_456));
}

/// A fresh store is empty and at revision 0; opening it again, or twice at once, changes nothing.
pub async fn opening_again_changes_nothing(ground: &Ground) {
    let (one, two) = futures::future::join(ground.open(), ground.open()).await;
    assert_eq!(picture(&*one).await, (Revisions::default(), Picture::new()));
    commit_all(&*two, samples::every_kind().into_iter().map(create).collect()).await;
    let before = (picture(&*one).await, journal(&*one).await);
    one.close().await;
    two.close().await;
    let again = ground.open().await;
    assert_eq!((picture(&*again).await, journal(&*again).await), before);
}

/// Whether there is a store can be asked without making one.
pub async fn looking_for_a_store_makes_none(ground: &Ground) {
    for _ in 0..2 {
        assert!(!bihu::store::exists(&ground.url).await.expect("an answer"));
    }
    ground.open().await.close().await;
    assert!(bihu::store::exists(&ground.url).await.expect("an answer"));
}

/// A follower in another process hears of a commit within two seconds.
pub async fn another_process_hears_of_a_commit(ground: &Ground) {
    let (writer, follower) = (ground.open().await, ground.open().await);
    for round in 1..=3 {
        let waiting = tokio::spawn(hear_past(follower.clone(), Revision(round - 1)));
        tokio::time::sleep(Span::from_millis(300)).await;
        commit_all(&*writer, vec![create(shelter(&round.to_string()))]).await;
        let committed = Instant::now();
        assert_eq!(waiting.await.expect("the follower lives"), [round]);
        let late = committed.elapsed();
        println!("heard after {late:?}");
        assert!(late < Span::from_secs(2), "heard after {late:?}");
    }
}

/// Waits and reads until there is something beyond `seen`; returns its numbers.
async fn hear_past(follower: std::sync::Arc<dyn Store>, seen: Revision) -> Vec<u64> {
    loop {
        follower.wait(seen).await.expect("the wait ends");
        let entries = follower.entries(&EntryQuery::after(seen), 10).await.expect("the journal reads");
        if !entries.is_empty() {
            return entries.iter().map(|e| e.revision.0).collect();
        }
    }
}

/// A wait ends by itself after about a second, and at once when there is something to read.
pub async fn a_wait_is_never_long(ground: &Ground) {
    let store = ground.open().await;
    store.wait(Revision(0)).await.expect("the wait ends");
    let began = Instant::now();
    store.wait(Revision(0)).await.expect("the wait ends");
    let idle = began.elapsed();
    assert!(idle > Span::from_millis(500) && idle < Span::from_secs(3), "{idle:?}");
    commit_all(&*store, vec![create(shelter("a"))]).await;
    let began = Instant::now();
    store.wait(Revision(0)).await.expect("the wait ends");
    let busy = began.elapsed();
    assert!(busy < Span::from_millis(500), "{busy:?}");
}
