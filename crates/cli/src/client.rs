//! Commands that speak to a running emulator.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::refuse;

/// Where the emulator is.
#[derive(Args)]
pub struct Endpoint {
    /// Address and port of the emulator.
    #[arg(long, env = "FOGBANK_ENDPOINT", default_value = "127.0.0.1:4566")]
    endpoint: String,
}

const REGION: &str = "us-east-1";

impl Endpoint {
    fn address(&self) -> &str {
        self.endpoint.trim_start_matches("http://").trim_end_matches('/')
    }

    fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}

/// Prints the health of a running emulator.
pub fn status(endpoint: &Endpoint) -> ExitCode {
    match health(endpoint.address()) {
        Ok(body) => {
            println!("Fogbank answers at {}\n{body}", endpoint.url());
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("nothing answers at {}: {error}", endpoint.url());
            ExitCode::FAILURE
        }
    }
}

/// The health page. The server answers a request of HTTP/1.0 and closes, so plain sockets do.
fn health(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(format!("GET /_fogbank/health HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    body.ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}

/// The variables that point SDKs and tools at the emulator; credentials only where the user has none.
fn variables(endpoint: &Endpoint) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", endpoint.url()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
    ]
}

/// Prints exports for a shell: `eval "$(fogbank env)"`.
pub fn env(endpoint: &Endpoint) -> ExitCode {
    for (name, value) in variables(endpoint) {
        println!("export {name}={value}");
    }
    ExitCode::SUCCESS
}

/// Becomes the AWS CLI with our endpoint; what the user has set stays.
pub fn aws(arguments: &[String]) -> ExitCode {
    #[allow(clippy::disallowed_methods, reason = "the user's own variables come first")]
    let set = |name: &str| std::env::var(name).ok();
    let named = set("FOGBANK_ENDPOINT");
    let is_default = named.is_none();
    let endpoint = Endpoint { endpoint: named.unwrap_or_else(|| "127.0.0.1:4566".to_owned()) };
    let url = set("AWS_ENDPOINT_URL").filter(|_| is_default).unwrap_or_else(|| endpoint.url());
    let mut command = Command::new("aws");
    // Version 1 of the AWS CLI overlooks the variable for SQS, so the flag says it too.
    if !arguments.iter().any(|argument| argument.starts_with("--endpoint-url")) {
        command.args(["--endpoint-url", &url]);
    }
    command.args(arguments);
    for (name, value) in variables(&endpoint) {
        if set(name).is_none() {
            command.env(name, value);
        }
    }
    let error = command.exec();
    refuse(&format!("cannot run the AWS CLI (`aws`): {error}"))
}
