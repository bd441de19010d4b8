//! Running other programs.

use std::error::Error;
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a program with `input` on its standard input and returns what it printed.
pub fn with_input(program: &str, arguments: &[&str], input: &str) -> Result<String, Box<dyn Error>> {
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| "the writer panicked")??;
    if !output.status.success() {
        return Err(format!("{program} {arguments:?} failed: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a program; its output goes to ours.
pub fn command(program: &str, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new(program).args(arguments).current_dir(crate::root()).status();
    let status = status.map_err(|error| format!("{program}: {error}"))?;
    if !status.success() {
        return Err(format!("`{program} {}` failed: {status}", arguments.join(" ")).into());
    }
    Ok(())
}
