//! Many texts in one column, by number.

use crate::network::column::Column;
use crate::network::file::{FileError, NetworkFile, Sections, Tag, damaged, shown};

/// Texts by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    /// First byte of each, and the number of bytes at the end.
    firsts: Column<u32>,
    bytes: Column<u8>,
}

impl Texts {
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut firsts, mut bytes) = (vec![0_u32], Vec::new());
        for text in texts {
            bytes.extend_from_slice(text.as_bytes());
            firsts.push(bytes.len() as u32);
        }
        Self { firsts: firsts.into(), bytes: bytes.into() }
    }

    pub(super) fn len(&self) -> usize {
        self.firsts.len().saturating_sub(1)
    }

    /// Returns a text, empty where there is none.
    pub(super) fn get(&self, number: usize) -> &str {
        let range = self.firsts.get(number).zip(self.firsts.get(number + 1));
        let bytes = range.and_then(|(first, end)| self.bytes.get(*first as usize..*end as usize));
        bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    pub(super) fn write(&self, (firsts, bytes): (Tag, Tag), out: &mut Sections) {
        out.put_column(firsts, &self.firsts);
        out.put_column(bytes, &self.bytes);
    }

    pub(super) fn read((firsts, bytes): (Tag, Tag), file: &NetworkFile) -> Result<Self, FileError> {
        let texts = Self { firsts: file.column(firsts)?, bytes: file.column(bytes)? };
        let whole = std::str::from_utf8(&texts.bytes).map_err(|_| damaged(&shown(bytes), "not UTF-8"))?;
        let holds = texts.firsts.first() == Some(&0)
            && texts.firsts.last().is_some_and(|last| *last as usize == whole.len())
            && texts.firsts.is_sorted()
            && texts.firsts.iter().all(|first| whole.is_char_boundary(*first as usize));
        if holds { Ok(texts) } else { Err(damaged(&shown(firsts), "a number is out of reach")) }
    }
}
