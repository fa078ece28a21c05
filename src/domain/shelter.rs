//! Emergency shelters 应急避难场所: classes (GB/T 44013-2024), places and state.

use super::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// Whether the shelter stands always or is set up for an event (《临时应急避难场所设置管理办法》).
    Standing {
        Permanent = "permanent", "常设", "permanent";
        Temporary = "temporary", "临时", "temporary";
    }
}

words! {
    /// Length of stay that the shelter is made for.
    Duration {
        Emergency = "emergency", "紧急（≤1天）", "emergency (up to 1 day)";
        Short = "short", "短期（2–14天）", "short term (2–14 days)";
        Long = "long", "长期（15–180天）", "long term (15–180 days)";
    }
}

words! {
    /// Under a roof or not.
    Space {
        Indoor = "indoor", "室内", "indoor";
        Outdoor = "outdoor", "室外", "outdoor";
        Both = "both", "室内外兼有", "indoor and outdoor";
    }
}

words! {
    /// Overall function class.
    Function {
        Comprehensive = "comprehensive", "综合性", "comprehensive";
        Single = "single", "单一性", "single-purpose";
        Special = "special", "特定", "special";
    }
}

words! {
    /// Kinds of event.
    Hazard {
        Flood = "flood", "洪水", "flood";
        Waterlogging = "waterlogging", "内涝", "inland flooding";
        Rainstorm = "rainstorm", "暴雨", "rainstorm";
        Typhoon = "typhoon", "台风", "typhoon";
        StormSurge = "storm_surge", "风暴潮", "storm surge";
        Earthquake = "earthquake", "地震", "earthquake";
        Landslide = "landslide", "地质灾害", "landslide";
        Tsunami = "tsunami", "海啸", "tsunami";
        Volcano = "volcano", "火山", "volcanic event";
        Fire = "fire", "火灾", "fire";
        ForestFire = "forest_fire", "森林火灾", "forest fire";
        ColdWave = "cold_wave", "低温雨雪", "cold wave";
        HeatWave = "heat_wave", "高温", "heat wave";
        Hazmat = "hazmat", "危化品事故", "hazardous release";
        Epidemic = "epidemic", "公共卫生事件", "public-health event";
        AirRaid = "air_raid", "人防", "air raid";
    }
}

words! {
    /// What a shelter offers.
    Facility {
        Bedding = "bedding", "宿住", "beds";
        Water = "water", "供水", "water";
        Power = "power", "供电", "power";
        Toilet = "toilet", "厕所", "toilets";
        Shower = "shower", "淋浴", "showers";
        Kitchen = "kitchen", "餐饮", "kitchen";
        Medical = "medical", "医疗", "medical point";
        Communication = "communication", "通信", "communication";
        Lighting = "lighting", "照明", "lighting";
        Broadcast = "broadcast", "广播", "broadcast";
        Heating = "heating", "采暖", "heating";
        Cooling = "cooling", "制冷", "cooling";
        Nursery = "nursery", "母婴", "mother-and-baby room";
        Supplies = "supplies", "物资储备", "supplies";
        FireFighting = "fire_fighting", "消防", "fire-fighting";
        Parking = "parking", "停车", "parking";
        Helipad = "helipad", "停机坪", "helipad";
        Command = "command", "指挥管理", "command post";
    }
}

words! {
    /// State of a shelter in an event.
    Status {
        Closed = "closed", "未开放", "closed";
        Preparing = "preparing", "准备中", "preparing";
        Open = "open", "已开放", "open";
        Full = "full", "已满", "full";
        Closing = "closing", "关闭中", "closing";
    }
}

words! {
    /// What a capacity figure is worth.
    CapacityQuality {
        Stated = "stated", "公布值", "stated";
        Derived = "derived", "推算值", "derived";
        Unknown = "unknown", "未知", "unknown";
    }
}

/// How many people fit, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "quality", content = "persons", rename_all = "snake_case")]
pub enum Capacity {
    /// Nobody has said.
    #[default]
    Unknown,
    /// Published by the responsible unit.
    Stated(u32),
    /// Worked out from an area or the like, and marked so.
    Derived(u32),
}

impl Capacity {
    /// Returns the number of people, `None` when unknown.
    pub const fn persons(self) -> Option<u32> {
        match self {
            Self::Unknown => None,
            Self::Stated(n) | Self::Derived(n) => Some(n),
        }
    }

    /// Returns what the figure is worth.
    pub const fn quality(self) -> CapacityQuality {
        match self {
            Self::Unknown => CapacityQuality::Unknown,
            Self::Stated(_) => CapacityQuality::Stated,
            Self::Derived(_) => CapacityQuality::Derived,
        }
    }
}

/// Places that are taken, in persons. `None` means never reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Occupancy {
    /// People inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupied: Option<u32>,
    /// Places promised to people on their way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved: Option<u32>,
    /// Places that can not be used (damage, other use).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<u32>,
    /// More people than places was seen and confirmed, not mistyped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub over_capacity: bool,
}

impl Occupancy {
    /// Returns the places known to be taken.
    pub fn taken(self) -> u64 {
        [self.occupied, self.reserved, self.blocked].into_iter().flatten().map(u64::from).sum()
    }
}

/// What only a shelter has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shelter {
    /// 常设 or 临时.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Length of stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// Under a roof or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space: Option<Space>,
    /// Function class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Function>,
    /// Hazards it suits; `None` means nobody has said, an empty set means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazards: Option<BTreeSet<Hazard>>,
    /// Effective sheltering area 有效避难面积, square metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_m2: Option<f64>,
    /// How many people fit.
    pub capacity: Capacity,
    /// What it offers; `None` means nobody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facilities: Option<BTreeSet<Facility>>,
    /// Step-free for wheelchairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessible: Option<bool>,
    /// Takes pets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pets: Option<bool>,
    /// Places taken.
    pub occupancy: Occupancy,
    /// State in an event; `None` means nobody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Shanghai's older class Ⅰ/Ⅱ/Ⅲ, beside the national level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_class: Option<String>,
}

impl Shelter {
    /// Returns capacity − occupied − reserved − blocked, never below zero; `None` when the capacity is unknown.
    ///
    /// Counts that were never reported take no places; whether the occupancy was ever reported is told apart by
    /// [`Occupancy::occupied`], and every answer carries its age.
    pub fn free_places(&self) -> Option<u32> {
        let capacity = u64::from(self.capacity.persons()?);
        Some(u32::try_from(capacity.saturating_sub(self.occupancy.taken())).unwrap_or(u32::MAX))
    }
}
