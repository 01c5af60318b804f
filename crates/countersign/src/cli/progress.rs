//! Progress of long work, on a terminal only.

use std::time::Duration;

use countersign_app::operate::{self, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Output;

/// A bar, or nothing that can be seen.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar over bytes.
    pub(super) fn bytes(out: Output, what: &'static str, total: u64) -> Self {
        let form = "{msg} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
        Self::new(out, what, form, Some(total))
    }

    /// A count of things whose number is not known beforehand.
    pub(super) fn counter(out: Output, what: &'static str) -> Self {
        Self::new(
            out,
            what,
            "{spinner} {msg} {human_pos}, {per_sec}, {elapsed}",
            None,
        )
    }

    /// A bar over the records of a store, kind by kind.
    pub(super) fn records(out: Output) -> Self {
        let form = "{msg} {wide_bar} {human_pos}/{human_len}, {per_sec}, {eta} left";
        Self::new(out, "", form, Some(0))
    }

    /// How far the work on a store is.
    pub(super) fn shows(&self, progress: &operate::Progress) {
        let operate::Progress {
            step,
            kind,
            done,
            expected,
        } = *progress;
        let doing = match step {
            Step::Copying => "copying",
            Step::ReadingSource => "reading the source:",
            Step::ReadingTarget => "comparing the target:",
            Step::Checking => "checking",
        };
        self.0
            .set_message(format!("{doing} {}", kind.as_str().replace('_', " ")));
        self.0.set_length(expected.unwrap_or(done).max(done));
        self.0.set_position(done);
    }

    fn new(out: Output, what: &'static str, form: &str, total: Option<u64>) -> Self {
        if !out.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// The bar itself, for work on another thread.
    pub(super) fn handle(&self) -> ProgressBar {
        self.0.clone()
    }

    /// How far it is.
    pub(super) fn at(&self, position: u64) {
        self.0.set_position(position);
    }

    /// Says something without breaking the bar.
    pub(super) fn aside<T>(&self, say: impl FnOnce() -> T) -> T {
        self.0.suspend(say)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
