//! Patterns of dates as Java has them: `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`.

use api_logs::LogsError;
use jiff::Zoned;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::date::{find_offset, find_zone};
use super::invalid;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Letters that are understood.
const LETTERS: &str = "yuMLdEaHkhKmsSzZXxV";

/// A pattern.
#[derive(Debug)]
pub struct Pattern(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Field(char, usize),
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The year.
    pub year: Option<i16>,
    /// The month, from 1.
    pub month: Option<i8>,
    /// The day of the month.
    pub day: Option<i8>,
    /// The day of the week, which must be right.
    pub weekday: Option<Weekday>,
    hour: i8,
    half_day: Option<bool>,
    /// The minute.
    pub minute: i8,
    /// The second.
    pub second: i8,
    /// What is over of the second.
    pub nanosecond: i32,
    /// The zone, where the text tells it.
    pub zone: Option<TimeZone>,
}

impl Read {
    /// The hour of the day.
    pub fn hour(&self) -> Option<i8> {
        match self.half_day {
            None => Some(self.hour),
            Some(is_afternoon) if (0..=12).contains(&self.hour) => {
                Some(self.hour % 12 + if is_afternoon { 12 } else { 0 })
            }
            Some(_) => None,
        }
    }
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, LogsError> {
        let mut pieces = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            if c == '\'' {
                let quoted: String = characters.by_ref().take_while(|c| *c != '\'').collect();
                // Two quotes are a quote.
                pieces.push(Piece::Literal(if quoted.is_empty() { "'".to_owned() } else { quoted }));
            } else if c.is_ascii_alphabetic() {
                let mut count = 1;
                while characters.next_if_eq(&c).is_some() {
                    count += 1;
                }
                pieces.push(field(c, count, text)?);
            } else if matches!(c, '[' | ']' | '{' | '}' | '#') {
                return Err(invalid(format!("{c} in the date pattern {text:?} is not supported")));
            } else {
                pieces.push(Piece::Literal(c.to_string()));
            }
        }
        Ok(Self(pieces))
    }

    fn has(&self, letters: &[char]) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Field(letter, _) if letters.contains(letter)))
    }

    /// Whether it tells a whole date.
    pub fn has_date(&self) -> bool {
        self.has(&['y', 'u']) && self.has(&['M', 'L']) && self.has(&['d'])
    }

    /// Whether there are names in it, which differ from language to language.
    pub fn has_names(&self) -> bool {
        let is_name =
            |piece: &Piece| matches!(piece, Piece::Field('M' | 'L', 3..) | Piece::Field('E' | 'a' | 'z', _));
        self.0.iter().any(is_name)
    }

    /// Reads a text, all of it.
    pub fn read(&self, text: &str) -> Option<Read> {
        let mut read = Read::default();
        let mut rest = text;
        for (at, piece) in self.0.iter().enumerate() {
            rest = match piece {
                Piece::Literal(literal) => rest.strip_prefix(literal.as_str())?,
                Piece::Field(letter, count) => {
                    // Where digits follow at once, a field has its width and no more.
                    let is_tight =
                        matches!(self.0.get(at + 1), Some(Piece::Field(next, _)) if is_digits(*next));
                    read.take(*letter, *count, is_tight, rest)?
                }
            };
        }
        rest.is_empty().then_some(read)
    }

    /// Writes a date.
    pub fn write(&self, zoned: &Zoned) -> String {
        self.0.iter().map(|piece| piece.write(zoned)).collect()
    }
}

fn field(letter: char, count: usize, text: &str) -> Result<Piece, LogsError> {
    let most = match letter {
        'y' | 'u' | 'M' | 'L' | 'E' => 4,
        'S' => 9,
        'a' => 1,
        'X' | 'x' | 'Z' | 'z' => 3,
        _ => 2,
    };
    let is_odd = letter == 'V' && count != 2;
    if !LETTERS.contains(letter) || count > most || is_odd {
        let what: String = std::iter::repeat_n(letter, count).collect();
        return Err(invalid(format!("{what} in the date pattern {text:?} is not supported")));
    }
    Ok(Piece::Field(letter, count))
}

fn is_digits(letter: char) -> bool {
    matches!(letter, 'y' | 'u' | 'M' | 'L' | 'd' | 'H' | 'k' | 'h' | 'K' | 'm' | 's' | 'S')
}

/// The digits at the beginning: from `least` to `most` of them.
fn digits(text: &str, least: usize, most: usize) -> Option<(&str, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (count >= least).then(|| text.split_at(count))
}

/// Which of the names comes first in the text.
fn named<'t>(names: &[&str], is_long: bool, text: &'t str) -> Option<(usize, &'t str)> {
    names.iter().enumerate().find_map(|(at, name)| {
        let name = if is_long { name } else { &name[..3] };
        text.strip_prefix(name).map(|rest| (at, rest))
    })
}

