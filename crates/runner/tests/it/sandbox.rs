//! What a function sees of this machine, and what it does not.

use runner::SandboxStatus;

use crate::rig::Rig;

async fn sandboxed() -> Option<Rig> {
    let rig = Rig::new();
    match rig.runner.sandbox_status() {
        SandboxStatus::Full => Some(rig),
        SandboxStatus::None(reason) => {
            eprintln!("skipped: this machine has no sandbox: {reason}");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_folder_and_other_code_are_out_of_sight() {
    let Some(rig) = sandboxed().await else { return };
    let other = rig.python("SECRET = 1").await;
    let function =
        rig.python("import os\ndef handler(e, c):\n    return [os.path.exists(path) for path in e]").await;
    let hidden =
        [rig.folder.path(), other.code.path(), std::path::Path::new("/root"), std::path::Path::new("/home")];
    let answer = rig.answer(&function, &serde_json::json!(hidden).to_string()).await;
    assert_eq!(answer, serde_json::json!([false, false, false, false]));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_tmp_can_be_written_and_it_is_private() {
    let Some(rig) = sandboxed().await else { return };
    let text = "import os, uuid\ndef tries(path):\n    try:\n        open(path, 'w').write('x')\n        return 'written'\n    except OSError as e:\n        return e.strerror\ndef handler(e, c):\n    before = os.listdir('/tmp')\n    full = 'no'\n    try:\n        open('/tmp/big', 'wb').write(bytes(17 << 20))\n    except OSError as e:\n        full = e.strerror\n    return [before, full] + [tries(p) for p in ['/tmp/mark', '/var/task/x', '/var/runtime/x', '/etc/x', '/x']]";
    let mut function = rig.python(text).await;
    let read_only = "Read-only file system";
    let expected = serde_json::json!([
        [],
        "No space left on device",
        "written",
        read_only,
        read_only,
        read_only,
        read_only
    ]);
    // The file system is full, but the little file still fits after the big one is cut.
    let first = rig.answer(&function, "1").await;
    assert_eq!(first[0], expected[0]);
    assert_eq!(first[1], expected[1]);
    for number in 3..7 {
        assert_eq!(first[number], read_only);
    }
    let warm = rig.answer(&function, "1").await;
    assert!(warm[0].as_array().unwrap().contains(&"big".into()), "{warm}");
    function.revision = "2".into();
    assert_eq!(rig.answer(&function, "1").await[0], expected[0]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_users_and_rights_are_its_own() {
    let Some(rig) = sandboxed().await else { return };
    let text = "import os, pwd\ndef handler(e, c):\n    status = open('/proc/self/status').read()\n    field = lambda name: status.split(name + ':')[1].split()[0]\n    pids = [int(p) for p in os.listdir('/proc') if p.isdigit()]\n    return [max(pids) < 50, pwd.getpwuid(os.getuid()).pw_name, field('CapEff'), field('NoNewPrivs'), os.getcwd()]";
    let function = rig.python(text).await;
    let expected = serde_json::json!([true, "sbx_user1051", "0000000000000000", "1", "/var/task"]);
    assert_eq!(rig.answer(&function, "1").await, expected);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kernel_is_out_of_reach() {
    let Some(rig) = sandboxed().await else { return };
    let text = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ndef handler(e, c):\n    def refused(*call):\n        ctypes.set_errno(0)\n        return libc.syscall(*call) == -1 and ctypes.get_errno()\n    NEWUSER, UNSHARE, MOUNT, BPF, KEYCTL = 0x10000000, 272, 165, 321, 250\n    return [refused(UNSHARE, NEWUSER), refused(MOUNT, b'none', b'/tmp', b'tmpfs', 0, None), refused(BPF, 0, None, 0), refused(KEYCTL, 0, 0), os.popen('echo still here').read()]";
    let function = rig.python(text).await;
    let refused = libc::EPERM;
    let expected = serde_json::json!([refused, refused, refused, refused, "still here\n"]);
    #[cfg(target_arch = "x86_64")]
    assert_eq!(rig.answer(&function, "1").await, expected);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_the_machine_are_not_read() {
    let Some(rig) = sandboxed().await else { return };
    let text = "def handler(e, c):\n    try:\n        return open('/etc/shadow').read()\n    except OSError as e:\n        return e.strerror";
    let function = rig.python(text).await;
    assert_eq!(rig.answer(&function, "1").await, "Permission denied");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_processes_are_not_killed() {
    let Some(rig) = sandboxed().await else { return };
    let mut foreign = std::process::Command::new("sleep").arg("86399").spawn().unwrap();
    let text = "import os\ndef handler(pids, c):\n    errors = set()\n    for pid in pids + [-1]:\n        try:\n            os.kill(pid, 9) if pid > 0 else None\n        except OSError as e:\n            errors.add(e.strerror)\n    return sorted(errors)";
    let function = rig.python(text).await;
    let pids = [foreign.id(), std::process::id()];
    let answer = rig.answer(&function, &serde_json::json!(pids).to_string()).await;
    assert_eq!(answer, serde_json::json!(["No such process"]));
    assert_eq!(foreign.try_wait().unwrap(), None);
    foreign.kill().unwrap();
    foreign.wait().unwrap();
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forks_without_end_come_to_one() {
    let Some(rig) = sandboxed().await else { return };
    let text = "import os, signal\ndef handler(e, c):\n    count = 0\n    while True:\n        try:\n            if os.fork() == 0:\n                signal.pause()\n        except OSError as error:\n            return [count, error.strerror]\n        count += 1\n        if count > 2000:\n            return [count, 'no end']";
    let mut function = rig.python(text).await;
    // They share what the first has, which must not count for each.
    function.memory_mb = 2048;
    let answer = rig.answer(&function, "1").await;
    assert_eq!(answer[1], "Resource temporarily unavailable", "{answer}");
    assert!(answer[0].as_u64().unwrap() < 1024, "{answer}");
    let mut other = rig.python("def handler(e, c):\n    return e").await;
    other.arn.push_str("-other");
    assert_eq!(rig.answer(&other, "2").await, 2);
    rig.finish().await;
}
