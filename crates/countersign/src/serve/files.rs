//! How many files, and so connections, the process may have open.

/// What is kept for the database, logs and the operators' address.
const OWN: usize = 128;

/// Raises the process's limit as far as the system lets it, and gives how many connections fit: those
/// wanted, or fewer, with a warning.
#[cfg(unix)]
pub(super) fn make_room(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let allowed = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let Some(allowed) = allowed else {
        return wanted;
    };
    let room = usize::try_from(allowed)
        .unwrap_or(usize::MAX)
        .saturating_sub(OWN)
        .max(16);
    if room < wanted {
        tracing::warn!(
            wanted,
            room,
            "the system allows fewer open files than `http.max_connections` needs; raise its limit \
             (`ulimit -n`, `LimitNOFILE=`) or lower the setting"
        );
    }
    wanted.min(room)
}

/// Elsewhere there is no such limit to ask for.
#[cfg(not(unix))]
pub(super) fn make_room(wanted: usize) -> usize {
    wanted
}
