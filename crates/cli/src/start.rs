//! `fogbank start`: runs the emulator until it is told to end.

use std::process::ExitCode;

use kernel::{Clock, Ids};
use server::Server;
use settings::{Auth, Settings};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::refuse;

/// Runs the emulator in the foreground.
pub fn start(settings: Settings) -> ExitCode {
    let settings = match settings.with_localstack() {
        Ok(settings) => settings,
        Err(message) => return refuse(&message),
    };
    let Ok(filter) = EnvFilter::try_new(&settings.log) else {
        return refuse(&format!("`{}` is not a log level or filter", settings.log));
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(settings)),
        Err(error) => refuse(&format!("cannot start threads: {error}")),
    }
}

async fn run(settings: Settings) -> ExitCode {
    let place = if settings.ephemeral {
        "in memory".to_owned()
    } else {
        settings.data_folder().display().to_string()
    };
    println!("Fogbank {}: data {place}", server::VERSION);
    let server = match Server::start(&settings, Clock::real(), Ids::random()).await {
        Ok(server) => server,
        Err(error) => return refuse(&error.to_string()),
    };
    for address in server.addresses() {
        println!("Listening on http://{address}");
    }
    if !settings.is_loopback() && settings.auth == Auth::Off {
        println!(
            "Warning: anyone who reaches this port gets in, and Lambda runs their code: \
             listen on 127.0.0.1, or start with --auth signature"
        );
    }
    // Whoever reads `Ready.` may end us at once: by then somebody must listen for it.
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return refuse("cannot listen for signals");
    };
    println!("Ready.");
    let shutdown = server.shutdown();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.begin();
    });
    server.run().await;
    ExitCode::SUCCESS
}
