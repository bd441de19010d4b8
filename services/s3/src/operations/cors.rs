//! Rules for browsers of other sites: `PutBucketCors`, `GetBucketCors`, `DeleteBucketCors`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>

use api_s3::{
    CORSRule, DeleteBucketCors, DeleteBucketCorsInput, DeleteBucketCorsOutput, GetBucketCors,
    GetBucketCorsInput, GetBucketCorsOutput, PutBucketCors, PutBucketCorsInput, PutBucketCorsOutput, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::setting::CORS;
use crate::{S3, errors, limits};

const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

impl Handler<PutBucketCors> for S3 {
    async fn handle(&self, cx: &Context, input: PutBucketCorsInput) -> Result<PutBucketCorsOutput, S3Error> {
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let asked = &input.cors_configuration;
        self.set(cx, &CORS, bucket, asked, |_, _| check(&asked.cors_rules)).await?;
        Ok(PutBucketCorsOutput {})
    }
}

impl Handler<GetBucketCors> for S3 {
    async fn handle(&self, cx: &Context, input: GetBucketCorsInput) -> Result<GetBucketCorsOutput, S3Error> {
        let cors = self.setting(cx, &CORS, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let cors = cors.ok_or_else(|| errors::settings::no_cors(&input.bucket))?;

        Ok(GetBucketCorsOutput { cors_rules: Some(cors.cors_rules) })
    }
}

impl Handler<DeleteBucketCors> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketCorsInput,
    ) -> Result<DeleteBucketCorsOutput, S3Error> {
        self.unset(cx, &CORS, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeleteBucketCorsOutput {})
    }
}

fn check(rules: &[CORSRule]) -> Result<(), Fault> {
    if rules.is_empty() || rules.len() > limits::CORS_RULES {
        return Err(errors::malformed_xml());
    }
    rules.iter().try_for_each(check_rule)
}

fn check_rule(rule: &CORSRule) -> Result<(), Fault> {
    let too_long = rule.id.as_ref().is_some_and(|id| id.chars().count() > limits::RULE_ID_CHARS);
    if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() || too_long {
        return Err(errors::malformed_xml());
    }
    if let Some(method) = rule.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        return Err(errors::invalid_request(format!(
            "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
        )));
    }
    let has_two = |text: &&String| text.matches('*').count() > 1;
    if let Some(origin) = rule.allowed_origins.iter().find(has_two) {
        return Err(errors::invalid_request(format!(
            "AllowedOrigin \"{origin}\" can not have more than one wildcard."
        )));
    }
    if let Some(header) = rule.allowed_headers.iter().flatten().find(has_two) {
        return Err(errors::invalid_request(format!(
            "AllowedHeader \"{header}\" can not have more than one wildcard."
        )));
    }
    if let Some(header) = rule.expose_headers.iter().flatten().find(|header| header.contains('*')) {
        return Err(errors::invalid_request(format!(
            "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
        )));
    }
    Ok(())
}
