//! What a field is called by people: Chinese and English name, and its unit. Exports explain themselves with it, templates
//! take their headers from it, the import wizard shows it, and sentences about what is wrong name it.
//!
//! Invariant: the Chinese name of a field that a template asks for is a header that the importer reads as that field.

/// A field in people's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Name on the wire.
    pub name: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// Unit or form of its numbers; empty where it has none.
    pub unit: &'static str,
}

const fn label(name: &'static str, zh: &'static str, en: &'static str, unit: &'static str) -> Label {
    Label { name, zh, en, unit }
}

const LABELS: &[Label] = &[
    label("id", "资源id", "id", ""),
    label("kind", "资源类型", "kind", ""),
    label("code", "编码", "code", ""),
    label("name", "名称", "name", ""),
    label("name_en", "英文名称", "English name", ""),
    label("lon", "经度", "longitude", "度 / degrees"),
    label("lat", "纬度", "latitude", "度 / degrees"),
    label("division", "行政区划代码", "division code", "12 位 / 12 digits"),
    label("address", "地址", "address", ""),
    label("level", "级别", "level", ""),
    label("lifecycle", "使用状态", "lifecycle", ""),
    label("visibility", "公开范围", "visibility", ""),
    label("standing", "设置类型", "permanent or temporary", ""),
    label("duration", "避难时长", "length of stay", ""),
    label("space", "空间类型", "indoor or outdoor", ""),
    label("function", "总体功能", "function class", ""),
    label("hazards", "适用灾种", "hazards it suits", ""),
    label("tier", "储备层级", "storage tier", ""),
    label("area_m2", "面积（平方米）", "area", "m²"),
    label("volume_m3", "有效库容（立方米）", "usable volume", "m³"),
    label("capacity", "可容纳人数", "capacity", "人 / persons"),
    label("capacity_quality", "容量来源", "what the capacity is worth", ""),
    label("facilities", "设施设备", "facilities", ""),
    label("accessible", "无障碍", "step-free", ""),
    label("pets", "可携宠物", "takes pets", ""),
    label("occupied", "已容纳人数", "people inside", "人 / persons"),
    label("reserved", "预留人数", "places promised", "人 / persons"),
    label("blocked", "不可用人数", "places out of use", "人 / persons"),
    label("over_capacity", "超员确认", "over capacity confirmed", ""),
    label("status", "开放状态", "status", ""),
    label("legacy_class", "上海类别", "older Shanghai class", ""),
    label("stock", "物资清单", "stock", "JSON"),
    label("category", "队伍类型", "team category", ""),
    label("capabilities", "救援能力", "capabilities", ""),
    label("headcount", "人员数量", "headcount", "人 / persons"),
    label("equipment", "装备清单", "equipment", "JSON"),
    label("readiness", "备勤状态", "readiness", ""),
    label("current", "当前位置", "current position", "JSON"),
    label("class", "地点类别", "class of site", ""),
    label("administration_department", "管理部门", "administration department", ""),
    label("management_unit", "管理单位", "management unit", ""),
    label("operation_unit", "运维单位", "operation and maintenance unit", ""),
    label("contacts", "联系人", "contacts", "JSON"),
    label("source", "数据来源", "source", ""),
    label("remarks", "备注", "remarks", ""),
    label("synthetic", "演示数据", "invented for demonstration", ""),
    label("observed_at", "核验时间", "observed at", "RFC 3339"),
    label("verifier", "核验人", "verifier", ""),
    label("geometry", "范围", "area on the ground", "GeoJSON"),
    label("declared", "来源坐标", "numbers as the source gave them", "JSON"),
    label("population", "人口", "population", "人 / persons"),
];

/// Returns what people call a field; a name outside the lists stands for itself.
pub fn label_of(name: &'static str) -> Label {
    LABELS.iter().find(|l| l.name == name).copied().unwrap_or(label(name, name, name, ""))
}

/// Names inside lists and objects, which are no fields of their own.
const PARTS: &[(&str, &str)] = &[
    ("quantity", "数量"),
    ("unit", "单位"),
    ("phone", "电话"),
    ("role", "职务"),
    ("expires_on", "有效期"),
    ("category", "类别"),
    ("at", "时间"),
    ("every_s", "更新间隔（秒）"),
    ("mapping", "列对应"),
    ("datum", "坐标系"),
    ("scope", "管辖范围"),
    ("credentials", "凭证"),
];

/// Returns a field as a Chinese sentence names it, in quotation marks: `stock[2].quantity` is “物资清单第 3 项的数量”. A name
/// that nobody gave words to stands for itself.
pub fn named(path: &str) -> String {
    let words: Vec<String> = path.split('.').map(part).collect();
    format!("“{}”", words.join("的"))
}

fn part(part: &str) -> String {
    let (name, index) = match part.strip_suffix(']').and_then(|part| part.rsplit_once('[')) {
        Some((name, index)) => (name, index.parse::<usize>().ok()),
        None => (part, None),
    };
    let label = LABELS.iter().find(|label| label.name == name).map(|label| label.zh);
    let inside = PARTS.iter().find(|(known, _)| *known == name).map(|(_, zh)| *zh);
    let words = label.or(inside).unwrap_or(name);
    index.map_or_else(|| words.to_owned(), |index| format!("{words}第 {} 项", index + 1))
}
