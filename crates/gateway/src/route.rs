//! Which operation of which service a request asks for, and in which protocol.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use auth::Presented;
use kernel::edge::{Edge, EdgeHead};
use kernel::schema::{OperationSchema, ProtocolKind};
use kernel::service::{Aliases, AnyHandler, Named};
use kernel::{Calls, Fault, Service};
use protocol::Labels;

use crate::address::{Address, without_port};
use crate::body::Received;
use crate::rest::{Asked, Templates};
use crate::serve::Stop;
use crate::{compressed, form};

/// An operation, found.
#[derive(Clone)]
pub struct Target {
    /// The service.
    pub service: Arc<Service>,
    /// The operation.
    pub operation: &'static OperationSchema,
    /// The protocol of the request.
    pub protocol: ProtocolKind,
    /// The labels of the path, for REST protocols.
    pub labels: Labels,
}

/// Finds services and operations.
pub struct Router {
    services: Vec<(Arc<Service>, OnceLock<Templates>)>,
    by_name: HashMap<&'static str, usize>,
    aliases: Vec<Arc<dyn Aliases>>,
    /// Services that sign like another, with the front of all their paths: `/v20180820/` of S3 Control beside S3.
    kin: Vec<(usize, usize, &'static str)>,
}

impl Target {
    /// The handler, or the clear refusal of what the model knows and nobody answers.
    pub fn handler(&self) -> Result<&Arc<dyn AnyHandler>, Stop> {
        self.service.handler(self.operation.name).ok_or_else(|| {
            let (service, operation) = (self.service.schema.name, self.operation.name);
            let message = format!("Fogbank does not emulate {service}.{operation} yet.");
            Stop::Fault(self.clone(), Fault::new("NotImplemented", 501, message))
        })
    }

    /// Whether the service is S3, which has codes and ways of its own.
    pub fn is_s3(&self) -> bool {
        self.service.schema.bare_errors
    }

    /// The path as the service sees it: with the bucket that the host named.
    pub fn path(&self, path: &str, address: &Address) -> String {
        with_bucket(self.service.schema.name, path, address)
    }
}

fn with_bucket(service: &str, path: &str, address: &Address) -> String {
    match &address.bucket {
        Some(bucket) if service == "s3" => format!("/{bucket}{path}"),
        _ => path.to_owned(),
    }
}

impl Router {
    /// A router over the registered services.
    pub fn new(calls: &Calls) -> Self {
        let mut services: Vec<_> =
            calls.services().map(|service| (service.clone(), OnceLock::new())).collect();
        services.sort_by_key(|(service, _)| service.schema.name);
        let by_name =
            services.iter().enumerate().map(|(at, (service, _))| (service.schema.name, at)).collect();
        let aliases = services.iter().filter_map(|(service, _)| service.aliases.clone()).collect();
        let kin = kin(&services);
        Self { services, by_name, aliases, kin }
    }

    /// The edge that claims the request, if any, and whether it is private.
    pub fn edge(&self, received: &Received) -> Option<(Arc<dyn Edge>, bool)> {
        let host = without_port(&received.host).to_ascii_lowercase();
        let head = EdgeHead { host: &host, path: received.path() };
        let mut edges = self.services.iter().flat_map(|(service, _)| &service.edges);
        edges.find(|edge| edge.claims(head)).map(|edge| (edge.clone(), edge.is_private(head)))
    }

    /// The service whose rules hold for pages of other sites, as far as a request without a signature shows it, and
    /// the path as that service sees it.
    pub fn cross_origin(&self, received: &Received, address: &Address) -> Option<(&Arc<Service>, String)> {
        if received.header("x-amz-target").is_some() || received.header("smithy-protocol").is_some() {
            return None;
        }
        let presented = Presented::of(&received.parts.headers, received.query());
        let at = self.by_signature(&presented).or_else(|| self.by_host(address));
        let at = at.or_else(|| self.by_name.get("s3").copied())?;
        let service = &self.services[at].0;
        Some((service, with_bucket(service.schema.name, received.path(), address)))
    }

    /// An operation of a REST service by its name.
    pub fn named(&self, service: &str, operation: &str) -> Option<Target> {
        let (service, _) = &self.services[*self.by_name.get(service)?];
        Some(Target { operation: service.schema.operation(operation)?, ..any_target(service) })
    }

    /// Puts the things themselves where the path has other names for them.
    pub fn resolve(&self, target: &mut Target, host: &str) -> Result<(), Fault> {
        for aliases in &self.aliases {
            for (label, value) in &mut target.labels {
                let named = Named { service: target.service.schema.name, label, value, host };
                if let Some(itself) = aliases.resolve(named)? {
                    *value = itself;
                }
            }
        }
        Ok(())
    }

