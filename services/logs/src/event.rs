//! Log events and the tokens that point between them.

use serde::{Deserialize, Serialize};
use store::Table;

use crate::transformer::Transformed;

/// Events by group, stream, time and number of arrival.
pub static EVENTS: Table<EventKey, Event> = Table::regional("logs.events");

/// Group, stream, milliseconds since 1970, number of arrival.
pub type EventKey = (String, String, i64, u64);

/// A log event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// The text, with sensitive data masked.
    pub message: String,
    /// When it arrived, in milliseconds since 1970.
    pub ingested: i64,
    /// The text as it came, where the other is masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmasked: Option<String>,
    /// What a transformer made of it, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transformed: Option<Transformed>,
}

impl Event {
    /// What filters look at: the message, or what a transformer made of it. Where one failed, there is nothing.
    pub fn seen(&self, on_transformed: bool) -> Option<&str> {
        match &self.transformed {
            Some(Transformed::Done(text)) if on_transformed => Some(text),
            Some(Transformed::Failed(_)) if on_transformed => None,
            _ => Some(&self.message),
        }
    }

    /// The text, or the one that came, for those who ask for it.
    pub fn text(self, unmask: Option<bool>) -> String {
        match (unmask, self.unmasked) {
            (Some(true), Some(unmasked)) => unmasked,
            _ => self.message,
        }
    }
}

/// A place between events: after this time and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Milliseconds since 1970.
    pub time: i64,
    /// Number of arrival.
    pub number: u64,
}

impl Place {
    /// Before all events of a millisecond.
    pub fn at(time: i64) -> Self {
        Self { time, number: 0 }
    }

    /// Behind the event that is here.
    pub fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }

    /// The event's id: 56 digits.
    pub fn id(self) -> String {
        format!("{:020}{:036}", self.time.max(0), self.number)
    }

    /// Parses an id.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 56 || !text.is_ascii() {
            return None;
        }
        Some(Self {
            time: text[..20].parse().ok()?,
            number: text[20..].parse::<u64>().ok()?.min(u64::MAX - 1),
        })
    }
}

/// Which way a page of a stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// To later events.
    Forward(Place),
    /// To earlier events.
    Backward(Place),
}

impl Token {
    /// The token as callers see it.
    pub fn text(self) -> String {
        match self {
            Self::Forward(place) => format!("f/{}/s", place.id()),
            Self::Backward(place) => format!("b/{}/s", place.id()),
        }
    }

    /// Parses a token.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (way, place) = (parts.next()?, Place::parse(parts.next()?)?);
        match way {
            "f" => Some(Self::Forward(place)),
            "b" => Some(Self::Backward(place)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_round_trip() {
        let place = Place { time: 1_700_000_000_000, number: 7 };
        for token in [Token::Forward(place), Token::Backward(place)] {
            assert_eq!(Token::parse(&token.text()), Some(token));
        }
        assert_eq!(Token::parse("f/12/s"), None);
        assert_eq!(Token::parse(""), None);
    }
}
