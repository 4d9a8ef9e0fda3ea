//! The walls around every child that lets a C library touch bytes from outside: memory, no core file; no files (landlock),
//! no network and no new programs (seccomp) where the kernel can. The kernel's walls cannot be taken down again.
//!
//! A child calls [`limit`] before it reads anything and [`enclose`] once everything it needs is open or loaded.

use std::{io, os::fd::BorrowedFd};

use landlock::{ABI, Access, AccessFs, PathBeneath, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus};
use nix::{
    libc,
    sys::resource::{Resource, setrlimit},
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// Limits the address space to `memory_mib` and forbids core files.
///
/// # Errors
/// When the system refuses the limit.
pub fn limit(memory_mib: u64) -> io::Result<()> {
    let memory = memory_mib.saturating_mul(1024 * 1024);
    setrlimit(Resource::RLIMIT_AS, memory, memory)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    Ok(())
}

/// Closes files and network; what is open stays open. Answers the names of the walls that stand on this kernel.
pub fn enclose() -> Vec<&'static str> {
    walls(without_files(None))
}

/// As [`enclose`], but `file` may still be opened for reading by whatever path leads to it: libav opens by path, and its
/// demultiplexers read the first bytes while they open.
pub fn enclose_around(file: BorrowedFd<'_>) -> Vec<&'static str> {
    walls(without_files(Some(file)))
}

fn walls(files_are_closed: bool) -> Vec<&'static str> {
    let mut walls = vec!["rlimit"];
    if files_are_closed {
        walls.push("landlock");
    }
    if without_network() {
        walls.push("seccomp");
    }
    walls
}

/// No path may be opened any more, for whatever purpose, but the one to `file`, for reading.
fn without_files(file: Option<BorrowedFd<'_>>) -> bool {
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(ABI::V4)).and_then(Ruleset::create);
    let ruleset = match file {
        Some(file) => ruleset.and_then(|ruleset| ruleset.add_rule(PathBeneath::new(file, AccessFs::ReadFile))),
        None => ruleset,
    };
    let status = ruleset.and_then(RulesetCreated::restrict_self);
    status.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// System calls that such a child never needs answer "not permitted".
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
