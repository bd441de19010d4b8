//! Buckets as websites: `PutBucketWebsite`, `GetBucketWebsite`, `DeleteBucketWebsite`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html>

use api_s3::{
    DeleteBucketWebsite, DeleteBucketWebsiteInput, DeleteBucketWebsiteOutput, GetBucketWebsite,
    GetBucketWebsiteInput, GetBucketWebsiteOutput, Protocol, PutBucketWebsite, PutBucketWebsiteInput,
    PutBucketWebsiteOutput, RoutingRule, S3Error, WebsiteConfiguration,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::find;
use crate::setting::WEBSITE;
use crate::{S3, errors, limits};

impl Handler<PutBucketWebsite> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketWebsiteInput,
    ) -> Result<PutBucketWebsiteOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            check(&input.website_configuration)?;
            WEBSITE.put(tx, name, &bucket, &input.website_configuration)
        });
        written.await?;

        Ok(PutBucketWebsiteOutput {})
    }
}

impl Handler<GetBucketWebsite> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketWebsiteInput,
    ) -> Result<GetBucketWebsiteOutput, S3Error> {
        let set = self.setting(cx, &WEBSITE, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let set = set.ok_or_else(|| errors::settings::no_website(&input.bucket))?;

        Ok(GetBucketWebsiteOutput {
            redirect_all_requests_to: set.redirect_all_requests_to,
            index_document: set.index_document,
            error_document: set.error_document,
            routing_rules: set.routing_rules,
        })
    }
}

impl Handler<DeleteBucketWebsite> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketWebsiteInput,
    ) -> Result<DeleteBucketWebsiteOutput, S3Error> {
        self.unset(cx, &WEBSITE, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeleteBucketWebsiteOutput {})
    }
}

fn check(asked: &WebsiteConfiguration) -> Result<(), Fault> {
    if let Some(everything) = &asked.redirect_all_requests_to {
        let others = asked.index_document.is_some() || asked.error_document.is_some();
        if others || asked.routing_rules.is_some() {
            let message = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.";
            return Err(errors::invalid_argument(message, "RedirectAllRequestsTo", "not null"));
        }
        return check_protocol(everything.protocol.as_ref());
    }
    let Some(index) = &asked.index_document else {
        let message = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty";
        return Err(errors::invalid_argument(message, "IndexDocument", "null"));
    };
    if index.suffix.is_empty() || index.suffix.contains('/') {
        let message = "The IndexDocument Suffix is not well formed";
        return Err(errors::invalid_argument(message, "IndexDocument", &index.suffix));
    }
    let Some(rules) = &asked.routing_rules else { return Ok(()) };
    if rules.is_empty() {
        return Err(errors::malformed_xml());
    }
    if rules.len() > limits::ROUTING_RULES {
        return Err(errors::invalid_request(format!(
            "{} routing rules provided, the number of routing rules in a website configuration is limited to {}.",
            rules.len(),
            limits::ROUTING_RULES
        )));
    }
    rules.iter().try_for_each(check_rule)
}

fn check_rule(rule: &RoutingRule) -> Result<(), Fault> {
    let redirect = &rule.redirect;
    check_protocol(redirect.protocol.as_ref())?;
    if redirect.replace_key_prefix_with.is_some() && redirect.replace_key_with.is_some() {
        return Err(errors::invalid_request(
            "You can only define ReplaceKeyPrefix or ReplaceKey but not both.",
        ));
    }
    if let Some(code) = redirect.http_redirect_code.as_deref().filter(|code| !is_code(code, 301..=399)) {
        return Err(errors::invalid_request(format!(
            "The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300."
        )));
    }
    let Some(condition) = &rule.condition else { return Ok(()) };
    if condition.key_prefix_equals.is_none() && condition.http_error_code_returned_equals.is_none() {
        let message = "Condition cannot be empty. To redirect all requests without a condition, the condition element \
                       shouldn't be present.";
        return Err(errors::invalid_request(message));
    }
    let code = condition.http_error_code_returned_equals.as_deref();
    if let Some(code) = code.filter(|code| !is_code(code, 400..=599)) {
        return Err(errors::invalid_request(format!(
            "The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX."
        )));
    }
    Ok(())
}

fn is_code(text: &str, codes: std::ops::RangeInclusive<u16>) -> bool {
    text.parse().is_ok_and(|code| codes.contains(&code))
}

fn check_protocol(protocol: Option<&Protocol>) -> Result<(), Fault> {
    if let Some(Protocol::Unknown(_)) = protocol {
        let message = "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected \
                       automatically.";
        return Err(errors::invalid_request(message));
    }
    Ok(())
}
