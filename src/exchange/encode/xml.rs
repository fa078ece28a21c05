//! Text inside XML and HTML.
//!
//! Invariant: whatever a name holds, it stays text: markup is escaped, and characters that XML can not hold are left out.

/// Returns a text as it stands between tags or in a quoted attribute. A carriage return is written as a reference,
/// because parsers make a line feed of a plain one.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            // XML 1.0 (fifth edition), production 2: other control characters and the two non-characters do not exist.
            c if c.is_control() && u32::from(c) < 0x20 => {}
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}
