//! Who asks, what they may see and change.
//!
//! Invariant: [`permit`] is pure and looks at both sides of a change: nobody moves a thing out of, or into, a division
//! that is not theirs.

use super::words::words;
use super::{Change, Correction, Detail, DivisionCode, Edit, Field, Resource};

words! {
    /// Roles, from least to most.
    Role {
        Public = "public", "公众", "public";
        Reporter = "reporter", "灾害信息员", "information officer";
        Editor = "editor", "编辑", "editor";
        Dispatcher = "dispatcher", "调度员", "dispatcher";
        Planner = "planner", "规划员", "planner";
        Steward = "steward", "数据管理员", "data steward";
        Admin = "admin", "管理员", "administrator";
    }
}

words! {
    /// Whose eyes an answer is for.
    Audience {
        Public = "public", "公众", "public";
        Staff = "staff", "内部人员", "staff";
    }
}

/// Somebody who asks: a name for the journal, a role, and the division that bounds it (`None`: the whole store).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Name written in the journal.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Division within which the role holds.
    pub scope: Option<DivisionCode>,
}

impl Actor {
    /// Returns the actor for a request without credentials.
    pub fn public() -> Self {
        Self { name: "public".to_owned(), role: Role::Public, scope: None }
    }

    /// Returns whose eyes this is.
    pub fn audience(&self) -> Audience {
        if self.role == Role::Public { Audience::Public } else { Audience::Staff }
    }
}

/// Why a change is not allowed: which right is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The right that would be needed, a stable word.
    pub missing: &'static str,
    /// One Chinese sentence.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Denial {
    /// A denial that names the right which an actor lacks.
    pub fn lacking(actor: &Actor, missing: &'static str) -> Self {
        let (role_zh, role) = (actor.role.zh(), actor.role.en());
        let (zh, en) = match (missing, &actor.scope) {
            ("sign_in", _) => ("请先登录".to_owned(), "sign in first".to_owned()),
            ("scope", Some(scope)) => (
                format!("没有权限：超出{role_zh}的管辖范围 {scope}（缺少 scope）"),
                format!("not permitted: outside {scope}, which bounds this {role}: missing right `scope`"),
            ),
            _ => (
                format!("没有权限：{role_zh}（缺少 {missing}）"),
                format!("not permitted as {role}: missing right `{missing}`"),
            ),
        };
        Self { missing, zh, en }
    }
}

/// Returns whether `actor` may make `change`; a denial names the missing right.
pub fn permit(actor: &Actor, change: &Change) -> Result<(), Denial> {
    let right = match (actor.role, change) {
        // Anyone may say that the map is wrong; what is made of it is another matter.
        (_, Change::Correction(edit)) if is_report(edit) => return Ok(()),
        (Role::Public, _) => Err("sign_in"),
        (Role::Admin | Role::Steward, _) => Ok(()),
        (Role::Editor, Change::Resource(_)) => Ok(()),
        (Role::Dispatcher | Role::Reporter, Change::Resource(edit)) if only_live_fields(edit) => Ok(()),
        (Role::Planner, Change::Demand(_)) => Ok(()),
        (Role::Editor | Role::Dispatcher, Change::Correction(edit))
            if edit.before.is_some() && edit.after.is_some() =>
        {
            Ok(())
        }
        (Role::Dispatcher | Role::Reporter, Change::Closure(_)) => Ok(()),
        (_, Change::Resource(_)) => Err("edit_resources"),
        (_, Change::Division(_)) => Err("edit_divisions"),
        (_, Change::Demand(_)) => Err("edit_demand"),
        (_, Change::Correction(_)) => Err("answer_reports"),
        (_, Change::Closure(_)) => Err("close_roads"),
    };
    let right = right.and_then(|()| if in_scope(actor, change) { Ok(()) } else { Err("scope") });
    right.map_err(|missing| Denial::lacking(actor, missing))
}

/// Returns whether an edit is a new report that waits for its answer.
fn is_report(edit: &Edit<Correction>) -> bool {
    edit.before.is_none() && edit.after.as_ref().is_some_and(|c| c.is_open() && c.reply.is_none())
}

fn in_scope(actor: &Actor, change: &Change) -> bool {
    let Some(scope) = &actor.scope else { return true };
    let inside = |code: Option<&DivisionCode>| code.is_some_and(|c| scope.contains(c));
    match change {
        Change::Resource(e) => sides(e).all(|r| inside(r.division.as_ref())),
        // Nobody draws the border that bounds him: only what lies below it.
        Change::Division(e) => sides(e).all(|d| scope.contains(&d.code) && d.code != *scope),
        Change::Demand(e) => sides(e).all(|d| inside(d.division.as_ref())),
        Change::Correction(e) => sides(e).all(|c| inside(c.division.as_ref())),
        Change::Closure(e) => sides(e).all(|c| inside(c.division.as_ref())),
    }
}

fn sides<T>(edit: &Edit<T>) -> impl Iterator<Item = &T> {
    [&edit.before, &edit.after].into_iter().flatten().map(|side| &**side)
}

/// Groups of fields that change by the hour in an event.
const LIVE: [Field; 4] = [Field::Status, Field::Occupancy, Field::Readiness, Field::Track];

/// Returns whether nothing but live fields differ: a shelter's state and occupancy, a team's readiness and position.
/// Their observations are live too; those of other fields are not: who may not change a capacity may not vouch for it.
fn only_live_fields(edit: &Edit<Resource>) -> bool {
    let (Some(before), Some(after)) = (&edit.before, &edit.after) else { return false };
    let mut level = Resource::clone(after);
    for field in LIVE {
        match before.observations.get(&field) {
            Some(seen) => level.observations.insert(field, seen.clone()),
            None => level.observations.remove(&field),
        };
    }
    match (&mut level.detail, &before.detail) {
        (Detail::Shelter(a), Detail::Shelter(b)) => {
            a.status = b.status;
            a.occupancy = b.occupancy;
        }
        (Detail::Team(a), Detail::Team(b)) => {
            a.readiness = b.readiness;
            a.current = b.current;
        }
        _ => return false,
    }
    level == **before
}
