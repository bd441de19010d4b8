//! A function: its configuration, its code, its policy.

use api_lambda::{Architecture, LambdaError, RecursiveLoop, Runtime, UpdateRuntimeOn};
use kernel::{Context, Fault, Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobId, ReadTx, Table, WriteTx};

use crate::alias::ALIASES;
use crate::capacity::{Managed, Scaling};
use crate::errors;
use crate::names::{FunctionName, Qualifier, function_arn};
use crate::policy::Statement;

/// What the code that is worked on is called.
pub const LATEST: &str = "$LATEST";

/// What the version is called that is published over and over again.
pub const PUBLISHED: &str = "$LATEST.PUBLISHED";

/// Functions by name, as they are worked on.
pub static FUNCTIONS: Table<String, Function> = Table::regional("lambda.functions");
/// Published versions by name and number; the one without a number is number zero.
pub static VERSIONS: Table<(String, u64), Function> = Table::regional("lambda.versions");

/// A function, or one of its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its configuration.
    pub configuration: Configuration,
    /// Its code.
    pub code: Code,
    /// Changes with every change.
    pub revision: String,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Who may call it.
    pub policy: Vec<Statement>,
    /// Its tags.
    pub tags: Map<String, String>,
    /// `$LATEST`, `$LATEST.PUBLISHED` or a number.
    #[serde(default = "latest")]
    pub version: String,
    /// The number of the version published last; zero if there was none.
    #[serde(default)]
    pub last_version: u64,
    /// Changes with the code and the configuration alone, unlike the revision.
    #[serde(default)]
    pub edition: String,
    /// How many invocations may run at once, if it was said.
    #[serde(default)]
    pub reserved: Option<i32>,
    /// What becomes of events that it sends itself in a circle.
    #[serde(default)]
    pub recursion: Option<RecursiveLoop>,
    /// The ARN of the configuration that says whose code it takes.
    #[serde(default)]
    pub signing: Option<String>,
    /// When its runtime is renewed, and the ARN of the runtime that was chosen by hand.
    #[serde(default)]
    pub runtime_updates: Option<(UpdateRuntimeOn, Option<String>)>,
    /// How many environments the version has on its capacity provider, if it was said.
    #[serde(default)]
    pub scaling: Option<Scaling>,
}

fn latest() -> String {
    LATEST.to_owned()
}

/// What callers configure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Configuration {
    /// The runtime, such as `python3.12`.
    pub runtime: Runtime,
    /// The handler, such as `app.handler`.
    pub handler: String,
    /// The ARN of its role.
    pub role: String,
    /// What it is for.
    pub description: String,
    /// Seconds an invocation may take.
    pub timeout: i32,
    /// Megabytes of memory.
    pub memory: i32,
    /// Megabytes of `/tmp`.
    pub ephemeral: i32,
    /// Variables, if any were given.
    pub environment: Option<Map<String, String>>,
    /// The instruction set it was made for.
    pub architecture: Architecture,
    /// Where failed asynchronous invocations go.
    pub dead_letter: Option<String>,
    /// The log group, if it is not Lambda's own.
    pub log_group: Option<String>,
    /// The levels from which on JSON logs are kept, of the application and of the system; nothing for plain text.
    #[serde(default)]
    pub json_logs: Option<(String, String)>,
    /// The layers, in the order in which they are laid over each other.
    #[serde(default)]
    pub layers: Vec<LayerUse>,
    /// Whether every invocation is traced.
    #[serde(default)]
    pub traced: bool,
    /// Whether published versions start from a snapshot.
    #[serde(default)]
    pub snap_start: bool,
    /// How a container image is run otherwise than it says itself.
    #[serde(default)]
    pub image: Option<ImageOverrides>,
    /// How long its executions may take, if it is durable.
    #[serde(default)]
    pub durable: Option<Durability>,
    /// Whether each tenant has environments of its own.
    #[serde(default)]
    pub per_tenant: bool,
    /// The capacity provider it runs on.
    #[serde(default)]
    pub managed: Option<Managed>,
}

/// What is said in place of what a container image says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageOverrides {
    /// The program.
    pub entry_point: Option<Vec<String>>,
    /// Its arguments.
    pub command: Option<Vec<String>>,
    /// The folder it starts in.
    pub working_directory: Option<String>,
}

