//! The fields that a column may be read as, for whoever confirms a mapping: names, forms, and the words of closed ones.

use crate::domain::{Hazard, Kind};
use crate::exchange::Target;
use crate::exchange::document::{Form, field_of, fields_of, label_of, vocabulary};
use serde::Serialize;

/// One field.
#[derive(Debug, Clone, Serialize)]
pub struct FieldDoc {
    /// Its name in the flat document.
    pub name: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// What its values look like.
    pub form: &'static str,
    /// Words of a closed field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<ChoiceDoc>,
}

/// One word of a closed field.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceDoc {
    /// The word.
    pub word: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
}

/// Parts of a contact that a column of their own may hold.
const CONTACT: [(&str, &str); 3] = [("name", "联系人"), ("role", "联系人职务"), ("phone", "联系电话")];

/// Lists the fields of a target in the order of an export, then the parts that may have columns of their own.
pub fn fields(target: Target) -> Vec<FieldDoc> {
    let own = fields_of(target).map(|spec| FieldDoc {
        name: spec.name.to_owned(),
        zh: label_of(spec.name).zh.to_owned(),
        en: label_of(spec.name).en.to_owned(),
        form: form_word(spec.form),
        choices: vocabulary(spec.name).into_iter().map(|[word, zh, en]| ChoiceDoc { word, zh, en }).collect(),
    });
    own.chain(parts(target)).collect()
}

/// Returns whether a column of a target may be read as that field.
pub fn is_field(target: Target, name: &str) -> bool {
    field_of(target, name).is_some() || parts(target).iter().any(|part| part.name == name)
}

fn parts(target: Target) -> Vec<FieldDoc> {
    let part = |name: String, zh: String, en: String, form: Form| FieldDoc {
        name,
        zh,
        en,
        form: form_word(form),
        choices: Vec::new(),
    };
    let mut out = Vec::new();
    if let Target::Resource(_) = target {
        out.extend(
            CONTACT.map(|(word, zh)| {
                part(format!("contacts.{word}"), zh.to_owned(), format!("contact {word}"), Form::Text)
            }),
        );
    }
    if target == Target::Resource(Kind::Shelter) {
        out.extend(Hazard::ALL.iter().map(|hazard| {
            let (zh, en) = (format!("避难种类·{}", hazard.zh()), format!("hazard: {}", hazard.en()));
            part(format!("hazards.{hazard}"), zh, en, Form::Flag)
        }));
    }
    out
}

const fn form_word(form: Form) -> &'static str {
    match form {
        Form::Text => "text",
        Form::Word => "word",
        Form::Words => "words",
        Form::Flag => "flag",
        Form::Whole => "whole",
        Form::Number => "number",
        Form::Time => "time",
        Form::Nested => "nested",
        Form::Geometry => "geometry",
    }
}
