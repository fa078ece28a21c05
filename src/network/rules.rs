//! Tags of a map file → who may use a way, and how fast; whom a node holds up; whom a turn restriction binds.
//!
//! Tags are OpenStreetMap's (wiki: Key:highway, Key:access, Key:oneway, Key:maxspeed, Relation:restriction); speeds are those of
//! [`super::speeds`]. A word that stands for a rule of some country (`CN:urban`) leaves the usual speed. What holds at some
//! hours only (`…:conditional`) is not heeded, for no departure is known: it is counted and told where a file is read.
//! Invariant: an emergency vehicle is kept off a way only by what it can not physically pass: it may use
//! service and bus ways, private ones too, and one-ways against their direction at a stated penalty.

use super::graph::{Direction, RoadClass, Way};
use super::speeds;
use crate::domain::{Profile, ProfileSet};

/// Tags of one thing: keys and values.
#[derive(Debug, Clone, Copy)]
pub struct Tags<'a>(pub &'a [(&'a str, &'a str)]);

impl<'a> Tags<'a> {
    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    fn is(&self, key: &str, values: &[&str]) -> bool {
        self.get(key).is_some_and(|value| values.contains(&value))
    }
}

/// Returns what holds for a way; `None` when nobody moves on it.
pub fn way(tags: Tags<'_>) -> Option<Way> {
    let (class, ramp) = class(tags)?;
    if tags.is("disused", &["yes"]) || tags.is("abandoned", &["yes"]) {
        return None;
    }
    let height = |key| tags.get(key).and_then(metres);
    let lowest = [height("maxheight"), height("maxheight:physical")].into_iter().flatten().reduce(f64::min);
    let mut way = Way {
        class: class as u8,
        flags: flags(tags, ramp),
        wait_ds: if class == RoadClass::Ferry { speeds::FERRY_WAIT_DS } else { 0 },
        max_height_cm: lowest.map_or(0, |m| (m * 100.0).round() as u16),
        max_weight_hkg: tags.get("maxweight").and_then(tonnes).map_or(0, |t| (t * 10.0).round() as u16),
        ..Way::default()
    };
    for profile in Profile::ALL {
        let usual = speeds::usual_dkmh(*profile, class);
        if !may_use(tags, *profile, usual > 0) || !fits(&way, *profile) {
            continue;
        }
        for direction in [Direction::Forward, Direction::Backward] {
            let speed = speed(tags, *profile, direction, usual_on(tags, *profile, class, usual));
            let speed = against_one_way(tags, class, *profile, direction).map_or(0, |percent| share(speed, percent));
            match direction {
                Direction::Forward => way.forward_dkmh[*profile as usize] = speed,
                Direction::Backward => way.backward_dkmh[*profile as usize] = speed,
            }
        }
    }
    let moves = way.forward_dkmh.iter().chain(&way.backward_dkmh).any(|speed| *speed > 0);
    moves.then_some(way)
}

fn class(tags: Tags<'_>) -> Option<(RoadClass, bool)> {
    if tags.is("route", &["ferry"]) {
        return Some((RoadClass::Ferry, false));
    }
    let highway = tags.get("highway")?;
    let (name, ramp) = highway.strip_suffix("_link").map_or((highway, false), |name| (name, true));
    let class = match name {
        "motorway" => RoadClass::Motorway,
        "trunk" => RoadClass::Trunk,
        "primary" => RoadClass::Primary,
        "secondary" => RoadClass::Secondary,
        "tertiary" | "unclassified" | "road" => RoadClass::Tertiary,
        "residential" | "living_street" => RoadClass::Residential,
        "service" | "busway" | "bus_guideway" | "services" | "emergency_bay" => RoadClass::Service,
        "track" => RoadClass::Track,
        "pedestrian" => RoadClass::Pedestrian,
        "footway" | "path" | "cycleway" | "bridleway" | "corridor" | "platform" | "crossing" => RoadClass::Path,
        "steps" => RoadClass::Steps,
        _ => return None,
    };
    Some((class, ramp))
}

