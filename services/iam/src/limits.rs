//! The numbers AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

/// Rows of one page where none is asked for.
pub const PAGE: usize = 100;

/// Access keys of one user.
pub const ACCESS_KEYS: usize = 2;

/// Managed policies attached to one role.
pub const ATTACHED_POLICIES: usize = 10;

/// Seconds of a role's session where nothing is said.
pub const SESSION_SECONDS: i32 = 3600;
