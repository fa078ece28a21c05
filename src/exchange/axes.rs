//! Which of two columns of metres is the easting.
//!
//! Surveyors in China call north X and east Y; everybody else has it the other way round, and headers do not say who wrote
//! them. Where the numbers themselves leave one reading only, that one is taken and told; where they leave both, headers
//! that name the direction decide; otherwise the row is refused. Invariant: nothing is turned in silence.

use super::columns::{REFERENCE, normalise};
use crate::domain::{Crs, Violation};
use crate::spatial::{crs, grid};

/// What the headers of the two columns say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axes {
    /// X and Y.
    Letters,
    /// East and north.
    Directions,
    /// Longitude and latitude, or nothing.
    Degrees,
}

const NORTH_IS_X: &str = "按测量惯例，X 列读作北坐标、Y 列读作东坐标（由数值大小判定） / X was read as northing and Y as easting, as surveyors have it (told by their size)";
const EAST_IS_X: &str =
    "X 列读作东坐标、Y 列读作北坐标（由数值大小判定） / X was read as easting and Y as northing (told by their size)";
const TURNED: &str = "东坐标与北坐标两列疑似写反，已按数值大小对调 / easting and northing were the wrong way round and were exchanged (told by their size)";
const GRID_ORDER: &str =
    "X、Y 按该地方格网拟合时的顺序读取 / X and Y were read in the order in which the grid was fitted";

impl Axes {
    /// Reads what the headers of `lon` and `lat` say, given each header and what it was read as.
    pub(super) fn of(report: &[(String, Option<String>)]) -> Self {
        let says = |field: &str, word: &str| {
            let header = report.iter().find(|(_, read_as)| read_as.as_deref() == Some(field));
            let listed = REFERENCE.axes.get(word).map(Vec::as_slice).unwrap_or_default();
            header.is_some_and(|(header, _)| listed.iter().any(|known| normalise(known) == normalise(header)))
        };
        match () {
            () if says("lon", "easting") && says("lat", "northing") => Self::Directions,
            () if says("lon", "letters") || says("lat", "letters") => Self::Letters,
            () => Self::Degrees,
        }
    }

    /// Returns the two numbers in the order of the system, with what was assumed, or why the order can not be told.
    pub(super) fn settle(
        self,
        declared: &Crs,
        (a, b): (f64, f64),
    ) -> Result<((f64, f64), Option<&'static str>), Violation> {
        match declared {
            Crs::Geographic(_) | Crs::WebMercator => Ok(((a, b), None)),
            Crs::Local(local) if self == Self::Directions && grid::x_is_north(local) => Ok(((b, a), None)),
            Crs::Local(_) => Ok(((a, b), (self == Self::Letters).then_some(GRID_ORDER))),
            Crs::GaussKruger(_) => {
                let fits = |first, second| crs::to_wgs84(declared, first, second).is_ok();
                match (fits(a, b), fits(b, a), self) {
                    (true, false, Self::Letters) => Ok(((a, b), Some(EAST_IS_X))),
                    (false, true, Self::Letters) => Ok(((b, a), Some(NORTH_IS_X))),
                    (false, true, _) => Ok(((b, a), Some(TURNED))),
                    (true, true, Self::Letters | Self::Degrees) => Err(ambiguous(a, b)),
                    _ => Ok(((a, b), None)),
                }
            }
        }
    }
}

fn ambiguous(a: f64, b: f64) -> Violation {
    Violation::new(
        "lon",
        "ambiguous_axes",
        format!("坐标 ({a}, {b}) 两种顺序都说得通，无法判定哪一列是东坐标；请把表头写成“东坐标”“北坐标”"),
        format!("({a}, {b}) could be read either way round: name the columns `easting` and `northing`"),
    )
}
