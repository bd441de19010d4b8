//! Asks a container engine on this machine for an image, as `docker save` does.
//!
//! Source: <https://docs.docker.com/reference/api/engine/version/v1.44/#tag/Image/operation/ImageGet>

use std::io::{self, Write};
use std::path::Path;

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tempfile::NamedTempFile;
use tokio::net::UnixStream;
use tokio::runtime::Handle;

use super::ImageError;

/// The image as an archive; nothing if the engine has none of that name. The name was checked: it has nothing that a
/// path would not take.
pub(super) fn save(socket: &Path, name: &str, scratch: &Path) -> Result<Option<NamedTempFile>, ImageError> {
    let asked = async {
        let stream = UnixStream::connect(socket).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let connection = tokio::spawn(connection);
        let request = Request::get(format!("/images/{name}/get"))
            .header(http::header::HOST, "localhost")
            .body(Empty::<&[u8]>::new())
            .map_err(io::Error::other)?;
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let saved = match answer.status() {
            StatusCode::OK => Some(write(answer.into_body(), scratch).await?),
            StatusCode::NOT_FOUND => None,
            status => return Err(io::Error::other(format!("the container engine answers {status}"))),
        };
        connection.abort();
        Ok(saved)
    };
    Handle::current().block_on(asked).map_err(ImageError::Disk)
}

async fn write(mut body: hyper::body::Incoming, scratch: &Path) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(scratch)?;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
            file.write_all(&data)?;
        }
    }
    Ok(file)
}