fn flags(tags: Tags<'_>, ramp: bool) -> u8 {
    let there = |key: &str| tags.get(key).is_some_and(|value| value != "no");
    let mut flags = 0;
    let mut set = |flag: u8, holds: bool| flags |= if holds { flag } else { 0 };
    set(Way::BRIDGE, there("bridge"));
    set(Way::TUNNEL, there("tunnel") || there("covered"));
    set(Way::ROUNDABOUT, tags.is("junction", &["roundabout", "circular"]));
    set(Way::RAMP, ramp);
    set(Way::CARS_END, ends_there(tags, Profile::Car));
    set(Way::TRUCKS_END, ends_there(tags, Profile::Truck));
    flags
}

/// Keys that say whether a profile may use something, from the general to the particular.
const fn access_keys(profile: Profile) -> &'static [&'static str] {
    match profile {
        Profile::Foot => &["access", "foot"],
        Profile::Wheelchair => &["access", "foot", "wheelchair"],
        Profile::Car => &["access", "vehicle", "motor_vehicle", "motorcar"],
        Profile::Truck => &["access", "vehicle", "motor_vehicle", "goods", "hgv"],
        Profile::Emergency => &["emergency"],
    }
}

/// Returns what the most particular access tag that is understood says; `None` when none says anything.
fn access(tags: Tags<'_>, profile: Profile) -> Option<bool> {
    access_keys(profile).iter().rev().find_map(|key| tags.get(key).and_then(allows))
}

/// Returns whether a profile may come to something and not drive through it: the most particular tag that is understood lets in
/// whoever has business there and nobody else.
fn ends_there(tags: Tags<'_>, profile: Profile) -> bool {
    let said = access_keys(profile).iter().rev().filter_map(|key| tags.get(key)).find(|value| allows(value).is_some());
    let business = |word: &str| matches!(word, "destination" | "customers" | "delivery" | "permit");
    let lets = |value: &str| value.split(';').map(str::trim).filter(|word| allows(word) == Some(true)).all(business);
    said.is_some_and(|value| allows(value) == Some(true) && lets(value))
}

/// Returns whether a value of an access tag lets somebody pass; of several values one that does is enough.
fn allows(value: &str) -> Option<bool> {
    let one = |word: &str| match word.trim() {
        "yes" | "designated" | "permissive" | "official" | "destination" | "customers" | "delivery" | "permit"
        | "limited" | "discouraged" => Some(true),
        "no" | "private" | "agricultural" | "forestry" | "military" | "dismount" | "psv" | "bus" | "use_sidepath"
        | "emergency" | "residents" | "employees" => Some(false),
        _ => None,
    };
    value.split(';').filter_map(one).reduce(|a, b| a || b)
}

fn may_use(tags: Tags<'_>, profile: Profile, usual: bool) -> bool {
    let on_foot = matches!(profile, Profile::Foot | Profile::Wheelchair);
    if on_foot && tags.is("motorroad", &["yes"]) && access(tags, profile) != Some(true) {
        return false;
    }
    let for_buses = tags.is("highway", &["busway", "bus_guideway"]);
    if tags.is("route", &["ferry"]) && !on_foot {
        // Many ferries carry walkers only: a vehicle needs a word that it may come aboard.
        let aboard = if profile == Profile::Emergency { Profile::Car } else { profile };
        return access(tags, aboard) == Some(true)
            && access_keys(aboard)[1..].iter().any(|key| tags.get(key).is_some());
    }
    match access(tags, profile) {
        // A tag opens a class that is usually closed only to those who could move there.
        Some(true) => usual || (on_foot && !tags.is("highway", &["steps"])) || opens_to_motors(tags, profile),
        Some(false) => false,
        None => usual && !(for_buses && profile != Profile::Emergency) && !too_rough(tags, profile),
    }
}

/// A path or square that a tag of its own opens to vehicles.
fn opens_to_motors(tags: Tags<'_>, profile: Profile) -> bool {
    let own = access_keys(profile).iter().any(|key| *key != "access" && tags.get(key).is_some());
    ProfileSet::MOTOR.has(profile) && own && !tags.is("highway", &["steps"])
}

