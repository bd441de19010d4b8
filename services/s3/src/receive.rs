//! Bodies coming in: digests in one pass, small ones into memory, large ones into a blob.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::HeaderMap;
use kernel::{ByteStream, Fault};
use md5::{Digest, Md5};
use store::{BlobRef, BlobWriter, Blobs};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::checksum::{Algorithm, Checksum, Declared, Hasher, Kind};
use crate::content::Content;
use crate::names::hex;
use crate::{errors, limits};

/// So much of a body is digested in one go.
const BATCH: usize = 1 << 20;

/// What must come of a body.
#[derive(Debug, Default)]
pub struct Expected {
    /// Its MD5, in base64.
    pub md5: Option<String>,
    /// Its checksum.
    pub checksum: Declared,
    /// The checksum to store with it, where that is not the one declared.
    pub stored: Option<Algorithm>,
}

/// A body that is here, whole and as declared. A blob belongs to no commit yet.
#[derive(Debug)]
pub struct Received {
    /// Its length.
    pub size: u64,
    /// Its MD5, as entity tags have it.
    pub etag: String,
    /// The checksum to store.
    pub checksum: Checksum,
    /// The checksum the client declared, or S3 chose.
    pub declared: Checksum,
    /// Where it is.
    pub content: Content,
}

/// A body on its way in.
struct Receiver<'a> {
    blobs: &'a Blobs,
    /// What fits a row.
    most_inline: usize,
    /// What came so far, while it may fit a row.
    gathered: BytesMut,
    writer: Option<BlobWriter>,
    size: u64,
    digests: Digesting,
}

/// The digests of a body, as far as it has come.
struct Digests {
    md5: Md5,
    hasher: Hasher,
    second: Option<(Algorithm, Hasher)>,
}

/// Digests on their way. Those of a large body are computed beside its reception: MD5 takes longer than all the rest.
struct Digesting {
    /// Nothing while they are being computed elsewhere.
    here: Option<Digests>,
    elsewhere: Option<JoinHandle<Digests>>,
    /// What came and is not in them yet.
    waiting: Vec<Bytes>,
    length: usize,
}

/// Takes a body that may end up in a row.
pub async fn receive(blobs: &Blobs, body: &ByteStream, expected: &Expected) -> Result<Received, Fault> {
    receive_up_to(blobs, body, expected, limits::INLINE_BYTES).await
}

/// Takes a body that ends up in a blob, however small.
pub async fn receive_blob(
    blobs: &Blobs,
    body: &ByteStream,
    expected: &Expected,
) -> Result<(Received, BlobRef), Fault> {
    let received = receive_up_to(blobs, body, expected, 0).await?;
    match &received.content {
        Content::Blob(blob) => {
            let blob = blob.clone();
            Ok((received, blob))
        }
        _ => Err(Fault::internal("a body is not in a blob")),
    }
}

async fn receive_up_to(
    blobs: &Blobs,
    body: &ByteStream,
    expected: &Expected,
    most_inline: usize,
) -> Result<Received, Fault> {
    expected.md5.as_deref().map(parse_md5).transpose()?;
    let announced = body.length();
    if let Some(size) = announced.filter(|size| *size > limits::BODY_BYTES) {
        return Err(errors::entity_too_large(size));
    }
    let algorithm = expected.checksum.algorithm.unwrap_or(Algorithm::Crc64nvme);
    let second = expected.stored.filter(|stored| *stored != algorithm);
    let mut receiver = Receiver {
        blobs,
        most_inline,
        gathered: BytesMut::new(),
        writer: None,
        size: 0,
        digests: Digesting::new(Digests {
            md5: Md5::new(),
            hasher: Hasher::new(algorithm),
            second: second.map(|second| (second, Hasher::new(second))),
        }),
    };
    let trailers = body.trailers().clone();
    let mut chunks = body.take();
    let mut only: Option<Bytes> = None;
    while let Some(chunk) = chunks.next().await {
        // Most small bodies come in one piece, which then needs no copy.
        if let Some(first) = only.take() {
            receiver.keep(first).await?;
        }
        let chunk = chunk?;
        receiver.digest(&chunk).await?;
        if receiver.size == chunk.len() as u64 && chunk.len() <= most_inline {
            only = Some(chunk);
        } else {
            receiver.keep(chunk).await?;
        }
    }
    if announced.is_some_and(|announced| announced != receiver.size) {
        return Err(errors::incomplete_body());
    }
    receiver.finish(only, expected, trailers.get(), algorithm).await
}

