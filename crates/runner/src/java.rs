//! Our bootstrap for Java: compiled once by the development kit that runs it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::interpreters::Interpreter;

/// The class that is started.
pub(crate) const MAIN: &str = "fogbank.Bootstrap";

macro_rules! sources {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("bootstrap/java/", $name)))),*] };
}

/// With the interfaces that AWS's runtimes have, for functions that do not bring them.
const SOURCES: [(&str, &str); 14] = sources![
    "fogbank/Binding.java",
    "fogbank/Bootstrap.java",
    "fogbank/Invocation.java",
    "fogbank/Json.java",
    "com/amazonaws/services/lambda/runtime/Client.java",
    "com/amazonaws/services/lambda/runtime/ClientContext.java",
    "com/amazonaws/services/lambda/runtime/CognitoIdentity.java",
    "com/amazonaws/services/lambda/runtime/Context.java",
    "com/amazonaws/services/lambda/runtime/LambdaLogger.java",
    "com/amazonaws/services/lambda/runtime/LambdaRuntime.java",
    "com/amazonaws/services/lambda/runtime/LambdaRuntimeInternal.java",
    "com/amazonaws/services/lambda/runtime/RequestHandler.java",
    "com/amazonaws/services/lambda/runtime/RequestStreamHandler.java",
    "com/amazonaws/services/lambda/runtime/logging/LogLevel.java",
];

/// The folder of the classes, below that of all bootstraps.
pub(crate) fn classes(runtime: &Path, interpreter: &Interpreter) -> PathBuf {
    runtime.join(format!("java{}", interpreter.version))
}

/// Compiles the bootstrap, unless it has been. Blocks for about a second.
pub(crate) fn compile(runtime: &Path, interpreter: &Interpreter) -> io::Result<()> {
    let home = classes(runtime, interpreter);
    if home.is_dir() {
        return Ok(());
    }
    let fresh = tempfile::Builder::new().prefix(".compiling-").tempdir_in(runtime)?;
    let mut files = Vec::new();
    for (name, text) in SOURCES {
        let path = fresh.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(fresh.path()))?;
        fs::write(&path, text)?;
        files.push(path);
    }
    let compiler = interpreter.program.with_file_name("javac");
    let output = Command::new(compiler)
        .args(["-nowarn", "-proc:none", "-encoding", "UTF-8", "-d"])
        .arg(fresh.path())
        .args(files)
        .env_clear()
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    // Functions are others than whoever compiles; the compiler has made the folders below.
    fs::set_permissions(fresh.path(), fs::Permissions::from_mode(0o755))?;
    match fs::rename(fresh.path(), &home) {
        Ok(()) => drop(fresh.keep()),
        // Somebody else was faster.
        Err(_) if home.is_dir() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
