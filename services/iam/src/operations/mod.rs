//! The operations; those of one noun share its file.

mod access_key;
mod attached_policy;
mod instance_profile;
mod policy;
mod role;
mod role_policy;
mod user;

use api_iam::{
    AttachRolePolicy, CreateAccessKey, CreatePolicy, CreateRole, CreateUser, DeleteAccessKey, DeletePolicy,
    DeleteRole, DeleteRolePolicy, DeleteUser, DetachRolePolicy, GetPolicy, GetRole, GetRolePolicy, GetUser,
    ListAccessKeys, ListAttachedRolePolicies, ListInstanceProfilesForRole, ListRolePolicies, ListRoles,
    ListUsers, PutRolePolicy,
};
use kernel::service::ServiceBuilder;

use crate::Iam;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Iam>) -> ServiceBuilder<Iam> {
    service
        .on::<AttachRolePolicy>()
        .on::<CreateAccessKey>()
        .on::<CreatePolicy>()
        .on::<CreateRole>()
        .on::<CreateUser>()
        .on::<DeleteAccessKey>()
        .on::<DeletePolicy>()
        .on::<DeleteRole>()
        .on::<DeleteRolePolicy>()
        .on::<DeleteUser>()
        .on::<DetachRolePolicy>()
        .on::<GetPolicy>()
        .on::<GetRole>()
        .on::<GetRolePolicy>()
        .on::<GetUser>()
        .on::<ListAccessKeys>()
        .on::<ListAttachedRolePolicies>()
        .on::<ListInstanceProfilesForRole>()
        .on::<ListRolePolicies>()
        .on::<ListRoles>()
        .on::<ListUsers>()
        .on::<PutRolePolicy>()
}
