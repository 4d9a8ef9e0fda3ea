//! The walls around a child: memory, CPU time, no core file; no files (landlock) and no network, no new programs (seccomp) where the kernel can.

use std::io;

use landlock::{ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetStatus};
use nix::{
    libc,
    sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit},
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// CPU seconds that one picture may cost.
const CPU_SECONDS_PER_JOB: u64 = 20;
/// Open files at most: the three standard streams and what tesseract keeps.
const MOST_FILES: u64 = 16;

/// Limits of memory, files and core dumps; before anything is loaded.
pub(super) fn limit(memory_mib: u64) -> io::Result<()> {
    let memory = memory_mib.saturating_mul(1024 * 1024);
    setrlimit(Resource::RLIMIT_AS, memory, memory)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_NOFILE, MOST_FILES, MOST_FILES)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    Ok(())
}

/// Closes files and network; after everything is loaded. Answers the names of the walls that stand on this kernel.
pub(super) fn enclose() -> Vec<String> {
    let mut walls = vec!["rlimit".to_owned()];
    if without_files() {
        walls.push("landlock".to_owned());
    }
    if without_network() {
        walls.push("seccomp".to_owned());
    }
    walls
}

/// Gives the next picture its CPU seconds.
pub(super) fn renew_cpu_limit() -> io::Result<()> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let used = u64::try_from(usage.user_time().tv_sec() + usage.system_time().tv_sec()).unwrap_or(0);
    let (_, hard) = getrlimit(Resource::RLIMIT_CPU)?;
    Ok(setrlimit(Resource::RLIMIT_CPU, used + CPU_SECONDS_PER_JOB, hard)?)
}

/// No path may be opened any more, for whatever purpose.
fn without_files() -> bool {
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(ABI::V4)).and_then(Ruleset::create);
    let status = ruleset.and_then(landlock::RulesetCreated::restrict_self);
    status.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// System calls a picture never needs answer "not permitted".
fn without_network() -> bool {
    let refused = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_setsid,
        libc::SYS_mount,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_io_uring_setup,
        libc::SYS_keyctl,
    ];
    let rules = refused.into_iter().map(|call| (call, Vec::new())).collect();
    let Ok(arch) = std::env::consts::ARCH.try_into() else { return false };
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM.unsigned_abs()), arch);
    let program: Result<BpfProgram, _> = filter.and_then(TryInto::try_into);
    program.is_ok_and(|program| seccompiler::apply_filter(&program).is_ok())
}
