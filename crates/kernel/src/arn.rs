//! Amazon Resource Names.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::scope::Scope;

/// `arn:partition:service:region:account:resource`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Arn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Such as `sqs`.
    pub service: String,
    /// Empty for global resources.
    pub region: String,
    /// Empty where names are unique in the partition, as S3's.
    pub account: String,
    /// All the rest, colons included.
    pub resource: String,
}

impl Arn {
    /// The ARN of a regional resource in that scope.
    pub fn new(service: &str, scope: &Scope, resource: impl Into<String>) -> Self {
        Self {
            partition: partition(scope.region.as_str()).to_owned(),
            service: service.to_owned(),
            region: scope.region.to_string(),
            account: scope.account.to_string(),
            resource: resource.into(),
        }
    }

    /// The ARN of an account's global resource, as IAM's.
    pub fn global(service: &str, scope: &Scope, resource: impl Into<String>) -> Self {
        Self { region: String::new(), ..Self::new(service, scope, resource) }
    }

    /// Parses an ARN; nothing unless it has six parts and starts with `arn`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        Some(Self {
            partition: parts.next()?.to_owned(),
            service: parts.next()?.to_owned(),
            region: parts.next()?.to_owned(),
            account: parts.next()?.to_owned(),
            resource: parts.next()?.to_owned(),
        })
    }

    /// The scope named by the ARN, with `default`'s account and region where it leaves them out.
    pub fn scope(&self, default: &Scope) -> Scope {
        let or = |part: &str, other: &str| if part.is_empty() { other.to_owned() } else { part.to_owned() };
        Scope::new(&or(&self.account, default.account.as_str()), &or(&self.region, default.region.as_str()))
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The partition a region belongs to.
pub fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_stay_in_the_resource() {
        let text = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*";
        let arn = Arn::parse(text).unwrap();
        assert_eq!(arn.resource, "log-group:/aws/lambda/f:*");
        assert_eq!(arn.to_string(), text);
    }

    #[test]
    fn six_parts_are_needed() {
        assert_eq!(Arn::parse("arn:aws:sqs:us-east-1:0"), None);
        assert_eq!(Arn::parse("urn:aws:sqs:us-east-1:0:q"), None);
    }
}
