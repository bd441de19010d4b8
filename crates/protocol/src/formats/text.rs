//! Scalars as text: how headers, labels, query parameters, forms and XML write them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::schema::{Kind, Member, TimestampFormat};
use kernel::shape::{ReadError, ReadErrorKind};
use kernel::{Bytes, Timestamp};

/// A timestamp in that format. Fractions are kept to the millisecond, as AWS writes them.
pub fn timestamp(value: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::DateTime if value.subsec_millisecond() == 0 => {
            value.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        }
        TimestampFormat::DateTime => {
            let seconds = value.strftime("%Y-%m-%dT%H:%M:%S");
            format!("{seconds}.{:03}Z", value.subsec_millisecond())
        }
        TimestampFormat::EpochSeconds => epoch_seconds(value),
        TimestampFormat::HttpDate => value.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    }
}

/// Seconds since 1970 with up to three digits of fraction, without trailing zeros.
pub fn epoch_seconds(value: Timestamp) -> String {
    let millis = value.as_millisecond();
    let (seconds, fraction) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    if fraction == 0 {
        return seconds.to_string();
    }
    if seconds < 0 {
        return (millis as f64 / 1000.0).to_string();
    }
    format!("{seconds}.{fraction:03}").trim_end_matches('0').to_owned()
}

/// Reads a timestamp in any of the formats: clients mix them.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, ReadError> {
    let text = text.trim();
    let parsed = if let Ok(seconds) = text.parse::<f64>() {
        from_seconds(seconds)
    } else if let Ok(timestamp) = text.parse::<Timestamp>() {
        Some(timestamp)
    } else if let Ok(date) = text.parse::<jiff::civil::DateTime>() {
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    } else {
        jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
    };
    parsed.ok_or_else(|| ReadError::new(ReadErrorKind::Value, format!("{text} is not a valid timestamp")))
}

/// The instant so many seconds after 1970; nothing when it is out of range.
pub fn from_seconds(seconds: f64) -> Option<Timestamp> {
    if !seconds.is_finite() || seconds.abs() > 2.5e11 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "the bound above keeps it in range")]
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
}

/// A floating point number as AWS writes it.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if value == value.trunc() && value.abs() < 1e15 {
        format!("{value:.1}")
    } else {
        value.to_string()
    }
}

/// Reads a floating point number.
pub fn parse_float(text: &str) -> Result<f64, ReadError> {
    match text.trim() {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        text => text.parse().map_err(|_| value_error(format!("{text} is not a valid number"))),
    }
}

/// Reads an integer that fits the member's kind.
pub fn parse_integer(member: &Member, text: &str) -> Result<i64, ReadError> {
    let value = text.trim().parse().map_err(|_| value_error(format!("{text} is not a valid integer")))?;
    fit(member, value)
}

/// Checks that an integer fits the member's kind.
pub fn fit(member: &Member, value: i64) -> Result<i64, ReadError> {
    let fits = match member.target.kind {
        Kind::Byte => i8::try_from(value).is_ok(),
        Kind::Short => i16::try_from(value).is_ok(),
        Kind::Integer => i32::try_from(value).is_ok(),
        _ => true,
    };
    if fits { Ok(value) } else { Err(value_error(format!("{value} is out of range"))) }
}

/// Reads true or false.
pub fn parse_boolean(text: &str) -> Result<bool, ReadError> {
    match text.trim() {
        "true" | "True" | "TRUE" | "1" => Ok(true),
        "false" | "False" | "FALSE" | "0" => Ok(false),
        text => Err(value_error(format!("{text} is not a valid boolean"))),
    }
}

/// Bytes as base64.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64.
pub fn parse_base64(text: &str) -> Result<Bytes, ReadError> {
    let text = text.trim();
    match STANDARD.decode(text) {
        Ok(bytes) => Ok(bytes.into()),
        Err(_) => Err(value_error("Invalid base64 value")),
    }
}

fn value_error(message: impl Into<String>) -> ReadError {
    ReadError::new(ReadErrorKind::Value, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_in_every_format() {
        let instant: Timestamp = "2026-01-02T03:04:05.5Z".parse().unwrap();
        assert_eq!(timestamp(instant, TimestampFormat::DateTime), "2026-01-02T03:04:05.500Z");
        assert_eq!(timestamp(instant, TimestampFormat::EpochSeconds), "1767323045.5");
        assert_eq!(timestamp(instant, TimestampFormat::HttpDate), "Fri, 02 Jan 2026 03:04:05 GMT");
        for text in ["2026-01-02T03:04:05.5Z", "1767323045.5", "2026-01-02T03:04:05.5"] {
            assert_eq!(parse_timestamp(text).unwrap(), instant);
        }
        let whole = parse_timestamp("Fri, 02 Jan 2026 03:04:05 GMT").unwrap();
        assert_eq!(whole.as_second(), instant.as_second());
        assert!(parse_timestamp("yesterday").is_err());
    }

    #[test]
    fn floats_as_java_writes_them() {
        for (value, text) in [(1.0, "1.0"), (0.1, "0.1"), (f64::NAN, "NaN"), (f64::NEG_INFINITY, "-Infinity")]
        {
            assert_eq!(float(value), text);
        }
    }
}
