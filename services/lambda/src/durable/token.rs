//! Tokens of checkpoints and ids of callbacks: base64, as the model's patterns want it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Reference;

/// The token of a checkpoint: good for one invocation, once.
pub fn checkpoint(id: &str, invocation: &str, number: u64) -> String {
    STANDARD.encode(format!("{id}/{invocation}/{number}"))
}

/// The id of a callback: it tells which operation of which execution it completes.
pub fn callback(to: &Reference) -> String {
    let operation = to.operation.as_deref().unwrap_or_default();
    STANDARD.encode(format!("{}/{}/{operation}", to.function, to.id))
}

/// What an id of a callback completes.
pub fn parse_callback(id: &str) -> Option<Reference> {
    let text = String::from_utf8(STANDARD.decode(id).ok()?).ok()?;
    let mut parts = text.splitn(3, '/').map(str::to_owned);
    Some(Reference { function: parts.next()?, id: parts.next()?, operation: Some(parts.next()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_callbacks_tell_what_they_complete() {
        let to =
            Reference { function: "f".to_owned(), id: "1-2".to_owned(), operation: Some("op-1".to_owned()) };
        let parsed = parse_callback(&callback(&to)).unwrap();
        assert_eq!((parsed.key(), &parsed.operation), (to.key(), &to.operation));
        assert!(parse_callback("none").is_none());
    }
}
