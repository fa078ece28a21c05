//! Maneuvers as sentences, Chinese and English.
//!
//! Invariant: a road is called what its sign says. The English sentence has the map's own English name where there is one,
//! with the Chinese one behind it, for that is what stands on the sign and what people on the way know; where there is none it
//! has the Chinese name alone, and nothing is romanised (`src/network/names.rs`).

use super::{Maneuver, ManeuverKind};
use crate::network::cost::Centimetres;
use crate::network::graph::{RoadClass, Way};

impl Maneuver {
    /// Returns the instruction in Chinese: 左转进入 新松江路，行 350 米.
    pub fn zh(&self) -> String {
        use ManeuverKind::*;
        let road = self.road(RoadClass::zh, &self.name);
        let what = match self.kind {
            Arrive => {
                return format!("到达目的地{}", self.side.map_or(String::new(), |s| format!("，在道路{}", s.zh())));
            }
            Depart => format!("沿{road}出发"),
            Continue => format!("继续走，进入{road}"),
            Ferry | Steps => format!("{}{}", self.kind.zh(), spaced(&self.name)),
            Roundabout => match self.exit {
                Some(exit) => format!("进入环岛，第 {} 出口驶入{road}", exit.max(1)),
                None => format!("进入环岛{}", spaced(&self.name)),
            },
            UTurn => format!("掉头，沿{road}"),
            turn => format!("{}进入{road}", turn.zh()),
        };
        let over = match (self.passes & Way::BRIDGE != 0, self.passes & Way::TUNNEL != 0) {
            (true, true) => "（经桥梁、隧道）",
            (true, false) => "（经桥梁）",
            (false, true) => "（经隧道）",
            (false, false) => "",
        };
        format!("{what}{over}，行 {}", shown(self.length, ["米", "公里"]))
    }

    /// Returns the instruction in English: Turn left onto Xinsongjiang Road 新松江路, 350 m.
    pub fn en(&self) -> String {
        use ManeuverKind::*;
        let name = match (&self.name, &self.name_en) {
            (name, english) if english.is_empty() || name == english => name.clone(),
            (name, english) => format!("{english} {name}"),
        };
        let road = self.road(RoadClass::en, &name);
        let what = match self.kind {
            Arrive => {
                return self.side.map_or("Arrive".to_owned(), |s| format!("Arrive, on the {}", s.en()));
            }
            Depart => format!("Set out along{road}"),
            Ferry | Steps => format!("{}{}", self.kind.en(), spaced(&name)),
            Roundabout => match self.exit {
                Some(exit) => format!("Enter the roundabout, exit {} onto{road}", exit.max(1)),
                None => format!("Enter the roundabout{}", spaced(&name)),
            },
            turn => format!("{} onto{road}", turn.en()),
        };
        let over = match (self.passes & Way::BRIDGE != 0, self.passes & Way::TUNNEL != 0) {
            (true, true) => " (by bridge and tunnel)",
            (true, false) => " (over a bridge)",
            (false, true) => " (through a tunnel)",
            (false, false) => "",
        };
        format!("{what}{over}, {}", shown(self.length, ["m", "km"]))
    }

    /// Returns the name of the road, or else its class, after a space.
    fn road(&self, class: impl Fn(RoadClass) -> &'static str, name: &str) -> String {
        if name.is_empty() { self.class.map_or(String::new(), |c| format!(" {}", class(c))) } else { spaced(name) }
    }
}

fn spaced(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" {name}") }
}

/// Returns a length as it is told on the road: to a metre, to ten from 100 m on, to 0.1 km from 1 km on.
fn shown(length: Centimetres, [metre, kilometre]: [&str; 2]) -> String {
    let m = length.as_metres().round() as u32;
    match m {
        0..100 => format!("{m} {metre}"),
        100..995 => format!("{} {metre}", (m + 5) / 10 * 10),
        _ => format!("{:.1} {kilometre}", f64::from(m) / 1000.0),
    }
}
