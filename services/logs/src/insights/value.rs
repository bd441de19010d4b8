//! What expressions are worth.

use std::cmp::Ordering;

use kernel::Timestamp;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing is there.
    Missing,
    /// A number.
    Number(f64),
    /// An instant, in milliseconds since 1970.
    Time(i64),
    /// Truth.
    Bool(bool),
    /// A text.
    Text(String),
}

impl Value {
    /// Whether something is there.
    pub fn is_present(&self) -> bool {
        *self != Self::Missing
    }

    /// The number it is or looks like.
    #[allow(clippy::cast_precision_loss, reason = "milliseconds fit")]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Time(time) => Some(*time as f64),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Missing | Self::Bool(_) => None,
        }
    }

    /// The number, as a value.
    pub fn of(number: Option<f64>) -> Self {
        number.filter(|number| number.is_finite()).map_or(Self::Missing, Self::Number)
    }

    /// Whether it counts as true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Bool(truth) => *truth,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => text.eq_ignore_ascii_case("true") || text == "1",
            Self::Time(_) => true,
            Self::Missing => false,
        }
    }

    /// As results show it; nothing where nothing is there.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Missing => None,
            Self::Number(number) => Some(number_text(*number)),
            Self::Time(time) => Some(time_text(*time)),
            // AWS has no truth of its own in results.
            Self::Bool(truth) => Some(if *truth { "1" } else { "0" }.to_owned()),
            Self::Text(text) => Some(text.clone()),
        }
    }

    /// How two values compare: as numbers where both look like numbers, else as texts.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return left.partial_cmp(&right);
        }
        Some(self.text()?.cmp(&other.text()?))
    }

    /// How two values sort: what is missing comes first.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self.is_present(), other.is_present()) {
            (true, true) => self.compare(other).unwrap_or(Ordering::Equal),
            (left, right) => left.cmp(&right),
        }
    }
}

/// A number as AWS writes it: four decimals at most.
fn number_text(number: f64) -> String {
    #[allow(clippy::float_cmp, reason = "whole numbers are exact")]
    if number == number.trunc() && number.abs() < 1e15 {
        // Zero has no sign.
        return format!("{:.0}", number + 0.0);
    }
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn time_text(time: i64) -> String {
    let Ok(instant) = Timestamp::from_millisecond(time) else { return time.to_string() };
    instant.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}
