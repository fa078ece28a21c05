//! What can be said of one row of a file that is to be imported.
//!
//! Invariant: a row has exactly one class, so that the classes add up to the rows; flags are warnings beside it, any
//! number of them, and never keep a row from being taken.

use super::words::words;

words! {
    /// What a row would do.
    RowClass {
        New = "new", "新增", "new";
        Changed = "changed", "变更", "changed";
        Same = "same", "相同", "the same";
        Refused = "refused", "拒绝", "refused";
    }
}

words! {
    /// What somebody should look at before the row is taken.
    RowFlag {
        PossibleDuplicate = "possible_duplicate", "疑似重复", "possible duplicate";
        StackedPin = "stacked_pin", "坐标堆叠", "stacked pin";
        OutsideItsDivision = "outside_its_division", "不在所属区划内", "outside its division";
        OutsideDistrict = "outside_district", "不在本区范围内", "outside the district";
    }
}
