//! A real extract laid side by side with itself, so that costs can be told as it grows: copies of its nodes and ways, shifted
//! and renumbered, and roads across the seams between what is nearest to them. Made from the extract each time, kept nowhere.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// From the ids of one copy to those of the next: beyond what the public map has given out.
const COPY: i64 = 100_000_000_000;

/// Roads across a seam.
const GATES: usize = 8;

/// Beyond the box of the extract, degrees: copies do not touch.
const GAP: f64 = 0.002;

/// Returns `side` × `side` copies of an extract in the form of the OpenStreetMap API, one element or tag on a line.
pub fn stitched(xml: &str, side: usize) -> String {
    let nodes = corners(xml);
    let (west, south, east, north) =
        nodes.values().fold((f64::MAX, f64::MAX, f64::MIN, f64::MIN), |(w, s, e, n), (lon, lat)| {
            (w.min(*lon), s.min(*lat), e.max(*lon), n.max(*lat))
        });
    let step = (east - west + GAP, north - south + GAP);
    let copies = || (0..side * side).map(|copy| ((copy % side) as f64, (copy / side) as f64, copy as i64 * COPY));
    let mut out = String::with_capacity(xml.len() * side * side + 4096);
    out += "<osm version=\"0.6\">\n";
    for is_way in [false, true] {
        for (x, y, ids) in copies() {
            let mut inside = false;
            for line in xml.lines() {
                let begins = line.trim_start();
                let element = begins.starts_with(if is_way { "<way" } else { "<node" });
                if element || inside {
                    copied(&mut out, line, ids, (x * step.0, y * step.1));
                }
                let closed = begins.starts_with(if is_way { "</way" } else { "</node" });
                inside = (inside || element) && !closed && !(element && line.ends_with("/>"));
            }
        }
    }
    let gates = |aim: &dyn Fn(f64) -> (f64, f64)| -> Vec<i64> {
        let share = |i: usize| (i as f64 + 0.5) / GATES as f64;
        (0..GATES).filter_map(|i| nearest(&nodes, aim(share(i)))).collect()
    };
    let across = |low: f64, high: f64, share: f64| low + share * (high - low);
    let [of_west, of_east] = [west, east].map(|lon| gates(&|share| (lon, across(south, north, share))));
    let [of_south, of_north] = [south, north].map(|lat| gates(&|share| (across(west, east, share), lat)));
    let mut seam = copies().count() as i64 * COPY;
    for copy in 0..side * side {
        let beside =
            [(copy % side + 1 < side, 1, &of_east, &of_west), (copy / side + 1 < side, side, &of_north, &of_south)];
        for (_, on, from, to) in beside.into_iter().filter(|(is_there, ..)| *is_there) {
            for (from, to) in from.iter().zip(to) {
                seam += 1;
                let (from, to) = (from + copy as i64 * COPY, to + (copy + on) as i64 * COPY);
                let _ = writeln!(
                    out,
                    "<way id=\"{seam}\"><nd ref=\"{from}\"/><nd ref=\"{to}\"/><tag k=\"highway\" v=\"primary\"/></way>"
                );
            }
        }
    }
    out + "</osm>\n"
}

/// A number in quotes behind a word.
fn number<T: std::str::FromStr>(line: &str, word: &str) -> Option<T> {
    let from = line.find(word)? + word.len();
    let to = line[from..].find('"')?;
    line[from..from + to].parse().ok()
}

/// The nodes that ways with a road on them run through, with where they are.
fn corners(xml: &str) -> HashMap<i64, (f64, f64)> {
    let mut used: HashSet<i64> = HashSet::new();
    let mut refs: Vec<i64> = Vec::new();
    for line in xml.lines().map(str::trim_start) {
        if line.starts_with("<way") {
            refs.clear();
        }
        refs.extend(number::<i64>(line, "ref=\""));
        if line.starts_with("<tag k=\"highway\"") {
            used.extend(refs.drain(..));
        }
    }
    let node = |line: &str| Some((number(line, " id=\"")?, (number(line, " lon=\"")?, number(line, " lat=\"")?)));
    let all = xml.lines().filter(|line| line.trim_start().starts_with("<node")).filter_map(node);
    all.filter(|(id, _)| used.contains(id)).collect()
}

fn nearest(nodes: &HashMap<i64, (f64, f64)>, aim: (f64, f64)) -> Option<i64> {
    let off = |at: &(f64, f64)| (at.0 - aim.0).powi(2) + (at.1 - aim.1).powi(2);
    nodes.iter().min_by(|a, b| off(a.1).total_cmp(&off(b.1)).then(a.0.cmp(b.0))).map(|(id, _)| *id)
}

/// Adds a line of a copy: its numbers moved on.
fn copied(out: &mut String, line: &str, ids: i64, (east, north): (f64, f64)) {
    let begins = line.trim_start();
    if let (true, Some(of)) = (begins.starts_with("<nd"), number::<i64>(line, "ref=\"")) {
        let _ = writeln!(out, "<nd ref=\"{}\"/>", of + ids);
    } else if let (true, Some(id)) = (begins.starts_with("<way"), number::<i64>(line, " id=\"")) {
        let _ = writeln!(out, "<way id=\"{}\">", id + ids);
    } else if let (true, Some(id)) = (begins.starts_with("<node"), number::<i64>(line, " id=\"")) {
        let [lat, lon] = [" lat=\"", " lon=\""].map(|word| number::<f64>(line, word).unwrap_or_default());
        let end = if line.ends_with("/>") { "/>" } else { ">" };
        let _ = writeln!(out, "<node id=\"{}\" lat=\"{:.7}\" lon=\"{:.7}\"{end}", id + ids, lat + north, lon + east);
    } else {
        out.push_str(line);
        out.push('\n');
    }
}
