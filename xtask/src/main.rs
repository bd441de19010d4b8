//! The project's own commands: `cargo xtask codegen | coverage | new | test | tidy`.
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "xtask is a tool of the terminal and the disk; no service runs in it"
)]

mod codegen;
mod coverage;
mod new;
mod run;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask codegen | coverage | new <service> | test [part] | tidy";

/// What a command ends with.
type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((command, rest)) => match command.as_str() {
            "codegen" => codegen::codegen(rest),
            "coverage" => coverage::coverage(rest),
            "new" => new::new(rest),
            "test" => test::test(rest),
            "tidy" => tidy::tidy(rest),
            other => Err(format!("no command `{other}`; {USAGE}").into()),
        },
        None => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}
