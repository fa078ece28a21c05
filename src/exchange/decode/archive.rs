//! Zips, which are untrusted: entries are counted before they are listed, and unpacked with a limit that is measured.
//!
//! Invariants: nothing is ever written to a disk; a size that an entry claims is believed only after it was counted; names
//! that leave the archive are refused, although nobody follows them here.

use crate::exchange::DecodeError;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Most entries of a zip.
const ENTRIES_MAX: usize = 5000;
/// Most bytes of all entries that are unpacked together.
pub(in crate::exchange) const UNPACKED_MAX: u64 = 1 << 30;
/// Bytes from which on the ratio is looked at.
const RATIO_FROM: u64 = 32 << 20;
/// Most unpacked bytes of one packed byte. Sheets of a bureau stay below 40.
const RATIO_MAX: u64 = 200;

/// An open zip.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Names of its entries, in their order.
    pub(super) names: Vec<String>,
    unpacked: u64,
}

/// Returns the names of the entries of a zip, without those of Mac folders.
pub(in crate::exchange) fn names(bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
    Ok(Archive::open(bytes)?.names.into_iter().filter(|name| !is_litter(name)).collect())
}

/// Returns whether an entry is what systems leave behind.
pub(super) fn is_litter(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("__MACOSX/") || last.starts_with("._") || last.is_empty()
}

impl<'a> Archive<'a> {
    /// Opens a zip.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        // The list of entries is as long as the file says; each begins with this mark.
        if bytes.windows(4).filter(|mark| mark == b"PK\x01\x02").take(ENTRIES_MAX + 1).count() > ENTRIES_MAX {
            let (zh, en) = ("压缩包内文件数", "the number of entries of the zip is");
            return Err(DecodeError::AboveLimit { zh, en, limit: ENTRIES_MAX as u64 });
        }
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut names = Vec::with_capacity(zip.len());
        for i in 0..zip.len() {
            let name = name_of(zip.by_index_raw(i).map_err(damaged)?.name_raw());
            if leaves(&name) {
                return Err(DecodeError::damaged("zip", format!("文件名越出压缩包 / a name leaves the zip: {name}")));
            }
            names.push(name);
        }
        Ok(Self { zip, names, unpacked: 0 })
    }

    /// Unpacks an entry of at most `limit` bytes.
    pub(super) fn unpack(&mut self, index: usize, limit: u64) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        self.each_block(index, limit, &mut |block| {
            out.extend_from_slice(block);
            Ok(())
        })?;
        Ok(out)
    }

    /// Unpacks an entry block by block, and counts; more than it claims, or than is reasonable, is refused.
    pub(super) fn each_block(
        &mut self,
        index: usize,
        limit: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let name: String = self.names.get(index).map(|name| name.chars().take(60).collect()).unwrap_or_default();
        let bomb = |what: &str| DecodeError::Bomb { what: format!("{name}: {what}") };
        let mut entry = self.zip.by_index(index).map_err(damaged)?;
        let (claimed, packed) = (entry.size(), entry.compressed_size().max(1));
        let mut block = vec![0; 1 << 16];
        let mut total = 0_u64;
        loop {
            let n = entry.read(&mut block).map_err(|error| DecodeError::damaged("zip", format!("{name}: {error}")))?;
            if n == 0 {
                break;
            }
            total += n as u64;
            self.unpacked += n as u64;
            if total > limit || self.unpacked > UNPACKED_MAX {
                return Err(bomb(&format!("> {} MiB", limit.min(UNPACKED_MAX) >> 20)));
            }
            if total > RATIO_FROM && total / packed > RATIO_MAX {
                return Err(bomb(&format!("> {RATIO_MAX} : 1")));
            }
            if total > claimed {
                return Err(bomb(&format!("> {claimed} bytes, as it claims")));
            }
            take(&block[..n])?;
        }
        if total == claimed {
            Ok(())
        } else {
            Err(DecodeError::damaged("zip", format!("{name}: {total} of {claimed} bytes")))
        }
    }
}

/// Zips of Chinese systems hold names in GBK without saying so.
fn name_of(raw: &[u8]) -> String {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
    };
    name.replace('\\', "/")
}

fn leaves(name: &str) -> bool {
    name.starts_with('/')
        || name.get(1..3) == Some(":/")
        || name.split('/').any(|part| part == "..")
        || name.contains('\0')
}

fn damaged(error: zip::result::ZipError) -> DecodeError {
    match error {
        zip::result::ZipError::UnsupportedArchive(why) if why == zip::result::ZipError::PASSWORD_REQUIRED => {
            DecodeError::Protected
        }
        other => DecodeError::damaged("zip", other),
    }
}
