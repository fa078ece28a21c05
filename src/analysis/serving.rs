//! Does this resource really serve these people? Yes, perhaps, or no and why.
//!
//! Why three answers: an unknown capacity is neither room nor no room. A doubtful site is offered after the sure ones
//! and says what is not known; it is never silently dropped and never trusted. Pure and total: every resource gets a
//! verdict.

use crate::domain::{Detail, Facility, Hazard, Lifecycle, Readiness, Resource, Shelter, Space, Status, Unreached};

/// A thing that people need at a shelter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Step-free access.
    Accessible,
    /// Pets are taken.
    Pets,
    /// A roof.
    Indoor,
    /// A facility.
    Facility(Facility),
}

impl Need {
    /// Returns the need of a word: `accessible`, `pets`, `indoor` or a facility.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "accessible" => Some(Self::Accessible),
            "pets" => Some(Self::Pets),
            "indoor" => Some(Self::Indoor),
            other => Facility::from_word(other).map(Self::Facility),
        }
    }

    /// Lists the words.
    pub fn choices() -> String {
        format!("accessible, pets, indoor, {}", Facility::choices())
    }

    /// Returns the Chinese name.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Accessible => "无障碍",
            Self::Pets => "可携宠物",
            Self::Indoor => "室内",
            Self::Facility(f) => f.zh(),
        }
    }

    /// Returns the English name.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Accessible => "step-free access",
            Self::Pets => "pets allowed",
            Self::Indoor => "indoor",
            Self::Facility(f) => f.en(),
        }
    }

    /// Returns whether a shelter meets the need; `None` when nobody has said.
    fn met_by(self, shelter: &Shelter) -> Option<bool> {
        match self {
            Self::Accessible => shelter.accessible,
            Self::Pets => shelter.pets,
            Self::Indoor => shelter.space.map(|s| s != Space::Outdoor),
            Self::Facility(f) => shelter.facilities.as_ref().map(|have| have.contains(&f)),
        }
    }
}

/// Which states of a shelter are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Openness {
    /// Open ones and ones that could be opened.
    #[default]
    OpenOrCouldOpen,
    /// Only ones that are open now.
    OpenNow,
    /// Whatever their state today: full or closing ones, and teams that are out, count by all else that is asked.
    AnyDay,
}

/// What people ask of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// How many people; `None` asks for no number, only that it is not full.
    pub party: Option<u32>,
    /// The event.
    pub hazard: Option<Hazard>,
    /// What they need.
    pub needs: Vec<Need>,
    /// Open now, or may be opened.
    pub openness: Openness,
}

/// Why a site does not serve, or may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Not in service.
    NotInService(Lifecycle),
    /// Full, or no place left.
    Full,
    /// Being closed.
    Closing,
    /// Not open now, and only open ones were asked for.
    NotOpen(Status),
    /// Does not suit the hazard.
    HazardUnsuited(Hazard),
    /// Fewer free places than people.
    NotEnoughPlaces {
        /// Free places.
        free: u32,
        /// People.
        party: u32,
    },
    /// A need is not met.
    NeedUnmet(Need),
    /// A team that is already out.
    TeamOut(Readiness),
    /// Nobody has said how many fit.
    CapacityUnknown,
    /// Nobody has said which hazards it suits.
    HazardUnknown(Hazard),
    /// Nobody has said whether the need is met.
    NeedUnknown(Need),
    /// Nobody has said whether it is open.
    StatusUnknown,
    /// No road leads there.
    Unreachable(Unreached),
}