    /// The operation a request asks for.
    pub async fn route(
        &self,
        received: &mut Received,
        address: &Address,
        presented: &Presented,
        limit: usize,
    ) -> Result<Target, Stop> {
        if let Some(target) = received.header("x-amz-target").map(str::to_owned) {
            return self.by_target(received, &target, presented);
        }
        if received.header("smithy-protocol") == Some("rpc-v2-cbor") {
            return self.by_cbor_path(received.path(), address, presented);
        }
        let at = self.by_signature(presented).or_else(|| self.by_host(address));
        let action = if is_form(received) {
            action(received, limit).await?
        } else {
            parameter(received.query().as_bytes(), "Action")
        };
        if let Some(action) = action
            && let Some(target) = self.by_action(&action, at)?
        {
            return Ok(target);
        }
        let at = at.or_else(|| self.by_name.get("s3").copied()).map(|at| self.kin(at, received.path()));
        match at {
            Some(at) => self.by_template(at, received, address),
            None => Err(self.unknown_service()),
        }
    }

    /// `X-Amz-Target: Prefix.Operation`. The query-string form of some clients is not AWS's.
    fn by_target(&self, received: &Received, target: &str, presented: &Presented) -> Result<Target, Stop> {
        let (prefix, name) = target.rsplit_once('.').unwrap_or((target, ""));
        let signed = presented.credential().map_or("", |credential| credential.service.as_str());
        let known = self.services.iter().filter(|(service, _)| service.schema.target_prefix == prefix);
        let mut known: Vec<_> = known.map(|(service, _)| service).collect();
        known.sort_by_key(|service| service.schema.signing_name != signed);
        let Some(service) = known.first() else { return Err(self.unknown_service()) };
        let is_newer = received.header("content-type").is_some_and(|kind| kind.contains("json-1.1"));
        let protocol = if is_newer { ProtocolKind::AwsJson11 } else { ProtocolKind::AwsJson10 };
        let Some(operation) = service.schema.operation(name) else {
            let target = Target { protocol, ..any_target(service) };
            return Err(Stop::Fault(target, Fault::new("UnknownOperationException", 400, "")));
        };
        Ok(Target { service: (*service).clone(), operation, protocol, labels: Labels::new() })
    }

    /// `/service/<shape>/operation/<name>`, possibly behind a prefix.
    fn by_cbor_path(&self, path: &str, address: &Address, presented: &Presented) -> Result<Target, Stop> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let at = self.by_signature(presented).or_else(|| self.by_host(address));
        let Some(at) = at else { return Err(self.unknown_service()) };
        let service = &self.services[at].0;
        let protocol = ProtocolKind::RpcV2Cbor;
        match service.schema.operation(name) {
            Some(operation) => {
                Ok(Target { service: service.clone(), operation, protocol, labels: Labels::new() })
            }
            None => {
                let message = format!("The operation {name} is unknown.");
                let fault = Fault::new("UnknownOperationException", 404, message);
                Err(Stop::Fault(Target { protocol, ..any_target(service) }, fault))
            }
        }
    }

    /// The service of the signature's scope.
    fn by_signature(&self, presented: &Presented) -> Option<usize> {
        let name = presented.credential()?.service.as_str();
        let position = |matches: &dyn Fn(&Service) -> bool| {
            self.services.iter().position(|(service, _)| matches(service))
        };
        self.by_name
            .get(name)
            .copied()
            .or_else(|| position(&|service| service.schema.signing_name == name))
            .or_else(|| position(&|service| service.schema.endpoint_prefix == name))
    }

    /// Of services that sign alike, the one all of whose paths start as this one does.
    fn kin(&self, at: usize, path: &str) -> usize {
        let front = path.get(1..).and_then(|path| path.split('/').next()).unwrap_or_default();
        let found = self.kin.iter().find(|(one, _, own)| *one == at && *own == front);
        found.map_or(at, |(_, other, _)| *other)
    }

    fn by_host(&self, address: &Address) -> Option<usize> {
        let name = address.service.as_deref()?;
        let by_prefix =
            || self.services.iter().position(|(service, _)| service.schema.endpoint_prefix == name);
        self.by_name.get(name).copied().or_else(by_prefix)
    }

