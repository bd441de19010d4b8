//! What expressions are worth.

use std::cmp::Ordering;
use std::rc::Rc;

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
    /// A map or a list, which `jsonParse` makes.
    Json(Rc<serde_json::Value>),
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
            Self::Missing | Self::Bool(_) | Self::Json(_) => None,
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
            Self::Time(_) | Self::Json(_) => true,
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
            Self::Json(json) => Some(json.to_string()),
        }
    }

    /// How two values compare: as numbers where both look like numbers, else as texts.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return left.partial_cmp(&right);
        }
        Some(self.text()?.cmp(&other.text()?))
    }

    /// What `sort` goes by: what is missing comes first, then texts, then numbers.
    pub fn key(&self) -> SortKey {
        match (self.number(), self.text()) {
            (Some(number), Some(text)) => SortKey::Number(number, text),
            (None, Some(text)) => SortKey::Text(text),
            (_, None) => SortKey::Missing,
        }
    }

    /// How `sort` orders two values.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => left.total_cmp(right),
            (Self::Time(left), Self::Time(right)) => left.cmp(right),
            _ => self.key().order(&other.key()),
        }
    }
}

/// What a value sorts by.
#[derive(Clone, Debug)]
pub enum SortKey {
    /// Nothing is there.
    Missing,
    /// A text that is no number.
    Text(String),
    /// A number, and how it was written.
    Number(f64, String),
}

impl SortKey {
    /// How two keys are ordered.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(left, text), Self::Number(right, other)) => {
                left.total_cmp(right).then_with(|| text.cmp(other))
            }
            (Self::Text(left), Self::Text(right)) => natural(left, right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Missing => 0,
            Self::Text(_) => 1,
            Self::Number(..) => 2,
        }
    }
}

/// The natural order of texts: numbers in them by their length and then by their digits, the rest by its characters.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (chunks(left), chunks(right));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => Ordering::Less,
            (_, None) => Ordering::Greater,
            (Some(left), Some(right)) if is_digits(left) && is_digits(right) => {
                left.len().cmp(&right.len()).then_with(|| left.cmp(right))
            }
            (Some(left), Some(right)) => left.cmp(right),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The runs of digits in a text, and what stands between them.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_digit = is_digits(rest);
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at(end);
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's documentation.
    #[test]
    fn texts_sort_naturally_and_before_numbers() {
        let sorted = [
            "!:",
            "#",
            "*%04",
            "0#",
            "5A",
            "111A",
            "2345_",
            "@",
            "@_",
            "A",
            "A9876fghj",
            "a12345hfh",
            "0",
            "01",
            "1",
            "2",
            "3",
        ];
        let value = |text: &str| Value::Text(text.to_owned());
        let mut values: Vec<_> = sorted.iter().rev().map(|text| value(text)).collect();
        values.sort_by(Value::order);
        let texts: Vec<_> = values.iter().filter_map(Value::text).collect();
        assert_eq!(texts, sorted);
        assert_eq!(Value::Missing.order(&value("a")), Ordering::Less);
    }

    #[test]
    fn numbers_have_four_decimals_at_most() {
        let text = |number: f64| Value::Number(number).text().unwrap();
        assert_eq!(text(-0.0), "0");
        assert_eq!(text(12.0), "12");
        assert_eq!(text(1.0 / 3.0), "0.3333");
        assert_eq!(text(2.5), "2.5");
    }
}