impl Read {
    fn take<'t>(&mut self, letter: char, count: usize, is_tight: bool, text: &'t str) -> Option<&'t str> {
        match letter {
            'M' | 'L' if count >= 3 => {
                let (at, rest) = named(&MONTHS, count == 4, text)?;
                self.month = i8::try_from(at + 1).ok();
                return Some(rest);
            }
            'E' => {
                let (at, rest) = named(&DAYS, count == 4, text)?;
                self.weekday = Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok();
                return Some(rest);
            }
            'a' => {
                self.half_day = Some(text.starts_with("PM"));
                return text.strip_prefix("AM").or_else(|| text.strip_prefix("PM"));
            }
            'S' => {
                let (found, rest) = digits(text, count, count)?;
                self.nanosecond = format!("{found:0<9}").parse().ok()?;
                return Some(rest);
            }
            'X' | 'x' | 'Z' => return self.offset(letter, count, text),
            'z' | 'V' => {
                let is_zone = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-' | ':');
                let end = text.find(|c| !is_zone(c)).unwrap_or(text.len());
                self.zone = Some(find_zone(&text[..end])?);
                return Some(&text[end..]);
            }
            _ => {}
        }
        let is_year = matches!(letter, 'y' | 'u');
        let most =
            if count == 1 || (is_year && count > 2) { if is_tight { count } else { 4 } } else { count };
        let (found, rest) = digits(text, count, most)?;
        let number: i16 = found.parse().ok()?;
        let small = i8::try_from(number).ok();
        match letter {
            'y' | 'u' => self.year = Some(if count == 2 { 2000 + number } else { number }),
            'M' | 'L' => self.month = small,
            'd' => self.day = small,
            'm' => self.minute = small?,
            's' => self.second = small?,
            // From 1 to 24.
            'k' => self.hour = small?.checked_rem(24)?,
            _ => self.hour = small?,
        }
        Some(rest)
    }

    fn offset<'t>(&mut self, letter: char, count: usize, text: &'t str) -> Option<&'t str> {
        if letter == 'X'
            && let Some(rest) = text.strip_prefix('Z')
        {
            self.zone = Some(TimeZone::UTC);
            return Some(rest);
        }
        let length = match (letter, count) {
            ('Z', _) | (_, 2) => 5,
            (_, 3) => 6,
            // Minutes only where there are some.
            _ if text.get(3..5).is_some_and(|more| more.bytes().all(|byte| byte.is_ascii_digit())) => 5,
            _ => 3,
        };
        let (found, rest) = text.split_at_checked(length)?;
        if !found.starts_with(['+', '-']) || found.contains(':') != (length == 6) {
            return None;
        }
        self.zone = Some(TimeZone::fixed(find_offset(found)?));
        Some(rest)
    }
}

impl Piece {
    fn write(&self, zoned: &Zoned) -> String {
        let Self::Field(letter, count) = self else {
            let Self::Literal(text) = self else { return String::new() };
            return text.clone();
        };
        let count = *count;
        let padded = |number: i64| format!("{number:0count$}");
        let hour = i64::from(zoned.hour());
        let name = |names: &[&str], at: i8, is_long: bool| {
            let name = usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default();
            if is_long { name.to_owned() } else { name[..3].to_owned() }
        };
        match letter {
            'y' | 'u' if count == 2 => format!("{:02}", zoned.year() % 100),
            'y' | 'u' => padded(zoned.year().into()),
            'M' | 'L' if count >= 3 => name(&MONTHS, zoned.month() - 1, count == 4),
            'M' | 'L' => padded(zoned.month().into()),
            'd' => padded(zoned.day().into()),
            'E' => name(&DAYS, zoned.weekday().to_monday_zero_offset(), count == 4),
            'a' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            'H' => padded(hour),
            'k' => padded(if hour == 0 { 24 } else { hour }),
            'K' => padded(hour % 12),
            'h' => padded(if hour % 12 == 0 { 12 } else { hour % 12 }),
            'm' => padded(zoned.minute().into()),
            's' => padded(zoned.second().into()),
            'S' => format!("{:09}", zoned.subsec_nanosecond())[..count].to_owned(),
            'V' => zoned.time_zone().iana_name().map_or_else(|| offset('X', 3, zoned), str::to_owned),
            'z' => zoned.strftime("%Z").to_string(),
            letter => offset(*letter, count, zoned),
        }
    }
}

fn offset(letter: char, count: usize, zoned: &Zoned) -> String {
    let seconds = zoned.offset().seconds();
    if seconds == 0 && letter == 'X' {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    match (letter, count) {
        ('X' | 'x', 1) if minutes == 0 => format!("{sign}{hours:02}"),
        ('X' | 'x', 3) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}"),
    }
}
