//! Numbers: decimal texts of up to 38 significant digits, exact.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number>

use std::cmp::Ordering;

use crate::limits;

/// A decimal number: `0.d1d2d3… × 10^exponent`. Zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    negative: bool,
    /// Neither the first nor the last is zero.
    digits: Vec<u8>,
    exponent: i32,
}

impl Number {
    /// The number that a text says, if any.
    fn scan(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let split = rest.iter().position(|byte| matches!(byte, b'e' | b'E'));
        let (mantissa, power) = split.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
        let power = match power {
            Some(power) => power_of_ten(power)?,
            None => 0,
        };
        let point = mantissa.iter().position(|byte| *byte == b'.').unwrap_or(mantissa.len());
        let digits = mantissa.iter().enumerate().filter(|(at, _)| *at != point).map(|(_, byte)| *byte);
        let digits: Vec<u8> = digits.collect();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let digits = digits.into_iter().map(|digit| digit - b'0').collect();
        let exponent = i32::try_from(point).ok()?.saturating_add(power);
        Some(Self::new(negative, digits, exponent))
    }

    fn new(negative: bool, mut digits: Vec<u8>, exponent: i32) -> Self {
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..leading);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        let leading = i32::try_from(leading).unwrap_or(i32::MAX);
        Self { negative, digits, exponent: exponent.saturating_sub(leading) }
    }

    /// The number that a caller wrote, or AWS's refusal.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("The parameter cannot be converted to a numeric value".to_owned());
        }
        let number = Self::scan(text)
            .ok_or_else(|| format!("The parameter cannot be converted to a numeric value: {text}"))?;
        number.check()?;
        Ok(number)
    }

    /// Whether DynamoDB can hold the number.
    fn check(&self) -> Result<(), String> {
        let refuse = |message: &str| Err(message.to_owned());
        if self.digits.is_empty() {
            Ok(())
        } else if self.exponent - 1 > limits::MAGNITUDE.1 {
            refuse("Number overflow. Attempting to store a number with magnitude larger than supported range")
        } else if self.exponent - 1 < limits::MAGNITUDE.0 {
            refuse(
                "Number underflow. Attempting to store a number with magnitude smaller than supported range",
            )
        } else if self.digits.len() > limits::DIGITS {
            refuse("Attempting to store more than 38 significant digits in a Number")
        } else {
            Ok(())
        }
    }

    /// The number as AWS prints it: without exponent, without needless zeros.
    pub fn text(&self) -> String {
        let Some(length) = i32::try_from(self.digits.len()).ok().filter(|length| *length > 0) else {
            return "0".to_owned();
        };
        let mut text = String::with_capacity(48);
        if self.negative {
            text.push('-');
        }
        let zeros = |count: i32| std::iter::repeat_n('0', usize::try_from(count).unwrap_or(0));
        if self.exponent <= 0 {
            text.push_str("0.");
            text.extend(zeros(-self.exponent));
        }
        for (at, digit) in (0..).zip(&self.digits) {
            if at > 0 && at == self.exponent {
                text.push('.');
            }
            text.push(char::from(digit + b'0'));
        }
        text.extend(zeros(self.exponent - length));
        text
    }

    /// Bytes that sort as numbers do: an exponent to the base of 100, then digits to that base. Negative numbers
    /// have their complement, and an end mark that makes longer ones sort first.
    pub fn encode(&self, out: &mut Vec<u8>) {
        if self.digits.is_empty() {
            out.push(0x80);
            return;
        }
        let odd = self.exponent.rem_euclid(2);
        let power = (self.exponent + odd) / 2;
        #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "within -64 and 63")]
        let first = (power + 192) as u8;
        out.push(if self.negative { !first } else { first });
        let pad = usize::from(odd == 1);
        let digit = |at: usize| at.checked_sub(pad).and_then(|at| self.digits.get(at)).copied().unwrap_or(0);
        let pairs = (self.digits.len() + pad).div_ceil(2);
        for pair in 0..pairs {
            let value = digit(2 * pair) * 10 + digit(2 * pair + 1);
            out.push(if self.negative { 101 - value } else { value + 1 });
        }
        if self.negative && pairs < 20 {
            out.push(102);
        }
    }

    /// The sum, as exact as DynamoDB can hold it.
    pub fn plus(&self, other: &Self) -> Result<Self, String> {
        let low = |number: &Self| number.exponent - i32::try_from(number.digits.len()).unwrap_or(0);
        let bottom = low(self).min(low(other));
        let top = self.exponent.max(other.exponent) + 1;
        let width = usize::try_from(top - bottom).unwrap_or(0);
        let (left, right) = (self.aligned(top, width), other.aligned(top, width));
        let (negative, digits) = if self.negative == other.negative {
            (self.negative, sum(left, &right))
        } else if left >= right {
            (self.negative, difference(left, &right))
        } else {
            (other.negative, difference(right, &left))
        };
        let number = Self::new(negative, digits, top);
        number.check()?;
        Ok(number)
    }

    /// The number with its sign turned.
    pub fn negated(mut self) -> Self {
        self.negative = !self.negative && !self.digits.is_empty();
        self
    }

    /// The digits from the place of `top` down.
    fn aligned(&self, top: i32, width: usize) -> Vec<u8> {
        let mut digits = vec![0; width];
        let start = usize::try_from(top - self.exponent).unwrap_or(0);
        if !self.digits.is_empty() {
            digits[start..start + self.digits.len()].copy_from_slice(&self.digits);
        }
        digits
    }
}

