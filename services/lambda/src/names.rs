//! Function names in every form callers use, and ARNs.

use api_lambda::LambdaError;
use kernel::{Arn, Context, Scope};

use crate::errors;

/// A function as a caller names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionName {
    /// Account and region, the caller's unless the ARN names others.
    pub scope: Scope,
    /// The plain name.
    pub name: String,
    /// The version or alias asked for.
    pub qualifier: Option<String>,
}

/// What a qualifier stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier<'a> {
    /// The function as it is worked on.
    Latest,
    /// The version that is published over and over again.
    Published,
    /// A published version.
    Version(u64),
    /// An alias.
    Alias(&'a str),
}

impl FunctionName {
    /// Parses a name, a partial ARN (`account:function:name`) or a whole one, each perhaps with a qualifier.
    pub fn parse(cx: &Context, text: &str, qualifier: Option<&str>) -> Result<Self, LambdaError> {
        let mut scope = cx.scope.clone();
        let rest = if let Some(arn) = Arn::parse(text) {
            scope = arn.scope(&cx.scope);
            if scope.region != cx.scope.region {
                return Err(errors::other_region(scope.region.as_str(), cx.scope.region.as_str()));
            }
            arn.resource.strip_prefix("function:").unwrap_or(&arn.resource).to_owned()
        } else if let Some((account, rest)) = text.split_once(":function:") {
            scope.account = account.into();
            rest.to_owned()
        } else {
            text.strip_prefix("function:").unwrap_or(text).to_owned()
        };
        let (name, own) = rest.split_once(':').map_or((rest.as_str(), None), |(name, own)| (name, Some(own)));
        if let (Some(own), Some(other)) = (own, qualifier)
            && own != other
        {
            return Err(errors::invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        let qualifier = own.or(qualifier).map(str::to_owned);
        Ok(Self { scope, name: name.to_owned(), qualifier })
    }

    /// A name that is known to be one of that account and region.
    pub fn of(scope: &Scope, text: &str) -> Self {
        let rest = match text.split_once(":function:") {
            Some((_, rest)) => rest,
            None => text.strip_prefix("function:").unwrap_or(text),
        };
        let (name, qualifier) =
            rest.split_once(':').map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
        Self { scope: scope.clone(), name: name.to_owned(), qualifier: qualifier.map(str::to_owned) }
    }

    /// The ARN, as it was asked for.
    pub fn arn(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", function_arn(&self.scope, &self.name)),
            None => function_arn(&self.scope, &self.name),
        }
    }

    /// The same function with another qualifier.
    pub fn with(&self, qualifier: &str) -> Self {
        Self { qualifier: Some(qualifier.to_owned()), ..self.clone() }
    }

    /// The same function without a qualifier.
    pub fn plain(&self) -> Self {
        Self { qualifier: None, ..self.clone() }
    }

    /// The qualifier, `$LATEST` where none was given: settings are kept under it.
    pub fn key(&self) -> &str {
        self.qualifier.as_deref().unwrap_or(crate::function::LATEST)
    }

    /// What the qualifier stands for.
    pub fn kind(&self) -> Qualifier<'_> {
        match self.qualifier.as_deref() {
            None | Some("$LATEST") => Qualifier::Latest,
            Some(crate::function::PUBLISHED) => Qualifier::Published,
            Some(text) => match text.parse() {
                // Versions start at one, and no alias is a number.
                Ok(0) | Err(_) => Qualifier::Alias(text),
                Ok(number) => Qualifier::Version(number),
            },
        }
    }
}

/// The ARN of a function.
pub fn function_arn(scope: &Scope, name: &str) -> String {
    Arn::new("lambda", scope, format!("function:{name}")).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernel::{Calls, Clock, Ids};

    use super::*;

    fn parse(text: &str, qualifier: Option<&str>) -> FunctionName {
        let cx = Context {
            scope: Scope::default(),
            caller: Arc::default(),
            request: Arc::default(),
            clock: Clock::real(),
            ids: Ids::random(),
            calls: Calls::default(),
        };
        FunctionName::parse(&cx, text, qualifier).unwrap()
    }

    #[test]
    fn every_form_of_a_name_is_understood() {
        for text in
            ["f", "000000000000:function:f", "function:f", "arn:aws:lambda:us-east-1:000000000000:function:f"]
        {
            let name = parse(text, None);
            assert_eq!((name.name.as_str(), &name.qualifier), ("f", &None), "{text}");
            assert_eq!(parse(&format!("{text}:7"), None).qualifier.as_deref(), Some("7"));
        }
        let there = parse("arn:aws:lambda:us-east-1:111122223333:function:f", Some("$LATEST"));
        assert_eq!(there.scope, Scope::new("111122223333", "us-east-1"));
        assert_eq!(there.kind(), Qualifier::Latest);
        assert_eq!(parse("f:12", None).kind(), Qualifier::Version(12));
        assert_eq!(parse("f:$LATEST.PUBLISHED", None).kind(), Qualifier::Published);
        assert_eq!(parse("f:live", None).kind(), Qualifier::Alias("live"));
    }
}
