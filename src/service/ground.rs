//! What lies under the resources on a map: the vector base map of the network file, tiles of another server, and what has to be
//! said of either: 审图号, source and date.
//!
//! Invariant: a template is one host's, over HTTP(S), and in Web Mercator on WGS84 or CGCS2000; servers that are known to shift
//! their maps (GCJ-02, BD-09) are refused, for everything on them would stand hundreds of metres off.

use super::App;
use serde::Serialize;
use utoipa::ToSchema;

/// Hosts of map services whose tiles are shifted, by the end of their names.
const SHIFTED: [&str; 7] = ["autonavi.com", "amap.com", "qq.com", "gtimg.com", "bdimg.com", "baidu.com", "google.cn"];

/// What is said of the map, as the operator gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ground {
    /// Tiles of another server.
    pub raster: Option<Raster>,
    /// 审图号.
    pub approval_number: Option<String>,
    /// Whose map it is.
    pub attribution: Option<String>,
    /// Date of its data.
    pub data_date: Option<String>,
}

/// Raster tiles of another server (XYZ, or WMTS by its parameters).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Raster {
    /// Address of a tile with `{z}`, `{x}` and `{y}`.
    pub template: String,
    /// Scheme, host and port, as a policy names them.
    #[serde(skip)]
    pub origin: String,
}

/// Why a template can not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RasterError {
    /// It is no address.
    #[error(
        "底图地址应以 http:// 或 https:// 开头并带主机名 / a base map's address begins with http:// or https:// and a host"
    )]
    NoAddress,
    /// A place is missing in it.
    #[error("底图地址缺少 {0}（或 WMTS 的 {1}） / the base map's address lacks {0} (or WMTS's {1})")]
    Lacks(&'static str, &'static str),
    /// Its maps are shifted.
    #[error(
        "{0} 的瓦片采用偏移坐标（GCJ-02/BD-09），点位会差数百米；请用天地图（*_w）等 WGS84/CGCS2000 底图 / tiles of {0} are shifted (GCJ-02/BD-09), places would be off by hundreds of metres: use a map on WGS84 or CGCS2000, such as Tianditu (*_w)"
    )]
    Shifted(String),
}

impl Raster {
    /// Reads a template; the places of WMTS (`{TileMatrix}`, `{TileCol}`, `{TileRow}`) are as good as those of XYZ.
    pub fn parse(template: &str) -> Result<Self, RasterError> {
        let places = [("{z}", "{TileMatrix}"), ("{x}", "{TileCol}"), ("{y}", "{TileRow}")];
        let template = places.iter().fold(template.trim().to_owned(), |text, (xyz, wmts)| text.replace(wmts, xyz));
        let (scheme, rest) = template.split_once("://").ok_or(RasterError::NoAddress)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let fits = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b));
        if !matches!(scheme, "http" | "https") || !fits || template.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(RasterError::NoAddress);
        }
        if let Some((xyz, wmts)) = places.iter().find(|(xyz, _)| !template.contains(xyz)) {
            return Err(RasterError::Lacks(xyz, wmts));
        }
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        if SHIFTED.iter().any(|end| name == *end || name.ends_with(&format!(".{end}"))) {
            return Err(RasterError::Shifted(name));
        }
        Ok(Self { origin: format!("{scheme}://{host}"), template })
    }
}

impl App {
    /// Lays a map under the resources, once, before the service answers.
    pub fn lay_ground(&self, ground: Ground) {
        self.ground.store(Some(std::sync::Arc::new(ground)));
    }

    /// Returns what is said of the map; what the operator did not give is taken from the network file.
    pub fn ground(&self) -> Ground {
        let mut ground = self.ground.load_full().map(|ground| (*ground).clone()).unwrap_or_default();
        if ground.raster.is_none() {
            let vector = self.vector_ground();
            ground.attribution = ground.attribution.or(vector.attribution);
            ground.data_date = ground.data_date.or(vector.data_date);
        }
        ground
    }

    /// Returns what the network file says of the map that is drawn from it.
    pub fn vector_ground(&self) -> Ground {
        let meta = self.roads().map(|roads| roads.meta.clone()).unwrap_or_default();
        let data_date = meta.timestamp.map(|at| at.format("%Y-%m-%d").to_string());
        Ground { attribution: meta.attribution, data_date, ..Ground::default() }
    }

    /// Returns whether there is a vector base map.
    pub fn has_base_tiles(&self) -> bool {
        self.roads().is_some_and(|roads| roads.features.as_ref().is_some_and(|features| !features.is_empty()))
    }
}
