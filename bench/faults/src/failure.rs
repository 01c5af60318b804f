//! What stops a run: anything that the harness itself can't do. A violation is none of it.

/// Why a run can't go on.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Nothing, or why not.
pub type Outcome<T> = Result<T, Failure>;
