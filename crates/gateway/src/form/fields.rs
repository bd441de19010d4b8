//! Reading a form up to its file, which stays a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use auth::policy::Fields;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use kernel::stream::Chunks;
use kernel::{ByteStream, Fault};
use multer::{Field, Multipart};

use super::Form;
use crate::body::Received;

/// The most that all fields before the file may come to.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>
const MOST_FIELDS: usize = 20 * 1024;

/// Reads a form up to its file. What comes after that is not looked at.
pub fn read(
    received: &mut Received,
    bucket: String,
) -> impl Future<Output = Result<Form, Fault>> + Send + use<> {
    let boundary = multer::parse_boundary(received.header("content-type").unwrap_or_default());
    let body = received.stream();
    async move {
        let mut parts =
            Multipart::new(Paced { chunks: body.take(), has_given: false }, boundary.map_err(unreadable)?);
        let mut fields = Fields::new();
        let mut size = 0;
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            let name = part.name().unwrap_or_default().to_owned();
            if name.eq_ignore_ascii_case("file") {
                let name = part.file_name().map(base_name).unwrap_or_default().to_owned();
                return finish(bucket, fields, &name, part);
            }
            // Fields of no name and no value count too, or there could be any number of them.
            size += name.len().max(1);
            let value = text(part, &mut size).await?;
            if size > MOST_FIELDS {
                return Err(too_large());
            }
            fields.push((name, value));
        }
        let message = "POST requires exactly one file upload per request.";
        Err(argument(message, "file", "0"))
    }
}

fn finish(bucket: String, mut fields: Fields, name: &str, file: Field<'static>) -> Result<Form, Fault> {
    if auth::policy::field(&fields, "key").is_none() {
        return Err(missing("key"));
    }
    if !name.is_empty() {
        fields.iter_mut().for_each(|(_, value)| *value = value.replace("${filename}", name));
    }
    let chunks = file.map(|chunk| chunk.map_err(unreadable));
    Ok(Form { bucket, fields, file: ByteStream::new(Box::pin(chunks), None) })
}

async fn text(mut part: Field<'static>, size: &mut usize) -> Result<String, Fault> {
    let mut value = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        *size += chunk.len();
        if *size > MOST_FIELDS {
            return Err(too_large());
        }
        value.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&value).into_owned())
}

fn too_large() -> Fault {
    let message = "Your POST request fields preceding the upload file were too large.";
    Fault::client("MaxPostPreDataLengthExceededError", message)
}

/// Some browsers send the whole path of a file.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A field that must be there.
pub fn missing(name: &str) -> Fault {
    let message = format!(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    );
    argument(&message, name, "")
}

fn argument(message: &str, name: &str, value: &str) -> Fault {
    Fault::client("InvalidArgument", message).field("ArgumentName", name).field("ArgumentValue", value)
}

fn unreadable(error: multer::Error) -> Fault {
    if let multer::Error::StreamReadFailed(cause) = &error
        && let Some(fault) = cause.downcast_ref::<Fault>()
    {
        return fault.clone();
    }
    let message = "The body of your POST request is not well-formed multipart/form-data.";
    Fault::client("MalformedPOSTRequest", message)
}

/// One chunk at a time: the parser would take in all that is ready before it hands anything on.
struct Paced {
    chunks: Chunks,
    has_given: bool,
}

impl Stream for Paced {
    type Item = Result<Bytes, Fault>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.has_given) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = self.chunks.as_mut().poll_next(cx);
        self.has_given = matches!(next, Poll::Ready(Some(_)));
        next
    }
}
