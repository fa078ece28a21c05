//! One array of the graph: owned, or a window into the bytes of a network file, which may be mapped into memory.
//!
//! Invariant: a window lies within its bytes, begins on a multiple of its rows' alignment and is a whole number of rows long;
//! that is checked once, when it is made.

use bytemuck::Pod;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Bytes that stay where they are: a vector, or a file mapped into memory.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// An array of plain rows.
pub(super) struct Column<T> {
    rows: Rows<T>,
}

enum Rows<T> {
    Owned(Vec<T>),
    Window { bytes: Bytes, range: Range<usize>, of: PhantomData<T> },
}

impl<T: Pod> Column<T> {
    /// Returns a window into bytes; `None` when it does not fit.
    pub(super) fn window(bytes: &Bytes, range: Range<usize>) -> Option<Self> {
        let whole: &[u8] = (**bytes).as_ref();
        bytemuck::try_cast_slice::<u8, T>(whole.get(range.clone())?).ok()?;
        Some(Self { rows: Rows::Window { bytes: bytes.clone(), range, of: PhantomData } })
    }

    /// Returns the rows as bytes, as they stand in a file.
    pub(super) fn as_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self)
    }
}

impl<T: Pod> Deref for Column<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match &self.rows {
            Rows::Owned(rows) => rows,
            Rows::Window { bytes, range, .. } => bytemuck::cast_slice(&(**bytes).as_ref()[range.clone()]),
        }
    }
}

impl<T> From<Vec<T>> for Column<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows: Rows::Owned(rows) }
    }
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T: Pod> Clone for Column<T> {
    fn clone(&self) -> Self {
        match &self.rows {
            Rows::Owned(rows) => Self::from(rows.clone()),
            Rows::Window { bytes, range, .. } => {
                Self { rows: Rows::Window { bytes: bytes.clone(), range: range.clone(), of: PhantomData } }
            }
        }
    }
}

impl<T: Pod + PartialEq> PartialEq for Column<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Pod> fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.len())
    }
}
