//! Exporting: a whole layer or what a selection leaves of it, as one file, from one world.
//!
//! Nothing is written to the store and no SQL runs. Invariants: the audience is asked before anything else, so that a
//! hidden row is not even counted; how many rows and which losses is told with the file; only a few files are made at once,
//! because each is whole in memory.

use super::{App, Error};
use crate::domain::{Audience, Crs, DivisionCode, Kind, Level, Lifecycle, Status, Violation};
use crate::exchange::document::field_of;
use crate::exchange::{AnnotateError, EncodeError, EncodedFile, FileFormat, Item, Made, Target, Writing, write_file};
use crate::world::World;
use chrono::{DateTime, Utc};
use geo::Intersects;
use geo_types::{Coord, MultiPolygon, Rect};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Most files that are made at once.
const AT_ONCE: usize = 2;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// What is to be exported.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the rows are.
    pub target: Target,
    /// Format of the file.
    pub format: FileFormat,
    /// Coordinate system of the file.
    pub crs: Crs,
    /// Whose eyes it is for.
    pub audience: Audience,
    /// Which rows.
    pub selection: Selection,
}

/// Which rows; nothing selects all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// In this division or below it.
    pub division: Option<DivisionCode>,
    /// In this state; shelters only.
    pub status: Option<Status>,
    /// Of this level.
    pub level: Option<Level>,
    /// At this point of their life.
    pub lifecycle: Option<Lifecycle>,
    /// Touching any of these boxes, longitude and latitude on WGS84; empty is everywhere.
    pub boxes: Vec<Rect<f64>>,
    /// With these words in their name or code.
    pub words: Option<String>,
}

/// Makes a file of the present world.
pub async fn run(app: &Arc<App>, request: Request) -> Result<EncodedFile, Error> {
    request.selection.check(request.target).map_err(Error::Invalid)?;
    let _turn = TURNS.acquire().await.map_err(Error::internal)?;
    let (world, now) = (app.world(), app.now());
    tokio::task::spawn_blocking(move || file(&world, &request, now)).await.map_err(Error::internal)?
}

/// Makes a file of a world.
pub fn file(world: &World, request: &Request, now: DateTime<Utc>) -> Result<EncodedFile, Error> {
    let Request { target, format, audience, .. } = *request;
    let made = Made { at: now, revision: world.revision_for(audience), selection: request.selection.told() };
    let writing = Writing { format, target, crs: request.crs.clone(), audience, made };
    let rows = items(world, audience, target).filter(|item| request.selection.takes(*item));
    Ok(write_file(rows, &writing)?)
}

/// Returns everything of a target that an audience may know of, in order of id.
fn items(world: &World, audience: Audience, target: Target) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
    match target {
        Target::Resource(kind) => Box::new(world.of_kind(audience, kind, None).map(|row| Item::Resource(&row.value))),
        Target::Division => Box::new(world.divisions().map(|row| Item::Division(&row.value))),
        Target::Demand => Box::new(world.demand().map(|row| Item::Demand(&row.value))),
    }
}

