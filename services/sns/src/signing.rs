//! The key that signs messages, and the certificate that vouches for it.
//!
//! Made when the first message is signed, and kept: what was signed can be checked after a restart.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Context, Fault};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rsa::PrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::signature::{Keypair, SignatureEncoding, Signer};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::Sha256;
use store::{Store, Table};
use x509_cert::builder::{Builder, CertificateBuilder, profile};
use x509_cert::der::EncodePem;
use x509_cert::der::asn1::UtcTime;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfo;
use x509_cert::time::{Time, Validity};

/// The key, under `true`.
static KEY: Table<bool, Row> = Table::global("sns.signing");
/// Bits of the key, as AWS's have.
const BITS: usize = 2048;
/// How long a certificate is good: AWS renews its own more often, but nobody renews this one.
const YEARS: u64 = 10;

#[derive(Serialize, Deserialize)]
struct Row {
    /// The private key, as PKCS #8.
    key: kernel::Bytes,
    /// The certificate, as PEM.
    certificate: String,
    /// What its URL is told by.
    name: String,
}

/// The one key of this store.
pub struct Signing {
    store: Store,
    key: Mutex<Option<Arc<Key>>>,
}

/// A key, ready to sign.
pub struct Key {
    first: SigningKey<Sha1>,
    second: SigningKey<Sha256>,
    /// The certificate, as PEM.
    pub certificate: String,
    /// What its URL is told by.
    pub name: String,
}

impl Key {
    /// The signature of a text, in base64; version 1 is by SHA-1, version 2 by SHA-256.
    pub fn sign(&self, version: &str, text: &str) -> String {
        let signature: Signature =
            if version == "2" { self.second.sign(text.as_bytes()) } else { self.first.sign(text.as_bytes()) };
        STANDARD.encode(signature.to_bytes())
    }

    fn of(row: Row) -> Result<Self, Fault> {
        let key = PrivateKey::from_pkcs8_der(&row.key).map_err(Fault::internal)?;
        Ok(Self {
            first: SigningKey::new(key.clone()),
            second: SigningKey::new(key),
            certificate: row.certificate,
            name: row.name,
        })
    }
}

impl Signing {
    /// The key that this store keeps or will keep.
    pub fn new(store: &Store) -> Self {
        Self { store: store.clone(), key: Mutex::default() }
    }

    /// Forgets the key: the store's is gone.
    pub fn forget(&self) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The key; made now if there is none.
    pub async fn key(&self, cx: &Context) -> Result<Arc<Key>, Fault> {
        if let Some(key) = self.kept() {
            return Ok(key);
        }
        let row = match self.store.read(&cx.scope, |tx| tx.get(&KEY, &true))? {
            Some(row) => row,
            None => self.make(cx).await?,
        };
        let key = Arc::new(Key::of(row)?);
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(key)
    }

    fn kept(&self) -> Option<Arc<Key>> {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a key, unless somebody else did at the same time.
    async fn make(&self, cx: &Context) -> Result<Row, Fault> {
        let mut seed = [0; 32];
        cx.ids.fill(&mut seed);
        let (now, name) = (cx.clock.seconds().unsigned_abs(), cx.ids.hex(32));
        let made = tokio::task::spawn_blocking(move || made(seed, now, name)).await;
        let row = made.map_err(Fault::internal)??;
        self.store
            .write(&cx.scope, |tx| {
                if let Some(first) = tx.get(&KEY, &true)? {
                    return Ok(first);
                }
                tx.put(&KEY, &true, &row)?;
                tx.get(&KEY, &true)?.ok_or_else(|| Fault::internal("a written key is not there"))
            })
            .await
    }
}

fn made(seed: [u8; 32], now: u64, name: String) -> Result<Row, Fault> {
    let key = PrivateKey::new(&mut StdRng::from_seed(seed), BITS).map_err(Fault::internal)?;
    let certificate = certificate(&key, now)?;
    let key = key.to_pkcs8_der().map_err(Fault::internal)?;
    Ok(Row { key: kernel::Bytes::copy_from_slice(key.as_bytes()), certificate, name })
}

/// A certificate for the key, signed by itself.
fn certificate(key: &PrivateKey, now: u64) -> Result<String, Fault> {
    let time = |seconds: u64| UtcTime::from_unix_duration(Duration::from_secs(seconds)).map(Time::UtcTime);
    let not_before = time(now.saturating_sub(86_400)).map_err(Fault::internal)?;
    let not_after = time(now + YEARS * 365 * 86_400).map_err(Fault::internal)?;
    let subject = Name::from_str("CN=sns.amazonaws.com,O=Fogbank,C=US").map_err(Fault::internal)?;
    let profile = profile::cabf::Root::new(false, subject).map_err(Fault::internal)?;
    let signer = SigningKey::<Sha256>::new(key.clone());
    let public = SubjectPublicKeyInfo::from_key(&signer.verifying_key()).map_err(Fault::internal)?;
    let validity = Validity::new(not_before, not_after);
    let builder = CertificateBuilder::new(profile, SerialNumber::from(1u32), validity, public);
    let certificate =
        builder.and_then(|builder| builder.build::<_, Signature>(&signer)).map_err(Fault::internal)?;
    certificate.to_pem(LineEnding::LF).map_err(Fault::internal)
}
