//! Other places that matter in an event.

use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// Class of a site.
    SiteClass {
        FireStation = "fire_station", "消防站", "fire station";
        Hospital = "hospital", "医院", "hospital";
        WaterSource = "water_source", "水源地", "water source";
        Watchtower = "watchtower", "瞭望塔", "watchtower";
        Helipad = "helipad", "停机坪", "helipad";
        KeyUnit = "key_unit", "灾害防御重点单位", "key unit for disaster prevention";
        HazardSource = "hazard_source", "危险源", "hazard source";
        Other = "other", "其他", "other";
    }
}

/// What only a site has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// Class; `None` means nobody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<SiteClass>,
}