impl Receiver<'_> {
    async fn digest(&mut self, chunk: &Bytes) -> Result<(), Fault> {
        self.size += chunk.len() as u64;
        if self.size > limits::BODY_BYTES {
            return Err(errors::entity_too_large(self.size));
        }
        self.digests.update(chunk.clone()).await
    }

    async fn keep(&mut self, chunk: Bytes) -> Result<(), Fault> {
        if let Some(writer) = &mut self.writer {
            return writer.write(chunk).await;
        }
        if self.gathered.len() + chunk.len() <= self.most_inline {
            self.gathered.extend_from_slice(&chunk);
            return Ok(());
        }
        let mut writer = self.blobs.create().await?;
        writer.write(self.gathered.split()).await?;
        writer.write(chunk).await?;
        self.writer = Some(writer);
        Ok(())
    }

    /// Checks the digests, and only then gives the body a place.
    async fn finish(
        self,
        only: Option<Bytes>,
        expected: &Expected,
        trailers: Option<&HeaderMap>,
        algorithm: Algorithm,
    ) -> Result<Received, Fault> {
        let Digests { md5, hasher, second } = self.digests.finish().await?;
        let md5: [u8; 16] = md5.finalize().into();
        if let Some(declared) = expected.md5.as_deref().map(parse_md5).transpose()?
            && declared != md5
        {
            // AWS prints it as sent for parts, which are always blobs, and as entity tags have it for objects.
            let sent = if self.most_inline == 0 { STANDARD.encode(declared) } else { hex(&declared) };
            return Err(errors::bad_digest(&sent, &STANDARD.encode(md5)));
        }
        let full = |algorithm, hasher: Hasher| Checksum {
            algorithm,
            kind: Kind::FullObject,
            value: hasher.finish(),
        };
        let declared = full(algorithm, hasher);
        expected.checksum.check(&declared, trailers)?;
        let second = second.map(|(algorithm, hasher)| full(algorithm, hasher));
        let content = match (self.writer, only) {
            (Some(writer), _) => Content::Blob(writer.finish().await?),
            (None, _) if self.most_inline == 0 => Content::Blob(self.blobs.create().await?.finish().await?),
            (None, Some(only)) => Content::Inline(only),
            (None, None) => Content::Inline(self.gathered.freeze()),
        };
        let checksum = second.unwrap_or_else(|| declared.clone());
        Ok(Received { size: self.size, etag: hex(&md5), checksum, declared, content })
    }
}

impl Digests {
    fn update(&mut self, pieces: &[Bytes]) {
        for piece in pieces {
            self.md5.update(piece);
            self.hasher.update(piece);
            if let Some((_, second)) = &mut self.second {
                second.update(piece);
            }
        }
    }
}

impl Digesting {
    fn new(digests: Digests) -> Self {
        Self { here: Some(digests), elsewhere: None, waiting: Vec::new(), length: 0 }
    }

    async fn update(&mut self, piece: Bytes) -> Result<(), Fault> {
        self.length += piece.len();
        self.waiting.push(piece);
        if self.length < BATCH {
            return Ok(());
        }
        let mut digests = self.come().await?;
        let pieces = std::mem::take(&mut self.waiting);
        self.length = 0;
        self.elsewhere = Some(spawn_blocking(move || {
            digests.update(&pieces);
            digests
        }));
        Ok(())
    }

    async fn finish(mut self) -> Result<Digests, Fault> {
        let mut digests = self.come().await?;
        digests.update(&self.waiting);
        Ok(digests)
    }

    /// Waits until what was given away is computed.
    async fn come(&mut self) -> Result<Digests, Fault> {
        if let Some(elsewhere) = self.elsewhere.take() {
            return elsewhere.await.map_err(Fault::internal);
        }
        self.here.take().ok_or_else(|| Fault::internal("a body has lost its digests"))
    }
}

fn parse_md5(text: &str) -> Result<[u8; 16], Fault> {
    let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| errors::invalid_digest(text))
}
