//! Workbooks to fill in: Chinese headers that the importer knows, lists of the words that may stand in a column, and a
//! sheet that explains each column with an example.
//!
//! Invariants: the sheet of data holds no row, so that an example can not be imported by mistake; examples stand in the
//! sheet of notes, down a column, where no reader takes them for a table; codes and telephone numbers are texts.

use super::Target;
use super::document::{FieldSpec, Form, fields_of, label_of, vocabulary};
use super::encode::sheet::{Explained, NOTES_SHEET, choices, explain, header_look, text_look, width};
use super::encode::{EncodeError, EncodedFile, FileFormat};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Note, Workbook, Worksheet, XlsxError,
};

/// Rows that are made ready for words of closed lists; below them cells are plain.
const ROWS_READY: u32 = 5000;

/// Longest list that a workbook holds in a cell's rule, characters.
const LIST_MAX: usize = 255;

/// Fields that nobody fills in by hand.
const NOT_ASKED: &[&str] = &["id", "kind", "geometry", "declared", "current", "contacts", "synthetic"];

/// One column to fill in.
struct Column {
    header: String,
    spec: Option<&'static FieldSpec>,
    name: &'static str,
    is_required: bool,
    example: &'static str,
}

/// Returns an empty workbook for a target.
pub fn template(target: Target) -> Result<EncodedFile, EncodeError> {
    let format = FileFormat::Xlsx;
    let failed = EncodeError::of(format);
    let columns = columns(target);
    let mut workbook = Workbook::new();
    data_sheet(workbook.add_worksheet(), target, &columns).map_err(|error| failed(&error))?;
    notes_sheet(workbook.add_worksheet(), target, &columns).map_err(|error| failed(&error))?;
    let bytes = workbook.save_to_buffer().map_err(|error| failed(&error))?;
    let (media, file_name_ending) = (format.media(), format.word());
    Ok(EncodedFile { bytes, media, file_name_ending, rows: 0, losses: Vec::new() })
}

fn columns(target: Target) -> Vec<Column> {
    let mut out = Vec::new();
    for spec in fields_of(target) {
        if spec.name == "contacts" {
            // One contact takes three plain columns; more than one takes JSON, which nobody types.
            for (name, header, example) in [
                ("contact_name", "联系人", "张三"),
                ("contact_role", "职务", "值班"),
                ("contact_phone", "联系电话", "021-00000000"),
            ] {
                out.push(Column { header: header.to_owned(), spec: None, name, is_required: false, example });
            }
        }
        if NOT_ASKED.contains(&spec.name) {
            continue;
        }
        let is_required = required(target).contains(&spec.name);
        let header = match (target, spec.name) {
            (Target::Division, "code") => "行政区划代码",
            _ => label_of(spec.name).zh,
        };
        let header = if is_required { format!("{header}*") } else { header.to_owned() };
        out.push(Column { header, spec: Some(spec), name: spec.name, is_required, example: example(target, spec) });
    }
    out
}

const fn required(target: Target) -> &'static [&'static str] {
    match target {
        Target::Resource(_) => &["name", "lon", "lat"],
        Target::Demand => &["code", "lon", "lat", "population"],
        Target::Division => &["code", "name"],
    }
}

fn example(target: Target, spec: &FieldSpec) -> &'static str {
    match (spec.name, target) {
        ("code", Target::Division) | ("division", _) => "310117001000",
        ("code", _) => "SJ-0001",
        ("name", Target::Division) => "示例街道",
        ("name", _) => "示例中学避难场所（虚构）",
        ("name_en", _) => "Example Middle School",
        ("address", _) => "示例路 1 号",
        ("lon", _) => "121.2281",
        ("lat", _) => "31.0322",
        ("capacity" | "headcount", _) => "120",
        ("occupied" | "reserved" | "blocked", _) => "0",
        ("area_m2", _) => "1500",
        ("volume_m3", _) => "300",
        ("population", _) => "860",
        ("stock", _) => "帐篷×50、棉被×200",
        ("equipment", _) => "冲锋舟×3、发电机×2",
        ("observed_at", _) => "2026-05-01 08:00",
        ("verifier", _) => "李四",
        ("source", _) => "区应急局 2026 年普查",
        ("hazards", _) => "洪水、台风",
        ("facilities", _) => "供水、供电、厕所",
        ("capabilities", _) => "防汛抢险、排涝",
        ("legacy_class", _) => "Ⅱ类",
        _ => match spec.form {
            Form::Flag => "是",
            Form::Word => vocabulary(spec.name).first().map_or("", |[_, zh, _]| zh),
            _ => "",
        },
    }
}

