//! Rescue teams: who can be sent, with what, and how ready they are.

use super::LonLat;
use super::words::words;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// Category of a team.
    TeamCategory {
        Fire = "fire", "综合性消防救援", "fire and rescue";
        Professional = "professional", "专业队伍", "professional";
        Militia = "militia", "民兵", "militia";
        Town = "town", "街镇队伍", "town";
        Social = "social", "社会救援力量", "volunteer";
        Expert = "expert", "应急专家", "experts";
    }
}

words! {
    /// How ready a team is.
    Readiness {
        Standby = "standby", "待命", "standby";
        Dispatched = "dispatched", "已出发", "dispatched";
        Engaged = "engaged", "正在参与", "engaged";
    }
}

words! {
    /// What a team can do.
    Capability {
        FloodRescue = "flood_rescue", "防汛抢险", "flood rescue";
        WaterRescue = "water_rescue", "水域救援", "water rescue";
        ForestFire = "forest_fire", "森林防火", "forest-fire fighting";
        FireFighting = "fire_fighting", "灭火救援", "fire-fighting";
        Medical = "medical", "医疗救护", "medical";
        Collapse = "collapse", "建筑坍塌救援", "collapse rescue";
        Hazmat = "hazmat", "危化品处置", "hazmat";
        Drainage = "drainage", "排涝", "drainage";
        PowerRepair = "power_repair", "电力抢修", "power repair";
        RoadRepair = "road_repair", "道路抢通", "road clearance";
        Communication = "communication", "应急通信", "communication";
        Drone = "drone", "无人机勘察", "drone survey";
        Transport = "transport", "运输", "transport";
        Evacuation = "evacuation", "人员转移", "evacuation";
        Psychology = "psychology", "心理援助", "counselling";
    }
}

/// Equipment that a team brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equipment {
    /// Name of the item.
    pub name: String,
    /// How many; `None` when nobody has counted.
    #[serde(default)]
    pub quantity: Option<u32>,
}

/// Where a team was last seen, with its time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrackPoint {
    /// Where.
    pub position: LonLat,
    /// When.
    pub observed_at: DateTime<Utc>,
}

/// What only a team has. Its base is the resource's own place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Team {
    /// Category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<TeamCategory>,
    /// What it can do; `None` means nobody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<BTreeSet<Capability>>,
    /// People.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headcount: Option<u32>,
    /// What it brings; `None` when there is no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipment: Option<Vec<Equipment>>,
    /// How ready it is; `None` means nobody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Readiness>,
    /// Where it was last seen, when that is not its base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<TrackPoint>,
}
