//! Access control lists: canned ones, those of headers and those of documents.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use api_s3::{AccessControlPolicy, Grant, Grantee, Owner, Permission, Type};
use kernel::Fault;

use crate::errors;
use crate::errors::settings::malformed_acl;

/// Everybody in the world.
pub const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
/// Everybody with an account.
pub const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
/// Whoever writes access logs.
pub const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// The header that grants a permission, with what it grants.
pub type Header<'a> = (Permission, &'a Option<String>);

/// The list of an owner who shares with nobody.
pub fn private(owner: &Owner) -> AccessControlPolicy {
    list(owner, vec![owners(owner)])
}

/// The canned list of that name; nothing for names there are not.
pub fn canned(name: &str, owner: &Owner) -> Option<AccessControlPolicy> {
    let shared: &[(&str, Permission)] = match name {
        "private" => &[],
        "public-read" => &[(ALL_USERS, Permission::Read)],
        "public-read-write" => &[(ALL_USERS, Permission::Read), (ALL_USERS, Permission::Write)],
        "authenticated-read" => &[(AUTHENTICATED_USERS, Permission::Read)],
        "log-delivery-write" => &[(LOG_DELIVERY, Permission::Write), (LOG_DELIVERY, Permission::ReadAcp)],
        _ => return None,
    };
    let shared = shared
        .iter()
        .map(|(uri, permission)| Grant { grantee: Some(group(uri)), permission: Some(permission.clone()) });
    Some(list(owner, std::iter::once(owners(owner)).chain(shared).collect()))
}

/// The list that headers grant: nothing where there are none.
pub fn of_headers(owner: &Owner, headers: &[Header<'_>]) -> Result<Option<AccessControlPolicy>, Fault> {
    let mut grants = Vec::new();
    for (permission, value) in headers {
        let Some(value) = value else { continue };
        for part in value.split(',') {
            let grantee = grantee(part.trim(), header_name(permission), value)?;
            grants.push(Grant { grantee: Some(grantee), permission: Some(permission.clone()) });
        }
    }
    Ok((!grants.is_empty()).then(|| list(owner, grants)))
}

/// The list that a request asks for by its headers: a canned one or grants, not both.
pub fn asked(
    owner: &Owner,
    canned_name: Option<&str>,
    headers: &[Header<'_>],
) -> Result<Option<AccessControlPolicy>, Fault> {
    let granted = of_headers(owner, headers)?;
    let Some(name) = canned_name else { return Ok(granted) };
    if granted.is_some() {
        let message = "Specifying both Canned ACLs and Header Grants is not allowed";
        return Err(errors::invalid_request(message));
    }
    canned(name, owner).map(Some).ok_or_else(|| errors::invalid_argument("", "x-amz-acl", name))
}

/// A document that S3 takes from that owner.
pub fn check(asked: &AccessControlPolicy, owner: &Owner) -> Result<(), Fault> {
    let (Some(grants), Some(named)) = (&asked.grants, &asked.owner) else { return Err(malformed_acl()) };
    let id = named.id.as_deref().unwrap_or_default();
    for grant in grants {
        let permission = grant.permission.as_ref();
        if permission.is_none_or(|permission| matches!(permission, Permission::Unknown(_))) {
            return Err(malformed_acl());
        }
        check_grantee(grant.grantee.as_ref().ok_or_else(malformed_acl)?, id)?;
    }
    if !is_id(id) {
        return Err(invalid("Invalid id", "CanonicalUser/ID", id));
    }
    if Some(id) != owner.id.as_deref() {
        return Err(errors::access_denied());
    }
    Ok(())
}

/// Whether the list lets everybody in, or everybody with an account.
pub fn are_public(acl: &AccessControlPolicy) -> bool {
    let is_everybody =
        |grantee: &Grantee| matches!(grantee.uri.as_deref(), Some(ALL_USERS | AUTHENTICATED_USERS));
    acl.grants.iter().flatten().filter_map(|grant| grant.grantee.as_ref()).any(is_everybody)
}

/// Whether nobody but the owner is on the list.
pub fn are_owners_alone(acl: &AccessControlPolicy, owner: &str) -> bool {
    let mut grantees = acl.grants.iter().flatten().filter_map(|grant| grant.grantee.as_ref());
    grantees.all(|grantee| grantee.id.as_deref() == Some(owner))
}

fn list(owner: &Owner, grants: Vec<Grant>) -> AccessControlPolicy {
    AccessControlPolicy { grants: Some(grants), owner: Some(owner.clone()) }
}

fn owners(owner: &Owner) -> Grant {
    let grantee = Grantee { id: owner.id.clone(), r#type: Type::CanonicalUser, ..Default::default() };
    Grant { grantee: Some(grantee), permission: Some(Permission::FullControl) }
}

fn group(uri: &str) -> Grantee {
    Grantee { uri: Some(uri.to_owned()), r#type: Type::Group, ..Default::default() }
}

fn grantee(part: &str, header: &str, all: &str) -> Result<Grantee, Fault> {
    let unknown = || invalid("Argument format not recognized", header, all);
    let (kind, value) = part.split_once('=').ok_or_else(unknown)?;
    let value = value.trim().trim_matches('"');
    match kind.trim().to_ascii_lowercase().as_str() {
        "id" if is_id(value) => {
            Ok(Grantee { id: Some(value.to_owned()), r#type: Type::CanonicalUser, ..Default::default() })
        }
        "id" => Err(invalid("Invalid id", "id", value)),
        "uri" if is_group(value) => Ok(group(value)),
        "uri" => Err(invalid("Invalid group uri", "uri", value)),
        "emailaddress" => Err(unresolvable(value)),
        _ => Err(unknown()),
    }
}

fn check_grantee(grantee: &Grantee, owner: &str) -> Result<(), Fault> {
    match &grantee.r#type {
        // AWS blames the owner first.
        _ if !is_id(owner) => Err(invalid("Invalid id", "CanonicalUser/ID", owner)),
        Type::CanonicalUser => match grantee.id.as_deref() {
            Some(id) if is_id(id) => Ok(()),
            Some(id) => Err(invalid("Invalid id", "CanonicalUser/ID", id)),
            None => Err(malformed_acl()),
        },
        Type::Group => match grantee.uri.as_deref() {
            Some(uri) if is_group(uri) => Ok(()),
            Some(uri) => Err(invalid("Invalid group uri", "Group/URI", uri)),
            None => Err(malformed_acl()),
        },
        Type::AmazonCustomerByEmail => {
            Err(unresolvable(grantee.email_address.as_deref().unwrap_or_default()))
        }
        Type::Unknown(_) => Err(malformed_acl()),
    }
}

fn invalid(message: &str, name: &str, value: &str) -> Fault {
    errors::invalid_argument(message, name, value)
}

/// Nobody here has an e-mail address.
fn unresolvable(address: &str) -> Fault {
    let message = "The e-mail address you provided does not match any account on record.";
    Fault::client("UnresolvableGrantByEmailAddress", message).field("EmailAddress", address)
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_group(uri: &str) -> bool {
    [ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY].contains(&uri)
}

fn header_name(permission: &Permission) -> &'static str {
    match permission {
        Permission::FullControl => "x-amz-grant-full-control",
        Permission::Read => "x-amz-grant-read",
        Permission::ReadAcp => "x-amz-grant-read-acp",
        Permission::WriteAcp => "x-amz-grant-write-acp",
        Permission::Write | Permission::Unknown(_) => "x-amz-grant-write",
    }
}
