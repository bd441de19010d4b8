//! Forms that browsers post to a bucket: each is a `PutObject` whose headers came as fields.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>

mod answer;
mod authorise;
mod fields;
mod length;
mod request;

use std::sync::Arc;

use http::Method;
use kernel::Fault;
use kernel::context::RequestInfo;
use protocol::Response;

use crate::address::Address;
use crate::body::Received;
use crate::route::Target;
use crate::serve::{Gateway, Stop};
use crate::{chaos, decode, identify, observe};

/// A form up to its file.
struct Form {
    /// The bucket it was posted to.
    bucket: String,
    /// What came before the file, by the names it was sent with.
    fields: auth::policy::Fields,
    /// The file.
    file: kernel::ByteStream,
}

impl Form {
    fn field(&self, name: &str) -> Option<&str> {
        auth::policy::field(&self.fields, name)
    }

    fn key(&self) -> &str {
        self.field("key").unwrap_or_default()
    }
}

/// The bucket that a form is posted to.
pub fn bucket(received: &Received, address: &Address) -> Option<String> {
    if received.parts.method != Method::POST || !is_form(received) {
        return None;
    }
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Into::into);
    match (&address.bucket, received.path().strip_prefix('/')?) {
        (Some(bucket), "") => Some(bucket.clone()),
        (None, path) => {
            let bucket = path.strip_suffix('/').unwrap_or(path);
            if bucket.is_empty() || bucket.contains('/') { None } else { decode(bucket) }
        }
        _ => None,
    }
}

fn is_form(received: &Received) -> bool {
    let kind = received.header("content-type").unwrap_or_default();
    kind.get(..19).is_some_and(|start| start.eq_ignore_ascii_case("multipart/form-data"))
}

/// What S3 says to something posted to a bucket that is no form.
pub fn not_a_form() -> Fault {
    let message = "At least one of the pre-conditions you specified did not hold";
    Fault::new("PreconditionFailed", 412, message)
        .field("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")
}

/// Answers a form: read → identify → disturb → policy → decode → permission → handle → answer.
pub async fn serve(
    gateway: &Gateway,
    received: &mut Received,
    address: &Address,
    bucket: String,
    target: Target,
    request_id: &str,
) -> Result<Response, Stop> {
    let stop = |fault: Fault| Stop::Fault(target.clone(), fault);
    let mut form = fields::read(received, bucket).await.map_err(stop)?;
    let presented = authorise::presented(&form).map_err(stop)?;
    let identity = identify::identify(gateway, &presented, &target, address)?;
    chaos::disturb(&target, &identity).await?;
    let range = authorise::policy(gateway, &form, &presented, &identity).map_err(stop)?;
    form.file = length::within(&form.file, range);
    let wanted = answer::Wanted::of(&form, &address.host);
    let mut wire = request::put_object(form, &received.parts).map_err(stop)?;
    let handler = target.handler()?;
    let mut cx = gateway.context(&identity, &target, &wire, address, (request_id, &received.source));
    cx.request = Arc::new(RequestInfo { is_form: true, ..(*cx.request).clone() });
    let input = decode::decode(&target, handler.as_ref(), &mut wire)?;
    crate::authorise::permission(gateway.settings.mode, &cx, &target);
    let output = handler.handle(&cx, input).await.map_err(stop)?;
    observe::answered(&target, &cx);
    let protocol = protocol::of(target.protocol);
    Ok(wanted.answer(protocol.encode(target.service.schema, target.operation, output.as_ref(), request_id)))
}
