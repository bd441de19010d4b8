//! Loops: the trace header tells how often an event has invoked a function, directly or through queues and topics.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>. The header's part is that of
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>:
//! `Lineage=a87bd80c:1|68fd508a:5`, a hash of each function and how often it was invoked.

use api_lambda::{LambdaError, RecursiveLoop};
use kernel::Context;
use sha2::{Digest, Sha256};

use crate::function::FUNCTIONS;
use crate::names::FunctionName;
use crate::{Lambda, errors, limits};

const LINEAGE: &str = "Lineage=";

impl Lambda {
    /// The header that a function gets, which SDKs send along with all that it asks for.
    pub(crate) fn lineage(
        &self,
        cx: &Context,
        name: &FunctionName,
        header: Option<String>,
    ) -> Result<String, LambdaError> {
        let (header, before) = next(cx, &name.plain_arn(), header);
        if before >= limits::RECURSIONS {
            let function = self.store.read(&name.scope, |tx| tx.get(&FUNCTIONS, &name.name))?;
            if function.and_then(|function| function.recursion) != Some(RecursiveLoop::Allow) {
                return Err(errors::recursive());
            }
        }
        Ok(header)
    }
}

/// The header with one more invocation of the function, and how many there were before.
fn next(cx: &Context, arn: &str, header: Option<String>) -> (String, u32) {
    let header = header.unwrap_or_else(|| {
        let second = cx.clock.now().as_second();
        format!("Root=1-{second:08x}-{};Parent={};Sampled=0", cx.ids.hex(24), cx.ids.hex(16))
    });
    let hash = base16ct::lower::encode_string(&Sha256::digest(arn)[..4]);
    let (lineage, rest): (Vec<&str>, Vec<&str>) =
        header.split(';').partition(|part| part.starts_with(LINEAGE));
    let known = lineage.first().and_then(|part| part.strip_prefix(LINEAGE)).unwrap_or_default();
    let mut all: Vec<(&str, u32)> = known.split('|').filter_map(entry).collect();
    let before = all.iter().find(|(of, _)| *of == hash).map_or(0, |(_, count)| *count);
    all.retain(|(of, _)| *of != hash);
    all.push((&hash, before.saturating_add(1)));
    let all: Vec<String> = all.iter().map(|(of, count)| format!("{of}:{count}")).collect();
    (format!("{};{LINEAGE}{}", rest.join(";"), all.join("|")), before)
}

fn entry(text: &str) -> Option<(&str, u32)> {
    let (hash, count) = text.rsplit_once(':')?;
    Some((hash, count.parse().ok()?))
}

/// How often the function of the header that was invoked most often was.
pub fn depth(header: &str) -> u32 {
    let lineage = header.split(';').find_map(|part| part.strip_prefix(LINEAGE)).unwrap_or_default();
    lineage.split('|').filter_map(entry).map(|(_, count)| count).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernel::{Calls, Clock, Ids, Scope};

    use super::*;

    #[test]
    fn every_invocation_counts_for_its_own_function() {
        let cx = Context {
            scope: Scope::default(),
            caller: Arc::default(),
            request: Arc::default(),
            clock: Clock::real(),
            ids: Ids::random(),
            calls: Calls::default(),
        };
        let (header, before) = next(&cx, "one", None);
        assert_eq!((before, depth(&header)), (0, 1));
        assert!(header.starts_with("Root=1-") && header.contains(";Sampled=0;Lineage="), "{header}");
        let (header, before) = next(&cx, "two", Some(header));
        assert_eq!((before, depth(&header)), (0, 1));
        let (header, before) = next(&cx, "one", Some(header));
        assert_eq!((before, depth(&header)), (1, 2));
        let (header, before) = next(&cx, "two", Some("Root=1-a-b;Lineage=odd|c:x|d:3".to_owned()));
        assert!(before == 0 && header.starts_with("Root=1-a-b;Lineage=d:3|"), "{header}");
    }
}
