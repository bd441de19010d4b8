//! The sentences AWS prints.

use api_iam::IamError;
use kernel::Fault;

/// Something of that kind and name is not there.
pub fn not_found(kind: &str, name: &str) -> IamError {
    IamError::no_such_entity_exception(format!("The {kind} with name {name} cannot be found."))
}

/// No managed policy of that ARN.
pub fn no_such_policy(arn: &str) -> IamError {
    IamError::no_such_entity_exception(format!("Policy {arn} was not found."))
}

/// A policy that cannot be attached, because it is not there.
pub fn not_attachable(arn: &str) -> IamError {
    IamError::no_such_entity_exception(format!("Policy {arn} does not exist or is not attachable."))
}

/// A text that is no ARN.
pub fn invalid_arn() -> IamError {
    Fault::client("ValidationError", "Invalid ARN:  Could not be parsed!").into()
}

/// Something of that kind and name is there.
pub fn exists(kind: &str, name: &str) -> IamError {
    IamError::entity_already_exists_exception(format!("{kind} with name {name} already exists."))
}

/// A policy of that name is there.
pub fn policy_exists(name: &str) -> IamError {
    let message = format!("A policy called {name} already exists. Duplicate names are not allowed.");
    IamError::entity_already_exists_exception(message)
}

/// Something still hangs on what is to be deleted.
pub fn conflict(message: &str) -> IamError {
    IamError::delete_conflict_exception(message)
}

/// A document that is no JSON.
pub fn invalid_json() -> IamError {
    IamError::malformed_policy_document_exception("This policy contains invalid Json")
}

/// A document that is no policy.
pub fn malformed(message: &str) -> IamError {
    IamError::malformed_policy_document_exception(message)
}

/// As many access keys as a user may have.
pub fn too_many_keys(most: usize) -> IamError {
    IamError::limit_exceeded_exception(format!("Cannot exceed quota for AccessKeysPerUser: {most}"))
}

/// A page token that is none.
pub fn invalid_marker() -> IamError {
    Fault::client("ValidationError", "Invalid Marker.").into()
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> IamError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}
