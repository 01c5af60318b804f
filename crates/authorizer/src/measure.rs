//! What an invocation took: milliseconds as logs write them, and memory as the kernel counts it.

use std::time::Duration;

/// In milliseconds, to the hundredth.
pub(crate) fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 100_000.0).round() / 100.0
}

/// The most memory that this process has had at once (`VmHWM`), in MiB to the tenth; none where there is no `/proc`.
pub(crate) fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((f64::from(kib) / 102.4).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_memory_are_written_as_people_read_them() {
        assert!((millis(Duration::from_micros(1_234)) - 1.23).abs() < f64::EPSILON);
        if cfg!(target_os = "linux") {
            let memory = peak_memory().unwrap();
            assert!((1.0..1_000.0).contains(&memory), "{memory}");
        }
    }
}
