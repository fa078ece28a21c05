//! PNG (ISO/IEC 15948): chunks that draw the picture are copied, all others are not.

use super::{PhotoError, bounded, part};

/// Chunks without which the picture would not look as it does.
const DRAWING: [&[u8; 4]; 7] = [b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB"];

/// Returns the picture without what does not draw it.
pub fn cleaned(bytes: &[u8]) -> Result<Vec<u8>, PhotoError> {
    let mut out = bytes[..8].to_vec();
    let (mut at, mut drawn) = (8, false);
    loop {
        let head = part(bytes, at, 8)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name = &head[4..8];
        let chunk = part(bytes, at, length.checked_add(12).ok_or(PhotoError::Broken)?)?;
        if at == 8 {
            let [w3, w2, w1, w0, h3, h2, h1, h0, ..] = chunk[8..] else { return Err(PhotoError::Broken) };
            if name != b"IHDR" || length != 13 {
                return Err(PhotoError::Broken);
            }
            bounded(u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]))?;
        }
        at += chunk.len();
        match name {
            b"IEND" => break,
            b"acTL" => return Err(PhotoError::Moving),
            name if DRAWING.iter().any(|kept| kept.as_slice() == name) => {
                drawn |= name == b"IDAT";
                out.extend_from_slice(chunk);
            }
            _ => {}
        }
    }
    // The end of every PNG: no bytes, its name, and their checksum.
    out.extend_from_slice(b"\0\0\0\0IEND\xae\x42\x60\x82");
    if drawn { Ok(out) } else { Err(PhotoError::Broken) }
}
