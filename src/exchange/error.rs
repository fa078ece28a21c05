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
        "暂不支持 {what} 文件，请另存为 XLSX、CSV（UTF-8）或 GeoJSON / {what} is not read: save it as XLSX, CSV (UTF-8) or GeoJSON"
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
    #[error(
        "第 {row} 行含有 NUL 字节，这不是文本表格（或为不带 BOM 的 UTF-16）；请另存为 CSV（UTF-8）或 XLSX / line {row} holds a NUL byte: this is no text table, or UTF-16 without a BOM; save it as CSV (UTF-8) or XLSX"
    )]
    Nul {
        /// Its line.
        row: usize,
    },
    /// A quote that is never closed.
    #[error(
        "第 {row} 行的引号没有闭合；请补上引号（单元格里的引号写两个），或另存为 XLSX / a quote in row {row} is never closed: close it (a quote within a cell is written twice), or save it as XLSX"
    )]
    UnclosedQuote {
        /// Row in which it opens.
        row: usize,
    },
    /// A cell above the limit.
    #[error(
        "第 {row} 行有单元格超过 {limit} 字节；请缩短，或检查前面是否有未闭合的引号 / a cell in row {row} is larger than {limit} bytes: shorten it, or look for a quote that is not closed before it"
    )]
    CellTooLarge {
        /// Its row.
        row: usize,
        /// The limit, bytes.
        limit: usize,
    },
    /// More columns than the limit.
    #[error(
        "第 {row} 行超过 {limit} 列；请删去空列与不用的列 / row {row} has more than {limit} columns: remove the blank ones and those that are not needed"
    )]
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
        "没有可识别的列名，表头应在最前面的几行；读到：{headers} / no column is known; the header must be among the first rows; found: {headers}"
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
    #[error(
        "JSON 第 {line} 行第 {column} 列有误（{why}）；请更正，或从原系统重新导出 / bad JSON at line {line}, column {column} ({why}): correct it, or export it again"
    )]
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
    /// A zip in which nothing is read.
    #[error(
        "压缩包里没有可导入的文件（应有 .shp、.kml 或为 XLSX）；其中有：{names} / the zip holds nothing that is read (.shp, .kml, or an XLSX); it holds: {names}"
    )]
    NothingInZip {
        /// The first names in it.
        names: String,
    },
    /// One part of a shapefile.
    #[error(
        "这只是 Shapefile 的一个部分，请把 .shp、.dbf、.prj、.cpg 一起打成 zip / this is one part of a shapefile: zip its .shp, .dbf, .prj and .cpg together"
    )]
    PartOfShapefile,
    /// Bytes that do not keep to their format.
    #[error(
        "{format} 文件已损坏或不完整（{why}），请从原系统重新导出 / the {format} is damaged or cut off ({why}): export it again"
    )]
    Damaged {
        /// The format.
        format: &'static str,
        /// What does not fit.
        why: String,
    },
    /// Something above a limit.
    #[error("{zh}超过上限 {limit}，请分成几个文件 / {en} above the limit of {limit}: split the file")]
    AboveLimit {
        /// What, in Chinese.
        zh: &'static str,
        /// What, in English.
        en: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A file that is built to exhaust its reader.
    #[error(
        "文件解开后异常膨胀（{what}），按炸弹文件拒绝；请从原系统重新导出 / the file swells beyond reason when unpacked ({what}) and is refused: export it again"
    )]
    Bomb {
        /// What swells.
        what: String,
    },
    /// A file under a password.
    #[error("文件有密码保护，请去掉密码后再导入 / the file is protected by a password: take it off")]
    Protected,
    /// XML that is not well-formed, or says more than it may.
    #[error(
        "XML 第 {line} 行有误（{why}）；请更正，或从原系统重新导出 / bad XML at line {line} ({why}): correct it, or export it again"
    )]
    BadXml {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A layer that is not there.
    #[error("文件里没有图层或工作表“{given}”，可选：{choices} / there is no layer or sheet `{given}`, but: {choices}")]
    NoSuchLayer {
        /// The layer asked for.
        given: String,
        /// Those that are there.
        choices: String,
    },
    /// The file says one coordinate system and the declaration another.
    #[error(
        "文件自身写明坐标系为 {in_file}，而声明的是 {given}；请改用 --datum {in_file}；若文件写错了，请先更正或去掉文件里的坐标系（如 .prj） / the file says that it is in {in_file}, the declared datum is {given}: use --datum {in_file}; if the file is wrong, correct or remove what it says (e.g. the .prj)"
    )]
    CrsConflict {
        /// What the file says.
        in_file: String,
        /// Coordinate system declared.
        given: String,
    },
    /// A mapping to a field that does not exist.
    #[error(
        "列“{header}”对应的字段 {field} 不存在，可选：{near} / column `{header}` is mapped to {field}, which is no field: {near}"
    )]
    UnknownField {
        /// The column.
        header: String,
        /// The field named.
        field: String,
        /// The one that may have been meant, or all.
        near: String,
    },
}

impl DecodeError {
    /// Bytes that do not keep to their format.
    pub(super) fn damaged(format: &'static str, why: impl ToString) -> Self {
        Self::Damaged { format, why: why.to_string().chars().take(200).collect() }
    }
}
