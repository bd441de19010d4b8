//! `dateTimeConverter`: dates in Java's patterns, read and written in English.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-Datatype.html>

use api_logs::{DateTimeConverter, LogsError};
use jiff::Zoned;
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use super::date_pattern::{Pattern, Read};
use super::invalid;
use super::path::Path;
use crate::errors;

/// What is written where nothing is said.
const FORMAT: &str = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'";

/// How dates are converted.
#[derive(Debug)]
pub struct Converter {
    /// Where the date is.
    pub source: Path,
    /// Where it goes.
    pub target: Path,
    patterns: Vec<Pattern>,
    format: Pattern,
    from: TimeZone,
    to: TimeZone,
}

impl Converter {
    /// Reads the settings.
    pub fn new(given: &DateTimeConverter) -> Result<Self, LogsError> {
        let patterns = given.match_patterns.iter().map(|text| Pattern::parse(text));
        let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
        if let Some(short) = patterns.iter().position(|pattern| !pattern.has_date()) {
            let text = &given.match_patterns[short];
            return Err(invalid(format!("the date pattern {text:?} needs a year, a month and a day")));
        }
        let format = Pattern::parse(given.target_format.as_deref().unwrap_or(FORMAT))?;
        let locale = given.locale.as_deref().unwrap_or("en");
        let is_english = locale.get(..2).is_some_and(|language| language.eq_ignore_ascii_case("en"));
        if !is_english && patterns.iter().chain([&format]).any(Pattern::has_names) {
            return Err(errors::not_emulated(&format!("names of days and months of the locale {locale}")));
        }
        Ok(Self {
            source: Path::parse(&given.source)?,
            target: Path::parse(&given.target)?,
            patterns,
            format,
            from: zone(given.source_timezone.as_deref())?,
            to: zone(given.target_timezone.as_deref())?,
        })
    }

    /// A date as it is to be.
    pub fn convert(&self, text: &str) -> Result<String, String> {
        let read = self.patterns.iter().find_map(|pattern| self.instant(pattern.read(text)?));
        let zoned =
            read.ok_or_else(|| format!("dateTimeConverter: {text:?} matches none of the patterns"))?;
        Ok(self.format.write(&zoned.with_time_zone(self.to.clone())))
    }

    fn instant(&self, read: Read) -> Option<Zoned> {
        let date = Date::new(read.year?, read.month?, read.day?).ok()?;
        if read.weekday.is_some_and(|weekday| weekday != date.weekday()) {
            return None;
        }
        let time = Time::new(read.hour()?, read.minute, read.second, read.nanosecond).ok()?;
        let zone = read.zone.unwrap_or_else(|| self.from.clone());
        date.to_datetime(time).to_zoned(zone).ok()
    }
}

fn zone(name: Option<&str>) -> Result<TimeZone, LogsError> {
    let name = name.unwrap_or("UTC");
    find_zone(name).ok_or_else(|| invalid(format!("there is no time zone {name}")))
}

/// A zone by its name, its abbreviation or its offset.
pub fn find_zone(name: &str) -> Option<TimeZone> {
    if matches!(name, "Z" | "UTC" | "GMT" | "UT") {
        return Some(TimeZone::UTC);
    }
    let offset = name.trim_start_matches("UTC").trim_start_matches("GMT");
    if offset.starts_with(['+', '-']) {
        return find_offset(offset).map(TimeZone::fixed);
    }
    jiff::tz::db().get(name).ok()
}

/// An offset such as `+1`, `+01`, `+0100`, `+01:00`.
pub fn find_offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(sign * seconds).ok()
}
