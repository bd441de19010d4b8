//! Headers of an answer that the request chooses, with its parameters.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use kernel::Fault;
use protocol::formats::header_text;

use crate::errors;

/// Checks that headers can hold what the parameters of an input say.
macro_rules! overrides {
    ($input:ident) => {
        $crate::overrides::check([
            ("response-cache-control", &$input.response_cache_control),
            ("response-content-disposition", &$input.response_content_disposition),
            ("response-content-encoding", &$input.response_content_encoding),
            ("response-content-language", &$input.response_content_language),
            ("response-content-type", &$input.response_content_type),
        ])?
    };
}

pub(crate) use overrides;

/// The parameters by name, with their values.
pub fn check(parameters: [(&'static str, &Option<String>); 5]) -> Result<(), Fault> {
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let mut unfit = given.filter(|(_, value)| !header_text::fits(value));
    let message = "Header value cannot be represented using ISO-8859-1.";
    unfit.next().map_or(Ok(()), |(name, value)| Err(errors::invalid_argument(message, name, value)))
}
