//! Periods of time and the instants at which they begin.

use kernel::Timestamp;

/// A period: so many milliseconds, or so many months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Milliseconds.
    Millis(i64),
    /// Months of the calendar.
    Months(i64),
}

impl Period {
    /// The period that a number and a unit are.
    pub fn new(count: f64, unit: &str) -> Option<Self> {
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        let count = count as i64;
        if count < 1 {
            return None;
        }
        let millis = |each: i64| count.checked_mul(each).map(Self::Millis);
        let months = |each: i64| count.checked_mul(each).map(Self::Months);
        match unit.to_ascii_lowercase().as_str() {
            "ms" | "msec" | "millisecond" | "milliseconds" => millis(1),
            "s" | "sec" | "second" | "seconds" => millis(1000),
            "m" | "min" | "minute" | "minutes" => millis(60_000),
            "h" | "hr" | "hour" | "hours" => millis(3_600_000),
            "d" | "day" | "days" => millis(86_400_000),
            "w" | "week" | "weeks" => millis(7 * 86_400_000),
            "mo" | "mon" | "month" | "months" => months(1),
            "q" | "qtr" | "quarter" | "quarters" => months(3),
            "y" | "yr" | "year" | "years" => months(12),
            _ => None,
        }
    }

    /// The last beginning of a period at or before an instant.
    pub fn floor(self, time: i64) -> i64 {
        match self {
            Self::Millis(millis) => time - time.rem_euclid(millis),
            Self::Months(months) => {
                let index = month_index(time);
                month_start(index - index.rem_euclid(months)).unwrap_or(time)
            }
        }
    }

    /// The first beginning of a period at or after an instant.
    pub fn ceil(self, time: i64) -> i64 {
        let floor = self.floor(time);
        if floor == time {
            return time;
        }
        match self {
            Self::Millis(millis) => floor.saturating_add(millis),
            Self::Months(months) => month_start(month_index(floor) + months).unwrap_or(time),
        }
    }
}

/// Months since the year 0.
fn month_index(time: i64) -> i64 {
    let Ok(instant) = Timestamp::from_millisecond(time) else { return 0 };
    let date = instant.to_zoned(jiff::tz::TimeZone::UTC);
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

fn month_start(index: i64) -> Option<i64> {
    let (year, month) =
        (i16::try_from(index.div_euclid(12)).ok()?, i8::try_from(index.rem_euclid(12) + 1).ok()?);
    let date = jiff::civil::Date::new(year, month, 1).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_where_the_calendar_says() {
        // 2026-01-02T12:00:00Z
        let noon = 1_767_355_200_000;
        assert_eq!(Period::new(1.0, "d").unwrap().floor(noon), 1_767_312_000_000);
        assert_eq!(Period::new(5.0, "m").unwrap().floor(noon + 299_999), noon);
        assert_eq!(Period::new(5.0, "m").unwrap().ceil(noon + 1), noon + 300_000);
        assert_eq!(Period::new(1.0, "mo").unwrap().floor(noon), 1_767_225_600_000);
        assert_eq!(Period::new(1.0, "y").unwrap().ceil(noon), 1_798_761_600_000);
        assert_eq!(Period::new(0.0, "d"), None);
        assert_eq!(Period::new(1.0, "parsecs"), None);
    }
}
