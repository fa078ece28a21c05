//! Tags → what is drawn and what can be looked for. Which roads can be used is [`crate::network::rules`]'s question.

use crate::network::rules::Tags;
use crate::network::{Layer, PlaceKind};

/// What a thing is on the base map: its layer and class, and whether a closed way of it is an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drawn<'a> {
    pub(super) layer: Layer,
    pub(super) class: &'a str,
    pub(super) area: bool,
}

/// Returns how a way or a relation of the kind of an area is drawn; `None` when it is not.
pub(super) fn drawn<'a>(tags: Tags<'a>) -> Option<Drawn<'a>> {
    let of = |layer, class, area| Some(Drawn { layer, class, area });
    if let Some(natural) = tags.get("natural") {
        match natural {
            "water" | "bay" | "strait" => return of(Layer::Water, "lake", true),
            "wood" | "scrub" | "heath" | "grassland" | "wetland" | "tree_row" => {
                return of(Layer::Green, natural, natural != "tree_row");
            }
            _ => {}
        }
    }
    if let Some(waterway) = tags.get("waterway") {
        match waterway {
            "riverbank" | "dock" => return of(Layer::Water, "river", true),
            "river" | "canal" | "stream" | "ditch" | "drain" | "tidal_channel" => {
                return of(Layer::Water, waterway, false);
            }
            _ => {}
        }
    }
    if let Some(landuse) = tags.get("landuse") {
        match landuse {
            "reservoir" | "basin" | "salt_pond" | "aquaculture" => return of(Layer::Water, landuse, true),
            "grass" | "forest" | "meadow" | "orchard" | "village_green" | "recreation_ground" | "cemetery"
            | "allotments" | "vineyard" | "plant_nursery" | "farmland" | "greenfield" | "flowerbed" => {
                return of(Layer::Green, landuse, true);
            }
            _ => {}
        }
    }
    if let Some(leisure) = tags.get("leisure") {
        match leisure {
            "park" | "garden" | "nature_reserve" | "golf_course" | "pitch" | "playground" | "common" => {
                return of(Layer::Green, leisure, true);
            }
            "swimming_pool" => return of(Layer::Water, leisure, true),
            _ => {}
        }
    }
    if let Some(railway) = tags.get("railway") {
        match railway {
            "rail" | "subway" | "light_rail" | "tram" | "monorail" | "narrow_gauge" => {
                return of(Layer::Rail, railway, false);
            }
            _ => {}
        }
    }
    if tags.get("building").is_some_and(|building| building != "no") {
        return of(Layer::Building, "building", true);
    }
    if tags.get("boundary") == Some("administrative") {
        let level = tags.get("admin_level").filter(|level| matches!(*level, "2" | "4" | "5" | "6" | "7" | "8"))?;
        return of(Layer::Boundary, level, false);
    }
    if tags.get("route") == Some("ferry") {
        return of(Layer::Road, "ferry", false);
    }
    match tags.get("highway") {
        Some("construction" | "proposed" | "platform" | "elevator" | "abandoned" | "razed") | None => None,
        Some(highway) => of(Layer::Road, highway, highway == "pedestrian" && tags.get("area") == Some("yes")),
    }
}

/// Returns whether a relation's members make an area.
pub(super) fn is_area(tags: Tags<'_>) -> bool {
    matches!(tags.get("type"), Some("multipolygon"))
}

/// Returns what name a thing goes by when it is looked for; `None` when nobody would look for it. Roads are told apart by
/// their own tag and are not here.
pub(super) fn known_as<'a>(tags: Tags<'a>) -> Option<(PlaceKind, &'a str)> {
    if let Some(place) = tags.get("place") {
        let settled = [
            "city",
            "borough",
            "town",
            "suburb",
            "quarter",
            "village",
            "hamlet",
            "neighbourhood",
            "isolated_dwelling",
            "island",
            "district",
        ];
        if settled.contains(&place) {
            return Some((PlaceKind::Settlement, place));
        }
    }
    let keys = [
        "amenity",
        "shop",
        "tourism",
        "leisure",
        "office",
        "railway",
        "public_transport",
        "aeroway",
        "historic",
        "healthcare",
        "emergency",
        "natural",
        "man_made",
        "landuse",
        "building",
    ];
    let dull = [
        "yes",
        "bench",
        "waste_basket",
        "tree",
        "parking_space",
        "bicycle_parking",
        "street_lamp",
        "rail",
        "subway",
        "construction",
    ];
    keys.iter()
        .find_map(|key| tags.get(key))
        .filter(|class| !dull.contains(class))
        .map(|class| (PlaceKind::Point, class))
}

/// Settlements and landmarks whose name is written on the map.
pub(super) fn is_label(kind: PlaceKind, class: &str) -> bool {
    let landmarks = [
        "hospital",
        "school",
        "university",
        "college",
        "station",
        "stadium",
        "fire_station",
        "police",
        "townhall",
        "park",
        "aerodrome",
    ];
    kind == PlaceKind::Settlement || landmarks.contains(&class)
}

/// Returns the name of a thing: Chinese first, whatever else there is after that.
pub(super) fn name<'a>(tags: Tags<'a>) -> Option<&'a str> {
    let named = ["name:zh-Hans", "name:zh", "name", "official_name", "ref"].iter().find_map(|key| tags.get(key));
    named.map(str::trim).filter(|name| !name.is_empty() && name.chars().count() <= 120)
}

/// Returns the English name of a thing.
pub(super) fn name_en<'a>(tags: Tags<'a>) -> &'a str {
    tags.get("name:en").map(str::trim).filter(|name| name.chars().count() <= 120).unwrap_or_default()
}
