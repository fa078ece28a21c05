//! Chinese names as they are typed with Latin letters: pinyin in full, and the first letters of its syllables.
//!
//! The crate knows one usual reading of a character. Characters that place names read in more than one way stand in a
//! table of our own, and a name is then kept in every way, up to [`READINGS_MAX`]: who looks for 重庆路 or 莘庄 types one
//! of them. Readings are those in common and local use, written down from knowledge (待核: not checked against a dictionary).

use super::fold::is_han;
use super::traditional::simplified;
use pinyin::ToPinyin;

/// Most readings of one name.
const READINGS_MAX: usize = 4;

/// Characters of place names with several readings, the usual one in names first.
const SEVERAL: &[(char, &[&str])] = &[
    ('重', &["chong", "zhong"]),
    ('莘', &["xin", "shen"]),
    ('行', &["hang", "xing"]),
    ('长', &["chang", "zhang"]),
    ('乐', &["le", "yue"]),
    ('都', &["du", "dou"]),
    ('厦', &["sha", "xia"]),
    ('弄', &["long", "nong"]),
    ('朝', &["chao", "zhao"]),
    ('番', &["fan", "pan"]),
    ('六', &["liu", "lu"]),
    ('浒', &["xu", "hu"]),
    ('堡', &["bao", "pu", "bu"]),
    ('圩', &["wei", "xu"]),
    ('峙', &["zhi", "shi"]),
    ('洞', &["dong", "tong"]),
    ('车', &["che", "ju"]),
    ('传', &["chuan", "zhuan"]),
    ('校', &["xiao", "jiao"]),
    ('栅', &["zha", "shan"]),
    ('藏', &["zang", "cang"]),
    ('柏', &["bai", "bo"]),
    ('单', &["shan", "dan"]),
    ('查', &["cha", "zha"]),
    ('翟', &["zhai", "di"]),
    ('盛', &["sheng", "cheng"]),
    ('曾', &["zeng", "ceng"]),
    ('解', &["jie", "xie"]),
    ('降', &["jiang", "xiang"]),
    ('调', &["diao", "tiao"]),
    ('角', &["jiao", "jue"]),
    ('落', &["luo", "lao"]),
    ('露', &["lu", "lou"]),
    ('宿', &["su", "xiu"]),
    ('覃', &["qin", "tan"]),
    ('尾', &["wei", "yi"]),
    ('阿', &["a", "e"]),
    ('会', &["hui", "kuai"]),
    ('泷', &["long", "shuang"]),
    ('绿', &["lv", "lu"]),
    ('吕', &["lv", "lu"]),
    ('旅', &["lv", "lu"]),
    ('女', &["nv", "nu"]),
    ('佘', &["she"]),
    ('泗', &["si"]),
    ('泾', &["jing"]),
    ('泖', &["mao"]),
    ('浜', &["bang"]),
    ('厍', &["she"]),
    ('溇', &["lou"]),
    ('塘', &["tang"]),
    ('埭', &["dai"]),
    ('垞', &["cha"]),
    ('甪', &["lu"]),
    ('陂', &["pi", "bei", "po"]),
    ('埔', &["pu", "bu"]),
    ('亭', &["ting"]),
];

/// One way to type a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Every syllable, without blanks.
    pub(super) full: String,
    /// Bytes of `full` at which a syllable or another word begins.
    pub(super) starts: Vec<u32>,
    /// First letters.
    pub(super) initials: String,
}

/// Returns the ways to type a name, folded but in the characters that it is written in; none for a name without Chinese.
pub(super) fn readings(folded: &str) -> Vec<Reading> {
    if !folded.chars().any(is_han) {
        return Vec::new();
    }
    let mut all = vec![Reading::default()];
    let mut before_han = true;
    for c in folded.chars() {
        let han = is_han(c);
        let syllables = syllables(c);
        let wanted = if all.len() * syllables.len() > READINGS_MAX { 1 } else { syllables.len() };
        let mut longer = Vec::with_capacity(all.len() * wanted);
        for reading in &all {
            for syllable in syllables.iter().take(wanted) {
                let mut reading = reading.clone();
                if han || before_han {
                    reading.starts.push(reading.full.len() as u32);
                }
                reading.full.push_str(syllable);
                reading.initials.extend(syllable.chars().next());
                longer.push(reading);
            }
        }
        before_han = han;
        all = longer;
    }
    all.sort_by(|a, b| a.full.cmp(&b.full));
    all.dedup_by(|a, b| a.full == b.full);
    all
}

/// Returns the readings of a character; any but a Chinese one reads as itself.
fn syllables(c: char) -> Vec<String> {
    if let Some((_, several)) = SEVERAL.iter().find(|(han, _)| *han == simplified(c)) {
        return several.iter().map(|s| (*s).to_owned()).collect();
    }
    let usual = c.to_pinyin().or_else(|| simplified(c).to_pinyin()).map(|p| p.plain().replace('ü', "v"));
    vec![usual.unwrap_or_else(|| c.to_string())]
}
