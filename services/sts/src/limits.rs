//! The numbers AWS documents.

/// Life of an assumed role's session where none is asked for, in seconds.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub const ROLE_SECONDS: i64 = 3600;

/// Life of a user's session where none is asked for, in seconds.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub const USER_SECONDS: i64 = 43_200;
