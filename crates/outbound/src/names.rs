//! Addresses of names: those of this machine need no name server, so that they work without a network.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// Finds addresses.
#[derive(Clone, Default)]
pub struct Names(Option<GaiResolver>);

/// The names that mean this machine, and whatever ends with them.
const OWN: [&str; 2] = ["localhost", "localhost.localstack.cloud"];

type Found = Box<dyn Iterator<Item = SocketAddr> + Send>;

impl Service<Name> for Names {
    type Response = Found;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Found, std::io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if is_own(name.as_str()) {
            let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            return Box::pin(async move { Ok(Box::new(std::iter::once(own)) as Found) });
        }
        let mut resolver = self.0.get_or_insert_with(GaiResolver::new).clone();
        Box::pin(async move { Ok(Box::new(resolver.call(name).await?) as Found) })
    }
}

fn is_own(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    OWN.iter().any(|own| name.strip_suffix(own).is_some_and(|front| front.is_empty() || front.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for name in
            ["localhost", "a.localhost", "x.lambda-url.us-east-1.localhost.localstack.cloud", "LOCALHOST."]
        {
            assert!(is_own(name), "{name}");
        }
        assert!(!is_own("notlocalhost") && !is_own("example.com"));
    }
}
