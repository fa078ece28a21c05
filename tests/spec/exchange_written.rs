//! Files written for a test, and what is inside of them.

use bihu::domain::{Audience, Crs, Kind, Resource, Revision};
use bihu::exchange::{EncodedFile, FileFormat, Made, Target, Writing, write_file};
use std::io::{Cursor, Read};

/// Returns the plainest way to write a kind: everything, for staff, in WGS84.
pub fn plain(format: FileFormat, kind: Kind) -> Writing {
    of_target(format, Target::Resource(kind))
}

/// Returns the plainest way to write a target.
pub fn of_target(format: FileFormat, target: Target) -> Writing {
    let made = Made { at: crate::house::now(), revision: Revision(7), selection: String::new() };
    Writing { format, target, crs: Crs::WGS84, audience: Audience::Staff, made }
}

/// Writes resources as a text.
pub fn written<'a>(resources: impl IntoIterator<Item = &'a Resource>, writing: &'a Writing) -> String {
    let file = write_file(resources, writing).expect("a file");
    String::from_utf8(file.bytes).expect("a text")
}

/// Returns the files inside of a file that is a zip, or itself.
pub fn unpacked(file: &EncodedFile) -> Vec<(String, Vec<u8>)> {
    if !file.bytes.starts_with(b"PK") {
        return vec![(file.file_name_ending.to_owned(), file.bytes.clone())];
    }
    let mut zip = zip::ZipArchive::new(Cursor::new(&file.bytes)).expect("a zip");
    let all = (0..zip.len()).map(|i| {
        let mut entry = zip.by_index(i).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a whole entry");
        let name = entry.name().expect("a name in UTF-8").into_owned();
        (name, bytes)
    });
    all.collect()
}
