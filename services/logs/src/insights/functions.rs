//! Functions of single rows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::expression::Expression;
use super::period::Period;
use super::row::{Row, scalar};
use super::value::Value;

macro_rules! calls {
    ($($name:ident $text:literal $least:literal $most:literal,)*) => {
        /// A function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Call {
            $(#[doc = $text] $name,)*
        }

        impl Call {
            /// The function of that name, in whatever case.
            pub fn named(name: &str) -> Option<Self> {
                match name.to_ascii_lowercase().as_str() {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// How many arguments it takes.
            fn bounds(self) -> (usize, usize) {
                match self {
                    $(Self::$name => ($least, $most),)*
                }
            }
        }
    };
}

calls! {
    Abs "abs" 1 1,
    Bin "bin" 1 1,
    Ceil "ceil" 1 1,
    Coalesce "coalesce" 1 99,
    Concat "concat" 1 99,
    DateCeil "dateceil" 2 2,
    DateFloor "datefloor" 2 2,
    Floor "floor" 1 1,
    FromMillis "frommillis" 1 1,
    Greatest "greatest" 1 99,
    IsBlank "isblank" 1 1,
    IsEmpty "isempty" 1 1,
    IsIpInSubnet "isipinsubnet" 2 2,
    IsIpv4InSubnet "isipv4insubnet" 2 2,
    IsIpv6InSubnet "isipv6insubnet" 2 2,
    IsPresent "ispresent" 1 1,
    IsValidIp "isvalidip" 1 1,
    IsValidIpV4 "isvalidipv4" 1 1,
    IsValidIpV6 "isvalidipv6" 1 1,
    JsonParse "jsonparse" 1 1,
    JsonStringify "jsonstringify" 1 1,
    Least "least" 1 99,
    Log "log" 1 1,
    Ltrim "ltrim" 1 2,
    Replace "replace" 3 3,
    Rtrim "rtrim" 1 2,
    Sqrt "sqrt" 1 1,
    StrContains "strcontains" 2 2,
    Strlen "strlen" 1 1,
    Substr "substr" 2 3,
    ToLower "tolower" 1 1,
    ToMillis "tomillis" 1 1,
    ToUpper "toupper" 1 1,
    Trim "trim" 1 2,
    Unmask "unmask" 1 1,
}

impl Call {
    /// Whether it takes these arguments: a period where one belongs, and nowhere else.
    pub fn takes(self, arguments: &[Expression]) -> bool {
        let (least, most) = self.bounds();
        let period = match self {
            Self::Bin => Some(0),
            Self::DateCeil | Self::DateFloor => Some(1),
            _ => None,
        };
        let fits = |(at, argument): (usize, &Expression)| {
            matches!(argument, Expression::Period(_)) == (period == Some(at))
        };
        (least..=most).contains(&arguments.len()) && arguments.iter().enumerate().all(fits)
    }
}

/// What a function is worth in a row.
pub fn value(call: Call, arguments: &[Expression], row: &Row) -> Value {
    match call {
        Call::Bin => floored(&row.field("@timestamp"), arguments.first(), Period::floor),
        Call::DateFloor => floored(&arguments[0].value(row), arguments.get(1), Period::floor),
        Call::DateCeil => floored(&arguments[0].value(row), arguments.get(1), Period::ceil),
        Call::Coalesce => {
            let mut values = arguments.iter().map(|argument| argument.value(row));
            values.find(Value::is_present).unwrap_or(Value::Missing)
        }
        Call::Greatest | Call::Least => {
            let numbers = arguments.iter().filter_map(|argument| argument.value(row).number());
            let pick = if call == Call::Greatest { f64::max } else { f64::min };
            Value::of(numbers.reduce(pick))
        }
        Call::Unmask => {
            let source = row.source.as_ref();
            let text = source.map(|source| source.unmasked.as_ref().unwrap_or(&source.message).clone());
            text.map_or(Value::Missing, Value::Text)
        }
        Call::Concat => {
            let texts = arguments.iter().filter_map(|argument| argument.value(row).text());
            Value::Text(texts.collect())
        }
        _ => {
            let values: Vec<_> = arguments.iter().map(|argument| argument.value(row)).collect();
            of_values(call, &values)
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "saturates")]
fn floored(value: &Value, period: Option<&Expression>, round: impl Fn(Period, i64) -> i64) -> Value {
    match (value.number(), period) {
        (Some(time), Some(Expression::Period(period))) => Value::Time(round(*period, time as i64)),
        _ => Value::Missing,
    }
}

fn of_values(call: Call, values: &[Value]) -> Value {
    let first = &values[0];
    let number = |change: fn(f64) -> f64| Value::of(first.number().map(change));
    match call {
        Call::Abs => number(f64::abs),
        Call::Ceil => number(f64::ceil),
        Call::Floor => number(f64::floor),
        Call::Log => number(f64::ln),
        Call::Sqrt => number(f64::sqrt),
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        Call::FromMillis => first.number().map_or(Value::Missing, |number| Value::Time(number as i64)),
        Call::ToMillis => Value::of(first.number()),
        Call::IsPresent => Value::Bool(first.is_present()),
        Call::IsEmpty => Value::Bool(first.text().is_none_or(|text| text.is_empty())),
        Call::IsBlank => Value::Bool(first.text().is_none_or(|text| text.trim().is_empty())),
        Call::JsonStringify => first.text().map_or(Value::Missing, Value::Text),
        Call::JsonParse => first
            .text()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
            .map_or(Value::Missing, |json| match json {
                json if json.is_object() || json.is_array() => Value::Json(json.into()),
                json => scalar(&json),
            }),
        _ => match first.text() {
            Some(text) => of_text(call, &text, &values[1..]),
            None => Value::Missing,
        },
    }
}

fn of_text(call: Call, text: &str, more: &[Value]) -> Value {
    let other = more.first().and_then(Value::text);
    let cut = |c: char| other.as_deref().map_or(c.is_whitespace(), |set| set.contains(c));
    #[allow(clippy::cast_precision_loss, reason = "texts are short")]
    match call {
        Call::Ltrim => Value::Text(text.trim_start_matches(cut).to_owned()),
        Call::Rtrim => Value::Text(text.trim_end_matches(cut).to_owned()),
        Call::Trim => Value::Text(text.trim_matches(cut).to_owned()),
        Call::ToLower => Value::Text(text.to_lowercase()),
        Call::ToUpper => Value::Text(text.to_uppercase()),
        Call::Strlen => Value::Number(text.chars().count() as f64),
        Call::StrContains => Value::Bool(other.is_some_and(|other| text.contains(&other))),
        Call::Replace => match (other, more.get(1).and_then(Value::text)) {
            (Some(from), Some(to)) => Value::Text(text.replace(&from, &to)),
            _ => Value::Missing,
        },
        Call::Substr => substr(text, more),
        Call::IsValidIp => Value::Bool(text.parse::<IpAddr>().is_ok()),
        Call::IsValidIpV4 => Value::Bool(text.parse::<Ipv4Addr>().is_ok()),
        Call::IsValidIpV6 => Value::Bool(text.parse::<Ipv6Addr>().is_ok()),
        Call::IsIpInSubnet => in_subnet(text, other.as_deref(), |_| true),
        Call::IsIpv4InSubnet => in_subnet(text, other.as_deref(), IpAddr::is_ipv4),
        Call::IsIpv6InSubnet => in_subnet(text, other.as_deref(), IpAddr::is_ipv6),
        _ => Value::Missing,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn substr(text: &str, more: &[Value]) -> Value {
    let bound = |at: usize| more.get(at).and_then(Value::number).map(|number| number.max(0.0) as usize);
    let Some(start) = bound(0) else { return Value::Missing };
    Value::Text(text.chars().skip(start).take(bound(1).unwrap_or(usize::MAX)).collect())
}

fn in_subnet(text: &str, subnet: Option<&str>, is_kind: fn(&IpAddr) -> bool) -> Value {
    let parse = || {
        let address: IpAddr = text.parse().ok()?;
        let (network, bits) = subnet?.split_once('/')?;
        let (network, bits): (IpAddr, u32) = (network.parse().ok()?, bits.parse().ok()?);
        let is_in = match (address, network) {
            (IpAddr::V4(left), IpAddr::V4(right)) if bits <= 32 => {
                (u32::from(left) ^ u32::from(right)).checked_shr(32 - bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(left), IpAddr::V6(right)) if bits <= 128 => {
                (u128::from(left) ^ u128::from(right)).checked_shr(128 - bits).unwrap_or(0) == 0
            }
            _ => false,
        };
        Some(is_in && is_kind(&address))
    };
    Value::Bool(parse().unwrap_or(false))
}
