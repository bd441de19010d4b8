//! Whose request it is: key, account and region.

use auth::Presented;
use kernel::context::Caller;
use kernel::service::AccessKey;
use kernel::{AccountId, Fault, Region, Scope};

use crate::address::{self, Address};
use crate::body::Received;
use crate::route::Target;
use crate::serve::{Gateway, Stop};

/// The region that stands for none; some clients sign with it when they are given an endpoint. S3's clients have more
/// such names, as `US` of s3cmd.
const GLOBAL: &str = "aws-global";

/// Whose request it is.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The access key's id; empty for anonymous requests.
    pub access_key: String,
    /// The key, where one of our services gave it out.
    pub known: Option<AccessKey>,
    /// The region of the scope or the host.
    pub region: Option<String>,
}

impl Identity {
    /// The account and region in which the request acts.
    pub fn scope(&self) -> Scope {
        let region = self.region.as_deref().map_or_else(Region::default, Region::from);
        Scope { account: self.account(), region }
    }

    /// Who asks, for handlers.
    pub fn caller(&self) -> Caller {
        Caller { access_key: self.access_key.clone(), service: None }
    }

    /// A key of twelve digits is an account; keys that we gave out act for theirs; the rest share one.
    fn account(&self) -> AccountId {
        if let Some(key) = &self.known {
            return key.account.clone();
        }
        let is_account =
            self.access_key.len() == 12 && self.access_key.bytes().all(|byte| byte.is_ascii_digit());
        if is_account { self.access_key.as_str().into() } else { AccountId::default() }
    }
}

/// What the request presents.
pub fn presented(received: &Received) -> Presented {
    Presented::of(&received.parts.headers, received.query())
}

/// Looks the key up.
pub fn identify(
    gateway: &Gateway,
    presented: &Presented,
    target: &Target,
    address: &Address,
) -> Result<Identity, Stop> {
    let stop = |fault: Fault| Stop::Fault(target.clone(), fault);
    let access_key = presented.access_key().to_owned();
    let known = find(gateway, &access_key).map_err(stop)?;
    let signed = presented.credential().map(|credential| credential.region.clone());
    let region = signed.filter(|region| is_region(region)).or_else(|| address.region.clone());
    let is_meant = |region: &String| region != GLOBAL && (!target.is_s3() || address::is_region(region));
    let region = region.filter(is_meant);
    Ok(Identity { access_key, known, region })
}

/// Only keys of AWS's own form are looked up: the usual `test` costs nothing.
fn find(gateway: &Gateway, id: &str) -> Result<Option<AccessKey>, Fault> {
    if let Some((root, key)) = &gateway.settings.root_key
        && root == id
    {
        return Ok(Some(key.clone()));
    }
    if id.len() < 16 || !(id.starts_with("AKIA") || id.starts_with("ASIA")) {
        return Ok(None);
    }
    for service in gateway.calls.services() {
        if let Some(keys) = &service.access_keys
            && let Some(key) = keys.find(id)?
        {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Region names reach keys and ARNs: only letters, digits and dashes do.
fn is_region(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 32
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
