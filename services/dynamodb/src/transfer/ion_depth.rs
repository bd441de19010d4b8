//! How deep values of Ion lie in each other, told before they are parsed: the parser calls itself for each level.

/// The deepest file that is parsed: an item in its line, as deep as items may be, and some.
const DEEPEST: usize = 64;

/// The beginning of binary Ion, which is not read here.
const BINARY: [u8; 4] = [0xe0, 0x01, 0x00, 0xea];

/// Why a file is not to be parsed.
pub fn refuses(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&BINARY) {
        return Some("Binary Ion is not read, only text");
    }
    let (mut depth, mut rest) = (0_usize, bytes);
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' => past(after, b"\""),
            b'\'' if after.starts_with(b"''") => past(&after[2..], b"'''"),
            b'\'' => past(after, b"'"),
            b'/' if after.starts_with(b"/") => past(after, b"\n"),
            b'/' if after.starts_with(b"*") => past(after, b"*/"),
            _ => after,
        };
        depth = match byte {
            b'[' | b'{' | b'(' => depth + 1,
            b']' | b'}' | b')' => depth.saturating_sub(1),
            _ => depth,
        };
        if depth > DEEPEST {
            return Some("Values lie too deep in each other");
        }
    }
    None
}

/// What follows the end of a text or a comment.
fn past<'a>(mut rest: &'a [u8], end: &[u8]) -> &'a [u8] {
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(end) {
            return after;
        }
        // What follows a backslash ends nothing.
        let step = if rest[0] == b'\\' { 2 } else { 1 };
        rest = rest.get(step..).unwrap_or_default();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_where_they_are_no_text() {
        let deep = |open: &str, close: &str| format!("{{a: {}1{}}}", open.repeat(100), close.repeat(100));
        assert!(refuses(deep("[", "]").as_bytes()).is_some());
        assert!(refuses(deep("{x:", "}").as_bytes()).is_some());
        assert!(refuses(&BINARY).is_some());
        let brackets = "[".repeat(100);
        for text in [
            format!("{{a: \"\\\"{brackets}\"}}"),
            format!("{{'{brackets}': 1}}"),
            format!("{{a: '''it's {brackets}'''}}"),
            format!("// {brackets}\n1 /* {brackets} */"),
            "[1] ".repeat(100),
        ] {
            assert_eq!(refuses(text.as_bytes()), None, "{text}");
        }
    }
}
