//! The numbers AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

/// Bytes of all files of a function together.
pub const UNZIPPED: u64 = 262_144_000;

/// Bytes of an archive within a request.
pub const ZIPPED: usize = 52_428_800;

/// Bytes of a payload: 6 MB each way for synchronous invocations.
pub const PAYLOAD: usize = 6_291_556;

/// Bytes of a payload of an asynchronous invocation: 1 MiB.
pub const ASYNC_PAYLOAD: usize = 1_048_576;

/// Bytes of a payload of `InvokeAsync`: 256 KB.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeAsync.html>
pub const INVOKE_ASYNC_PAYLOAD: usize = 262_144;

/// Bytes of all environment variables together.
pub const ENVIRONMENT: usize = 4096;

/// Seconds an invocation may take where nothing is said.
pub const TIMEOUT: i32 = 3;

/// Megabytes of memory where nothing is said.
pub const MEMORY: i32 = 128;

/// Megabytes of `/tmp` where nothing is said.
pub const EPHEMERAL: i32 = 512;

/// Functions of one page.
pub const PAGE: usize = 50;

/// How often an asynchronous invocation is tried.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
pub const ATTEMPTS: u32 = 3;

/// Seconds before each further attempt.
pub const RETRY_SECONDS: [i64; 2] = [60, 120];

/// Seconds before an event that was turned away is tried again, at most: five minutes. They start at one and double.
pub const THROTTLE_SECONDS: i64 = 300;

/// Variables that Lambda sets itself.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub const RESERVED_VARIABLES: [&str; 20] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Runtimes that functions can neither be created with nor changed to any more.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated>
pub const DEPRECATED_RUNTIMES: [&str; 20] = [
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "nodejs",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "provided",
    "python2.7",
    "python3.6",
    "python3.7",
    "ruby2.5",
    "ruby2.7",
];

/// How often one event may invoke a function before it is taken for a loop.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>
pub const RECURSIONS: u32 = 16;

/// Capacity providers of an account.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-quotas.html>
pub const PROVIDERS: usize = 1000;

/// Function versions of a capacity provider.
pub const MANAGED_VERSIONS: usize = 100;

/// Virtual processors of a capacity provider where nothing is said.
pub const PROVIDER_CPUS: i32 = 400;

/// Megabytes of memory of a function on a capacity provider, at least and where nothing is said.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html>
pub const MANAGED_MEMORY: i32 = 2048;

/// GiB of memory for each virtual processor where nothing is said.
pub const MEMORY_PER_CPU: f64 = 2.0;

/// Environments that a version on a capacity provider has where nothing is said.
pub const MIN_ENVIRONMENTS: i32 = 3;

/// Layers of one function.
pub const LAYERS: usize = 5;

/// Invocations that may run at once in a region of an account.
pub const CONCURRENCY: i32 = 1000;

/// Of them, those that no function may have for itself.
pub const UNRESERVED: i32 = 100;

/// Bytes of all functions and layers of a region together: 75 GB.
pub const STORAGE: i64 = 80_530_636_800;

/// Tags of one function.
pub const TAGS: usize = 50;

/// Seconds an asynchronous event may wait where nothing is said: six hours.
pub const EVENT_AGE: i64 = 21_600;

/// Characters of a function's name.
pub const NAME: usize = 64;

/// Bytes of a request that creates a function.
pub const REQUEST: usize = 70_167_211;

/// Environments that are started before they are needed: more would take the machine's memory for nothing.
pub const WARMED: i32 = 10;

/// Days an execution is kept after its end where nothing is said.
///
/// Source: <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.DurableConfig.html>
pub const EXECUTION_RETENTION: i32 = 14;

/// Seconds for which a caller waits for an execution, and which the timeout of one that is waited for must not exceed.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html>
pub const SYNCHRONOUS_SECONDS: i32 = 900;

/// Bytes of a payload or an error of an operation, and of the result of an execution that nobody waits for: 1 MiB.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html>
pub const OPERATION_PAYLOAD: usize = 1_048_576;

/// Bytes of the result of an execution that is waited for.
pub const LONGEST_RESULT: usize = 6_291_456;

/// Operations of an execution.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#durable-functions-quotas>
pub const OPERATIONS: u64 = 3000;

/// Bytes of an execution's payloads together: 100 MB.
pub const EXECUTION_BYTES: usize = 104_857_600;

/// Bytes of the operations that an invocation's event or a page of the state holds. With their frame they fit in an event.
pub const STATE_BYTES: usize = 4_194_304;

/// What an operation has of its own besides its payloads, roughly.
pub const OPERATION_OVERHEAD: usize = 512;

/// Operations of a page of the state at most, and events of a page of a history.
pub const STATE_PAGE: usize = 1000;

/// Operations, events and executions of a page where nothing is said.
pub const DURABLE_PAGE: usize = 100;

/// How often in a row a durable function may fail, as AWS's testing library has it.
pub const DURABLE_ATTEMPTS: u32 = 5;

/// How often in a row it may wait for nothing.
pub const IDLE_INVOCATIONS: u32 = 3;

/// The time before a durable function that has failed is invoked again.
pub const DURABLE_RETRY: jiff::SignedDuration = jiff::SignedDuration::from_secs(5);
