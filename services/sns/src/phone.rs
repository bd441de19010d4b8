//! Phone numbers: their form, who wants no messages, and what holds for all text messages of a region.

use api_sns::SnsError;
use kernel::Map;
use store::{ReadTx, Table};

use crate::errors;

/// The numbers that want no messages.
pub static OPTED_OUT: Table<String, bool> = Table::regional("sns.phones.opted_out");
/// What was set for text messages, under `true`.
pub static SETTINGS: Table<bool, Map<String, String>> = Table::regional("sns.phones.settings");

/// What can be set.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html>
const NAMES: [&str; 6] = [
    "DefaultSMSType",
    "DefaultSenderID",
    "DeliveryStatusIAMRole",
    "DeliveryStatusSuccessSamplingRate",
    "MonthlySpendLimit",
    "UsageReportS3Bucket",
];

/// Whether a text is a number in the form of E.164; SNS lets slashes, dots and hyphens between its digits.
pub fn is_number(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('+') else { return false };
    let is_separator = |character: char| matches!(character, '-' | '.' | '/');
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    let mut before = '+';
    for character in rest.chars() {
        if !character.is_ascii_digit() && (!is_separator(character) || !before.is_ascii_digit()) {
            return false;
        }
        before = character;
    }
    before.is_ascii_digit() && (1..=15).contains(&digits)
}

/// Checks one setting.
pub fn check_setting(name: &str, value: &str) -> Result<(), SnsError> {
    if !NAMES.contains(&name) {
        return Err(errors::parameter(format!("{name} is not a valid attribute")));
    }
    let is_valid = match name {
        "DefaultSMSType" => matches!(value, "Promotional" | "Transactional"),
        "DefaultSenderID" => {
            (1..=11).contains(&value.len())
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        }
        "DeliveryStatusSuccessSamplingRate" => value.parse::<u8>().is_ok_and(|rate| rate <= 100),
        "MonthlySpendLimit" => value.parse::<u64>().is_ok(),
        _ => true,
    };
    if is_valid { Ok(()) } else { Err(errors::parameter(format!("{name} is invalid"))) }
}

/// What holds for text messages.
pub fn settings(tx: &ReadTx<'_>) -> Result<Map<String, String>, kernel::Fault> {
    let mut settings = tx.get(&SETTINGS, &true)?.unwrap_or_default();
    settings.entry("MonthlySpendLimit".to_owned()).or_insert_with(|| "1".to_owned());
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_form() {
        for number in ["+15551234567", "+1-555-123.4567", "+1/555/1234567"] {
            assert!(is_number(number), "{number}");
        }
        for other in [
            "15551234567",
            "+15--551234567",
            "+15551234567.",
            "/+15551234567",
            "NAA+15551234567",
            "+1a234",
            "+",
        ] {
            assert!(!is_number(other), "{other}");
        }
    }
}
