//! Bytes of a text table → text: which of the encodings in use in China and Japan it is in, strictly.
//!
//! Invariant: no replacement character is ever made up; bytes that do not decode are an error that says where.

use crate::exchange::{DecodeError, columns};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1252};

/// Bytes shown to the statistical detector.
const SAMPLE: usize = 1 << 20;

/// Returns the text and the name of its encoding.
///
/// UTF-8 is known by its validity, UTF-16 by its mark. Among GB18030, Shift_JIS and Big5 the one in which most headers
/// are known words wins, because short tables mislead statistics; chardetng breaks ties.
pub(super) fn to_text(bytes: &[u8]) -> Result<(String, &'static str), DecodeError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return strict(encoding, &bytes[mark..]).map_err(|at| undecodable(encoding, at + mark));
    }
    let broken = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((text.to_owned(), UTF_8.name())),
        Err(error) => error.valid_up_to(),
    };
    // Several characters beyond ASCII that are valid UTF-8 are no accident: it is UTF-8, and damaged.
    let valid = String::from_utf8_lossy(&bytes[..broken]);
    if valid.chars().filter(|c| c.len_utf8() > 2).count() >= 3 {
        return Err(undecodable(UTF_8, broken));
    }
    let guess = guess(bytes);
    let mut best: Option<(usize, bool, String, &'static str)> = None;
    for encoding in [GB18030, SHIFT_JIS, BIG5] {
        let Ok((text, name)) = strict(encoding, bytes) else { continue };
        let score = (known_headers(&text), encoding == guess);
        if best.as_ref().is_none_or(|(known, guessed, ..)| score > (*known, *guessed)) {
            best = Some((score.0, score.1, text, name));
        }
    }
    match best {
        Some((_, _, text, name)) => Ok((text, name)),
        None => Err(undecodable(guess, strict(guess, bytes).err().unwrap_or(broken))),
    }
}

/// Returns the text of a document that declares its encoding: by its mark, else as declared, else UTF-8.
pub(super) fn declared(
    bytes: &[u8],
    declared: Option<&'static Encoding>,
) -> Result<(String, &'static str), DecodeError> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((declared.unwrap_or(UTF_8), 0));
    strict(encoding, &bytes[mark..]).map_err(|at| undecodable(encoding, at + mark))
}

/// Returns the encoding of a code page as files name it: `936`, `cp936`, `ANSI 1252`, `UTF-8`, `GBK`.
pub(super) fn of_page(label: &str) -> Option<&'static Encoding> {
    let plain = label.trim().trim_matches('\0').to_ascii_lowercase();
    let number: String = plain.chars().filter(char::is_ascii_digit).collect();
    match number.as_str() {
        "936" | "54936" | "20936" | "18030" | "2312" => return Some(GB18030),
        "932" => return Some(SHIFT_JIS),
        "950" => return Some(BIG5),
        "65001" => return Some(UTF_8),
        "1252" | "88591" => return Some(WINDOWS_1252),
        _ => {}
    }
    let known = Encoding::for_label(plain.as_bytes())?;
    // GBK is the older half of GB18030.
    Some(if known == encoding_rs::GBK { GB18030 } else { known })
}

/// Tells the encoding of texts of a table, of which `names` are the headers: UTF-8 if all are, else as for a text table.
pub(super) fn of_texts<'a>(texts: impl Iterator<Item = &'a [u8]>, names: &[&[u8]]) -> &'static Encoding {
    let mut all = Vec::new();
    for text in texts {
        all.extend_from_slice(text);
        all.push(b'\n');
        if all.len() > SAMPLE {
            break;
        }
    }
    let fits = |encoding| all.split(|b| *b == b'\n').all(|text| decode_cut(encoding, text).is_some());
    let known = |encoding| {
        let decoded = names.iter().filter_map(|name| decode_cut(encoding, name));
        decoded.filter(|(name, _)| columns::known(name)).count()
    };
    if fits(UTF_8) {
        return UTF_8;
    }
    let guess = guess(&all);
    let candidates = [BIG5, SHIFT_JIS, GB18030].into_iter().filter(|encoding| fits(*encoding));
    candidates.max_by_key(|encoding| (known(*encoding), *encoding == guess)).unwrap_or(guess)
}

/// Decodes a text that may be cut within its last character, as fields of a fixed width are; `None` where it does not fit.
pub(super) fn decode_cut(encoding: &'static Encoding, bytes: &[u8]) -> Option<(String, bool)> {
    (0..4.min(bytes.len() + 1)).find_map(|cut| {
        let (text, _) = strict(encoding, &bytes[..bytes.len() - cut]).ok()?;
        Some((text, cut > 0))
    })
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], bytes.len() <= SAMPLE);
    match detector.guess(None, Utf8Detection::Deny) {
        known if [SHIFT_JIS, BIG5].contains(&known) => known,
        _ => GB18030,
    }
}

fn known_headers(text: &str) -> usize {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.split([',', '\t', ';']).filter(|header| columns::known(header.trim_matches('"'))).count()
}

/// Decodes without replacement; the error is the offset of the first byte that does not fit.
fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Result<(String, &'static str), usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).ok_or(0_usize)?;
    let mut text = String::with_capacity(room);
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok((text, encoding.name())),
        (DecoderResult::Malformed(bad, after), read) => Err(read.saturating_sub(usize::from(bad) + usize::from(after))),
        (DecoderResult::OutputFull, read) => Err(read),
    }
}

fn undecodable(encoding: &'static Encoding, offset: usize) -> DecodeError {
    DecodeError::Undecodable { encoding: encoding.name().to_owned(), offset }
}
