//! What a closure must hold to before it is written: times, limits, a sound shape, and a road that it shuts.

use crate::domain::{Closure, ClosureShape, LonLat, Profile, Violation};
use crate::network::Overlay;
use crate::network::shut::parts_of;
use crate::service::Error;
use crate::service::roads::{Present, Roads};
use crate::spatial::geodesic::distance_m;
use crate::spatial::shape::{representative_point, shape_violations};
use crate::world::World;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Most closures in force or to come; each is looked at by every question by road.
pub const CLOSURES_MAX: usize = 5000;

/// Longest that the lines of a closure are all together, metres: every road beside them is looked at.
pub const LINES_MAX_M: f64 = 200_000.0;

/// How far around the nearest road is looked for, to be told to whoever closed none, metres.
const NEAREST_ROAD_M: f64 = 20_000.0;

/// Refuses one closure more where there are as many as may be.
pub(super) fn refuse_crowd(world: &World, now: DateTime<Utc>) -> Result<(), Error> {
    if world.standing_closures(now).len() < CLOSURES_MAX {
        return Ok(());
    }
    Err(Error::TooLarge {
        zh: format!("生效与待生效的封控已达 {CLOSURES_MAX} 处；请先解除不再需要的"),
        en: format!("{CLOSURES_MAX} closures are in force or to come: lift those that are no longer needed"),
    })
}

/// Returns everything that is wrong with a closure; which roads it shuts is looked at only where its shape is sound.
pub(super) async fn violations(
    before: &Present,
    now: DateTime<Utc>,
    closure: &Arc<Closure>,
) -> Result<Vec<Violation>, Error> {
    let mut wrong = closure.violations();
    if closure.to.is_some_and(|to| to <= now) {
        let (zh, en) = ("结束时间已过，封控不会生效", "`to` is past: the closure would never be in force");
        wrong.push(Violation::new("to", "past", zh, en));
    }
    if wrong.is_empty() {
        match &closure.shape {
            ClosureShape::Area(area) => wrong.extend(shape_violations(area)),
            ClosureShape::Lines(lines) => wrong.extend(too_long(lines)),
            ClosureShape::Point(_) => {}
        }
    }
    if let (true, Some(roads)) = (wrong.is_empty(), before.roads.clone()) {
        let drawn = closure.clone();
        let looking = tokio::task::spawn_blocking(move || shuts_nothing(&roads, &drawn));
        wrong.extend(looking.await.map_err(Error::internal)?);
    }
    Ok(wrong)
}

/// Returns what is wrong with lines that are too long to be looked along.
fn too_long(lines: &[Vec<LonLat>]) -> Option<Violation> {
    let length_m: f64 = lines.iter().flat_map(|line| line.windows(2)).map(|pair| distance_m(pair[0], pair[1])).sum();
    let (km, most_km) = (length_m / 1000.0, LINES_MAX_M / 1000.0);
    (length_m > LINES_MAX_M).then(|| {
        Violation::new(
            "geometry",
            "too_long",
            format!("线总长 {km:.0} 公里，超过 {most_km} 公里；请分段封控，或改画一个面"),
            format!(
                "the lines are {km:.0} km long, more than {most_km} km: close the roads part by part, or draw an area"
            ),
        )
    })
}

/// Returns what is wrong with a closure that shuts no road.
fn shuts_nothing(roads: &Roads, closure: &Closure) -> Option<Violation> {
    if !parts_of(&roads.graph, &roads.snap, closure).is_empty() {
        return None;
    }
    let at = match &closure.shape {
        ClosureShape::Point(at) => Some(*at),
        ClosureShape::Lines(lines) => lines.first().and_then(|line| line.first()).copied(),
        ClosureShape::Area(area) => representative_point(area),
    };
    let near = |profile: Profile| {
        roads.snap.snap((&roads.graph, &Overlay::default()), profile, at?, NEAREST_ROAD_M).map(|snap| snap.aside_m)
    };
    let nearest_m = closure.profiles.iter().filter_map(near).min_by(f64::total_cmp);
    let (zh, en) = match nearest_m {
        Some(m) => (format!("最近的道路在 {m:.0} 米外"), format!("the nearest road is {m:.0} m away")),
        None => ("附近没有道路".to_owned(), "no road is near".to_owned()),
    };
    Some(Violation::new(
        "geometry",
        "no_road",
        format!("这里没有可封控的道路，{zh}；请把线画过或沿着道路，或画面盖住道路（积水面不含桥梁）"),
        format!(
            "no road is closed by this, {en}: draw a line along or across a road, or an area over it (standing water spares bridges)"
        ),
    ))
}
