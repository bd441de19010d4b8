//! The place of faults that users ask for, between identification and decoding.

use crate::identify::Identity;
use crate::route::Target;
use crate::serve::Stop;

/// Disturbs the request as the rules say. There are no rules yet.
pub async fn disturb(target: &Target, identity: &Identity) -> Result<(), Stop> {
    let _ = (target, identity);
    Ok(())
}
