//! A file mapped into memory: the one place in the program that needs `unsafe`.
//!
//! Why: a network file of a metropolis is used in place, so that a server starts at once and the system's page cache is shared
//! between processes. The danger that the language warns of is that somebody changes the file while it is mapped; network files
//! are written beside and renamed into place (see [`write_aside`]), never changed, so what is mapped stays what it was.
#![allow(unsafe_code)]

use anyhow::Context;
use memmap2::Mmap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

/// Bytes of a file, mapped.
pub struct Mapped(Mmap);

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Maps a file, which must be a regular one and not empty.
pub fn map(path: &Path) -> anyhow::Result<Mapped> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("无法读取 / can not read {shown}"))?;
    let about = file.metadata().with_context(|| format!("无法读取 / can not read {shown}"))?;
    anyhow::ensure!(about.is_file(), "{shown} 不是普通文件 / is no regular file");
    anyhow::ensure!(about.len() > 0, "{shown} 是空文件 / is empty");
    // SAFETY: the map is read only; see the module for why the file does not change under it. Everything read from it is
    // checked as untrusted bytes are.
    let map = unsafe { Mmap::map(&file) }.with_context(|| format!("无法映射 / can not map {shown}"))?;
    Ok(Mapped(map))
}

/// Writes a file beside its place and renames it there, so that nobody ever sees half of it.
pub fn write_aside(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> anyhow::Result<()> {
    let shown = path.display();
    let name = path.file_name().with_context(|| format!("{shown} 不是文件名 / is no file name"))?.to_string_lossy();
    let aside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = File::create(&aside).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.into_inner()?.sync_all()
    });
    let placed = written.and_then(|()| std::fs::rename(&aside, path));
    if placed.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
    placed.with_context(|| format!("无法写入 / can not write {shown}"))
}
