//! How long the file of a form may be.

use std::ops::RangeInclusive;

use futures_util::{StreamExt, stream};
use kernel::{ByteStream, Fault};

/// The file, which ends in a fault if it is too short or too long.
pub fn within(file: &ByteStream, range: Option<RangeInclusive<u64>>) -> ByteStream {
    let Some(range) = range else { return ByteStream::new(file.take(), None) };
    let state = Some((file.take(), 0, range));
    let chunks = stream::unfold(state, |state| async move {
        let (mut chunks, mut size, range) = state?;
        loop {
            match chunks.next().await {
                Some(Ok(chunk)) => {
                    size += chunk.len() as u64;
                    // The error tells the whole length, so the rest is read, but goes nowhere.
                    if size <= *range.end() {
                        return Some((Ok(chunk), Some((chunks, size, range))));
                    }
                }
                Some(Err(fault)) => return Some((Err(fault), None)),
                None => return check(size, &range).err().map(|fault| (Err(fault), None)),
            }
        }
    });
    ByteStream::new(Box::pin(chunks), None)
}

fn check(size: u64, range: &RangeInclusive<u64>) -> Result<(), Fault> {
    let (least, most) = (range.start(), range.end());
    let proposed = |code, message| Fault::client(code, message).field("ProposedSize", size.to_string());
    if size > *most {
        let fault = proposed("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
        return Err(fault.field("MaxSizeAllowed", most.to_string()));
    }
    if size < *least {
        let fault =
            proposed("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
        return Err(fault.field("MinSizeAllowed", least.to_string()));
    }
    Ok(())
}
