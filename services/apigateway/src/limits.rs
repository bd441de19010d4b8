//! The numbers AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>

/// Milliseconds an integration may take.
pub const TIMEOUT: i32 = 29_000;

/// Bytes of a request to a deployed API: 10 MB.
pub const PAYLOAD: usize = 10 << 20;

/// Rows of one page where none is asked for.
pub const PAGE: usize = 25;

/// The most rows of one page.
pub const LARGEST_PAGE: usize = 500;

/// A page's size.
pub fn page(asked: Option<i32>) -> usize {
    asked
        .and_then(|asked| usize::try_from(asked).ok())
        .filter(|asked| *asked > 0)
        .unwrap_or(PAGE)
        .min(LARGEST_PAGE)
}
