//! Text in headers: each byte is a character of ISO 8859-1, and what that cannot hold is an encoded word of RFC 2047.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>, whose example reads `Ä` sent in
//! UTF-8 as two characters, and chooses between the two encodings as JavaMail does.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The longest text of an encoded word of UTF-8, without its frame.
const WORD: usize = 63;

/// The characters of a header's bytes.
pub fn read(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.to_owned(),
        _ => bytes.iter().copied().map(char::from).collect(),
    }
}

/// The bytes of a header; a space stands for what has none.
pub fn write(text: &str) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    Cow::Owned(text.chars().map(|one| u8::try_from(one).unwrap_or(b' ')).collect())
}

/// Whether a header can hold the text.
pub fn fits(text: &str) -> bool {
    text.chars().all(|one| u8::try_from(one).is_ok())
}

/// The text with its encoded words read. What is none stays as it is.
pub fn decode_words(text: &str) -> Cow<'_, str> {
    if !text.contains("=?") {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::new();
    // Space between encoded words is not part of the text.
    let mut gap = String::new();
    let mut after_word = false;
    for piece in text.split_inclusive([' ', '\t']) {
        let bare = piece.trim_end_matches([' ', '\t']);
        match word(bare) {
            Some(word) => {
                decoded.push_str(&word);
                piece[bare.len()..].clone_into(&mut gap);
                after_word = true;
            }
            None if bare.is_empty() && after_word => gap.push_str(piece),
            None => {
                decoded.push_str(&std::mem::take(&mut gap));
                decoded.push_str(piece);
                after_word = false;
            }
        }
    }
    Cow::Owned(decoded)
}

fn word(text: &str) -> Option<String> {
    let mut parts = text.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(text).ok()?,
        "Q" | "q" => unquoted(text)?,
        _ => return None,
    };
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => Some(String::from_utf8_lossy(&bytes).into_owned()),
        "iso-8859-1" => Some(read(&bytes)),
        _ => None,
    }
}

fn unquoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? << 4 | digit()?) as u8
            }
            byte => byte,
        });
    }
    Some(bytes)
}

/// The text as it is, if it is printable ASCII; else as encoded words.
pub fn encode_words(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(words(text))
}

/// The text as encoded words, whatever it is: quoted where most of it is plain, else in base64.
pub fn words(text: &str) -> String {
    let plain = text.chars().filter(|one| is_plain(*one)).count();
    let is_quoted = plain > text.chars().count() - plain;
    let mut words = Vec::new();
    let mut left = vec![text];
    while let Some(text) = left.pop() {
        let (letter, encoded) = if is_quoted { ('Q', quoted(text)) } else { ('B', STANDARD.encode(text)) };
        let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
        if encoded.len() > WORD && middle > 0 {
            left.extend([&text[middle..], &text[..middle]]);
        } else {
            words.push(format!("=?UTF-8?{letter}?{encoded}?="));
        }
    }
    words.join(" ")
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => quoted.push('_'),
            b'=' | b'_' | b'?' => quoted.push_str(&format!("={byte:02X}")),
            b'!'..=b'~' => quoted.push(char::from(byte)),
            byte => quoted.push_str(&format!("={byte:02X}")),
        }
    }
    quoted
}

fn is_plain(one: char) -> bool {
    matches!(one, ' '..='~' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's page: a value in UTF-8 sent as it is, and what `HeadObject` answers.
    #[test]
    fn awss_own_example() {
        let stored = read("ÄMÄZÕÑ S3".as_bytes());
        assert_eq!(encode_words(&stored), "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=");
        assert_eq!(write(&stored), "ÄMÄZÕÑ S3".as_bytes());
    }

    #[test]
    fn words_are_quoted_where_most_is_plain() {
        for (text, encoded) in [
            ("plain ~\t", "plain ~\t"),
            ("ÄMÄZÕÑ S3", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="),
            ("a?_=é", "=?UTF-8?Q?a=3F=5F=3D=C3=A9?="),
            ("\0\u{1}\u{2}\u{3}", "=?UTF-8?B?AAECAw==?="),
        ] {
            assert_eq!(encode_words(text), encoded);
            assert_eq!(decode_words(encoded), text);
        }
        let long = "long é ".repeat(20);
        let words = encode_words(&long).into_owned();
        assert!(words.split(' ').all(|word| word.len() <= 75) && words.contains("?= =?"));
        assert_eq!(decode_words(&words), long);
    }

    #[test]
    fn only_whole_words_are_read() {
        for (text, decoded) in [
            ("=?UTF-8?Q?actually-ascii?=", "actually-ascii"),
            ("=?utf-8?b?YWJj?= =?iso-8859-1?q?=E9?=  and =?x", "abcé  and =?x"),
            ("=?UTF-8?B?=GGG?=", "=?UTF-8?B?=GGG?="),
            ("a  =?UTF-8?Q?b?=", "a  b"),
        ] {
            assert_eq!(decode_words(text), decoded);
        }
        assert_eq!(write("— é"), &b"  \xe9"[..]);
    }
}
