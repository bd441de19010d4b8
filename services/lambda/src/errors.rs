//! The sentences AWS prints.

use api_lambda::{
    CodeSigningConfigNotFoundException, CodeVerificationFailedException, InvalidParameterValueException,
    InvalidRequestContentException, LambdaError, NoPublishedVersionException, PreconditionFailedException,
    ProvisionedConcurrencyConfigNotFoundException, PublicPolicyException, RecursiveInvocationException,
    ResourceConflictException, ResourceNotFoundException, State, ThrottleReason, TooManyRequestsException,
};
use kernel::Fault;

/// AWS marks every error that is the caller's.
fn user() -> Option<String> {
    Some("User".to_owned())
}

/// No function of that ARN.
pub fn no_such_function(arn: &str) -> LambdaError {
    not_found(format!("Function not found: {arn}"))
}

/// Nothing of that name.
pub fn no_such_resource() -> LambdaError {
    not_found("The resource you requested does not exist.".to_owned())
}

/// A resource without any policy.
pub fn no_policy() -> LambdaError {
    not_found("No policy is associated with the given resource.".to_owned())
}

/// A function that is not there can have no policy.
pub fn no_policy_for(arn: &str) -> LambdaError {
    not_found(format!("No policy found for: {arn}"))
}

/// No statement of that id.
pub fn no_such_statement(id: &str) -> LambdaError {
    not_found(format!("Statement {id} is not found in resource policy."))
}

