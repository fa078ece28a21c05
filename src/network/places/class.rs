//! What the map's own words for classes mean.

use crate::network::graph::RoadClass;

/// Words of OpenStreetMap tags that a district's map has often, in Chinese and English.
const CLASSES: &[(&str, &str, &str)] = &[
    ("city", "城市", "city"),
    ("district", "区", "district"),
    ("borough", "区", "borough"),
    ("town", "镇", "town"),
    ("suburb", "街道", "suburb"),
    ("quarter", "片区", "quarter"),
    ("village", "村", "village"),
    ("hamlet", "自然村", "hamlet"),
    ("neighbourhood", "小区", "neighbourhood"),
    ("island", "岛", "island"),
    ("hospital", "医院", "hospital"),
    ("clinic", "诊所", "clinic"),
    ("pharmacy", "药店", "pharmacy"),
    ("school", "学校", "school"),
    ("kindergarten", "幼儿园", "kindergarten"),
    ("university", "大学", "university"),
    ("college", "学院", "college"),
    ("library", "图书馆", "library"),
    ("museum", "博物馆", "museum"),
    ("station", "车站", "station"),
    ("halt", "车站", "halt"),
    ("platform", "站台", "platform"),
    ("bus_station", "公交枢纽", "bus station"),
    ("bus_stop", "公交站", "bus stop"),
    ("ferry_terminal", "轮渡站", "ferry terminal"),
    ("aerodrome", "机场", "airport"),
    ("stadium", "体育场", "stadium"),
    ("sports_centre", "体育中心", "sports centre"),
    ("pitch", "运动场", "pitch"),
    ("park", "公园", "park"),
    ("garden", "花园", "garden"),
    ("fire_station", "消防站", "fire station"),
    ("police", "派出所", "police"),
    ("townhall", "政府", "town hall"),
    ("government", "机关", "government office"),
    ("community_centre", "社区中心", "community centre"),
    ("place_of_worship", "宗教场所", "place of worship"),
    ("bank", "银行", "bank"),
    ("fuel", "加油站", "fuel station"),
    ("parking", "停车场", "car park"),
    ("restaurant", "餐馆", "restaurant"),
    ("fast_food", "快餐", "fast food"),
    ("cafe", "咖啡馆", "café"),
    ("hotel", "酒店", "hotel"),
    ("supermarket", "超市", "supermarket"),
    ("convenience", "便利店", "convenience store"),
    ("mall", "商场", "mall"),
    ("marketplace", "市场", "market"),
    ("toilets", "公共厕所", "toilets"),
    ("attraction", "景点", "attraction"),
    ("residential", "住宅区", "residential area"),
    ("industrial", "工业区", "industrial area"),
    ("commercial", "商务区", "commercial area"),
    ("retail", "商业区", "shopping area"),
    ("apartments", "住宅楼", "apartments"),
    ("peak", "山峰", "peak"),
    ("water", "水域", "water"),
];

/// Returns what a class of a settlement or a point of interest is called, Chinese and English.
pub fn class_words(class: &str) -> Option<(&'static str, &'static str)> {
    CLASSES.iter().find(|(word, _, _)| *word == class).map(|(_, zh, en)| (*zh, *en))
}

/// Returns what a class of a street is called.
pub fn street_words(class: &str) -> Option<(&'static str, &'static str)> {
    RoadClass::from_word(class).map(|class| (class.zh(), class.en()))
}