    /// `Action=Operation` of the query protocols; nothing when no query service knows it.
    fn by_action(&self, action: &str, at: Option<usize>) -> Result<Option<Target>, Stop> {
        let query = |service: &Service| {
            let kinds = service.schema.protocols;
            kinds.iter().copied().find(|kind| matches!(kind, ProtocolKind::Query | ProtocolKind::Ec2Query))
        };
        let candidates: Vec<_> = match at {
            Some(at) => vec![&self.services[at].0],
            None => self.services.iter().map(|(service, _)| service).collect(),
        };
        for service in &candidates {
            if let (Some(protocol), Some(operation)) = (query(service), service.schema.operation(action)) {
                return Ok(Some(Target {
                    service: (*service).clone(),
                    operation,
                    protocol,
                    labels: Labels::new(),
                }));
            }
        }
        match candidates.as_slice() {
            [service] => match query(service) {
                Some(protocol) => {
                    let common = || {
                        let version = service.schema.api_version;
                        let message = format!("Could not find operation {action} for version {version}");
                        Fault::client("InvalidAction", message)
                    };
                    let fault = service.dialect.unknown_action(action).unwrap_or_else(common);
                    Err(Stop::Fault(Target { protocol, ..any_target(service) }, fault))
                }
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn by_template(&self, at: usize, received: &Received, address: &Address) -> Result<Target, Stop> {
        let (service, templates) = &self.services[at];
        let rest = |kind: &ProtocolKind| matches!(kind, ProtocolKind::RestJson | ProtocolKind::RestXml);
        let protocol = service.schema.protocols.iter().copied().find(rest);
        // A service without paths was not told what to do: AWS's front door answers before any protocol is known.
        let Some(protocol) = protocol else {
            let body = b"<UnknownOperationException/>\n".to_vec();
            return Err(Stop::Answer(protocol::message::response(404, "application/xml", body)));
        };
        let path = with_bucket(service.schema.name, received.path(), address);
        let asked = Asked {
            method: &received.parts.method,
            path: &path,
            query: received.query(),
            headers: &received.parts.headers,
        };
        let templates = templates.get_or_init(|| Templates::of(service.schema));
        match templates.find(&asked, |name| service.handler(name).is_some()) {
            Some((operation, labels)) => Ok(Target { service: service.clone(), operation, protocol, labels }),
            None => Err(Stop::Fault(
                Target { protocol, ..any_target(service) },
                no_template(service, received, &path),
            )),
        }
    }

    fn unknown_service(&self) -> Stop {
        let body = serde_json::json!({
            "__type": "UnknownOperationException",
            "message": "The request names no service that Fogbank emulates.",
        });
        Stop::Answer(protocol::message::response(501, "application/json", body.to_string().into_bytes()))
    }
}

fn kin(services: &[(Arc<Service>, OnceLock<Templates>)]) -> Vec<(usize, usize, &'static str)> {
    let mut kin = Vec::new();
    for (other, (service, _)) in services.iter().enumerate() {
        let Some(front) = service.schema.front() else { continue };
        let signs_alike = |(at, (one, _)): &(usize, &(Arc<Service>, OnceLock<Templates>))| {
            *at != other && one.schema.signing_name == service.schema.signing_name
        };
        kin.extend(services.iter().enumerate().filter(signs_alike).map(|(at, _)| (at, other, front)));
    }
    kin
}

/// What a REST service says to a path or method it does not have.
fn no_template(service: &Service, received: &Received, path: &str) -> Fault {
    if service.schema.bare_errors {
        // What is posted to a bucket and names no part of it can only be meant for a form.
        // Requests for tunnels have no path at all.
        let is_bucket = path.len() > 1 && !path[1..].trim_end_matches('/').contains('/');
        if received.parts.method == http::Method::POST && is_bucket {
            return form::not_a_form();
        }
        let message = "The specified method is not allowed against this resource.";
        let kind = match path.trim_matches('/') {
            "" => "SERVICE",
            path if path.contains('/') => "OBJECT",
            _ => "BUCKET",
        };
        return Fault::new("MethodNotAllowed", 405, message)
            .field("Method", received.parts.method.as_str())
            .field("ResourceType", kind);
    }
    Fault::new(
        "UnknownOperationException",
        404,
        "Unable to determine service/operation name to be authorized",
    )
}

/// Stands for a service whose operation is not known, to word an error in its protocol.
pub fn any_target(service: &Arc<Service>) -> Target {
    let protocol = service.schema.protocols[0];
    Target {
        service: service.clone(),
        operation: service.schema.operations[0],
        protocol,
        labels: Labels::new(),
    }
}

fn is_form(received: &Received) -> bool {
    // Only queries are forms: curl calls every body one, also those it puts into a bucket.
    received.parts.method == http::Method::POST
        && received
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// The `Action` of a form, or of the query string.
async fn action(received: &mut Received, limit: usize) -> Result<Option<String>, Stop> {
    let body = received.whole(limit).await.map_err(|fault| {
        let text = protocol::message::response(fault.status(), "text/plain", fault.message().into());
        Stop::Answer(text)
    })?;
    let body = compressed::plain(&received.parts.headers, body, limit);
    Ok(parameter(&body, "Action").or_else(|| parameter(received.query().as_bytes(), "Action")))
}

fn parameter(form: &[u8], name: &str) -> Option<String> {
    if form.is_empty() {
        return None;
    }
    form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