/// A policy that lets everybody in.
pub fn public_policy() -> LambdaError {
    let message = "The resource-based policy you tried to add to the Lambda resource would grant public access to it, \
                   which isn't allowed.";
    let error = PublicPolicyException { message: Some(message.to_owned()), r#type: user() };
    LambdaError::PublicPolicyException(Box::new(error))
}

/// No alias of that ARN.
pub fn no_such_alias(arn: &str) -> LambdaError {
    not_found(format!("Cannot find alias arn: {arn}"))
}

/// A layer version that is not there.
pub fn no_such_layer(arn: &str) -> String {
    format!("Layer version {arn} does not exist.")
}

/// An ARN of another region.
pub fn other_region(theirs: &str, ours: &str) -> LambdaError {
    not_found(format!("Functions from '{theirs}' are not reachable in this region ('{ours}')"))
}

/// A function of another account. AWS says nothing more.
pub fn other_account() -> LambdaError {
    Fault::new("AccessDeniedException", 403, "").into()
}

/// No settings for asynchronous invocations.
pub fn no_invoke_config(arn: &str) -> LambdaError {
    not_found(format!("The function {arn} doesn't have an EventInvokeConfig"))
}

/// No code signing configuration of that ARN.
pub fn no_such_signing(arn: &str) -> LambdaError {
    LambdaError::ResourceNotFoundException(Box::new(ResourceNotFoundException {
        message: Some(format!("The Lambda code signing configuration {arn} can not be found.")),
        r#type: None,
    }))
}

/// A function may not refer to a code signing configuration that is not there.
pub fn unknown_signing(arn: &str) -> LambdaError {
    let message = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    LambdaError::CodeSigningConfigNotFoundException(Box::new(CodeSigningConfigNotFoundException {
        message: Some(message),
        r#type: user(),
    }))
}

/// Code without the signature that its function asks for.
pub fn not_signed() -> LambdaError {
    let message = "Lambda cannot deploy the function. The function or layer might be signed using a signature that the \
                   client is not configured to accept. Check the provided signature for unsigned.";
    let error = CodeVerificationFailedException { message: Some(message.to_owned()), r#type: user() };
    LambdaError::CodeVerificationFailedException(Box::new(error))
}

/// No provisioned concurrency.
pub fn not_provisioned() -> LambdaError {
    let error = ProvisionedConcurrencyConfigNotFoundException {
        message: Some("No Provisioned Concurrency Config found for this function".to_owned()),
        r#type: user(),
    };
    LambdaError::ProvisionedConcurrencyConfigNotFoundException(Box::new(error))
}

/// What breaks a constraint that the model does not have.
pub fn breaks(value: &str, path: &str, constraint: &str) -> LambdaError {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"
    );
    Fault::client("ValidationException", message).into()
}

/// Something that is not there.
pub fn not_found(message: String) -> LambdaError {
    LambdaError::ResourceNotFoundException(Box::new(ResourceNotFoundException {
        message: Some(message),
        r#type: user(),
    }))
}

/// A function of that name is there.
pub fn function_exists(name: &str) -> LambdaError {
    conflict(format!("Function already exist: {name}"))
}

/// A statement of that id is there.
pub fn statement_exists(id: &str) -> LambdaError {
    conflict(format!(
        "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing \
         statement."
    ))
}

/// What is there already, or in the way.
pub fn conflict(message: String) -> LambdaError {
    LambdaError::ResourceConflictException(Box::new(ResourceConflictException {
        message: Some(message),
        r#type: user(),
    }))
}

/// A parameter that cannot have that value.
pub fn invalid(message: impl Into<String>) -> LambdaError {
    let message = Some(message.into());
    LambdaError::InvalidParameterValueException(Box::new(InvalidParameterValueException {
        message,
        r#type: user(),
    }))
}

/// The same for the newer checks, which do not say whose error it is.
pub fn refused(message: impl Into<String>) -> LambdaError {
    let message = Some(message.into());
    LambdaError::InvalidParameterValueException(Box::new(InvalidParameterValueException {
        message,
        r#type: None,
    }))
}

/// A runtime whose time is over.
pub fn deprecated_runtime(runtime: &str) -> LambdaError {
    invalid(format!(
        "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We \
         recommend you use a supported runtime while creating or updating functions."
    ))
}

/// The function changed since the caller looked.
pub fn other_revision() -> LambdaError {
    other_revision_than("GetFunction/GetAlias")
}

/// Something changed since the caller looked with that operation.
pub fn other_revision_than(operation: &str) -> LambdaError {
    let message = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {operation} API to retrieve the \
         latest Revision Id"
    );
    let error = PreconditionFailedException { message: Some(message), r#type: user() };
    LambdaError::PreconditionFailedException(Box::new(error))
}

/// A payload that is no JSON.
pub fn not_json(reason: &str) -> LambdaError {
    let message =
        format!("Could not parse request body into json: Could not parse payload into json: {reason}");
    let error = InvalidRequestContentException { message: Some(message), r#type: user() };
    LambdaError::InvalidRequestContentException(Box::new(error))
}

/// A payload that is too long.
pub fn payload_too_large(bytes: usize, kind: &str, most: usize) -> LambdaError {
    let message =
        format!("{bytes} byte payload is too large for the {kind} invocation type (limit {most} bytes)");
    Fault::new("RequestTooLargeException", 413, message).field("Type", "User").into()
}

/// All that may run at once do.
pub fn too_many_requests(reason: ThrottleReason) -> LambdaError {
    let error = TooManyRequestsException {
        message: Some("Rate Exceeded.".to_owned()),
        r#type: user(),
        reason: Some(reason),
        ..TooManyRequestsException::default()
    };
    LambdaError::TooManyRequestsException(Box::new(error))
}

/// The machine cannot run this function.
pub fn cannot_run(message: String) -> LambdaError {
    Fault::new("InvalidRuntimeException", 502, message).field("Type", "Service").into()
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> LambdaError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}

/// A mapping of the same source and function.
pub fn mapping_exists(source: &crate::mapping::Source, arn: &str, function: &str, id: &str) -> LambdaError {
    use crate::mapping::Source;
    let what = match source {
        Source::Queue(_) => format!(
            "An event source mapping with SQS arn (\" {arn} \") and function (\" {function} \") already exists."
        ),
        Source::Stream(_) => format!(
            "The event source arn (\" {arn} \") and function (\" {function} \") provided mapping already exists."
        ),
    };
    conflict(format!("{what} Please update or delete the existing mapping with UUID {id}"))
}

/// A function that invokes itself in a circle.
pub fn recursive() -> LambdaError {
    let message = "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services \
                   resources and stopped your function's invocation.";
    let error = RecursiveInvocationException { message: Some(message.to_owned()), r#type: user() };
    LambdaError::RecursiveInvocationException(Box::new(error))
}

/// A capacity provider that is not there.
pub fn no_such_provider(arn: &str) -> LambdaError {
    not_found(format!("Capacity provider not found: {arn}"))
}

/// What functions of capacity providers cannot have.
pub fn not_managed(what: &str) -> LambdaError {
    invalid(format!("{what} is not supported for Lambda Managed Instances functions."))
}

/// A setting that only functions of capacity providers have.
pub fn managed_only(what: &str) -> LambdaError {
    invalid(format!("{what} isn't supported for Lambda Default functions."))
}

/// A function that runs only as published versions, without any.
pub fn no_published_version() -> LambdaError {
    let message = Some("The function has no published versions available.".to_owned());
    LambdaError::NoPublishedVersionException(Box::new(NoPublishedVersionException {
        message,
        r#type: user(),
    }))
}

/// A version that takes no events in its state.
pub fn not_invocable(state: &State) -> LambdaError {
    conflict(format!(
        "The operation cannot be performed at this time. The function is currently in the following state: {state}"
    ))
}

/// What functions with tenants cannot have.
pub fn not_for_tenants(what: &str) -> LambdaError {
    let verb = if what.ends_with('s') { "are" } else { "is" };
    invalid(format!("{what} {verb} not supported for functions with tenant isolation."))
}

/// A share of events that is none. The map in which it stands is reported as a whole.
pub fn no_share(version: &str, weight: f64) -> Fault {
    let message = format!(
        "1 validation error detected: Value '{{{version}={weight:?}}}' at 'routingConfig.additionalVersionWeights' failed \
         to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
         Member must have value greater than or equal to 0.0, Member must not be null]"
    );
    Fault::client("ValidationException", message)
}

/// An execution that is not there.
pub fn no_such_execution() -> LambdaError {
    not_found("Durable Execution does not exist".to_owned())
}

/// A callback that is not there.
pub fn no_such_callback() -> LambdaError {
    not_found("Callback does not exist".to_owned())
}

/// A callback that was completed, or whose time is over.
pub fn callback_over() -> LambdaError {
    LambdaError::callback_timeout_exception(
        "The callback ID token has either expired or the callback associated with the token has already been closed.",
    )
}

/// A checkpoint by somebody whose turn it is not.
pub fn invalid_checkpoint() -> LambdaError {
    refused("Invalid checkpoint token")
}

/// A durable function named without a version or an alias.
pub fn unqualified() -> LambdaError {
    invalid("You cannot invoke a durable function using an unqualified ARN.")
}

/// A caller who would wait for longer than callers may.
pub fn too_long_to_wait() -> LambdaError {
    invalid(
        "You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.",
    )
}

/// Another execution has that name.
pub fn execution_exists(name: &str) -> LambdaError {
    LambdaError::durable_execution_already_started_exception(format!(
        "A durable execution with the name {name} has already been started with a different payload."
    ))
}

/// A durable function whose executions have no end.
pub fn no_execution_timeout() -> LambdaError {
    invalid("ExecutionTimeout is required in DurableConfig.")
}

/// A function that was not created as a durable one.
pub fn not_durable() -> LambdaError {
    invalid("You cannot add a durable configuration to a function that was created without one.")
}

/// What an execution's status does not allow.
pub fn not_in_status(what: &str, status: &api_lambda::ExecutionStatus) -> LambdaError {
    conflict(format!("A durable execution cannot be {what} while its status is {status}."))
}
