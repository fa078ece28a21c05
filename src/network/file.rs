//! The network file: named sections behind a table, each with its checksum, to be mapped into memory and used in place.
//!
//! Layout, little-endian: `BIHUNET` and a zero; version; number of sections; length of the whole file; then for each section
//! its tag (8 letters), offset, length and the CRC-32 of these three and of the content; then the sections, each on a
//! multiple of 64 bytes. Invariants: a reader touches nothing before it has checked magic, version, lengths and checksums;
//! [`super::Graph::read`] checks every number that is used as an index, so that a damaged or foreign file is an error and
//! never a panic.

use super::column::{Bytes, Column};
use bytemuck::Pod;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

/// First bytes of a network file.
pub const MAGIC: [u8; 8] = *b"BIHUNET\0";

/// Version of the layout; files of another version are to be built again.
pub const VERSION: u32 = 5;

/// Name of a section: eight letters.
pub type Tag = [u8; 8];

const HEAD: usize = 24;
const ROW: usize = 32;
const ALIGN: usize = 64;
const SECTIONS_MAX: usize = 256;

/// Why a file can not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It does not begin as a network file does.
    #[error(
        "不是路网文件（.bihunet），请用 bihu network build 生成 / this is no network file: make one with `bihu network build`"
    )]
    Foreign,
    /// It has another version.
    #[error(
        "路网文件版本为 {found}，本程序需要 {wanted}；请用 bihu network build 重新生成 / the network file has version {found}, this program needs {wanted}: build it again"
    )]
    Version {
        /// Version of the file.
        found: u32,
        /// Version that is read.
        wanted: u32,
    },
    /// It is shorter or longer than it says.
    #[error(
        "路网文件不完整：应为 {wanted} 字节，实为 {found} 字节；请重新复制或生成 / the network file is cut: {found} of {wanted} bytes; copy or build it again"
    )]
    Length {
        /// Bytes it says it has.
        wanted: u64,
        /// Bytes it has.
        found: u64,
    },
    /// Its bytes are not those that were written.
    #[error(
        "路网文件已损坏（{section} 节），请重新复制或生成 / the network file is damaged ({section}: {why}); copy or build it again"
    )]
    Damaged {
        /// Where.
        section: String,
        /// How it shows, in English.
        why: String,
    },
}

/// Returns an error about a section.
pub(super) fn damaged(section: &str, why: impl Into<String>) -> FileError {
    FileError::Damaged { section: section.to_owned(), why: why.into() }
}

/// Sections to be written.
#[derive(Debug, Clone, Default)]
pub struct Sections(BTreeMap<Tag, Vec<u8>>);

impl Sections {
    /// Adds a section, replacing the one with its tag.
    pub fn put(&mut self, tag: Tag, bytes: Vec<u8>) {
        self.0.insert(tag, bytes);
    }

    pub(super) fn put_column<T: Pod>(&mut self, tag: Tag, column: &Column<T>) {
        self.put(tag, column.as_bytes().to_vec());
    }

    /// Returns how many bytes the whole file has.
    pub fn file_len(&self) -> u64 {
        self.0.values().fold(aligned(HEAD + ROW * self.0.len()), |end, bytes| aligned(end + bytes.len())) as u64
    }

    /// Writes the whole file, section by section: it is never in memory beside what it is made of.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&MAGIC)?;
        out.write_all(&VERSION.to_le_bytes())?;
        out.write_all(&(self.0.len() as u32).to_le_bytes())?;
        out.write_all(&self.file_len().to_le_bytes())?;
        let mut offset = aligned(HEAD + ROW * self.0.len());
        for (tag, bytes) in &self.0 {
            let mut row = [0; ROW - 8];
            row[..8].copy_from_slice(tag);
            row[8..16].copy_from_slice(&(offset as u64).to_le_bytes());
            row[16..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.write_all(&row)?;
            out.write_all(&u64::from(checksum(&row, bytes)).to_le_bytes())?;
            offset = aligned(offset + bytes.len());
        }
        fill(out, HEAD + ROW * self.0.len())?;
        for bytes in self.0.values() {
            out.write_all(bytes)?;
            fill(out, bytes.len())?;
        }
        Ok(())
    }

