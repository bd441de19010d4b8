//! The sentences AWS prints, with the elements it adds to them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use kernel::Fault;

/// An account that is not the caller's.
pub fn access_denied() -> Fault {
    Fault::new("AccessDenied", 403, "Access Denied")
}

/// The access point is there already.
pub fn already_owned() -> Fault {
    let message = "Your previous request to create the named accesspoint succeeded and you already own it.";
    Fault::new("AccessPointAlreadyOwnedByYou", 409, message)
}

/// A request that makes no sense.
pub fn invalid_request(message: &str) -> Fault {
    Fault::client("InvalidRequest", message)
}

/// A tag that will not do.
pub fn invalid_tag(message: &str) -> Fault {
    Fault::client("InvalidTag", message)
}

/// A name that cannot stand in a path.
pub fn invalid_uri(name: &str) -> Fault {
    Fault::client("InvalidURI", "Couldn't parse the specified URI.")
        .field("URI", format!("accesspoint/{name}"))
}

/// A policy that is none.
pub fn malformed_policy(message: &str) -> Fault {
    Fault::client("MalformedPolicy", message)
}

/// XML that is not what the operation takes.
pub fn malformed_xml() -> Fault {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Fault::client("MalformedXML", message)
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> Fault {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet."))
}

/// No access point of that name.
pub fn no_such_access_point(name: &str) -> Fault {
    Fault::new("NoSuchAccessPoint", 404, "The specified accesspoint does not exist")
        .field("AccessPointName", name)
}

/// An access point without a policy.
pub fn no_such_policy(name: &str) -> Fault {
    Fault::new("NoSuchAccessPointPolicy", 404, "The specified accesspoint policy does not exist")
        .field("AccessPointName", name)
}

/// An account that blocks nothing.
pub fn no_public_access_block(account: &str) -> Fault {
    let message = "The public access block configuration was not found";
    Fault::new("NoSuchPublicAccessBlockConfiguration", 404, message).field("AccountId", account)
}

/// An ARN of nothing that is there.
pub fn no_such_resource() -> Fault {
    Fault::new("NoSuchResource", 404, "The specified resource doesn't exist.")
}
