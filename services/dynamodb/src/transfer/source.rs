//! What an import reads: the objects below a prefix, unpacked and parsed.

use std::io::Read;

use api_dynamodb::{ImportTableInput, InputCompressionType, InputFormat};
use api_s3::{GetObject, GetObjectInput, ListObjectsV2, ListObjectsV2Input};
use flate2::read::MultiGzDecoder;
use kernel::{Bytes, Context, Fault};

use super::{csv_format, ion_format, json_format};
use crate::item::Attributes;
use crate::table::Table;

/// The most bytes of one object, unpacked: larger ones would fill the memory.
const MOST: u64 = 1 << 30;

/// What a file has.
#[derive(Default)]
pub struct Parsed {
    /// Its items, or what is wrong with them.
    pub items: Vec<Result<Attributes, String>>,
    /// Why the rest of it cannot be read.
    pub broken: Option<String>,
}

/// The keys of the objects to read.
pub async fn keys(cx: &Context, input: &ImportTableInput) -> Result<Vec<String>, Fault> {
    let source = &input.s3_bucket_source;
    let (mut keys, mut token) = (Vec::new(), None);
    loop {
        let list = ListObjectsV2Input {
            bucket: source.s3_bucket.clone(),
            prefix: source.s3_key_prefix.clone(),
            continuation_token: token,
            expected_bucket_owner: source.s3_bucket_owner.clone(),
            ..Default::default()
        };
        let page = cx.call::<ListObjectsV2>(list).await?;
        let objects = page.contents.into_iter().flatten().filter(|object| object.size != Some(0));
        keys.extend(objects.filter_map(|object| object.key));
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(keys);
        }
    }
}

/// The bytes of an object, as S3 has them.
pub async fn fetch(cx: &Context, input: &ImportTableInput, key: &str) -> Result<Bytes, Fault> {
    let source = &input.s3_bucket_source;
    let get = GetObjectInput {
        bucket: source.s3_bucket.clone(),
        key: key.to_owned(),
        expected_bucket_owner: source.s3_bucket_owner.clone(),
        ..Default::default()
    };
    let object = cx.call::<GetObject>(get).await?;
    object.body.collect(usize::try_from(MOST).unwrap_or(usize::MAX)).await
}

/// The items of an object.
pub fn parse(bytes: &[u8], input: &ImportTableInput, table: &Table) -> (Parsed, usize) {
    let unpacked = match unpack(bytes, input.input_compression_type.as_ref()) {
        Ok(unpacked) => unpacked,
        Err(problem) => return (Parsed { broken: Some(problem), ..Parsed::default() }, bytes.len()),
    };
    let parsed = match input.input_format {
        InputFormat::Csv => {
            let options = input.input_format_options.as_ref().and_then(|options| options.csv.as_ref());
            csv_format::parse(&unpacked, table, options)
        }
        InputFormat::Ion => ion_format::parse(&unpacked),
        _ => json_format::parse(&unpacked),
    };
    (parsed, unpacked.len())
}

fn unpack(bytes: &[u8], compression: Option<&InputCompressionType>) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    let read = match compression {
        Some(InputCompressionType::Gzip) => {
            MultiGzDecoder::new(bytes).take(MOST + 1).read_to_end(&mut unpacked)
        }
        Some(InputCompressionType::Zstd) => {
            let decoder =
                ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|error| error.to_string())?;
            decoder.take(MOST + 1).read_to_end(&mut unpacked)
        }
        _ => bytes.take(MOST + 1).read_to_end(&mut unpacked),
    };
    read.map_err(|error| error.to_string())?;
    if unpacked.len() as u64 > MOST {
        return Err("The object is too large".to_owned());
    }
    Ok(unpacked)
}
