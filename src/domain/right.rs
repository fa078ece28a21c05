//! Rights that are not about one change in the journal: who may edit at all, import, answer, look back, keep feeds
//! and accounts.
//!
//! Invariant: [`may`] is pure. What a change of the journal needs is asked of [`super::permit`], each time anew: a right
//! to import is no right to import into another town, and who may edit resources somewhere may not do so everywhere.

use super::words::words;
use super::{Actor, Denial, Role};

words! {
    /// What somebody may do, whatever the change: a page offers by it.
    Right {
        SeeStaffData = "see_staff_data", "查看内部数据", "see what only staff may see";
        EditResources = "edit_resources", "修改资源资料", "edit resources";
        Import = "import", "导入文件", "import files";
        AnswerReports = "answer_reports", "答复纠错", "answer reports";
        CloseRoads = "close_roads", "封控道路", "close roads";
        KeepFeeds = "keep_feeds", "管理自动更新源", "keep feeds";
        KeepSettings = "keep_settings", "管理设置", "keep settings";
        KeepAccounts = "keep_accounts", "管理账号与令牌", "keep accounts and tokens";
    }
}

/// Returns whether `actor` has a right; a denial names the missing one.
pub fn may(actor: &Actor, right: Right) -> Result<(), Denial> {
    let has = match right {
        Right::SeeStaffData => actor.role != Role::Public,
        Right::EditResources => matches!(actor.role, Role::Editor | Role::Steward | Role::Admin),
        Right::Import => matches!(actor.role, Role::Editor | Role::Planner | Role::Steward | Role::Admin),
        Right::AnswerReports => {
            matches!(actor.role, Role::Editor | Role::Dispatcher | Role::Steward | Role::Admin)
        }
        Right::CloseRoads => {
            matches!(actor.role, Role::Dispatcher | Role::Reporter | Role::Steward | Role::Admin)
        }
        Right::KeepFeeds => matches!(actor.role, Role::Steward | Role::Admin),
        // Settings hold for everybody, so nobody whose role ends at a town's border may turn them.
        Right::KeepSettings => matches!(actor.role, Role::Steward | Role::Admin) && actor.scope.is_none(),
        Right::KeepAccounts => actor.role == Role::Admin,
    };
    if has {
        Ok(())
    } else {
        Err(Denial::lacking(actor, if actor.role == Role::Public { "sign_in" } else { right.word() }))
    }
}
