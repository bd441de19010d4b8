//! The command people type: `fogbank start | status | doctor | env | aws`.
#![allow(clippy::disallowed_macros, reason = "the command line talks to the terminal")]

mod client;
mod doctor;
mod start;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Small allocations come and go with every request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// AWS on your own metal: one process on one port that answers as AWS does.
#[derive(Parser)]
#[command(name = "fogbank", version, propagate_version = true)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the emulator in the foreground.
    Start(Box<settings::Settings>),
    /// Say whether an emulator answers, and which services it has.
    Status(client::Endpoint),
    /// Say which runtimes this machine has and how well functions are isolated on it.
    Doctor(Box<settings::Settings>),
    /// Print the exports that point SDKs and tools at the emulator.
    Env(client::Endpoint),
    /// Run the installed AWS CLI against the emulator.
    #[command(disable_help_flag = true)]
    Aws {
        /// What to tell the AWS CLI.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match Program::parse().command {
        Command::Start(settings) => start::start(*settings),
        Command::Status(endpoint) => client::status(&endpoint),
        Command::Doctor(settings) => doctor::doctor(&settings),
        Command::Env(endpoint) => client::env(&endpoint),
        Command::Aws { arguments } => client::aws(&arguments),
    }
}

/// One clear line about what the user got wrong.
fn refuse(message: &str) -> ExitCode {
    eprintln!("fogbank: {message}");
    ExitCode::from(2)
}
