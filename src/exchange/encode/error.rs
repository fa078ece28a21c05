//! Why a file can not be written. Each message tells the way out, in Chinese and English.

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The format can not carry the coordinate system.
    #[error(
        "{format} 格式不能承载 {crs} 坐标；请改用 wgs84，或选 xlsx、csv、shp.zip、gpkg、fgb / {format} can not carry {crs} coordinates: use wgs84, or one of xlsx, csv, shp.zip, gpkg, fgb"
    )]
    CrsNotCarried {
        /// The format.
        format: &'static str,
        /// The coordinate system.
        crs: String,
    },
    /// More rows than the limit.
    #[error(
        "共 {rows} 行，超过一个文件的上限 {limit} 行；请用行政区划等条件分批导出 / {rows} rows, one file takes {limit}: select by division or the like"
    )]
    TooManyRows {
        /// The rows asked for.
        rows: usize,
        /// The limit.
        limit: usize,
    },
    /// A library refused; which is a bug, or there is no room.
    #[error("无法生成 {format} 文件：{why} / the {format} file can not be made: {why}")]
    Failed {
        /// The format.
        format: &'static str,
        /// What the library says.
        why: String,
    },
}

impl EncodeError {
    /// Wraps what a library says while it writes a format.
    pub(in crate::exchange) fn of(format: super::FileFormat) -> impl Fn(&dyn std::fmt::Display) -> Self + Copy {
        move |error| Self::Failed { format: format.word(), why: error.to_string() }
    }
}
