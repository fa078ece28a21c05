//! Parsers of others that panic on a damaged file: caught, and without a report of a crash on the console.
//!
//! The hook that reports panics belongs to the whole process, so it is wrapped once and asks the thread whether the panic
//! is one that is being waited for. Invariant: every other panic is reported as before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Returns what `work` gives; `None` when it panicked. What it was changing must not be used afterwards.
pub(super) fn unwound<T>(work: impl FnOnce() -> T) -> Option<T> {
    static WRAPPED: Once = Once::new();
    WRAPPED.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |panic| {
            if !EXPECTED.with(Cell::get) {
                report(panic);
            }
        }));
    });
    let before = EXPECTED.with(|expected| expected.replace(true));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.with(|expected| expected.set(before));
    outcome.ok()
}