/// Surfaces that stop a wheelchair, unless the way is said to be fit for one.
fn too_rough(tags: Tags<'_>, profile: Profile) -> bool {
    const ROUGH: &[&str] =
        &["gravel", "sand", "mud", "grass", "dirt", "earth", "ground", "pebblestone", "rock", "cobblestone"];
    const BAD: &[&str] = &["bad", "very_bad", "horrible", "very_horrible", "impassable"];
    let steep = tags.get("incline").and_then(|text| text.strip_suffix('%')?.trim().parse::<f64>().ok());
    let impassable = tags.is("smoothness", &["impassable"]) && profile != Profile::Foot;
    let wheelchair = profile == Profile::Wheelchair
        && (tags.is("surface", ROUGH)
            || tags.is("smoothness", BAD)
            || steep.is_some_and(|percent| percent.abs() > 8.0));
    impassable || wheelchair
}

/// Returns whether the vehicle is low and light enough.
fn fits(way: &Way, profile: Profile) -> bool {
    let low = way.max_height_cm == 0 || speeds::height_cm(profile) <= way.max_height_cm;
    let light = way.max_weight_hkg == 0 || speeds::weight_hkg(profile) <= way.max_weight_hkg;
    low && light
}

/// Returns the speed where no limit is signed, with what the kind of street and its surface take off.
fn usual_on(tags: Tags<'_>, profile: Profile, class: RoadClass, usual: u16) -> u16 {
    const UNPAVED: &[&str] = &[
        "unpaved",
        "gravel",
        "fine_gravel",
        "compacted",
        "dirt",
        "earth",
        "ground",
        "grass",
        "sand",
        "mud",
        "pebblestone",
    ];
    let motor = ProfileSet::MOTOR.has(profile);
    // A class that a tag opened has no usual speed of its own: a walk.
    let usual = if usual == 0 { 50 } else { usual };
    let usual = match tags.get("highway") {
        Some("living_street") if motor => usual.min(150),
        _ if motor && tags.is("service", &["parking_aisle", "driveway", "alley", "drive-through"]) => usual.min(100),
        _ => usual,
    };
    let ramp = tags.get("highway").is_some_and(|highway| highway.ends_with("_link"));
    let usual = if motor && ramp && class <= RoadClass::Secondary { share(usual, 60) } else { usual };
    if motor && tags.is("surface", UNPAVED) { share(usual, 60) } else { usual }
}

/// Returns the speed in a direction: a share of the signed limit where there is one, never above the profile's own.
fn speed(tags: Tags<'_>, profile: Profile, direction: Direction, usual: u16) -> u16 {
    let most = speeds::fastest_dkmh(profile);
    if !ProfileSet::MOTOR.has(profile) {
        return usual.min(most);
    }
    let own = match direction {
        Direction::Forward => "maxspeed:forward",
        Direction::Backward => "maxspeed:backward",
    };
    let hgv = if profile == Profile::Truck { tags.get("maxspeed:hgv") } else { None };
    let Some(limit) = hgv.or_else(|| tags.get(own)).or_else(|| tags.get("maxspeed")).and_then(limit_dkmh) else {
        return usual.min(most);
    };
    let driven = if profile == Profile::Emergency { limit } else { share(limit, speeds::LIMIT_DRIVEN_PERCENT) };
    driven.clamp(10, most)
}

/// Returns the share of its speed that a profile keeps in a direction, percent; `None` where it may not go.
fn against_one_way(tags: Tags<'_>, class: RoadClass, profile: Profile, direction: Direction) -> Option<u32> {
    if !ProfileSet::MOTOR.has(profile) {
        let own = tags.get("oneway:foot");
        return (direction == Direction::Forward || own != Some("yes")).then_some(100);
    }
    let implied = tags.is("highway", &["motorway"]) || tags.is("junction", &["roundabout", "circular"]);
    let open = match tags.get("oneway:motor_vehicle").or_else(|| tags.get("oneway")) {
        // Which way it is open today nobody knows.
        Some("reversible") => {
            return (profile == Profile::Emergency).then_some(speeds::AGAINST_ONE_WAY_PERCENT);
        }
        Some("yes" | "true" | "1") => Some(Direction::Forward),
        Some("-1" | "reverse") => Some(Direction::Backward),
        Some("no" | "false" | "0") => None,
        _ => implied.then_some(Direction::Forward),
    };
    match open {
        Some(open) if open != direction => {
            // Nobody drives against a motorway.
            let may = profile == Profile::Emergency && class != RoadClass::Motorway;
            may.then_some(speeds::AGAINST_ONE_WAY_PERCENT)
        }
        _ => Some(100),
    }
}

