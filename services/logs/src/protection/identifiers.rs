//! What kinds of sensitive data are found, and how.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protect-sensitive-log-data-types.html>

use std::ops::Range;

use regex::Regex;

/// What the ARNs of AWS's own identifiers begin with.
const MANAGED: &str = "arn:aws:dataprotection::aws:data-identifier/";

/// How far from the data a word may stand that says what it is.
const NEAR: usize = 30;

/// A kind of sensitive data.
#[derive(Debug)]
pub struct Identifier {
    /// Its name, as findings tell it.
    pub name: String,
    regex: Regex,
    /// Whether what looks like it is it.
    check: fn(&str) -> bool,
    /// Of these, one must stand near it; none if nothing need.
    words: &'static [&'static str],
}

/// The name in the ARN of one of AWS's identifiers.
pub fn managed_name(arn: &str) -> Option<&str> {
    arn.strip_prefix(MANAGED)
}

/// One of AWS's identifiers, if it is found here.
pub fn managed(name: &str) -> Option<Identifier> {
    let (pattern, check, words): (&str, fn(&str) -> bool, &'static [&'static str]) = match name {
        "AwsSecretKey" => {
            let words = &[
                "aws_secret_access_key",
                "credentials",
                "secret access key",
                "secret key",
                "set-awscredential",
            ];
            (r"\b[A-Za-z0-9/+]{40}\b", |_| true, words)
        }
        "CreditCardNumber" => (r"\b\d(?:[ -]?\d){11,18}\b", is_card, &[]),
        "EmailAddress" => {
            (r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,63}\b", |_| true, &[])
        }
        "IpAddress" => (
            r"\b(?:\d{1,3}\.){3}\d{1,3}\b|(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?",
            |text| text.parse::<std::net::IpAddr>().is_ok(),
            &[],
        ),
        "OpenSshPrivateKey" => {
            (r"(?s)-----BEGIN OPENSSH PRIVATE KEY-----.*?-----END OPENSSH PRIVATE KEY-----", |_| true, &[])
        }
        "PgpPrivateKey" => (
            r"(?s)-----BEGIN PGP PRIVATE KEY BLOCK-----.*?-----END PGP PRIVATE KEY BLOCK-----",
            |_| true,
            &[],
        ),
        "PkcsPrivateKey" => (
            r"(?s)-----BEGIN (?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----.*?-----END (?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----",
            |_| true,
            &[],
        ),
        "PuttyPrivateKey" => (r"(?s)PuTTY-User-Key-File-\d: .*?Private-MAC: [0-9a-f]+", |_| true, &[]),
        "Ssn-US" => (r"\b\d{3}-\d{2}-\d{4}\b", is_ssn, &["ssn", "social security", "social"]),
        "PhoneNumber-US" => {
            let words = &["cell", "contact", "fax", "mobile", "phone", "tel", "telephone"];
            (r"(?:\+?1[ .-]?)?\(?\b[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]?\d{4}\b", |_| true, words)
        }
        "VehicleIdentificationNumber" => (r"\b[A-HJ-NPR-Z0-9]{17}\b", is_vehicle, &["vehicle", "vin"]),
        _ => return None,
    };
    Some(Identifier { name: name.to_owned(), regex: Regex::new(pattern).ok()?, check, words })
}

/// An identifier of the policy's own.
pub fn custom(name: &str, regex: &str) -> Option<Identifier> {
    Some(Identifier { name: name.to_owned(), regex: Regex::new(regex).ok()?, check: |_| true, words: &[] })
}

impl Identifier {
    /// Where in a text it is found.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.regex.find_iter(text).filter(|found| !found.is_empty());
        found
            .filter(|found| (self.check)(found.as_str()) && self.is_near(text, found.range()))
            .map(|found| found.range())
    }

    fn is_near(&self, text: &str, range: Range<usize>) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let start = text.floor_char_boundary(range.start.saturating_sub(NEAR));
        let end = text.ceil_char_boundary((range.end + NEAR).min(text.len()));
        // A word with a space is found with a line or nothing in its place.
        let plain = |text: &str| text.to_lowercase().replace([' ', '_', '-'], "");
        let around = [plain(&text[start..range.start]), plain(&text[range.end..end])];
        self.words.iter().any(|word| around.iter().any(|side| side.contains(&plain(word))))
    }
}

/// Luhn's sum, and a first digit that cards have.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => *digit,
            _ if digit * 2 > 9 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    matches!(digits.first(), Some(2..=6)) && sum.is_multiple_of(10)
}

/// Numbers that are given out.
fn is_ssn(text: &str) -> bool {
    let (area, group, serial) = (&text[..3], &text[4..6], &text[7..]);
    area != "000" && area != "666" && !area.starts_with('9') && group != "00" && serial != "0000"
}

/// The ninth place checks the others.
fn is_vehicle(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |c: char| {
        c.to_digit(10).or_else(|| {
            let at = "ABCDEFGH_JKLMN_P_R_STUVWXYZ".find(c)?;
            Some([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 0, 2, 3, 4, 5, 6, 7, 8, 9][at])
        })
    };
    let sum: Option<u32> = text.chars().zip(WEIGHTS).map(|(c, weight)| Some(value(c)? * weight)).sum();
    let wanted =
        sum.map(|sum| if sum % 11 == 10 { 'X' } else { char::from_digit(sum % 11, 10).unwrap_or('X') });
    text.chars().nth(8) == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(name: &str, text: &'t str) -> Vec<&'t str> {
        managed(name).unwrap().find(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn each_kind_is_told_from_what_looks_like_it() {
        assert_eq!(found("EmailAddress", "from a.b@example.com, x@y"), ["a.b@example.com"]);
        assert_eq!(
            found("CreditCardNumber", "4111 1111 1111 1111 4111111111111112"),
            ["4111 1111 1111 1111"]
        );
        assert_eq!(
            found("IpAddress", "10.0.0.1 300.1.1.1 2001:db8::1 12:30:45"),
            ["10.0.0.1", "2001:db8::1"]
        );
        assert_eq!(found("Ssn-US", "ssn: 123-45-6789, 000-45-6789"), ["123-45-6789"]);
        assert_eq!(found("Ssn-US", "order 123-45-6789"), [""; 0]);
        assert_eq!(
            found("VehicleIdentificationNumber", "VIN 1M8GDM9AXKP042788 1M8GDM9A0KP042788"),
            ["1M8GDM9AXKP042788"]
        );
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert_eq!(found("AwsSecretKey", &format!("aws_secret_access_key={secret}")), [secret]);
        assert_eq!(found("AwsSecretKey", secret), [""; 0]);
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----";
        assert_eq!(found("OpenSshPrivateKey", key), [key]);
        assert_eq!(found("PhoneNumber-US", "phone 555-234-5678"), ["555-234-5678"]);
    }
}
