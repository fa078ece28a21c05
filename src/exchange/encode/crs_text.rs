//! A coordinate system in the words of other programs: a name for people, an EPSG code, and WKT 1 as `.prj` files have it.
//!
//! Invariant: GCJ-02, BD-09 and local grids, which have no code anywhere, are never passed off as WGS84; the WKT carries
//! their own name, so that a program shows what it has.

use crate::domain::{Crs, Datum, GaussKruger};

const DEGREE: &str = "PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]";
const WGS84_DATUM: &str = "DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]]";
const CGCS2000_DATUM: &str = "DATUM[\"D_China_2000\",SPHEROID[\"CGCS2000\",6378137.0,298.257222101]]";
/// The ellipsoid of the formulas in common use (see `spatial::datum`).
const KRASOVSKY: &str = "SPHEROID[\"Krasovsky_1940\",6378245.0,298.3]";

/// Returns what people call a coordinate system.
pub(super) fn title(crs: &Crs) -> String {
    match crs {
        Crs::Geographic(Datum::Wgs84) => "WGS84 (EPSG:4326)".to_owned(),
        Crs::Geographic(Datum::Cgcs2000) => "CGCS2000 (EPSG:4490)".to_owned(),
        Crs::Geographic(datum) => datum.zh().to_owned(),
        Crs::WebMercator => "Web Mercator (EPSG:3857)".to_owned(),
        Crs::GaussKruger(zone) => format!("CGCS2000 / Gauss-Kruger (EPSG:{})", zone.epsg()),
        Crs::Local(grid) => format!("地方坐标系 {}", grid.name),
    }
}

/// Returns the name without blanks, for names of files and systems; ASCII but for a local grid's own name.
pub(super) fn short(crs: &Crs) -> String {
    match crs {
        Crs::Geographic(Datum::Gcj02) => "GCJ-02".to_owned(),
        Crs::Geographic(Datum::Bd09) => "BD-09".to_owned(),
        other => other.word(),
    }
}

/// Returns the EPSG code, where there is one.
pub(super) fn epsg(crs: &Crs) -> Option<i32> {
    match crs {
        Crs::Geographic(Datum::Wgs84) => Some(4326),
        Crs::Geographic(Datum::Cgcs2000) => Some(4490),
        Crs::WebMercator => Some(3857),
        Crs::GaussKruger(zone) => Some(i32::from(zone.epsg())),
        Crs::Geographic(Datum::Gcj02 | Datum::Bd09) | Crs::Local(_) => None,
    }
}

/// Returns the system as WKT 1 in the dialect of Esri.
pub(super) fn wkt(crs: &Crs) -> String {
    match crs {
        Crs::Geographic(Datum::Wgs84) => format!("GEOGCS[\"GCS_WGS_1984\",{WGS84_DATUM},{DEGREE}]"),
        Crs::Geographic(Datum::Cgcs2000) => cgcs2000(),
        Crs::Geographic(Datum::Gcj02) => format!("GEOGCS[\"GCJ-02\",DATUM[\"D_GCJ-02\",{KRASOVSKY}],{DEGREE}]"),
        Crs::Geographic(Datum::Bd09) => format!("GEOGCS[\"BD-09\",DATUM[\"D_BD-09\",{KRASOVSKY}],{DEGREE}]"),
        Crs::WebMercator => format!(
            "PROJCS[\"WGS_1984_Web_Mercator_Auxiliary_Sphere\",{},PROJECTION[\"Mercator_Auxiliary_Sphere\"],\
             PARAMETER[\"False_Easting\",0.0],PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",0.0],\
             PARAMETER[\"Standard_Parallel_1\",0.0],PARAMETER[\"Auxiliary_Sphere_Type\",0.0],UNIT[\"Meter\",1.0]]",
            wkt(&Crs::WGS84)
        ),
        Crs::GaussKruger(zone) => gauss_kruger(*zone),
        Crs::Local(grid) => format!("LOCAL_CS[\"{}\",UNIT[\"Meter\",1.0]]", grid.name.replace('"', "")),
    }
}

fn cgcs2000() -> String {
    format!("GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\",{CGCS2000_DATUM},{DEGREE}]")
}

fn gauss_kruger(zone: GaussKruger) -> String {
    format!(
        "PROJCS[\"{}\",{},PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",{:.1}],\
         PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",{:.1}],PARAMETER[\"Scale_Factor\",1.0],\
         PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]",
        zone_name(zone),
        cgcs2000(),
        zone.false_easting_m(),
        zone.central_meridian_deg(),
    )
}

/// Returns the name of a zone as the EPSG register and Esri have it.
fn zone_name(zone: GaussKruger) -> String {
    let meridian = zone.central_meridian_deg();
    match (zone.epsg(), zone.prefix()) {
        (4491..=4501, Some(number)) => format!("CGCS2000_GK_Zone_{number}"),
        (_, Some(number)) => format!("CGCS2000_3_Degree_GK_Zone_{number}"),
        (4502..=4512, None) => format!("CGCS2000_GK_CM_{meridian:.0}E"),
        _ => format!("CGCS2000_3_Degree_GK_CM_{meridian:.0}E"),
    }
}
