//! Tags of groups, destinations and deliveries.

use api_logs::LogsError;
use kernel::Arn;
use kernel::tags::{TagProblem, Tags, check};
use store::{ReadTx, Table};

use crate::delivery::DELIVERY_DESTINATIONS;
use crate::destination::DESTINATIONS;
use crate::errors;
use crate::group::GROUPS;

/// Tags by the resource of an ARN, such as `log-group:/app`.
pub static TAGS: Table<String, Tags> = Table::regional("logs.tags");

/// The key of a group's tags.
pub fn of_group(name: &str) -> String {
    format!("log-group:{name}")
}

/// Tags, unless AWS would refuse them.
pub fn checked(tags: Tags) -> Result<Tags, LogsError> {
    match check(&tags) {
        None => Ok(tags),
        Some(TagProblem::TooMany) => Err(LogsError::too_many_tags_exception("Tag quota exceeded")),
        Some(TagProblem::Key(key) | TagProblem::Value(key) | TagProblem::Reserved(key)) => {
            Err(LogsError::invalid_parameter_exception(format!("Invalid tag: {key}")))
        }
    }
}

/// The key of the tags of what an ARN names, which must be there.
pub fn key(tx: &ReadTx<'_>, arn: &str) -> Result<String, LogsError> {
    let arn = Arn::parse(arn)
        .filter(|arn| arn.service == "logs")
        .ok_or_else(|| LogsError::invalid_parameter_exception(format!("Invalid resource ARN: {arn}")))?;
    let resource = arn.resource.trim_end_matches(":*");
    let (kind, name) = resource.split_once(':').unwrap_or((resource, ""));
    let is_there = match kind {
        "log-group" => tx.contains(&GROUPS, name)?,
        "destination" => tx.contains(&DESTINATIONS, name)?,
        "delivery-destination" => tx.contains(&DELIVERY_DESTINATIONS, name)?,
        _ => false,
    };
    if is_there { Ok(resource.to_owned()) } else { Err(errors::no_such_resource()) }
}
