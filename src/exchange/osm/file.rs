//! What kind of file it is, and how its things are read one after the other.

use super::{OsmError, Pass, UNPACKED_FREE, UNPACKED_RATIO, Visit, pbf, xml};
use crate::domain::words::words;
use flate2::bufread::MultiGzDecoder;
use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};

words! {
    /// One reading of the file, or what is made of it then.
    Step {
        Bounds = "bounds", "查找范围内的节点", "nodes within the bounds";
        Relations = "relations", "读取关系", "relations";
        Ways = "ways", "读取道路与区域", "ways";
        Nodes = "nodes", "读取节点", "nodes";
        Roads = "roads", "生成路网", "the network";
        Map = "map", "生成底图", "the base map";
        Names = "names", "生成地名索引", "the index of names";
        Checksum = "checksum", "计算校验和", "checksums";
    }
}

/// Called with what is being read and how many bytes of the file that has taken so far.
pub type Progress<'a> = &'a dyn Fn(Step, u64);

/// How a file is read.
pub(super) enum File<'a> {
    Pbf(pbf::Pbf<'a>),
    Xml(&'a [u8]),
    GzippedXml(&'a [u8]),
}

impl<'a> File<'a> {
    /// Tells the kinds of files apart by their first bytes.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, OsmError> {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return Ok(Self::GzippedXml(bytes));
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let start = text.iter().take(1024).position(|b| !b.is_ascii_whitespace()).map_or(text, |at| &text[at..]);
        // A PBF begins with the length of a header of a few bytes that names its kind.
        let named = bytes.get(4..64.min(bytes.len())).is_some_and(|head| head.windows(9).any(|w| w == b"OSMHeader"));
        if named {
            return Ok(Self::Pbf(pbf::Pbf::new(bytes)));
        }
        let (zh, en) = match start {
            _ if bytes.starts_with(b"BZh") => return Err(OsmError::Packed { how: "bzip2" }),
            _ if bytes.starts_with(b"\xfd7zXZ") => return Err(OsmError::Packed { how: "xz" }),
            _ if bytes.starts_with(b"\x28\xb5\x2f\xfd") => return Err(OsmError::Packed { how: "zstd" }),
            [] => ("空文件", "an empty file"),
            _ if bytes.starts_with(b"PK\x03\x04") => ("ZIP 压缩包", "a ZIP archive"),
            _ if bytes.starts_with(b"SQLite format 3\0") => {
                ("GeoPackage 或其他 SQLite 数据库", "a GeoPackage or another SQLite database")
            }
            _ if bytes.starts_with(&crate::network::file::MAGIC) => {
                ("已生成的路网文件（.bihunet）", "a network file made of one (.bihunet)")
            }
            _ if bytes.starts_with(b"fgb\x03") => ("FlatGeobuf", "a FlatGeobuf"),
            _ if bytes.starts_with(b"\xff\x04") || bytes.starts_with(b"\xff\xe0") => ("o5m 文件", "an o5m file"),
            [b'{' | b'[', ..] => ("JSON", "JSON"),
            [b'<', ..] if is_web_page(start) => {
                ("网页（HTML），可能下载未成功", "a web page (HTML): perhaps a download that failed")
            }
            [b'<', ..] => return Ok(Self::Xml(text)),
            _ if std::str::from_utf8(&start[..start.len().min(16)]).is_ok() => ("文本", "text"),
            _ => ("未知格式的文件", "a file of a format that is not known"),
        };
        Err(OsmError::Foreign { zh, en })
    }

    /// Reads the things of one kind; `read` is told how many bytes of the file have been read.
    pub(super) fn each(&mut self, pass: Pass, read: &Cell<u64>, visit: Visit<'_>) -> Result<(), OsmError> {
        read.set(0);
        match self {
            Self::Pbf(blobs) => blobs.each(pass, read, visit),
            Self::Xml(bytes) => xml::each(Tally { bytes, read }, pass, visit),
            Self::GzippedXml(bytes) => {
                let unpacked = Fair { packed: MultiGzDecoder::new(Tally { bytes, read }), read, unpacked: 0 };
                xml::each(BufReader::with_capacity(1 << 16, unpacked), pass, visit)
            }
        }
    }
}

fn is_web_page(start: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&start[..start.len().min(512)]).to_ascii_lowercase();
    head.contains("<html") || head.starts_with("<!doctype html")
}

/// Bytes that count how many of them were read.
struct Tally<'a> {
    bytes: &'a [u8],
    read: &'a Cell<u64>,
}

impl Read for Tally<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(into)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

impl BufRead for Tally<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        // In parts, so that who looks at the count sees it grow.
        Ok(&self.bytes[..self.bytes.len().min(1 << 16)])
    }

    fn consume(&mut self, count: usize) {
        self.bytes = &self.bytes[count.min(self.bytes.len())..];
        self.read.set(self.read.get() + count as u64);
    }
}

/// What a packed file unpacks to, as long as that is in proportion.
struct Fair<'a> {
    packed: MultiGzDecoder<Tally<'a>>,
    read: &'a Cell<u64>,
    unpacked: u64,
}

impl Read for Fair<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.packed.read(into)?;
        self.unpacked += count as u64;
        if self.unpacked > self.read.get() * UNPACKED_RATIO + UNPACKED_FREE {
            return Err(std::io::Error::other(OsmError::Bomb { ratio: UNPACKED_RATIO }));
        }
        Ok(count)
    }
}
