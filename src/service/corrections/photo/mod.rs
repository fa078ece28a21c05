//! Photographs of reports: of a known format, of a bearable size, and without anything that says who took them where.
//!
//! A camera writes position, time, its serial number and more beside the picture. Everything that does not draw the
//! picture is left out: what is kept is copied part by part from a short list, so that a part nobody has heard of is left
//! out too, and so is whatever hangs behind the end. The picture itself is not decoded. One thing is said again in our own
//! words: which way is up, without which half of all photographs lie on their side.
//! Invariant: what [`Photo::cleaned`] returns holds no Exif, XMP, IPTC, comment or text of the sender's.

mod jpeg;
mod png;
mod webp;

use crate::domain::Violation;

/// Most bytes of a photograph.
pub const BYTES_MAX: usize = 2 * 1024 * 1024;

/// Most pixels.
const PIXELS_MAX: u64 = 64_000_000;

/// Longest side, pixels.
const SIDE_MAX: u32 = 16_384;

/// A photograph that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Media type.
    pub media: &'static str,
    /// Its bytes, cleaned.
    pub bytes: Vec<u8>,
}

/// Why a photograph is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoError {
    /// Neither JPEG nor PNG nor WebP.
    Unknown,
    /// It breaks off, or is put together wrongly.
    Broken,
    /// More bytes than [`BYTES_MAX`].
    Heavy,
    /// More pixels than there may be, or none.
    Large,
    /// It moves.
    Moving,
}

impl PhotoError {
    /// Returns it as a violation of `photo`.
    pub fn violation(self) -> Violation {
        let (reason, zh, en) = match self {
            Self::Unknown => (
                "unknown_format",
                "照片应为 JPEG、PNG 或 WebP".to_owned(),
                "a photograph is JPEG, PNG or WebP".to_owned(),
            ),
            Self::Broken => {
                ("broken", "照片文件不完整或已损坏".to_owned(), "the photograph breaks off or is damaged".to_owned())
            }
            Self::Heavy => (
                "too_large",
                format!("照片不得超过 {BYTES_MAX} 字节（2 MiB），请压缩后再传"),
                format!("a photograph has at most {BYTES_MAX} bytes (2 MiB): make it smaller"),
            ),
            Self::Large => (
                "too_many_pixels",
                format!("照片应有像素且不超过 {PIXELS_MAX} 像素、边长 {SIDE_MAX}"),
                format!("a photograph has at most {PIXELS_MAX} pixels and {SIDE_MAX} on a side, and at least one"),
            ),
            Self::Moving => ("moving", "不接受动图".to_owned(), "moving pictures are not taken".to_owned()),
        };
        Violation::new("photo", reason, zh, en)
    }
}

impl Photo {
    /// Returns the photograph without what does not draw it.
    pub fn cleaned(bytes: &[u8]) -> Result<Self, PhotoError> {
        if bytes.len() > BYTES_MAX {
            return Err(PhotoError::Heavy);
        }
        let (media, cleaned) = match bytes {
            [0xff, 0xd8, 0xff, ..] => ("image/jpeg", jpeg::cleaned(bytes)?),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => ("image/png", png::cleaned(bytes)?),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => ("image/webp", webp::cleaned(bytes)?),
            _ => return Err(PhotoError::Unknown),
        };
        Ok(Self { media, bytes: cleaned })
    }
}

/// Refuses a picture that would take too much to draw.
fn bounded(width: u32, height: u32) -> Result<(), PhotoError> {
    let fits = (1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height);
    if fits && u64::from(width) * u64::from(height) <= PIXELS_MAX { Ok(()) } else { Err(PhotoError::Large) }
}

/// Returns `n` bytes from `at`, or that the file breaks off.
fn part(bytes: &[u8], at: usize, n: usize) -> Result<&[u8], PhotoError> {
    at.checked_add(n).and_then(|end| bytes.get(at..end)).ok_or(PhotoError::Broken)
}
