//! Every service, one line each.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Context, Ids, Service};
use runner::{Runner, RunnerSettings, SandboxMode};
use service_lambda::FunctionLogs;
use settings::{MountedFolder, Sandbox, Settings, SqsUrls};
use store::{Durability, Mount, Store, StoreSettings};

use crate::StartError;

/// The names of all services, in alphabetical order.
pub const NAMES: &[&str] = &[
    "apigateway",
    "dynamodb",
    "dynamodbstreams",
    "iam",
    "lambda",
    "logs",
    "s3",
    "s3control",
    "sns",
    "sqs",
    "sts",
];

/// What services are made of.
pub struct Parts {
    /// Where they keep their rows and blobs.
    pub store: Store,
    /// What runs their users' code.
    pub runner: Runner,
    /// What was chosen of DynamoDB.
    dynamodb: service_dynamodb::Options,
    /// Where this process is reached.
    endpoint: String,
    /// What was chosen of SQS.
    sqs: service_sqs::Options,
    /// The folders that are buckets.
    mounts: Vec<(String, Mount)>,
    /// The runner's folder, where it goes with the process.
    scratch: Option<PathBuf>,
}

impl Parts {
    /// Opens the store that the settings ask for.
    pub(crate) fn open(
        settings: &Settings,
        addresses: &[SocketAddr],
        cx: &Context,
    ) -> Result<Self, StartError> {
        let store = open_store(settings, cx.clock.clone(), cx.ids.clone())?;
        let port = addresses.first().map_or(4566, SocketAddr::port);
        let sandbox = match settings.sandbox {
            Sandbox::Auto => SandboxMode::Auto,
            Sandbox::Off => SandboxMode::Off,
        };
        let scratch =
            settings.ephemeral.then(|| std::env::temp_dir().join(format!("fogbank-{}", std::process::id())));
        let root = scratch.clone().unwrap_or_else(|| settings.data_folder().join("run"));
        let endpoint = format!("http://127.0.0.1:{port}");
        let runner_settings = RunnerSettings {
            endpoint_url: endpoint.clone(),
            sandbox,
            images: settings.lambda_images.clone(),
            folders: match (&settings.lambda_folders, settings.auth) {
                (Some(folders), _) => Some(folders.clone()),
                (None, settings::Auth::Off) => None,
                // Whoever has a key may call this API, and not read this machine's files.
                (None, settings::Auth::Signature) => Some(Vec::new()),
            },
            debug: settings.lambda_debug.iter().map(|each| (each.name.clone(), each.port)).collect(),
            sdk: Some(settings.sdk_folder()),
            ..RunnerSettings::new(&root)
        };
        let logs = Arc::new(FunctionLogs::start(cx.clone()));
        let runner = Runner::new(runner_settings, cx.clock.clone(), cx.ids.clone(), logs);
        let mounts = open_mounts(settings, &store)?;
        let states = Duration::from_secs(settings.dynamodb_state_seconds.into());
        let dynamodb = service_dynamodb::Options { states, throttles: settings.dynamodb_throttle };
        let sqs = sqs_options(settings);
        Ok(Self { store, runner, dynamodb, sqs, endpoint, mounts, scratch })
    }

    /// Ends what runs besides requests.
    pub(crate) async fn close(&self) {
        self.runner.shutdown().await;
        if let Some(folder) = &self.scratch {
            let _ = tokio::fs::remove_dir_all(folder).await;
        }
    }
}

fn sqs_options(settings: &Settings) -> service_sqs::Options {
    let urls = match settings.sqs_urls {
        SqsUrls::Dynamic => service_sqs::Urls::Dynamic,
        SqsUrls::Standard => service_sqs::Urls::Standard,
        SqsUrls::Domain => service_sqs::Urls::Domain,
        SqsUrls::Path => service_sqs::Urls::Path,
    };
    service_sqs::Options {
        urls,
        name_reuse: Duration::from_secs(settings.sqs_name_reuse_seconds.into()),
        purge: Duration::from_secs(settings.sqs_purge_seconds.into()),
    }
}

/// The store in memory, or in the data folder.
fn open_store(settings: &Settings, clock: Clock, ids: Ids) -> Result<Store, StartError> {
    if settings.ephemeral {
        return Ok(Store::memory(clock, ids));
    }
    let durability = match settings.durability {
        settings::Durability::Relaxed => Durability::Relaxed,
        settings::Durability::Strict => Durability::Strict,
    };
    let cache_bytes = settings.cache_mb << 20;
    let on_disk =
        StoreSettings { durability, cache_bytes, ..StoreSettings::new(settings.data_folder().join("store")) };
    Store::open(&on_disk, clock, ids).map_err(|error| StartError(error.to_string()))
}

/// The folders that the settings share as buckets.
fn open_mounts(settings: &Settings, store: &Store) -> Result<Vec<(String, Mount)>, StartError> {
    let open = |folder: &MountedFolder| {
        let MountedFolder { bucket, path } = folder;
        if !service_s3::is_bucket_name(bucket) {
            return Err(StartError(format!(
                "cannot mount {}: no bucket can be called `{bucket}`",
                path.display()
            )));
        }
        let failed =
            |error: &dyn std::fmt::Display| StartError(format!("cannot mount {}: {error}", path.display()));
        if let Some(refusal) =
            service_s3::mount_refusal(store, bucket, path).map_err(|fault| failed(&fault))?
        {
            return Err(StartError(refusal));
        }
        let mount = Mount::open(path).map_err(|error| failed(&error))?;
        Ok((bucket.clone(), mount))
    };
    settings.mounts.iter().map(open).collect()
}

/// The services, or those that are wanted.
pub(crate) fn all(parts: &Parts, wanted: &[String]) -> Result<Vec<Service>, StartError> {
    if let Some(unknown) = wanted.iter().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(StartError(format!("there is no service `{unknown}`; there are: {}", NAMES.join(", "))));
    }
    let (store, runner) = (&parts.store, &parts.runner);
    let all = vec![
        service_apigateway::service(store),
        service_dynamodb::service(store, parts.dynamodb.clone()),
        service_dynamodb::streams(store),
        service_iam::service(store),
        service_lambda::service(store, runner),
        service_logs::service(store),
        service_s3::service(store, parts.mounts.clone()),
        service_s3control::service(store),
        service_sns::service(store, &parts.endpoint),
        service_sqs::service(store, parts.sqs),
        service_sts::service(store),
    ];
    let is_wanted =
        |service: &Service| wanted.is_empty() || wanted.iter().any(|name| name == service.schema.name);
    Ok(all.into_iter().filter(is_wanted).collect())
}
