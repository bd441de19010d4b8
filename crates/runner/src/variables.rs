//! The environment variables of a function, as on AWS.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::net::SocketAddr;
use std::path::Path;

use crate::debug;
use crate::image::SEARCH_PATH;
use crate::interpreters::{Kind, Language};
use crate::{Container, Credentials, FunctionSpec};

const XRAY_HOST: &str = "127.0.0.1";
const XRAY_PORT: &str = "2000";

/// What the variables tell besides the function itself.
pub(crate) struct Place<'a> {
    pub task_root: &'a Path,
    pub layers: &'a Path,
    pub runtime_folder: &'a Path,
    /// Where the SDK for Python lies.
    pub sdk: &'a Path,
    /// Where the SDK for Node lies, unless every folder finds it.
    pub node_modules: Option<&'a Path>,
    /// The folder of the interpreter's program.
    pub programs: Option<&'a Path>,
    /// A folder for scratch files where `/tmp` is not the function's own.
    pub scratch: Option<&'a Path>,
    pub log_stream: &'a str,
    pub api: SocketAddr,
    pub endpoint_url: &'a str,
    /// Its own.
    pub credentials: &'a Credentials,
    /// Where a debugger is waited for.
    pub debug_port: Option<u16>,
}

/// All variables: defaults, over them the owner's, over them the reserved ones.
pub(crate) fn variables(spec: &FunctionSpec, kind: Kind, place: &Place<'_>) -> Vec<CString> {
    let mut all = BTreeMap::new();
    match &spec.container {
        Some(container) => image_defaults(container, place, &mut all),
        None => defaults(spec, kind, place, &mut all),
    }
    for (name, value) in &spec.environment {
        all.insert(name.as_str(), value.clone());
    }
    reserved(spec, kind, place, &mut all);
    if let Some(port) = place.debug_port {
        all.extend(debug::variables(kind.language(), port));
    }
    // A zero byte ends a variable; AWS takes none.
    all.iter().filter_map(|(name, value)| CString::new(format!("{name}={value}")).ok()).collect()
}

fn defaults(spec: &FunctionSpec, kind: Kind, place: &Place<'_>, all: &mut BTreeMap<&str, String>) {
    let task = place.task_root.display();
    let opt = place.layers.display();
    let runtime = place.runtime_folder.display();
    let programs = place.programs.map(|folder| format!("{}:", folder.display())).unwrap_or_default();
    all.insert("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned());
    all.insert("LANG", "en_US.UTF-8".to_owned());
    all.insert(
        "LD_LIBRARY_PATH",
        format!("/var/lang/lib:/lib64:/usr/lib64:{runtime}:{runtime}/lib:{task}:{task}/lib:{opt}/lib"),
    );
    all.insert("PATH", format!("{programs}/usr/local/bin:/usr/bin:/bin:{opt}/bin"));
    all.insert("SHLVL", "0".to_owned());
    all.insert("TZ", ":UTC".to_owned());
    match kind {
        Kind::Language(Language::Python, _) => drop(all.insert("PYTHONPATH", runtime.to_string())),
        Kind::Language(Language::Node, major) => {
            let mut path = format!(
                "{opt}/nodejs/node{major}/node_modules:{opt}/nodejs/node_modules:{runtime}/node_modules:{runtime}:{task}"
            );
            if let Some(sdk) = place.node_modules {
                path = format!("{path}:{}", sdk.display());
            }
            all.insert("NODE_PATH", path);
        }
        Kind::Language(Language::Ruby, version) => {
            let version = Language::Ruby.version(version);
            let path = format!("{task}/vendor/bundle/ruby/{version}.0:{opt}/ruby/gems/{version}.0");
            all.insert("GEM_PATH", path);
            all.insert("GEM_HOME", runtime.to_string());
            all.insert("RUBYLIB", format!("{task}:{opt}/ruby/lib"));
        }
        Kind::Language(Language::Dotnet, _) => {
            // Another version than the one it was built for may be the nearest there is.
            all.insert("DOTNET_ROLL_FORWARD", "Major".to_owned());
            all.insert("DOTNET_CLI_HOME", "/tmp".to_owned());
        }
        Kind::Language(Language::Java, _) | Kind::Provided | Kind::Image => {}
    }
    if let Some(levels) = &spec.json_logs {
        all.insert("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned());
        all.insert("AWS_LAMBDA_LOG_LEVEL", levels.application.clone());
    }
    if let Some(scratch) = place.scratch {
        all.insert("TMPDIR", scratch.display().to_string());
    }
    endpoint(place.endpoint_url, all);
}

/// What the image says; the rest is its own affair.
fn image_defaults<'a>(container: &'a Container, place: &Place<'_>, all: &mut BTreeMap<&'a str, String>) {
    all.insert("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned());
    all.insert("PATH", SEARCH_PATH.to_owned());
    endpoint(place.endpoint_url, all);
    all.extend(container.image.variables().map(|(name, value)| (name, value.to_owned())));
}

/// Where the SDKs find this server, and the names programs written for `LocalStack` look for.
fn endpoint(url: &str, all: &mut BTreeMap<&str, String>) {
    all.insert("AWS_ENDPOINT_URL", url.to_owned());
    let authority = url.split("://").nth(1).unwrap_or(url).trim_end_matches('/');
    if let Some((host, port)) = authority.rsplit_once(':') {
        all.insert("EDGE_PORT", port.to_owned());
        all.insert("LOCALSTACK_HOSTNAME", host.to_owned());
    }
}

fn reserved(spec: &FunctionSpec, kind: Kind, place: &Place<'_>, all: &mut BTreeMap<&str, String>) {
    // Programs that bring their own runtime are not told one.
    if !matches!(kind, Kind::Provided | Kind::Image) {
        all.insert("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", spec.runtime));
    }
    let pairs = [
        ("AWS_DEFAULT_REGION", spec.region.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", spec.version.clone()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", spec.initialization().to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", spec.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", place.log_stream.to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", place.api.to_string()),
        ("AWS_REGION", spec.region.clone()),
        ("AWS_SECRET_ACCESS_KEY", place.credentials.secret_key.clone()),
        ("AWS_SESSION_TOKEN", place.credentials.session_token.clone()),
        ("AWS_ACCESS_KEY_ID", place.credentials.access_key.clone()),
    ];
    all.extend(pairs);
    if spec.is_managed {
        // Each event has a process of its own here, however many AWS would give to one environment.
        all.insert("AWS_LAMBDA_MAX_CONCURRENCY", "1".to_owned());
    }
    // Where the daemon listens that takes traces. Whoever sends there, sends datagrams that nobody need take.
    all.insert("AWS_XRAY_DAEMON_ADDRESS", format!("{XRAY_HOST}:{XRAY_PORT}"));
    all.insert("_AWS_XRAY_DAEMON_ADDRESS", XRAY_HOST.to_owned());
    all.insert("_AWS_XRAY_DAEMON_PORT", XRAY_PORT.to_owned());
    if kind != Kind::Image {
        all.insert("LAMBDA_RUNTIME_DIR", place.runtime_folder.display().to_string());
        all.insert("LAMBDA_TASK_ROOT", place.task_root.display().to_string());
        all.insert("_HANDLER", spec.handler.clone());
    }
}
