//! The limits of a reading child, beside the walls every child has ([`crate::engine::sandbox`]): files, and CPU time per picture.

use std::io;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};

use crate::engine::sandbox;

/// CPU seconds that one picture may cost.
const CPU_SECONDS_PER_JOB: u64 = 20;
/// Open files at most: the three standard streams and what tesseract keeps.
const MOST_FILES: u64 = 16;

/// Limits of memory, files and core dumps; before anything is loaded.
pub(super) fn limit(memory_mib: u64) -> io::Result<()> {
    sandbox::limit(memory_mib)?;
    setrlimit(Resource::RLIMIT_NOFILE, MOST_FILES, MOST_FILES)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    Ok(())
}

/// Gives the next picture its CPU seconds.
pub(super) fn renew_cpu_limit() -> io::Result<()> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let used = u64::try_from(usage.user_time().tv_sec() + usage.system_time().tv_sec()).unwrap_or(0);
    let (_, hard) = getrlimit(Resource::RLIMIT_CPU)?;
    Ok(setrlimit(Resource::RLIMIT_CPU, used + CPU_SECONDS_PER_JOB, hard)?)
}
