//! `ListObjectsV2` and its elder `ListObjects`.

use api_s3::{
    CommonPrefix, EncodingType, ListObjects, ListObjectsInput, ListObjectsOutput, ListObjectsV2,
    ListObjectsV2Input, ListObjectsV2Output, Object as Told, ObjectStorageClass, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::{self, Bucket};
use crate::listing::{self, Entry, Listed, Query, Start};
use crate::object::Object;
use crate::{S3, errors, limits, names};

/// Encodes what a listing repeats of keys, if the client asks for it.
#[derive(Clone, Copy)]
pub struct Encoding(bool);

impl Handler<ListObjectsV2> for S3 {
    async fn handle(&self, cx: &Context, input: ListObjectsV2Input) -> Result<ListObjectsV2Output, S3Error> {
        let limit = limits::page(input.max_keys, "max-keys")?;
        let encoding = Encoding::of(input.encoding_type.as_ref())?;
        let (prefix, delimiter) = both(input.prefix.as_ref(), input.delimiter.as_ref());
        let list = format!("s3.objects/{}", input.bucket);
        let start = match input.continuation_token.as_deref() {
            Some(token) => Start::after_token(token, &list).ok_or_else(|| incorrect_token(token))?,
            None => {
                input.start_after.clone().filter(|key| !key.is_empty()).map_or(Start::Beginning, Start::After)
            }
        };

        let query = Query { prefix, delimiter, start, limit };
        let (bucket, listed) =
            self.page(cx, &input.bucket, input.expected_bucket_owner.as_deref(), &query)?;

        let starts_here = input.continuation_token.is_none();
        let next_continuation_token = listed.token(&list);
        let (is_truncated, key_count) = (listed.truncated, listed.entries.len());
        let owner = (input.fetch_owner == Some(true)).then_some(&bucket);
        let (contents, common_prefixes) = told(listed, owner, encoding);
        Ok(ListObjectsV2Output {
            is_truncated: Some(is_truncated),
            contents,
            prefix: Some(encoding.text(prefix)),
            delimiter: input
                .delimiter
                .as_deref()
                .filter(|text| !text.is_empty())
                .map(|text| encoding.text(text)),
            max_keys: i32::try_from(limit).ok(),
            common_prefixes,
            encoding_type: input.encoding_type,
            key_count: i32::try_from(key_count).ok(),
            continuation_token: input.continuation_token,
            next_continuation_token,
            start_after: input.start_after.filter(|_| starts_here).map(|text| encoding.text(&text)),
            name: Some(input.bucket),
            bucket_region: Some(bucket.region.as_str().to_owned()),
            request_charged: bucket.charged(cx),
        })
    }
}

impl Handler<ListObjects> for S3 {
    async fn handle(&self, cx: &Context, input: ListObjectsInput) -> Result<ListObjectsOutput, S3Error> {
        let limit = limits::page(input.max_keys, "max-keys")?;
        let encoding = Encoding::of(input.encoding_type.as_ref())?;
        let (prefix, delimiter) = both(input.prefix.as_ref(), input.delimiter.as_ref());
        let start = Start::after_marker(input.marker.as_deref(), prefix, delimiter);

        let query = Query { prefix, delimiter, start, limit };
        let (bucket, listed) =
            self.page(cx, &input.bucket, input.expected_bucket_owner.as_deref(), &query)?;

        // Without a delimiter clients take the last key for the next marker.
        let next_marker = listed.last().filter(|_| !delimiter.is_empty()).map(|last| encoding.text(last));
        let is_truncated = listed.truncated;
        // Who is nobody is not told whose the objects are.
        let owner = (!cx.caller.access_key.is_empty()).then_some(&bucket);
        let (contents, common_prefixes) = told(listed, owner, encoding);
        Ok(ListObjectsOutput {
            is_truncated: Some(is_truncated),
            marker: Some(encoding.text(input.marker.as_deref().unwrap_or_default())),
            next_marker,
            contents,
            prefix: Some(encoding.text(prefix)),
            delimiter: input
                .delimiter
                .as_deref()
                .filter(|text| !text.is_empty())
                .map(|text| encoding.text(text)),
            max_keys: i32::try_from(limit).ok(),
            common_prefixes,
            encoding_type: input.encoding_type,
            name: Some(input.bucket),
            bucket_region: Some(bucket.region.as_str().to_owned()),
            request_charged: bucket.charged(cx),
        })
    }
}

impl S3 {
    fn page(
        &self,
        cx: &Context,
        name: &str,
        expected_owner: Option<&str>,
        query: &Query<'_>,
    ) -> Result<(Bucket, Listed<Object>), Fault> {
        self.store.read(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, name, expected_owner)?;
            Ok((bucket, listing::objects(tx, name, query)?))
        })
    }
}

impl Encoding {
    /// What the client asks for.
    pub fn of(asked: Option<&EncodingType>) -> Result<Self, Fault> {
        match asked {
            None => Ok(Self(false)),
            Some(EncodingType::Url) => Ok(Self(true)),
            Some(other) => {
                let message = "Invalid Encoding Method specified in Request";
                Err(errors::invalid_argument(message, "encoding-type", other.as_str()))
            }
        }
    }

    /// The text as the answer has it.
    pub fn text(self, text: &str) -> String {
        if self.0 { names::url_encoded(text) } else { text.to_owned() }
    }

    /// The key or prefix as the answer has it, without a copy where nothing changes.
    fn own(self, text: String) -> String {
        if self.0 { names::url_encoded(&text) } else { text }
    }

    /// A common prefix of an answer.
    pub fn prefix(self, prefix: String) -> CommonPrefix {
        CommonPrefix { prefix: Some(self.own(prefix)) }
    }
}

/// Prefix and delimiter, empty where there is none.
pub fn both<'a>(prefix: Option<&'a String>, delimiter: Option<&'a String>) -> (&'a str, &'a str) {
    (prefix.map_or("", String::as_str), delimiter.map_or("", String::as_str))
}

fn told(
    listed: Listed<Object>,
    owner: Option<&Bucket>,
    encoding: Encoding,
) -> (Option<Vec<Told>>, Option<Vec<CommonPrefix>>) {
    let owner = owner.map(|bucket| names::owner(&bucket.account));
    let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
    for entry in listed.entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(encoding.prefix(prefix)),
            Entry::Item(key, object) => contents.push(Told {
                key: Some(encoding.own(key)),
                last_modified: Some(object.modified()),
                etag: Some(names::quoted(&object.etag)),
                checksum_algorithm: object.checksum.as_ref().map(|one| vec![one.algorithm.modelled()]),
                checksum_type: object.checksum.as_ref().map(|one| one.kind.modelled()),
                size: Some(object.length()),
                storage_class: Some(storage_class(&object)),
                owner: owner.clone(),
                restore_status: None,
            }),
        }
    }
    (Some(contents).filter(|list| !list.is_empty()), Some(prefixes).filter(|list| !list.is_empty()))
}

fn storage_class(object: &Object) -> ObjectStorageClass {
    object.about.storage_class.as_ref().map_or(ObjectStorageClass::Standard, |class| class.as_str().into())
}

fn incorrect_token(token: &str) -> Fault {
    let fault = Fault::client("InvalidArgument", "The continuation token provided is incorrect");
    let fault = fault.field("ArgumentName", "continuation-token");
    if token.is_empty() { fault } else { fault.field("ArgumentValue", token) }
}
