//! System calls that no function needs and that reach into the kernel: refused.
//!
//! A function has no rights over this machine anyhow. This keeps kernel code away from it that only the privileged were
//! meant to reach, and which a user namespace would open. What containers commonly refuse is refused here:
//! <https://docs.docker.com/engine/security/seccomp/>

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// Refused as not permitted.
const REFUSED: [libc::c_long; 38] = [
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_nfsservctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_writev,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_umount2,
    libc::SYS_userfaultfd,
];

/// The filter, compiled once; nothing on machines for which there is none.
pub(crate) fn program() -> Option<Arc<BpfProgram>> {
    static PROGRAM: OnceLock<Option<Arc<BpfProgram>>> = OnceLock::new();
    PROGRAM
        .get_or_init(|| {
            let built = build();
            if let Err(error) = &built {
                tracing::warn!(%error, "functions run without a filter of system calls");
            }
            built.ok().map(Arc::new)
        })
        .clone()
}

fn build() -> Result<BpfProgram, Box<dyn std::error::Error>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    // New namespaces, above all of users: the first argument of both calls has the flags.
    for call in [libc::SYS_clone, libc::SYS_unshare] {
        rules.insert(call, new_namespaces()?);
    }
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, std::env::consts::ARCH.try_into()?)?;
    Ok(filter.try_into()?)
}

/// A rule for each flag, for any of them is enough.
fn new_namespaces() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let flags = [
        libc::CLONE_NEWCGROUP,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWNS,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWUTS,
    ];
    let rule = |flag: libc::c_int| {
        let flag = u64::from(flag.cast_unsigned());
        let has_it = SeccompCmpOp::MaskedEq(flag);
        SeccompRule::new(vec![SeccompCondition::new(0, SeccompCmpArgLen::Qword, has_it, flag)?])
    };
    flags.into_iter().map(rule).collect()
}
