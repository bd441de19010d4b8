//! Names as Rust writes them.

/// Names that Rust's prelude or language has already.
const TAKEN: [&str; 13] = [
    "Box", "Default", "Err", "None", "Ok", "Option", "Result", "Self", "Shape", "Some", "String", "Value",
    "Vec",
];

const KEYWORDS: [&str; 39] = [
    "as", "async", "await", "box", "break", "const", "continue", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut",
    "override", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "unsafe", "use",
    "where", "while",
];

/// A shape's name as a type: `acceptanceType` is `AcceptanceType`, `Option` is `OptionShape`.
pub fn type_name(name: &str) -> String {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let name = name.trim_start_matches('_');
    let mut upper = name[..1].to_ascii_uppercase();
    upper.push_str(&name[1..]);
    if TAKEN.contains(&upper.as_str()) { format!("{upper}Shape") } else { upper }
}

/// A member's name as a field: `MD5OfBody` is `md5_of_body`, `type` is `r#type`.
pub fn field_name(name: &str) -> String {
    let snake = words(name).join("_").to_ascii_lowercase();
    match snake.as_str() {
        "self" | "super" | "crate" => format!("{snake}_"),
        keyword if KEYWORDS.contains(&keyword) => format!("r#{keyword}"),
        _ => snake,
    }
}

/// A shape's name as a static: `QueueUrl` is `QUEUE_URL`.
pub fn static_name(name: &str) -> String {
    words(name).join("_").to_ascii_uppercase()
}

/// An enum's value as a variant: `us-east-1` is `UsEast1`, `STANDARD` is `Standard`.
pub fn variant_name(value: &str) -> String {
    let mut name = String::new();
    for part in words(value) {
        let lower = part.to_ascii_lowercase();
        name.push_str(&lower[..1].to_ascii_uppercase());
        name.push_str(&lower[1..]);
    }
    match name.as_str() {
        "" => "Empty".to_owned(),
        "Self" | "Unknown" => format!("{name}Value"),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("V{name}"),
        _ => name,
    }
}

/// Splits at separators and at changes of case; an acronym ends before its last capital if a small letter follows.
fn words(name: &str) -> Vec<String> {
    let name = name.replace("ETag", "Etag").replace("IPv4", "Ipv4").replace("IPv6", "Ipv6");
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = vec![String::new()];
    for (index, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = index.checked_sub(1).map(|index| letters[index]);
        let after = letters.get(index + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit() && after.is_some_and(char::is_ascii_lowercase)
                    || before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase)
            });
        // `MD5OfBody`: a capital after a digit starts a word only if a small letter follows it.
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(*letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_snake_case() {
        for (name, field) in [
            ("MD5OfMessageBody", "md5_of_message_body"),
            ("QueueUrl", "queue_url"),
            ("ETag", "etag"),
            ("SSEKMSKeyId", "ssekms_key_id"),
            ("type", "r#type"),
            ("x509Certificate", "x509_certificate"),
        ] {
            assert_eq!(field_name(name), field);
        }
    }

    #[test]
    fn variants_are_camel_case() {
        for (value, variant) in [
            ("us-east-1", "UsEast1"),
            ("STANDARD_IA", "StandardIa"),
            ("aws:kms", "AwsKms"),
            ("2xlarge", "V2xlarge"),
        ] {
            assert_eq!(variant_name(value), variant);
        }
    }
}