/// What a durable function's executions may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durability {
    /// Seconds an execution may take.
    pub timeout: i32,
    /// Days it is kept after its end.
    pub retention: i32,
}

/// A layer of a function. It outlives the layer's deletion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerUse {
    /// The ARN of the layer's version.
    pub arn: String,
    /// The archive's bytes.
    pub size: u64,
}

/// A function's code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    /// The archive; nothing where the code is a folder of this machine or a container image.
    pub blob: Option<BlobId>,
    /// The archive's SHA-256, in base64; the image's digest in hexadecimal digits.
    pub sha256: String,
    /// The archive's bytes.
    pub size: u64,
    /// The folder of this machine that the code is run from, where it is not an archive's.
    #[serde(default)]
    pub folder: Option<String>,
    /// The name of the container image, where it is one. The hash is its digest then.
    #[serde(default)]
    pub image: Option<String>,
}

/// What has just happened to a function: AWS says so in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It is being created.
    Created,
    /// It is being updated.
    Updated,
    /// Its environments are being started.
    Starting,
    /// Its environments could not be started.
    Broken,
    /// It is as it was.
    Settled,
}

impl Function {
    /// The function, version or alias a caller names.
    pub fn get(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Self, LambdaError> {
        Self::find(tx, name)?.ok_or_else(|| errors::no_such_function(&name.arn()))
    }

    /// The function, version or alias a caller names, if it is there.
    pub fn find(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Option<Self>, Fault> {
        match name.kind() {
            Qualifier::Latest => tx.get(&FUNCTIONS, &name.name),
            Qualifier::Published => tx.get(&VERSIONS, &(name.name.as_str(), 0_u64)),
            Qualifier::Version(number) => tx.get(&VERSIONS, &(name.name.as_str(), number)),
            Qualifier::Alias(alias) => match tx.get(&ALIASES, &(name.name.as_str(), alias))? {
                Some(alias) => Self::find(tx, &name.with(&alias.version)),
                None => Ok(None),
            },
        }
    }

    /// Writes it back to where it was read from.
    pub fn put(&self, tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
        match self.number() {
            Some(number) => tx.put(&VERSIONS, &(name, number), self),
            None => tx.put(&FUNCTIONS, name, self),
        }
    }

    /// Removes the row; the archive goes with the last row that refers to it.
    pub fn remove(&self, tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
        match self.number() {
            Some(number) => tx.delete(&VERSIONS, &(name, number))?,
            None => tx.delete(&FUNCTIONS, name)?,
        };
        self.code.release(tx, name)
    }

    /// The number under which a published version is kept.
    fn number(&self) -> Option<u64> {
        if self.version == PUBLISHED { Some(0) } else { self.version.parse().ok() }
    }

    /// Refuses if the caller has seen another revision.
    pub fn require_revision(&self, revision: Option<&str>) -> Result<(), LambdaError> {
        match revision {
            Some(revision) if revision != self.revision => Err(errors::other_revision()),
            _ => Ok(()),
        }
    }

    /// It has been changed.
    pub fn touch(&mut self, cx: &Context) {
        self.revision = cx.ids.uuid();
        self.edition = cx.ids.uuid();
        self.modified = cx.clock.now();
    }

    /// The log group.
    pub fn log_group(&self, name: &str) -> String {
        self.configuration.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{name}"))
    }
}

impl Code {
    /// Drops the archive, unless the function or one of its versions still has it.
    pub fn release(&self, tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
        let Some(blob) = &self.blob else { return Ok(()) };
        let latest = tx.get(&FUNCTIONS, name)?.is_some_and(|function| function.code.blob == self.blob);
        let has =
            |row: Result<(_, Function), Fault>| row.is_ok_and(|(_, version)| version.code.blob == self.blob);
        let in_version = tx.prefix(&VERSIONS, &(name,)).any(has);
        if latest || in_version { Ok(()) } else { tx.drop_blob(blob) }
    }
}

impl FunctionName {
    /// The ARN without version or alias.
    pub fn plain_arn(&self) -> String {
        function_arn(&self.scope, &self.name)
    }
}
