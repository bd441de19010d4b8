//! Every setting, declared once: as a flag, as `FOGBANK_*`, and under LocalStack's name where it has one.
#![allow(clippy::disallowed_methods, reason = "this is where the environment is read")]

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What `fogbank start` can be told.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address and port to listen on; several with commas.
    #[arg(long, env = "FOGBANK_LISTEN", value_delimiter = ',', default_value = "127.0.0.1:4566")]
    pub listen: Vec<SocketAddr>,

    /// Folder that keeps all data [default: ~/.local/share/fogbank].
    #[arg(long, env = "FOGBANK_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// Keep nothing: all data is in memory and gone at the end.
    #[arg(long, env = "FOGBANK_EPHEMERAL", default_value_t = false, num_args = 0..=1, default_missing_value = "true", value_parser = clap::builder::FalseyValueParser::new())]
    pub ephemeral: bool,

    /// Who gets in: `off` accepts any credentials, `signature` only known keys that sign rightly.
    #[arg(long, env = "FOGBANK_AUTH", value_enum, default_value_t = Auth::Off)]
    pub auth: Auth,

    /// A key of the default account's root, as `ID:SECRET`, for signing the first requests with `--auth signature`.
    #[arg(long, env = "FOGBANK_ROOT_KEY", hide_env_values = true)]
    pub root_key: Option<RootKey>,

    /// When a write is acknowledged: once the system has it, or once the disk has it.
    #[arg(long, env = "FOGBANK_DURABILITY", value_enum, default_value_t = Durability::Relaxed)]
    pub durability: Durability,

    /// Serve only these services, with commas.
    #[arg(long, env = "FOGBANK_SERVICES", value_delimiter = ',')]
    pub services: Vec<String>,

    /// A bucket that is a folder, as `NAME=PATH`; several with commas or by repeating.
    #[arg(long = "mount", env = "FOGBANK_MOUNT", value_name = "NAME=PATH", value_delimiter = ',')]
    pub mounts: Vec<MountedFolder>,

    /// Origins whose pages may call from a browser, beside this machine's own; `*` is every one.
    #[arg(long, env = "FOGBANK_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// How much to log: error, warn, info, debug, trace, or a filter of `tracing`.
    #[arg(long, env = "FOGBANK_LOG", default_value = "warn")]
    pub log: String,

    /// Isolate function code where the kernel allows it.
    #[arg(long, env = "FOGBANK_SANDBOX", value_enum, default_value_t = Sandbox::Auto)]
    pub sandbox: Sandbox,

    /// Where Lambda finds container images by name, with commas: folders of archives that `docker save` or others have
    /// written, and sockets of container engines such as `unix:///var/run/docker.sock`.
    #[arg(long, env = "FOGBANK_LAMBDA_IMAGES", value_delimiter = ',')]
    pub lambda_images: Vec<String>,

    /// A folder laid out like a layer (`python/`, `nodejs/node_modules/`) with packages that all Lambda functions see, as
    /// AWS's runtimes bring SDKs [default: `sdk` in the data folder, and the boto3 of this process's Python].
    #[arg(long, env = "FOGBANK_LAMBDA_SDK")]
    pub lambda_sdk: Option<PathBuf>,

    /// Folders of this machine from which Lambda may run code where it lies (hot reload, images named by path), with
    /// commas [default: all, and none with `--auth signature`].
    #[arg(long, env = "FOGBANK_LAMBDA_FOLDERS", value_delimiter = ',')]
    pub lambda_folders: Option<Vec<PathBuf>>,

    /// A Lambda function that waits for a debugger on a port of 127.0.0.1, as `NAME=PORT`; several with commas. Its time
    /// does not run out, and it has one environment at a time.
    #[arg(long, env = "FOGBANK_LAMBDA_DEBUG", value_name = "NAME=PORT", value_delimiter = ',')]
    pub lambda_debug: Vec<DebuggedFunction>,

    /// Memory for the cache of the data folder, in MiB.
    #[arg(long, env = "FOGBANK_CACHE_MB", default_value_t = 64)]
    pub cache_mb: usize,

    /// How many seconds DynamoDB's tables and indexes are in passing states such as `CREATING`.
    #[arg(long, env = "FOGBANK_DYNAMODB_STATE_SECONDS", default_value_t = 0)]
    pub dynamodb_state_seconds: u32,

    /// Let the throughput of DynamoDB's tables run out as it does there: what is provisioned, or the most by request.
    #[arg(long, env = "FOGBANK_DYNAMODB_THROTTLE")]
    pub dynamodb_throttle: bool,

    /// In which form SQS's queues have URLs; all forms are understood.
    #[arg(long, env = "FOGBANK_SQS_URLS", value_enum, default_value_t = SqsUrls::Dynamic)]
    pub sqs_urls: SqsUrls,

    /// How many seconds the name of a deleted SQS queue cannot be used again; AWS has 60.
    #[arg(long, env = "FOGBANK_SQS_NAME_REUSE_SECONDS", default_value_t = 0)]
    pub sqs_name_reuse_seconds: u32,

    /// How many seconds an SQS queue cannot be purged again.
    #[arg(long, env = "FOGBANK_SQS_PURGE_SECONDS", default_value_t = AWS_SQS_SECONDS)]
    pub sqs_purge_seconds: u32,

    /// Largest request body that is read whole, in MiB; streamed bodies have no limit.
    #[arg(long, env = "FOGBANK_MAX_BODY_MB", default_value_t = 128)]
    pub max_body_mb: usize,
}

