//! Object Lock: retention and legal holds, which keep versions from being removed.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use api_s3::{ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetention, ObjectLockRetentionMode};
use jiff::tz::TimeZone;
use kernel::{Fault, Timestamp};
use serde::{Deserialize, Serialize};
use store::ReadTx;

use crate::bucket::Bucket;
use crate::{errors, object_lock};

const DAY: i64 = 86_400_000;

/// What protects a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Its retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// Whether somebody holds it; nothing where nobody ever said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<bool>,
}

/// Until when a version stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Who may shorten it.
    pub mode: Mode,
    /// Milliseconds since 1970.
    pub until: i64,
}

/// Who may shorten a retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Nobody.
    Compliance,
    /// Who asks to bypass it.
    Governance,
}

impl Lock {
    /// Whether nothing was ever set.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the version may be removed.
    pub fn check_removal(&self, now: i64, bypass: bool) -> Result<(), Fault> {
        let retained = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypass && retention.mode == Mode::Governance)
        });
        if self.hold == Some(true) || retained { Err(errors::locked()) } else { Ok(()) }
    }

    /// Whether the retention may become that.
    pub fn check_change(&self, new: Option<Retention>, now: i64, bypass: bool) -> Result<(), Fault> {
        let Some(old) = self.retention.filter(|old| old.until > now) else { return Ok(()) };
        let shortens = new.is_none_or(|new| new.until < old.until);
        let weakens = new.is_none_or(|new| new.mode != old.mode);
        let allowed = match old.mode {
            Mode::Compliance => !shortens && !weakens,
            Mode::Governance => bypass || (!shortens && !weakens),
        };
        if allowed { Ok(()) } else { Err(errors::locked()) }
    }
}

impl Mode {
    /// As the headers have it.
    pub fn modelled(self) -> ObjectLockMode {
        match self {
            Self::Compliance => ObjectLockMode::Compliance,
            Self::Governance => ObjectLockMode::Governance,
        }
    }

    /// As documents have it.
    fn of(mode: &ObjectLockRetentionMode) -> Option<Self> {
        match mode {
            ObjectLockRetentionMode::Compliance => Some(Self::Compliance),
            ObjectLockRetentionMode::Governance => Some(Self::Governance),
            ObjectLockRetentionMode::Unknown(_) => None,
        }
    }
}

impl Retention {
    /// Until when, as answers have it.
    pub fn until(&self) -> Timestamp {
        Timestamp::from_millisecond(self.until).unwrap_or_default()
    }

    /// As documents have it.
    pub fn modelled(&self) -> ObjectLockRetention {
        let mode = self.mode.modelled();
        ObjectLockRetention {
            mode: Some(mode.as_str().into()),
            retain_until_date: Some(self.until()),
            ..ObjectLockRetention::default()
        }
    }

    /// What a document asks for: a mode with a date to come, or neither.
    pub fn of(document: &ObjectLockRetention, now: i64) -> Result<Option<Self>, Fault> {
        let (mode, until) = match (&document.mode, document.retain_until_date) {
            (None, None) => return Ok(None),
            (Some(mode), Some(until)) => (Mode::of(mode), until.as_millisecond()),
            _ => return Err(errors::malformed_xml()),
        };
        let mode = mode.ok_or_else(errors::malformed_xml)?;
        check_future(until, now, "RetainUntilDate")?;
        Ok(Some(Self { mode, until }))
    }
}

/// What the headers of a write ask for.
pub fn asked(
    mode: Option<&ObjectLockMode>,
    until: Option<Timestamp>,
    hold: Option<&ObjectLockLegalHoldStatus>,
) -> Result<Lock, Fault> {
    let lonely = |name: &'static str| {
        let message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
        Err(Fault::client("InvalidArgument", message).field("ArgumentName", name))
    };
    let retention = match (mode, until) {
        (None, None) => None,
        (Some(_), None) => return lonely("x-amz-object-lock-retain-until-date"),
        (Some(ObjectLockMode::Unknown(mode)), _) => {
            let message = "Unknown wormMode directive.";
            return Err(errors::invalid_argument(message, "x-amz-object-lock-mode", mode));
        }
        (None, Some(_)) => return lonely("x-amz-object-lock-mode"),
        (Some(ObjectLockMode::Compliance), Some(until)) => {
            Some(Retention { mode: Mode::Compliance, until: until.as_millisecond() })
        }
        (Some(ObjectLockMode::Governance), Some(until)) => {
            Some(Retention { mode: Mode::Governance, until: until.as_millisecond() })
        }
    };
    let hold = match hold {
        None => None,
        Some(ObjectLockLegalHoldStatus::On) => Some(true),
        Some(ObjectLockLegalHoldStatus::Off) => Some(false),
        Some(ObjectLockLegalHoldStatus::Unknown(status)) => {
            let message = "Legal Hold must be either of 'ON' or 'OFF'";
            return Err(errors::invalid_argument(message, "x-amz-object-lock-legal-hold", status));
        }
    };
    Ok(Lock { retention, hold })
}

/// What protects a new object: what was asked for, else the bucket's default.
pub fn settle(tx: &ReadTx<'_>, name: &str, bucket: &Bucket, lock: &mut Lock, now: i64) -> Result<(), Fault> {
    if !bucket.object_lock {
        return if lock.is_open() { Ok(()) } else { Err(errors::no_object_lock()) };
    }
    if let Some(retention) = &lock.retention {
        return check_future(retention.until, now, "x-amz-object-lock-retain-until-date");
    }
    let Some(default) = object_lock::default_retention(tx, name, bucket)? else { return Ok(()) };
    let days = default.days.map(i64::from).or(default.years.map(|years| i64::from(years) * 365));
    let mode = default.mode.as_ref().and_then(Mode::of);
    lock.retention = mode.zip(days).map(|(mode, days)| Retention { mode, until: now + days * DAY });
    Ok(())
}

fn check_future(until: i64, now: i64, name: &str) -> Result<(), Fault> {
    if until > now {
        return Ok(());
    }
    // AWS prints the date as its servers in Seattle do.
    let date = Timestamp::from_millisecond(until).unwrap_or_default();
    let text = match TimeZone::posix("PST8PDT,M3.2.0,M11.1.0") {
        Ok(seattle) => date.to_zoned(seattle).strftime("%a %b %d %H:%M:%S %Z %Y").to_string(),
        Err(_) => date.to_string(),
    };
    Err(errors::invalid_argument("The retain until date must be in the future!", name, &text))
}