    /// Returns the whole file in memory, to be read again at once.
    pub fn to_file(&self) -> Vec<u8> {
        let mut file = Vec::new();
        // Writing into memory can not fail.
        let _ = self.write(&mut file);
        file
    }
}

/// Writes zeros behind so many bytes, up to where the next section may begin.
fn fill(out: &mut impl Write, written: usize) -> io::Result<()> {
    out.write_all(&[0; ALIGN][..aligned(written) - written])
}

/// Returns the checksum of a section; its row of the table counts too, so that none can be taken for another.
fn checksum(row: &[u8], bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(row);
    hasher.update(bytes);
    hasher.finalize()
}

fn aligned(at: usize) -> usize {
    at.div_ceil(ALIGN) * ALIGN
}

/// A network file, checked.
#[derive(Clone)]
pub struct NetworkFile {
    bytes: Bytes,
    sections: BTreeMap<Tag, Range<usize>>,
}

impl NetworkFile {
    /// Checks a file: its head, its table, and the checksum of every section.
    pub fn read(bytes: Bytes) -> Result<Self, FileError> {
        let whole: &[u8] = (*bytes).as_ref();
        if whole.get(..8) != Some(&MAGIC[..]) {
            return Err(FileError::Foreign);
        }
        let short = || FileError::Length { wanted: HEAD as u64, found: whole.len() as u64 };
        let version = number32(whole, 8).ok_or_else(short)?;
        if version != VERSION {
            return Err(FileError::Version { found: version, wanted: VERSION });
        }
        let count = number32(whole, 12).ok_or_else(short)? as usize;
        let length = number64(whole, 16).ok_or_else(short)?;
        if length != whole.len() as u64 {
            return Err(FileError::Length { wanted: length, found: whole.len() as u64 });
        }
        if count > SECTIONS_MAX {
            return Err(damaged("head", format!("{count} sections")));
        }
        let mut sections = BTreeMap::new();
        for i in 0..count {
            let (tag, range) =
                section(whole, HEAD + ROW * i).ok_or_else(|| damaged("table", "a row is out of reach"))?;
            let (range, crc) = range;
            if u64::from(checksum(&whole[HEAD + ROW * i..HEAD + ROW * i + 24], &whole[range.clone()])) != crc {
                return Err(damaged(&shown(tag), "checksum"));
            }
            sections.insert(tag, range);
        }
        Ok(Self { bytes, sections })
    }

    /// Returns whether the file has a section.
    pub fn has(&self, tag: Tag) -> bool {
        self.sections.contains_key(&tag)
    }

    /// Returns the bytes of a section.
    pub fn section(&self, tag: Tag) -> Result<&[u8], FileError> {
        let range = self.sections.get(&tag).ok_or_else(|| damaged(&shown(tag), "missing"))?;
        Ok(&(*self.bytes).as_ref()[range.clone()])
    }

    /// Yields the names of the sections and their lengths in bytes.
    pub fn sections(&self) -> impl Iterator<Item = (String, usize)> + '_ {
        self.sections.iter().map(|(tag, range)| (shown(*tag), range.len()))
    }

    pub(super) fn column<T: Pod>(&self, tag: Tag) -> Result<Column<T>, FileError> {
        let range = self.sections.get(&tag).ok_or_else(|| damaged(&shown(tag), "missing"))?;
        Column::window(&self.bytes, range.clone()).ok_or_else(|| damaged(&shown(tag), "not a whole number of rows"))
    }
}

pub(super) fn shown(tag: Tag) -> String {
    String::from_utf8_lossy(&tag).trim().to_owned()
}

fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn number64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn section(bytes: &[u8], at: usize) -> Option<(Tag, (Range<usize>, u64))> {
    let tag: Tag = bytes.get(at..at + 8)?.try_into().ok()?;
    let start = usize::try_from(number64(bytes, at + 8)?).ok()?;
    let end = start.checked_add(usize::try_from(number64(bytes, at + 16)?).ok()?)?;
    (end <= bytes.len() && start.is_multiple_of(ALIGN)).then_some((tag, (start..end, number64(bytes, at + 24)?)))
}
