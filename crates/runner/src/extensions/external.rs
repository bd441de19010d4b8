//! External extensions: programs of layers that run beside the runtime, below the same init.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::outcome::failure::signal_name;

/// A shell that runs external extensions beside the runtime, and is the first process of the namespace where there is
/// one. Its input is a socket: from there come orders (start the runtime, send it a signal), and there it tells how each
/// process has ended. What the extensions print goes to its standard error, what the runtime prints to its output. Once
/// nobody is left at the other end of the socket, all end: so they do not outlive the server outside a namespace either.
///
/// Extensions do not see the variables of the runtime alone:
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html#runtimes-extensions-registration-api-e>
const INIT: &str = r#"exec 3>&2 4<&0 2>/dev/null </dev/null
count=$1; shift; number=0
while [ $number -lt $count ]; do
    (unset AWS_EXECUTION_ENV AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_XRAY_CONTEXT_MISSING \
        AWS_XRAY_DAEMON_ADDRESS LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT _AWS_XRAY_DAEMON_ADDRESS _AWS_XRAY_DAEMON_PORT \
        _HANDLER
    "$1" >&3 2>&3 3>&- 4<&-; echo "$number $?" >&4) &
    shift; number=$((number + 1))
done
read -r order <&4 || { kill -KILL 0; exit; }
"$@" 2>&1 3>&- 4<&- &
runtime=$!
(while read -r order <&4; do kill -$order $runtime; done; kill -KILL 0) &
wait $runtime
echo "runtime $?" >&4
wait"#;

/// The names of the files directly in `extensions`, in order.
pub(crate) fn external(layers: Option<&Path>) -> Vec<String> {
    let Some(entries) = layers.and_then(|layers| fs::read_dir(layers.join("extensions")).ok()) else {
        return Vec::new();
    };
    let is_file = |entry: &fs::DirEntry| !entry.path().is_dir();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().ok();
    let mut names: Vec<_> = entries.flatten().filter(is_file).filter_map(name).collect();
    names.sort();
    names
}

/// The arguments that run a program and those extensions of `layers`, as the processes see that folder.
pub(crate) fn supervised(program: Vec<CString>, layers: &Path, names: &[String]) -> io::Result<Vec<CString>> {
    let text = |bytes: &[u8]| CString::new(bytes).map_err(io::Error::other);
    let count = names.len().min(super::registry::MOST);
    let mut all = vec![text(b"/bin/sh")?, text(b"-c")?, text(INIT.as_bytes())?, text(b"init")?];
    all.push(text(count.to_string().as_bytes())?);
    for name in &names[..count] {
        all.push(text(layers.join("extensions").join(name).as_os_str().as_bytes())?);
    }
    all.extend(program);
    Ok(all)
}

/// Why a program could not be started, if that is what the status means: the log's word and AWS's sentence.
pub(super) fn launch_failure(status: i32, name: &str) -> Option<(&'static str, String)> {
    let told = |reason| format!("fork/exec /opt/extensions/{name}: {reason}");
    match status {
        126 => Some(("PermissionDenied", told("permission denied"))),
        127 => Some(("UnknownError", told("no such file or directory"))),
        _ => None,
    }
}

/// How a process ended, in the words of AWS's supervisor. Its shell tells of a signal by a number above 128.
pub(super) fn ending(status: i32) -> String {
    match status {
        0 => "exit code 0".to_owned(),
        129..=192 => format!("signal: {}", signal_name(status - 128)),
        _ => format!("exit status {status}"),
    }
}
