//! The compound file (OLE) in which an XLS lies: one stream out of it. [MS-CFB].
//!
//! Our own, because a chain of sectors that bites its tail makes other readers copy for ever. Invariant: no chain is
//! followed for more sectors than the file has.

use super::little_endian::{u16_at, u32_at};
use crate::exchange::DecodeError;

const HEADER: usize = 512;
const MINI: usize = 64;
/// Streams shorter than this lie in the mini stream.
const MINI_CUTOFF: u64 = 4096;
/// Numbers from here on are no sectors.
const NO_SECTOR: u32 = 0xffff_fffa;

/// An open compound file.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    directory: Vec<u8>,
    mini_fat: Vec<u32>,
}

struct Entry {
    start: u32,
    len: u64,
}

impl<'a> Compound<'a> {
    /// Opens a compound file.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let sector = match u16_at(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Err(damaged("sector size")),
        };
        let mut out = Self { bytes, sector, fat: Vec::new(), directory: Vec::new(), mini_fat: Vec::new() };
        let header = bytes.get(..HEADER).ok_or_else(|| damaged("header"))?;
        let mut lists: Vec<u32> = words(&header[76..]).collect();
        let mut next = u32_at(bytes, 68).unwrap_or(NO_SECTOR);
        let mut steps = 0;
        while next < NO_SECTOR {
            steps += 1;
            if steps > out.sectors() {
                return Err(damaged("DIFAT"));
            }
            lists.extend(words(out.at(next)?));
            next = lists.pop().unwrap_or(NO_SECTOR);
        }
        for id in lists.into_iter().filter(|id| *id < NO_SECTOR).take(out.sectors()) {
            let part: Vec<u32> = words(out.at(id)?).collect();
            out.fat.extend(part);
        }
        out.directory = out.chain(u32_at(bytes, 48).unwrap_or(NO_SECTOR))?;
        let mini = out.chain(u32_at(bytes, 60).unwrap_or(NO_SECTOR))?;
        out.mini_fat = words(&mini).collect();
        Ok(out)
    }

    /// Returns whether there is a stream of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// Returns a stream; `None` when there is none of that name.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, DecodeError> {
        let Some(entry) = self.entry(name) else { return Ok(None) };
        let mut out = if entry.len < MINI_CUTOFF { self.mini_chain(entry.start)? } else { self.chain(entry.start)? };
        if (out.len() as u64) < entry.len {
            return Err(damaged("stream"));
        }
        out.truncate(usize::try_from(entry.len).unwrap_or(usize::MAX));
        Ok(Some(out))
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector + 1
    }

    fn entry(&self, name: &str) -> Option<Entry> {
        self.directory.chunks_exact(128).find_map(|entry| {
            let units: Vec<u16> = entry[..64].chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
            let end = units.iter().position(|u| *u == 0).unwrap_or(units.len());
            let found = String::from_utf16_lossy(&units[..end]);
            // Only the low half counts in files of small sectors; the high half may be rubbish.
            let len = u64::from(u32_at(entry, 120)?);
            found.eq_ignore_ascii_case(name).then_some(Entry { start: u32_at(entry, 116)?, len })
        })
    }

    fn at(&self, id: u32) -> Result<&'a [u8], DecodeError> {
        let start = (id as usize + 1) * self.sector;
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end).filter(|s| !s.is_empty()).ok_or_else(|| damaged("a sector beyond the end"))
    }

    fn chain(&self, mut id: u32) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        let mut steps = 0;
        while id < NO_SECTOR {
            steps += 1;
            if steps > self.sectors() {
                return Err(damaged("a chain without end"));
            }
            out.extend_from_slice(self.at(id)?);
            id = *self.fat.get(id as usize).ok_or_else(|| damaged("FAT"))?;
        }
        Ok(out)
    }

    fn mini_chain(&self, mut id: u32) -> Result<Vec<u8>, DecodeError> {
        let root = u32_at(&self.directory, 116).unwrap_or(NO_SECTOR);
        let mini = self.chain(root)?;
        let mut out = Vec::new();
        while id < NO_SECTOR {
            let start = id as usize * MINI;
            out.extend_from_slice(mini.get(start..start + MINI).ok_or_else(|| damaged("mini stream"))?);
            if out.len() as u64 > MINI_CUTOFF {
                return Err(damaged("a chain without end"));
            }
            id = *self.mini_fat.get(id as usize).ok_or_else(|| damaged("mini FAT"))?;
        }
        Ok(out)
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn damaged(what: &str) -> DecodeError {
    DecodeError::damaged("XLS", what)
}