impl Selection {
    /// Refuses what the rows of a target do not have.
    fn check(&self, target: Target) -> Result<(), Vec<Violation>> {
        let asked = [
            ("status", self.status.is_some()),
            ("level", self.level.is_some()),
            ("lifecycle", self.lifecycle.is_some()),
        ];
        let wrong = asked.iter().filter(|(name, asked)| *asked && field_of(target, name).is_none());
        let wrong: Vec<Violation> = wrong
            .map(|(name, _)| {
                Violation::new(
                    *name,
                    "not_of_this_layer",
                    format!("{}没有 {name} 字段，不能按它筛选", target.zh()),
                    format!("a {} has no {name} to select by", target.en()),
                )
            })
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn takes(&self, item: Item<'_>) -> bool {
        let words = self.words.as_ref().map(|words| words.to_lowercase());
        let said = |names: &[&str]| words.as_ref().is_none_or(|w| names.iter().any(|n| n.to_lowercase().contains(w)));
        let within =
            |code: Option<&DivisionCode>| self.division.as_ref().is_none_or(|d| code.is_some_and(|c| d.contains(c)));
        match item {
            Item::Resource(r) => {
                within(r.division.as_ref())
                    && self.level.is_none_or(|level| r.level == Some(level))
                    && self.lifecycle.is_none_or(|lifecycle| r.lifecycle == lifecycle)
                    && self.status.is_none_or(|status| r.shelter().is_some_and(|s| s.status == Some(status)))
                    && self.touches(r.place.footprint.as_ref(), Some(r.place.position.into()))
                    && said(&[&r.name.zh, r.name.en.as_deref().unwrap_or_default(), &r.code])
            }
            Item::Division(d) => {
                within(Some(&d.code))
                    && self.level.is_none_or(|level| d.level == level)
                    && self.touches(d.area.as_ref(), None)
                    && said(&[&d.name, d.name_en.as_deref().unwrap_or_default(), d.code.as_str()])
            }
            Item::Demand(p) => {
                within(p.division.as_ref()) && self.touches(None, Some(p.position.into())) && said(&[&p.id.0])
            }
        }
    }

    /// Returns whether a place touches the boxes; what has no place touches none.
    fn touches(&self, area: Option<&MultiPolygon<f64>>, at: Option<Coord<f64>>) -> bool {
        self.boxes.is_empty()
            || match (area, at) {
                (Some(area), _) => self.boxes.iter().any(|b| b.intersects(area)),
                (None, Some(at)) => self.boxes.iter().any(|b| b.intersects(&at)),
                (None, None) => false,
            }
    }

    /// Returns the selection in words, for the file to say.
    fn told(&self) -> String {
        let boxes = self.boxes.iter().map(|b| format!("{},{},{},{}", b.min().x, b.min().y, b.max().x, b.max().y));
        let boxes: Vec<String> = boxes.collect();
        let parts = [
            self.division.as_ref().map(|d| format!("division={d}")),
            self.status.map(|s| format!("status={s}（{}）", s.zh())),
            self.level.map(|l| format!("level={l}（{}）", l.zh())),
            self.lifecycle.map(|l| format!("lifecycle={l}（{}）", l.zh())),
            (!boxes.is_empty()).then(|| format!("bbox={}", boxes.join(" | "))),
            self.words.as_ref().map(|w| format!("q={w}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("；")
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        let said = error.to_string();
        let (zh, en) = said.split_once(" / ").unwrap_or((&said, &said));
        match &error {
            EncodeError::CrsNotCarried { .. } => Self::invalid(Violation::new("datum", "not_carried", zh, en)),
            EncodeError::TooManyRows { .. } => Self::TooLarge { zh: zh.to_owned(), en: en.to_owned() },
            EncodeError::Failed { .. } => Self::internal(error),
        }
    }
}

impl From<AnnotateError> for Error {
    fn from(error: AnnotateError) -> Self {
        match error {
            AnnotateError::Decode(error) => error.into(),
            AnnotateError::Encode(error) => error.into(),
        }
    }
}

/// Returns the name of a file in Chinese, e.g. 应急避难场所_gcj02_20261128.xlsx, and in ASCII.
pub fn file_names(request: &Request, now: DateTime<Utc>) -> [String; 2] {
    let day = (now + chrono::TimeDelta::hours(8)).format("%Y%m%d");
    let system =
        if request.crs.is_native() { String::new() } else { format!("_{}", request.crs.word().replace(':', "-")) };
    let ending = request.format.word();
    let ascii: String = system.chars().filter(char::is_ascii).collect();
    [
        format!("{}{system}_{day}.{ending}", request.target.zh()),
        format!("{}{ascii}_{day}.{ending}", request.target.layer()),
    ]
}

/// Lists the layers, for messages that tell the choices.
pub fn layers() -> String {
    let kinds = Kind::ALL.iter().map(|kind| Target::Resource(*kind).layer());
    kinds.chain([Target::Division.layer(), Target::Demand.layer()]).collect::<Vec<_>>().join(", ")
}
