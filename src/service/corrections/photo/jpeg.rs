//! JPEG (ITU-T T.81): segments that draw the picture are copied, application data and comments are not.

use super::{PhotoError, bounded, part};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP1: u8 = 0xe1;
/// Adobe's note on how colours are coded, without which some pictures come out wrong.
const APP14: u8 = 0xee;
/// A marker that means nothing yet.
const RESERVED: u8 = 0xc8;
/// DQT, DRI; DHT and DAC lie among the frames (C4, CC).
const TABLES: [u8; 2] = [0xdb, 0xdd];

/// Returns the picture without what does not draw it.
pub fn cleaned(bytes: &[u8]) -> Result<Vec<u8>, PhotoError> {
    let mut out = vec![0xff, SOI];
    let (mut at, mut drawn, mut up) = (2, false, None);
    loop {
        let marker = marker(bytes, &mut at)?;
        if marker == EOI {
            break;
        }
        let length = usize::from(u16::from_be_bytes([part(bytes, at, 2)?[0], bytes[at + 1]]));
        let segment = part(bytes, at, length).ok().filter(|s| s.len() >= 2).ok_or(PhotoError::Broken)?;
        at += length;
        match marker {
            APP1 => up = up.or_else(|| orientation(&segment[2..])),
            0xc0..=0xcf => {
                let is_frame = !matches!(marker, 0xc4 | 0xc8 | 0xcc);
                if is_frame {
                    let [_, h1, h0, w1, w0, ..] = segment[2..] else { return Err(PhotoError::Broken) };
                    bounded(u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into())?;
                    drawn = true;
                }
                if marker != RESERVED {
                    copy(&mut out, marker, segment);
                }
            }
            APP14 if segment[2..].starts_with(b"Adobe") && segment.len() <= 14 => copy(&mut out, marker, segment),
            SOS => {
                copy(&mut out, marker, segment);
                let scan = scan(bytes, at)?;
                out.extend_from_slice(&bytes[at..at + scan]);
                at += scan;
            }
            marker if TABLES.contains(&marker) => copy(&mut out, marker, segment),
            _ => {}
        }
    }
    if !drawn {
        return Err(PhotoError::Broken);
    }
    if let Some(up) = up {
        out.splice(2..2, said_up(up));
    }
    out.extend_from_slice(&[0xff, EOI]);
    Ok(out)
}

fn copy(out: &mut Vec<u8>, marker: u8, segment: &[u8]) {
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(segment);
}

/// Reads the next marker, over fill bytes.
fn marker(bytes: &[u8], at: &mut usize) -> Result<u8, PhotoError> {
    if part(bytes, *at, 1)?[0] != 0xff {
        return Err(PhotoError::Broken);
    }
    while part(bytes, *at, 1)?[0] == 0xff {
        *at += 1;
    }
    let marker = bytes[*at];
    *at += 1;
    if marker == 0 { Err(PhotoError::Broken) } else { Ok(marker) }
}

/// Returns how long the coded data is: up to a marker that is neither a stuffed zero nor a restart.
fn scan(bytes: &[u8], from: usize) -> Result<usize, PhotoError> {
    let rest = bytes.get(from..).unwrap_or_default();
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7);
    rest.windows(2).position(ends).ok_or(PhotoError::Broken)
}

/// Returns which way is up (Exif tag 0x0112), 2 to 8; `None` when it is not said, or is as it comes.
fn orientation(app1: &[u8]) -> Option<u8> {
    let tiff = app1.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let start = usize::try_from(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }).ok()?;
    let entries = usize::from(short(start)?);
    let value = (0..entries.min(64)).find_map(|i| {
        let entry = start.checked_add(2 + 12 * i)?;
        (short(entry)? == 0x0112).then(|| short(entry + 8)).flatten()
    })?;
    u8::try_from(value).ok().filter(|up| (2..=8).contains(up))
}

/// An Exif segment that says which way is up, and nothing else.
fn said_up(up: u8) -> Vec<u8> {
    let mut out = vec![0xff, APP1, 0, 34];
    out.extend_from_slice(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01");
    out.extend_from_slice(&[0, up, 0, 0, 0, 0, 0, 0]);
    out
}