fn power_of_ten(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Far beyond what a number can have: the refusal names the magnitude all the same.
    let power = digits.parse::<i32>().unwrap_or(1_000_000).min(1_000_000);
    Some(if text.starts_with('-') { -power } else { power })
}

fn sum(mut left: Vec<u8>, right: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    for (to, from) in left.iter_mut().zip(right).rev() {
        let value = *to + from + carry;
        *to = value % 10;
        carry = value / 10;
    }
    left
}

fn difference(mut left: Vec<u8>, right: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    for (to, from) in left.iter_mut().zip(right).rev() {
        let value = *to + 10 - from - borrow;
        *to = value % 10;
        borrow = u8::from(value < 10);
    }
    left
}

/// Writes a number as AWS prints it.
pub fn normalise(text: &mut String) -> Result<(), String> {
    if !is_plain(text) {
        *text = Number::parse(text)?.text();
    }
    Ok(())
}

/// Whether the text is a short whole number that AWS would print the same.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let is_zero = text == "0";
    is_zero
        || digits.len() <= 18
            && matches!(digits, [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit))
}

/// The bytes of a normalised number that sort as numbers do.
pub fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(24);
    if let Some(number) = Number::scan(text) {
        number.encode(&mut bytes);
    }
    bytes
}

/// Compares normalised numbers.
pub fn compare(left: &str, right: &str) -> Ordering {
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => encoded(left).cmp(&encoded(right)),
    }
}

/// The bytes that AWS counts for a normalised number: about one for two significant digits, and one.
pub fn size(text: &str) -> usize {
    let negative = usize::from(text.starts_with('-'));
    let digits = text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    let trailing =
        if text.contains('.') { 0 } else { text.bytes().rev().take_while(|digit| *digit == b'0').count() };
    1 + digits.saturating_sub(trailing).div_ceil(2) + negative
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> String {
        Number::parse(text).unwrap().text()
    }

    #[test]
    fn numbers_are_printed_without_exponents_and_needless_zeros() {
        for (given, printed) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("007", "7"),
            ("+1.50", "1.5"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("-12.5E-3", "-0.0125"),
            ("100", "100"),
        ] {
            assert_eq!(normal(given), printed, "{given}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".", "1e", "abc", "1 ", "0x1", "1.2.3", "NaN"] {
            assert!(
                Number::parse(text).unwrap_err().starts_with("The parameter cannot be converted"),
                "{text}"
            );
        }
    }

    #[test]
    fn magnitude_and_precision_have_limits() {
        assert_eq!(normal(&"9".repeat(38)), "9".repeat(38));
        assert!(Number::parse(&"9".repeat(39)).unwrap_err().contains("38 significant digits"));
        assert!(Number::parse("1e126").unwrap_err().contains("overflow"));
        assert!(Number::parse("1e-131").unwrap_err().contains("underflow"));
        assert!(Number::parse("9.9e125").is_ok() && Number::parse("1e-130").is_ok());
    }

    #[test]
    fn sums_are_exact() {
        let plus = |left: &str, right: &str| {
            Number::parse(left).unwrap().plus(&Number::parse(right).unwrap()).map(|sum| sum.text())
        };
        assert_eq!(plus("0.1", "0.2").unwrap(), "0.3");
        assert_eq!(plus("-5", "5").unwrap(), "0");
        assert_eq!(plus("99999999999999999999", "1").unwrap(), "100000000000000000000");
        assert_eq!(plus("1", "-1000").unwrap(), "-999");
        assert!(plus("1e50", "1").is_err());
    }

    fn order(left: &str, right: &str) -> Ordering {
        encoded(left).cmp(&encoded(right))
    }

    #[test]
    fn encodings_sort_as_numbers_do() {
        let sorted =
            ["-1e125", "-100", "-99.5", "-99", "-10", "-1", "-0.5", "-1e-130", "0", "1e-130", "0.09", "0.1"];
        let sorted = sorted.iter().chain(&["1", "1.01", "9", "10", "11", "100", "1e125"]);
        let sorted: Vec<_> = sorted.collect();
        for pair in sorted.windows(2) {
            assert_eq!(order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_compare_encoded_as_they_are(left: i64, right: i64) {
            prop_assert_eq!(order(&left.to_string(), &right.to_string()), left.cmp(&right));
        }

        #[test]
        fn whole_numbers_add_up(left: i64, right: i64) {
            let sum = Number::parse(&left.to_string()).unwrap().plus(&Number::parse(&right.to_string()).unwrap());
            prop_assert_eq!(sum.unwrap().text(), (i128::from(left) + i128::from(right)).to_string());
        }

        #[test]
        fn printing_keeps_the_number(text in "-?[0-9]{1,20}(\\.[0-9]{1,18})?(e-?[0-9]{1,2})?") {
            if let Ok(number) = Number::parse(&text) {
                prop_assert_eq!(Number::parse(&number.text()).unwrap(), number);
            }
        }
    }
}