fn share(speed: u16, percent: u32) -> u16 {
    u16::try_from((u32::from(speed) * percent / 100).max(1)).unwrap_or(u16::MAX)
}

/// Reads a speed limit: 60, 60 km/h, 40 mph, none, walk; of several the lowest; `None` for a word that stands for a rule of
/// some country.
fn limit_dkmh(text: &str) -> Option<u16> {
    text.split(';').filter_map(one_limit_dkmh).min()
}

fn one_limit_dkmh(text: &str) -> Option<u16> {
    let text = text.trim();
    match text {
        "none" => return Some(1200),
        "walk" => return Some(50),
        _ => {}
    }
    let (number, factor) = match text.strip_suffix("mph") {
        Some(miles) => (miles, 1.609_344),
        None => (text.strip_suffix("km/h").or_else(|| text.strip_suffix("kmh")).unwrap_or(text), 1.0),
    };
    let kmh = number.trim().parse::<f64>().ok()? * factor;
    (kmh > 0.0 && kmh < 400.0).then_some((kmh * 10.0) as u16)
}

/// Reads a height: 4.2, 4,2, 4.2 m, 420 cm, 13'6", 13 ft; `None` for words (`default`, `below_default`, `no_sign`).
fn metres(text: &str) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    if let Some((feet, inches)) = text.split_once('\'') {
        let inches = inches.trim_end_matches(['"', '\'']).trim();
        let inches = if inches.is_empty() { 0.0 } else { inches.parse::<f64>().ok()? };
        return in_reach(feet.trim().parse::<f64>().ok()? * 0.3048 + inches * 0.0254);
    }
    measured(&text, &[("cm", 0.01), ("ft", 0.3048), ("m", 1.0)])
}

/// Reads a weight: 5, 5.5 t, 5000 kg, 3 st (short tons), 6000 lbs.
fn tonnes(text: &str) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    measured(&text, &[("kg", 0.001), ("lbs", 0.000_453_592_37), ("st", 0.907_184_74), ("t", 1.0)])
}

/// Reads a number with one of the units, or with none.
fn measured(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let unit = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = unit.unwrap_or((text, 1.0));
    in_reach(number.trim().parse::<f64>().ok()? * factor)
}

fn in_reach(number: f64) -> Option<f64> {
    (number > 0.0 && number < 600.0).then_some(number)
}

/// Returns whom a node keeps from passing, and how long it holds up those with an engine, tenths of a second.
pub fn node(tags: Tags<'_>) -> (ProfileSet, u16) {
    let delay = match (tags.get("highway"), tags.get("railway")) {
        (Some("traffic_signals"), _) => speeds::SIGNAL_DS,
        (_, Some("level_crossing")) => 200,
        (Some("stop"), _) => 30,
        _ => 0,
    };
    let Some(barrier) = tags.get("barrier") else { return (ProfileSet::NONE, delay) };
    let usual = match barrier {
        // One that can be taken down lets those pass who have the key.
        "bollard" if tags.is("bollard", &["rising", "removable", "foldable"]) => {
            ProfileSet::MOTOR.without(Profile::Emergency)
        }
        "bollard" | "block" | "jersey_barrier" | "debris" | "log" | "rope" | "chain" | "planter" | "rubble"
        | "spikes" | "barrier_board" | "yes" => ProfileSet::MOTOR,
        // A gate without a word on access is taken as open, unless it is locked.
        "gate" | "lift_gate" | "swing_gate" | "sliding_gate" if tags.is("locked", &["yes"]) => {
            ProfileSet::ALL.without(Profile::Emergency)
        }
        "kerb" if tags.is("kerb", &["raised"]) => ProfileSet::one(Profile::Wheelchair),
        "cycle_barrier" | "motorcycle_barrier" | "stile" | "turnstile" | "kissing_gate" | "full-height_turnstile" => {
            ProfileSet::MOTOR.with(Profile::Wheelchair)
        }
        "bus_trap" | "sump_buster" => ProfileSet::NONE.with(Profile::Car),
        "wall" | "fence" | "retaining_wall" | "city_wall" | "guard_rail" => ProfileSet::ALL,
        "height_restrictor" => lower_than(tags),
        _ => ProfileSet::NONE,
    };
    let blocks = |profile: &Profile| match access(tags, *profile) {
        Some(open) => !open,
        None => usual.has(*profile),
    };
    (Profile::ALL.iter().copied().filter(blocks).collect(), delay)
}