fn data_sheet(sheet: &mut Worksheet, target: Target, columns: &[Column]) -> Result<(), XlsxError> {
    sheet.set_name(target.zh())?;
    let (head, text) = (header_look(), text_look());
    for (at, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, at, &column.header, &head)?;
        let is_text = column.spec.is_none_or(|spec| spec.form == Form::Text);
        let wide = column.spec.map_or(16.0, |spec| width(spec, &column.header));
        sheet.set_column_width(at, wide)?;
        if is_text {
            sheet.set_column_format(at, &text)?;
        }
        if let Some(rule) = column.spec.map(|spec| rule(spec, column)).transpose()?.flatten() {
            sheet.add_data_validation(1, at, ROWS_READY, at, &rule)?;
        }
    }
    sheet.set_row_height(0, 24)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.insert_note(0, 0, &Note::new("带 * 的列必填；说明与示例见“字段说明”表。").set_author("bihu"))?;
    Ok(())
}

/// Returns what a cell of the column may hold. Lists are strict, for another word could not be imported; numbers only
/// warn, because the importer reads 约120 and 120人 as well.
fn rule(spec: &FieldSpec, column: &Column) -> Result<Option<DataValidation>, XlsxError> {
    let words: Vec<&str> = match spec.form {
        Form::Word => vocabulary(spec.name).into_iter().map(|[_, zh, _]| zh).collect(),
        Form::Flag => vec!["是", "否"],
        _ => Vec::new(),
    };
    let length: usize = words.iter().map(|word| word.encode_utf16().count() + 1).sum();
    let rule = match spec.form {
        Form::Word | Form::Flag if length <= LIST_MAX => DataValidation::new()
            .allow_list_strings(&words)?
            .set_error_title("不在可选范围")?
            .set_error_message("请从下拉列表中选择；不清楚就留空。")?,
        Form::Words => DataValidation::new()
            .allow_any_value()
            .set_input_title(label_of(column.name).zh)?
            .set_input_message("可填多项，用顿号隔开；可选的词见“字段说明”表。")?,
        Form::Whole => DataValidation::new()
            .allow_whole_number(DataValidationRule::GreaterThanOrEqualTo(0))
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_message("一般应为不小于 0 的整数；不清楚就留空，不要填 0。")?,
        _ => return Ok(None),
    };
    Ok(Some(rule))
}

fn notes_sheet(sheet: &mut Worksheet, target: Target, columns: &[Column]) -> Result<(), XlsxError> {
    sheet.set_name(NOTES_SHEET)?;
    let lines = [
        format!("{}导入模板 / import template: {}", target.zh(), target.en()),
        "请在第一张表填写，一行一条；带 * 的列必填，不清楚的留空，不要填 0。 / Fill in the first sheet, a row each; * is required; leave blank what nobody knows.".to_owned(),
        "经纬度请注明坐标系（导入时选择 wgs84、cgcs2000、gcj02、bd09 等）；从高德、腾讯地图抄的是 gcj02，从百度地图抄的是 bd09。 / Say the datum when importing: Amap and Tencent are gcj02, Baidu is bd09.".to_owned(),
        "编码相同的行更新已有记录；没有编码的按名称与位置生成。 / A row with a known code updates that record.".to_owned(),
        "本表的示例不会被导入。 / The examples on this sheet are not imported.".to_owned(),
    ];
    for (line, text) in (0_u32..).zip(&lines) {
        sheet.write_string(line, 0, text)?;
    }
    let explained = columns.iter().map(|column| {
        let label = column.spec.map(|spec| label_of(spec.name));
        let form = column.spec.map_or_else(|| "文字 / text".to_owned(), choices);
        let form = if column.is_required { format!("必填 / required；{form}") } else { form };
        Explained {
            name: column.name,
            zh: column.header.trim_end_matches('*'),
            en: label.map_or("contact (staff only)", |l| l.en),
            unit: label.map_or("", |l| l.unit),
            form,
            example: column.example,
        }
    });
    explain(sheet, 6, explained)
}
