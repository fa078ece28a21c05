//! The file given back with the verdict beside every row, so that whoever sent it can put it right and send it again.

use super::super::Error;
use super::super::import::PlannedRow;
use super::{Preview, Upload};
use crate::domain::RowClass;
use crate::exchange::{AnnotateError, Annotation, EncodedFile, RowNote, annotate};

/// Returns the copy of an upload with what its preview came to. Not for threads that answer requests.
pub fn annotated(upload: &Upload, preview: &Preview) -> Result<EncodedFile, Error> {
    let notes: Vec<RowNote> = preview.rows.iter().map(note).collect();
    let annotation = Annotation {
        format: upload.facts.inspection.format,
        layer: preview.asked.layer.as_deref(),
        crs: &preview.asked.crs,
        notes: &notes,
    };
    annotate(&upload.bytes()?, &annotation).map_err(|error| match error {
        AnnotateError::Decode(error) => error.into(),
        AnnotateError::Encode(error) => error.into(),
    })
}

fn note(row: &PlannedRow) -> RowNote {
    let both = |zh: &str, en: &str| format!("{zh} / {en}");
    let wrong = row.violations.iter().map(|v| both(&v.zh, &v.en));
    let matched = row.matched.iter().map(|m| both(&m.zh, &m.en));
    let found = row.findings.iter().map(|finding| {
        let flag = finding.told();
        both(&flag.zh, &flag.en)
    });
    RowNote {
        row: row.row,
        class_zh: row.class.zh().to_owned(),
        reasons: wrong.chain(matched).chain(found).collect(),
        refused: row.class == RowClass::Refused,
    }
}
