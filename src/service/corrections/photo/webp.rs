//! WebP (RFC 9649): the picture and its transparency are copied, Exif, XMP, colour profile and unknown chunks are not.

use super::{PhotoError, bounded, part};

/// Flags of a VP8X chunk.
const ALPHA: u8 = 0x10;
const MOVING: u8 = 0x02;

/// Returns the picture without what does not draw it.
pub fn cleaned(bytes: &[u8]) -> Result<Vec<u8>, PhotoError> {
    let size = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    let whole = part(bytes, 0, size.checked_add(8).ok_or(PhotoError::Broken)?)?;
    let mut out = bytes[..12].to_vec();
    let (mut at, mut drawn) = (12, false);
    while at < whole.len() {
        let head = part(whole, at, 8)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let name = &head[..4];
        let content = part(whole, at + 8, length)?;
        match name {
            b"VP8X" => {
                let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = *content else { return Err(PhotoError::Broken) };
                if flags & MOVING != 0 {
                    return Err(PhotoError::Moving);
                }
                let side = |a, b, c| u32::from_le_bytes([a, b, c, 0]) + 1;
                bounded(side(w0, w1, w2), side(h0, h1, h2))?;
                push(&mut out, name, &[flags & ALPHA, 0, 0, 0, w0, w1, w2, h0, h1, h2]);
            }
            b"ANIM" | b"ANMF" => return Err(PhotoError::Moving),
            b"VP8 " => {
                // RFC 6386 section 9.1: three bytes of frame tag, the start code, 14 bits each of width and height.
                let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = *content else { return Err(PhotoError::Broken) };
                let side = |a, b| u32::from(u16::from_le_bytes([a, b]) & 0x3fff);
                bounded(side(w0, w1), side(h0, h1))?;
                drawn = true;
                push(&mut out, name, content);
            }
            b"VP8L" => {
                let [0x2f, a, b, c, d, ..] = *content else { return Err(PhotoError::Broken) };
                let bits = u32::from_le_bytes([a, b, c, d]);
                bounded((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)?;
                drawn = true;
                push(&mut out, name, content);
            }
            b"ALPH" => push(&mut out, name, content),
            _ => {}
        }
        at += 8 + length + length % 2;
    }
    let size = u32::try_from(out.len() - 8).map_err(|_| PhotoError::Heavy)?;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    if drawn { Ok(out) } else { Err(PhotoError::Broken) }
}

fn push(out: &mut Vec<u8>, name: &[u8], content: &[u8]) {
    out.extend_from_slice(name);
    // A length above 4 GiB can not have come in.
    out.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
}
