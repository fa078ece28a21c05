//! Material stores: warehouses and the three-tier storage points 区 / 街镇 / 居村.

use super::words::words;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

words! {
    /// Tier of the three-tier supplies system.
    Tier {
        District = "1", "区级", "tier 1 (district)";
        Town = "2", "街镇级", "tier 2 (town)";
        Village = "3", "居村级", "tier 3 (village)";
    }
}

words! {
    /// How a reserve is held.
    ReserveMode {
        Physical = "physical", "实物储备", "physical";
        Agreement = "agreement", "协议储备", "by agreement";
        Production = "production", "产能储备", "production capacity";
    }
}

/// One line of stock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockLine {
    /// 7-digit code of GB/T 38565-2020, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Name of the item.
    pub name: String,
    /// How much; `None` when nobody has counted.
    #[serde(default)]
    pub quantity: Option<f64>,
    /// Unit of the quantity, e.g. 件, 顶, 台.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Last day of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// How it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_mode: Option<ReserveMode>,
}

/// What only a warehouse or storage point has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Storage {
    /// Tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Usable volume 有效库容, cubic metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_m3: Option<f64>,
    /// Floor area, square metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_m2: Option<f64>,
    /// What is in it; `None` when there is no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<Vec<StockLine>>,
}