fn lower_than(tags: Tags<'_>) -> ProfileSet {
    let Some(height) = tags.get("maxheight").and_then(metres) else { return ProfileSet::NONE.with(Profile::Truck) };
    Profile::ALL.iter().copied().filter(|p| f64::from(speeds::height_cm(*p)) > height * 100.0).collect()
}

/// Keys by which hours were told before there was `:conditional`.
const OLD_HOURS: [&str; 4] = ["day_on", "day_off", "hour_on", "hour_off"];

/// Returns the words of a turn restriction that holds at some hours only.
pub fn restriction_at_hours<'a>(tags: Tags<'a>) -> Option<&'a str> {
    if !tags.is("type", &["restriction"]) {
        return None;
    }
    let conditional = |(key, words): &(&str, &'a str)| {
        (key.starts_with("restriction:") && key.ends_with(":conditional")).then_some(*words)
    };
    let old = || OLD_HOURS.iter().any(|key| tags.get(key).is_some()).then(|| tags.get("restriction")).flatten();
    tags.0.iter().find_map(conditional).or_else(old)
}

/// Returns whether something about who may use a way holds at some hours only.
pub fn at_hours(tags: Tags<'_>) -> bool {
    tags.0.iter().any(|(key, _)| key.ends_with(":conditional"))
}

/// Returns whether a turn restriction is an `only_…`, and whom it binds; `None` when it is no restriction that always holds.
pub fn restriction(tags: Tags<'_>) -> Option<(bool, ProfileSet)> {
    if !tags.is("type", &["restriction"]) || OLD_HOURS.iter().any(|key| tags.get(key).is_some()) {
        return None;
    }
    let bound = ProfileSet::NONE.with(Profile::Car).with(Profile::Truck);
    let (rule, binds) = [
        ("restriction", bound),
        ("restriction:motorcar", ProfileSet::one(Profile::Car)),
        ("restriction:hgv", ProfileSet::one(Profile::Truck)),
        ("restriction:foot", ProfileSet::one(Profile::Foot)),
    ]
    .into_iter()
    .find_map(|(key, binds)| Some((tags.get(key)?, binds)))?;
    let excepted: ProfileSet = tags.get("except").unwrap_or_default().split(';').flat_map(excepted).collect();
    let binds = Profile::ALL.iter().copied().filter(|p| binds.has(*p) && !excepted.has(*p)).collect();
    let known = rule.starts_with("no_") || rule.starts_with("only_");
    (known && binds != ProfileSet::NONE).then_some((rule.starts_with("only_"), binds))
}

fn excepted(word: &str) -> impl Iterator<Item = Profile> {
    let set = match word.trim() {
        "motorcar" => ProfileSet::one(Profile::Car),
        "hgv" | "goods" => ProfileSet::one(Profile::Truck),
        "motor_vehicle" | "vehicle" => ProfileSet::MOTOR,
        "foot" => ProfileSet::one(Profile::Foot),
        "emergency" => ProfileSet::one(Profile::Emergency),
        _ => ProfileSet::NONE,
    };
    Profile::ALL.iter().copied().filter(move |p| set.has(*p))
}
