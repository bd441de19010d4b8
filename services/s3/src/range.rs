//! Byte ranges: `bytes=a-b`, `bytes=a-`, `bytes=-n`.

use std::ops::Range;

use kernel::Fault;

use crate::errors;

/// The bytes that a header asks for of `size`. What is no single range asks, as on AWS, for everything.
pub fn of(header: Option<&str>, size: u64) -> Result<Option<Range<u64>>, Fault> {
    let Some(header) = header else { return Ok(None) };
    let Some((first, last)) = parse(header) else { return Ok(None) };
    let range = match (first, last) {
        (Some(first), Some(last)) if first > last => return Ok(None),
        (Some(first), last) => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
        (None, Some(length)) => size.saturating_sub(length)..size,
        (None, None) => return Ok(None),
    };
    if range.is_empty() { Err(errors::invalid_range(size, header)) } else { Ok(Some(range)) }
}

/// The bytes that a part is copied from: both ends, and within the source.
pub fn of_source(header: &str, size: u64) -> Result<Range<u64>, Fault> {
    let invalid = || {
        let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last \
                       are the zero-based offsets of the first and last bytes to copy";
        errors::invalid_argument(message, "x-amz-copy-source-range", header)
    };
    let Some((Some(first), Some(last))) = parse(header) else { return Err(invalid()) };
    if first > last {
        return Err(invalid());
    }
    if last >= size {
        if first < size {
            let message = format!("Range specified is not valid for source object of size: {size}");
            return Err(errors::invalid_argument(&message, "x-amz-copy-source-range", header));
        }
        return Err(errors::invalid_request(
            "The specified copy range is invalid for the source object size",
        ));
    }
    Ok(first..last + 1)
}

/// The header of an answer with these bytes of `size`.
pub fn header(range: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start, range.end - 1)
}

/// Both ends of a single range; nothing for anything else.
fn parse(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().map(Some),
        _ => None,
    };
    Some((number(first)?, number(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_object() {
        let range = |header: &str| of(Some(header), 10).unwrap();
        assert_eq!(range("bytes=0-0"), Some(0..1));
        assert_eq!(range("bytes=2-5"), Some(2..6));
        assert_eq!(range("bytes=5-"), Some(5..10));
        assert_eq!(range("bytes=5-99"), Some(5..10));
        assert_eq!(range("bytes=-3"), Some(7..10));
        assert_eq!(range("bytes=-99"), Some(0..10));
    }

    #[test]
    fn what_is_no_single_range_asks_for_everything() {
        for header in
            ["bytes=5-2", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes", "bytes=+1-2"]
        {
            assert_eq!(of(Some(header), 10).unwrap(), None, "{header}");
        }
        assert_eq!(of(None, 10).unwrap(), None);
    }

    #[test]
    fn ranges_behind_the_end_are_refused() {
        for (header, size) in
            [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)]
        {
            let fault = of(Some(header), size).unwrap_err();
            assert_eq!((fault.code(), fault.status()), ("InvalidRange", 416), "{header}");
        }
    }

    #[test]
    fn sources_are_never_cut() {
        assert_eq!(of_source("bytes=0-9", 10).unwrap(), 0..10);
        for header in ["bytes=0-10", "bytes=0-", "bytes=-1", "0-1"] {
            assert_eq!(of_source(header, 10).unwrap_err().code(), "InvalidArgument", "{header}");
        }
    }
}
