//! When two names are the same place's, and when they only look like it.

use bihu::service::import::names::{Prefixes, alike, folded};

use crate::house::House;

#[tokio::test]
async fn what_kind_of_place_it_is_and_which_town_it_is_in_are_no_part_of_a_name() {
    let house = House::demo().await;
    let prefixes = Prefixes::of(&house.app.world());
    for name in ["松江区佘山镇第一中学应急避难场所", "佘山第一中学（避难所）", "第一中学", "第一中学　避难场所"]
    {
        assert_eq!(prefixes.name(name), "第一中学", "{name}");
    }
    // What would be nothing is left whole.
    assert_eq!(prefixes.name("佘山镇"), "佘山镇");
    assert_eq!(prefixes.name("避难所"), "避难所");
    assert_eq!(prefixes.address(Some("松江区佘山镇桂林路１２号")).as_deref(), Some("桂林路12号"));
    assert_eq!(prefixes.address(Some("佘山镇桂林路")), None);
}

#[test]
fn similar_names_agree_in_their_numbers() {
    assert!(alike("桂林中学", "桂林中学操场"));
    assert!(alike("青禾文体活动中心", "青禾文化体活动中心"));
    assert!(!alike("第一小学", "第二小学"));
    assert!(!alike("桂林小学1号楼", "桂林小学2号楼"));
    assert!(!alike("体育馆", "桂林第三中学体育馆"));
    assert!(!alike("公园", "公园里"));
    assert_eq!(folded("Ａ楼 (东)"), "a楼东");
}
