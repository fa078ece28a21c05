//! Why a file can not be read at all. Each message tells the way out, in Chinese and English.

use crate::domain::Datum;

/// Why bytes could not be decoded; nothing of the file was taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is nothing in it.
    #[error("文件为空 / the file is empty")]
    Empty,
    /// A header or a collection with nothing in it.
    #[error("文件里没有任何数据行或要素 / the file holds no rows and no features")]
    NoRows,
    /// A format that is not read here.
    #[error(
        "暂不支持 {what} 文件，请另存为 CSV（UTF-8）或 GeoJSON / {what} is not read: save it as CSV (UTF-8) or GeoJSON"
    )]
    Unsupported {
        /// The format.
        what: String,
    },
    /// Bytes that are no text.
    #[error(
        "第 {offset} 字节处不是有效的 {encoding} 文本，文件可能已损坏或被截断；请另存为 UTF-8 / byte {offset} is not {encoding}: the file may be damaged or cut off; save it as UTF-8"
    )]
    Undecodable {
        /// Encoding it seems to be in.
        encoding: String,
        /// Offset of the first byte that does not fit, from 0.
        offset: usize,
    },
    /// A NUL byte.
    #[error("第 {row} 行含有 NUL 字节，这不是文本表格 / line {row} holds a NUL byte: this is no text table")]
    Nul {
        /// Its line.
        row: usize,
    },
    /// A quote that is never closed.
    #[error("第 {row} 行的引号没有闭合 / a quote in row {row} is never closed")]
    UnclosedQuote {
        /// Row in which it opens.
        row: usize,
    },
    /// A cell above the limit.
    #[error("第 {row} 行有单元格超过 {limit} 字节 / a cell in row {row} is larger than {limit} bytes")]
    CellTooLarge {
        /// Its row.
        row: usize,
        /// The limit, bytes.
        limit: usize,
    },
    /// More columns than the limit.
    #[error("第 {row} 行超过 {limit} 列 / row {row} has more than {limit} columns")]
    TooManyColumns {
        /// The row; 0 for the properties of all features together.
        row: usize,
        /// The limit.
        limit: usize,
    },
    /// More rows than the limit.
    #[error("超过 {limit} 行，请分成几个文件 / more than {limit} rows: split the file")]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// Headers of which none is known.
    #[error(
        "没有可识别的列名，表头应在第一行；读到：{headers} / no column is known; the header must be the first row; found: {headers}"
    )]
    NoKnownColumn {
        /// What was found.
        headers: String,
    },
    /// Two columns for one field.
    #[error(
        "列“{first}”与“{second}”都对应 {field}，请删去一列 / columns `{first}` and `{second}` both stand for {field}: remove one"
    )]
    AmbiguousColumns {
        /// The field.
        field: String,
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
    /// A header that names another datum than the one declared.
    #[error(
        "列“{column}”写明 {named}，而声明的坐标系是 {given}；请改用 --datum {named} / column `{column}` says {named}, the declared datum is {given}: use --datum {named}"
    )]
    DatumConflict {
        /// The header.
        column: String,
        /// Datum it names.
        named: Datum,
        /// Datum declared.
        given: String,
    },
    /// Text that is no JSON.
    #[error("JSON 第 {line} 行第 {column} 列有误：{why} / bad JSON at line {line}, column {column}: {why}")]
    BadJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser says.
        why: String,
    },
    /// JSON that is no GeoJSON features.
    #[error(
        "应为 GeoJSON 的 FeatureCollection 或 Feature，读到 {found} / a GeoJSON FeatureCollection or Feature is expected, found {found}"
    )]
    NotFeatures {
        /// What was found.
        found: String,
    },
    /// A `crs` member that is not WGS84.
    #[error(
        "crs 为 {name}，GeoJSON 只能是 WGS84 经纬度；投影坐标请先转为 WGS84，GCJ-02 或 BD-09 请删去 crs 并用 --datum 说明 / crs is {name}, but GeoJSON is longitude and latitude on WGS84: reproject it; for GCJ-02 or BD-09 remove crs and say so with --datum"
    )]
    Crs {
        /// The name it gives.
        name: String,
    },
}