/// An access key given on the command line.
#[derive(Clone)]
pub struct RootKey {
    /// Its id.
    pub id: String,
    /// What signs.
    pub secret: String,
}

impl std::str::FromStr for RootKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((id, secret)) if !id.is_empty() && !secret.is_empty() => {
                Ok(Self { id: id.to_owned(), secret: secret.to_owned() })
            }
            _ => Err("not of the form ID:SECRET"),
        }
    }
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RootKey({})", self.id)
    }
}

/// A bucket that is a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountedFolder {
    /// The bucket's name.
    pub bucket: String,
    /// The folder.
    pub path: PathBuf,
}

impl std::str::FromStr for MountedFolder {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((bucket, path)) if !bucket.is_empty() && !path.is_empty() => {
                Ok(Self { bucket: bucket.to_owned(), path: path.into() })
            }
            _ => Err("not of the form NAME=PATH"),
        }
    }
}

/// A function that waits for a debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebuggedFunction {
    /// The function's name.
    pub name: String,
    /// Where it waits.
    pub port: u16,
}

impl std::str::FromStr for DebuggedFunction {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, port) = text.split_once('=').ok_or("not of the form NAME=PORT")?;
        match port.parse() {
            Ok(port @ 1..) if !name.is_empty() => Ok(Self { name: name.to_owned(), port }),
            _ => Err("not of the form NAME=PORT"),
        }
    }
}

/// Who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// Any credentials; expiry of presigned URLs is honoured.
    Off,
    /// A known key must sign rightly.
    Signature,
}

/// When a write is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// After it reached the operating system: it survives the end of the process.
    Relaxed,
    /// After it reached the disk: it survives a power cut.
    Strict,
}

/// The forms of queues' URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SqsUrls {
    /// On the host that the client used, in the form that it used.
    Dynamic,
    /// `http://sqs.REGION.localhost.localstack.cloud:4566/ACCOUNT/NAME`
    Standard,
    /// `http://REGION.queue.localhost.localstack.cloud:4566/ACCOUNT/NAME`
    Domain,
    /// `http://HOST/queue/REGION/ACCOUNT/NAME`
    Path,
}

/// Whether function code is isolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sandbox {
    /// Where the kernel allows it.
    Auto,
    /// Never.
    Off,
}