impl Reason {
    /// Returns the machine-readable word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotInService(_) => "not_in_service",
            Self::Full => "full",
            Self::Closing => "closing",
            Self::NotOpen(_) => "not_open",
            Self::HazardUnsuited(_) => "hazard_unsuited",
            Self::NotEnoughPlaces { .. } => "not_enough_places",
            Self::NeedUnmet(_) => "need_unmet",
            Self::TeamOut(_) => "team_out",
            Self::CapacityUnknown => "capacity_unknown",
            Self::HazardUnknown(_) => "hazard_unknown",
            Self::NeedUnknown(_) => "need_unknown",
            Self::StatusUnknown => "status_unknown",
            Self::Unreachable(_) => "unreachable",
        }
    }

    /// Returns why there is no way, where that is the reason.
    pub const fn cause(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable(cause) => Some(cause.word()),
            _ => None,
        }
    }

    /// Returns a Chinese sentence.
    pub fn zh(&self) -> String {
        match self {
            Self::NotInService(l) => format!("未投入使用（{}）", l.zh()),
            Self::Full => "已满员".to_owned(),
            Self::Closing => "正在关闭，不再接收".to_owned(),
            Self::NotOpen(s) => format!("当前{}", s.zh()),
            Self::HazardUnsuited(h) => format!("不适用于{}", h.zh()),
            Self::NotEnoughPlaces { free, party } => format!("仅余 {free} 个位置，不足 {party} 人"),
            Self::NeedUnmet(n) => format!("不满足需求：{}", n.zh()),
            Self::TeamOut(r) => format!("队伍{}", r.zh()),
            Self::CapacityUnknown => "容量未知，无法确认是否有位置".to_owned(),
            Self::HazardUnknown(h) => format!("未登记是否适用于{}", h.zh()),
            Self::NeedUnknown(n) => format!("未登记是否满足：{}", n.zh()),
            Self::StatusUnknown => "开放状态未知".to_owned(),
            Self::Unreachable(cause) => format!("无法到达：{}", cause.zh()),
        }
    }

    /// Returns an English sentence.
    pub fn en(&self) -> String {
        match self {
            Self::NotInService(l) => format!("not in service ({})", l.en()),
            Self::Full => "full".to_owned(),
            Self::Closing => "closing, takes nobody in".to_owned(),
            Self::NotOpen(s) => format!("{} now", s.en()),
            Self::HazardUnsuited(h) => format!("not suited to: {}", h.en()),
            Self::NotEnoughPlaces { free, party } => format!("{free} places left, not enough for {party}"),
            Self::NeedUnmet(n) => format!("need not met: {}", n.en()),
            Self::TeamOut(r) => format!("team is {}", r.en()),
            Self::CapacityUnknown => "capacity unknown, room can not be confirmed".to_owned(),
            Self::HazardUnknown(h) => format!("not recorded whether it suits: {}", h.en()),
            Self::NeedUnknown(n) => format!("not recorded whether it has: {}", n.en()),
            Self::StatusUnknown => "not recorded whether it is open".to_owned(),
            Self::Unreachable(cause) => format!("out of reach: {}", cause.en()),
        }
    }
}

/// What comes of asking one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It serves.
    Serves,
    /// It may serve; these things are not known.
    Doubtful(Vec<Reason>),
    /// It does not serve.
    Refused(Reason),
}

/// Returns whether `resource` serves what is `asked`.
pub fn judge(resource: &Resource, asked: &Asked) -> Verdict {
    if resource.lifecycle != Lifecycle::InService {
        return Verdict::Refused(Reason::NotInService(resource.lifecycle));
    }
    match &resource.detail {
        Detail::Shelter(shelter) => judge_shelter(shelter, asked),
        Detail::Team(team) => match team.readiness {
            Some(out) if out != Readiness::Standby && asked.openness != Openness::AnyDay => {
                Verdict::Refused(Reason::TeamOut(out))
            }
            _ => Verdict::Serves,
        },
        Detail::Warehouse(_) | Detail::StoragePoint(_) | Detail::Site(_) => Verdict::Serves,
    }
}

fn judge_shelter(shelter: &Shelter, asked: &Asked) -> Verdict {
    let mut doubts = Vec::new();
    let checks = [state(shelter, asked.openness), hazard(shelter, asked.hazard), room(shelter, asked)];
    let needs = asked.needs.iter().map(|need| match need.met_by(shelter) {
        Some(true) => Finding::Fine,
        Some(false) => Finding::Against(Reason::NeedUnmet(*need)),
        None => Finding::Unknown(Reason::NeedUnknown(*need)),
    });
    for finding in checks.into_iter().chain(needs) {
        match finding {
            Finding::Fine => {}
            Finding::Unknown(reason) => doubts.push(reason),
            Finding::Against(reason) => return Verdict::Refused(reason),
        }
    }
    if doubts.is_empty() { Verdict::Serves } else { Verdict::Doubtful(doubts) }
}

enum Finding {
    Fine,
    Unknown(Reason),
    Against(Reason),
}

fn state(shelter: &Shelter, openness: Openness) -> Finding {
    match (shelter.status, openness) {
        (_, Openness::AnyDay) => Finding::Fine,
        (Some(Status::Full), _) => Finding::Against(Reason::Full),
        (Some(Status::Closing), _) => Finding::Against(Reason::Closing),
        (Some(Status::Open), _) | (_, Openness::OpenOrCouldOpen) => Finding::Fine,
        (Some(status), Openness::OpenNow) => Finding::Against(Reason::NotOpen(status)),
        (None, Openness::OpenNow) => Finding::Unknown(Reason::StatusUnknown),
    }
}

fn hazard(shelter: &Shelter, asked: Option<Hazard>) -> Finding {
    let Some(hazard) = asked else { return Finding::Fine };
    match &shelter.hazards {
        None => Finding::Unknown(Reason::HazardUnknown(hazard)),
        Some(suits) if suits.contains(&hazard) => Finding::Fine,
        Some(_) => Finding::Against(Reason::HazardUnsuited(hazard)),
    }
}

fn room(shelter: &Shelter, asked: &Asked) -> Finding {
    match (shelter.free_places(), asked.party) {
        (Some(0), _) if asked.openness != Openness::AnyDay => Finding::Against(Reason::Full),
        (Some(free), Some(party)) if free < party => Finding::Against(Reason::NotEnoughPlaces { free, party }),
        (None, Some(_)) => Finding::Unknown(Reason::CapacityUnknown),
        _ => Finding::Fine,
    }
}
