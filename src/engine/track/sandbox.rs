//! The walls around a composing child: memory, processor time, no core file; no file, network or other process once its
//! files are open, where the kernel can.

use std::io;

use landlock::{ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetStatus};
use nix::{
    libc,
    sys::resource::{Resource, setrlimit},
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// Processor seconds of one child: four hours of call at a tenth of a second each, and plenty.
const CPU_SECONDS: u64 = 3_600;

/// Limits of memory, time and core dumps; before anything is read.
pub(super) fn limit(memory_mib: u64) -> io::Result<()> {
    let memory = memory_mib.saturating_mul(1024 * 1024);
    setrlimit(Resource::RLIMIT_AS, memory, memory)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS)?;
    Ok(())
}

/// Nothing may be opened any more; what is open stays. Where the kernel has no such walls the limits still stand.
pub(super) fn enclose() {
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(ABI::V4)).and_then(Ruleset::create);
    let files = ruleset.and_then(landlock::RulesetCreated::restrict_self).is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced);
    if !(files && without_network()) {
        tracing::debug!("composing without all walls: the kernel lacks landlock or seccomp");
    }
}

fn without_network() -> bool {
    let refused = [
        libc::SYS_socket,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_kill,
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