impl Settings {
    /// Fills in LocalStack's variables where neither a flag nor ours was given.
    ///
    /// # Errors
    /// A sentence that names the variable whose value cannot be used.
    pub fn with_localstack(self) -> Result<Self, String> {
        self.with_variables(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn with_variables(mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let default = [SocketAddr::from(([127, 0, 0, 1], 4566))];
        if let Some(value) = variable("GATEWAY_LISTEN").filter(|_| self.listen == default) {
            self.listen = value.split(',').map(listen_address).collect::<Result<_, _>>()?;
        }
        if let Some(value) = variable("PERSISTENCE").filter(|_| variable("FOGBANK_EPHEMERAL").is_none()) {
            self.ephemeral |= matches!(value.as_str(), "0" | "false" | "False");
        }
        if let Some(value) = variable("SERVICES").filter(|_| self.services.is_empty()) {
            self.services = value.split(',').map(|name| name.trim().to_owned()).collect();
        }
        if let Some(value) = variable("EXTRA_CORS_ALLOWED_ORIGINS").filter(|_| self.cors_origins.is_empty()) {
            self.cors_origins = value.split(',').map(|origin| origin.trim().to_owned()).collect();
        }
        if variable("DISABLE_CORS_CHECKS").is_some_and(|value| is_on(&value)) {
            self.cors_origins.push("*".to_owned());
        }
        if variable("DYNAMODB_DELAY_TRANSIENT_STATUSES").is_some_and(|value| is_on(&value))
            && self.dynamodb_state_seconds == 0
        {
            self.dynamodb_state_seconds = LOCALSTACKS_STATE_SECONDS;
        }
        if let Some(value) = variable("SQS_ENDPOINT_STRATEGY").filter(|_| self.sqs_urls == SqsUrls::Dynamic) {
            // Older strategies, such as `off`, are what the dynamic one does on plain hosts.
            self.sqs_urls = SqsUrls::from_str(&value, true).unwrap_or(SqsUrls::Dynamic);
        }
        if variable("SQS_DELAY_RECENTLY_DELETED").is_some_and(|value| is_on(&value))
            && self.sqs_name_reuse_seconds == 0
        {
            self.sqs_name_reuse_seconds = AWS_SQS_SECONDS;
        }
        if variable("SQS_DELAY_PURGE_RETRY").is_some_and(|value| !is_on(&value))
            && self.sqs_purge_seconds == AWS_SQS_SECONDS
        {
            self.sqs_purge_seconds = 0;
        }
        if variable("DEBUG").is_some_and(|value| is_on(&value)) && self.log == "warn" {
            "debug".clone_into(&mut self.log);
        }
        Ok(self)
    }

    /// The folder of packages that all Lambda functions see.
    #[must_use]
    pub fn sdk_folder(&self) -> PathBuf {
        self.lambda_sdk.clone().unwrap_or_else(|| self.data_folder().join("sdk"))
    }

    /// The data folder, which is under the user's home unless one is given.
    pub fn data_folder(&self) -> PathBuf {
        let home = || std::env::var("HOME").map_or_else(|_| PathBuf::from("."), PathBuf::from);
        let base =
            || std::env::var("XDG_DATA_HOME").map_or_else(|_| home().join(".local/share"), PathBuf::from);
        self.data_dir.clone().unwrap_or_else(|| base().join("fogbank"))
    }

    /// Whether every address is the machine's own.
    pub fn is_loopback(&self) -> bool {
        self.listen.iter().all(|address| address.ip().is_loopback())
    }
}

/// How long LocalStack shows passing states of tables when asked to.
const LOCALSTACKS_STATE_SECONDS: u32 = 5;

/// How long AWS's SQS remembers a deleted queue's name and a purge.
const AWS_SQS_SECONDS: u32 = 60;

fn is_on(value: &str) -> bool {
    matches!(value, "1" | "true" | "True")
}

/// `GATEWAY_LISTEN` may leave out the host (`:4566`) or name one by its name.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    use std::net::ToSocketAddrs;
    let text = text.trim();
    let full = if text.starts_with(':') { format!("0.0.0.0{text}") } else { text.to_owned() };
    let full = if full.contains(':') { full } else { format!("{full}:4566") };
    let mut found = full.to_socket_addrs().map_err(|error| format!("GATEWAY_LISTEN={text}: {error}"))?;
    found.next().ok_or_else(|| format!("GATEWAY_LISTEN={text}: no address"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(flags: &[&str], variables: &[(&str, &str)]) -> Result<Settings, String> {
        let settings = Program::parse_from([&["fogbank"], flags].concat()).settings;
        let find = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        settings.with_variables(&find)
    }

    #[test]
    fn localstacks_variables_are_understood() {
        let settings =
            parse(&[], &[("GATEWAY_LISTEN", ":4567"), ("SERVICES", "s3, sqs"), ("DEBUG", "1")]).unwrap();
        assert_eq!(settings.listen, ["0.0.0.0:4567".parse().unwrap()]);
        assert_eq!(settings.services, ["s3", "sqs"]);
        assert_eq!(settings.log, "debug");
        assert_eq!(settings.dynamodb_state_seconds, 0);
        assert!(!settings.is_loopback());
        let settings = parse(&[], &[("DYNAMODB_DELAY_TRANSIENT_STATUSES", "1")]).unwrap();
        assert_eq!(settings.dynamodb_state_seconds, 5);
    }

    #[test]
    fn the_choices_of_sqs_have_localstacks_names_too() {
        let settings = parse(&[], &[]).unwrap();
        let shown = |settings: &Settings| {
            (settings.sqs_urls, settings.sqs_name_reuse_seconds, settings.sqs_purge_seconds)
        };
        assert_eq!(shown(&settings), (SqsUrls::Dynamic, 0, 60));
        let variables = [
            ("SQS_ENDPOINT_STRATEGY", "domain"),
            ("SQS_DELAY_RECENTLY_DELETED", "1"),
            ("SQS_DELAY_PURGE_RETRY", "0"),
        ];
        assert_eq!(shown(&parse(&[], &variables).unwrap()), (SqsUrls::Domain, 60, 0));
    }

    #[test]
    fn our_own_flags_come_first() {
        let settings = parse(&["--listen", "127.0.0.1:1"], &[("GATEWAY_LISTEN", ":4567")]).unwrap();
        assert_eq!(settings.listen, ["127.0.0.1:1".parse().unwrap()]);
        assert!(parse(&[], &[("GATEWAY_LISTEN", "nowhere:x")]).is_err());
    }

    #[test]
    fn persistence_off_is_ephemeral() {
        assert!(parse(&[], &[("PERSISTENCE", "0")]).unwrap().ephemeral);
        assert!(!parse(&[], &[("PERSISTENCE", "1")]).unwrap().ephemeral);
        assert!(parse(&["--ephemeral"], &[]).unwrap().ephemeral);
    }
}
